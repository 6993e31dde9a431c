"""Codes of the form that could be any number: rows numbered alike on two sheets, equal names, zeros that Excel took."""

import pytest

from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.records import Wanted, WantedForm, WantedIndicator
from tests.text_tables import workbook

PEOPLE, LAND = "人口", "土地"
WANTED = Wanted(
    indicators={
        "P1": WantedIndicator("总人口", PEOPLE, "人", "01"),
        "P2": WantedIndicator("男", PEOPLE, "人", "02", "户籍人口·男", ("户籍人口",)),
        "P3": WantedIndicator("男", PEOPLE, "人", "03", "常住人口·男", ("常住人口",)),
        "L1": WantedIndicator("耕地", LAND, "亩", "1"),
        "L2": WantedIndicator("其中：水田", LAND, "亩", "2"),
        "O1": WantedIndicator("信访件数", "信访", "件", "1"),
    },
    lists={},
    forms={"village": WantedForm(("P1", "P2", "P3", "L1", "L2"), ()), "信访": WantedForm(("O1",), ())},
)
WORDS = Words(WANTED)
FORM = """
== 人口
| 序号 | 指标名称 | 计量单位 | 代码 | 本年数 | 上年数 | 说明 |
| 1 | 总人口 | 人 | "01" | 205 | 200 | |
| 户籍人口 |
| 2 | 男 | 人 | "02" | 105 | 103 | 迁入2人 |
| 常住人口 |
| 3 | 男 | 人 | "03" | 1 | 90 | |
== 土地
| 序号 | 指标名称 | 计量单位 | 代码 | 本年数 | 上年数 | 说明 |
| 1 | 耕地 | 亩 | "1" | 2 | 2 | |
| 2 | 其中：水田 | 亩 | "2" | 1 | 1 | |
"""
ANSWERS = {"P1": "205", "P2": "105", "P3": "1", "L1": "2", "L2": "1"}


def read(table):
    return read_inside(workbook(table), WORDS, "村.xlsx")


def answers(reading):
    return {answer.indicator: answer.raw for answer in reading.answers}


def told(reading):
    return [(finding.code, finding.indicator) for finding in reading.findings]


@pytest.mark.parametrize(
    "edited",
    [
        FORM,
        FORM.replace('"01"', "1").replace('"02"', "2").replace('"03"', "3"),  # Excel made numbers of them
        FORM.replace("== 人口", "== Sheet1").replace("== 土地", "== Sheet2"),
        FORM.replace('"1"', '"０１"').replace("| 序号 |", "| 编号 |"),
    ],
    ids=["as sent", "numbers", "sheets renamed", "typed anew"],
)
def test_rows_numbered_alike_are_told_by_name_and_table(edited):
    reading = read(edited)
    assert reading.kind == "village"
    assert answers(reading) == ANSWERS
    assert told(reading) == []


def test_codes_typed_in_other_columns_are_no_rows():
    reading = read(FORM.replace("| 1 | 耕地", '| "2" | 耕地').replace("| 1 | 1 | |", '| "1" | "2" | "1" |'))
    assert answers(reading) == ANSWERS
    assert told(reading) == []


def test_code_moved_under_another_name_is_found_once():
    reading = read(FORM.replace('| 耕地 | 亩 | "1"', '| 耕地 | 亩 | "2"').replace('水田 | 亩 | "2"', '水田 | 亩 | "1"'))
    assert [finding.code for finding in reading.findings] == ["CODE_NAME_CONFLICT"]
    assert not {"L1", "L2"} & answers(reading).keys()


def test_erased_code_of_an_equal_name_takes_neither():
    reading = read(FORM.replace('| 男 | 人 | "03"', "| 男 | 人 | "))
    assert answers(reading) == {code: raw for code, raw in ANSWERS.items() if code != "P3"}
    assert told(reading) == [("CODE_NAME_CONFLICT", "P3")]


def test_heading_in_the_column_of_names_is_no_row_without_code():
    heading = FORM.replace("| 户籍人口 |", "| _ | 户籍人口 |").replace("| 常住人口 |", "| _ | 总人口 |")
    other = {"P3": WantedIndicator("男", PEOPLE, "人", "03", "总人口·男", ("总人口",))}
    words = Words(Wanted(WANTED.indicators | other, {}, WANTED.forms))
    reading = read_inside(workbook(heading), words, "村.xlsx")
    assert answers(reading) == ANSWERS and told(reading) == []


def test_row_with_a_code_that_only_another_table_has_is_left_out():
    reading = read(FORM + '| 3 | 鱼塘 | 亩 | "3" | 77 | | |\n')
    assert answers(reading) == ANSWERS
    assert "77" not in [answer.raw for answer in reading.answers]


def test_form_of_an_office_is_known_by_its_names():
    head = "| 序号 | 指标名称 | 计量单位 | 代码 | 本年数 | 上年数 | 说明 |"
    office = f'== 信访\n{head}\n| 1 | 信访件数 | 件 | "1" | 8 | 7 | |\n'
    reading = read(office)
    assert (reading.kind, answers(reading)) == ("信访", {"O1": "8"})


PERIODS = Wanted(
    indicators={
        "P1": WantedIndicator("总人口", PEOPLE, "人", "1"),
        "P2": WantedIndicator("男", PEOPLE, "人", "2"),
        "P3": WantedIndicator("总人口（累计）", PEOPLE, "人", "1", "", (), False, "P1", "累 计"),
        "P4": WantedIndicator("总人口（上年）", PEOPLE, "人", "1", "", (), False, "P1", "上年"),
    },
    lists={},
    forms={"village": WantedForm(("P1", "P2", "P3", "P4"), ())},
    without_reasons=(PEOPLE,),
)
SEVERAL = """
== 人口
| 序号 | 指标名称 | 计量单位 | 代码 | 本年数 | 累计 | 上年 | 上年数 |
| 1 | 总人口 | 人 | "1" | 205 | 1000 | 204 | 200 | 见附表 |
| 2 | 男 | 人 | "2" | 105 | — | 77 | 103 |
"""


def read_periods(table):
    return read_inside(workbook(table), Words(PERIODS), "村.xlsx")


def test_further_periods_are_found_by_the_heads_of_their_columns():
    reading = read_periods(SEVERAL)
    assert {a.indicator: (a.raw, a.col) for a in reading.answers} == {
        "P1": ("205", 5), "P2": ("105", 5), "P3": ("1000", 6), "P4": ("204", 7)
    }  # fmt: skip
    assert [(finding.code, finding.raw) for finding in reading.findings] == [("EXTRA_NOTE", "I2“见附表”、G3“77”")]


def test_columns_that_changed_places_are_still_found():
    swapped = SEVERAL.replace("| 累计 | 上年 |", "| 上年 | 累计 |").replace("| 1000 | 204 |", "| 204 | 1000 |")
    assert answers(read_periods(swapped)) == answers(read_periods(SEVERAL))


def test_column_of_a_period_that_is_gone_is_missing_and_taken_for_no_other():
    reading = read_periods(SEVERAL.replace("| 累计 |", "| 备用 |"))
    assert answers(reading) == {"P1": "205", "P2": "105", "P4": "204"}
    assert told(reading)[:2] == [("COLUMN_ADDED", "P1"), ("FORM_OLD", "P3")]
