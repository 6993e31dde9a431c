"""What the fast reader loses of .xlsx and .ods sheets: formulas without a result, error values, dates out of range.

It also measures a sheet before the fast reader may open it. Most sheets lose nothing, and a few searches in the XML
prove it; only the others are parsed a second time.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from flows.steps.guard import LAST_COLUMN, LAST_ROW, MOST_CELLS, MOST_MERGES, Refused

Address = tuple[int, int]
"""Row and column, from 1."""

_REFERENCE = re.compile(rb'<c r="([A-Z]+[0-9]+)"')
_LETTERS, _DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"
_PARTS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})$")


@dataclass(slots=True)
class Lost:
    """What one sheet loses. `blank` replaces only cells that the fast reader found empty, `always` any.

    `filled` is how many values the quick look counted; None when the sheet was parsed in full.
    """

    blank: dict[Address, tuple[str, str]] = field(default_factory=dict)
    always: dict[Address, tuple[str, str]] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    filled: int | None = None


def lost_in_xlsx(xml: bytes, uncalculated: bool, sheet: str, commented: bool = False) -> Lost:
    """Measure one sheet's XML and find what the fast reader would lose of it. Raises Refused beyond the limits."""
    return (None if commented else _quick(xml)) or lost_in_full(xml, uncalculated, sheet)


def _quick(xml: bytes) -> Lost | None:
    """Prove by searching that nothing is lost; None when the sheet is not written in the one usual way.

    Error values and other losses need no search: they show in `filled`, the values counted, which must equal the
    cells that the fast reader finds filled (inline texts apart).
    """
    start, end = xml.find(b"<sheetData"), xml.rfind(b"</sheetData>")
    if end < start or xml.count(b"<mergeCell ", end) > MOST_MERGES:
        return None
    references = _REFERENCE.findall(xml, start, end)
    usual = (
        xml.count(b"<c", start, end) == len(references) == len(set(references))
        and xml.find(b"<f", start, end) < 0
        and _small(references)
    )
    return Lost(filled=xml.count(b"<v", start, end)) if usual else None


def _small(references: list[bytes]) -> bool:
    """Whether the fast reader can be let in: what it then holds is measured again, exactly."""
    longest = max(map(len, references), default=0)
    if longest <= 4:
        return True
    rows = max(int(reference.lstrip(_LETTERS)) for reference in references)
    width = max(len(reference.rstrip(_DIGITS)) for reference in references)
    return rows * 27**width <= 4 * MOST_CELLS


def lost_in_full(xml: bytes, uncalculated: bool, sheet: str) -> Lost:
    """The same by a full parse; `uncalculated` says that the file was never calculated, so a 0 is no result."""
    seen = _SheetParse(uncalculated, sheet)
    if xml.count(b"mergeCell ") > MOST_MERGES:
        raise Refused("FILE_SUSPICIOUS", why=f"“{sheet}”有太多合并单元格")
    parse(xml, seen.start, seen.end, seen.text, sheet)
    if seen.tables != 1 or (seen.without_reference and seen.with_reference):
        raise Refused("FILE_DAMAGED", why=f"“{sheet}”的内部写法不规范")
    refuse_area(seen.last_row, seen.last_column, sheet)
    return seen.lost


def parse(xml: bytes, start, end, text, place: str) -> None:
    """Run one expat parse. Raises Refused when the XML is broken."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise Refused("FILE_DAMAGED", why=f"“{place}”的内部结构读不通") from None


def refuse_area(last_row: int, last_column: int, sheet: str) -> None:
    """Refuse a sheet whose filled area is beyond any form, or beyond any spreadsheet program."""
    if last_row > LAST_ROW or last_column > LAST_COLUMN:
        raise Refused("FILE_SUSPICIOUS", why=f"“{sheet}”有超出表格范围的单元格")
    if last_row * last_column > MOST_CELLS:
        raise Refused("FILE_TOO_BIG", why=f"“{sheet}”用到第 {last_row} 行第 {last_column} 列")


def column_number(letters: str) -> int:
    """A is 1, XFD is 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


