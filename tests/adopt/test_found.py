"""What is found in forms built as counties build them: answers, names, units, parents, choices, relations."""

from pathlib import Path

import pytest

from flows.adopt import blank
from flows.adopt.choices import choices_of, without_choices
from flows.adopt.find import find
from flows.adopt.found import PRINTED, UNSURE
from schemas.errors import InputError
from tests.adopt import forms
from tests.adopt.pages import found
from tests.adopt.scoring import Score, score
from tests.libreoffice import saved_as

MADE = {"vertical": forms.vertical, "wide": forms.wide, "several": forms.several}


@pytest.fixture(scope="module", params=MADE)
def scored(request) -> Score:
    data, key = MADE[request.param]()
    return score(found(data), key)


def test_answers_of_a_form_are_found_and_nothing_else_is_taken_for_one(scored: Score) -> None:
    assert (scored.answers_found >= 0.99, scored.answers_right >= 0.99) == (True, True), scored.wrong


def test_names_and_units_are_as_printed(scored: Score) -> None:
    assert (scored.names >= 0.98, scored.units >= 0.98) == (True, True), scored.wrong


def test_parts_hang_on_what_they_are_part_of(scored: Score) -> None:
    assert (scored.parents_right >= 0.97, scored.parents_found >= 0.90) == (True, True), scored.wrong


def test_choices_are_found_wherever_they_are_offered(scored: Score) -> None:
    assert scored.choices == 1, scored.wrong


def test_relations_of_the_foot_are_read_exactly(scored: Score) -> None:
    assert scored.relations >= 0.95, scored.wrong


def test_what_is_not_said_to_be_unsure_is_right_and_little_is_unsure(scored: Score) -> None:
    assert (scored.error_of_sure < 0.01, scored.unsure <= 0.15) == (True, True), scored.wrong


def _parents(text: str) -> dict[str, str]:
    form = found(text)
    names = {answer.id: answer.name for answer in form.answers}
    return {answer.name: names.get(answer.parent, "") for answer in form.answers}


def test_headings_without_a_code_are_sections_and_numbered_figures_have_parts() -> None:
    form = found(
        """
        == A201
        | 农村基层情况 |
        | 指标名称 | 计量单位 | 代码 | 本年 |
        | 甲 | 乙 | 丙 | 1 |
        | 一、户数人口 | — | — | — |
        | "  乡村户数" | 户 | 01 | |
        | 二、从业人员 | 人 | 02 | |
        | "  1.农业" | 人 | 03 | |
        | "    其中：制种" | 人 | 04 | |
        | "  2.工业" | 人 | 05 | |
        """
    )

    names = {answer.id: answer.name for answer in form.answers}
    assert [(a.name, a.section, names.get(a.parent, "")) for a in form.answers] == [
        ("乡村户数", ("户数人口",), ""),
        ("从业人员", (), ""),
        ("农业", (), "从业人员"),
        ("制种", (), "农业"),
        ("工业", (), "从业人员"),
    ]


def test_part_that_is_not_indented_is_unsure_until_a_relation_of_the_foot_decides() -> None:
    rows = """
        == 收支
        | 项目 | 行次 | 单位 | 数量 |
        | 总收入 | 1 | 元 | |
        | 其中：经营收入 | 2 | 元 | |
        | 补助收入 | 3 | 元 | |
        """
    without, with_relation = found(rows), found(f"{rows}| 说明：1=2+3 |")

    assert without.answers[2].level == UNSURE
    assert (with_relation.answers[2].parent, with_relation.answers[2].level) == (with_relation.answers[0].id, "推断")


def test_part_in_another_unit_of_measure_is_unsure_and_hangs_on_nothing() -> None:
    form = found(
        """
        == 农机
        | 指标名称 | 代码 | 计量单位 | 数量 |
        | 农机总动力 | 1 | 千瓦 | |
        | 　其中：拖拉机 | 2 | 台 | |
        """
    )

    assert (form.answers[1].parent, form.answers[1].level) == ("", UNSURE)


def test_units_of_a_line_over_the_table_are_given_by_what_is_counted() -> None:
    form = found(
        """
        == 统计
        | 收益统计表 | | | | 单位：万元、个 |
        | 村名 | 总收入 | 总支出 | 收益 | 合作社个数 |
        | 东山村 | | | | |
        """
    )

    assert [answer.unit for answer in form.answers] == ["万元", "万元", "万元", "个"]


