"""What the fast reader loses of .xls sheets: errors, formulas without a result, dates out of range, looks.

They are a stream of numbered records; only the few kinds that matter are looked at. Source: [MS-XLS] 2.4 Records.
"""

import io
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from flows.reading.guard import MOST_SHEETS, Refused
from flows.reading.losses.comments import comments_in_xls
from flows.reading.losses.formats import Styles, styles_of
from flows.reading.losses.lost import Address, Lost, refuse_area
from flows.reading.losses.runs import Look, Run
from flows.reading.losses.xls_formulas import Doubt, doubt_of
from flows.reading.losses.xls_texts import looks_of_runs, shared_texts

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
_HEAD = struct.Struct("<HH").unpack_from
_CELL = struct.Struct("<HH").unpack_from
_DOUBLE = struct.Struct("<d").unpack_from
_LONG = struct.Struct("<I").unpack_from
_SHORT = struct.Struct("<H").unpack_from

_BOF, _EOF, _FILEPASS, _BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0085
_XF, _FORMAT, _FONT, _SST, _CONTINUE = 0x00E0, 0x041E, 0x0031, 0x00FC, 0x003C
_SHARED, _NOTE = 0x00FD, 0x001C
_NO_FONT = 4
"""The number that no font has ([MS-XLS] 2.5.129 FontIndex)."""
_OFFICE = b"\xbb\x0d\xcc\x07"
"""The build in the first record of what LibreOffice saves; Excel and WPS write others."""
_FORMULA, _BOOLERR, _NUMBER, _RK, _MULRK = 0x0006, 0x0205, 0x0203, 0x027E, 0x00BD
_TEXTS = (0x00FD, 0x0204, 0x00D6)  # LabelSst, Label, RString


def lost_in_xls(data: bytes) -> list[Lost]:
    """What every sheet of an old workbook loses, in the order of its sheets. Raises Refused."""
    stream = _workbook_stream(data)
    starts, styles, formats, fonts = [], [], {}, []
    texts, following = list[bytes](), -1
    for kind, at, length in _records(stream, 0):
        if kind == _SST or (kind == _CONTINUE and texts and at == following):
            texts.append(stream[at : at + length])
            following = at + length + 4
        if kind == _FILEPASS:
            raise Refused("FILE_PASSWORD")
        if kind == _BOUNDSHEET:
            starts.append(_LONG(stream, at)[0])
        if kind == _XF:
            styles.append(_CELL(stream, at))
        if kind == _FONT:
            fonts.append(look(_SHORT(stream, at + 2)[0], _SHORT(stream, at + 8)[0]))
            if len(fonts) == _NO_FONT:
                fonts.append(Look())
        if kind == _FORMAT:
            formats[_SHORT(stream, at)[0]] = _format_code(stream, at + 2)
        if kind == _EOF:
            break
    if len(starts) > MOST_SHEETS:
        raise Refused("FILE_SUSPICIOUS", why=f"有 {len(starts)} 张工作表，最多 {MOST_SHEETS} 张")
    struck = {number for number, font in enumerate(fonts) if font.struck}
    looks = styles_of(((format_, font in struck) for font, format_ in styles), formats)
    runs = looks_of_runs(shared_texts(texts), fonts) if any(any(font) for font in fonts) else {}
    manner = Manner(looks, runs, stream[8:12] == _OFFICE)
    return [_xls_sheet(stream, start, number, manner) for number, start in enumerate(starts, start=1)]


class Manner(NamedTuple):
    """Of the whole workbook: styles, shared texts of several runs, and whether LibreOffice saved it."""

    styles: Styles
    texts: Mapping[int, Sequence[Run]]
    by_office: bool


def look(flags: int, raised: int) -> Look:
    """A font's look by its flags and its script ([MS-XLS] 2.4.122 Font)."""
    return Look(bool(flags & 8), raised in (1, 2))


def _format_code(stream: bytes, at: int) -> str:
    """A number format's code ([MS-XLS] 2.5.294 XLUnicodeString)."""
    length, wide = _SHORT(stream, at)[0], stream[at + 2] & 1
    text = stream[at + 3 : at + 3 + length * (1 + wide)]
    return text.decode("utf-16-le" if wide else "latin-1", "replace")


