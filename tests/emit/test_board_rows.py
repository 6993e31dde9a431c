"""The page 收报情况 of a county: what a person can look at, those who are waited for first, the rest counted."""

from dataclasses import replace
from datetime import datetime

import pytest
from lxml import html

from flows.emit.board.board import board_page
from flows.emit.board.rows import ROWS, listed
from flows.store.findings import Told
from flows.store.pending import Pending
from tests.books import settings

NOW = datetime(2024, 1, 12, 10, tzinfo=settings().zone)
COUNT = 10_000
WORDS = "低保人口 3，小于低保户数 12；人口不得少于户数（相差 9），请查实各户人口后再填，" * 4


def _unit(number: int, state: str, *findings: Told) -> Pending:
    return Pending(
        f"9901{number:08}", f"第{number}村", "村", state, f"第{number}村.xlsx", 1, NOW, NOW, expected=True,
        findings=list(findings),
    )  # fmt: skip


@pytest.fixture(scope="module")
def county() -> list[Pending]:
    """Every tenth unit is sent back with forty findings of many words; and as many files of nobody."""
    told = Told("RELATION", "强制", "I02", "低保人口", "民生保障", "E7", "3", WORDS, "请核对后重报。", "", False)
    wrong = [replace(told, problem=f"{number} {WORDS}") for number in range(40)]
    units = [_unit(n, "accepted") if n % 10 else _unit(n, "returned", *wrong) for n in range(COUNT)]
    return [*units, *(Pending("", "", "", "unidentified", f"附件{n}.xlsx") for n in range(1_000))]


def test_units_that_are_waited_for_have_rows_before_the_others(county: list[Pending]) -> None:
    rows = listed([one for one in county if one.expected][:4_000])
    assert len(rows) == ROWS and rows == sorted(rows, key=lambda one: one.code)
    assert sum(one.state == "returned" for one in rows) == 400


def test_a_township_has_a_row_for_every_unit(county: list[Pending]) -> None:
    assert listed(county[:ROWS]) == county[:ROWS]


def test_a_county_of_ten_thousand_stays_a_page_and_says_what_it_leaves_out(county: list[Pending]) -> None:
    text = board_page(county, {}, settings(), 2023, NOW)
    assert len(text.encode()) < 5_000_000
    page = html.fromstring(text)
    assert len(page.xpath("//table[@id='units']/tbody")) == ROWS
    assert f"应报 {COUNT} 个" in page.get_element_by_id("progress").text_content()
    assert f"{COUNT} 个单位里只列 {ROWS} 个" in page.xpath("//table[@id='units']/caption")[0].text_content()
    assert (
        "没有归到单位的文件（1000 个）" in page.text_content()
        and "只列 600 个，其余见问题清单.xlsx" in page.text_content()
    )
    assert [one.text_content() for one in page.xpath("//*[@id='states']//b")][:1] == [str(COUNT)]
