"""Prepared workbooks: drawn once with slots, then filled many times without being drawn again.

Drawing a form costs a dozen times what filling it costs. A slot is a piece of text made by `slot(key)`; it may stand
in a cell, in a data validation's prompt or in a document property. A cell that is one slot takes a number as a number
and a text as text (never as a formula); parts of the file without a slot are compressed once.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial

Value = str | int | float | Decimal | None
Values = Mapping[str, Value]
Segment = bytes | Callable[[Values], bytes]

_OPEN, _CLOSE = "\ue000", "\ue001"
_SLOT = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_STRING = re.compile(r"<si><t[^>]*>(.*?)</t></si>", re.DOTALL)
_CELL = re.compile(r'<c (r="[A-Z]+\d+"(?: s="\d+")?) t="s"><v>(\d+)</v></c>')
_STRINGS = "xl/sharedStrings.xml"
_LONGEST = 32_767
"""What one cell holds (Excel specifications and limits)."""


def slot(key: str) -> str:
    """The text to draw where the value of that key will stand."""
    return f"{_OPEN}{key}{_CLOSE}"


def clean_text(text: str) -> str:
    """Text that a workbook can hold: no control characters, no lone surrogates, no longer than a cell allows."""
    return _NOT_XML.sub("", text)[:_LONGEST]


class Prepared:
    """A drawn workbook whose slots can be filled any number of times; the same values give the same bytes."""

    def __init__(self, drawn: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(drawn)) as archive:
            parts = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
        slotted = _take_slotted_strings(parts)
        split = {name: tuple(_segments(text, slotted)) for name, text in parts.items()}
        self._varying = {name: segments for name, segments in split.items() if any(map(callable, segments))}
        constant = [name for name in parts if name not in self._varying]
        self._constant = _zipped({name: parts[name].encode() for name in constant}, b"")

    def fill(self, values: Values) -> bytes:
        """The workbook with every slot filled. Raises KeyError for a slot that `values` does not name."""
        parts = {
            name: b"".join(segment(values) if callable(segment) else segment for segment in segments)
            for name, segments in self._varying.items()
        }
        return _zipped(parts, self._constant)


def _take_slotted_strings(parts: dict[str, str]) -> dict[int, str]:
    """Shared strings that hold a slot, by index; each is emptied in the table, for its cells will hold it inline."""
    if _STRINGS not in parts:
        return {}
    strings = _STRING.findall(parts[_STRINGS])
    emptied = _STRING.sub(lambda match: "<si><t></t></si>" if _SLOT.search(match[1]) else match[0], parts[_STRINGS])
    parts[_STRINGS] = re.sub(r' count="\d+"', "", emptied, count=1)
    return {index: text for index, text in enumerate(strings) if _SLOT.search(text)}


def _segments(text: str, slotted: Mapping[int, str]) -> Iterator[Segment]:
    """Cut a part at its slots: constant bytes and, for each slot, what makes its bytes."""
    position = 0
    for cell in _CELL.finditer(text):
        if (index := int(cell[2])) in slotted:
            yield from _text_segments(text[position : cell.start()])
            yield partial(_cell, cell[1], tuple(_SLOT.split(slotted[index])))
            position = cell.end()
    yield from _text_segments(text[position:])


def _text_segments(text: str) -> Iterator[Segment]:
    for number, piece in enumerate(_SLOT.split(text)):
        yield partial(_inside, piece) if number % 2 else piece.encode()


def _inside(key: str, values: Values) -> bytes:
    """A slot within other text of the file, such as a prompt."""
    return _escaped(values[key]).encode()


def _cell(head: str, pieces: tuple[str, ...], values: Values) -> bytes:
    """A cell; every second piece is a key. A cell that is one slot keeps its value's type."""
    alone = values[pieces[1]] if pieces[0] == pieces[2] == "" and len(pieces) == 3 else ""
    if alone is None:
        return f"<c {head}/>".encode()
    if isinstance(alone, int | float | Decimal):
        return f"<c {head}><v>{_plain(alone)}</v></c>".encode()
    text = "".join(_escaped(values[piece]) if number % 2 else piece for number, piece in enumerate(pieces))
    return f'<c {head} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'.encode()


def _plain(value: int | float | Decimal) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)


def _escaped(value: Value) -> str:
    text = clean_text("" if value is None else str(value))
    for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\n", "&#10;")):
        text = text.replace(plain, entity)
    return text


def _zipped(parts: Mapping[str, bytes], before: bytes) -> bytes:
    """A zip of `before` and then these parts, dated 1980 so that equal content gives equal bytes everywhere."""
    buffer = io.BytesIO(before)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.compress_type = 0, zipfile.ZIP_DEFLATED
            archive.writestr(info, data, compresslevel=6)
    return buffer.getvalue()
