"""Forms: what is locked, asked, hidden and printed; one drawing for many units; names that are safe everywhere."""

import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import msgspec
import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from flows.emit.forms import forms
from flows.emit.forms.drawing import HEADER, Fill, Mark, draw_form
from flows.emit.forms.forms import file_stems, write_forms
from flows.emit.forms.layout import VILLAGE, layout_of
from flows.emit.forms.words import PROMPT_LIMIT, TITLE_LIMIT, prompt_of, prompt_title, relation_words
from flows.emit.workbook.canvas import opened
from flows.emit.workbook.prepared import Prepared, slot
from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.roster import Unit
from tests.libreoffice import saved_as

SETTINGS = {"year": 2023, "township": "示例镇", "deadline": "2024年1月10日18时"}
IDENTITY = {"unit_code": "990101101201", "unit_name": "南川村", "year": "2023", "kind": "village"}


VILLAGE_UNIT = Unit("990101101201", "南川村", "村")


@pytest.fixture(scope="module")
def written(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """南川村's form, with last year's figures and one explanation."""
    [path] = write_forms(
        tmp_path_factory.mktemp("forms"),
        [VILLAGE_UNIT],
        catalogue,
        **SETTINGS,
        last_year={VILLAGE_UNIT.code: {"J01": Decimal("352"), "J04": Decimal("6120.50"), "J06": "=张三"}},
        explanations={VILLAGE_UNIT.code: {"J01": "王庄并入 120 户"}},
    )
    return path


@pytest.fixture(scope="module")
def book(written: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(written)


def rows_by_code(sheet) -> dict[str, dict[str, object]]:
    """Cells of each indicator's row by header word, found as the reader finds them: by the header and the code."""
    [header] = [row for row in sheet.iter_rows() if [cell.value for cell in row] == list(HEADER)]
    below = sheet.iter_rows(min_row=header[0].row + 1)
    named = [dict(zip(HEADER, row, strict=True)) for row in below]
    return {row["代码"].value: row for row in named if re.fullmatch(r"[A-Z]\d\d", str(row["代码"].value))}


def validation_of(sheet, cell):
    found = [v for v in sheet.data_validations.dataValidation if cell.coordinate in v.sqref]
    assert len(found) == 1, f"{sheet.title} {cell.coordinate} has {len(found)} validations"
    return found[0]


def drawn(layout, fill: Fill) -> bytes:
    buffer = io.BytesIO()
    with opened(buffer) as workbook:
        draw_form(workbook, layout, fill)
    return buffer.getvalue()


def village_layout(catalogue: Catalogue, **settings):
    return layout_of(catalogue, VILLAGE, **{**SETTINGS, "marks": {}, **settings})


# ---- what a form holds


def test_village_form_has_its_areas_and_lists_and_no_sheet_without_a_question(book, catalogue):
    asked = {item.area for item in catalogue.reported(2023)}
    areas = [name for name in catalogue.areas if name in asked]
    lists = [line_list.name for line_list in catalogue.reported_lists()]
    assert book.sheetnames == ["封面", *areas, *lists, "指标解释", "_cunhui"]


def test_every_reported_indicator_stands_once_on_its_own_areas_sheet(book, catalogue):
    found = [(code, area) for area in catalogue.areas if area in book.sheetnames for code in rows_by_code(book[area])]
    assert found == [(item.code, item.area) for item in catalogue.reported(2023)]


def test_every_office_gets_only_its_own_indicators(catalogue, tmp_path):
    units = [Unit(f"990101101{suffix}", office.name, "站所") for suffix, office in catalogue.offices.items()]
    for unit, path in zip(units, write_forms(tmp_path, units, catalogue, **SETTINGS), strict=True):
        sheets = openpyxl.load_workbook(path)
        codes = {code for area in catalogue.areas if area in sheets.sheetnames for code in rows_by_code(sheets[area])}
        assert codes == {item.code for item in catalogue.reported(2023, unit.code[-3:])}
        assert {x.name for x in catalogue.reported_lists(unit.code[-3:])} <= set(sheets.sheetnames)


def test_office_unknown_to_the_catalogue_is_refused_in_one_line(catalogue, tmp_path):
    with pytest.raises(InputError, match="职责 999"):
        write_forms(tmp_path, [Unit("990101101999", "某站", "站所")], catalogue, **SETTINGS)


def test_parts_of_an_item_are_indented_and_led_by_其中(book):
    rows = rows_by_code(book["防贫监测"])
    names = [rows[code]["指标名称"] for code in ("B01", "B02", "B03")]
    assert [cell.value for cell in names] == ["累计纳入监测户数", "其中：新纳入监测户数", "　　　风险消除户数"]
    assert [cell.alignment.indent for cell in names] == [0, 1, 1]


def test_list_sheet_has_codes_over_names_and_the_declared_number_of_rows(book, catalogue):
    for line_list in catalogue.reported_lists():
        rows = [[cell.value for cell in row] for row in book[line_list.name].iter_rows()]
        [names] = [i for i, row in enumerate(rows) if row[0] == "序号"]
        columns = line_list.columns
        assert rows[names] == ["序号", *(column.name for column in columns), "说明"]
        assert rows[names - 1][1:-1] == [column.code for column in columns]
        assert [row[0] for row in rows[names + 1 : names + 1 + line_list.rows]] == [*range(1, line_list.rows + 1)]


def test_every_relation_of_the_form_is_printed_once_with_its_words(catalogue):
    layout = village_layout(catalogue)
    asked = {item.code for item in layout.indicators}
    printed = [relation for page in layout.areas for relation in page.relations]
    assert len(printed) == len({relation.id for relation in printed})
    assert {r.id for r in printed} >= {r.id for r in catalogue.relations.values() if set(r.codes) <= asked}
    for page in layout.areas:
        text = "".join(relation_words(page))
        for relation in page.relations:
            other_way = f"{relation.right}有数则须有{relation.left}"
            assert relation.printed in text or (relation.relation == "requires" and other_way in text)


def test_the_four_marks_are_printed_as_set_and_left_blank_otherwise(catalogue, book):
    def marks(sheet) -> list[object]:
        return [sheet.cell(row, 7).value for row in range(2, 6)]

    assert marks(book["基本情况"]) == [None] * 4
    layout = village_layout(catalogue, marks={"表号": "示镇{n}表", "制定机关": "示例县统计局"})
    registered = openpyxl.load_workbook(io.BytesIO(drawn(layout, Fill("南川村", "990101101201"))))
    assert marks(registered["党的建设"]) == ["示镇2表", "示例县统计局", None, None]


# ---- filling in


def test_only_input_cells_are_unlocked(book, catalogue):
    for sheet in book.worksheets:
        assert sheet.protection.sheet and not sheet.protection.password
        open_columns = {c.column for row in sheet.iter_rows() for c in row if not c.protection.locked}
        if sheet.title in catalogue.areas:
            assert open_columns == {5, 7}
            assert not sheet.protection.formatColumns and not sheet.protection.formatRows
        elif sheet.title in ("指标解释", "_cunhui"):
            assert not open_columns
    cover = {row[0].value: row[1].protection.locked for row in book["封面"].iter_rows() if row[0].value}
    assert [cover[label] for label in ("填表人", "审核人", "联系电话", "填表日期")] == [False] * 4
    assert [cover[label] for label in ("填报单位", "单位代码", "年度")] == [True] * 3


def test_every_indicator_cell_prompts_and_refuses_what_it_cannot_take(book, catalogue):
    for item in catalogue.reported(2023):
        cell = rows_by_code(book[item.area])[item.code]["本年数"]
        rule = validation_of(book[item.area], cell)
        assert rule.promptTitle.startswith(item.code) and rule.prompt
        if item.is_text:
            assert rule.type is None
            continue
        assert (rule.type, rule.errorStyle or "stop") == ("decimal" if item.decimals else "whole", "stop")
        assert item.name in rule.error
        assert Decimal(rule.formula1) == (item.minimum if item.minimum is not None else Decimal(-(10**12)))


def test_choice_columns_offer_their_choices(book, catalogue):
    for line_list in catalogue.reported_lists():
        rules = [v for v in book[line_list.name].data_validations.dataValidation if v.type == "list"]
        offered = [rule.formula1.strip('"').split(",") for rule in rules]
        assert offered == [list(column.choices) for column in line_list.columns if column.type == "choice"]


@pytest.fixture(scope="module")
def wide_choices() -> Catalogue:
    """The catalogue with choices that a dropdown cannot hold: a comma, a quote, more than 255 characters in all."""
    changed = Catalogue()
    hard = iter((("甲,乙", '丙"丁"', "戊"), tuple(f"第{number}类很长很长的选项" for number in range(40))))
    for code, line_list in changed.lists.items():
        columns = [
            msgspec.structs.replace(column, choices=next(hard, column.choices)) if column.type == "choice" else column
            for column in line_list.columns
        ]
        changed.lists[code] = msgspec.structs.replace(line_list, columns=tuple(columns))
    return changed


@pytest.mark.parametrize("saved_by_another", [False, True])
def test_choices_that_a_dropdown_cannot_hold_are_a_range_that_spreadsheets_see(
    wide_choices, tmp_path, saved_by_another
):
    kinds = [VILLAGE_UNIT, *(Unit(f"990101101{code}", code, "站所") for code in {"904", "909"})]
    paths = write_forms(tmp_path, kinds, wide_choices, **SETTINGS)
    if saved_by_another:
        paths = saved_as("xlsx", tmp_path / "saved", paths)
    offered = []
    for book in map(openpyxl.load_workbook, paths):
        for line_list in wide_choices.lists.values():
            if line_list.name in book.sheetnames:
                sheet = book[line_list.name]
                offered += [
                    _offered(book, one.formula1) for one in sheet.data_validations.dataValidation if one.type == "list"
                ]
        assert book["_cunhui"].sheet_state != "visible"
    wanted = [
        column.choices for one in wide_choices.lists.values() for column in one.columns if column.type == "choice"
    ]
    assert sorted(offered) == sorted(wanted)
    assert any('丙"丁"' in choices for choices in offered)


def _offered(book, formula: str) -> tuple[str, ...]:
    """A dropdown's choices: its own, or those of the range that it names."""
    if formula.startswith('"'):
        return tuple(formula.strip('"').split(","))
    sheet, _, cells = formula.replace("$", "").rpartition("!")
    return tuple(row[0].value for row in book[sheet.strip("'")][cells])


def test_prompts_stay_within_excels_limits_even_with_a_long_explanation(catalogue):
    columns = [column for line_list in catalogue.lists.values() for column in line_list.columns]
    for item in (*catalogue.indicators.values(), *columns):
        assert len(prompt_title(item)) <= TITLE_LIMIT
        prompt = prompt_of(item, "搬迁𠀀" * 200)
        assert len(prompt.encode("utf-16-le")) // 2 <= PROMPT_LIMIT
        assert "上年说明：搬迁" in prompt and prompt.startswith(item.definition[:20])


def test_last_years_figures_are_numbers_and_its_explanation_is_in_the_prompt(book):
    sheet = book["基本情况"]
    rows = rows_by_code(sheet)
    assert (rows["J01"]["上年数"].value, rows["J01"]["上年数"].data_type) == (352, "n")
    assert rows["J04"]["上年数"].value == 6120.5
    assert rows["J02"]["上年数"].value is None
    assert rows["J01"]["上年数"].font.color.rgb == "FF7F7F7F"
    assert "上年说明：王庄并入 120 户" in validation_of(sheet, rows["J01"]["本年数"]).prompt
    assert "上年说明" not in validation_of(sheet, rows["J02"]["本年数"]).prompt


def test_page_setup_prints_on_a4_one_page_wide_with_the_header_repeated(book, catalogue):
    for area in (name for name in catalogue.areas if name in book.sheetnames):
        sheet = book[area]
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation or "portrait") == (9, "portrait")
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
        assert sheet.print_title_rows and sheet.freeze_panes
        assert "&P" in sheet.oddFooter.center.text


# ---- who it belongs to


def test_identity_is_hidden_in_a_sheet_and_in_the_document_properties(book, catalogue):
    expected = {**IDENTITY, "form_version": catalogue.version}
    assert book["_cunhui"].sheet_state == "veryHidden"
    said = [(row[0].value, row[1].value) for row in book["_cunhui"].iter_rows()]
    assert dict(said[: len(expected)]) == expected
    assert said[len(expected) :] == stamps(catalogue)
    assert {p.name: p.value for p in book.custom_doc_props.props} == {f"cunhui_{k}": v for k, v in expected.items()}


def stamps(catalogue) -> list[tuple[str, str]]:
    """What each sheet was made with."""
    asked = catalogue.reported(int(IDENTITY["year"]), None)
    areas = [[item.code for item in asked if item.area == area] for area in catalogue.areas]
    lists = [[one.code, *(column.code for column in one.columns)] for one in catalogue.reported_lists(None)]
    return [("codes", "".join(f"{code};" for code in codes)) for codes in (*areas, *lists) if codes]


@pytest.mark.parametrize("suffix", ["xlsx", "ods", "xls"])
def test_identity_survives_saving_by_another_program(written, tmp_path, suffix, catalogue):
    [saved] = saved_as(suffix, tmp_path, [written])
    rows = CalamineWorkbook.from_path(saved).get_sheet_by_name("_cunhui").to_python(skip_empty_area=False)
    said = [(row[0], str(row[1])) for row in rows if row[0]]
    assert dict(said) == {**IDENTITY, "form_version": catalogue.version, "codes": stamps(catalogue)[-1][1]}
    assert [one for one in said if one[0] == "codes"] == stamps(catalogue)
    if suffix != "xls":
        properties = {"xlsx": "docProps/custom.xml", "ods": "meta.xml"}[suffix]
        assert "990101101201" in zipfile.ZipFile(saved).read(properties).decode()


# ---- one drawing, many units


def test_six_hundred_forms_share_one_drawing(catalogue, tmp_path, monkeypatch):
    drawings = []
    monkeypatch.setattr(forms, "draw_form", lambda *given: drawings.append(given) or draw_form(*given))
    villages = [Unit(f"990101101{number:03d}", f"第{number}村", "村") for number in range(200, 799)]
    office = Unit("990101101910", "卫生院", "站所")
    paths = write_forms(tmp_path, [*villages, office], catalogue, **SETTINGS)
    assert len(drawings) == 2
    assert len({path.name for path in paths}) == 600
    last = openpyxl.load_workbook(paths[598], read_only=True)
    assert last["封面"]["B4"].value == "第798村"


def test_villages_and_communities_share_one_form(catalogue, tmp_path, monkeypatch):
    drawings = []
    monkeypatch.setattr(forms, "draw_form", lambda *given: drawings.append(given) or draw_form(*given))
    write_forms(tmp_path, [VILLAGE_UNIT, Unit("990101101001", "示例社区", "社区")], catalogue, **SETTINGS)
    assert len(drawings) == 1


def test_same_inputs_give_the_same_bytes_whatever_was_written_before(catalogue, tmp_path):
    other = Unit("990101101202", "紫云村", "村")
    first = write_forms(tmp_path / "1", [VILLAGE_UNIT, other], catalogue, **SETTINGS)
    second = write_forms(tmp_path / "2", [other, VILLAGE_UNIT], catalogue, **SETTINGS)
    assert first[0].read_bytes() == second[1].read_bytes()
    assert first[1].read_bytes() == second[0].read_bytes()


def test_nothing_but_the_forms_is_left_behind_and_no_slot_is_left_unfilled(written):
    assert list(written.parent.iterdir()) == [written]
    with zipfile.ZipFile(written) as archive:
        assert archive.testzip() is None
        assert not [name for name in archive.namelist() if "\ue000" in archive.read(name).decode()]


def test_hostile_unit_name_stays_text_and_its_control_characters_go(catalogue, tmp_path):
    name = "=cmd|'/C calc'!A0&<x>\"\x07"
    [path] = write_forms(tmp_path, [Unit("990101101203", name, "村")], catalogue, **SETTINGS)
    cell = openpyxl.load_workbook(path)["封面"]["B4"]
    assert (cell.data_type, cell.value) == ("s", name[:-1])
    with zipfile.ZipFile(path) as archive:
        assert not [part for part in archive.namelist() if "<f>" in archive.read(part).decode()]


def test_text_beginning_with_an_equals_sign_in_last_years_column_stays_text(book):
    cell = rows_by_code(book["基本情况"])["J06"]["上年数"]
    assert (cell.data_type, cell.value) == ("s", "=张三")


def test_file_names_are_fit_for_windows_and_never_the_same_twice():
    units = [
        Unit("1", 'a/b:c*?"<>|\\', "村"),
        Unit("2", "南川村. ", "村"),
        Unit("3", "村" * 300, "村"),
        Unit("4", "A", "村"),
        Unit("4", "a", "村"),
    ]
    stems = list(file_stems(units))
    assert stems[:2] == ["1-a_b_c_______", "2-南川村"]
    assert len(stems[2].encode()) < 240
    assert stems[3:] == ["4-A", "4-a(2)"]


# ---- the prepared workbook itself


def test_slot_takes_a_number_a_text_a_blank_and_stands_within_other_text():
    buffer = io.BytesIO()
    with opened(buffer) as workbook:
        sheet = workbook.add_worksheet()
        for row, text in enumerate((slot("number"), slot("text"), slot("blank"), f"单位：{slot('text')}<")):
            sheet.write_string(row, 0, text)
        sheet.write_string(4, 0, "不变")
    filled = Prepared(buffer.getvalue()).fill({"number": Decimal("1.50"), "text": " a&b", "blank": None})
    values = [row[0] for row in openpyxl.load_workbook(io.BytesIO(filled)).active.iter_rows(values_only=True)]
    assert values == [1.5, " a&b", None, "单位： a&b<", "不变"]


def test_slot_without_a_value_is_an_error_of_ours():
    buffer = io.BytesIO()
    with opened(buffer) as workbook:
        workbook.add_worksheet().write_string(0, 0, slot("unit"))
    with pytest.raises(KeyError):
        Prepared(buffer.getvalue()).fill({})


# ---- the same drawing, filled and marked


def test_filled_form_shows_what_was_sent_with_marks_and_comments(catalogue):
    fill = Fill(
        "南川村",
        "990101101201",
        values={"J01": "３５2户", "J02": Decimal("12.5"), "J06": "<r>张</r>"},
        notes={"J02": "=并村"},
        marks={"J01": Mark("强制", "不是数字")},
        rows={"L1": [{"L101": "=项目", "说明": "新建"}] * 12},
        row_marks={"L1": {(1, "L103"): Mark("强制", "没有填")}},
    )
    layout = village_layout(catalogue)
    filled = openpyxl.load_workbook(io.BytesIO(drawn(layout, fill)))
    rows = rows_by_code(filled["基本情况"])
    wrong = rows["J01"]["本年数"]
    assert (wrong.value, wrong.fill.fgColor.rgb, wrong.comment.text) == ("３５2户", "FFFF9C9C", "不是数字")
    assert (rows["J02"]["本年数"].number_format, rows["J02"]["说明"].data_type) == ("#,##0.0", "s")
    assert rows["J06"]["本年数"].value.strip() == "<r>张</r>"
    sheet = filled["村集体经济项目"]
    [first] = [row[0].row + 1 for row in sheet.iter_rows() if row[0].value == "序号"]
    assert sheet.cell(first + 11, 2).value == "=项目" and sheet.cell(first + 11, 2).data_type == "s"
    assert sheet.cell(first + 1, 4).comment.text == "没有填"
