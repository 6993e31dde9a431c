"""What forms ask in the world, once from blank forms to tables: codes of the form, headings, choices, means."""

import json
import shutil
from decimal import Decimal

import openpyxl
import pytest

from flows.commands.cli import main
from flows.inbox.owner import Owner
from flows.inbox.submission import Submission
from flows.judging.check import check
from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.wanted import wanted_of
from flows.store.store import Store
from schemas.catalogue import catalogue_of
from schemas.roster import Unit, unheld
from schemas.roster_file import load_units
from tests.office import run_steps
from tests.settings_text import settings_text
from tests.text_tables import saved

SETTINGS = settings_text("880202303", "青湖乡", 2024)
UNITS = """code,name,kind,terrain,role
880202303201,东湖村,村,,
880202303202,西湖村,村,,
880202303203,南湖村,村,,
880202303000,青湖乡人民政府,乡镇,,
"""
OTHERS = """[fields.leader]
name = "负责人"
required = true
holds = "person"
[fields.phone]
name = "联系电话"
[fields.date]
name = "填报日期"
required = true
"""
PEOPLE = """[area]
number = 1
name = "人口"
title = "人口情况"
[indicators.P1]
form_code = "01"
section = ["户籍人口"]
name = "总人口"
definition = "年末户籍人口。"
unit = "人"
[indicators.P2]
form_code = "02"
section = ["户籍人口"]
name = "男"
definition = "其中男性。"
unit = "人"
parent = "P1"
[indicators.P3]
form_code = "03"
section = ["常住人口", "按性别分"]
name = "男"
definition = "常住的男性。"
unit = "人"
[indicators.P4]
form_code = "04"
name = "人均收入"
definition = "户籍人口的人均可支配收入。"
unit = "元"
decimals = 2
printed_unit = "万元"
factor = 10000
printed_decimals = 4
total = "weighted"
weight = "P1"
[indicators.P5]
form_code = "05"
name = "海拔"
definition = "村委会所在地的海拔。"
unit = "米"
total = "none"
[indicators.P6]
name = "总人口（上年末）"
row = "P1"
period = "上年末"
definition = "上年末户籍人口。"
unit = "人"
[indicators.P7]
name = "总人口（年均）"
row = "P1"
period = "年均"
definition = "年平均户籍人口。"
unit = "人"
[indicators.P8]
name = "男（上年末）"
row = "P3"
period = "上年末"
definition = "上年末常住的男性。"
unit = "人"
[relations.R1]
left = "[01] / [02]"
relation = ">"
right = "1"
words = "总人口多于男性"
"""
ROADS = """[area]
number = 2
name = "道路"
title = "道路情况"
reason = false
[indicators.Q1]
form_code = "1"
name = "是否通客车"
definition = "年末通客车的填是。"
unit = ""
type = "choice"
choices = ["是", "否"]
blank = "missing"
[indicators.Q4]
form_code = "4"
name = "财政收入"
definition = "乡镇本级的财政收入。"
unit = "万元"
decimals = 2
reporter = "township"
[indicators.Q2]
form_code = "2"
name = "道路名称"
definition = "通村道路的名称。"
unit = ""
type = "text"
[indicators.Q3]
form_code = "3"
name = "路面材料"
definition = "通村道路的路面。"
unit = ""
type = "choice"
choices = ["1.水泥", "2.沥青", "9.其他"]
"""
FIGURES = {
    "东湖村": {"P1": 100, "P2": 60, "P3": 55, "P4": 10000.5, "P5": 1200, "Q1": "是", "Q2": "湖东路", "Q3": "沥青",
              "P6": 98, "P7": 99, "P8": 50},
    "西湖村": {"P1": 201, "P2": 100, "P3": 90, "P4": 20000, "P5": 900, "Q1": "１", "Q2": "", "Q3": 9,
              "P6": 200, "P7": 200, "P8": 80},
    "青湖乡人民政府": {"Q4": 123.45},
    "南湖村": {"P1": 300, "P2": 150, "P3": 145, "P4": 15000.25, "P5": 1000, "Q1": "2.否", "Q2": "", "Q3": "2.沥青",
              "P6": 310, "P7": 305, "P8": 140},
}  # fmt: skip
COVER = {"负责人": "周 和", "联系电话": "0000-1220000", "填报日期": "2025-01-05"}
MEAN = Decimal("100") * Decimal("10000.5") + 201 * 20000 + 300 * Decimal("15000.25")


