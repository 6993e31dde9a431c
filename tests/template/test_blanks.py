"""What counts as a blank and as its unit, how headings count on, and what is refused before any figure is known."""

import pytest

from flows.template.audit import load_constants
from flows.template.blanks import marks
from flows.template.compose import compose
from flows.template.filling import Filled
from flows.template.numbering import as_number, in_characters, renumbered
from flows.template.refusals import Ground, refusals
from flows.template.units import unit_after
from schemas.supplements import NOTHING
from schemas.township import load_settings
from tests.office import CATALOGUE, SAMPLE

GROUND = Ground(CATALOGUE, NOTHING, load_settings(SAMPLE, CATALOGUE), load_constants(), 2023)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("约谈XX人次，拨付XX.XX万元，占××%", ["XX", "XX.XX", "××"]),
        ("新增___户＿＿人（  ）亩", ["___", "＿＿", "（  ）"]),
        ("〇〇镇○○村，****户，……户", ["〇〇", "○○", "****", "……"]),
        ("【XX】村、〔…〕户", ["【XX】", "〔…〕"]),
        ("共有    户，X户，某某村", ["    ", "X", "某某"]),
        ("全镇统一〇〇户，20XX年，20××年", ["〇〇", "20XX", "20××"]),
        ("X光机3×5米，二〇〇九年，二○二三年，等等……", []),
        ("{{低保户数}}户，{{若 孤儿人数}}XX人{{完}}", ["XX"]),
        ("（一）党的建设（见附件）", []),
    ],
)
def test_marks_of_a_text_are_its_blanks(text, found):
    assert [text[mark.start : mark.end] for mark in marks(text)] == found


@pytest.mark.parametrize(
    ("after", "unit"),
    [("户，", "户"), ("余万元", "万元"), ("万余亩", "万亩"), ("人（次）", "人（次）"), ("多头", "头"),
     ("人民政府", ""), ("方面", ""), ("家庭", ""), ("％", "％"), ("万头（只）", "万头（只）"), ("个村", "个"),
     ("对XX的指示", ""), ("对，", "对")],
)  # fmt: skip
def test_unit_after_a_blank_is_read_with_what_surrounds_it(after, unit):
    assert unit_after(after).unit == unit


def numbered(*paragraphs: str, empty: str = "") -> list[str]:
    """The kept headings, with the passages under `若 低保户数` gone."""
    lines = compose(paragraphs, lambda part: Filled("", empty=True)).lines
    return [line.text for line in renumbered(lines) if line.kept]


def test_heading_that_is_left_out_leaves_no_gap_and_those_below_begin_anew():
    assert numbered(
        "一、党建", "{{若 低保户数}}二、民生", "（一）低保{{完}}", "三、产业", "（一）种植", "（二）养殖", "四、生态"
    ) == ["一、党建", "二、产业", "（一）种植", "（二）养殖", "三、生态"]  # fmt: skip


def test_single_heading_with_a_number_of_its_own_keeps_it():
    assert numbered("十二、其他") == ["十二、其他"]


@pytest.mark.parametrize(("number", "words"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九")])
def test_numeral_of_a_heading_is_read_and_written_alike(number, words):
    assert (in_characters(number), as_number(words)) == (words, number)


def refused(*paragraphs: str) -> list[tuple[int, str]]:
    return [(problem.paragraph, problem.what) for problem in refusals(paragraphs, (), GROUND)]


def test_passage_is_judged_with_its_condition_and_without():
    assert refused("低保{{若 低保户数}}七户{{完}}有保障") == [(1, "“七”没有出处")]
    assert refused("{{若 低保户数}}低保户{{完}}已核查") == []


def test_blank_that_is_still_one_is_refused_where_it_stands():
    assert refused("全镇总体平稳。", "低保XX户。") == [(2, "还是空白，没有写成 {{名称}}")]
