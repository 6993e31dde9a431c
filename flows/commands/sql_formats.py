"""A query's answer as CSV, JSON, a workbook or rows on the screen; nothing in it is a formula."""

import csv
import io
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from flows.commands.screen import shown
from flows.files import write_atomically
from flows.store.published import Answer
from flows.values.characters import printable

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
"""How a text begins that some spreadsheet program takes for a formula when it opens a CSV (OWASP, CSV Injection)."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_FIGURES = 15
"""Significant figures that a spreadsheet program keeps of a number; the rest it makes zeros."""


def to_csv(answer: Answer, out: Any) -> None:
    """Write as CSV. A text that a spreadsheet program would take for a formula gets an apostrophe in front."""
    writer = csv.writer(out)
    writer.writerow(map(_harmless, answer.columns))
    writer.writerows([_harmless(value) for value in row] for row in answer.rows)


def _harmless(value: Any) -> str:
    text = printable(shown(value))
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def to_json(answer: Answer) -> str:
    """As a JSON array of objects; decimals stay exact numbers."""
    rows = [dict(zip(answer.columns, map(_json, row), strict=True)) for row in answer.rows]
    return msgspec.json.format(msgspec.json.Encoder(decimal_format="number").encode(rows), indent=2).decode()


def to_xlsx(answer: Answer, path: Path) -> None:
    """Write as a workbook; text stays text whatever it begins with, and so does a number that no cell holds in full."""
    import xlsxwriter  # heavy: xlsxwriter

    from flows.emit.workbook.canvas import cell_text  # heavy: xlsxwriter

    drawn = io.BytesIO()
    with xlsxwriter.Workbook(drawn, {"in_memory": True, "nan_inf_to_errors": True}) as book:
        sheet = book.add_worksheet("查询结果")
        head = book.add_format({"bold": True, "bottom": 1})
        for column, name in enumerate(answer.columns):
            sheet.write_string(0, column, cell_text(name), head)
        for number, row in enumerate(answer.rows, start=1):
            for column, value in enumerate(row):
                if _fits(value):
                    sheet.write(number, column, value)
                else:
                    sheet.write_string(number, column, cell_text(shown(value)))
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    write_atomically(path, drawn.getvalue())


def _fits(value: Any) -> bool:
    """Whether it is a number that a cell holds in full."""
    if isinstance(value, int | Decimal):
        _, digits, exponent = Decimal(value).as_tuple()
        return isinstance(exponent, int) and len("".join(map(str, digits)).rstrip("0")) <= _FIGURES
    return isinstance(value, float)


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value.normalize()
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)


def as_rows(answer: Answer) -> Sequence[Sequence[str]]:
    """The rows as words, for a table on the terminal."""
    return [[shown(value) for value in row] for row in answer.rows]
