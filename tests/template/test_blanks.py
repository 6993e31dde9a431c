"""What counts as a blank: every way people leave one, and what looks like one and is none."""

import pytest
from docx import Document

from flows.binding.bind import bind
from flows.template.blanks import marks
from tests.office import CATALOGUE


def seen(text: str, likely: bool = False) -> list[str]:
    return [text[mark.start : mark.end] for mark in marks(text, likely=likely)]


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("全镇现有低保对象OOO户。", "OOO"),
        ("全镇现有低保对象【待补】户。", "【待补】"),
        ("全镇现有低保对象（待统计）户。", "（待统计）"),
        ("全镇现有低保对象？户。", "？"),
        ("全镇现有低保对象??户。", "??"),
        ("全镇现有低保对象_户。", "_"),
        ("发放资金X,XXX元。", "X,XXX"),
        ("发放资金XX.XX万元。", "XX.XX"),
        ("全镇现有低保对象〇〇户。", "〇〇"),
        ("全镇现有低保对象○户。", "○"),
        ("全镇现有低保对象□□户。", "□□"),
        ("发放资金**万元。", "**"),
        ("发放资金*万元。", "*"),
        ("全镇现有低保对象（ ）户。", "（ ）"),
        ("（ ）户低保对象已经核对。", "（ ）"),
        ("全镇现有低保对象【XX】户。", "【XX】"),
        ("全镇现有低保对象[ ]户。", "[ ]"),
        ("全镇现有低保对象X户。", "X"),
        ("〇〇村的做法值得推广。", "〇〇"),
        ("全镇○○年度工作总结", "○○"),
        ("全镇20○○年工作总结", "20○○"),
        ("二〇○○年工作总结", "二〇○○"),
    ],
)
def test_blank_is_seen_whole_however_it_is_left(text, blank):
    assert seen(text) == [blank]


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("今年全镇共种植水稻 万亩，长势良好。", " "),
        ("今年全镇共种植水稻万亩，长势良好。", ""),
        ("今年全镇帮助困难群众若干户，效果良好。", "若干"),
    ],
)
def test_what_is_likely_a_blank_is_one_for_binding_only(text, blank):
    assert seen(text, likely=True) == [blank]
    assert seen(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "怎么办？户户都有责任。", "姓 名：张三，性 别：男，单 位：示例镇。", "建成万亩马铃薯片带，单位：万元。",
        "低保{{？低保户数}}户。",
        "二〇二三年末，一九九〇年以来，二○二○年，二零一〇年，三〇五号楼。",
        "○ 低保对象已经核对。", "■■ 重点工作", "注*：不含临时救助。",
        "（ ）已经核对的打勾。", "【 】已经核对的打勾。", "新购X光机，安装3米×4米的棚。", "建成X型路口。",
        "投入资金{{道路硬化投资}}余万元，效果良好。", "一批OLED屏，FOOD展销。", "每亩补助，投资突破万元。",
    ],
)  # fmt: skip
def test_what_looks_like_a_blank_and_is_none_stays(text):
    assert seen(text, likely=True) == []


def test_underlined_space_and_empty_cell_in_word_are_blanks(tmp_path):
    document = Document()
    paragraph = document.add_paragraph("全镇现有低保对象")
    paragraph.add_run(" ").underline = True
    paragraph.add_run("户，共有人口")
    paragraph.add_run("XX人。")
    rows = [("指标", "单位", "数量"), ("整治撂荒地", "亩", ""), ("慢病随访", "人次", "")]
    table = document.add_table(3, 3)
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    document.save(str(tmp_path / "报告.docx"))
    binding = bind(tmp_path / "报告.docx", CATALOGUE)
    assert [blank.feed for blank in binding.blanks] == ["I01", "I02", "C04", "I27"]
    done = Document(str(binding.out))
    assert "整治撂荒地面积" in done.tables[0].cell(1, 2).text and "慢病随访" in done.tables[0].cell(2, 2).text
