"""Sheets of the clerk's lists: a title, a table with a filter, a page set-up; open to be sorted and written in."""

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from xlsxwriter import Workbook

from flows.emit.workbook.canvas import Canvas, Palette, opened
from flows.emit.workbook.prepared import Value
from schemas.township import Settings

_PAPERS = {"A3": 8, "A4": 9}
_ONE_LINE, _SLACK = 20.0, 3.0
"""Points of a row, and what a row of several lines gets besides: stand-ins for 宋体 are taller."""


class Column(NamedTuple):
    """A column of a table: its head, its width, and how its cells look besides."""

    head: str
    width: float
    style: str = "wrap"


def draw_table(
    canvas: Canvas, columns: Sequence[Column], rows: Sequence[Sequence[Value]], last: Sequence[Value] = ()
) -> None:
    """Heads, rows, a filter over both, and a last row outside the filter; then the page set-up."""
    for number, column in enumerate(columns):
        canvas.put(number, column.head, "head")
    header = canvas.row
    canvas.down(26)
    for row in (*rows, *([last] if last else [])):
        heights = [_ONE_LINE]
        for number, (column, value) in enumerate(zip(columns, row, strict=True)):
            canvas.put(number, value, "grid", "wrap", column.style)
            if isinstance(value, str):
                heights.append(canvas.height(value, number, number))
        canvas.down(max(heights) + (_SLACK if max(heights) > _ONE_LINE else 0))
    canvas.sheet.autofilter(header, 0, header + len(rows), canvas.last)
    _set_up(canvas, header)


def canvas_of(workbook: Workbook, palette: Palette, name: str, columns: Sequence[Column]) -> Canvas:
    """A sheet as wide as its table."""
    return Canvas(workbook, palette, name, [column.width for column in columns])


def list_workbook(draw: Callable[[Workbook, Palette], None], title: str, settings: Settings, year: int) -> bytes:
    """The bytes of what `draw` puts into a workbook, on the township's paper; the same sheets give the same bytes."""
    buffer = io.BytesIO()
    with opened(buffer) as workbook:
        draw(workbook, Palette(workbook))
        for sheet in workbook.worksheets():
            sheet.set_paper(_PAPERS[settings.printing.paper])
        about = {"title": title, "author": settings.township.name, "created": datetime(year, 12, 31)}
        workbook.set_properties(about)
    return buffer.getvalue()


def _set_up(canvas: Canvas, header: int) -> None:
    """Across, one page wide, the header on every page and in sight; not protected, for it is the clerk's own."""
    sheet = canvas.sheet
    sheet.set_landscape()
    sheet.set_margins(left=0.45, right=0.45, top=0.55, bottom=0.6)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)
    sheet.freeze_panes(header + 1, 2)
    sheet.set_footer('&C&"宋体,常规"&9第 &P 页，共 &N 页')
