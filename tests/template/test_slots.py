"""Slots: read from text, filled from a book, and no number without an origin."""

import re
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.store.figures import Figure
from flows.template.audit import audit, constants_of, load_constants
from flows.template.compose import compose
from flows.template.slots import SlotError, names, parse, problem_of, resolve
from schemas.errors import InputError
from schemas.township import load_settings
from tests.office import CATALOGUE, SAMPLE
from tests.reporting import TOWNSHIP, figure, small_book
from tests.sample.make_template import WORDS, paragraphs

SETTINGS = load_settings(SAMPLE, CATALOGUE)
UNHEARD = Figure(None, None, units_counted=0, units_expected=2, provisional=True)
HALF_HEARD = figure("I07", "2", units_counted=1, units_expected=2, provisional=True)
BOOK = small_book(
    {
        "I01": "618", "C05": "39345.2", "C07": "8389.9", "G12": "98.2", "F04": "25.8", "F12": "23", "E11": "85",
        "E05": "0", "I02": UNHEARD, "I07": HALF_HEARD, "I06": None, "D14": "将台村、三湾村", "A22": "", "D28": "40",
        "A29": "10216",
    },
    {"I01": "597", "C05": "38900", "G12": "97.42", "F04": "25.8", "E11": "0", "D14": "南川村", "D28": "39.99"},
    targets={"T07": Decimal(40)},
    last_targets={"T06": Decimal(24), "T08": Decimal(0)},
)  # fmt: skip
ROADS, ROADS_COUNT = "道路硬化村", "道路硬化村数"
CONSTANTS = load_constants().and_names(["三湾村", "示例镇"])


def fill(text: str, book=BOOK):
    """The one slot in braces."""
    (slot,) = parse("{{" + text + "}}")
    return resolve(slot, book, CATALOGUE, SETTINGS)


def said(*paragraphs: str, book=BOOK) -> list[str]:
    done = compose(paragraphs, lambda slot: resolve(slot, book, CATALOGUE, SETTINGS))
    assert done.problems == []
    return [line.text for line in done.lines if line.kept]


def complaints(*paragraphs: str, constants=CONSTANTS) -> list[str]:
    """What is wrong with the template or refused in the finished text."""
    done = compose(paragraphs, lambda slot: resolve(slot, BOOK, CATALOGUE, SETTINGS))
    refused, _ = audit(done.lines, constants)
    return [problem.what for problem in (*done.problems, *refused)]


@pytest.mark.parametrize(
    ("slot", "text"),
    [
        ("低保户数", "618"),
        ("I01", "618"),
        ("马铃薯种植面积", "3.93"),
        ("马铃薯种植面积|万亩", "3.93"),
        ("马铃薯种植面积|亩", "39345.2"),
        ("小麦种植面积|万亩", "0.839"),
        ("新建智能日光温室面积|平方米", "10216"),
        ("高标准农田建设村", "将台村、三湾村"),
        ("高标准农田建设村|第2", "三湾村"),
        ("高标准农田建设村|上年", "南川村"),
        ("低保户数|上年", "597"),
        ("低保户数|同比", "同比增长3.5%"),
        ("低保户数|增减", "增加21户"),
        ("巡河率|同比", "同比提高0.78个百分点"),
        ("道路硬化里程|同比", "与上年持平"),
        ("道路硬化里程|增减", "持平"),
        ("羊出栏|只|同比", "与上年基本持平"),
        ("设施农业二期大棚|同比", "比上年增加85座"),
        ("道路硬化里程|目标", "24"),
        ("道路硬化里程|完成率", "107.5"),
        ("新建砂化路", "40"),
        ("新建自然村硬化路|上年", "24"),
        ("乡镇名称", "示例镇"),
        ("township_name", "示例镇"),
        ("年度", "2023"),
        ("下年度", "2024"),
        ("低保户数 ｜ 上年 ", "597"),
        ("Ｉ０１", "618"),
    ],
)
def test_slot_prints(slot, text):
    filled = fill(slot)
    assert (filled.text, filled.missing) == (text, False)


