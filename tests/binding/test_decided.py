"""Decisions of the review list: what each writes, names found by some of their words, alternatives by their place."""

from dataclasses import replace

import pytest

from flows.binding.bound import Blank, Candidate
from flows.binding.decided import Decision, decided
from flows.binding.renamed import rename_slots
from flows.binding.review import cells_of
from flows.binding.shown import Choices, Shows
from flows.binding.surroundings import centred
from flows.commands.report_check import ground_of
from schemas.errors import InputError
from schemas.supplements import Own, Supplement
from tests.office import CATALOGUE, SAMPLE
from tests.reporting import sample

OTHERS = Candidate("I02", "低保人口", "{{低保人口}}", 0.4), Candidate("I04", "特困供养户数", "{{特困供养户数}}", 0.2)
BLANK = Blank(3, 1, "低保【XX】户", "I01", "低保户数", "{{？低保户数}}", 0.5, False, OTHERS, unit="户")
OWN = Own(figures={"来访批次": Supplement("来访批次", "批次")})


def slot(word: str, name: str = "", blank: Blank = BLANK) -> str | None:
    return decided(blank, Decision(word, name, 7), CATALOGUE, {}, OWN).slot


@pytest.mark.parametrize(
    ("word", "name", "written"),
    [
        ("采用", "", "{{低保户数}}"),
        ("备选一", "", "{{低保人口}}"),
        ("备选二", "", "{{特困供养户数}}"),
        ("改为", "孤儿人数", "{{孤儿人数}}"),
        ("改为", "特困 户数", "{{特困供养户数}}"),
        ("改为", "马铃薯种植|万亩", "{{马铃薯种植面积|万亩}}"),
        ("改为", "{{低保户数|上年}}", "{{低保户数|上年}}"),
        ("改为", "来访批次", "{{来访批次}}"),
        ("补充数", "来访户", "{{来访户}}"),
        ("转为指标", "来访户", "{{来访户}}"),
        ("固定文字", "", None),
        ("不动", "", None),
        ("", "", "{{？低保户数}}"),
    ],
)
def test_decision_writes_its_slot(word, name, written):
    assert slot(word, name) == written


@pytest.mark.parametrize(
    ("word", "name", "said"),
    [
        ("改为", "户数", "含“户数”的名称有"),
        ("改为", "没有这个", "没有“没有这个”这个名称"),
        ("补充数", "甲|乙", "补充数要有名称"),
    ],
)
def test_decision_that_names_nothing_or_several_is_refused_with_its_row(word, name, said):
    with pytest.raises(InputError, match=f"第 7 行：{said}"):
        slot(word, name)


@pytest.mark.parametrize("name", ["低保户数|各村", "图：低保户数|各村", "{{图：低保户数|各村}}"])
def test_name_chosen_where_a_picture_stands_is_drawn(name):
    picture = replace(BLANK, kind="picture", feed="", was="")
    assert slot("改为", name, picture) == "{{图：低保户数|各村}}"


def test_alternative_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="没有备选二"):
        slot("备选二", blank=replace(BLANK, candidates=OTHERS[:1]))


def test_figure_to_be_an_indicator_carries_unit_area_and_reporter():
    done = decided(BLANK, Decision("转为指标", "来访户", 7, "民生保障", "各村"), CATALOGUE, {})
    assert done.promoting and done.supplement
    told = done.promoting
    assert (told.name, told.unit, told.area, told.reporter, told.row) == ("来访户", "户", "民生保障", "各村", 7)
    assert done.supplement.unit == "户"


def test_proposal_and_alternatives_stand_with_their_present_values():
    ground = ground_of(SAMPLE, None)
    shows = Shows(sample().book, ground)
    cells = cells_of(shows.valued(BLANK))
    assert cells[5] == "618户"
    assert cells[10:12] == ["低保人口＝1356人 {{低保人口}} 40%", "特困供养户数＝66户 {{特困供养户数}} 20%"]
    choices = Choices.of(CATALOGUE, ground, sample().book)
    assert ("低保户数", "户", "民生保障", "618户") in choices.names
    assert choices.areas == list(CATALOGUE.areas) and choices.reporters[:3] == ["各村", "乡镇本级", "纪检监察办公室"]


def test_slots_that_print_nothing_say_so_and_what_is_no_slot_has_no_value():
    shows = Shows(sample().book, ground_of(SAMPLE, None))
    assert [shows.of(each) for each in ("{{来访批次}}", "98.2", "{{？低保户数}}")] == ["", "", "618户"]
    assert Shows(replace(sample().book, figures={}), ground_of(SAMPLE, None)).of("{{低保户数}}") == "没有数"


def test_context_has_as_many_words_on_either_side():
    text = "甲" * 40 + "XX" + "乙" * 40
    before, _, behind = centred(text, 40, 42).partition("【XX】")
    assert (before, behind) == ("…" + "甲" * 18, "乙" * 18 + "…")
    assert centred("低保XX户", 2, 4) == "低保【XX】户"


def test_slots_are_renamed_and_all_else_stays(tmp_path):
    path = tmp_path / "模板.txt"
    said = "来访批次{{%s}}批次{{若 %s|同比}}，{{？来访批次}}{{完}}{{低保户数|加%s|占 甲}}{{来访批次数}}。\r\n"
    path.write_bytes((said % (("来访批次",) * 3)).encode("gb18030"))
    assert rename_slots(path, {"来访批次": "接待批次"}) == 3
    assert path.read_bytes().decode("gb18030") == said % (("接待批次",) * 3)
    assert rename_slots(path, {"没有的": "甲"}) == 0
