"""Binding a report's blanks: what counts as a blank, what each is proposed to be, what is written, what is checked.

`tests/data/reports/*.txt` are whole reports in different hands, each blank written as what fills it: `{A03}` a figure,
`{A31[2]}` the second name of a list, `{township_name}` a text, `{T01}` a target, `{-}` a blank that is nobody's
business. The `dev_` ones were used while words and weights were chosen, the `held_` ones only to measure.
"""

import itertools
import json
import random
import re
from pathlib import Path

import pytest
from docx import Document

from flows.binding.bind import bind
from flows.binding.check import check
from flows.binding.choose import choose
from flows.binding.order import Order
from flows.binding.surroundings import Passage, spots
from flows.commands.cli import main
from flows.commands.report_check import ground_of
from flows.template.slots import names, parse, problem_of
from schemas.catalogue import catalogue_of
from schemas.errors import InputError
from tests.office import CATALOGUE, SAMPLE

ORDER = Order(CATALOGUE)
REPORTS = Path(__file__).parents[1] / "data" / "reports"
OWN_TEMPLATE = Path(__file__).parents[1] / "sample" / "report_template.txt"
NAMES = ("dev_1", "dev_2", "dev_3", "dev_4", "dev_5", "held_1", "held_2", "held_3", "held_4")
WAYS = (("XX",), ("××", "＿＿", "〇〇"), ("____", "（　）", "****"))
BLANK = re.compile(r"\{([^{}]+)\}")
UNRELATED = "-"
UNRELATED_BLANK, FOREIGN_NUMBER = "{-}", re.compile(r" [\d.]+ ?(?=[户次人万处名件份场对本块%元])")
Row = tuple[str, str, bool]
"""What a blank is, what was proposed, and whether that was called sure."""


def masked(source: str, *blanks: str) -> str:
    """The report as a clerk has it, its blanks written in turn as given."""
    turn = itertools.cycle(blanks or ("XX",))
    return BLANK.sub(lambda _: next(turn), source)


def judged(source: str, *blanks: str) -> list[Row]:
    """One row per blank of the report."""
    found = spots([Passage(line) for line in masked(source, *blanks).split("\n")], ORDER)
    chosen = [choice for spot, choice in zip(found, choose(found, ORDER), strict=True) if not spot.mark.year]
    truth = [re.sub(r"\[\d\]", "", feed) for feed in BLANK.findall(source)]
    return [(feed, choice.feed, choice.sure) for feed, choice in zip(truth, chosen, strict=True)]


def right(rows: list[Row]) -> float:
    """Share of the blanks with an answer whose proposal is right."""
    asked = [row for row in rows if row[0] != UNRELATED]
    return sum(feed == proposed for feed, proposed, _ in asked) / len(asked)


def wrong_but_sure(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row[2] and row[0] != row[1]]


def proposed(source: str) -> list[str]:
    return [proposal for _, proposal, _ in judged(source)]


def source(name: str) -> str:
    return (REPORTS / f"{name}.txt").read_text(encoding="utf-8")


def shaken(text: str, seed: int) -> str:
    """The report with a quarter of its sentences gone and some neighbours swapped."""
    dice, lines = random.Random(seed), []
    for line in text.split("\n"):
        sentences = re.findall(r"[^。]*。|[^。]+$", line)
        kept = [each for each in sentences if line.startswith(("一", "二", "三")) or dice.random() > 0.25]
        if len(kept) > 2 and dice.random() < 0.5:
            at = dice.randrange(1, len(kept) - 1)
            kept[at], kept[at + 1] = kept[at + 1], kept[at]
        lines.append("".join(kept))
    return "\n".join(lines)


