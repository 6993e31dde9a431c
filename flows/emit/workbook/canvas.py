"""A sheet being drawn: styles, cells that never become formulas, paragraphs with heights, validation, page set-up.

Spreadsheets do not fit the height of merged or protected rows to their text, so heights are worked out here.
"""

import copy
import math
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from flows.emit.workbook.prepared import Value, clean_text

ROW_HEIGHT = 18
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": "宋体", "font_size": 11},
    "default_column_width": 72,
    "default_row_height": ROW_HEIGHT,
}
"""How every workbook here is opened: no text becomes a formula, a link or a number, and a column's width counts
digits of 宋体, which every Chinese office PC has, as Excel's own Chinese edition does."""


def opened(target: IO[bytes] | str) -> Workbook:
    """A new workbook, which is written into `target` when it is closed.

    Each has options of its own: xlsxwriter writes into those it is given, and the next workbook of the process would
    have another standard font.
    """
    return Workbook(target, copy.deepcopy(_OPTIONS))


_LITTLE = 1.1
"""Times a page's height that are still printed on one: 11 pt become 10."""
_TALLEST = 409
"""Points of the tallest row (Excel specifications and limits)."""

_SONG, _HEI = {"font_name": "宋体"}, {"font_name": "黑体"}
STYLES: dict[str, dict] = {
    "plain": {**_SONG, "font_size": 10.5, "valign": "vcenter"},
    "small": {"font_size": 9},
    "title": {**_HEI, "font_size": 16, "align": "center"},
    "banner": {**_HEI, "font_size": 26, "align": "center"},
    "heading": {**_HEI, "font_size": 10.5},
    "grid": {"border": 1},
    "head": {**_HEI, "border": 1, "align": "center", "text_wrap": True, "bg_color": "#F2F2F2"},
    "centre": {"align": "center"},
    "indent1": {"indent": 1},
    "indent2": {"indent": 2},
    "right": {"align": "right"},
    "wrap": {"text_wrap": True},
    "shrink": {"shrink": True},
    "top": {"valign": "top"},
    "text": {"num_format": "@"},
    "input": {"locked": False, "bg_color": "#FFFBE0"},
    "past": {"font_color": "#7F7F7F"},
    "link": {"font_color": "#0563C1", "underline": 1},
    "强制": {"bg_color": "#FF9C9C"},
    "核实": {"bg_color": "#FFC66D"},
    "提示": {"bg_color": "#BDD7EE"},
}