def told(command, folder, *more):
    return main([*command.split(), "--inputs", str(folder / "inputs"), *more])


def rows_of(book, catalogue, area):
    """The cells of an area's sheet under their heads, by indicator."""
    found, heads = {}, []
    own = [item for item in catalogue.indicators.values() if item.area == area and not item.row]
    codes = {item.printed_code: item.code for item in own}
    for row in book[area].iter_rows():
        texts = ["" if cell.value is None else str(cell.value) for cell in row]
        if "代码" in texts:
            heads = texts
        elif heads and texts[heads.index("代码")] in codes:
            found[codes[texts[heads.index("代码")]]] = dict(zip(heads, row, strict=True))
    return found


@pytest.fixture(scope="module")
def township(tmp_path_factory):
    folder = tmp_path_factory.mktemp("language")
    for name, text in {
        "township.toml": SETTINGS, "units.csv": UNITS, "catalogue/others.toml": OTHERS,
        "catalogue/indicators/people.toml": PEOPLE, "catalogue/indicators/roads.toml": ROADS,
    }.items():  # fmt: skip
        path = folder / "inputs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    inbox = folder / "inputs" / "2024" / "submissions"
    inbox.mkdir(parents=True)
    assert told("forms", folder, "--outputs", str(folder / "outputs")) == 0
    catalogue = catalogue_of(folder / "inputs")
    for form in sorted((folder / "outputs" / "2024" / "forms").rglob("*.xlsx")):
        book, left = openpyxl.load_workbook(form), dict(FIGURES[form.stem.partition("-")[2]])
        for row in book["封面"].iter_rows(max_row=12):
            if row[0].value in COVER:
                row[1].value = COVER[row[0].value]
        for area in (area for area in catalogue.areas if area in book.sheetnames):
            for code, cells in rows_of(book, catalogue, area).items():
                asked = {"本年数": code} | {i.period: i.code for i in catalogue.indicators.values() if i.row == code}
                for head, one in asked.items():
                    cells[head].value = left.pop(one) or None
        assert not left
        book.save(inbox / form.name)
    standing = run_steps(folder / "inputs", folder / "outputs")
    yield folder, catalogue, standing
    catalogue_of(folder / "nowhere")


def query(township, sql):
    with Store(township[0] / "outputs" / "cunhui.duckdb") as store:
        return store.rows(sql)


def test_everything_is_accepted_and_total(township):
    _, _, standing = township
    assert standing.complete, query(township, "SELECT unit_name, message FROM findings")
    totals = dict(query(township, "SELECT indicator, value FROM totals WHERE level = 'township' AND text IS NULL"))
    assert totals == {
        "P1": 601, "P2": 310, "P3": 290, "P4": round(MEAN / 601, 4), "P6": 608, "P7": 604, "P8": 270,
        "Q1C01": 2, "Q1C02": 1, "Q3C01": 0, "Q3C02": 2, "Q3C03": 1, "Q4": Decimal("123.45"),
    }  # fmt: skip
    words = "SELECT indicator, text FROM totals WHERE level = 'township' AND text IS NOT NULL ORDER BY 1"
    assert query(township, words) == [("Q1", "是 2、否 1"), ("Q2", "湖东路"), ("Q3", "2.沥青 2、9.其他 1")]


def test_mean_is_printed_from_its_exact_sums(township):
    [(printed, above, below)] = query(
        township, "SELECT printed, numerator, denominator FROM totals WHERE indicator = 'P4' AND level = 'township'"
    )
    assert (above, below) == (MEAN, 601)
    assert printed == (MEAN / 601 / 10000).quantize(Decimal("0.0001"))