def test_decimals_said_beside_the_unit_are_taken_off_it() -> None:
    form = found(
        """
        == 收入
        | 指标名称 | 计量单位 | 代码 | 数量 |
        | 总收入 | 万元（保留两位小数） | 01 | |
        | 人均收入（保留整数） | 元 | 02 | |
        | 总户数 | 户 | 03 | |
        """
    )

    assert [(a.unit, a.decimals) for a in form.answers] == [("万元", 2), ("元", 0), ("户", 0)]
    assert [a.evidence["decimals"].level for a in form.answers[:2]] == [PRINTED, PRINTED]


def test_barred_cells_of_a_cross_table_are_no_answers_and_rows_and_columns_relate() -> None:
    form = found(
        """
        == 养老
        | 项目 | 代码 | 机构（个） | 其中：公办（个） | 床位（张） |
        | 甲 | 乙 | 1 | 2 | 3 |
        | 总计 | "01" | | | |
        | 　城市 | "02" | | | |
        | 　农村 | "03" | | × | |
        | 审核公式：纵向：01=02+03 横向：1≥2 |
        """
    )

    assert [answer.code for answer in form.answers] == ["01-1", "01-2", "01-3", "02-1", "02-2", "02-3", "03-1", "03-3"]
    assert {(one.left, one.relation, one.right) for one in form.relations} >= {
        ("[1.C3]", "==", "[1.C4] + [1.C5]"),
        ("[1.E3]", "==", "[1.E4] + [1.E5]"),
        ("[1.C3]", ">=", "[1.D3]"),
        ("[1.C4]", ">=", "[1.D4]"),
    }


def test_names_under_an_empty_head_and_several_heads_over_each_other_cross() -> None:
    form = found(
        """
        == 教师
        | 学校（机构）名称： | | | | 单位：人 |
        | | 编号 | 合计 | 其中：女 | 按学历分 | |
        | | | | | 本科 | 专科 |
        | 甲 | 乙 | 1 | 2 | 3 | 4 |
        | 总计 | "01" | | | | |
        | 小学 | "02" | | | | |
        | 初中 | "03" | | — | | |
        | 校验公式：01行=02行+03行；1列=3列+4列 |
        ~ E2:F2
        ~ A2:A3
        ~ B2:B3
        ~ C2:C3
        ~ D2:D3
        """
    )

    names = {answer.id: answer.name for answer in form.answers}
    assert [(a.name, a.unit, names.get(a.parent, "")) for a in form.answers if a.place[0] != 6] == [
        ("总计·合计", "人", ""),
        ("总计·女", "人", "总计·合计"),
        ("总计·按学历分本科", "人", ""),
        ("总计·按学历分专科", "人", ""),
        ("初中·合计", "人", "总计·合计"),
        ("初中·按学历分本科", "人", "总计·按学历分本科"),
        ("初中·按学历分专科", "人", "总计·按学历分专科"),
    ]
    read = {(one.left, one.right) for one in form.relations}
    assert {("[1.C5]", "[1.C6] + [1.C7]"), ("[1.C7]", "[1.E7] + [1.F7]")} <= read


def test_stub_that_says_of_which_makes_parts_and_one_that_names_makes_a_heading() -> None:
    form = found(
        """
        == 农业
        | 项  目 | | 代码 | 单位 | 数量 |
        | 耕地面积 | | 1 | 亩 | |
        | 其中 | 水田 | 2 | 亩 | |
        | | 旱地 | 3 | 亩 | |
        | 人口 | 合计 | 4 | 人 | |
        | | 男 | 5 | 人 | |
        | 备用井 | | 6 | 眼 | |
        ~ A1:B1
        ~ A2:B2
        ~ A3:A4
        ~ A5:A6
        ~ A7:B7
        """
    )

    names = {answer.id: answer.name for answer in form.answers}
    assert [(a.section, a.name, names.get(a.parent, "")) for a in form.answers] == [
        ((), "耕地面积", ""),
        ((), "水田", "耕地面积"),
        ((), "旱地", "耕地面积"),
        (("人口",), "合计", ""),
        (("人口",), "男", "合计"),
        ((), "备用井", ""),
    ]


