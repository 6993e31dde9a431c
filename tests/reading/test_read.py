"""Reading what offices send: a workbook as a text table, what was edited, the answers and findings that follow."""

import datetime
import io
from pathlib import Path

import openpyxl
import pytest

from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.losses.formats import as_shown, number_format
from flows.reading.records import Reading, Wanted, WantedForm, WantedIndicator, WantedList
from flows.reading.wanted import wanted_of
from schemas.catalogue import Catalogue
from tests.binary_tables import binary
from tests.libreoffice import saved_as
from tests.text_tables import drawn, saved, workbook

WANTED = Wanted(
    indicators={
        "A01": WantedIndicator("党员人数", "党的建设", "人"),
        "A02": WantedIndicator("预备党员", "党的建设", "人"),
        "A03": WantedIndicator("村党组织书记", "党的建设", ""),
        "I01": WantedIndicator("低保户数", "民生保障", "户"),
        "I02": WantedIndicator("公厕面积", "民生保障", "㎡"),
        "H01": WantedIndicator("信访件数", "和谐稳定", "件"),
    },
    lists={"L1": WantedList("村集体经济项目", {"L101": "项目名称", "L102": "总投资"}, {"L102": "万元"})},
    forms={
        "village": WantedForm(("A01", "A02", "A03", "I01", "I02"), ("L1",)),
        "905": WantedForm(("H01",), ()),
    },
)
WORDS = Words(WANTED)

COVER = """
== 封面
| 2023年度示例镇村级年报 |
| 填报单位： | 三湾村 |
| 单 位 代 码 | "990101101204" |
| 年度 | 2023 |
| 填表人： | 张三 | 审核人：李四　联系电话：13800000000 |
"""
PARTY = """
== 党的建设
| 党的建设情况表 |
| 填报单位：三湾村 | _ | 2023 年 |
| 序号 | 指标名称 | 计量单位 | 代码 | 本年数 | 上年数 | 说明 |
| 1 | 党员人数 | 人 | A01 | 12 | 11 | 转入1名 |
| 2 | 其中：预备党员 | 人 | A02 | 3 | 2 | |
| 3 | 村党组织书记 | | A03 | 王五 | | |
| 单位负责人：　　审核人：　　填表人： |
| 审核关系： |
| (1) A01≥A02　预备党员不得多于党员人数 |
"""
CARE = """
== 民生保障
| 民生保障情况表 |
| 填报单位：三湾村 |
| 序号 | 指标名称 | 计量单位 | 代码 | 本年数 | 上年数 | 说明 |
| 1 | 低保户数 | 户 | I01 | 40 | 41 | |
| 2 | 公厕面积 | ㎡ | I02 | 65.5 | 65.5 | |
"""
PROJECTS = """
== 村集体经济项目
| 村集体经济项目明细表 |
| 计量单位 | 文字（必填） | 万元（必填） | |
| 列代码 | L101 | L102 | |
| 序号 | 项目名称 | 总投资 | 说明 |
| 1 | 养牛场 | 120.5 | 已验收 |
| 2 | 冷库 | 80 | |
| 3 | | | |
| 填表人：张三 |
"""
IDENTITY = """
== _cunhui [veryHidden]
| unit_code | "990101101204" |
| unit_name | 三湾村 |
| year | "2023" |
| form_version | abc123 |
| kind | village |
"""
FORM = COVER + PARTY + CARE + PROJECTS + IDENTITY
GOOD = {
    "A01": "12 number 党的建设!E4",
    "A02": "3 number 党的建设!E5",
    "A03": "王五 text 党的建设!E6",
    "I01": "40 number 民生保障!E4",
    "I02": "65.5 number 民生保障!E5",
}
ROWS = ["1 养牛场 120.5", "2 冷库 80"]


def read(data: bytes, file: str = "三湾村.xlsx") -> Reading:
    return read_inside(data, WORDS, file)


def place(row: int, column: int) -> str:
    return f"{openpyxl.utils.get_column_letter(column)}{row}"


def answers(reading: Reading) -> dict[str, str]:
    return {a.indicator: f"{a.raw} {a.kind} {a.sheet}!{place(a.row, a.col)}" for a in reading.answers}


def raws(reading: Reading) -> dict[str, str]:
    return {a.indicator: f"{a.raw} {a.kind}" for a in reading.answers}


def rows(reading: Reading) -> list[str]:
    lines: dict[int, list[str]] = {}
    for cell in reading.list_cells:
        lines.setdefault(cell.row_no, []).append(cell.raw)
    return [f"{number} {' '.join(line)}".rstrip() for number, line in lines.items()]


def findings(reading: Reading) -> list[str]:
    """Codes with their cells; every message can be worded."""
    assert all(finding.message("三湾村") for finding in reading.findings)
    return [" ".join(part for part in (f.code, f.sheet, f.cell) if part) for f in reading.findings]