@pytest.mark.parametrize(
    ("slot", "mark", "empty"),
    [
        ("低保人口", "【缺：低保人口】", False),
        ("特困供养户数", "【缺：特困供养户数】", False),
        ("事实无人抚养儿童", "【缺：事实无人抚养儿童】", True),
        ("新建党群服务中心村", "【缺：新建党群服务中心村】", True),
        ("高标准农田建设村|第3", "【缺：高标准农田建设村第3个】", True),
        ("小麦种植面积|同比", "【缺：小麦种植面积上年数】", True),
        ("低保人口|同比", "【缺：低保人口】", False),
        ("避险搬迁户数|完成率", "【缺：避险搬迁任务目标】", True),
        ("引进种薯企业", "【缺：引进种薯企业】", True),
    ],
)
def test_slot_without_figure_prints_a_mark(slot, mark, empty):
    filled = fill(slot)
    assert (filled.text, filled.missing, filled.empty) == (mark, True, empty)


@pytest.mark.parametrize(
    ("slot", "words"),
    [
        ("低保户", "没有“低保户”这个名称，是不是“低保户数”？"),
        ("低保户数|公顷", "“低保户数”不认识修饰“公顷”"),
        ("马铃薯种植面积|公顷", "“马铃薯种植面积”不认识修饰“公顷”"),
        ("低保户数|第1", "“低保户数”不是名单，不能取第1个"),
        ("高标准农田建设村|同比", "“高标准农田建设村”不是数，不能用“同比”"),
        ("低保户数|目标", "“低保户数”没有对应的目标"),
        ("乡镇名称|上年", "“乡镇名称”不能用“上年”"),
        ("低保户数|上年|同比", "“低保户数”的修饰互相矛盾"),
        ("", "没有“”这个名称"),
    ],
)
def test_slot_that_means_nothing_says_why(slot, words):
    (parsed,) = parse("{{" + slot + "}}")
    assert problem_of(parsed, CATALOGUE).startswith(words)
    with pytest.raises(SlotError):
        fill(slot)


def test_slot_of_a_provisional_total_says_so():
    assert fill("孤儿人数").provisional
    assert not fill("低保户数").provisional


@pytest.mark.parametrize(
    ("slot", "text", "working"),
    [
        (
            "低保户数|同比",
            "同口径（1 个已报单位）同比增长10%",
            "同口径（1 个已报单位）本年 330户，上年 300户，增加30户",
        ),
        ("低保户数|增减", "同口径（1 个已报单位）增加30户", "同口径（1 个已报单位）本年 330户，上年 300户，增加30户"),
        ("低保户数|上年", "同口径（1 个已报单位）300", ""),
        ("巡河率|同比", "同口径（1 个已报单位）同比提高1.2个百分点", None),
        ("道路硬化里程|同比", "同比下降50%", None),
    ],
)
def test_provisional_total_is_compared_with_the_same_units_and_says_so(slot, text, working):
    some = {"units_counted": 1, "units_expected": 2, "provisional": True}
    now = {"I01": figure("I01", "330", **some), "G12": figure("G12", "98.2", **some), "F04": "12"}
    like = {(TOWNSHIP.code, code): figure(code, value, **some) for code, value in (("I01", "300"), ("G12", "97"))}
    filled = fill(slot, small_book(now, {"I01": "597", "G12": "20", "F04": "24"}, like=like))
    assert filled.text == text
    assert filled.provisional is (slot != "道路硬化里程|同比")
    assert working is None or filled.working.startswith(working)


