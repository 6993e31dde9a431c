"""The sheet of charts: native ones, each on the cells of the tables it belongs to, and none without figures."""

from dataclasses import replace

import openpyxl
import pytest
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.utils import range_boundaries

from flows.emit.pictures.native import DARK, LIGHT, bars
from flows.emit.summary.charts import CHARTS, headline
from flows.emit.summary.edition import Edition
from tests.books import make_book, settings, written


def cells(workbook, reference: str) -> list:
    """The cells that a chart's reference names."""
    sheet, area = reference.rsplit("!", 1)
    first_column, first_row, last_column, last_row = range_boundaries(area)
    rows = workbook[sheet.strip("'")].iter_rows(first_row, last_row, first_column, last_column)
    return [cell for row in rows for cell in row]


def shown(workbook) -> list[tuple[list, list]]:
    """Names and values of each chart's bars, in order."""
    series = [chart.series[0] for chart in workbook[CHARTS]._charts]
    return [
        ([cell.value for cell in cells(workbook, one.cat.strRef.f if one.cat.strRef else one.cat.numRef.f)],
         [cell.value for cell in cells(workbook, one.val.numRef.f)])
        for one in series
    ]  # fmt: skip


@pytest.fixture(scope="module")
def workbook(book, catalogue, tmp_path_factory):
    """A complete year, its units down and its total below."""
    return written(tmp_path_factory.mktemp("charts"), book, catalogue)


@pytest.fixture(scope="module")
def turned(book, catalogue, tmp_path_factory):
    """The same, its indicators down and its total first."""
    return written(tmp_path_factory.mktemp("turned"), book, catalogue, down="indicators", total_row="first")


@pytest.mark.parametrize("drawn", ["workbook", "turned"])
def test_charts_show_the_township_beside_last_year_and_every_village(drawn, book, catalogue, request):
    found, edition = shown(request.getfixturevalue(drawn)), Edition(book, catalogue, settings())
    names = [village.name for village in book.villages]
    expected = []
    for area in catalogue.areas.values():
        if item := headline(edition, area):
            now, last = book.figures[book.township.code, item.code], book.last[book.township.code, item.code]
            expected.append((["本年", "上年"], [float(now.printed), float(last.printed)]))
            if item.reporter == "village":
                parts = (book.figures[village.code, item.code] for village in book.villages)
                expected.append((names, [float(part.printed) for part in parts]))
    assert len(expected) > len(catalogue.areas)
    assert [(who, [float(value) for value in values]) for who, values in found] == expected


@pytest.mark.parametrize("drawn", ["workbook", "turned"])
def test_charts_keep_beside_their_references_what_the_cells_say_and_their_axes_cross_each_other(drawn, request):
    workbook = request.getfixturevalue(drawn)
    for chart, (names, values) in zip(workbook[CHARTS]._charts, shown(workbook), strict=True):
        [series] = chart.series
        assert [point.v for point in series.cat.strRef.strCache.pt] == names
        cache = series.val.numRef.numCache
        assert cache.ptCount == len(values) == series.cat.strRef.strCache.ptCount
        assert {at: float(value) for at, value in enumerate(values) if isinstance(value, int | float)} == {
            point.idx: float(point.v) for point in cache.pt
        }
        assert [chart.x_axis.crossAx, chart.y_axis.crossAx] == [chart.y_axis.axId, chart.x_axis.axId]


def test_headings_lead_to_the_tables(workbook, catalogue):
    links = {row[0].value: row[0].hyperlink.location for row in workbook[CHARTS].iter_rows(3) if row[0].hyperlink}
    assert links["民生保障（社会救助、残疾人、养老、健康）：低保户数（户）"] == "'民生保障'!A1"
    assert len(links) == len(catalogue.areas)


def test_a_year_without_last_has_the_villages_alone_and_says_whose_figures_are_missing(catalogue, tmp_path):
    lacking = replace(make_book(catalogue, missing=("三湾村",)), last={}, like={})
    workbook = written(tmp_path, lacking, catalogue)
    assert all(len(names) == len(lacking.villages) for names, _ in shown(workbook))
    assert "没有画：三湾村" in workbook[CHARTS].cell(2, 1).value
    of_one = [dict(zip(names, values, strict=True))["三湾村"] for names, values in shown(workbook)]
    assert of_one and set(of_one) == {None}


def test_four_areas_stand_on_a_page(workbook):
    sheet = workbook[CHARTS]
    assert [one.id for one in sheet.row_breaks.brk] == [42, 82]
    tall = sum(sheet.row_dimensions[row].height for row in range(1, 43))
    assert tall < 755 and sheet.page_setup.fitToWidth == 1


def test_two_series_differ_in_grey_and_negative_numbers_have_room():
    sheet = openpyxl.Workbook().active
    series = [SeriesFactory(openpyxl.chart.Reference(sheet, 1, 1, 1, 3), title=name) for name in ("本年", "上年")]
    chart = bars("合计", series, labelled=True, signed=True)
    assert [one.graphicalProperties.solidFill.srgbClr for one in chart.series] == [DARK, LIGHT]
    assert chart.legend.position == "b" and chart.y_axis.scaling.min is None
    assert bars("合计", series[:1], labelled=False).y_axis.scaling.min == 0
