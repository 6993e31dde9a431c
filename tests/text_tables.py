"""Workbooks written as text tables, so that a test shows what stands in which cell.

    == 党的建设 [hidden]
    | 序号 | 指标名称 | 计量单位 | 代码 | 本年数 | 上年数 | 说明 |
    | 1 | 党员人数 | 人 | A01 | 12 | "11" | |
    -                                           (an empty row)
    ~ E5:E6                                     (merged cells)

A bare number is a number, TRUE a boolean, `=1+1` a formula, `@2023-01-05` a date, `@12` a 12 that is formatted as a
date, `!#REF!` an error, anything in quotes a text as it stands; `_` makes an empty column at the left.
"""

import datetime
import io
import re

import openpyxl
from openpyxl.cell import Cell

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def workbook(text: str, properties: dict[str, str] | None = None) -> bytes:
    """The .xlsx of one text."""
    return saved(drawn(text, properties))


def drawn(text: str, properties: dict[str, str] | None = None) -> openpyxl.Workbook:
    """The same, open."""
    from openpyxl.packaging.custom import StringProperty

    book = openpyxl.Workbook()
    book.remove(book.active)
    sheet, row = None, 0
    for line in filter(None, map(str.strip, text.strip().splitlines())):
        head = re.fullmatch(r"== (.*?)(?: \[(hidden|veryHidden)\])?", line)
        if head:
            sheet, row = book.create_sheet(head[1]), 0
            sheet.sheet_state = head[2] or "visible"
        elif line.startswith("~"):
            sheet.merge_cells(line[1:].strip())
        else:
            row += 1
            for column, content in enumerate(line.strip("|").split("|") if line.startswith("|") else (), start=1):
                _put(sheet.cell(row, column), content.strip())
    for name, value in (properties or {}).items():
        book.custom_doc_props.append(StringProperty(name=name, value=value))
    return book


def _put(cell: Cell, content: str) -> None:
    if content.startswith('"'):
        cell.value, cell.data_type = content.strip('"'), "s"
    elif content.startswith("!"):
        cell.value, cell.data_type = content[1:], "e"
    elif content.startswith("@"):
        days = content[1:]
        cell.value = float(days) if _NUMBER.fullmatch(days) else datetime.date.fromisoformat(days)
        cell.number_format = "yyyy-mm-dd"
    elif content in ("TRUE", "FALSE"):
        cell.value = content == "TRUE"
    elif _NUMBER.fullmatch(content):
        cell.value = float(content) if "." in content else int(content)
    elif content not in ("", "_"):
        cell.value = content


def saved(book: openpyxl.Workbook) -> bytes:
    """The bytes of an open workbook."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
