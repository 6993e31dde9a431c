"""Slots worked out of several figures: exact sums, differences, shares and counts, and what cannot be one of these."""

from dataclasses import replace
from decimal import Decimal

import pytest

from flows.template.computing import fill_computed, fill_count
from flows.template.filling import Wish
from flows.template.refusals import Ground, stand_in
from flows.template.slots import named, parse, problem_of
from schemas.supplements import Own, Supplement
from tests.office import CATALOGUE
from tests.reporting import figure, small_book
from tests.template.test_slots import CONSTANTS, SETTINGS, fill, said

VISITS = Supplement("来访", "人次", Decimal("128.5"), "", "台账", "甲", "2023-12-28")
CALLS = Supplement("来电", "人次")
UNHEARD = figure("I06", "3", units_counted=1, units_expected=2, provisional=True)
BOOK = replace(
    small_book(
        {
            "I01": "618", "I04": "66", "I02": "1356", "J02": "16920", "J03": "0", "I06": UNHEARD, "C05": "39345.2",
            "C06": "20004.9", "C07": "8389.9", "D14": "将台村、三湾村", "A22": "", "A29": "10216", "D28": "40",
            "J04": "3", "C04": "1", "J01": "1368",
        }
    ),
    own=Own(figures={"来访": VISITS, "来电": CALLS}),
)  # fmt: skip
OWN = BOOK.own


@pytest.mark.parametrize(
    ("slot", "text", "unit"),
    [
        ("低保户数|加特困供养户数", "684", "户"),
        ("低保户数｜加 特困供养户数｜减 I04", "618", "户"),
        ("低保户数|减特困供养户数", "552", "户"),
        ("特困供养户数|减低保户数", "-552", "户"),
        ("马铃薯种植面积|加玉米种植面积", "5.94", "万亩"),
        ("马铃薯种植面积|加玉米种植面积|亩", "59350.1", "亩"),
        ("小麦种植面积|加马铃薯种植面积", "47735.1", "亩"),
        ("低保人口|占总人口", "8", "%"),
        ("低保人口|占总人口|2位小数", "8.01", "%"),
        ("低保户数|加特困供养户数|占总户数|0位小数", "50", "%"),
        ("整治撂荒地面积|占耕地总面积|4位小数", "33.3333", "%"),
        ("高标准农田建设村|个数", "2", "个"),
    ],
)
def test_slot_is_worked_out_exactly(slot, text, unit):
    filled = fill(slot, BOOK)
    assert (filled.text, filled.unit) == (text, unit)


def test_working_says_what_it_was_worked_out_of_and_sources_are_all_of_them():
    filled = fill("低保户数|加特困供养户数", BOOK)
    assert filled.working == "低保户数 618户＋特困供养户数 66户＝684户"
    assert [source.code for source in filled.sources] == ["I01", "I04"]
    assert fill("低保人口|占总人口", BOOK).working == "低保人口 1356人÷总人口 16920人＝8%"
    assert fill("高标准农田建设村|个数", BOOK).working == "高标准农田建设村：将台村、三湾村"


@pytest.mark.parametrize(
    ("slot", "mark"),
    [
        ("低保人口|加孤儿人数", "【缺：孤儿人数】"),
        ("孤儿人数|占总人口", "【缺：孤儿人数】"),
        ("低保人口|占农村人口", "【缺：农村人口】"),
        ("来访|加来电", "【缺：来电】"),
        ("新建党群服务中心村|个数", "【缺：新建党群服务中心村】"),
    ],
)
def test_figure_that_is_missing_leaves_its_mark(slot, mark):
    assert (fill(slot, BOOK).text, fill(slot, BOOK).missing) == (mark, True)


def test_sum_with_a_provisional_figure_is_provisional():
    assert fill("低保人口|加事实无人抚养儿童", BOOK).provisional
    assert not fill("低保户数|加特困供养户数", BOOK).provisional


@pytest.mark.parametrize(
    ("slot", "words"),
    [
        ("低保户数|加特困户", "没有“特困户”这个名称，是不是“特困"),
        ("低保户数|加低保人口", "“低保人口”以人计，“低保户数”以户计，不能一起算"),
        ("来访|加低保人口", "“低保人口”以人计，“来访”以人次计，不能一起算"),
        ("低保户数|加巡河率", "“巡河率”不能加减"),
        ("巡河率|占低保户数", "“巡河率”不能加减"),
        ("低保户数|加乡镇名称", "“乡镇名称”不能加减"),
        ("低保户数|个数", "“低保户数”不是名单，没有个数"),
        ("低保户数|加特困供养户数|同比", "“低保户数”的修饰互相矛盾"),
        ("低保户数|占总户数|占总户数", "“低保户数”的修饰互相矛盾"),
        ("低保户数|2位小数", "“低保户数”的修饰互相矛盾"),
        ("低保户数|占总户数|户", "“低保户数”占“总户数”印成百分数"),
        ("低保户数|加特困供养户数|公顷", "“低保户数”不认识修饰“公顷”"),
    ],
)
def test_what_cannot_be_worked_out_says_why(slot, words):
    assert problem_of(parse("{{" + slot + "}}")[0], CATALOGUE, OWN).startswith(words)


def test_worked_out_figures_stand_in_sentences_like_others():
    text = "低保和特困共{{低保户数|加特困供养户数}}余户，占{{低保人口|占总人口}}余%；在{{D14}}等{{D14|个数}}个村。"
    assert said(text, book=BOOK) == ["低保和特困共684户，占8余%；在将台村、三湾村2个村。"]
    assert said("甲{{若 低保户数|减低保户数}}乙{{完}}。", book=BOOK) == ["甲。"]


def test_names_of_what_a_slot_is_worked_out_of_are_its_names():
    assert named("{{甲|加乙|减丙}}{{若 丁|占 戊}}{{完}}") == {"甲", "乙", "丙", "丁", "戊"}


def test_what_a_slot_would_print_is_known_by_its_unit_before_there_are_figures():
    on = Ground(CATALOGUE, OWN, SETTINGS, CONSTANTS, 2023)
    units = {"低保人口|占总人口": "%", "低保户数|加特困供养户数": "户", "D14|个数": "个"}
    for slot, unit in units.items():
        assert stand_in(parse("{{" + slot + "}}")[0], on).unit == unit


def test_count_and_sum_can_be_asked_for_directly():
    items = CATALOGUE.indicators
    assert fill_count(items["D14"], BOOK).text == "2"
    assert fill_computed(items["I01"], Wish(), [("加", items["I04"])], None, BOOK).text == "684"


def test_figures_given_by_hand_are_added_and_kept_exact():
    both = replace(BOOK, own=Own(figures={"来访": VISITS, "来电": replace(VISITS, name="来电", value=Decimal("0.25"))}))
    assert fill("来访|加来电", both).text == "128.75"
    assert fill("来电|占来访|2位小数", both).text == "0.19"