def edited(*changes: tuple[str, str], form: str = FORM) -> str:
    for old, new in changes:
        assert old in form, old
        form = form.replace(old, new)
    return form


def test_whole_form_gives_every_answer_row_and_claim():
    reading = read(workbook(FORM))
    assert answers(reading) == GOOD
    assert rows(reading) == ROWS
    assert findings(reading) == []
    assert (reading.format, reading.kind, reading.form_version) == ("xlsx", "village", "abc123")
    assert reading.identity == {
        "隐藏表": ["990101101204", "三湾村"],
        "封面": ["三湾村", "990101101204"],
        "表头": ["三湾村"],
    }
    assert reading.years == {"隐藏表": ["2023"], "封面": ["2023"], "表头": ["2023"]}
    assert reading.cover == {"填表人": "张三", "审核人": "李四", "联系电话": "13800000000"}
    assert [a.explanation for a in reading.answers] == ["转入1名", "", "", "", ""]
    assert [c.explanation for c in reading.list_cells] == ["已验收", "已验收", "", ""]
    assert reading.sheets == ["封面", "党的建设", "民生保障", "村集体经济项目", "_cunhui"]


NAME_HEAD = "| 序号 | 指标名称 | 计量单位 | 代码 | 本年数 | 上年数 | 说明 |"
A01_ROW = "| 1 | 党员人数 | 人 | A01 | 12 | 11 | 转入1名 |"
A02_ROW = "| 2 | 其中：预备党员 | 人 | A02 | 3 | 2 | |"
A03_ROW = "| 3 | 村党组织书记 | | A03 | 王五 | | |"
CARE_ROWS = CARE.strip().splitlines()[-2:]

KEEPS_EVERY_ANSWER = {
    "rows inserted above": [("| 党的建设情况表 |", "-\n-\n| 党的建设情况表 |")],
    "row inserted within": [(A02_ROW, f"-\n{A02_ROW}")],
    "rows in another order": [(f"{A01_ROW}\n{A02_ROW}", f"{A02_ROW}\n{A01_ROW}")],
    "column inserted at the left": [
        (line, f"| _ {line}") for line in (NAME_HEAD, A01_ROW, A02_ROW, A03_ROW, *CARE_ROWS)
    ],
    "sheet renamed": [("== 党的建设", "== Sheet1")],
    "sheet hidden": [("== 民生保障", "== 民生保障 [hidden]")],
    "sheets in another order": [(PARTY, ""), (CARE, CARE + PARTY)],
    "exact copy of a sheet": [(CARE, CARE + CARE.replace("== 民生保障", "== 民生保障 (2)"))],
    "heads typed with spaces and full width": [
        ("| 代码 | 本年数 | 上年数 |", "| 代　码 | 本 年 数（2023年） | 上年数（2022年） |"),
    ],
    "codes typed full width and in lower case": [("| A01 |", "| Ａ０１ |"), ("| I01 |", '| " i01　" |')],
    "names renumbered and indented": [("| 其中：预备党员 |", '| "　　其中: 2、预备党员（人）" |')],
    "unit in brackets": [("| 公厕面积 | ㎡ |", "| 公厕面积 | （平方米） |")],
    "identity sheet deleted": [(IDENTITY, "")],
    "cover deleted": [(COVER, "")],
    "columns in another order": [
        (NAME_HEAD, "| 代码 | 本年数 | 上年数 | 指标名称 | 计量单位 | 说明 | 序号 |"),
        (A01_ROW, "| A01 | 12 | 11 | 党员人数 | 人 | 转入1名 | 1 |"),
        (A02_ROW, "| A02 | 3 | 2 | 其中：预备党员 | 人 | | 2 |"),
        (A03_ROW, "| A03 | 王五 | | 村党组织书记 | | |"),
        ("| 1 | 低保户数 | 户 | I01 | 40 | 41 | |", "| I01 | 40 | 41 | 低保户数 | 户 | |"),
        ("| 2 | 公厕面积 | ㎡ | I02 | 65.5 | 65.5 | |", "| I02 | 65.5 | 65.5 | 公厕面积 | ㎡ | |"),
    ],
    "head merged over two rows": [(NAME_HEAD, f"{NAME_HEAD}\n-\n~ D3:D4\n~ E3:E4")],
    "printed twice on one sheet": [(A03_ROW, f"{NAME_HEAD}\n{A03_ROW}")],
}


@pytest.mark.parametrize("changes", KEEPS_EVERY_ANSWER.values(), ids=KEEPS_EVERY_ANSWER)
def test_harmless_mess_keeps_every_answer(changes):
    data = workbook(edited(*changes))
    reading = read(data)
    assert raws(reading) == {code: answer.rsplit(" ", 1)[0] for code, answer in GOOD.items()}
    assert (rows(reading), findings(reading)) == (ROWS, [])
    assert_lineage(reading, openpyxl.load_workbook(io.BytesIO(data)))