def test_views_name_equal_names_by_their_headings(township):
    people = query(township, "SELECT 单位, 户籍人口·男, 按性别分·男 FROM 人口 WHERE 单位 = '东湖村'")
    assert people == [("东湖村", 60, 55)]
    assert query(township, "SELECT \"是否通客车：是\", 是否通客车 FROM 道路 WHERE 单位 = '合计'") == [(2, "是 2、否 1")]
    columns = "code, section, form_code, period, choices"
    rows = query(township, f"SELECT {columns} FROM form_rows WHERE code IN ('P3', 'P8', 'Q3') ORDER BY 1")
    assert rows == [
        ("P3", "常住人口/按性别分", "03", None, None),
        ("P8", "常住人口/按性别分", "03", "上年末", None),
        ("Q3", None, "3", None, "1.水泥、2.沥青、9.其他"),
    ]


def test_choice_is_noted_where_it_was_written_otherwise(township):
    rows = query(township, "SELECT unit_name, text, raw, note FROM facts WHERE indicator IN ('Q1', 'Q3') ORDER BY ALL")
    assert ("西湖村", "是", "１", "“１”改为“是”") in rows
    assert ("南湖村", "否", "2.否", "“2.否”改为“否”") in rows
    assert ("东湖村", "2.沥青", "沥青", "“沥青”改为“2.沥青”") in rows


def test_form_prints_headings_codes_and_dropdowns(township):
    folder, _, _ = township
    form = next((folder / "outputs" / "2024" / "forms").rglob("*东湖村.xlsx"))
    book = openpyxl.load_workbook(form)
    people = [[cell.value for cell in row][:4] for row in book["人口"].iter_rows(min_row=7, max_row=14)]
    assert people[0][0] == "户籍人口"
    assert people[1] == [1, "总人口", "人", "01"] and people[2] == [2, "其中：男", "人", "02"]
    assert [row[0] for row in people[3:6]] == ["常住人口", "按性别分", 3]
    lists = [rule for rule in book["道路"].data_validations.dataValidation if rule.type == "list"]
    assert sorted(rule.formula1 for rule in lists) == ['"1.水泥,2.沥青,9.其他"', '"是,否"']
    assert any("1.是　2.否；必须填写" in rule.prompt for rule in lists)
    foot = "\n".join(str(cell.value) for row in book["人口"].iter_rows() for cell in row if cell.value)
    assert "[01]÷[02]＞1 总人口多于男性" in foot


def test_further_periods_have_columns_and_reasons_only_where_asked(township):
    folder, _, _ = township
    book = openpyxl.load_workbook(next((folder / "outputs" / "2024" / "forms").rglob("*东湖村.xlsx")))
    heads = {area: [cell.value for cell in book[area][6]] for area in ("人口", "道路")}
    assert heads["人口"] == ["序号", "指标名称", "计量单位", "代码", "本年数", "上年末", "年均", "上年数", "说明"]
    assert heads["道路"] == ["序号", "指标名称", "计量单位", "代码", "本年数", "上年数"]
    assert [cell.value for cell in book["人口"][9]][5:7] == ["—", "—"]
    found = query(
        township, "SELECT indicator, cell FROM facts WHERE unit_name = '东湖村' AND indicator IN ('P7', 'P8')"
    )
    assert sorted(found) == [("P7", "G8"), ("P8", "F12")]


