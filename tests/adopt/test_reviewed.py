"""The 核对表 read back: every word that stands for nothing is told with its row, and what is changed is taken over."""

from pathlib import Path

import openpyxl
import pytest

from flows.adopt.review import write_review
from flows.adopt.review_rows import ANSWER_HEADS, ANSWERS, RELATION_HEADS, RELATIONS, TABLE_HEADS, TABLES
from flows.adopt.reviewed import read_review
from schemas.errors import InputError
from tests.adopt.pages import blank
from tests.adopt.pages import found as found_in
from tests.text_tables import workbook

FORM = """
== 收支情况
| 村集体收支情况表 |
| 指标名称 | 代码 | 计量单位 | 本年 | 备注 |
| 总收入 | "01" | 元 | | |
| 其中：经营收入 | "02" | 元 | | |
| 总支出 | "03" | 元 | | |
| 结余 | "04" | 元 | | |
| 审核关系：04=01-03 |
| 01约等于甲表02 |
== 农机明细
| 农机情况明细表 |
| 序号 | 农机名称 | 台数（台） | 是否在用（1是 2否） |
| 1 | | | |
| 2 | | | |
"""
HEADS = {ANSWERS: ANSWER_HEADS, RELATIONS: RELATION_HEADS, TABLES: TABLE_HEADS}
OFFICES = {"909": "民政办"}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("drawn") / "核对表.xlsx"
    data = workbook(FORM)
    write_review([found_in(data)], [blank(data)], path, taken=[], offices=OFFICES)
    return path.read_bytes()


@pytest.fixture
def review(drawn: bytes, tmp_path: Path) -> "Review":
    (tmp_path / "核对表.xlsx").write_bytes(drawn)
    return Review(tmp_path / "核对表.xlsx")


class Review:
    """The workbook on a clerk's desk; what is unsure in it is settled first."""

    def __init__(self, path: Path) -> None:
        self.path, self.book = path, openpyxl.load_workbook(path)
        self.put(RELATIONS, "01约等于甲表02", 收不收="不收")
        self.put(ANSWERS, "总支出", 确认="是")

    def put(self, sheet: str, row: str, **cells: object) -> None:
        page = self.book[sheet]
        at = next(line[0].row for line in page.iter_rows() if row in [cell.value for cell in line])
        for head, value in cells.items():
            page.cell(at, HEADS[sheet].index(head) + 1).value = value

    def read(self):
        self.book.save(self.path)
        return read_review(self.path)

    def faults(self) -> list[str]:
        with pytest.raises(InputError) as refused:
            self.read()
        return refused.value.lines


@pytest.mark.parametrize(
    ("sheet", "row", "cells", "told"),
    [
        (TABLES, "收支情况", {"填法": "宽表：一行一个村"}, "第 2 行：填法写的是“宽表：一行一个村”，只有宽表和明细表"),
        (TABLES, "收支情况", {"谁来报": "水利站"}, "（收支情况）：谁来报写的是“水利站”，应为 各村（社区）、民政办"),
        (TABLES, "农机明细", {"填法": "宽表：一行一个村", "谁来报": "民政办"}, "一村一行的表是各村的数"),
        (TABLES, "农机明细", {"收不收": "否"}, "“各表”第 3 行：收不收写的是“否”，应为 收、不收 之一"),
        (ANSWERS, "总支出", {"收不收": "不要"}, "（D5 总支出）：收不收写的是“不要”，应为 收、不收 之一"),
        (ANSWERS, "总支出", {"确认": "否"}, "（D5 总支出）：确认写的是“否”，确认的写 是，不确认的空着"),
        (ANSWERS, "结余", {"名称": None}, "（D6 结余）：没有写名称"),
        (ANSWERS, "结余", {"名称": "总支出"}, "“指标”：收支情况 的 D5 和 D6 同在一个标题下，都叫“总支出”"),
        (ANSWERS, "结余", {"小数位": 5}, "小数位写的是“5”，应为 0 到 4"),
        (ANSWERS, "结余", {"小数位": "²"}, "小数位写的是“²”，应为 0 到 4"),
        (ANSWERS, "结余", {"小数位": "9" * 5000}, "应为 0 到 4"),
        (ANSWERS, "结余", {"类型": "小数"}, "类型写的是“小数”，应为 "),
        (ANSWERS, "结余", {"类型": "选项", "选项": "有"}, "类型是选项，至少要写两个不同的选项"),
        (ANSWERS, "结余", {"上级": "D6 结余"}, "上级写的是“D6 结余”，应为本表另一个指标的单元格"),
        (ANSWERS, "结余", {"汇总办法": "平均"}, "汇总办法写的是“平均”，应为 相加、不汇总、文字 之一"),
        (RELATIONS, "04=01-03", {"关系": "约"}, "（04=01-03）：关系写的是“约”，应为 ≥、≤、＝"),
        (RELATIONS, "04=01-03", {"等级": "提示"}, "等级写的是“提示”，应为 强制、核实 之一"),
        (RELATIONS, "04=01-03", {"右边": "[Z9]"}, "[1.Z9] 不是填报格"),
        (RELATIONS, "04=01-03", {"右边": "[D3] 减 [D5]"}, "“[D3] 减 [D5]”应为 [单元格] 的加减"),
        (RELATIONS, "04=01-03", {"左边": "1", "右边": "2"}, "两边都没有指标"),
        (RELATIONS, "01约等于甲表02", {"收不收": "收"}, "找不到“甲表02”，还没有写出左右两边，也没有选“不收”"),
    ],
)  # fmt: skip
def test_word_that_stands_for_nothing_is_told_with_its_row(review, sheet, row, cells, told):
    review.put(sheet, row, **cells)
    (fault,) = review.faults()
    assert told in fault