def assert_lineage(reading: Reading, book: openpyxl.Workbook) -> None:
    """Another library finds the same in the very cell that each answer names."""
    assert reading.answers or reading.list_cells
    for item in (*reading.answers, *reading.list_cells):
        value = book[item.sheet].cell(item.row, item.col).value
        assert str("" if value is None else value) == item.raw, item


REFUSED = {
    # what was done: (changes, answers that are lost, findings)
    "row deleted": ([(A02_ROW + "\n", "")], "A02", ["INDICATOR_MISSING_ROW 党的建设"]),
    "code erased": ([("| A02 |", "| |")], "A02", ["CODE_NAME_CONFLICT 党的建设 B5"]),
    "name erased": ([("| 其中：预备党员 |", "| |")], "A02", ["CODE_NAME_CONFLICT 党的建设 B5"]),
    "sheet deleted": ([(CARE, "")], "I01 I02", ["SHEET_MISSING"]),
    "list deleted": ([(PROJECTS, "")], "L1", ["SHEET_MISSING"]),
    "head of values erased": (
        [(NAME_HEAD + "\n" + A01_ROW, NAME_HEAD.replace("本年数", "") + "\n" + A01_ROW)],
        "A01 A02 A03",
        ["COLUMN_UNCLEAR 党的建设"],
    ),
    "head erased": ([(NAME_HEAD + "\n" + A01_ROW, "-\n" + A01_ROW)], "A01 A02 A03", ["COLUMN_UNCLEAR 党的建设"]),
    "heads written over": (
        [(NAME_HEAD + "\n" + A01_ROW, "| 本年数 | 指标名称 | 计量单位 | 代码 | 数量 | 上年数 | 说明 |\n" + A01_ROW)],
        "A01 A02 A03",
        ["COLUMN_UNCLEAR 党的建设"],
    ),
    "two heads of values": (
        [(NAME_HEAD + "\n" + A01_ROW, NAME_HEAD.replace("序号", "本年数") + "\n" + A01_ROW)],
        "A01 A02 A03",
        ["COLUMN_UNCLEAR 党的建设"],
    ),
    "codes exchanged": (
        [("| A01 |", "| @ |"), ("| A02 |", "| A01 |"), ("| @ |", "| A02 |")],
        "A01 A02",
        ["CODE_NAME_CONFLICT 党的建设 B4"],
    ),
    "codes moved up": (
        [("人 | A01 |", "人 | A02 |"), ("预备党员 | 人 | A02 |", "预备党员 | 人 | A03 |"), ("| | A03 |", "| | |")],
        "A01 A02 A03",
        ["CODE_NAME_CONFLICT 党的建设 B4"],
    ),
    "row shifted left": (
        [(A02_ROW, "| 其中：预备党员 | 人 | A02 | 3 | 2 | |")],
        "A02",
        ["INDICATOR_MISSING_ROW 党的建设"],
    ),
    "same code twice with two values": (
        [(A02_ROW, A02_ROW + "\n" + A01_ROW.replace("| 12 |", "| 13 |"))],
        "A01",
        ["INDICATOR_TWICE 党的建设 E6"],
    ),
    "changed copy of a sheet": (
        [(CARE, CARE + CARE.replace("== 民生保障", "== 副本").replace("| 40 |", "| 44 |"))],
        "I01",
        ["INDICATOR_TWICE 副本 E4"],
    ),
    "blank copy of a sheet": (
        [(CARE, CARE + CARE.replace("== 民生保障", "== 副本 [hidden]").replace("| 40 |", "| |"))],
        "I01",
        ["INDICATOR_TWICE 副本 E4"],
    ),
    "values of two rows merged": ([(A02_ROW, A02_ROW + "\n~ E4:E5")], "A01 A02", ["VALUES_MERGED 党的建设 E4"]),
    "value lost as it was merged with an empty row's above": (
        [(A02_ROW, "| |\n" + A02_ROW.replace("| 3 |", "| |") + "\n~ E5:E6")],
        "A02",
        ["VALUES_MERGED 党的建设 E5"],
    ),
    "value merged with its code": ([(A02_ROW, A02_ROW + "\n~ D5:E5")], "A02", ["VALUES_MERGED 党的建设 D5"]),
    "codes of two rows merged": ([(A02_ROW, A02_ROW + "\n~ D4:D5")], "A02", ["CODE_NAME_CONFLICT 党的建设 B5"]),
    "head over two columns, both filled": (
        [(NAME_HEAD + "\n" + A01_ROW, NAME_HEAD.replace("上年数", "") + "\n" + A01_ROW + "\n~ E3:F3")],
        "A01 A02",
        ["VALUE_UNCLEAR 党的建设 E4", "VALUE_UNCLEAR 党的建设 E5"],
    ),
    "unit of measure changed": ([("| 人 | A01 |", "| 万人 | A01 |")], "A01", ["WRONG_UNIT 党的建设 C4"]),
    "list's unit changed": ([("| 万元（必填） |", "| 元 |")], "", ["WRONG_UNIT 村集体经济项目 C2"]),
    "list's column deleted": (
        [("| 万元（必填） | |", "| |"), ("| L102 | |", "| |"), ("| 总投资 |", "| |")],
        "L102",
        None,
    ),
    "list's codes exchanged": (
        [("| L101 | L102 |", "| L102 | L101 |")],
        "",
        ["CODE_NAME_CONFLICT 村集体经济项目 B4"],
    ),
    "list's two numbers merged": ([("| 3 | | | |", "| 3 | | | |\n~ C5:C6")], "", ["VALUES_MERGED 村集体经济项目 C5"]),
    "changed copy of a list": (
        [(PROJECTS, PROJECTS + PROJECTS.replace("== 村集体经济项目", "== 副本").replace("| 80 |", "| 81 |"))],
        "",
        ["INDICATOR_TWICE 副本 A5"],
    ),
}


