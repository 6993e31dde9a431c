"""What the fast reader loses of an .xlsx sheet: formulas without a result, errors, dates out of range, formats.

A sheet is also measured before the fast reader may open it. Most sheets lose nothing, and a few searches in their XML
prove it; only the others are parsed a second time.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flows.reading.guard import Refused
from flows.reading.losses.formats import Styles, styles_of
from flows.reading.losses.frames import Merges, framed, learn
from flows.reading.losses.lost import Address, Lost, column_number, parse, refuse_area, refuse_filled, whole
from flows.reading.losses.remembered import remembered
from flows.reading.losses.runs import STRUCK, Run, has_marks

_UNUSUAL = re.compile(rb'<c(?! r="[A-Z]{1,2}[0-9]{1,3}")')
"""A cell without a reference in the usual place, or one far out."""
_PREFIXED = re.compile(rb":(?:c |v>)")
_PARTS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})$")
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b[^>]*>")
_FONTS = re.compile(rb"<(?:\w+:)?fonts\b.*?</(?:\w+:)?fonts>", re.DOTALL)
_FONT = re.compile(rb"<(?:\w+:)?font\b(?:[^>]*/>|.*?</(?:\w+:)?font>)", re.DOTALL)
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\b[^>]*>")
_NAMED = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
_OFF = ("0", "false", "off")


@dataclass(frozen=True, slots=True)
class Manner:
    """What the whole workbook says of its cells.

    `uncalculated`: it was never calculated, so that a formula's 0 is no result. `styles`: those of cells that show
    something else than is stored. `marked`: by number, the shared texts with runs struck or raised.
    """

    uncalculated: bool = False
    styles: Styles = field(default_factory=lambda: Styles({}, frozenset()))
    marked: Mapping[str, Sequence[Run]] = field(default_factory=dict)


class SheetXml:
    """One sheet's XML: measured when made, which raises Refused beyond the limits; then asked what it loses."""

    def __init__(self, xml: bytes, sheet: str, manner: Manner) -> None:
        self._xml, self._sheet, self._manner = xml, sheet, manner
        self._start, self._end = xml.find(b"<sheetData"), xml.rfind(b"</sheetData>")
        self._usual = self._near_and_usual()
        self._lost: Lost | None = None if self._usual else self._in_full()

    def shown(self) -> tuple[bytes, Merges] | None:
        """What the fast reader is shown in its place, and the merged areas that this leaves out; None: itself."""
        return framed(self._sheet, self._xml, self._start, self._end) if self._lost is None else None

    def learn(self, merges: Merges) -> None:
        """Remember what stands around its cells, of which the fast reader found some, and these merged areas."""
        if self._usual:
            learn(self._sheet, self._xml, self._start, self._end, merges)

    def lost(self, filled: int) -> Lost:
        """What is lost, given how many cells the fast reader found filled.

        The searches need not name every loss: an error value, a date out of range, a cell written twice are values
        that the fast reader did not return, so that the counts differ and the sheet is parsed in full.
        """
        if self._lost is None:
            xml, start, end = self._xml, self._start, self._end
            formulas = self._has(b"<f") or self._has(b"<!")
            counted = filled == xml.count(b"<v", start, end) + xml.count(b"inlineStr", start, end)
            self._lost = self._in_full() if formulas or not counted or self._shows_otherwise() else Lost()
        return self._lost

    def _has(self, what: bytes) -> bool:
        """Whether that stands among the cells; its last character is looked for first, which is ten times faster."""
        xml, start, end = self._xml, self._start, self._end
        return xml.find(what[-1:], start, end) >= 0 and xml.find(what, start, end) >= 0

    def _near_and_usual(self) -> bool:
        """Whether every cell carries its reference in the usual place, none of them far out."""
        xml, start, end = self._xml, self._start, self._end
        prefixed = xml.find(b":", start, end) >= 0 and _PREFIXED.search(xml, start, end)
        return 0 <= start <= end and not (prefixed or _UNUSUAL.search(xml, start, end))

    def _shows_otherwise(self) -> bool:
        """Whether any cell may show something else than is stored."""
        xml, start, end = self._xml, self._start, self._end
        if self._manner.marked or (self._has(b"inlineStr") and has_marks(xml)):
            return True
        styles = self._manner.styles.any
        if not styles:
            return False
        odd = re.compile(rb"\bs=[\"'](?:" + "|".join(map(str, styles)).encode() + rb")[\"']")
        return bool(odd.search(xml, start, end))

    def _in_full(self) -> Lost:
        """By a full parse."""
        seen = _SheetParse(self._sheet, self._manner)
        parse(self._xml, seen.start, seen.end, seen.text, self._sheet)
        if seen.tables != 1 or (seen.adrift and seen.placed):
            raise Refused("FILE_DAMAGED", why=f"“{self._sheet}”的内部写法不规范")
        refuse_area(seen.last_row, seen.last_column, self._sheet)
        return seen.lost


