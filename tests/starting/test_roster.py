"""A township's own list of its units: heads, titles, merged cells, notes and every fault that people make in it."""

import pytest

from flows.reading.child import tables_of
from flows.starting.roster import list_units
from flows.starting.units import as_csv, settle
from schemas.catalogue import declared
from tests.text_tables import workbook

CODE, NAME = "880202303", "青湖镇"


def listed(text):
    return list_units("名册.xlsx", tables_of(text if isinstance(text, bytes) else workbook(text)))


def settled(text, told=None):
    return settle(listed(text), CODE, NAME, declared(), told)


def lines(text):
    found = settled(text)
    assert not found.faults.lines, found.faults.lines
    return [(unit["code"][9:], unit["name"], unit["kind"], unit["role"]) for unit in found.units]


def faults(text):
    return settled(text).faults.lines


def test_titles_merged_cells_totals_and_notes_are_no_units():
    text = """
        == 名册
        | 青湖镇2024年村级单位名册 | | | |
        ~ A1:D1
        | 填报单位：青湖镇 | | | 2024年12月 |
        | 序号 | 村（社区）名称 | 统计用区划代码 | 书记 |
        | 一、村 | | | |
        ~ A4:D4
        | 1 | 东 湖 村 | 880202303201 | 张三 |
        | 2 | 西湖村村民委员会 | "880202303202" | 李四 |
        | 二、社区 | | | |
        ~ A7:D7
        | 3 | 湖滨 | 880202303003 | 王五 |
        | | 合计 | 3 | |
        | 注：以上为现行建制，撤并情况见附件 | | | |
        ~ A10:D10
    """
    assert lines(text) == [
        ("201", "东湖村", "村", ""), ("202", "西湖村", "村", ""), ("003", "湖滨", "社区", "")
    ]  # fmt: skip


def test_code_that_is_no_number_is_told_with_its_row_where_the_name_tells_no_kind():
    assert faults("== 表\n| 名称 | 代码 |\n| 湖滨 | 880202303abc |") == [
        "名册.xlsx “表” 第 2 行：湖滨的代码写的是“880202303abc”，应为 12 位数字，或空着由程序编"
    ]


@pytest.mark.parametrize("total", ["| 合计 | 2 | |", "| 总 计 | 2 | 5000 |", "| | 2 | 小计 |", "| | 2 | |"])
def test_row_that_counts_the_units_is_none_wherever_it_says_so(total):
    text = f"== 表\n| 序号 | 村名 | 户数 |\n| 1 | 东湖村 | 300 |\n| 2 | 西湖村 | 200 |\n{total}"
    assert [name for _, name, _, _ in lines(text)] == ["东湖村", "西湖村"]


@pytest.mark.parametrize(
    "head", ["村名", "名称", "单位名称", "行政村名称", "村（居）委会名称", "村", "村(社区)", "村级单位名称：", "name"]
)
def test_name_column_is_known_by_what_townships_call_it(head):
    assert lines(f"== 表\n| 序号 | {head} | 户数 |\n| 1 | 东湖村 | 300 |") == [("201", "东湖村", "村", "")]


@pytest.mark.parametrize(
    "head", ["代码", "区划代码", "12位统计用区划代码", "行政区划代码", "单位编码", "村代码", "code"]
)
def test_code_column_is_known_by_what_townships_call_it(head):
    assert lines(f"== 表\n| 村名 | {head} | 城乡分类代码 |\n| 东湖村 | 880202303207 | 220 |") == [
        ("207", "东湖村", "村", "")
    ]


def test_heads_over_two_rows_and_two_lists_side_by_side():
    text = """
        == 表
        | 村名 | 区划 | 村名 | 区划 |
        | 村名 | 代码 | 村名 | 代码 |
        ~ A1:A2
        ~ C1:C2
        | 东湖村 | 880202303201 | 北湖村 | 880202303203 |
        | 西湖村 | 880202303202 | | |
    """
    assert [name for _, name, _, _ in lines(text)] == ["东湖村", "北湖村", "西湖村"]
    assert [code for code, _, _, _ in lines(text)] == ["201", "203", "202"]


def test_codes_are_made_by_kind_where_there_are_none_and_said():
    text = "== 表\n| 名称 |\n| 东湖村 |\n| 湖滨社区 |\n| 西湖村 |\n| 司法所 |"
    assert lines(text) == [
        ("201", "东湖村", "村", ""), ("001", "湖滨社区", "社区", ""), ("202", "西湖村", "村", ""),
        ("901", "司法所", "站所", "908"),
    ]  # fmt: skip
    assert "代码由程序编" in "".join(settled(text).notes)


def test_code_that_is_made_is_no_code_that_is_taken():
    assert lines("== 表\n| 名称 | 代码 |\n| 东湖村 | 880202303201 |\n| 西湖村 | |\n| 南湖村 | 7 |") == [
        ("201", "东湖村", "村", ""), ("202", "西湖村", "村", ""), ("007", "南湖村", "村", "")
    ]  # fmt: skip