def own_report() -> str:
    """The project's own report, its slots taken out again: another hand, written without the binding in view."""
    text = OWN_TEMPLATE.read_text(encoding="utf-8")
    text = "\n".join(
        re.sub(r"^(#+|>+) ", "", line) for line in text.split("\n") if line and not line.startswith(("//", "= {{图："))
    )
    text = re.sub(r"\{\{若 [^}]*\|(?:同比|完成率)\}\}.*?\{\{完\}\}", "", text)
    text = re.sub(r"\{\{若 [^}]*\}\}|\{\{完\}\}", "", text)
    text = re.sub(r"\{\{[^}]*\|(?:完成率|目标|同比)\}\}", "很多", text)
    text = re.sub(r"\{\{(?:(?:上|下)?年度|报告日期)\}\}", "2023", text)
    named = {item.name: key for known in (CATALOGUE.texts, CATALOGUE.targets) for key, item in known.items()}
    named |= {item.name: item.code for item in CATALOGUE.indicators.values()}
    return re.sub(r"\{\{([^}|]*)[^}]*\}\}", lambda match: "{" + named[match[1]] + "}", text)


# ---- what each blank is


@pytest.mark.parametrize(("name", "blanks"), list(zip(NAMES, itertools.cycle(WAYS), strict=False)))
def test_whole_report_is_bound_right_and_nothing_wrong_is_sure(name, blanks):
    rows = judged(source(name), *blanks)
    assert right(rows) >= 0.98
    assert wrong_but_sure(rows) == []
    assert sum(sure for *_, sure in rows) >= 0.65 * len(rows)


def test_way_of_writing_blanks_makes_no_difference():
    assert judged(source("dev_3"), *WAYS[0]) == judged(source("dev_3"), *WAYS[1]) == judged(source("dev_3"), *WAYS[2])


@pytest.mark.parametrize(("seed", "name"), list(enumerate(NAMES)))
def test_report_with_sentences_gone_and_swapped_is_bound_right(name, seed):
    rows = judged(shaken(source(name), seed))
    assert right(rows) >= 0.95
    assert wrong_but_sure(rows) == []


def test_own_report_blanked_is_bound_right():
    rows = judged(own_report())
    assert right(rows) >= 0.95
    assert wrong_but_sure(rows) == []


def test_report_without_headings_has_nothing_wrong_called_sure():
    rows = judged("\n".join(line for line in source("dev_2").split("\n") if not re.match(r"[（一二三]", line)))
    assert right(rows) >= 0.93
    assert wrong_but_sure(rows) == []


@pytest.mark.parametrize(
    ("name", "had", "right_at_least", "named_at_most"),
    [("civil", 15, 14, 1), ("rural", 8, 7, 3), ("relief", 15, 14, 0)],
)
def test_report_of_another_office_gets_few_wrong_names_and_none_surely(name, had, right_at_least, named_at_most):
    text = (REPORTS.parent / "finished" / f"{name}.txt").read_text(encoding="utf-8")
    rows = judged(text if UNRELATED_BLANK in text else FOREIGN_NUMBER.sub(UNRELATED_BLANK, text))
    asked = [row for row in rows if row[0] != UNRELATED]
    assert len(asked) == had
    assert wrong_but_sure(rows) == []
    assert sum(feed == answer for feed, answer, _ in asked) >= right_at_least
    assert sum(bool(answer) for feed, answer, _ in rows if feed == UNRELATED) <= named_at_most


def test_report_of_a_year_in_another_order_names_nothing_surely_wrong_and_few_that_are_nobodies():
    rows = judged((REPORTS.parent / "finished" / "yearly.txt").read_text(encoding="utf-8"))
    assert wrong_but_sure(rows) == []
    assert sum(sure for *_, sure in rows) >= 150
    assert right(rows) >= 0.96
    assert [answer for feed, answer, _ in rows if feed == UNRELATED and answer] == []


