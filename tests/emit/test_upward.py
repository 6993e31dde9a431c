"""The county's own form goes up filled with the township's figures, and nothing else of it is touched."""

import csv
import dataclasses
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from msgspec.structs import replace

from flows.emit.forms.others import sent_on, write_adopted
from flows.emit.upward.upward import filled_in, write_upward
from flows.emit.workbook.patched import NotPatchable
from flows.store.figures import Book, Figure, ListRow, Place
from schemas.catalogue import catalogue_of
from tests.adopted_forms import VILLAGES, Blank, township
from tests.inbox.test_wide import WIDE
from tests.reading.test_filled import VERTICAL
from tests.text_tables import saved

TOWN = Place("660505505", "云岭镇", "township")
UNITS = [Place(f"6605055052{n:02d}", name, "village", "村") for n, name in enumerate(VILLAGES, 1)]


def book(figures: dict[tuple[str, str], str], units=UNITS) -> Book:
    """A book with these figures; what is no number is a text."""
    made = {
        key: Figure(None, None, value) if value[:1] not in "0123456789-" else Figure(Decimal(value), Decimal(value))
        for key, value in figures.items()
    }
    return Book(2023, TOWN, units, [], made, {})


@pytest.fixture(scope="module")
def vertical(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vertical")
    township(folder, VERTICAL, VILLAGES[:2])
    yield catalogue_of(folder / "inputs")
    catalogue_of(folder / "nowhere")


def opened(data: bytes):
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


def test_totals_stand_in_the_forms_own_cells_and_every_other_part_is_as_it_was(vertical) -> None:
    blank = VERTICAL.book()
    sheet = blank.worksheets[0]
    sheet["E12"] = "=E13+E14"
    sheet["E5"].number_format, sheet.column_dimensions["B"].width = "#,##0", 31
    data = saved(blank)

    filled, cells = filled_in(
        data, VERTICAL.form(), book({(TOWN.code, "P01"): "6120", (TOWN.code, "L01"): "32110.50"}), vertical
    )

    up = opened(filled)
    assert (up["E5"].value, up["E5"].number_format, up["E9"].value) == (6120, "#,##0", 32110.5)
    assert up["E12"].value == "=E13+E14", "what the form works out itself stays its formula"
    assert up["A2"].value == "填报单位：云岭镇" and up.column_dimensions["B"].width == 31
    assert {(cell.code, cell.place) for cell in cells} == {("P01", (5, 5)), ("L01", (9, 5))}
    before, after = (zipfile.ZipFile(io.BytesIO(one)) for one in (data, filled))
    changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}


def test_remembered_results_of_formulas_are_dropped_and_worked_out_anew(vertical) -> None:
    data = _with_result(VERTICAL, "E12", "E13+E14", "55")

    filled, _ = filled_in(data, VERTICAL.form(), book({(TOWN.code, "M02"): "4"}), vertical)

    with zipfile.ZipFile(io.BytesIO(filled)) as package:
        sheet, workbook = package.read("xl/worksheets/sheet1.xml"), package.read("xl/workbook.xml")
    assert b">55<" not in sheet and b"<f>E13+E14</f>" in sheet and b'fullCalcOnLoad="1"' in workbook