@pytest.mark.parametrize("number", ["²", "9" * 5000, None])
def test_row_whose_number_was_overwritten_is_missed_by_it(review, number):
    review.book[ANSWERS].cell(2, 1).value = number
    assert "里少了序号 1 的行" in review.faults()[0]


@pytest.mark.parametrize("sheet", [TABLES, ANSWERS, RELATIONS])
def test_row_that_was_deleted_is_missed_by_its_number(review, sheet):
    review.book[sheet].delete_rows(2)
    assert f"“{sheet}”里少了序号 1 的行：不要的行请选“不收”，不要删去" in review.faults()[0]


def test_edits_are_taken_over_and_what_hangs_on_a_row_left_out_goes_with_it(review):
    review.put(TABLES, "农机明细", 类别名称="农机", 填法="宽表：一行一个村")
    review.put(TABLES, "收支情况", 谁来报="民政办")
    review.put(ANSWERS, "总收入", 收不收="不收")
    review.put(ANSWERS, "结余", 名称="年末结余", 所在标题="收支＞年末", 小数位=1, 上级="d5")
    review.put(ANSWERS, "是否在用", 类型="文字")

    carried = review.read()

    money, machines = carried.forms[0].sheets
    assert [(one.name, one.parent, one.section) for one in money.answers] == [
        ("经营收入", "", ()), ("总支出", "", ()), ("年末结余", "1.D5", ("收支", "年末"))
    ]  # fmt: skip
    assert money.blocks[0].reporter == "909" and money.answers[-1].decimals == 1
    assert machines.blocks[0].orientation == "wide" and carried.areas == [{1: "收支情况", 2: "农机"}]
    assert [(one.name, one.type, one.choices, one.total) for one in machines.answers][2] == (
        "是否在用", "text", (), "text",
    )  # fmt: skip
    assert carried.forms[0].relations == []


def test_relation_is_written_anew_by_its_cells(review):
    review.put(
        RELATIONS, "01约等于甲表02", 收不收="收", 左边="[d3]", 关系="≥", 右边="2 * [D4] + [D5] / [D6]", 等级="核实"
    )
    told = review.read().forms[0].relations[1]
    assert (told.left, told.relation, told.right) == ("[1.D3]", ">=", "2 * [1.D4] + [1.D5] / [1.D6]")
    assert (told.grade, told.words) == ("核实", "01约等于甲表02")


def test_more_faults_than_a_screen_holds_are_counted(review):
    for row in range(2, 9):
        review.book[ANSWERS].cell(row, ANSWER_HEADS.index("小数位") + 1, "x")
        review.book[ANSWERS].cell(row, ANSWER_HEADS.index("汇总办法") + 1, "x")
    faults = review.faults()
    assert len(faults) == 13 and faults[-1] == "还有 2 处"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.unlink(), "找不到核对表"),
        (lambda path: path.write_bytes(b"PK\x03\x04 cut off"), "打不开：它应是 cunhui adopt 写出来的核对表"),
        (lambda path: path.write_bytes(workbook("== 表\n| 1 |")), "不是核对表，或另存时丢了内容"),
    ],
)
def test_file_that_is_no_review_is_refused_in_one_line(review, make, words):
    make(review.path)
    with pytest.raises(InputError, match=words):
        read_review(review.path)


def test_sheet_that_was_deleted_is_named(review):
    del review.book[RELATIONS]
    assert "里没有“审核关系”这张表；请用 cunhui adopt 重新生成一份核对表" in review.faults()[0]
