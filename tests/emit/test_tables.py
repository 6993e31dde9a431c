"""The summary workbook, read back with openpyxl: what a county office finds in each of its sheets."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import openpyxl
import pytest
from msgspec import structs

from flows.emit.summary.grids import has_parts
from flows.emit.summary.lists import SMALL
from flows.emit.summary.summary import write_summary
from flows.store.figures import Figure, ListRow
from schemas.catalogue import Catalogue
from schemas.records import Indicator
from schemas.township import Marks
from tests.books import NAMES, TOWNSHIP, YEAR, ZERO, make_book, place_of, row_of, settings, texts, written


@pytest.fixture(scope="module")
def workbook(book, catalogue, tmp_path_factory):
    """The workbook of the complete year, as the settings have it when nothing is said."""
    return written(tmp_path_factory.mktemp("summary"), book, catalogue)


def under(sheet, code: str) -> int:
    """The column of the table that the code heads."""
    return place_of(sheet, code)[1]


def parts(catalogue: Catalogue, area: str) -> list[Indicator]:
    """The indicators of an area that every village has a figure for."""
    return [item for item in catalogue.of_area(area, YEAR) if has_parts(item, catalogue)]


def test_contents_name_every_sheet_and_link_to_it(workbook):
    contents = workbook["目录"]
    links = {cell.value: cell.hyperlink.location for row in contents.iter_rows() for cell in row if cell.hyperlink}
    assert list(links) == workbook.sheetnames[1:-1]
    assert (workbook.sheetnames[-1], workbook.worksheets[-1].sheet_state) == ("指标解释", "hidden")
    assert all(location == f"'{name}'!A1" for name, location in links.items())
    assert any("全部收齐" in text for text in texts(contents))
    assert any("舍位平衡（最大余数法）" in text for text in texts(contents))


def test_area_headers_are_the_catalogue_names_over_their_printed_units(workbook, catalogue):
    for area in catalogue.areas:
        for item in parts(catalogue, area):
            sheet = workbook[area]
            row, column = place_of(sheet, item.code)
            named = [sheet.cell(above, column).value for above in range(1, row - 1)]
            assert item.name in named
            assert (sheet.cell(row - 1, column).value or "") == item.printed_in


def test_items_of_a_whole_stand_beside_it_under_a_shared_heading(workbook):
    sheet = workbook["和谐稳定"]
    row, column = place_of(sheet, "其中")
    assert [sheet.cell(row + 1, column + step).value for step in range(3)] == ["现实矛盾", "预计风险", "可能隐患"]
    assert sheet.cell(row, column - 1).value == "排查矛盾纠纷"
    assert f"{sheet.cell(row, column).coordinate}:{sheet.cell(row, column + 2).coordinate}" in sheet.merged_cells


def test_every_part_and_total_is_the_printed_figure(workbook, book, catalogue):
    for area in catalogue.areas:
        sheet = workbook[area]
        for item in parts(catalogue, area):
            if item.is_text or item.total == "typical":
                continue
            column = under(sheet, item.code)
            for place in (*book.villages, TOWNSHIP):
                figure = book.figures.get((place.code, item.code))
                shown = sheet.cell(row_of(sheet, "合计" if place is TOWNSHIP else place.name), column).value
                expected = figure.printed if figure else None
                assert (None if expected is None else float(expected)) == shown, (item.code, place.name)


def test_terrain_subtotals_are_sums_of_the_printed_parts(workbook, book, catalogue):
    sheet = workbook["特色产业"]
    column = under(sheet, "D03")
    valley = [book.figures[place.code, "D03"].printed for place in book.villages if place.terrain == "川区"]
    assert sheet.cell(row_of(sheet, "川区合计"), column).value == float(sum(valley))
    both = [sheet.cell(row_of(sheet, f"{terrain}合计"), column).value for terrain in ("川区", "山区")]
    assert sum(both) == pytest.approx(sheet.cell(row_of(sheet, "合计"), column).value)


def test_total_row_comes_first_or_last_as_set(book, catalogue, tmp_path):
    assert row_of(written(tmp_path, book, catalogue)["耕地粮食"], "合计") > 15
    sheet = written(tmp_path, book, catalogue, total_row="first")["耕地粮食"]
    assert row_of(sheet, "合计") == row_of(sheet, "南川村") - 3


def test_number_formats_print_the_declared_decimals(workbook, catalogue):
    sheet = workbook["特色产业"]
    row = row_of(sheet, "合计")
    assert sheet.cell(row, under(sheet, "D03")).number_format == "0.000"
    assert sheet.cell(row, under(sheet, "D29")).number_format == "0"


def test_a_figure_smaller_than_the_last_place_shows_an_ellipsis_and_stays_a_number(book, catalogue, tmp_path):
    figures = dict(book.figures)
    place = book.villages[0]
    figures[place.code, "D28"] = Figure(Decimal(3), Decimal("0.00"))
    figures[place.code, "D31"] = Figure(ZERO, Decimal("0.00"))
    sheet = written(tmp_path, replace(book, figures=figures), catalogue)["特色产业"]
    row = row_of(sheet, place.name)
    tiny, zero = sheet.cell(row, under(sheet, "D28")), sheet.cell(row, under(sheet, "D31"))
    assert (tiny.value, tiny.data_type) == (0, "n") and "…" in tiny.number_format
    assert (zero.value, zero.number_format) == (0, "0.00")


def test_office_figures_stand_under_the_table_with_the_office(workbook, book, catalogue):
    sheet = workbook["和谐稳定"]
    row = row_of(sheet, "H08")
    values = [cell.value for cell in sheet[row] if cell.value is not None]
    assert values == ["H08", "办结信访案件", "件", float(book.figures[TOWNSHIP.code, "H08"].printed), "平安建设办公室"]


def test_an_area_without_village_figures_is_a_plain_list(workbook):
    sheet = workbook["项目招商"]
    assert [cell.value for cell in sheet[row_of(sheet, "代码")]][:3] == ["代码", "指标名称", "计量单位"]
    assert sheet.cell(row_of(sheet, "E04"), 2).value == "设施农业一期签约额"


def test_wide_tables_print_over_several_pages_with_names_and_headers_repeated(workbook):
    sheet = workbook["特色产业"]
    assert sheet.print_title_cols == "$A:$A" and sheet.print_title_rows == "$3:$5"
    first, second = sheet.print_area.replace("'特色产业'!", "").replace("$", "").split(",")
    assert first.startswith("A1:") and second.endswith(f"{row_of(sheet, '合计')}")
    columns = [openpyxl.utils.range_boundaries(area) for area in (first, second)]
    assert columns[0][2] + 1 == columns[1][0]
    assert columns[1][2] - columns[1][0] > 8, "a page with a tiny leftover"
    assert sheet.page_setup.scale >= 85 and sheet.page_setup.paperSize == 8


def test_every_sheet_is_set_up_to_print(workbook):
    for sheet in workbook.worksheets[1:]:
        assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页", sheet.title
        several = sheet.title == "明细表"  # each of its tables has heads of its own
        assert several or (sheet.freeze_panes and sheet.print_title_rows), sheet.title
    assert workbook["民生保障"].freeze_panes == "B7"


def test_no_number_is_wider_than_its_column(book, catalogue, tmp_path):
    """Narrower would print as ###; a city's figures are a thousand times a township's."""
    times = Decimal("1000.1234")
    figures = {
        key: structs.replace(figure, value=figure.value * times, printed=figure.printed * times)
        for key, figure in book.figures.items()
        if figure.printed and catalogue.indicators[key[1]].total != "ratio"
    }
    moved = [replace(book.adjustments[0], exact=Decimal("12345.12345678"))]
    for sheet in written(tmp_path, replace(book, figures=figures, adjustments=moved), catalogue):
        joined = {cell for area in sheet.merged_cells.ranges for row in area.rows for cell in row}
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "n" and cell.value is not None and (cell.row, cell.column) not in joined:
                    places = len(cell.number_format.split('"')[0].partition(".")[2].strip())
                    places = min(places, len(f"{cell.value}".partition(".")[2]))
                    extra = 6 if "百分点" in cell.number_format else 0
                    width = sheet.column_dimensions[cell.column_letter].width
                    assert len(f"{cell.value:.{places}f}") * 0.93 + extra < width, (sheet.title, cell.coordinate)