@pytest.mark.parametrize(
    ("text", "proposals"),
    [
        ("特困供养对象XX户，共XX人。", ["I04", "I05"]),
        ("特困供养对象XX户。共有XX人。", ["I04", ""]),
        ("低保边缘家庭XX户，城市低保XX户，退出低保XX户。", ["", "", ""]),
        ("运营幸福老人互助院XX处，维修幸福老人互助院XX处，计划建设幸福老人互助院XX处。", ["I17", "", "I17"]),
        ("持证残疾人XX人，其中重度残疾人XX人，其中集中供养XX人。", ["I08", "I09", ""]),
    ],
)
def test_blank_of_another_order_is_named_by_its_own_noun_and_all_that_it_says(text, proposals):
    filler = (
        "召开会议XX次，值班XX天，出动车辆XX辆，维修水管XX米，购置桌椅XX套，参会XX批，接听电话XX通，装订档案XX卷，"
        "走访企业XX趟，种花XX盆。"
    )
    found = spots([Passage(text), Passage(filler), Passage(filler)], ORDER)
    chosen = [choice for spot, choice in zip(found, choose(found, ORDER), strict=True) if spot.paragraph == 0]
    assert [choice.feed for choice in chosen] == proposals
    assert [choice.sure for choice in chosen if choice.feed == "I17"] in ([], [True, False])


OWN_AREA = """[area]
number = 31
name = "信访接待"
title = "信访接待"
[indicators.N01]
name = "接待来访批次"
definition = "全年接待群众来访的批次。"
unit = "批次"
[indicators.N02]
name = "代办事项件数"
definition = "为群众代办的事项。"
unit = "件"
"""


def test_figure_declared_yesterday_is_proposed_at_the_words_of_its_name(tmp_path):
    folder = tmp_path / "catalogue"
    (folder / "indicators").mkdir(parents=True)
    (folder / "others.toml").write_text('[catalogue]\nbase = "extend"\n', encoding="utf-8")
    (folder / "indicators" / "own.toml").write_text(OWN_AREA, encoding="utf-8")
    order = Order(catalogue_of(tmp_path))
    text = "（九）民生保障。全镇有低保对象XX户XX人，特困XX户、XX人。全年接待来访XX批次，代办事项XX件。"
    found = spots([Passage(text)], order)
    assert [choice.feed for choice in choose(found, order)] == ["I01", "I02", "I04", "I05", "N01", "N02"]


def test_blanks_that_are_nobodys_business_are_never_sure():
    rows = judged("养老保险参保{-}人，农村居民人均可支配收入{-}元，森林覆盖率{-}%，固定资产投资{-}亿元。")
    assert not any(sure for feed, _, sure in rows if feed == UNRELATED)


def test_count_that_goes_on_after_an_amount_shares_its_subject():
    text = "（二）防贫监测。投放马铃薯良种{B09}吨，惠及群众{B08}户，投放基础母羊{B11}只，惠及群众{B10}户，"
    text += "投放小额信贷{B13}万元，惠及{B12}户。"
    assert proposed(text) == ["B09", "B08", "B11", "B10", "B13", "B12"]


def test_names_are_told_by_what_stands_directly_before_them():
    text = "（五）项目招商。引进{E01}，实施的{E02}落户{E03}，一期签约{E04}万元，建成大棚{E05}座。"
    assert proposed(text) == ["E01", "E02", "E03", "E04", "E05"]


def test_figure_put_in_the_very_place_of_another_is_never_sure():
    told = {
        "争取补助资金{A20}万元": "发放种粮补贴{-}万元", "投入{I24}万元": "兑付粮补资金{-}万元",
        "开展主题党日{A07}次": "召开专题会议{-}次", "整治撂荒地{C04}亩": "种植中药材{-}亩",
    }  # fmt: skip
    for name in NAMES[::4]:
        text = source(name)
        for own, foreign in told.items():
            text = re.sub(rf"[^，。；]*{own[own.index('{') :]}(?=[，。；])", foreign, text)
        assert text.count("{-}") >= 3
        assert wrong_but_sure(judged(text)) == []


def test_households_then_people_share_their_subject():
    text = "（九）民生保障。全镇有低保对象{I01}户{I02}人，特困{I04}户、{I05}人，临时救助{I12}户{I13}万元。"
    assert proposed(text) == ["I01", "I02", "I04", "I05", "I12", "I13"]