def test_added_figures_are_no_parts_of_each_other_however_they_are_indented() -> None:
    rows = """
        == 厕所
        | 指标 | 序号 | 数值 |
        | 卫生厕所（户） | 1 | |
        | "   其中：水冲式（户）" | 2 | |
        | "                      旱厕（户）" | 3 | |
        | 说明：1=2+3 |
        """
    assert [a.parent for a in found(rows).answers] == ["", "1.C2", "1.C2"]


def test_list_of_households_has_the_village_in_a_column_and_reads_remarks_as_words() -> None:
    form = found(
        """
        == 名册
        | 序号 | 村名 | 户主姓名 | 家庭人口（人） | 保障类别（A类、B类、C类） | 备注 |
        | 1 | | | | | |
        | 2 | | | | | |
        """
    )

    [block] = form.sheets[0].blocks
    assert (block.orientation, [column.column for column in block.unit_columns]) == ("list", [2])
    assert [(a.name, a.type) for a in block.answers][:2] == [("户主姓名", "text"), ("家庭人口", "number")]


def test_relation_between_the_columns_of_periods_holds_in_every_row() -> None:
    form = found(
        """
        == 资产
        | 项目 | 行次 | 单位 | 年初数 | 本年增加 | 年末数 |
        | 货币资金 | 1 | 元 | | | |
        | 减：折旧 | 2 | 元 | | | |
        | 说明：年末数=年初数+本年增加 |
        """
    )

    main = [(a.name, a.place) for a in form.answers if not a.period_of]
    assert main == [("货币资金", (2, 6)), ("减：折旧", (3, 6))]
    assert [(one.left, one.relation, one.right) for one in form.relations] == [
        ("[1.F2]", "==", "[1.D2] + [1.E2]"),
        ("[1.F3]", "==", "[1.D3] + [1.E3]"),
    ]


def test_grid_of_whose_form_it_is_over_the_heads_is_no_table_and_marks_are_no_part_of_names() -> None:
    form = found(
        """
        == 监测
        | 所在县 | | 乡镇 | | 行政村 | |
        | 监测类别 | 监测内容 | 单位 | 监测值 | 数据来源 | 监测类别说明 |
        | 厕所 | *农户总数 | 户 | | | |
        | 污水 | 设施运行（正常/停用） | | | | |
        """
    )

    assert [(a.section, a.name, a.unit, a.choices) for a in form.answers] == [
        (("厕所",), "农户总数", "户", ()),
        (("污水",), "设施运行", "", ("正常", "停用")),
    ]


def test_sum_that_a_cell_works_out_and_a_bound_of_another_cell_are_relations() -> None:
    form = found(
        """
        == 收支
        | 项目 | 行次 | 单位 | 数量 |
        | 合计 | 1 | 元 | =SUM(D3:D4) |
        | 甲项 | 2 | 元 | |
        | 乙项 | 3 | 元 | |
        | 占比 | 4 | % | =ROUND(D3/D2*100,2) |
        """
    )

    assert [(one.left, one.relation, one.right, one.tolerance) for one in form.relations] == [
        ("[1.D2]", "==", "[1.D3] + [1.D4]", ""),
        ("[1.D5]", "==", "100 * [1.D3] / [1.D2]", "0.005"),
    ]


