"""Filled copies of an adopted form are read as they were sent: by what they print, never by where it stands."""

from collections.abc import Callable

import openpyxl
import pytest

from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.records import Reading, Wanted, WantedForm, WantedIndicator
from tests.adopted_forms import Blank
from tests.text_tables import saved

VERTICAL = Blank(
    """
    == 基本情况
    | 某县 2023年农村基本情况调查表 | | | | | |
    | ?unit_name:填报单位： | | | ?year>年份 | | |
    | 分类 | 项目 | 编号 | 单位 | 数量 | 变化原因 |
    | 甲 | 乙 | 丙 | 丁 | 1 | 2 |
    | §人口 | 总户数 | 101 | 户 | {P01} | |
    | | 其中：脱贫户 | 102 | 户 | {P02} | |
    | | 总人口 | 103 | 人 | {P03} | |
    | | 其中：女 | 104 | 人 | {P04} | |
    | §耕地 | 耕地面积 | 201 | 亩 | {L01} | |
    | | 其中：水田 | | 亩 | {L02} | |
    | | 其中：旱地 | | 亩 | {L03} | |
    | §收入 | 集体收入 | 301 | 万元 | {M01} | |
    | | 其中：经营收入 | | 万元 | {M02} | |
    | | 其中：其他 | | 万元 | {M03} | |
    | §支出 | 集体支出 | 401 | 万元 | {O01} | |
    | | 其中：其他 | | 万元 | {O02} | |
    | | 是否通公交 | 501 | — | {T01} | |
    | 说明：本表由各村填写，户数按年末实有数。 | | | | | |
    | ?filler>填表人 | | ?phone>联系电话 | | ?other>驻村干部（签字）： | |
    ~ A5:A8
    ~ A9:A11
    ~ A12:A14
    ~ A15:A17
    """,
    "vertical",
    heads=(3, 4),
    labels={"name": 2, "code": 3, "unit": 4},
    choices={"T01": (("1", "是"), ("2", "否"), ("是", "是"), ("否", "否"))},
    reason=6,
)
FIGURES = {
    "P01": 412, "P02": 18, "P03": 1530, "P04": 761, "L01": 2210.5, "L02": 1600, "L03": 610.5,
    "M01": 86.4, "M02": 60, "M03": 26.4, "O01": 51, "O02": 7.25, "T01": "是",
}  # fmt: skip
Change = Callable[[openpyxl.Workbook], object]


def words_of(*blanks: Blank) -> Words:
    forms = tuple(blank.form(f"{number:064x}") for number, blank in enumerate(blanks))
    fields = ("填表人", "驻村干部")
    codes = [a.code for form in forms for sheet in form.sheets for block in sheet.blocks for a in block.answers]
    indicators = {code: WantedIndicator(code, "人口", "") for code in codes}
    return Words(Wanted(indicators, {}, {"village": WantedForm(tuple(codes), ())}, forms, fields=fields))


def filled(blank: Blank, figures: dict, *changes: Change, unit: str = "东风村") -> bytes:
    """A copy with these figures in its blanks, changed afterwards."""
    book = blank.book()
    sheet = book.worksheets[0]
    for answer in blank.form().sheets[0].blocks[0].answers:
        sheet.cell(*answer.place).value = figures.get(answer.code)
    for cell in blank.form().sheets[0].identity:
        if cell.key == "unit_name":
            sheet.cell(*cell.place).value = f"{cell.label.text}{unit}"
        elif cell.key == "year":
            sheet.cell(*cell.place).value = 2023
    for change in changes:
        change(book)
    return saved(book)


def read(data: bytes, words: Words | None = None) -> Reading:
    return read_inside(data, words or words_of(VERTICAL), "东风村.xlsx", "ab" * 32)


def said(reading: Reading) -> dict[str, str]:
    return {answer.indicator: answer.raw for answer in reading.answers}


def blocking(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings if finding.level != "提示"]


def _as_sent(figures: dict) -> dict[str, str]:
    return {code: str(value) for code, value in figures.items()}