@remembered
def cell_styles(styles: bytes) -> Styles:
    """The cell styles of a workbook's part of styles that show something else than is stored."""
    codes = {}
    for element in _FORMAT.findall(styles):
        codes[_whole(_attribute(element, "numFmtId"))] = _attribute(element, "formatCode")
    fonts = _FONTS.search(styles)
    struck = [bool(STRUCK.search(font)) for font in _FONT.findall(fonts[0])] if fonts else []
    section = _CELL_STYLES.search(styles)
    used = (
        ((_attribute(one, "numFmtId"), _attribute(one, "fontId")) for one in _STYLE.findall(section[0]))
        if section
        else ()
    )
    out = {number for number, one in enumerate(struck) if one}
    return styles_of(((_whole(format_), _whole(font) in out) for format_, font in used), codes)


def _attribute(element: bytes, name: str) -> str:
    found = re.search(rf"\b{name}=(?:\"([^\"]*)\"|'([^']*)')".encode(), element)
    text = (found[1] or found[2] or b"").decode("utf-8", "replace") if found else ""
    for written, character in _NAMED:
        text = text.replace(written, character)
    return text


def _whole(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else -1


_RUN_TAGS = ("r", "rPr", "strike", "vertAlign")


class _SheetParse:
    """The cells of one sheet's XML, as they pass; keeps only what the fast reader may lose."""

    def __init__(self, sheet: str, manner: Manner) -> None:
        self.lost, self.sheet, self.manner = Lost(), sheet, manner
        self.row = self.column = self.last_row = self.last_column = self.tables = 0
        self.adrift = self.placed = self.numbered = False  # cells known by counting rows alone, cells with a reference
        self.seen: set[Address] = set()
        self.inside, self.type, self.style, self.formula, self.value, self.values = "", "", -1, None, "", 0
        self.runs: list[Run] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c" and self.tables:
            self._start_cell(attributes)
        elif tag == "row" and self.tables:
            self.row, self.column = whole(attributes.get("r"), self.row + 1), 0
            self.numbered = "r" in attributes
        elif tag == "f":
            self.formula, self.inside = "", "f"
        elif tag in ("v", "t"):
            self.inside = tag
            self.values += tag == "v"
        elif tag in _RUN_TAGS:
            self._start_run(tag, attributes.get("val", ""))
        elif tag == "sheetData":
            self.tables += 1

    def _start_run(self, tag: str, value: str) -> None:
        """A run of an inline text, or what its font says."""
        if tag == "r":
            self.runs.append(Run(""))
        elif self.runs and tag == "rPr":
            self.runs[-1] = self.runs[-1]._replace(struck=False)
        elif self.runs and tag == "strike":
            self.runs[-1] = self.runs[-1]._replace(struck=value not in _OFF)
        elif self.runs and value in ("superscript", "subscript"):
            self.runs[-1] = self.runs[-1]._replace(raised=True)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.type, self.formula, self.value, self.values = attributes.get("t", "n"), None, "", 0
        self.style, self.runs = _whole(attributes.get("s", "0")), []
        reference = attributes.get("r")
        if reference is None:
            self.adrift = self.adrift or not self.numbered
            self.column += 1
        else:
            self.placed = True
            match = _PARTS.match(reference)
            if not match:
                raise Refused("FILE_SUSPICIOUS", why=f"“{self.sheet}”有超出表格范围的单元格")
            self.row, self.column = int(match[2]), column_number(match[1])

    def text(self, text: str) -> None:
        if self.inside == "f":
            self.formula = (self.formula or "") + text
        elif self.inside:
            self.value += text
            if self.runs:
                self.runs[-1] = self.runs[-1]._replace(text=self.runs[-1].text + text)

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c" and self.tables:
            self._end_cell()
        elif tag in ("f", "v", "t"):
            self.inside = ""

    def _end_cell(self) -> None:
        value, place = self.value.strip(), (self.row, self.column)
        if place in self.seen or self.values > 1:
            raise Refused("FILE_SUSPICIOUS", why=f"“{self.sheet}”同一格写了两次")
        if value or self.formula is not None:
            self.seen.add(place)
            refuse_filled(len(self.seen))
            self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
        if (
            self.formula is not None
            and self.type != "str"
            and (not value or (self.manner.uncalculated and value == "0"))
        ):
            self.lost.always[place] = ("=" + self.formula if self.formula else "=", "formula_without_value")
        elif value and self.type == "e":
            self.lost.always[place] = (value, "error")
        elif value:
            self._look(value, place)

    def _look(self, value: str, place: Address) -> None:
        """What the cell's font and format make of what it holds."""
        styles, struck = self.manner.styles, self.style in self.manner.styles.struck
        runs = self.manner.marked.get(value) if self.type == "s" else self.runs
        if runs:
            self.lost.text(place, runs, struck)
        elif struck:
            self.lost.struck.add(place)
        shows = styles.formats.get(self.style)
        if self.type in ("n", "d"):
            self.lost.blank[place] = (value, "date")
        if shows and self.type == "n":
            self.lost.number(place, shows.of_number(value))
        elif shows and self.type in ("s", "str", "inlineStr"):
            self.lost.worded[place] = shows