@pytest.mark.parametrize(("changes", "lost", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_told_for_certain_is_a_blocking_finding(changes, lost, expected):
    reading = read(workbook(edited(*changes)))
    kept = {code: answer.rsplit(" ", 1)[0] for code, answer in GOOD.items() if code not in lost.split()}
    assert {code: raw for code, raw in raws(reading).items() if code in kept} == kept
    assert not set(raws(reading)).intersection(lost.split())
    assert findings(reading) == (expected or ["LIST_COLUMN_MISSING 村集体经济项目"])
    assert all(finding.level == "强制" for finding in reading.findings)


def test_missing_rows_are_named():
    reading = read(workbook(edited((A02_ROW + "\n", ""), (A03_ROW + "\n", ""))))
    [finding] = reading.findings
    assert finding.details["names"] == "A02 预备党员、A03 村党组织书记"
    assert "缺 2 个指标" in read(workbook(edited((CARE, "")))).findings[0].message("三湾村")


@pytest.mark.parametrize(
    ("cell", "raw", "kind"),
    [
        ("12", "12", "number"),
        ("12.5", "12.5", "number"),
        ("-3", "-3", "number"),
        ('"12"', "12", "text"),
        ('"１２户 "', "１２户 ", "text"),
        ('"　"', "　", "blank"),
        ("", "", "blank"),
        ("TRUE", "TRUE", "bool"),
        ("@2023-05-01", "2023-05-01", "date"),
        ("@12", "1900-01-12", "date"),
        ("@5000000", "5000000", "number"),
        ("=6+6", "=6+6", "formula_without_value"),
        ("!#REF!", "#REF!", "error"),
        ("!#DIV/0!", "#DIV/0!", "error"),
        ('"=6+6"', "=6+6", "text"),
        ('"#REF!"', "#REF!", "text"),
        ("0.0001", "0.0001", "number"),
    ],
)
def test_cell_is_delivered_as_it_stands_with_its_kind(cell, raw, kind):
    reading = read(workbook(edited((A01_ROW, f"| 1 | 党员人数 | 人 | A01 | {cell} | 11 | |"))))
    assert answers(reading)["A01"] == f"{raw} {kind} 党的建设!E4"
    assert answers(reading) | {"A01": GOOD["A01"]} == GOOD


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        (0.1 + 0.2, "0.3"),
        (1e15, "1000000000000000"),
        (1e20, "100000000000000000000"),
        (1.5e-7, "0.00000015"),
        (123456.789, "123456.789"),
        (2.675, "2.675"),
    ],
)
def test_number_is_the_shortest_decimal_without_exponent(value, raw):
    book = drawn(FORM)
    book["党的建设"]["E4"] = value
    assert raws(read(saved(book)))["A01"] == f"{raw} number"


def test_zero_of_a_formula_that_was_never_calculated_is_no_value():
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    with Workbook(buffer) as book:
        sheet = book.add_worksheet("党的建设")
        for column, words in enumerate(("指标名称", "代码", "本年数")):
            sheet.write(0, column, words)
        for row, (code, name) in enumerate(
            (("A01", "党员人数"), ("A02", "预备党员"), ("A03", "村党组织书记")), start=1
        ):
            sheet.write(row, 0, name)
            sheet.write(row, 1, code)
        sheet.write_formula("C2", "=5+5")
        sheet.write_formula("C3", "=5+5", value=10)
        sheet.write_formula("C4", '=""', value="")
    assert answers(read(buffer.getvalue())) == {
        "A01": "=5+5 formula_without_value 党的建设!C2",
        "A02": "10 number 党的建设!C3",
        "A03": '="" formula_without_value 党的建设!C4',
    }


