"""图表: native Excel charts whose values are the cells of the other sheets, so that they live as those do.

Names and figures are kept beside the references too, for whoever shows a chart without reading the cells.

Grain: per work area two charts of its first total: the township beside last year, and the villages side by side.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef, StrRef
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.utils.units import cm_to_EMU

from flows.emit.pictures.native import bars, names, numbers
from flows.emit.summary.edition import Edition
from flows.emit.summary.grids import has_parts
from flows.emit.summary.paper import A4_UPRIGHT, break_before, set_up
from flows.emit.workbook.plain import Sheet
from flows.emit.workbook.styles import HEADING, NOTE, TITLE, Pen, row_height
from flows.store.figures import Book, Place
from schemas.levels import levels
from schemas.records import Area, Indicator

CHARTS = "图表"
_COLUMNS = 2
_WIDTHS = (A4_UPRIGHT.width * 0.28, A4_UPRIGHT.width * 0.72)
_CENTIMETRES = 8 * 2.54 / 96
"""Of a column unit: 8 pixels of 96 to the inch."""
_ROWS, _ROW = 9, 16.5
"""Rows under an area's heading, and points of each: four areas with their headings fill a page of A4."""
_A_PAGE = 4
_LABELLED, _LYING_FLAT = 20, 6
"""Villages up to which every bar says its number, and up to which names lie flat, at this width. By eye."""
Cells = tuple[int, int, int, int]
"""First column and row, last column and row, from 1."""
Told = tuple[str, Decimal | None]
"""Under a bar, and how long it is."""


class Run(NamedTuple):
    """Figures of one sheet side by side or one under the other, and the cells that name them."""

    sheet: Sheet
    values: Cells
    names: Cells

    @property
    def length(self) -> int:
        """How many figures."""
        first_column, first_row, last_column, last_row = self.values
        return (last_column - first_column + 1) * (last_row - first_row + 1)


class _Shown(NamedTuple):
    area: Area
    item: Indicator
    years: Run | None
    places: Run | None


def headline(edition: Edition, area: Area) -> Indicator | None:
    """The first of an area's own figures that adds up to a total: one that villages report, where there is one."""
    own = [item for item in edition.catalogue.of_area(area.name, edition.book.year) if item.area == area.name]
    totals = [item for item in own if item.total in ("sum", "list") and not item.is_text]
    return next((item for item in totals if has_parts(item, edition.catalogue)), next(iter(totals), None))


def draw_charts(
    pen: Pen,
    edition: Edition,
    years: Mapping[str, Run],
    villages: Mapping[str, Mapping[str, Run]],
    parts: Mapping[str, Run] = MappingProxyType({}),
) -> None:
    """A heading per area that leads to its table, and its charts under it.

    `years` are the township's figures of this year and last by indicator, `villages` the villages' by area too; `parts`
    those of the places right below the whole, where there are several, which are drawn instead.
    """
    shown = [
        _Shown(area, item, years.get(item.code), parts.get(item.code) or villages.get(area.name, {}).get(item.code))
        for area in edition.catalogue.areas.values()
        if (item := headline(edition, area))
    ]
    pen.widths(_WIDTHS)
    pen.put(1, 1, f"{edition.book.township.name}{edition.book.year}年主要指标图", TITLE, columns=_COLUMNS)
    pen.height(1, 30)
    words = "各类别的第一项合计数；图里的数就是各表里的数，点标题看那张表。"
    if edition.missing:
        words += f"暂定数，缺数的单位没有画：{'、'.join(edition.missing.values())}。"
    pen.put(2, 1, words, NOTE, columns=_COLUMNS)
    pen.height(2, row_height([(words, A4_UPRIGHT.width)], 9.5, 15))
    for number, one in enumerate(one for one in shown if one.years or one.places):
        row = 3 + number * (1 + _ROWS)
        if number and number % _A_PAGE == 0:
            break_before(pen.sheet, row)
        _heading(pen, one, row)
        for offset in range(1, 1 + _ROWS):
            pen.height(row + offset, _ROW)
        if one.years:
            told = _of_years(edition.book, one.years, one.item)
            _place(pen.sheet, _chart(edition.words.whole, one.years, one.item, told), row + 1, 1)
        if one.places:
            of_parts = one.item.code in parts
            whose = f"各{levels()[edition.book.parts[0].level].name}" if of_parts else "各村（社区）"
            places = edition.book.parts if of_parts else edition.book.villages
            told = [(each.name, _printed(edition.book, each, one.item)) for each in places]
            _place(pen.sheet, _chart(whose, one.places, one.item, told), row + 1, 2)
    set_up(pen.sheet, A4_UPRIGHT, (1, 1), 0, "A2")


def _heading(pen: Pen, one: _Shown, row: int) -> None:
    """What the charts under it show; pressed, it leads to the table."""
    words = f"{one.area.title}：{one.item.name}（{one.item.printed_in}）"
    pen.put(row, 1, words, HEADING.but(wrap=False, color="0563C1", underline=True), columns=_COLUMNS)
    pen.height(row, 22)
    run = one.places or one.years
    assert run, "an area without figures is not shown"
    pen.sheet.links[f"A{row}"] = f"'{run.sheet.title}'!A1"


def _of_years(book: Book, run: Run, item: Indicator) -> list[Told]:
    first_column, row, last_column, _ = run.names
    last = book.before(item.code)
    figures = _printed(book, book.township, item), last.printed if last else None
    words = (str(run.sheet.rows[row][column][1]) for column in range(first_column, last_column + 1))
    return list(zip(words, figures, strict=True))


def _printed(book: Book, place: Place, item: Indicator) -> Decimal | None:
    figure = book.figures.get((place.code, item.code))
    return figure.printed if figure else None


def _chart(title: str, run: Run, item: Indicator, told: Sequence[Told]) -> BarChart:
    """`told` are the names and figures in the cells, in their order."""
    series = Series(
        idx=0, order=0, tx=SeriesLabel(v=title),
        cat=AxDataSource(strRef=StrRef(_cells(run, run.names), names([name for name, _ in told]))),
        val=NumDataSource(numRef=NumRef(_cells(run, run.values), numbers([figure for _, figure in told]))),
    )  # fmt: skip
    signed = item.minimum is None or item.minimum < 0
    return bars(title, [series], run.length <= _LABELLED, upright=run.length > _LYING_FLAT, signed=signed)


def _cells(run: Run, cells: Cells) -> str:
    sheet: Any = run.sheet  # of a sheet of openpyxl's it asks no more than the title
    return str(Reference(sheet, *cells))


def _place(sheet: Sheet, chart: BarChart, row: int, column: int) -> None:
    """Over the rows under a heading, as wide as its column."""
    wide, tall = _WIDTHS[column - 1] * _CENTIMETRES, (_ROWS * _ROW - 4) * 2.54 / 72
    size = XDRPositiveSize2D(cm_to_EMU(wide), cm_to_EMU(tall))
    anchor: Any = OneCellAnchor(_from=AnchorMarker(col=column - 1, row=row - 1), ext=size)
    chart.anchor = anchor  # declared as a cell's name, taken as any anchor
    sheet.charts.append(chart)