def test_indicators_down_puts_indented_names_left_and_units_across(book, catalogue, tmp_path):
    sheet = written(tmp_path, book, catalogue, down="indicators")["防贫监测"]
    row = row_of(sheet, "B02")
    assert [sheet.cell(row, column).value for column in (1, 2, 3)] == ["B02", "其中：新纳入监测户数", "户"]
    assert sheet.cell(row + 1, 2).value == "风险消除户数"
    assert sheet.cell(row + 1, 2).alignment.indent > sheet.cell(row, 2).alignment.indent > 0
    head = row_of(sheet, "代码")
    assert [sheet.cell(head, 4 + number).value for number in range(15)] == NAMES
    place = book.villages[2]
    assert sheet.cell(row, 6).value == float(book.figures[place.code, "B02"].printed)
    assert sheet.freeze_panes == f"D{head + 1}" and sheet.print_title_cols == "$A:$C"


def test_a_missing_unit_is_grey_and_named_and_makes_the_figures_provisional(catalogue, tmp_path):
    workbook = written(tmp_path, make_book(catalogue, missing=("三湾村", "司法所")), catalogue)
    sheet = workbook["防贫监测"]
    cell = sheet.cell(row_of(sheet, "三湾村"), under(sheet, "B01"))
    assert cell.value is None and cell.fill.fgColor.rgb.endswith("D9D9D9")
    assert any("暂定数" in text and "三湾村、司法所" in text for text in texts(sheet))
    assert any("暂定数：缺 2 个单位的数（三湾村、司法所）" in text for text in texts(workbook["目录"]))
    township = workbook["全镇合计"]
    assert township.cell(row_of(township, "B01"), 8).value == "14/15"
    arrivals = workbook["收报情况"]
    assert arrivals.cell(row_of(arrivals, "三湾村", 2), 4).value == "未报"