def test_figures_told_respectively_follow_the_order_of_what_is_told():
    text = "（三）粮食。小麦、玉米、马铃薯播种面积分别为{C07}亩、{C06}万亩和{C05}万亩。"
    assert proposed(text) == ["C07", "C06", "C05"]


def test_only_the_plan_takes_targets():
    done = "一、工作成效\n（六）和美乡村。实施避险搬迁{F12}户，拨付{F14}万元。\n"
    assert proposed(done + "三、下年计划\n（四）和美乡村。完成避险搬迁{T08}户。") == ["F12", "F14", "T08"]


def test_order_has_every_blank_of_the_township_report():
    assert sum(step.blanks for step in ORDER.steps) == 237


# ---- what is written


def written(folder, text):
    path = folder / "报告.txt"
    path.write_text(text, encoding="utf-8")
    return bind(path, CATALOGUE)


def test_bound_text_keeps_everything_but_the_blanks(tmp_path):
    text = masked(source("dev_1"))
    binding = written(tmp_path, text)
    bound = binding.out.read_text(encoding="utf-8")
    assert len(binding.blanks) == len(BLANK.findall(source("dev_1")))
    assert re.fullmatch("(?s)" + ".{1,12}?".join(re.escape(each) for each in re.split(r"\{\{[^}]*\}\}", bound)), text)
    slots = [part for part in parse(bound) if part.kind == "slot" and part.name[:1] not in ("?", "？")]
    assert [problem for slot in slots if (problem := problem_of(slot, CATALOGUE))] == []


def test_slot_carries_unit_rank_and_question_mark_where_needed(tmp_path):
    blanks = written(tmp_path, masked(source("dev_1"))).blanks
    slots = {blank.feed: blank.slot.replace("？", "") for blank in blanks}
    assert slots["I01"] == "{{低保户数}}"
    assert slots["C05"] == "{{马铃薯种植面积|万亩}}"
    ranks = [blank.slot.replace("？", "") for blank in blanks if blank.feed == "A31"]
    assert ranks == ["{{盘活闲置校舍村|第1}}", "{{盘活闲置校舍村|第2}}"]
    assert all(blank.slot.startswith("{{？") != blank.sure for blank in blanks)


def test_word_beside_a_blank_that_the_value_contains_is_replaced_with_it(tmp_path):
    bound = written(tmp_path, masked(source("dev_1"))).out.read_text(encoding="utf-8").replace("？", "")
    assert bound.startswith("{{乡镇名称}}2023年工作总结")
    assert "新建{{新建党群服务中心村}}党群服务中心" in bound
    assert "扎实开展{{年度行动名称}}，" in bound


def test_blanks_for_years_become_year_slots(tmp_path):
    text = "示例镇20XX年工作总结和20XX年工作打算\n一、20XX年工作完成情况\n低保XX户XX人。\n三、20XX年工作打算\n"
    slots = [blank.slot for blank in written(tmp_path, text).blanks if "度" in blank.feed]
    assert slots == ["{{年度}}", "{{下年度}}", "{{年度}}", "{{下年度}}"]


def test_second_binding_does_not_overwrite_the_first(tmp_path):
    first = written(tmp_path, "低保XX户XX人。")
    second = bind(first.source, CATALOGUE)
    assert first.out != second.out
    assert first.out.exists() and second.out.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_keeps_its_encoding_and_line_ends(tmp_path, encoding):
    path = tmp_path / "报告.txt"
    path.write_bytes("（九）民生保障\r\n低保XX户XX人。\r\n".encode(encoding))
    bound = bind(path, CATALOGUE, tmp_path / "模板.txt").out.read_bytes().decode(encoding)
    assert bound.count("\r\n") == 2
    assert "{{" in bound


