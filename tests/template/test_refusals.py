"""What refuses a template whatever its figures are, and how the numbers of headings follow what is left out."""

import pytest

from flows.template.audit import Constants, load_constants
from flows.template.compose import compose
from flows.template.numbering import as_number, in_characters, renumbered
from flows.template.refusals import Ground, refusals, stand_in
from flows.template.slots import SlotError, parse
from schemas.supplements import NOTHING
from schemas.township import load_settings
from tests.office import CATALOGUE, SAMPLE

GROUND = Ground(CATALOGUE, NOTHING, load_settings(SAMPLE, CATALOGUE), load_constants(), 2023)


def told(*paragraphs: str) -> list[tuple[int, str]]:
    return [(each.paragraph, each.what) for each in refusals(paragraphs, [() for _ in paragraphs], GROUND)]


def test_template_with_nothing_wrong_is_not_refused():
    assert told("一、成绩", "{{年度}}年低保{{低保户数}}户，{{若 孤儿人数}}孤儿{{孤儿人数}}人。{{完}}") == []


def test_passage_under_a_condition_is_judged_with_and_without_it():
    assert told("{{若 孤儿人数}}孤儿5人。{{完}}") == [(1, "“5”没有出处")]
    assert told("低保{{低保户数}}{{若 孤儿人数}}，{{完}}{{低保人口}}户。") == [(1, "“11”是连在一起的两个数")]


def test_condition_over_several_paragraphs_keeps_their_numbers():
    assert told("甲", "{{若 孤儿人数}}乙", "丙3个{{完}}", "丁4个") == [(3, "“3”没有出处"), (4, "“4”没有出处")]


@pytest.mark.parametrize(
    ("wording", "covered"),
    [
        ("三岔村和三岔村", {0, 1, 2, 4, 5, 6}),
        ("十三岔村", {1, 2, 3}),
        ("第12组", {0, 1, 2, 3}),
        ("第12号", {0, 1}),
        ("3岔村", set()),
        ("村", set()),
    ],
)
def test_names_account_for_the_numerals_in_them_also_where_others_stand_beside(wording, covered):
    known = Constants((), ()).and_names(["三岔村", "第1", "第12组", "村"])
    assert known.covered(wording, ()) == covered


def test_words_of_a_refusal_are_the_templates():
    (problem,) = refusals(["低保{{低保户数}}户，占8.5%。"], [()], GROUND)
    assert problem.words == "…保户数}}户，占8.5%。"


def test_blank_left_in_the_words_is_refused_with_what_stands_around_it():
    problems = refusals(
        ["截至今年年底，全镇现有低保对象XX户，比上年少一些，情况稳定。", "共计   人"], [(), ((2, 5),)], GROUND
    )
    assert [(each.paragraph, each.words) for each in problems] == [
        (1, "底，全镇现有低保对象XX户，比上年少一些，情"), (2, "共计   人")
    ]  # fmt: skip
    assert {each.what for each in problems} == {"还是空白，没有写成 {{名称}}"}


def test_condition_that_is_never_ended_keeps_all_that_follows_in_it():
    assert told("{{若 孤儿人数}}甲3个", "乙") == [(1, "后面没有对应的 {{完}}"), (1, "“3”没有出处")]


def test_picture_beside_words_is_refused_and_alone_or_under_a_condition_it_is_not():
    assert told("{{图：低保户数}}", "{{若 低保户数}}{{图：低保户数}}{{完}}") == []
    assert told("见图：{{图：低保户数}}") == [(1, "图要单独占一段，前后不能有别的字")]


@pytest.mark.parametrize(
    ("slot", "text", "unit"),
    [
        ("低保户数", "1", "户"),
        ("低保户数|同比", "某", ""),
        ("低保户数|增减", "增加1户", ""),
        ("马铃薯种植面积|万亩", "1", "万亩"),
        ("低保户数|占 总户数", "1", "%"),
        ("图：低保户数", "某", ""),
        ("年度", "2023", ""),
        ("上年度", "2022", ""),
        ("乡镇名称", "示例镇", ""),
    ],
)
def test_what_a_slot_would_print_is_known_as_far_as_no_figure_is_needed(slot, text, unit):
    (part,) = parse("{{" + slot + "}}")
    filled = stand_in(part, GROUND)
    assert (filled.text, filled.unit) == (text, unit)


def test_slot_that_names_nothing_has_no_stand_in():
    (part,) = parse("{{低保护数}}")
    with pytest.raises(SlotError, match="没有“低保护数”这个名称，是不是“低保户数”"):
        stand_in(part, GROUND)


@pytest.mark.parametrize(("number", "words"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五")])
def test_numerals_of_headings_read_and_write_alike(number, words):
    assert (in_characters(number), as_number(words)) == (words, number)


def test_headings_below_begin_anew_under_each_above():
    paragraphs = ["一、甲", "（一）乙", "（三）丙", "三、丁", "（一）戊", "（二）己"]
    lines = compose(paragraphs, lambda part: pytest.fail("no slot")).lines
    assert [line.text for line in renumbered(lines)] == [
        "一、甲",
        "（一）乙",
        "（二）丙",
        "二、丁",
        "（一）戊",
        "（二）己",
    ]