def test_card_of_labels_with_an_empty_cell_behind_each_is_read() -> None:
    import openpyxl
    from openpyxl.styles import Border, Side

    book = openpyxl.Workbook()
    sheet, edge = book.active, Side(style="thin")
    for row, line in enumerate(
        (("村名称", "总户数（户）"), ("耕地面积（亩）", "党员（人）"), ("书记姓名", "是否脱贫村")), start=2
    ):
        for column, text in zip((1, 3), line, strict=True):
            sheet.cell(row, column, text)
        for column in range(1, 5):
            sheet.cell(row, column).border = Border(left=edge, right=edge, top=edge, bottom=edge)
    form = found(forms._saved(book))

    assert [(a.name, a.unit, a.type) for a in form.answers] == [
        ("总户数", "户", "number"),
        ("耕地面积", "亩", "number"),
        ("党员", "人", "number"),
        ("书记姓名", "", "text"),
        ("是否脱贫村", "", "choice"),
    ]
    assert [cell.key for cell in form.sheets[0].identity] == ["unit_name"]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("1.是 2.否", ["是", "否"]),
        ("□是　□否", ["是", "否"]),
        ("是□ 否□", ["是", "否"]),
        ("①集中 ②分散 ③未处理", ["集中", "分散", "未处理"]),
        ("1是 2否", ["是", "否"]),
        ("1—平原；2—丘陵；3—山区", ["平原", "丘陵", "山区"]),
        ("填“是”或“否”", ["是", "否"]),
        ("有/无", ["有", "无"]),
        ("正常/停用/损坏", ["正常", "停用", "损坏"]),
        ("人/户", []),
        ("1=2+3", []),
        ("1.5公里", []),
    ],
)
def test_choices_are_read_however_they_are_printed(text: str, labels: list[str]) -> None:
    assert [label for _, label in choices_of(text)] == labels


def test_choices_in_brackets_are_taken_off_a_name() -> None:
    assert without_choices("是否通公路（1.是 2.否）") == ("是否通公路", [("1", "是"), ("2", "否")])
    assert without_choices("1.地势（填代码）①平原 ②山区")[1] == [("1", "平原"), ("2", "山区")]


HEADS = "| 指标名称 | 单位 | 代码 | 数量 |"
NO_BLANKS = {
    "没有找到要填的空格": "== 空\n| 只有一句话 |",
    r"代码出现两次.*D2、D3": f"== 表\n{HEADS}\n| 户数 | 户 | 01 | |\n| 人口 | 人 | 01 | |",
    "3 个填报格已有 3 个填了数，不是空白表": (
        f"== 表\n{HEADS}\n| 户数 | 户 | 01 | 12 |\n| 人口 | 人 | 02 | 40 |\n| 耕地 | 亩 | 03 | 9 |"
    ),
    "上有两张表（第二张从第 5 行起）": (
        f"== 表\n| 表号：甲1 |\n{HEADS}\n| 户数 | 户 | 01 | |\n- \n| 表号：甲2 |\n{HEADS}\n| 人口 | 人 | 01 | |"
    ),
}


@pytest.mark.parametrize("words", NO_BLANKS)
def test_form_that_is_no_blank_form_is_refused_in_one_line(words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        found(NO_BLANKS[words])
    assert len(refused.value.lines) == 1


def test_old_format_is_read_with_and_without_an_office_program(tmp_path: Path, monkeypatch) -> None:
    made = tmp_path / "农业.xlsx"
    made.write_bytes(forms.vertical()[0])
    [old] = saved_as("xls", tmp_path / "old", [made])
    old = old.rename(tmp_path / "农业.et")
    with_looks = find(blank.read_blank(old))
    monkeypatch.setattr("flows.reading.office.office", lambda: None)
    without = find(blank.read_blank(old))

    assert (with_looks.missing, with_looks.suffix) == ((), ".et")
    assert without.missing == (blank.WITHOUT,)
    told = [[(a.code, a.name, a.unit, a.parent) for a in form.answers] for form in (with_looks, without)]
    assert told[0] == told[1] and len(told[0]) == 100


CROSSED = """
== 结构
| 种植情况表 | | | | |
| 序号 | 类型 | 计量单位 | 面积 | 产量（公斤） |
| 1 | 水稻 | 亩 | | |
| 2 | 小麦 | 亩 | | |
| 3 | 玉米 | 亩 | | |
"""


def test_table_whose_heads_name_figures_and_whose_rows_are_named_crosses() -> None:
    [block] = found(CROSSED).sheets[0].blocks
    assert block.orientation == "cross"
    assert [(one.name, one.code, one.unit) for one in block.answers[:3]] == [
        ("水稻·面积", "1-面积", "亩"),
        ("水稻·产量", "1-产量", "公斤"),
        ("小麦·面积", "2-面积", "亩"),
    ]


def test_code_that_stands_twice_is_refused_with_its_cells() -> None:
    twice = CROSSED.replace("| 3 |", "| 2 |").replace("产量（公斤）", "备注").replace("序号", "代码")
    with pytest.raises(InputError, match=r"代码出现两次：2（D4、D5）"):
        found(twice)