class _SheetParse:
    """The cells of one sheet's XML, as they pass; keeps only what the fast reader may lose."""

    def __init__(self, uncalculated: bool, sheet: str) -> None:
        self.lost, self.uncalculated, self.sheet = Lost(), uncalculated, sheet
        self.row = self.column = self.last_row = self.last_column = self.tables = 0
        self.with_reference = self.without_reference = 0
        self.seen: set[Address] = set()
        self.inside, self.type, self.formula, self.value, self.filled = "", "", None, "", False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c" and self.tables:
            self._start_cell(attributes)
        elif tag == "row" and self.tables:
            self.row, self.column = _whole(attributes.get("r"), self.row + 1), 0
        elif tag == "f":
            self.formula, self.inside = "", "f"
        elif tag in ("v", "t"):
            self.inside = tag
        elif tag == "sheetData":
            self.tables += 1

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.type, self.formula, self.value, self.filled = attributes.get("t", "n"), None, "", False
        reference = attributes.get("r")
        if reference is None:
            self.without_reference += 1
            self.column += 1
        else:
            self.with_reference += 1
            match = _PARTS.match(reference)
            if not match:
                raise Refused("FILE_SUSPICIOUS", why=f"“{self.sheet}”有超出表格范围的单元格")
            self.row, self.column = int(match[2]), column_number(match[1])

    def text(self, text: str) -> None:
        if self.inside == "f":
            self.formula = (self.formula or "") + text
        elif self.inside:
            self.value += text

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c" and self.tables:
            self._end_cell()
        elif tag in ("f", "v", "t"):
            self.inside = ""

    def _end_cell(self) -> None:
        value, place = self.value.strip(), (self.row, self.column)
        if place in self.seen:
            raise Refused("FILE_SUSPICIOUS", why=f"“{self.sheet}”同一格写了两次")
        if value or self.formula is not None:
            self.seen.add(place)
            self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
        if self.formula is not None and self.type != "str" and (not value or (self.uncalculated and value == "0")):
            self.lost.always[place] = ("=" + self.formula if self.formula else "=", "formula_without_value")
        elif value and self.type == "e":
            self.lost.always[place] = (value, "error")
        elif value and self.type in ("n", "d"):
            self.lost.blank[place] = (value, "date")


def _whole(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    try:
        return int(text)
    except ValueError:
        raise Refused("FILE_DAMAGED", why="行号写法不规范") from None


def lost_in_ods(xml: bytes) -> dict[str, Lost]:
    """The same for every sheet of an .ods content part; also its merged cells, which the fast reader ignores."""
    seen = _ContentParse()
    parse(xml, seen.start, seen.end, seen.text, "content")
    return seen.sheets


class _ContentParse:
    """The cells of an OpenDocument content part, as they pass."""

    def __init__(self) -> None:
        self.sheets: dict[str, Lost] = {}
        self.tables: list[str] = []
        self.row = self.column = self.rows = self.columns = self.last_row = self.last_column = 0
        self.cell: dict[str, str] | None = None
        self.shown, self.aside = "", 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("table:table-cell", "table:covered-table-cell") and len(self.tables) == 1 and self.cell is None:
            self.cell, self.shown = attributes, ""
            self.columns = _whole(attributes.get("table:number-columns-repeated"), 1)
        elif tag == "table:table-row" and len(self.tables) == 1:
            self.row, self.column = self.row + self.rows, 1
            self.rows = _whole(attributes.get("table:number-rows-repeated"), 1)
        elif tag == "table:table":
            if not self.tables:
                self.row, self.rows, self.last_row, self.last_column = 1, 0, 0, 0
                self.sheets[attributes.get("table:name", "")] = Lost()
            self.tables.append(attributes.get("table:name", ""))
        elif tag in ("office:annotation", "table:tracked-changes"):
            self.aside += 1

    def text(self, text: str) -> None:
        if self.cell is not None and not self.aside:
            self.shown += text

    def end(self, tag: str) -> None:
        if tag in ("table:table-cell", "table:covered-table-cell") and len(self.tables) == 1 and self.cell is not None:
            self._end_cell(self.cell)
            self.column += self.columns
            self.cell = None
        elif tag == "table:table" and self.tables:
            name = self.tables.pop()
            if not self.tables:
                refuse_area(self.last_row, self.last_column, name)
        elif tag in ("office:annotation", "table:tracked-changes"):
            self.aside -= 1

    def _end_cell(self, cell: dict[str, str]) -> None:
        high = _whole(cell.get("table:number-rows-spanned"), 1)
        wide = _whole(cell.get("table:number-columns-spanned"), 1)
        lost = self.sheets[self.tables[0]]
        if high > 1 or wide > 1:
            lost.merges.append((self.row, self.column, self.row + high - 1, self.column + wide - 1))
            if len(lost.merges) > MOST_MERGES:
                raise Refused("FILE_SUSPICIOUS", why="太多合并单元格")
        if not self.shown.strip() and not any(key.startswith(("office:", "table:formula")) for key in cell):
            return
        self.last_row = max(self.last_row, self.row + self.rows - 1)
        self.last_column = max(self.last_column, self.column + self.columns - 1)
        refuse_area(self.last_row, self.last_column, self.tables[0])
        found = self._found(cell)
        if found:
            replaces, content = found
            into = lost.always if replaces else lost.blank
            for row in range(self.row, self.row + self.rows):
                for column in range(self.column, self.column + self.columns):
                    into[row, column] = content

    def _found(self, cell: dict[str, str]) -> tuple[bool, tuple[str, str]] | None:
        """What such a cell holds that may be lost, and whether it replaces what the fast reader says."""
        formula, type_ = cell.get("table:formula"), cell.get("office:value-type")
        shown = self.shown.strip()
        if cell.get("calcext:value-type") == "error" or (formula and shown.startswith(("#", "Err:"))):
            return True, (shown or "#", "error")
        if formula is not None and type_ is None and not shown:
            return True, ("=" + formula.partition("=")[2], "formula_without_value")
        if type_ in ("date", "time"):
            raw = cell.get("office:date-value") or cell.get("office:time-value") or shown
            return type_ == "time", (raw, "date")
        if type_ is None and shown:
            return False, (shown, "text")
        return None