def test_provisional_total_without_the_same_units_last_year_is_not_compared():
    some = {"units_counted": 1, "units_expected": 2, "provisional": True}
    nothing = {(TOWNSHIP.code, "I01"): Figure(None, None, "", 0, 0, True)}
    book = small_book({"I01": figure("I01", "7", **some)}, {"I01": "597"}, like=nothing)
    assert fill("低保户数|同比", book).text == "【缺：低保户数上年数】"
    assert said("低保{{低保户数}}户{{若 低保户数|同比}}，{{低保户数|同比}}{{完}}。", book=book) == ["低保7户。"]


def test_slot_names_are_unique_across_indicators_texts_and_targets():
    total = len(CATALOGUE.by_name) + len(CATALOGUE.texts) + len(CATALOGUE.targets) + 6
    assert len(names(CATALOGUE)) == total


@given(st.text(alphabet="低保户数{}｛｝|若完 0一", max_size=60))
def test_parse_covers_the_text(text):
    parts = parse(text)
    assert "".join(part.raw for part in parts) == text
    assert [part.start for part in parts] == [0, *(part.end for part in parts)][:-1] if parts else text == ""


@given(st.lists(st.text(max_size=30).filter(lambda text: "{" not in text and "｛" not in text), max_size=5))
def test_compose_leaves_plain_paragraphs_alone(paragraphs):
    done = compose(paragraphs, lambda slot: pytest.fail(f"no slot here: {slot}"))
    assert [line.text for line in done.lines] == paragraphs
    assert all(line.kept for line in done.lines)


def test_full_width_and_mixed_braces_are_slots():
    assert said("｛｛低保户数｝｝户", "{｛ 低保户数 }｝户") == ["618户", "618户"]


def test_condition_vanishes_when_zero_blank_or_empty():
    assert said("甲{{若 设施农业一期大棚}}（一期{{设施农业一期大棚}}座）{{完}}乙") == ["甲乙"]
    assert said("甲{{若 新建党群服务中心村}}在{{新建党群服务中心村}}新建{{完}}乙") == ["甲乙"]
    assert said("甲{{若 低保户数}}{{低保户数}}户{{完}}乙") == ["甲618户乙"]


def test_condition_stays_with_its_mark_when_nobody_has_reported():
    assert said("甲{{若 低保人口}}{{低保人口}}人{{完}}乙") == ["甲【缺：低保人口】人乙"]


def test_condition_over_paragraphs_takes_them_all():
    book = ["前", "{{若 设施农业一期大棚}}", "{{设施农业一期大棚}}座", "", "说明{{完}}", "后"]
    assert said(*book) == ["前", "后"]


def test_condition_that_holds_leaves_no_empty_paragraph_behind():
    assert said("前", "{{若 低保户数}}", "{{低保户数}}户", "{{完}}", "后") == ["前", "618户", "后"]


def test_condition_inside_another_vanishes_alone():
    text = "{{若 D14}}在{{D14|第1}}{{若 D14|第3}}、{{D14|第3}}{{完}}建设{{完}}。"
    assert said(text) == ["在将台村建设。"]


def test_what_a_condition_leaves_out_is_told():
    done = compose(["甲{{若 E05}}，建成{{E05}}座{{完}}。"], lambda slot: resolve(slot, BOOK, CATALOGUE, SETTINGS))
    assert done.left_out == ["E05：，建成〔E05〕座"]


def test_change_takes_the_unit_behind_it_along():
    assert said("比上年{{低保户数|增减}}户。") == ["比上年增加21户。"]
    assert said("比上年{{道路硬化里程|增减}}公里。") == ["比上年持平。"]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("种植{{马铃薯种植面积}}余万亩", "种植3.93余万亩"),  # 39345.2 亩
        ("种植{{小麦种植面积|万亩}}余万亩", "种植0.839万亩"),  # 8389.9 亩, rounded up
        ("低保{{低保户数}}余户，", "低保618户，"),
        ("硬化{{道路硬化里程}}多公里", "硬化25.8公里"),
        ("计划{{新建砂化路}}余公里", "计划40公里"),
        ("完成{{道路硬化里程|完成率}}余%", "完成107.5%"),
        ("低保{{低保人口}}余人", "低保【缺：低保人口】余人"),
        ("存款{{低保户数}}余额", "存款618余额"),
    ],
)
def test_more_than_is_said_only_of_a_figure_that_is_more(template, text):
    assert said(template) == [text]


