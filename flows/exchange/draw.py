"""The workbook of a catalogue: heads that cannot be changed, dropdowns, and help where a cell is selected."""

import re
import unicodedata
from collections.abc import Mapping
from math import ceil
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name, xl_range_abs
from xlsxwriter.worksheet import Worksheet

from flows.exchange.sheets import GUIDE, MARK, Field, Sheet, sheets, shown
from flows.exchange.written import Written

LAST = 2_000
"""The last row that has dropdowns and help: five times the built-in catalogue with a choice in every third figure."""
LONGEST_LIST = 255
"""Characters of a dropdown's own list, as the format allows; a longer one is no dropdown."""
_WHOLE = re.compile("-?[0-9]{1,15}")
"""A number that a cell keeps digit for digit."""
_WIDEST, _NARROWEST = 42, 8
_LINE = 14.5
"""Points of a line of 10-point text."""
_MOST_ACROSS = 20
"""Columns that one page across can show legibly; more are printed on two."""
_BLUE, _GREY = "#12385f", "#d9e2ec"
_FONT = {"font_name": "宋体", "font_size": 10, "valign": "top"}
_LOOKS = {
    "head": {
        "bold": True, "bg_color": _BLUE, "font_color": "#ffffff", "border": 1, "text_wrap": True, "valign": "vcenter",
    },
    "cell": {"num_format": "@", "text_wrap": True, "border": 1, "border_color": _GREY, "locked": False},
    "number": {"border": 1, "border_color": _GREY, "locked": False, "align": "center"},
    "title": {"bold": True, "font_size": 14},
    "line": {"text_wrap": True},
}  # fmt: skip
_GUIDE = (
    "在这本表里增减、修改指标，改好存盘，再运行 cunhui catalogue import 这本表：先说清改了什么，您同意才写入；"
    "有错的，哪张表哪一格一次说清。",
    "蓝底的是栏名，不要改；带 * 的栏必须填。点一格，会出现填写说明；有下拉箭头的从里面选。",
    "加一个指标：在“指标”表里插入一行，填类别、代码、指标名称、口径、计量单位就行，其余空着按通常的办法"
    "（村上填报、空着算 0、各村相加）。",
    "停用一个指标：在“止于”写最后一年，不要删行；删了行，以前各年的数就没有名称可查。",
    "指标改了含义：换一个新代码另起一行，旧的写“止于”；名称改了、含义没改，直接改名称。",
    "代码定了不要改：各年的数、审核关系、报告模板都用它。",
)
_PROTECTED = {
    "format_cells": True, "format_columns": True, "format_rows": True, "insert_rows": True, "delete_rows": True,
    "sort": True, "autofilter": True, "objects": True,
}  # fmt: skip


def draw_catalogue(path: Path, written: Written, title: str) -> None:
    """Write the workbook at that place."""
    with Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}) as book:
        looks = {name: book.add_format({**_FONT, **look}) for name, look in _LOOKS.items()}
        _draw_guide(book.add_worksheet(GUIDE), title, looks)
        filled = {sheet.kind: len(written.rows[sheet.kind]) for sheet in sheets()}
        for sheet in sheets():
            _draw(book.add_worksheet(sheet.name), sheet, written, looks, filled)


def _draw_guide(page: Worksheet, title: str, looks: Mapping) -> None:
    page.hide_gridlines(2)
    page.set_column(0, 0, 14)
    page.set_column(1, 1, 76)
    page.write_string(0, 0, title, looks["title"])
    row = 2
    for line in _GUIDE:
        page.merge_range(row, 0, row, 1, line, looks["line"])
        page.set_row(row, 15.0 * (1 + _breadth(line) // 92))
        row += 1
    for sheet in sheets():
        row += 1
        page.write_url(row, 0, f"internal:'{sheet.name}'!A1", looks["line"], sheet.name)
        page.write_string(row, 1, sheet.about, looks["line"])
        page.set_row(row, 15.0 * (1 + _breadth(sheet.about) // 76))
    page.set_portrait()
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _draw(page: Worksheet, sheet: Sheet, written: Written, looks: Mapping, filled: Mapping[str, int]) -> None:
    rows = [[shown(row.get(field.key), field) for field in sheet.fields] for row in written.rows[sheet.kind].values()]
    widths = []
    for column, field in enumerate(sheet.fields):
        head = field.head + (MARK if field.required else "")
        longest = max((_breadth(line) for row in rows for line in row[column].splitlines()), default=0)
        width = min(_WIDEST, max(_NARROWEST, _breadth(head) + 2, longest + 2))
        widths.append(width)
        page.set_column(column, column, width, looks["number" if field.kind is int else "cell"])
        page.write_string(0, column, head, looks["head"])
        page.data_validation(1, column, LAST, column, _validation(field, sheet, filled))
    for number, row in enumerate(rows, start=1):
        lines = max(_lines(text, width) for text, width in zip(row, widths, strict=True))
        page.set_row(number, _LINE * lines + 1)
        for column, (text, field) in enumerate(zip(row, sheet.fields, strict=True)):
            if field.kind is int and _WHOLE.fullmatch(text):
                page.write_number(number, column, int(text), looks["number"])
            elif text:
                page.write_string(number, column, text, looks["cell"])
    page.set_row(0, 30)
    key = sheet.fields.index(sheet.key)
    page.freeze_panes(1, min(key + 1, 3))
    page.autofilter(0, 0, max(len(rows), 1), len(sheet.fields) - 1)
    page.protect("", _PROTECTED)
    page.set_landscape()
    page.set_paper(8 if len(sheet.fields) > 12 else 9)
    page.fit_to_pages(2 if len(sheet.fields) > _MOST_ACROSS else 1, 0)
    page.repeat_rows(0)
    page.repeat_columns(0, min(key, 2))
    page.set_footer("&C&A  第 &P 页，共 &N 页")


def _validation(field: Field, sheet: Sheet, filled: Mapping[str, int]) -> dict:
    """A dropdown where there is a choice, and the help of the column; what is typed otherwise is judged at import."""
    rule: dict = {"validate": "any", "input_title": field.head[:32], "input_message": field.help[:255]}
    offered = list(field.words)
    looked_up = sheet.offers(field)
    if offered and len(",".join(offered)) <= LONGEST_LIST and not any("," in word for word in offered):
        rule |= {"validate": "list", "source": offered}
    elif looked_up:
        other = next(one for one in sheets() if one.kind == looked_up[0])
        column = [one.key for one in other.fields].index(looked_up[1])
        last = max(filled[other.kind] + 50, 100)
        rule |= {"validate": "list", "source": f"='{other.name}'!{xl_range_abs(1, column, last, column)}"}
    if rule["validate"] == "list":
        rule |= {"error_title": field.head[:32], "error_message": "请从下拉的几项里选一项。"}
    if not field.help:
        del rule["input_title"], rule["input_message"]
    return rule


def place_of(row: int, column: int) -> str:
    """A cell as people call it, from a row and a column that count from 1."""
    return f"{xl_col_to_name(column - 1)}{row}"


def _lines(text: str, width: float) -> int:
    """In how many lines a column of that width shows the text."""
    return sum(max(1, ceil(_breadth(line) / (width - 1))) for line in text.split("\n"))


def _breadth(text: str) -> int:
    """Columns that the text takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