def _with_result(blank: Blank, cell: str, formula: str, result: str) -> bytes:
    """The blank as a spreadsheet program saves it, with what a formula gave the last time."""
    made = blank.book()
    made.worksheets[0][cell] = f"={formula}"
    source = zipfile.ZipFile(io.BytesIO(saved(made)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                before = part
                part = part.replace(f"<f>{formula}</f><v></v>".encode(), f"<f>{formula}</f><v>{result}</v>".encode())
                part = part.replace(f"<f>{formula}</f><v/>".encode(), f"<f>{formula}</f><v>{result}</v>".encode())
                assert part != before
            out.writestr(name, part)
    return buffer.getvalue()


def test_nothing_that_a_village_typed_becomes_a_formula(vertical) -> None:
    filled, _ = filled_in(
        VERTICAL.data(), VERTICAL.form(), book({(TOWN.code, "T01"): '=HYPERLINK("http://x","y")'}), vertical
    )

    cell = opened(filled)["E17"]
    assert (cell.data_type, cell.value) == ("s", '=HYPERLINK("http://x","y")')


@pytest.mark.parametrize("with_total", [False, True])
def test_wide_form_has_a_row_per_village_and_the_total_and_grows_where_rows_are_short(vertical, with_total) -> None:
    text = (
        WIDE.text.replace("    | 填表", "    | 合计 | | =SUM(C6:C6) | | | | |\n    | 填表") if with_total else WIDE.text
    )
    blank = Blank(text, "wide", WIDE.heads, units=WIDE.units)
    figures = {(unit.code, "W01"): str(100 + n) for n, unit in enumerate(UNITS, 1)} | {(TOWN.code, "W01"): "1620"}
    figures |= {(TOWN.code, "W02"): "31"}

    up = opened(filled_in(blank.data(), blank.form(), book(figures), vertical)[0])

    assert [up.cell(row, 2).value for row in range(6, 21)] == list(VILLAGES)
    assert [up.cell(row, 3).value for row in range(6, 21)] == list(range(101, 116))
    assert [up.cell(row, 1).value for row in range(6, 21)] == list(range(1, 16))
    assert (up["C21"].value, up["D21"].value) == ("=SUM(C6:C20)" if with_total else 1620, 31)
    assert up["A22"].value == "填表说明：一村一行，不要留空行。"


def test_total_printed_above_the_rows_stays_there_and_is_not_said_again(vertical) -> None:
    text = WIDE.text.replace("    | 1 | | {W01}", "    | 合计 | | =SUM(C7:C7) | | | | |\n    | 1 | | {W01}")
    blank = Blank(text, "wide", WIDE.heads, units=WIDE.units)
    figures = {(unit.code, "W01"): str(100 + n) for n, unit in enumerate(UNITS, 1)} | {(TOWN.code, "W02"): "31"}

    up = opened(filled_in(blank.data(), blank.form(), book(figures), vertical)[0])

    assert [up.cell(row, 2).value for row in range(7, 22)] == list(VILLAGES)
    assert (up["C6"].value, up["D6"].value) == ("=SUM(C7:C21)", 31)
    assert up["A22"].value == "填表说明：一村一行，不要留空行。"


def test_list_has_the_entries_of_all_units_numbered_and_grows_above_its_total(vertical) -> None:
    blank = Blank(
        """
        == 台账
        | 公厕台账 | | | |
        | 序号 | 村名 | 名称 | 面积 |
        | 1 | | {T1} | {T2} |
        | 2 | | | |
        | 合计 | | | =SUM(D3:D4) |
        | 说明：一处一行。 | | | |
        """,
        "list",
        heads=(2, 2),
        units={2: "unit_name"},
        list_code="TL",
    )
    form = blank.form()
    [sheet] = form.sheets
    block = replace(sheet.blocks[0], last_row=4)
    form = replace(form, sheets=(replace(sheet, blocks=(block,)),))
    entries = [("东风村", "一号", "12.50"), ("东风村", "=1+1", "8"), ("南桥村", "三号", "20")]
    rows = [
        ListRow("TL", "660505505201", unit, n, {"T1": name, "T2": Decimal(area)})
        for n, (unit, name, area) in enumerate(entries, 1)
    ]
    full = Book(2023, TOWN, UNITS, [], {}, {}, rows=rows)

    filled, cells = filled_in(blank.data(), form, full, vertical)

    up = opened(filled)
    said = [[up.cell(row, column).value for column in range(1, 5)] for row in (3, 4, 5)]
    assert said == [[n, unit, name, float(area)] for n, (unit, name, area) in enumerate(entries, 1)]
    assert (up["C4"].data_type, up["D6"].value, up["A7"].value) == ("s", "=SUM(D3:D5)", "说明：一处一行。")
    assert [(cell.unit, cell.code) for cell in cells[:2]] == [("东风村", "T1"), ("东风村", "T2")]


def test_block_under_one_that_grows_is_filled_where_it_is_then(vertical) -> None:
    blank = Blank(
        """
        == 汇总
        | 村情和台账 | | |
        | 村名 | 户数 | |
        | | {W01} | |
        | 台账 | | |
        | 村名 | 名称 | 面积 |
        | | {T1} | {T2} |
        | 共（处） | {W02} | |
        """,
        "wide", heads=(2, 2), units={1: "unit_name"},
    )  # fmt: skip
    form = blank.form()
    [sheet] = form.sheets
    [block] = sheet.blocks
    upper, lower, last = (
        replace(block, orientation=how, list_code="TL" if how == "list" else "", head_rows=heads, first_row=row,
                last_row=row, answers=tuple(each for each in block.answers if each.place[0] == row))
        for how, heads, row in (("wide", (2, 2), 3), ("list", (5, 5), 6), ("vertical", (5, 5), 7))
    )  # fmt: skip
    form = replace(form, sheets=(replace(sheet, blocks=(upper, lower, last)),))
    rows = [ListRow("TL", UNITS[n].code, UNITS[n].name, 1, {"T1": f"{n}号", "T2": Decimal(n)}) for n in (1, 2)]
    full = Book(
        2023, TOWN, UNITS[:3], [], book({(TOWN.code, "W01"): "9", (TOWN.code, "W02"): "2"}).figures, {}, rows=rows
    )

    filled, cells = filled_in(blank.data(), form, full, vertical)

    up = opened(filled)
    said = [[cell.value for cell in row] for row in up.iter_rows(min_row=3)]
    assert said == [
        [UNITS[0].name, None, None], [UNITS[1].name, None, None], [UNITS[2].name, None, None], ["合计", 9, None],
        ["台账", None, None], ["村名", "名称", "面积"],
        [UNITS[1].name, "1号", 1], [UNITS[2].name, "2号", 2], ["共（处）", 2, None],
    ]  # fmt: skip
    assert {cell.code: cell.place for cell in cells} == {"W01": (6, 2), "T1": (10, 2), "T2": (10, 3), "W02": (11, 2)}


def test_blanks_of_a_sentence_hold_the_figures_that_there_are_and_the_others_stay_blank(vertical) -> None:
    blank = Blank("== 表\n| 情况 |\n| {T1} |\n", "sentence", heads=(1, 1))
    form = blank.form()
    [sheet] = form.sheets
    [block] = sheet.blocks
    [one] = block.answers
    holds = "全镇____户＿＿＿人，耕地 __ __ 亩，其他____。"
    answers = tuple(
        replace(one, code=code, slot=slot, holds=holds) for slot, code in enumerate(("P01", "P02", "L01"), 1)
    )
    form = replace(form, sheets=(replace(sheet, blocks=(replace(block, answers=answers),)),))
    town = book({(TOWN.code, "P01"): "6120.00", (TOWN.code, "L01"): "32110.50"})

    filled, cells = filled_in(blank.data(), form, town, vertical)

    assert opened(filled)["A2"].value == "全镇6120户____人，耕地 32110.5 亩，其他____。"
    assert [(cell.code, cell.place, str(cell.value)) for cell in cells] == [
        ("P01", (2, 1), "6120"), ("L01", (2, 1), "32110.5"),
    ]  # fmt: skip


def test_form_that_cannot_be_filled_and_one_that_lacks_units_are_told(vertical, tmp_path, monkeypatch) -> None:
    some = book({(TOWN.code, "P01"): "6120"})
    figures = {(TOWN.code, "P01"): Figure(Decimal(1), Decimal(1), units_counted=1, units_expected=3, provisional=True)}
    _, [told] = write_upward(tmp_path, dataclasses.replace(some, figures=figures), vertical)
    assert told.endswith("：还有 2 个单位没有收齐，填的是暂定数")
    monkeypatch.setattr("flows.emit.upward.upward.converted", lambda *_: b"PK but no package")
    monkeypatch.setattr("flows.emit.upward.upward.ZIP", b"none begins so")
    written, [told] = write_upward(tmp_path, some, vertical)
    assert written == [] and "不是常见写法的 .xlsx，没有生成上报表" in told


def test_form_of_an_old_format_goes_up_through_an_office_program_or_it_is_said(
    vertical, tmp_path: Path, monkeypatch
) -> None:
    asked: list[str] = []

    def made(data: bytes, suffix: str, to: str) -> bytes | None:
        asked.append(suffix)
        return VERTICAL.data() if len(asked) == 1 else None

    monkeypatch.setattr("flows.emit.upward.upward.converted", made)
    monkeypatch.setattr("flows.emit.upward.upward.kept_file", lambda *_: old)
    old = tmp_path / "表.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0")

    assert len(write_upward(tmp_path, book({}), vertical)[0]) == 2
    written, [told] = write_upward(tmp_path, book({}), vertical)
    assert (written, asked) == ([], [".xls", ".xls"]) and "要装 LibreOffice" in told


def test_files_go_beside_the_summary_with_where_each_figure_comes_from(vertical, tmp_path: Path) -> None:
    written, notes = write_upward(tmp_path, book({(TOWN.code, "P01"): "6120"}), vertical)

    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "上报/某县 2023年农村基本情况调查表.xlsx", "上报/出处.csv",
    ]  # fmt: skip
    rows = list(csv.reader(written[1].read_text(encoding="utf-8-sig").splitlines()))
    assert rows[1][1:5] == ["基本情况", "E5", "云岭镇", "P01"] and rows[1][6] == "6120"
    assert notes == []


def test_form_that_is_no_xlsx_is_said_and_stops_nothing(vertical, tmp_path: Path) -> None:
    with pytest.raises((NotPatchable, ValueError, OSError)):
        filled_in(b"\xd0\xcf\x11\xe0" + bytes(600), VERTICAL.form(), book({}), vertical)


def test_county_form_is_sent_on_with_only_whose_it_is_filled_in(vertical, tmp_path: Path) -> None:
    units = [unit for unit in UNITS[:2]]

    written = write_adopted(tmp_path, units, vertical, 2023)

    names = [path.name for paths in written.values() for path in paths]
    assert names == [f"{unit.code}-{unit.name}.xlsx" for unit in units]
    sheet = openpyxl.load_workbook(tmp_path / names[0]).worksheets[0]
    assert (sheet["A2"].value, sheet["E2"].value, sheet["E5"].value) == ("填报单位：东风村", "2023", None)


def test_form_of_an_old_format_is_sent_on_as_it_came() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)

    assert sent_on(data, VERTICAL.form(), {"unit_name": "东风村"}) == data