@pytest.mark.parametrize(
    ("roads", "text"),
    [
        ("大湾村", "在大湾村1个村"),
        ("大湾村、三湾村", "在大湾村、三湾村2个村"),
        ("大湾村、三湾村、山林村", "在大湾村、三湾村等3个村"),
    ],
)
def test_and_others_is_said_only_where_there_are_others(roads, text):
    count = str(len(roads.split("、")))
    book = small_book({CATALOGUE.find(ROADS).code: roads, CATALOGUE.find(ROADS_COUNT).code: count})
    named = f"{{{{{ROADS}|第1}}}}{{{{若 {ROADS}|第2}}}}、{{{{{ROADS}|第2}}}}{{{{完}}}}"
    assert said(f"在{named}等{{{{{ROADS_COUNT}}}}}个村", book=book) == [text]
    assert said(f"在{{{{{ROADS}}}}}等{{{{{ROADS_COUNT}}}}}个村", book=book) == [f"在{roads}{count}个村"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{{若 低保户数}}户", "后面没有对应的 {{完}}"),
        ("户{{完}}", "前面没有对应的 {{若 …}}"),
        ("低保{{低保户数户", "有写得不完整的槽位（多了或少了 {{）"),
        ("低保{{没有的名称}}户", "没有“没有的名称”这个名称"),
        ("低保618户", "“618”没有出处"),
        ("低保６１８户", "“６１８”没有出处"),
        ("低保六百一十八户", "“六百一十八”没有出处"),
        ("建成一座温室", "“一”没有出处"),
        ("建成两座温室", "“两”没有出处"),
        ("占三分之一", "“三”没有出处"),
        ("占十分之一", "“十”没有出处"),
        ("同比增长3.5%", "“3.5”没有出处"),
        ("分为①甲②乙", "“①”没有出处"),
        ("投入伍佰元", "“伍佰”没有出处"),
        ("低保{{低保户数}}0户", "“6180”是连在一起的两个数"),
        ("低保1{{低保户数}}户", "“1618”是连在一起的两个数"),
        ("低保{{低保户数}}{{道路硬化里程}}户", "“61825.8”是连在一起的两个数"),
        ("种植{{马铃薯种植面积|亩}}万亩", "“39345.2”以亩计，后面写的却是万亩"),
        ("种植{{马铃薯种植面积|万亩}}亩", "“3.93”以万亩计，后面写的却是亩"),
        ("种植{{马铃薯种植面积}}余亩", "“3.93”以万亩计，后面写的却是亩"),
        ("种植小麦三万亩", "“三万”没有出处"),
        ("低保{{低保户数}}两户", "“两”没有出处"),
        ("低保{{低保户数}}万元", "“万”没有出处"),
        ("种植{{马铃薯种植面积}}万一亩", "“万一”没有出处"),
    ],
)
def test_template_with_a_number_of_its_own_is_refused(text, complaint):
    assert any(what.startswith(complaint) for what in complaints(text)), complaints(text)


WORDING = [
    (text, at)
    for _, text in paragraphs(WORDS.read_text(encoding="utf-8"))
    for part in parse(text)
    if part.kind == "text"
    for at in range(part.start, part.end + 1)
]


def test_template_itself_passes():
    assert complaints(*(text for _, text in paragraphs(WORDS.read_text(encoding="utf-8")))) == []


@given(st.sampled_from(WORDING), st.sampled_from(["7", "０", "12.5", "七十", "伍佰"]))
def test_number_planted_anywhere_in_the_template_is_found(place, number):
    text, at = place
    planted = text[:at] + number + text[at:]
    done = compose([planted], lambda slot: replace(resolve(slot, BOOK, CATALOGUE, SETTINGS), empty=False))
    another_heading = re.match(
        r"（?[一二三四五六七八九十百]+[、）]", planted
    )  # （一） has become （七十一）: still a label
    assert audit(done.lines, CONSTANTS)[0] or another_heading