def test_a_unit_whose_newest_file_was_returned_keeps_its_accepted_figures(book, catalogue, tmp_path):
    arrivals = [replace(book.arrivals[0], state="returned", must=3, revision=2), *book.arrivals[1:]]
    workbook = written(tmp_path, replace(book, arrivals=arrivals), catalogue)
    assert workbook["收报情况"].cell(4, 4).value == "已退回（此前报的仍采用）"
    assert any("全部收齐" in text for text in texts(workbook["目录"]))


def test_township_sheet_compares_provisional_totals_with_the_same_units_and_says_so(catalogue, tmp_path):
    book = make_book(catalogue, missing=("三湾村",))
    now, last = dict(book.figures), dict(book.last)
    now[TOWNSHIP.code, "J04"] = Figure(
        Decimal(110), Decimal(110), units_counted=14, units_expected=15, provisional=True
    )
    last[TOWNSHIP.code, "J04"] = Figure(Decimal(900), Decimal(900))
    same = {(TOWNSHIP.code, "J04"): Figure(Decimal(100), Decimal(100), units_counted=14, units_expected=14)}
    sheet = written(tmp_path, replace(book, figures=now, last=last, like=same), catalogue)["全镇合计"]
    row = row_of(sheet, "J04")
    assert [sheet.cell(row, column).value for column in range(4, 9)] == [110, 100, 10, 10, "14/15"]
    assert any("同口径" in text and "“已报/应报”" in text for text in texts(sheet))


def test_township_sheet_compares_with_last_year(book, catalogue, tmp_path):
    now, last = dict(book.figures), dict(book.last)
    now[TOWNSHIP.code, "J04"] = Figure(Decimal("100040.5"), Decimal("100040.5"))
    last[TOWNSHIP.code, "J04"] = Figure(Decimal(100000), Decimal("100000.0"))
    now[TOWNSHIP.code, "A15"] = Figure(Decimal("55.5"), Decimal("55.50"))
    last[TOWNSHIP.code, "A15"] = Figure(Decimal("50.25"), Decimal("50.25"))
    last[TOWNSHIP.code, "J05"] = Figure(ZERO, ZERO)
    sheet = written(tmp_path, replace(book, figures=now, last=last), catalogue)["全镇合计"]
    land, share, none = (row_of(sheet, code) for code in ("J04", "A15", "J05"))
    assert [sheet.cell(land, column).value for column in (4, 5, 6, 7)] == [100040.5, 100000, 40.5, 0]
    assert sheet.cell(share, 6).value == 5.25 and "百分点" in sheet.cell(share, 6).number_format
    assert sheet.cell(share, 7).value is None
    assert sheet.cell(none, 7).value is None and sheet.cell(none, 6).value is not None


def test_township_sheet_lists_every_indicator_once(workbook, catalogue):
    codes = [cell.value for [cell] in workbook["全镇合计"].iter_rows(max_col=1) if cell.value in catalogue.indicators]
    assert sorted(codes) == sorted(catalogue.indicators)


def test_check_sheet_proves_every_total_and_logs_what_was_moved(workbook, book):
    sheet = workbook["校验"]
    head = row_of(sheet, "代码")
    proved = {row[0]: row for row in sheet.iter_rows(min_row=head + 1, values_only=True) if row[6] == "相符"}
    assert {"J01", "D03", "A25", "D07"} <= set(proved)
    total, parts_sum, difference = proved["D03"][3:6]
    assert total == pytest.approx(parts_sum) and difference == 0
    assert f"舍位平衡记录（{len(book.adjustments)} 处）" in texts(sheet)
    moved = book.adjustments[0]
    logged = [row for row in sheet.iter_rows(values_only=True) if row[0] == moved.indicator and row[6] == moved.name]
    assert [float(moved.exact), float(moved.plain), float(moved.printed)] == pytest.approx(list(logged[0][3:6]))


