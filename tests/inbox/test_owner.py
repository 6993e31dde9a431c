"""Whose a file is and of which year: every place that says so counts, and where two disagree both are named."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from flows.inbox.owner import owner_of
from flows.reading.records import VILLAGE, Answer, Reading
from schemas.roster import Unit

YEAR = 2023
UNITS = [
    Unit("990101101201", "南川村", "村"),
    Unit("990101101207", "大湾村", "村"),
    Unit("990101101208", "三湾村", "村"),
]
TABLE = """
file | what the file says, and its sheets | unit | finding, and what it names
三湾村.xlsx | 隐藏表=三湾村 文件属性=三湾村 封面=三湾村 落款=三湾村村委会（盖章） | 三湾村 |
年报.xlsx | 落款=三湾村村民委员会（盖章） | 三湾村 |
年报.xlsx | 落款=示例镇人民政府（盖章） | | UNIT_UNKNOWN 示例镇人民政府
三湾村.xlsx | 隐藏表=三湾村 封面=三湾村 表头=三湾村 落款=大湾村村委会（盖章） | | UNIT_CONTRADICTION 落款写的是大湾村
三湾村.xlsx | 封面=三湾村 工作表=大湾村 | | UNIT_CONTRADICTION 工作表名写的是大湾村
三湾村.xlsx | 文件属性=大湾村 封面=三湾村 表头=三湾村 | | UNIT_CONTRADICTION 属性写的是大湾村
年报.xlsx | 隐藏表=大湾村 文件属性=大湾村 | | UNIT_UNCLEAR 只有看不见的隐藏表、文件属性
三湾村.xlsx | 封面=三湾村 落款=上河村党支部（盖章） | | UNIT_CONTRADICTION 上河村党支部
年报.xlsx | 工作表=和美乡村 工作表=大湾村 | 大湾村 |
"""
YEARS = """
file                     | 隐藏表 | 封面   | 表头   | finding, and what it names
三湾村.xlsx              | 2023   | 2023   | 2023年 |
三湾村.xlsx              | 2022   | 2022   | 2022   | YEAR_MISMATCH 2022
三湾村.xlsx              | 2022   | 2023   | 2023   | YEAR_CONTRADICTION 隐藏表写的是 2022；封面写的是 2023
三湾村.xlsx              |        | 2023   | 2022   | YEAR_CONTRADICTION 表头写的是 2022
三湾村2022年报.xlsx      | 2023   | 2023   | 2023   | YEAR_OF_FILE 2022
三湾村2024年1月5日.xlsx  | 2023   | 2023   | 2023   |
990101202201-三湾村.xlsx | 2023   | 2023   | 2023   |
三湾村.xlsx              |        |        |        | YEAR_UNCLEAR
"""


def lines(table: str) -> Iterator[list[str]]:
    for line in table.strip().splitlines()[1:]:
        yield [cell.strip() for cell in line.split("|")]


def said(found) -> list[str]:
    return [f"{finding.code} {finding.message('三湾村')}" for finding in found]


def assert_said(found, expected: str) -> None:
    code, _, names = expected.partition(" ")
    assert [finding.code for finding in found] == [code] * bool(code)
    assert all(names in finding.message("三湾村") for finding in found), said(found)


@pytest.mark.parametrize("line", list(lines(TABLE)), ids=lambda line: "-".join(line)[:40])
def test_every_place_counts_and_two_that_disagree_are_both_named(line):
    file, claims, unit, expected = line
    identity: dict[str, list[str]] = {}
    for source, _, claim in (claim.partition("=") for claim in claims.split()):
        identity.setdefault(source, []).append(claim)
    sheets, years = identity.pop("工作表", []), {"封面": [str(YEAR)]}
    owner = owner_of(Reading("0", file, identity=identity, years=years, sheets=sheets), UNITS, YEAR)
    assert (owner.unit.name if owner.unit else "") == unit
    assert_said(owner.findings, expected)


@pytest.mark.parametrize("line", list(lines(YEARS)), ids=lambda line: "-".join(line)[:40])
def test_year_is_that_which_every_place_says(line):
    file, *claims, expected = line
    years = {source: [claim] for source, claim in zip(("隐藏表", "封面", "表头"), claims, strict=True) if claim}
    answers = [Answer("A01", "1", "number", "表", 1, 1)]
    reading = Reading("0", file, identity={"封面": ["三湾村"]}, years=years, answers=answers)
    assert_said(owner_of(reading, UNITS, YEAR).findings, expected)


def reading_of(name: str, kind: str = "") -> Reading:
    answers = [Answer("A01", "1", "number", "表", 1, 1)]
    identity, years = {"封面": [name]}, {"封面": [str(YEAR)]}
    return Reading("0", f"{name}.xlsx", identity=identity, years=years, answers=answers, kind=kind)


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ({"valid_to": date(2022, 12, 31), "merged_into": "990101101208"},
         "UNIT_ENDED 已于 2022-12-31 撤并，本年不再单独填报。请改由三湾村一并填报"),
        ({"valid_to": date(2023, 12, 30), "merged_into": "990101101201、990101101208"},
         "UNIT_ENDED 请改由南川村、三湾村一并填报"),
        ({"valid_to": date(2022, 12, 31)}, "UNIT_ENDED 请改由合并后的单位一并填报"),
        ({"valid_from": date(2024, 1, 1)}, "UNIT_NOT_YET 自 2024-01-01 起才设立，本年不单独填报"),
        ({"valid_from": date(2023, 12, 31), "valid_to": date(2023, 12, 31)}, ""),
    ],
    ids=["merged", "split", "nobody's", "not yet there", "there on the last day"],
)  # fmt: skip
def test_unit_that_is_not_of_the_year_is_told_since_when_and_who_reports_for_it(dates, told):
    owner = owner_of(reading_of("大湾村"), [UNITS[0], replace(UNITS[1], **dates), UNITS[2]], YEAR)
    assert owner.unit and owner.unit.name == "大湾村"
    assert_said(owner.findings, told)


def test_form_that_is_for_others_is_told_by_the_unit_it_came_from():
    office = Unit("990101101901", "示例镇纪检监察办公室", "站所")
    for name, kind, told in [
        ("大湾村", VILLAGE, ""),
        ("大湾村", "901", "WRONG_FORM 请用下发给大湾村的报表"),
        (office.name, "901", ""),
        (office.name, VILLAGE, f"WRONG_FORM 请用下发给{office.name}的报表"),
    ]:
        assert_said(owner_of(reading_of(name, kind), [*UNITS, office], YEAR).findings, told)