PLAIN_FORMATS = (
    "", "General", "0", "0.00", "#,##0", "#,##0.00_);[Red]\\(#,##0.00\\)", '_ "¥"* #,##0.00_ ', 'yyyy"年"m"月"', "h:mm",
    "0.00E+00", "##0.0E+0", "[DBNum2]General", "@", "# ??/??", "# ##0", "000000", "[$¥-804]#,##0.00", "0.00_ ",
    "#,##0;\\-#,##0", "[Red][<60]0;0",
)  # fmt: skip
"""Formats that people and programs use and that show what is stored."""


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        ("0.85", "0%", "85%"),
        ("0.07125", "0.00%_)", "7.125%"),
        ("35012.5", '0!.0,"万元"', "3.50125万元"),
        ("35012.5", '0\\.0,"万"', "3.50125万"),
        ("35012.5", '#"."0,万元', "3.50125万元"),
        ("35012.5", '0!.0000"万元"', "3.50125万元"),
        ("3.5", '0.0"万元"', "3.5万元"),
        ("35000", '#,##0.0,"千元"', "35千元"),
        ("-12", 'General"户"', "-12户"),
        ("12", '"约"0', "约12"),
        ("12", '"共"0"户"', "共12户"),
        *((value, code, None) for code in PLAIN_FORMATS for value in ("12", "0", "12345.678")),
        ("-12", '"¥"#,##0.00;[Red]"¥"-#,##0.00', None),
        ("-12", "0_);(0)", None),
        ("0", "0;-0;", None),
        ("0", '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', None),
    ],
)
def test_number_format_with_words_says_what_is_shown(value, code, shown):
    shows = number_format(code)
    assert (shows.of_number(value) if shows else None) == ((True, (shown, "text")) if shown else None)


@pytest.mark.parametrize(
    ("value", "code", "asked"),
    [
        ("12", ";;;", "12（显示为空白）"),
        ("0", ";;;", "0（显示为空白）"),
        ("12345", "0.0,", "12345（显示为“12.3”）"),
        ("12345", "#,##0,", "12345（显示为“12”）"),
        ("12345", "0,.00", "12345（显示为“12.35”）"),
        ("12345", '0.0,"元"', "12345（显示为“12.3元”）"),
        ("12345", '0.0,"万元"', "12345（显示为“12.3万元”）"),
        ("-5", "0;0", "-5（显示为“5”）"),
        ("-5", "0;[Red]0", "-5（显示为“5”）"),
        ("-5", '"增加"0;"减少"0', "-5（显示为“减少5”）"),
        ("5", '"-"0', "5（显示为“-5”）"),
        ("5", "(0)", "5（显示为“(5)”）"),
        ("12", '0"0"', "12（显示为“120”）"),
        ("12", "\\10", "12（显示为“112”）"),
        ("12", '"合格"', "12（显示为“合格”）"),
        ("12", "0!.0", "12（显示为“1.2”）"),
        ("35012.5", '0\\!.0,"万元"', '35012.5（格式 0\\!.0,"万元"）'),
        ("35012.5", "0\\!.0,\\万\\元", "35012.5（格式 0\\!.0,\\万\\元）"),
        ("35012.5", "[>9999]0\\!.0,\\万;0", "35012.5（格式 [>9999]0\\!.0,\\万;0）"),
        ("1234", "0\\-000", "1234（格式 0\\-000）"),
    ],
)  # fmt: skip
def test_number_format_that_hides_shortens_or_adds_without_a_word_is_asked(value, code, asked):
    assert number_format(code).of_number(value) == (False, (asked, "shown_otherwise"))


def test_negative_number_in_a_date_format_stays_what_it_is():
    assert number_format("yyyy-mm-dd").of_number("-5") == (True, ("-5", "date"))
    assert number_format("yyyy-mm-dd").of_number("5") is None


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('@"万元"', ("3万元", "text")),
        (";;;", ("3（显示为空白）", "shown_otherwise")),
        ('0;-0;0;"已填"', ("3（显示为“已填”）", "shown_otherwise")),
        ("0.0,", ("3", "text")),
    ],
)
def test_text_under_a_number_format_says_what_is_shown(code, said):
    assert number_format(code).of_text("3") == said


@pytest.mark.parametrize(
    ("value", "text", "shown"),
    [
        ("0.004", "0%", "0.4%"),
        ("35012.5", "3.5万元", "3.50125万元"),
        ("40", "0.0万元", "0.004万元"),
        ("-3.52", "-3.5万元", "-3.52万元"),
        ("12", "约12", "约12"),
        *(("35000", text, None) for text in ("35000", "35,000", "35000.00", "¥35,000.00", "3.50E+04", "三万五千")),
        *(("-5", text, None) for text in ("-5", "(5)", "¥-5.00", "-¥5.00")),
        *(("0", text, None) for text in ("", "-", "—", "0.00")),
        ("0.5", "1/2", None),
        ("0.004", "0.0", None),
    ],
)
def test_open_document_number_is_taken_in_full_as_it_is_shown(value, text, shown):
    assert as_shown(value, text) == ((True, (shown, "text")) if shown else None)


