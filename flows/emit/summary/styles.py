"""Writing cells: each look is registered once per workbook, text stays text, and widths are known before drawing.

Widths are in Excel's column units (a digit of the workbook's standard font, 宋体 11 pt: 8 pixels), heights and sizes
in points.
"""

import unicodedata
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from math import ceil
from typing import Any

from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.workbook import Workbook
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

LONGEST_TEXT = 32_767
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


class Ink:
    """The looks of one workbook, each made into openpyxl's style record once: making one per cell is what is slow."""

    def __init__(self, book: Workbook) -> None:
        standard = Font(name="宋体", size=11)
        # openpyxl has no public way to say which font a workbook's columns are measured in
        book._fonts = IndexedList([standard])  # pyright: ignore[reportAttributeAccessIssue]  # a private attribute
        book._named_styles["Normal"].font = standard  # pyright: ignore[reportAttributeAccessIssue]  # as above
        self._scratch = book.worksheets[0]
        self._made: dict[tuple[Look, bool], Any] = {}

    def style(self, look: Look, quoted: bool) -> Any:
        """The style record; `quoted` keeps Excel from reading a text as a formula when the cell is edited."""
        key = (look, quoted)
        if key not in self._made:
            self._made[key] = self._make(look, quoted)
        return self._made[key]

    def _make(self, look: Look, quoted: bool) -> Any:
        cell = Cell(self._scratch, row=1, column=1)
        underline = "single" if look.underline else None
        cell.font = Font(name=look.font, size=look.size, bold=look.bold, color=look.color, underline=underline)
        cell.alignment = Alignment(look.across, look.down, wrap_text=look.wrap, indent=look.indent)
        cell.number_format = look.number
        if look.fill:
            cell.fill = PatternFill("solid", fgColor=look.fill)
        if look.edge:
            side = Side("thin")
            cell.border = Border(side, side, side, side)
        style = copy(cell._style)
        style.quotePrefix = int(quoted)
        return style


class Pen:
    """Draws one sheet, by row and column numbers from 1."""

    def __init__(self, sheet: Worksheet, ink: Ink) -> None:
        self.sheet = sheet
        self.ink = ink

    def put(self, row: int, column: int, value: Any, look: Look, rows: int = 1, columns: int = 1) -> Cell:
        """Write a value (None leaves the cell empty); more rows or columns than one are merged. Text stays text."""
        text = isinstance(value, str)
        if text:
            value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST_TEXT]
        style = self.ink.style(look, text and value.startswith(_FORMULA_STARTS))
        cell = self.sheet.cell(row, column)
        assert isinstance(cell, Cell)  # merged ranges are only listed: openpyxl's MergedCell is never made
        if rows > 1 or columns > 1:
            for below in range(row, row + rows):
                for right in range(column, column + columns):
                    self.sheet.cell(below, right)._style = style
            self.sheet.merged_cells.ranges.add(
                CellRange(min_row=row, min_col=column, max_row=row + rows - 1, max_col=column + columns - 1)
            )
        cell._style = style
        if value is not None:
            cell.value = value
            if text:
                cell.data_type = "s"
        return cell

    def line(self, row: int, values: Any, looks: Any, column: int = 1) -> None:
        """Write values side by side."""
        for offset, (value, look) in enumerate(zip(values, looks, strict=True)):
            self.put(row, column + offset, value, look)

    def height(self, row: int, points: float) -> None:
        """Set a row's height."""
        self.sheet.row_dimensions[row].height = round(points, 1)

    def width(self, column: int) -> float:
        """A column's width, once set."""
        return self.sheet.column_dimensions[get_column_letter(column)].width

    def widths(self, widths: Any) -> None:
        """Set the widths of the columns from the first on."""
        for number, width in enumerate(widths, start=1):
            self.sheet.column_dimensions[get_column_letter(number)].width = round(width, 2)


@cache
def breadth(text: str, size: float = 10) -> float:
    """How wide a text prints, in column units: a Chinese character at 10 pt takes 1.67, a digit 0.93 at most."""
    wide = sum(1 for letter in text if unicodedata.east_asian_width(letter) in "WFA")
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