def _workbook_stream(data: bytes) -> bytes:
    import olefile  # heavy: olefile, for the old formats alone

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            for name in ("Workbook", "Book"):
                if container.exists(name):
                    return container.openstream(name).read()
    except Exception as error:  # what a broken container makes it raise is not declared
        raise Refused("FILE_DAMAGED", why="旧格式文件的结构读不通") from error
    raise Refused("FILE_DAMAGED", why="旧格式文件里没有工作簿")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, where the body begins, and its length, of every record from there."""
    end = len(stream) - 4
    while at <= end:
        kind, length = _HEAD(stream, at)
        yield kind, at + 4, length
        at += 4 + length


def _xls_sheet(stream: bytes, start: int, number: int, manner: Manner) -> Lost:
    lost, depth, last_row, last_column = Lost(), 0, 0, 0
    doubts, texts, noted = dict[Address, Doubt](), set[Address](), False
    try:
        for kind, at, length in _records(stream, start):
            if kind == _BOF:
                depth += 1
            elif kind == _EOF:
                depth -= 1
                if depth <= 0:
                    break
            elif depth == 1 and kind == _NOTE:
                noted = True
            elif depth == 1 and (kind in _XLS_CELLS or kind in _TEXTS):
                row, column = _place(stream, at)
                last_row, last_column = max(row, last_row), max(column, last_column)
                if kind in _XLS_CELLS:
                    _XLS_CELLS[kind](lost, stream, at, length)
                else:
                    texts.add((row, column))
                if kind == _FORMULA and manner.by_office and (doubt := doubt_of(stream[at : at + length])):
                    doubts[row, column] = doubt
                runs = manner.texts.get(_LONG(stream, at + 6)[0], ()) if kind == _SHARED else ()
                is_text = kind not in _XLS_CELLS or (kind == _FORMULA and (row, column) not in lost.blank)
                for across, style in enumerate(_xls_styles(kind, stream, at, length), start=column):
                    as_shown_by(lost, (row, across), style, manner.styles, runs, is_text)
        if noted:
            lost.comments = comments_in_xls(stream, _of_one_sheet(stream, start))
    except struct.error:
        raise Refused("FILE_DAMAGED", why="旧格式文件的内容不完整") from None
    refuse_area(last_row, last_column, f"第 {number} 张表")
    for place, doubt in doubts.items():
        if doubt.text or doubt.cells & (texts | doubts.keys()):
            lost.always[place] = ("=", "formula_without_value")
            lost.otherwise.pop(place, None)
    return lost


def _of_one_sheet(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """The records of the sheet that begins there, until the next begins that stands in none."""
    depth = 0
    for kind, at, length in _records(stream, start):
        depth += (kind == _BOF) - (kind == _EOF)
        if not depth:
            return
        yield kind, at, length


def _xls_styles(kind: int, stream: bytes, at: int, length: int) -> list[int]:
    """The styles of a record's cells, one beside the other."""
    count = (length - 6) // 6 if kind == _MULRK else 1
    return [_SHORT(stream, at + 4 + 6 * number)[0] for number in range(count)]


def as_shown_by(lost: Lost, place: Address, style: int, styles: Styles, runs: Sequence[Run], is_text: bool) -> None:
    """What a cell's font and format make of what it holds."""
    if runs:
        lost.text(place, runs, style in styles.struck)
    elif style in styles.struck:
        lost.struck.add(place)
    shows = styles.formats.get(style)
    if shows and is_text:
        lost.worded[place] = shows
    elif shows and place in lost.blank:
        lost.number(place, shows.of_number(lost.blank[place][0]))


def _place(stream: bytes, at: int) -> tuple[int, int]:
    row, column = _CELL(stream, at)
    return row + 1, column + 1


def _formula(lost: Lost, stream: bytes, at: int, _length: int) -> None:
    result = stream[at + 6 : at + 14]
    if result[6:] != b"\xff\xff":
        lost.blank[_place(stream, at)] = (repr(_DOUBLE(result)[0]), "date")
    elif result[0] == 2:
        lost.always[_place(stream, at)] = (ERRORS.get(result[2], "#"), "error")
    elif result[0] == 3:
        lost.always[_place(stream, at)] = ("=", "formula_without_value")


def _boolean_or_error(lost: Lost, stream: bytes, at: int, _length: int) -> None:
    if stream[at + 7]:
        lost.always[_place(stream, at)] = (ERRORS.get(stream[at + 6], "#"), "error")


def _number(lost: Lost, stream: bytes, at: int, _length: int) -> None:
    lost.blank[_place(stream, at)] = (repr(_DOUBLE(stream, at + 6)[0]), "date")


def _rk(lost: Lost, stream: bytes, at: int, _length: int) -> None:
    lost.blank[_place(stream, at)] = (rk_number(_LONG(stream, at + 6)[0]), "date")


def _rks(lost: Lost, stream: bytes, at: int, length: int) -> None:
    row, column = _place(stream, at)
    for number in range((length - 6) // 6):
        lost.blank[row, column + number] = (rk_number(_LONG(stream, at + 6 + 6 * number)[0]), "date")


def rk_number(rk: int) -> str:
    """A number packed into 30 bits ([MS-XLS] 2.5.217 RkNumber)."""
    number = (rk >> 2) - (1 << 30 if rk >> 31 else 0) if rk & 2 else _DOUBLE(struct.pack("<II", 0, rk & ~3))[0]
    return repr(number / 100 if rk & 1 else number)


_XLS_CELLS = {_FORMULA: _formula, _BOOLERR: _boolean_or_error, _NUMBER: _number, _RK: _rk, _MULRK: _rks}