def test_word_document_keeps_runs_and_binds_across_them(tmp_path):
    document = Document()
    document.add_paragraph("（九）民生保障")
    paragraph = document.add_paragraph("全镇有低保")
    for letter in "XX":
        paragraph.add_run(letter).bold = True
    paragraph.add_run("户")
    paragraph.add_run("　　　").underline = True
    paragraph.add_run("人，特困供养XX户XX人。")
    document.save(str(tmp_path / "报告.docx"))
    binding = bind(tmp_path / "报告.docx", CATALOGUE)
    bound = Document(str(binding.out)).paragraphs[1]
    assert [blank.feed for blank in binding.blanks] == ["I01", "I02", "I04", "I05"]
    slot = r"\{\{[^}]*\}\}"
    assert re.fullmatch(f"全镇有低保{slot}户{slot}人，特困供养{slot}户{slot}人。", bound.text)
    assert next(run for run in bound.runs if "低保户数" in run.text).bold
    assert next(run for run in bound.runs if "低保人口" in run.text).underline


def test_word_table_is_bound_by_its_heads(tmp_path):
    document = Document()
    table = document.add_table(rows=4, cols=3)
    head = ("指标", "单位", "数量")
    rows = [head, ("整治撂荒地", "亩", "XX"), ("电子健康档案建档", "名", "XX"), ("慢病随访", "人次", "XX")]
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.save(str(tmp_path / "表.docx"))
    assert [blank.feed for blank in bind(tmp_path / "表.docx", CATALOGUE).blanks] == ["C04", "I25", "I27"]


def test_word_headings_by_style_tell_the_parts(tmp_path):
    document = Document()
    for style, text in (
        ("Heading 1", "2023年工作完成情况"), ("Heading 2", "和美乡村建设"),
        ("Normal", "实施避险搬迁XX户，拨付XX万元。"),
        ("Heading 1", "2024年工作打算"), ("Heading 2", "和美乡村建设"), ("Normal", "完成避险搬迁XX户。"),
    ):  # fmt: skip
        document.add_paragraph(text, style=style)
    document.save(str(tmp_path / "报告.docx"))
    assert [blank.feed for blank in bind(tmp_path / "报告.docx", CATALOGUE).blanks] == ["F12", "F14", "T08"]


def test_whole_report_as_word_equals_the_same_as_text(tmp_path):
    document = Document()
    for line in masked(source("dev_2")).split("\n"):
        document.add_paragraph(line)
    document.save(str(tmp_path / "报告.docx"))
    word, text = bind(tmp_path / "报告.docx", CATALOGUE), written(tmp_path, masked(source("dev_2")))
    assert [blank.slot for blank in word.blanks] == [blank.slot for blank in text.blanks]