@pytest.mark.parametrize(
    ("value", "text", "told"),
    [("35000", "7万元", "“7万元”"), ("12345", "12.3", "“12.3”"), ("35000", "3!.5万元", "“3!.5万元”"),
     ("-5", "5", "“5”"),
     ("5", "-5", "“-5”"), ("12", "", "空白"), ("12", "120", "“120”"), ("1234", "1-234", "“1-234”")],
)  # fmt: skip
def test_open_document_number_that_shows_another_is_asked(value, text, told):
    assert as_shown(value, text) == (False, (f"{value}（显示为{told}）", "shown_otherwise"))


def test_text_that_is_partly_struck_out_or_raised_keeps_its_marks():
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    with Workbook(buffer) as book:
        struck, raised = book.add_format({"font_strikeout": True}), book.add_format({"font_script": 1})
        bold, sheet = book.add_format({"bold": True}), book.add_worksheet("党的建设")
        sheet.write_row("A1", ("指标名称", "代码", "本年数"))
        sheet.write_row("A2", ("党员人数", "A01"))
        sheet.write_rich_string("C2", struck, "12", bold, "13 & 5")
        sheet.write_row("A3", ("预备党员", "A02"))
        sheet.write_rich_string("C3", bold, "12", raised, "①3")
        sheet.write_row("A4", ("村党组织书记", "A03"))
        sheet.write_rich_string("C4", bold, "王", "五")
    assert answers(read(buffer.getvalue())) == {
        "A01": "（划去：12）13 & 5 struck 党的建设!C2",
        "A02": "12（上标：①3） text 党的建设!C3",
        "A03": "王五 text 党的建设!C4",
    }


LIST_ROWS = {
    "rows inserted, a gap": ([("| 2 | 冷库", "-\n| 2 | 冷库")], ROWS, []),
    "more rows than were drawn": (
        [("| 3 | | | |", "| 3 | 磨坊 | 7 | |\n| 4 | 茶厂 | 9 | |")],
        [*ROWS, "3 磨坊 7", "4 茶厂 9"],
        [],
    ),
    "rows below the foot line": (
        [("| 填表人：张三 |", "| 填表人：张三 |\n| 3 | 磨坊 | 7 | |")],
        [*ROWS, "3 磨坊 7"],
        [],
    ),
    "total row": (
        [("| 3 | | | |", "| 合计 | | 200.5 | |")],
        ROWS,
        ["LIST_TOTAL 村集体经济项目 A7"],
    ),
    "incomplete row": ([("| 冷库 | 80 |", "| 冷库 | |")], ["1 养牛场 120.5", "2 冷库"], []),
    "only 无": ([("| 1 | 养牛场 | 120.5 | 已验收 |", "| | 无 | | |"), ("| 2 | 冷库 | 80 | |", "-")], [], []),
    "only 无, merged": (
        [("| 1 | 养牛场 | 120.5 | 已验收 |", "| | 无 | | |\n~ B5:D5"), ("| 2 | 冷库 | 80 | |", "-")],
        [],
        [],
    ),
    "that there is none, in words": (
        [("| 1 | 养牛场 | 120.5 | 已验收 |", "| | 本村没有集体经济项目 | | |"), ("| 2 | 冷库 | 80 | |", "-")],
        [],
        [],
    ),
    "a name that begins with 无": (
        [("| 2 | 冷库 | 80 | |", "| 2 | 无公害蔬菜项目 | 80 | |")],
        ["1 养牛场 120.5", "2 无公害蔬菜项目 80"],
        [],
    ),
    "names of the columns once more": (
        [("| 2 | 冷库 | 80 | |", "| 序号 | 项目名称 | 总投资 | 说明 |\n| 2 | 冷库 | 80 | |")],
        ROWS,
        [],
    ),
    "nothing": ([("| 1 | 养牛场 | 120.5 | 已验收 |", "-"), ("| 2 | 冷库 | 80 | |", "-")], [], []),
    "explanation that begins with 注": ([("| 已验收 |", "| 注：已验收 |")], ROWS, []),
    "row of codes deleted": ([("| 列代码 | L101 | L102 | |\n", "")], ROWS, []),
    "row of names deleted": ([("| 序号 | 项目名称 | 总投资 | 说明 |\n", "")], ROWS, ["EXTRA_NOTE 村集体经济项目 D4"]),
    "one code erased": ([("| L101 | L102 |", "| L101 | |")], ROWS, []),
    "columns in another order": (
        [
            ("| 文字（必填） | 万元（必填） | |", "| 万元 | | 文字 |"),
            ("| L101 | L102 | |", "| L102 | | L101 |"),
            ("| 项目名称 | 总投资 | 说明 |", "| 总投资 | 说明 | 项目名称 |"),
            ("| 养牛场 | 120.5 | 已验收 |", "| 120.5 | 已验收 | 养牛场 |"),
            ("| 冷库 | 80 | |", "| 80 | | 冷库 |"),
        ],
        ["1 120.5 养牛场", "2 80 冷库"],
        [],
    ),
}


