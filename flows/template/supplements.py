"""The year's workbook of figures given by hand: written, merged with what is there, carried to the next year."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from flows.files import write_atomically
from flows.template.numbers import written
from schemas.outputs import SUPPLEMENTS
from schemas.supplements import HEADS, SHEET, Supplement

_WIDTHS = (26, 12, 8, 30, 30, 10, 12, 12, 40)
COPIED = "抄自原报告"
"""By whom a figure was given that a binding took over from a finished report."""
_NOTES = (
    "这里的数不由各单位填报，由本级自己给出；报告模板里写 {{名称}} 的地方印这里的数。",
    "每年填：数、出处（哪个台账、哪份文件）、填报人、填报日期，四样齐了才印；上年数只供对照，不会自动用作今年的数。",
    "数只写数字，单位写在单位一栏；不再用的行整行删去；想让各村各站所填报的，在 inputs/catalogue 里加成指标。",
)


def merged(new: Iterable[Supplement], old: Iterable[Supplement]) -> list[Supplement]:
    """The year's rows with new ones added; what somebody gave is never replaced.

    Rows that a binding copied from the same report, and does not name any more, are taken out.
    """
    fresh = {figure.name: figure for figure in new}
    copied = {figure.source.partition("》")[0] for figure in fresh.values() if figure.by == COPIED}
    kept = [each for each in old if each.name in fresh or each.by != COPIED or
            each.source.partition("》")[0] not in copied]  # fmt: skip
    rows = {figure.name: figure for figure in kept}
    for name, figure in fresh.items():
        if name not in rows or rows[name].by == COPIED or rows[name].value is None:
            rows[name] = figure
    return list(rows.values())


def renamed(figures: Iterable[Supplement], names: Mapping[str, str]) -> list[Supplement]:
    """The rows under other names, by the old ones."""
    return [replace(each, name=names.get(each.name, each.name)) for each in figures]


def write_supplements(path: Path, figures: Sequence[Supplement]) -> Path:
    """Write the workbook: one row a figure, heads frozen, notes below the table's own sheet."""
    import xlsxwriter  # heavy: only who writes a workbook needs it

    drawn = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(drawn, options) as book:
        sheet, notes = book.add_worksheet(SHEET), book.add_worksheet("说明")
        look = {"border": 1, "text_wrap": True, "valign": "top"}
        head, plain = book.add_format({**look, "bold": True, "bg_color": "#E2EFDA"}), book.add_format(look)
        asked = book.add_format({**look, "bg_color": "#FFF2CC"})
        for column, (name, width) in enumerate(zip(HEADS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, name, head)
        for row, figure in enumerate(figures, start=1):
            for column, cell in enumerate(_cells(figure)):
                here = asked if not cell and HEADS[column] in figure.lacks.split("、") else plain
                if isinstance(cell, Decimal):
                    sheet.write_number(row, column, float(cell), here)
                else:
                    sheet.write_string(row, column, cell, here)
        sheet.freeze_panes(1, 1)
        for row, words in enumerate(_NOTES):
            notes.write_string(row, 0, words)
        notes.set_column(0, 0, 110)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, drawn.getvalue())
    return path


def _cells(figure: Supplement) -> list[Decimal | str]:
    def number(value: Decimal | None) -> Decimal | str:
        """A number as the spreadsheet keeps it exactly; as text where it cannot."""
        if value is None:
            return ""
        return value if Decimal(repr(float(value))) == value else written(value)

    words = figure.unit, figure.meaning, figure.source, figure.by, figure.on
    return [figure.name, number(figure.value), *words, number(figure.last), figure.where]


def carried(figures: Iterable[Supplement]) -> list[Supplement]:
    """The rows of the year after: everything but what was given, which stands beside for comparison."""
    return [replace(each, value=None, source="", by="", on="", place="", last=each.value) for each in figures]


def path_of(inputs: Path, year: int) -> Path:
    """Where a year's workbook lies."""
    return inputs / str(year) / SUPPLEMENTS