class Palette:
    """A workbook's formats, each made once however many cells wear it."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple, Format] = {}

    def __call__(self, *names: str) -> Format:
        """The format of these styles laid over each other; a name with `#` is a number format."""
        if names not in self._made:
            looks = [{"num_format": name} if "#" in name else STYLES[name] for name in ("plain", *names)]
            self._made[names] = self._workbook.add_format({key: v for look in looks for key, v in look.items()})
        return self._made[names]


class Canvas:
    """One sheet, drawn from the top: `row` is the row being drawn, zero-based; columns are zero-based too.

    A hidden one is neither shown nor printed until somebody shows it again.
    """

    def __init__(
        self, workbook: Workbook, palette: Palette, name: str, widths: Sequence[float], hidden: bool = False
    ) -> None:
        self.sheet = workbook.add_worksheet(name)
        self.hidden = hidden
        if hidden:
            self.sheet.hide()
        self.palette = palette
        self.widths = widths
        self.row, self.drawn = 0, 0.0
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width, palette())
        self.sheet.hide_gridlines(2)

    @property
    def last(self) -> int:
        """The last column."""
        return len(self.widths) - 1

    def put(self, column: int, value: Value, *styles: str) -> None:
        """One cell of the current row; text stays text whatever it begins with."""
        look = self.palette(*styles)
        if value is None or value == "":
            self.sheet.write_blank(self.row, column, None, look)
        elif isinstance(value, int | float | Decimal):
            self.sheet.write_number(self.row, column, value, look)  # pyright: ignore[reportArgumentType]  # takes Decimal
        else:
            self.sheet.write_string(self.row, column, cell_text(value), look)

    def across(self, first: int, last: int, value: Value, *styles: str) -> None:
        """One value over several columns of the current row."""
        if last > first:
            self.sheet.merge_range(self.row, first, self.row, last, "", self.palette(*styles))
        self.put(first, value, *styles)

    def paragraph(self, text: str, *styles: str) -> None:
        """A wrapped paragraph over the whole width; moves to the next row."""
        self.across(0, self.last, text, "wrap", *styles)
        self.down(self.height(text, 0, self.last, *styles))

    def down(self, height: float | None = None) -> None:
        """Go to the next row, giving this one its height in points."""
        if height:
            self.sheet.set_row(self.row, min(height, _TALLEST))
        self.drawn += min(height or ROW_HEIGHT, _TALLEST)
        self.row += 1

    def height(self, text: str, first: int, last: int, *styles: str) -> float:
        """The height in points that the text needs when wrapped over these columns."""
        size, indent = _letters(styles)
        width = sum(self.widths[first : last + 1]) * 7.5 - indent * 10
        return _lines(text, size, width) * size * 1.3 + 3.5

    def validate(self, column: int, options: dict, last_row: int | None = None) -> None:
        """Attach a validation to the current row's cell, or down to `last_row`."""
        last_row = self.row if last_row is None else last_row
        if self.sheet.data_validation(self.row, column, last_row, column, options):
            raise ValueError(f"the spreadsheet refuses this validation: {options}")

    def comment(self, column: int, text: str) -> None:
        """A note on the current row's cell, big enough to be read whole."""
        lines = sum(max(1, math.ceil(_ems(line) / 18)) for line in text.split("\n"))
        size = {"author": "村汇", "width": 270, "height": 18 * lines + 16, "font_name": "宋体", "font_size": 9}
        self.sheet.write_comment(self.row, column, clean_text(text), size)

    def finish(
        self,
        *,
        header: tuple[int, int] | None = None,
        landscape: bool = False,
        tall: int = 0,
        rows_may_be_added: bool = False,
    ) -> None:
        """Page set-up and protection: A4, one page wide, header rows repeated, locked but for its inputs.

        A sheet that is but a few lines longer than a page is shrunk onto it.
        """
        sheet = self.sheet
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.6, right=0.6, top=0.6, bottom=0.65)
        sheet.center_horizontally()
        sheet.fit_to_pages(1, 1 if self._nearly_fits(landscape) and not rows_may_be_added else tall)
        if not self.hidden:  # LibreOffice prints what has a print area even where the sheet is hidden
            sheet.print_area(0, 0, self.row, self.last)
        sheet.set_footer('&C&"宋体,常规"&9第 &P 页，共 &N 页')
        if header:
            sheet.repeat_rows(*header)
            sheet.freeze_panes(header[1] + 1, 0)
        sheet.protect("", {"format_columns": True, "format_rows": True, "insert_rows": rows_may_be_added})

    def _nearly_fits(self, landscape: bool) -> bool:
        """Whether it is longer than a page, and by so little that shrinking it is better than another page."""
        wide, high = (755.0, 505.0) if landscape else (509.0, 752.0)  # points of A4 between the margins of `finish`
        scale = min(1.0, wide / sum(width * 5.63 + 3.75 for width in self.widths))
        return high / scale < self.drawn <= high / scale * _LITTLE


@cache
def _letters(styles: tuple[str, ...]) -> tuple[float, int]:
    """The size of what is written in these styles, and its indent."""
    look = {key: value for name in ("plain", *styles) for key, value in STYLES.get(name, {}).items()}
    return look["font_size"], look.get("indent", 0)


@lru_cache(maxsize=1 << 12)  # states, names of indicators and ways to mend come again in every row
def _lines(text: str, size: float, width: float) -> int:
    """Lines that a text of that size takes when wrapped."""
    return sum(max(1, math.ceil(_ems(line) * size * 96 / 72 / width)) for line in text.split("\n"))


def _ems(text: str) -> float:
    """How wide a line is, in widths of a Chinese character."""
    if text.isascii():
        return 0.55 * len(text)
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.55 for char in text)


def cell_text(text: str) -> str:
    """Text fit for a cell. xlsxwriter takes `<r>…</r>` for its own rich-string XML and would write it raw: a space
    prevents it."""
    text = clean_text(text)
    return text + " " if text.startswith("<r>") and text.endswith("</r>") else text