@pytest.mark.parametrize(
    "text",
    [
        "一、工作成效",
        "（十一）民生保障",
        "1. 民生保障",
        "一是统一思想，二是进一步压实责任，三是万众一心。",
        "全镇“两委”干部严格落实三会一课、四议两公开。",
        "2023年12月31日",
        "深入贯彻党的二十大和二十届三中全会精神",
        "《条例》第十二条第三款规定",
        "低保{{低保户数}}户一般农户",
        "第一，抓好生产；第二，抓好管理。",
        "种植{{马铃薯种植面积}}万亩、约{{小麦种植面积}}余亩",
        "饲养{{羊出栏|万只}}万只、羊{{羊出栏|只}}只，建设面积{{新建智能日光温室面积}}平方米",
        "在三湾村建成万亩马铃薯片带",
        "占比提高百分之{{巡河率}}",
        "党员队伍、收拾、陆续",
        "低保{{低保户数}}户{{道路硬化里程}}公里",
        "出栏猪{{猪出栏}}万头，年产{{原原种年产量}}亿粒，补助{{阵地建设补助资金}}余万元",
    ],
)
def test_template_with_ordinary_numerals_passes(text):
    assert complaints(text) == []


def test_units_that_merely_look_odd_are_doubts():
    done = compose(["低保{{低保户数}}人"], lambda slot: resolve(slot, BOOK, CATALOGUE, SETTINGS))
    refused, doubts = audit(done.lines, CONSTANTS)
    assert (refused, [doubt.what for doubt in doubts]) == ([], ["“618”以户计，后面写的却是人"])


def test_constants_beside_the_template_count(tmp_path):
    path = tmp_path / "report_constants.toml"
    declared = 'words = ["1141工程"]\n[[patterns]]\nname = "文号"\nmatch = "〔\\\\d+〕\\\\d+号"\n'
    path.write_text(declared, encoding="utf-8")
    constants = load_constants(tmp_path)
    assert complaints("实施1141工程（示政发〔2023〕12号）", constants=constants) == []
    assert complaints("实施1142工程", constants=constants) == ["“1142”没有出处"]


def test_numeral_in_the_name_of_what_is_collected_is_no_number():
    name = "六十岁以上老人"
    catalogue = SimpleNamespace(
        roots=(), areas={}, lists={}, targets={}, offices={},
        indicators={one: SimpleNamespace(name=one, printed_name=one) for one in (name, "三")},
    )  # fmt: skip
    constants = constants_of(catalogue, None, [])
    assert complaints(f"其中{name}{{{{低保户数}}}}户", constants=constants) == []
    assert complaints("三户、六十户", constants=constants) == ["“三”没有出处", "“六十”没有出处"]


def test_constants_that_cannot_be_read_are_one_line(tmp_path):
    path = tmp_path / "report_constants.toml"
    path.write_text('[[patterns]]\nname = "坏"\nmatch = "("\n', encoding="utf-8")
    with pytest.raises(InputError, match="“坏”的 match 写法有误"):
        load_constants(tmp_path)


def test_unit_in_brackets_is_no_number_and_other_numerals_in_them_are():
    assert complaints("种植面积（万亩）", "投资(单位：万元)", " 万元 ") == []
    assert complaints("（五户）") == ["“五”没有出处"]


@pytest.mark.parametrize("written", ["？低保户数", "?低保户数", "？"])
def test_slot_that_nobody_has_looked_at_is_refused_without_a_name_to_take(written):
    (part,) = parse("{{" + written + "}}")
    assert problem_of(part, CATALOGUE).startswith("这一处还没有核对")
    assert "低保" not in problem_of(part, CATALOGUE)