@pytest.mark.parametrize(("changes", "expected", "found"), LIST_ROWS.values(), ids=LIST_ROWS)
def test_list_rows_are_the_filled_entries(changes, expected, found):
    data = workbook(edited(*changes))
    reading = read(data)
    assert rows(reading) == expected
    assert findings(reading) == found
    assert_lineage(reading, openpyxl.load_workbook(io.BytesIO(data)))


NOTES = {
    "beside the table": ([("| 转入1名 |", "| 转入1名 | 请核 |")], ["EXTRA_NOTE 党的建设 H4"]),
    "own row with a figure": ([(A02_ROW, f"| | 另有流动党员 | 人 | | 4 | | |\n{A02_ROW}")], ["EXTRA_NOTE 党的建设 E5"]),
    "own sheet": ([(CARE, CARE + "== 补充\n| 本村另有情况 |")], ["EXTRA_NOTE 补充 A1"]),
    "empty sheet": ([(CARE, CARE + "== Sheet3\n")], []),
    "definitions": ([(CARE, CARE + "== 口径\n| 指标代码 | 指标名称 | 填报口径 |\n| A01 | 党员人数 | 年末数 |")], []),
    "glossary": ([(CARE, CARE + "== 指标解释\n| 代码 | 本年数 |\n| A01 | 99 |")], []),
}


@pytest.mark.parametrize(("changes", "expected"), NOTES.values(), ids=NOTES)
def test_what_is_no_part_of_the_form_is_noted_and_not_taken(changes, expected):
    reading = read(workbook(edited(*changes)))
    assert raws(reading) == {code: answer.rsplit(" ", 1)[0] for code, answer in GOOD.items()}
    assert findings(reading) == expected


def test_own_figure_is_quoted_in_the_note():
    changes, _ = NOTES["own row with a figure"]
    assert read(workbook(edited(*changes))).findings[0].raw == "B5“另有流动党员”、E5“4”"


def test_merge_over_value_and_last_year_still_answers():
    reading = read(workbook(edited((A02_ROW, A02_ROW.replace("| 2 | |", "| | |") + "\n~ E5:F5"))))
    assert answers(reading) == GOOD


def test_explanation_merged_over_two_rows_serves_both():
    reading = read(workbook(edited((A02_ROW, A02_ROW + "\n~ G4:G5"))))
    assert [a.explanation for a in reading.answers[:2]] == ["转入1名", "转入1名"]


def test_value_hidden_under_a_merge_is_not_taken():
    reading = read(workbook(edited((CARE_ROWS[1], CARE_ROWS[1].replace("| I02 | 65.5 |", "| I02 | |") + "\n~ D5:E5"))))
    assert findings(reading) == ["VALUES_MERGED 民生保障 D5"]
    assert "I02" not in answers(reading)


def test_office_form_is_told_by_its_codes_when_identity_is_lost():
    office = edited(("== 党的建设", "== 和谐稳定"), (A02_ROW + "\n", ""), (A03_ROW + "\n", ""), form=PARTY)
    reading = read(workbook(office.replace("党员人数", "信访件数").replace("A01", "H01").replace("| 人 |", "| 件 |")))
    assert (reading.kind, raws(reading), findings(reading)) == ("905", {"H01": "12 number"}, [])


def test_identity_claims_that_differ_are_all_kept():
    form = edited(("| 填报单位：三湾村 | _ | 2023 年 |", "| 填报单位：大湾村 | _ | 2022 年 |"))
    reading = read(workbook(form, properties={"cunhui_unit_code": "990101101203", "cunhui_year": "2023"}))
    assert reading.identity["表头"] == ["大湾村", "三湾村"]
    assert reading.identity["文件属性"] == ["990101101203"]
    assert reading.identity["隐藏表"] == ["990101101204", "三湾村"]
    assert reading.years["表头"] == ["2022"]


def test_workbook_without_codes_is_no_form():
    reading = read(workbook("== Sheet1\n| 姓名 | 年龄 |\n| 张三 | 40 |"))
    assert findings(reading) == ["FILE_NOT_A_FORM"]
    assert not reading.answers


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_form_saved_as_text_is_read_as_its_one_sheet(encoding, separator):
    lines = [line.strip().strip("|") for line in CARE.strip().splitlines()[1:]]
    text = "\r\n".join(separator.join(cell.strip() for cell in line.split("|")) for line in lines)
    reading = read(text.encode(encoding))
    assert reading.format == "csv"
    assert answers(reading) == {"I01": "40 number !E4", "I02": "65.5 number !E5"}
    assert findings(reading) == ["SHEET_MISSING", "SHEET_MISSING"]


# ---- other formats, through LibreOffice