def _move(sheet, row: int, to: int) -> None:
    """Cut a row and put it in before another, as people do."""
    values = [cell.value for cell in sheet[row]]
    merges = [str(each) for each in sheet.merged_cells.ranges]
    for each in merges:
        sheet.unmerge_cells(each)
    sheet.delete_rows(row)
    sheet.insert_rows(to)
    for column, value in enumerate(values, start=1):
        sheet.cell(to, column).value = value


def _put_in(sheet, axis: str, at: int, count: int = 1) -> None:
    """Insert rows or columns as spreadsheet programs do: merged areas move along, or grow around them."""
    merges = list(sheet.merged_cells.ranges)
    for each in merges:
        sheet.unmerge_cells(str(each))
    (sheet.insert_rows if axis == "row" else sheet.insert_cols)(at, count)
    for each in merges:
        low, high = (f"min_{axis}", f"max_{axis}")
        first, last = getattr(each, low), getattr(each, high)
        area = {name: getattr(each, name) for name in ("min_row", "max_row", "min_col", "max_col")}
        area |= {low: first + count * (first >= at), high: last + count * (last >= at)}
        sheet.merge_cells(
            start_row=area["min_row"], end_row=area["max_row"], start_column=area["min_col"], end_column=area["max_col"]
        )


CHANGES: dict[str, Change] = {
    "as it was handed out": lambda book: None,
    "another sheet name": lambda book: setattr(book.worksheets[0], "title", "Sheet1 (2)"),
    "a row put in above": lambda book: _put_in(book.worksheets[0], "row", 1, 3),
    "a column put in at the left": lambda book: _put_in(book.worksheets[0], "col", 1),
    "a column put in before the figures": lambda book: _put_in(book.worksheets[0], "col", 5),
    "other sheets in front": lambda book: book.create_sheet("通知", 0).append(["请各村尽快填报"]),
    "a row moved within its part": lambda book: _move(book.worksheets[0], 6, 8),
    "a coded row moved to another part": lambda book: _move(book.worksheets[0], 5, 13),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_filled_copy_changed_in_shape_gives_every_answer_and_no_wrong_one(change: Change) -> None:
    reading = read(filled(VERTICAL, FIGURES, change))

    assert said(reading) == _as_sent(FIGURES)
    assert blocking(reading) == []
    assert reading.identity["表头"] == ["东风村"] and reading.years["表头"] == ["2023"]


def _set(cell: str, value: object) -> Change:
    def change(book: openpyxl.Workbook) -> None:
        book.worksheets[0][cell].value = value

    return change


def _delete_row(row: int) -> Change:
    return lambda book: _move(book.worksheets[0], row, 40) or book.worksheets[0].delete_rows(40)


DOUBTS = {
    "a name written over": (_set("B6", "其中：监测户"), "CODE_NAME_CONFLICT", {"P02"}),
    "a code written over": (_set("C6", 109), "CODE_NAME_CONFLICT", {"P02"}),
    "a unit of measure changed": (_set("D12", "元"), "WRONG_UNIT", {"M01"}),
    "a row deleted": (_delete_row(7), "INDICATOR_MISSING_ROW", {"P03"}),
    "one of two rows of a name deleted": (_delete_row(16), "PLACE_UNCLEAR", {"M03", "O02"}),
    "the head of figures written over": (_set("E3", "上年数"), "HEAD_MISSING", set(FIGURES)),
    "two figures in one merged cell": (
        lambda book: book.worksheets[0].merge_cells("E7:E8"), "VALUES_MERGED", {"P03"},
    ),
    "a figure put beside its cell": (
        lambda book: (_set("E7", None)(book), _set("G7", 1530)(book)), "VALUE_ASIDE", {"P03"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "code", "asked"), DOUBTS.values(), ids=DOUBTS.keys())
def test_answer_whose_place_is_not_certain_is_asked_and_never_taken(change: Change, code: str, asked: set[str]) -> None:
    reading = read(filled(VERTICAL, FIGURES, change))

    assert code in blocking(reading)
    taken = said(reading)
    assert not asked & taken.keys()
    kept = {key: value for key, value in _as_sent(FIGURES).items() if key not in asked}
    assert {key: taken.get(key) for key in kept} == kept or code == "VALUES_MERGED"


def test_unit_line_of_another_unit_is_asked() -> None:
    blank = Blank(
        VERTICAL.text.replace("| ?year>年份 | | |", "| ?year>年份 | | 单位：万元 |"),
        "vertical",
        (3, 4),
        VERTICAL.labels,
    )
    reading = read(filled(blank, FIGURES, _set("F2", "单位：元")), words_of(blank))

    assert "WRONG_UNIT" in blocking(reading)


def test_choice_written_as_its_number_or_ticked_keeps_what_was_sent_and_says_what_it_means() -> None:
    for written, meant in ((1, "是"), ("否", "否"), ("□是  ☑否", "否"), ("通", "")):
        reading = read(filled(VERTICAL, {**FIGURES, "T01": written}))
        [answer] = [answer for answer in reading.answers if answer.indicator == "T01"]
        assert (answer.raw, answer.meant) == (str(written), meant)


def test_reason_beside_a_figure_is_its_explanation() -> None:
    reading = read(filled(VERTICAL, FIGURES, _set("F6", "两户迁出")))

    [answer] = [answer for answer in reading.answers if answer.indicator == "P02"]
    assert (answer.explanation, answer.sheet, answer.row, answer.col) == ("两户迁出", "基本情况", 6, 5)


def test_what_stands_where_nothing_is_asked_is_said_and_not_taken() -> None:
    reading = read(filled(VERTICAL, FIGURES, _set("H9", "请核实"), _set("B22", 77)))

    [note] = [finding for finding in reading.findings if finding.code == "EXTRA_NOTE"]
    assert note.raw == "H9“请核实”、B22“77”" and said(reading) == _as_sent(FIGURES)


def test_people_on_the_foot_are_those_who_signed() -> None:
    people = (_set("B19", "李四"), _set("D19", "13800000000"), _set("F19", "王五"))

    assert read(filled(VERTICAL, FIGURES, *people)).cover == {
        "填表人": "李四", "联系电话": "13800000000", "驻村干部": "王五",
    }  # fmt: skip


def test_another_edition_is_read_with_its_differences_to_be_confirmed() -> None:
    def older(book: openpyxl.Workbook) -> None:
        for row, text in ((5, "户数"), (7, "人数"), (8, "女"), (18, "说明：由村填写")):
            book.worksheets[0].cell(row, 2 if row < 18 else 1).value = text

    reading = read(filled(VERTICAL, FIGURES, older))

    [edition] = [finding for finding in reading.findings if finding.code == "FORM_EDITION"]
    assert edition.level == "核实" and "没有“总户数”、没有“总人口”" in edition.details["differing"]
    assert "P01" not in said(reading) and said(reading)["P02"] == "18"


def test_another_form_is_refused_as_unknown() -> None:
    other = Blank(
        """
        == 项目
        | 某县 2023年项目情况表 | | |
        | 项目 | 单位 | 数量 |
        | 在建项目 | 个 | {X1} |
        | 完工项目 | 个 | {X2} |
        """,
        "vertical", (2, 2), {"name": 1, "unit": 2},
    )  # fmt: skip
    reading = read(filled(other, {"X1": 3, "X2": 4}))

    assert [finding.code for finding in reading.findings] == ["FILE_OTHER_FORM"] and not reading.answers


def test_copy_is_told_from_another_adopted_form_by_what_it_prints() -> None:
    text = VERTICAL.text.replace("农村基本情况", "社区基本情况").replace("{", "{S").replace("总户数", "居民户数")
    other = Blank(text, "vertical", (3, 4), VERTICAL.labels)
    reading = read(filled(VERTICAL, FIGURES), words_of(other, VERTICAL))

    assert reading.adopted == f"{1:064x}" and said(reading) == _as_sent(FIGURES)


def test_title_that_names_another_year_than_the_blank_says_so() -> None:
    reading = read(filled(VERTICAL, FIGURES, _set("A1", "某县 2022年农村基本情况调查表"), _set("E2", None)))

    assert reading.years["表头"] == ["2022"] and blocking(reading) == []