def test_tables_print_counts_and_no_total_where_there_is_none(township):
    folder, _, _ = township
    book = openpyxl.load_workbook(folder / "outputs" / "2024" / "汇总表.xlsx")
    totals = {}
    for area in ("人口", "道路"):
        rows = [[cell.value for cell in row] for row in book[area].iter_rows()]
        codes = next(row for row in rows if row[0] == "代码")
        totals |= dict(zip(codes[1:], next(row for row in rows if row[0] == "合计")[1:], strict=True))
    assert (totals["05"], totals["1"]) == ("—", "是 2、否 1")
    assert totals["04"] == pytest.approx(1.584)
    alone = [str(cell.value) for row in book["道路"].iter_rows() for cell in row]
    assert "是否通客车：是" in alone and "“是否通客车”填“是”的村数" in alone
    meanings = [str(cell.value) for row in book["指标解释"].iter_rows() for cell in row]
    assert "各村的数按“总人口”加权平均" in meanings and "不合计" in meanings and "[01]÷[02]＞1" in "".join(meanings)


def test_trace_says_what_a_mean_and_a_count_are_made_of(township, capsys):
    folder, _, _ = township
    assert told("trace 04", folder, "--outputs", str(folder / "outputs")) == 0
    said = capsys.readouterr().out
    assert "算法：各村“人均收入×总人口”之和" in said and "÷ 总人口之和 601" in said and "东湖村" in said
    assert told("trace 是否通客车：是", folder, "--outputs", str(folder / "outputs")) == 0
    assert "原文“１”" in capsys.readouterr().out


def test_cover_asks_for_the_fields_and_keeps_what_it_says(township, capsys):
    folder, _, _ = township
    said = query(township, "SELECT field, name, value FROM covers WHERE unit_name = '东湖村' ORDER BY field")
    assert said == [
        ("date", "填报日期", "2025-01-05"),
        ("leader", "负责人", "周 和"),
        ("phone", "联系电话", "0000-1220000"),
    ]
    told("status --unit 东湖村", folder, "--outputs", str(folder / "outputs"))
    assert "封面：负责人 周 和，联系电话 0000-1220000，填报日期 2025-01-05" in capsys.readouterr().out


def test_township_reports_for_itself(township):
    folder, catalogue, _ = township
    form = openpyxl.load_workbook(next((folder / "outputs" / "2024" / "forms").rglob("*青湖乡人民政府.xlsx")))
    assert "2024年度青湖乡本级年报" in [cell.value for row in form["封面"].iter_rows() for cell in row]
    assert list(rows_of(form, catalogue, "道路")) == ["Q4"]
    book = openpyxl.load_workbook(folder / "outputs" / "2024" / "汇总表.xlsx")
    assert "乡镇本级" in [cell.value for row in book["道路"].iter_rows() for cell in row]


def test_cover_without_what_is_required_goes_back(township, tmp_path):
    folder, catalogue, _ = township
    form = next((folder / "inputs" / "2024" / "submissions").glob("*西湖村.xlsx"))
    book = openpyxl.load_workbook(form)
    for row in book["封面"].iter_rows(max_row=12):
        if row[0].value in ("负责人", "填报日期"):
            row[1].value = "13800000000" if row[0].value == "负责人" else " "
    reading = read_inside(saved(book), Words(wanted_of(catalogue, 2024)), "西湖村.xlsx")
    unit = Unit("880202303202", "西湖村", "村")
    found = check([Submission(1, reading, Owner(unit, []), 1)], catalogue, 2024)["finding"]
    assert [(code, json.loads(details)) for code, details in zip(found["code"], found["details"], strict=True)] == [
        ("COVER_MISSING", {"name": "负责人", "why": "填的不像人名"}),
        ("COVER_MISSING", {"name": "填报日期", "why": "没有填写"}),
    ]


def test_township_without_a_unit_is_said_before_anything_is_sent(township, tmp_path):
    folder, catalogue, _ = township
    shutil.copytree(folder / "inputs", tmp_path / "inputs", ignore=shutil.ignore_patterns("2024"))
    roster = tmp_path / "inputs" / "units.csv"
    roster.write_text("".join(line for line in UNITS.splitlines(True) if "乡镇" not in line), encoding="utf-8")
    units = load_units(tmp_path / "inputs", "880202303", catalogue)
    assert unheld(catalogue, units, 2024) == ["无人填报：财政收入没有单位报，名册里没有应报的类别为乡镇的单位"]
