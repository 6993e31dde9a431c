"""Writing cells: each look is registered once per workbook, text stays text, and widths are known before drawing.

Widths are in Excel's column units (a digit of the workbook's standard font, 宋体 11 pt: 8 pixels), heights and sizes
in points.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from html import escape
from itertools import starmap
from math import ceil
from typing import Any

from openpyxl.utils import get_column_letter

from flows.emit.workbook.plain import Cell, Sheet
from flows.emit.workbook.prepared import clean_text

GREY, PALE, RED = "D9D9D9", "F2F2F2", "C00000"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks. `edge` draws the thin frame of a table's cell."""

    size: float = 10
    bold: bool = False
    font: str = "宋体"
    color: str = "000000"
    fill: str = ""
    edge: bool = True
    across: str = "left"
    down: str = "center"
    wrap: bool = True
    indent: int = 0
    number: str = "General"
    underline: bool = False

    def but(self, **changes: Any) -> "Look":
        """The same look with some of it changed."""
        return replace(self, **changes)


TITLE = Look(size=16, font="黑体", edge=False, across="center")
HEADING = Look(size=11, font="黑体", edge=False)
PLAIN = Look(edge=False, wrap=False)
PLAIN_RIGHT = PLAIN.but(across="right")
NOTE = Look(size=9.5, edge=False, down="top")
HEAD = Look(font="黑体", across="center", fill=PALE)
SMALL_HEAD = Look(size=9.5, across="center", fill=PALE)
TEXT = Look()
MIDDLE = Look(across="center")
NUMBER = Look(across="right", wrap=False)
BAND = Look(bold=True, fill=PALE)


@cache
def places_format(places: int) -> str:
    """The number format that prints that many decimals."""
    return "0." + "0" * places if places else "0"


ELLIPSIS_FORMAT = '"…";"…";"…"'
"""Shows a number that is not zero and prints as zero: smaller than half the last place."""