def test_kind_comes_from_its_column_then_the_name_then_the_sheet_then_the_code():
    text = """
        == 社区
        | 名称 | 类型 | 代码 |
        | 东湖 | 行政村 | 880202303201 |
        | 南湖村 | | 880202303202 |
        | 湖滨 | | 880202303003 |
        == 名册
        | 名称 | 代码 |
        | 北湖 | 880202303203 |
        | 镇司法所 | |
    """
    assert [(name, kind) for _, name, kind, _ in lines(text)] == [
        ("东湖", "村"), ("南湖村", "村"), ("湖滨", "社区"), ("北湖", "村"), ("镇司法所", "站所")
    ]  # fmt: skip


def test_name_that_tells_no_kind_is_asked_for():
    found = settled("== 表\n| 名称 |\n| 东湖 |\n| 西湖村 |")
    assert found.no_kind == ["东湖"]
    again = settled("== 表\n| 名称 |\n| 东湖 |\n| 西湖村 |", {"东湖": "社区"})
    assert [unit["kind"] for unit in again.units] == ["社区", "村"]


@pytest.mark.parametrize(
    ("office", "role"),
    [("民政办", "909"), ("青湖镇经发办", "904"), ("党建工作办公室", "902"), ("应急办", "906"), ("市场监管所", "907"),
     ("卫生院", "910"), ("综治中心", ""), ("财政所", ""), ("党政办", "")],
)  # fmt: skip
def test_role_is_taken_from_a_name_only_where_it_is_clear(office, role):
    found = settled(f"== 表\n| 名称 |\n| 东湖村 |\n| {office} |")
    assert [unit["role"] for unit in found.units[1:]] == ([role] if role else [])
    assert list(found.no_role) == ([] if role else [office])
    assert not role or "请核对" in "".join(found.notes)


def test_roles_are_read_from_their_column_several_at_once():
    text = "== 表\n| 名称 | 职能 |\n| 东湖村 | |\n| 综合办 | 民政、906；司法所 |\n| 民政办 | 卫生院 |"
    assert [role for _, _, _, role in lines(text)] == ["", "909、906、908", "910"]


def test_two_offices_of_one_role_are_both_asked_for():
    assert list(settled("== 表\n| 名称 |\n| 东湖村 |\n| 民政办 |\n| 民政所 |").no_role) == ["民政办", "民政所"]


def test_same_unit_on_two_sheets_is_one_unit():
    assert len(lines("== 甲\n| 村名 | 代码 |\n| 东湖村 | 880202303201 |\n== 乙\n| 村名 | 电话 |\n| 东湖村 | 1 |")) == 1


def test_own_line_of_the_township_is_left_out_and_said():
    text = "== 表\n| 名称 | 代码 |\n| 青湖镇 | 880202303000 |\n| 东湖村 | 880202303201 |"
    assert len(lines(text)) == 1
    assert "本乡镇自己" in "".join(settled(text).notes)


def test_terrain_of_another_name_is_said():
    text = "== 表\n| 村名 | 地形 |\n| 东湖村 | 山 |\n| 西湖村 | 坝区 |"
    assert [unit["terrain"] for unit in settled(text).units] == ["山区", ""]
    assert "坝区" in "".join(settled(text).notes)


def test_every_fault_of_a_roster_is_said_at_once_with_its_row():
    text = """
        == 表
        | 名称 | 代码 |
        | 东湖村 | 880202303201 |
        | 西湖村 | 880202303201 |
        | 东湖村 | 880202303209 |
        | 北湖村 | 880202304201 |
        | 南湖村 | 8.80202E+11 |
        | | 880202303210 |
        | !#REF! | |
    """
    said = "\n".join(faults(text))
    for words in (
        "第 3 行：代码 880202303201 重复", "第 4 行：名称 东湖村 重复",
        "第 5 行：北湖村的代码 880202304201 是别的乡镇的", "第 6 行：南湖村的代码写的是“8.80202E+11”", 
        "第 7 行：有代码 880202303210，没有名称", "第 8 行：是出错的公式",
    ):  # fmt: skip
        assert words in said, said


def test_roster_of_another_township_is_one_fault():
    text = "== 表\n| 名称 | 代码 |\n| 东湖村 | 880202304201 |\n| 西湖村 | 880202304202 |"
    assert faults(text) == ["名册.xlsx “表”：代码都以 880202304 开头，本乡镇的代码写的是 880202303，请核对哪一个写错了"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("== 表\n| 司法所 |", "找不到表头"), ("== 表", "是空的"), ("== 表\n| 村名 | 代码 |", "一个单位也没有"),
     ("== 表\n| 名称 |\n| 司法所 |", "一个村（社区）也没有"),
     ("== 表 [hidden]\n| 村名 |\n| 东湖村 |\n== 二\n| 别的 |", "找不到表头")],
)  # fmt: skip
def test_what_is_no_roster_is_said(text, said):
    found = faults(text)
    assert len(found) == 1
    assert said in found[0]


def test_units_csv_of_another_program_run_is_a_roster_too():
    units = settled("== 表\n| 村名 |\n| 东湖村 |").units
    units[0]["valid_to"] = "2024-06-30"
    assert settled(as_csv(units)).units[0]["valid_to"] == "2024-06-30"