def test_command_says_three_while_blanks_are_unsure_and_lists_them(tmp_path, capsys):
    path, out = tmp_path / "报告.txt", tmp_path / "模板.txt"
    path.write_text(masked(source("dev_1")), encoding="utf-8")
    assert main(["report", "bind", str(path), "--out", str(out), "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["sure"] + told["unsure"] == len(told["blanks"])
    keys = {"number", "paragraph", "context", "name", "slot", "confidence", "sure", "candidates"}
    assert all(keys <= set(blank) for blank in told["blanks"])
    assert all(len(blank["candidates"]) == 2 and 0 <= blank["confidence"] <= 1 for blank in told["blanks"])
    assert Path(told["template"]) == out and Path(told["review"]).exists()


def test_command_shows_what_to_look_at(tmp_path, capsys):
    path = tmp_path / "报告.txt"
    path.write_text("（九）民生保障\n\n全镇现有低保户XX户XX人，受训XX人。\n", encoding="utf-8")
    assert main(["report", "bind", str(path)]) == 3
    said = capsys.readouterr().out
    assert "请核对" in said
    unsure = int(re.search(r"(\d+) 处请核对", said)[1])
    assert unsure > 0 and said.partition("共 ")[0].count("【XX】") == unsure


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("没有.txt", None, "找不到文件"), ("旧.doc", b"\xd0\xcf\x11\xe0", "另存为"),
     ("空.txt", "没有空白。".encode(), "没有找到空白"), ("坏.docx", b"PK\x03\x04", "docx"),
     ("数.txt", bytes(range(256)), "文本")],
)  # fmt: skip
def test_file_that_cannot_be_bound_is_refused_in_one_line(tmp_path, capsys, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert main(["report", "bind", str(path)]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_input_is_never_overwritten(tmp_path):
    path = tmp_path / "报告.txt"
    path.write_text("低保XX户XX人。", encoding="utf-8")
    with pytest.raises(InputError):
        bind(path, CATALOGUE, path)
    assert path.read_text(encoding="utf-8") == "低保XX户XX人。"


# ---- what is checked


def checked(folder, text):
    path = folder / "模板.txt"
    path.write_text(text, encoding="utf-8")
    return check(path, ground_of(SAMPLE, path))


def test_unknown_slot_is_told_with_the_nearest_right_name(tmp_path):
    found = checked(tmp_path, "低保{{低保户}}户{{低保人口}}人。")
    assert [remark.slot for remark in found.refused] == ["{{低保户}}"]
    assert "低保户数" in found.refused[0].words
    assert found.status == 3


def test_unresolved_slots_and_blanks_left_are_told(tmp_path):
    found = checked(tmp_path, "低保{{？低保户数}}户XX人，特困{{？}}户。")
    assert [remark.slot for remark in found.unresolved] == ["{{？低保户数}}", "{{？}}"]
    assert [remark.words for remark in found.refused if "空白" in remark.words] == ["还是空白，没有写成 {{名称}}"]
    assert found.status == 3


def test_slot_used_more_often_than_a_report_names_it_is_remarked_on(tmp_path):
    often = "{{低保户数}}、{{低保户数}}、{{马铃薯种植面积}}、{{马铃薯种植面积|亩}}"
    found = checked(tmp_path, often + "、{{乡镇名称}}" * 9)
    assert [remark.slot for remark in found.twice] == ["{{低保户数}}"]
    assert found.status == 0


def test_what_no_slot_uses_is_listed(tmp_path):
    found = checked(tmp_path, "".join(f"{{{{{name}}}}}" for name in names(CATALOGUE) if name != "孤儿人数"))
    assert found.unused == ["孤儿人数"]
    assert not [remark for remark in found.refused if "没有“" in remark.words]


def test_check_command_shows_and_returns_what_is_to_do(tmp_path, capsys):
    path = tmp_path / "模板.txt"
    path.write_text("低保{{？低保户数}}户，特困{{特困户}}户。", encoding="utf-8")
    assert main(["report", "check", str(path)]) == 3
    said = capsys.readouterr().out
    assert "未核对" in said and "没有“特困户”这个名称" in said
    path.write_text("低保{{低保户数}}户。", encoding="utf-8")
    assert main(["report", "check", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["slots"] == 1


def test_check_tells_all_numbers_and_blanks_left_and_declares_what_is_prose(tmp_path, capsys):
    path = tmp_path / "模板.txt"
    path.write_text("低保{{低保户数}}户，三季度XX户。\n80岁以上老人一人一档，走访37户。\n", encoding="utf-8")
    found = check(path, ground_of(SAMPLE, path))
    assert [remark.paragraph for remark in found.refused if "空白" in remark.words] == [1]
    assert {words for remark in found.refused for words in re.findall(r"“([^”]+)”没有出处", remark.words)} == {
        "三", "80", "一", "37"
    }  # fmt: skip
    assert found.prose == ["三季度", "80岁以上", "一人一档"]
    assert main(["report", "check", str(path), "--declare", "--inputs", str(SAMPLE)]) == 3
    assert "已写进" in capsys.readouterr().err
    left = check(path, ground_of(SAMPLE, path))
    assert [remark.words for remark in left.refused] == ["还是空白，没有写成 {{名称}}", "“37”没有出处"]
    assert left.prose == []