_BUILT_IN = {"General": 0, "0": 1, "0.00": 2, "@": 49}
"""Number formats that have a number of their own (ECMA-376, 18.8.30); others are numbered from 164."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STANDARD = '<font><sz val="11"/><name val="宋体"/></font>'
_FILLS = tuple(f'<fill><patternFill patternType="{kind}"/></fill>' for kind in ("none", "gray125"))
_BORDER = "<border><left/><right/><top/><bottom/><diagonal/></border>"
_EDGE = re.sub(r"<(left|right|top|bottom)/>", r'<\1 style="thin"/>', _BORDER)
Dressed = tuple[Look, bool]
"""A look, and whether its text would be read as a formula when the cell is edited."""


class Ink:
    """The looks of one workbook, numbered in the order in which they are first used."""

    def __init__(self) -> None:
        self._fonts, self._fills, self._borders, self._formats = [_STANDARD], list(_FILLS), [_BORDER], {}
        self._xfs = ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>']
        self._numbers: dict[Dressed, int] = {}

    def style(self, dressed: Dressed) -> int:
        """The number of a look."""
        if dressed not in self._numbers:
            self._numbers[dressed] = _place(self._xfs, self._xf(*dressed), again=True)
        return self._numbers[dressed]

    def _xf(self, look: Look, quoted: bool) -> str:
        kinds = "<b/>" * look.bold + "<u/>" * look.underline
        font = f'<font>{kinds}<sz val="{look.size:g}"/><color rgb="FF{look.color}"/><name val="{look.font}"/></font>'
        fill = f'<fill><patternFill patternType="solid"><fgColor rgb="FF{look.fill}"/></patternFill></fill>'
        number = _BUILT_IN.get(look.number)
        if number is None:
            number = self._formats.setdefault(look.number, 164 + len(self._formats))
        ids = (
            f'numFmtId="{number}" fontId="{_place(self._fonts, font)}" '
            f'fillId="{_place(self._fills, fill) if look.fill else 0}" '
            f'borderId="{_place(self._borders, _EDGE) if look.edge else 0}" xfId="0"'
        )
        across = "" if look.across == "general" else f' horizontal="{look.across}"'
        indent = f' indent="{look.indent}"' if look.indent else ""
        wrap = ' wrapText="1"' if look.wrap else ""
        quote = ' quotePrefix="1"' if quoted else ""
        applied = 'applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"'
        return f'<xf {ids}{quote} {applied}><alignment{across} vertical="{look.down}"{wrap}{indent}/></xf>'

    def xml(self) -> str:
        """The workbook's table of looks."""
        formats = [
            f'<numFmt numFmtId="{number}" formatCode="{escape(code)}"/>' for code, number in self._formats.items()
        ]
        tables = (
            ("numFmts", formats),
            ("fonts", self._fonts),
            ("fills", self._fills),
            ("borders", self._borders),
            ("cellStyleXfs", ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>']),
            ("cellXfs", self._xfs),
            ("cellStyles", ['<cellStyle name="Normal" xfId="0" builtinId="0"/>']),
        )
        listed = (f'<{name} count="{len(rows)}">{"".join(rows)}</{name}>' for name, rows in tables if rows)
        return f'<styleSheet xmlns="{_MAIN}">{"".join(listed)}</styleSheet>'


def _place(table: list[str], xml: str, again: bool = False) -> int:
    """Where it stands in the table, put at its end where it is not; or at its end whatever stands there."""
    if again or xml not in table:
        table.append(xml)
        return len(table) - 1
    return table.index(xml)


class Pen:
    """Draws one sheet, by row and column numbers from 1. `looks` are those that it used, in the order of first use."""

    def __init__(self, sheet: Sheet, ink: Ink) -> None:
        self.sheet = sheet
        self.ink = ink
        self.looks: dict[Dressed, int] = {}
        self._seen: dict[tuple[int, bool], tuple[int, Look]] = {}

    def put(self, row: int, column: int, value: Any, look: Look, rows: int = 1, columns: int = 1) -> None:
        """Write a value (None leaves the cell empty); more rows or columns than one are merged. Text stays text."""
        style, value = self._cell(value, look)
        if rows > 1 or columns > 1:
            for below in range(row, row + rows):
                cells = self.sheet.rows.setdefault(below, {})
                cells |= dict.fromkeys(range(column, column + columns), (style, None))
            first, last = (get_column_letter(number) for number in (column, column + columns - 1))
            self.sheet.merged.append(f"{first}{row}:{last}{row + rows - 1}")
        self.sheet.rows.setdefault(row, {})[column] = (style, value)

    def line(self, row: int, values: Any, looks: Any) -> None:
        """Write values side by side, from the first column on."""
        self.cells(row, zip(values, looks, strict=True))

    def cells(self, row: int, shown: Iterable[tuple[Any, Look]]) -> None:
        """The same of values with their looks."""
        self.sheet.rows.setdefault(row, {}).update(enumerate(starmap(self._cell, shown), start=1))

    def _cell(self, value: Any, look: Look) -> Cell:
        quoted = False
        if isinstance(value, str):
            value = clean_text(value)
            quoted = value.startswith(_FORMULA_STARTS)
        seen = self._seen.get((id(look), quoted))  # to hash a look takes as long as to write the cell
        if seen is None:
            number = self.looks[look, quoted] = self.ink.style((look, quoted))
            seen = self._seen[id(look), quoted] = number, look
        return seen[0], value

    def height(self, row: int, points: float) -> None:
        """Set a row's height."""
        self.sheet.heights[row] = round(points, 1)

    def width(self, column: int) -> float:
        """A column's width, once set."""
        return self.sheet.widths[column]

    def widths(self, widths: Any) -> None:
        """Set the widths of the columns from the first on."""
        self.sheet.widths |= {number: round(width, 2) for number, width in enumerate(widths, start=1)}


@lru_cache(maxsize=1 << 14)  # names and words come again; of the figures of a county there are a million
def breadth(text: str, size: float = 10) -> float:
    """How wide a text prints, in column units: a Chinese character at 10 pt takes 1.67, a digit 0.93 at most."""
    wide = 0 if text.isascii() else sum(1 for letter in text if unicodedata.east_asian_width(letter) in "WFA")
    return (wide * 1.67 + (len(text) - wide) * 0.93) * size / 10


def code_width(codes: Iterable[str], least: float) -> float:
    """Wide enough for the longest of these codes on one line."""
    return max(least, *(breadth(code) + 1.5 for code in codes))


def line_count(text: str, width: float, size: float = 10) -> int:
    """Lines that a wrapped text takes in a column of that width."""
    room = max(width - 1.2, 2 * size / 10)
    return sum(max(1, ceil(breadth(part, size) / room)) for part in text.split("\n"))


def row_height(cells: Any, size: float = 10, least: float = 18) -> float:
    """The height that shows every (text, width) of a row whole."""
    lines = max((line_count(text, width, size) for text, width in cells if isinstance(text, str)), default=1)
    return max(least, size * 1.3 + 3 if lines == 1 else lines * size * 1.42 + 4)


def number_breadth(value: Decimal | None, places: int, size: float = 10) -> float:
    """How wide a number prints with that many decimals."""
    return 0.0 if value is None else breadth(f"{value:.{places}f}", size)