def test_check_sheet_tells_a_rounding_difference_from_a_wrong_total(book, catalogue, tmp_path):
    figures = dict(book.figures)
    for code, error in (("D03", "0.002"), ("B01", "40")):
        total = figures[TOWNSHIP.code, code]
        figures[TOWNSHIP.code, code] = structs.replace(total, printed=total.printed + Decimal(error))
    verdicts = {}
    for rounding in ("none", "allocate"):
        sheet = written(tmp_path, replace(book, figures=figures), catalogue, rounding=rounding)["校验"]
        verdicts[rounding] = {row[0]: row[6] for row in sheet.iter_rows(min_row=4, max_row=140, values_only=True)}
    assert (verdicts["none"]["D03"], verdicts["none"]["B01"]) == ("四舍五入差", "不符")
    assert (verdicts["allocate"]["D03"], verdicts["allocate"]["B01"]) == ("不符", "不符")


def test_dictionary_is_printed_where_the_township_wants_it(book, catalogue, tmp_path):
    workbook = written(tmp_path, book, catalogue, dictionary=True)
    assert all(sheet.sheet_state == "visible" for sheet in workbook)


def test_first_year_has_no_empty_columns_of_last_year(book, catalogue, tmp_path):
    sheet = written(tmp_path, replace(book, last={}), catalogue)["全镇合计"]
    assert [cell.value for cell in sheet[row_of(sheet, "代码")] if cell.value] == [
        "代码",
        "指标名称",
        "计量单位",
        "本年",
    ]
    assert not any("增减" in text for text in texts(sheet))


def test_small_lists_share_a_sheet_and_a_long_one_has_its_own(book, catalogue, tmp_path):
    [first, *_] = catalogue.lists.values()
    rows = [row for row in book.rows if row.list != first.code and row.row_no == 1][:SMALL] + [
        ListRow(first.code, book.villages[0].code, NAMES[0], number, {}) for number in range(1, SMALL + 2)
    ]
    workbook = written(tmp_path, replace(book, rows=rows), catalogue)
    assert workbook[first.name].print_title_rows
    others = [one.name for one in catalogue.lists.values() if one is not first]
    assert not set(others) & set(workbook.sheetnames)
    named = [row[0] for row in workbook["明细表"].iter_rows(max_col=1, values_only=True)]
    assert [row for row in named if str(row)[0].isdigit() and "." in str(row)] == [
        f"{number}. {name}" for number, name in enumerate(others, start=1)
    ]


def test_list_sheet_shows_every_row_and_adds_what_can_be_added(workbook, book):
    sheet = next(sheet for sheet in workbook if "每座补助" in texts(sheet) and sheet.title != "指标解释")
    rows = [row for row in book.rows if row.list == "L3"]
    values = [row.cells["L305"] for row in rows]
    head, column = place_of(sheet, "签约额")
    rate = next(cell.column for cell in sheet[head] if cell.value == "每座补助")
    shown = [sheet.cell(head + 2 + number, column).value for number in range(len(rows))]
    assert shown == [None if value is None else float(value) for value in values]
    total = next(row for row in range(head, head + 99) if sheet.cell(row, 1).value == "合计")
    assert sheet.cell(total, column).value == pytest.approx(float(sum(value for value in values if value is not None)))
    assert sheet.cell(total, rate).value is None, "a rate per greenhouse has no sum"


def test_dictionary_explains_every_indicator(workbook, catalogue):
    rows = {row[0]: row for row in workbook["指标解释"].iter_rows(values_only=True)}
    for item in catalogue.indicators.values():
        assert rows[item.code][1] == item.name and rows[item.code][4] == item.definition and rows[item.code][6]
    assert "B04≥B01" in rows["B04"][8] and "（核实）" in rows["B04"][8]
    assert rows["L305"][1] == "签约额"


def test_targets_show_how_far_they_were_reached(workbook, book):
    rows = {row[1]: row for row in workbook["目标完成"].iter_rows(values_only=True)}
    done = float(book.figures[TOWNSHIP.code, "F12"].printed)
    assert rows["避险搬迁任务"][3:] == (40, done, pytest.approx(done / 40 * 100, abs=0.05))
    assert rows["引进种薯企业"][3:] == (1, None, None)


def test_marks_are_printed_only_when_set(book, catalogue, tmp_path, workbook):
    assert not any("制定机关" in text for text in texts(workbook["生态环境"]))
    marks = Marks(table_number="示综{n}表", authority="示例镇人民政府")
    path = tmp_path / "汇总表.xlsx"
    write_summary(path, book, catalogue, msgspec.structs.replace(settings(), marks=marks))
    found = texts(openpyxl.load_workbook(path)["基本情况"])
    assert "表　　号：示综2表" in found and "制定机关：示例镇人民政府" in found
    assert not any(text.startswith("有效期至") for text in found)


def test_signatures_stand_at_the_foot(book, catalogue, tmp_path):
    workbook = written(tmp_path, book, catalogue, signatures=("镇长", "统计员"))
    for name in ("目录", "全镇合计", "生态环境", "村集体经济项目"):
        assert texts(workbook[name])[-1].split() == ["镇长：", "统计员："], name