MESSY = edited(
    ("| 党的建设情况表 |", "-\n-\n| 党的建设情况表 |"),
    (A02_ROW, f"-\n{A02_ROW}"),
    ("| A02 | 3 |", "| A02 | !#DIV/0! |"),
    ("| I01 | 40 |", '| I01 | "４０户 " |'),
    ("| 65.5 | 65.5 |", "| @12 | 65.5 |"),
)


@pytest.fixture(scope="module")
def resaved(tmp_path_factory: pytest.TempPathFactory):
    """The same messy form in every format that LibreOffice writes."""
    folder = tmp_path_factory.mktemp("formats")
    source = folder / "form.xlsx"
    book = drawn(MESSY, properties={"cunhui_unit_code": "990101101204"})
    book["民生保障"].merge_cells("A1:G1")
    book["民生保障"]["F4"] = "=2+3"
    book.save(source)
    for suffix in ("xls", "ods", "xlsx"):
        saved_as(suffix, folder / suffix, [source])
    return folder


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
@pytest.mark.parametrize("named", ["三湾村.xlsx", "最终版(2).xls", "报表.et"])
def test_every_format_gives_the_same_by_content_and_not_by_name(resaved, suffix, named):
    reading = read((resaved / suffix / f"form.{suffix}").read_bytes(), named)
    assert reading.format == suffix
    date = "1900-01-11" if suffix == "ods" else "1900-01-12"
    assert answers(reading) == {
        "A01": "12 number 党的建设!E6",
        "A02": "#DIV/0! error 党的建设!E8",
        "A03": "王五 text 党的建设!E9",
        "I01": "４０户  text 民生保障!E4",
        "I02": f"{date} date 民生保障!E5",
    }
    assert rows(reading) == ROWS
    assert findings(reading) == []
    assert reading.identity["隐藏表"] == ["990101101204", "三湾村"]


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_lineage_holds_when_an_old_format_is_opened_elsewhere(resaved, suffix, tmp_path):
    """LibreOffice opens the archived file and writes what it sees; the same cells hold the same."""
    source = resaved / suffix / f"form.{suffix}"
    [saved] = saved_as("xlsx", tmp_path, [source])
    book = openpyxl.load_workbook(saved, data_only=True)
    reading = read(source.read_bytes())
    for item in (*reading.answers, *reading.list_cells):
        value = book[item.sheet].cell(item.row, item.col).value
        if isinstance(value, datetime.datetime):
            assert item.kind == "date"
        elif item.kind == "error":
            assert value.startswith("#")
        else:
            assert str("" if value is None else value) == item.raw


def test_binary_workbook_is_read_with_what_its_reader_loses():
    form = edited(
        ("| A01 | 12 |", "| A01 | !#REF! |"),
        ("| A02 | 3 |", "| A02 | -7 |"),
        ("| A03 | 王五 |", "| A03 | TRUE |"),
        (CARE_ROWS[1], CARE_ROWS[1] + "\n~ E4:E5"),
    )
    reading = read(binary(drawn(form)), "最终版.xlsx")
    assert reading.format == "xlsb"
    assert answers(reading) == {
        "A01": "#REF! error 党的建设!E4",
        "A02": "-7 number 党的建设!E5",
        "A03": "TRUE bool 党的建设!E6",
    }
    assert findings(reading) == ["VALUES_MERGED 民生保障 E4"]
    assert rows(reading) == ROWS
    assert answers(read(binary(drawn(FORM)))) == GOOD


def test_real_form_of_every_kind_is_read_back_whole(tmp_path):

    from flows.emit.forms.drawing import Fill, draw_form
    from flows.emit.forms.layout import layout_of
    from flows.emit.workbook.canvas import opened

    catalogue = Catalogue()
    wanted = wanted_of(catalogue, 2023)
    words = Words(wanted)
    for kind, form in wanted.forms.items():
        layout = layout_of(catalogue, kind, year=2023, township="示例镇", deadline="1月10日", marks={})
        sent = {
            code: f"甲{code}" if catalogue.indicators[code].is_text else number
            for number, code in enumerate(form.indicators)
        }
        entries = {
            code: [dict.fromkeys(wanted.lists[code].columns, "乙"), dict.fromkeys(wanted.lists[code].columns, 5)]
            for code in form.lists
        }
        path = Path(tmp_path / f"{kind}.xlsx")
        with opened(path) as book:
            draw_form(book, layout, Fill(unit_name="三湾村", unit_code="990101101204", values=sent, rows=entries))
        reading = read_inside(path.read_bytes(), words)
        assert reading.findings == []
        assert reading.kind == kind
        assert {a.indicator: a.raw for a in reading.answers} == {code: str(value) for code, value in sent.items()}
        assert [c.raw for c in reading.list_cells] == [
            raw for code in form.lists for raw in ("乙", "5") for _ in wanted.lists[code].columns
        ]
        assert set(reading.identity) == {"隐藏表", "文件属性", "封面", "表头"}
        assert_lineage(reading, openpyxl.load_workbook(path))
