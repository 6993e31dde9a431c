"""A second township of another shape in everything, from nothing to a closed year and the next, by the commands.

Its data: tests/data/second. Its catalogue has four areas, codes of the form that are numbers, sections, choices, a
weighted mean, further periods, what the township reports for itself, two line lists, two terrains, offices by role, a
cover of its own, and no targets.
"""

import contextlib
import csv
import io
import json
import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import openpyxl
import pytest
from docx import Document

from flows.commands.cli import main
from flows.commands.tell import finish
from schemas.catalogue import catalogue_of, declared
from schemas.records import Indicator
from tests.office import run_steps
from tests.sample.make_template import TEMPLATE, paragraphs, template_bytes

DATA = Path(__file__).parents[1] / "data" / "second"
SAMPLE_ROSTER = Path(__file__).parents[2] / "inputs" / "units.csv"
COVER = {"负责人": "周和平", "经办人": "吴小梅", "手机号": "00000000000", "报出日期": "2025-01-06"}
REPORT = """theme = "强基础、惠民生"
"信访专干" = "孙立"
"接待来访" = { year = 2024, value = 128, unit = "批次", source = "信访台账", by = "孙立", on = 2024-12-28 }
"""
FAULTY, WRONG = "后坡村", {"RK103": "436", "CW313": "按年"}
COMMUNITIES, HILLS = ("镇中社区", "河西社区", "惠民社区"), ("枣林村", "后坡村", "白马寺村", "惠民社区")


def table(name):
    """A table of the data: its rows by head."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answers():
    """What every unit answers, by indicator."""
    found = {unit: {row["代码"]: row[unit] for row in table("村社区")} for unit in table("村社区")[0] if unit != "代码"}
    for row in table("站所"):
        found.setdefault(row["单位"], {})[row["代码"]] = row["数"]
    return found


def number(text):
    """A cell as somebody types it."""
    return float(text) if text.replace(".", "", 1).isdigit() else text or None


def fill(form, catalogue, given, rows, inbox):
    """One blank form filled: the cover, each figure by the code of its row, the lists by the codes of their columns."""
    book, left = openpyxl.load_workbook(form), dict(given)
    for row in book["封面"].iter_rows(max_row=14):
        if row[0].value in COVER:
            row[1].value = COVER[row[0].value]
    for area in (area for area in catalogue.areas if area in book.sheetnames):
        own = {i.printed_code: i.code for i in catalogue.indicators.values() if i.area == area and not i.row}
        heads = []
        for row in book[area].iter_rows():
            texts = ["" if cell.value is None else str(cell.value) for cell in row]
            if "代码" in texts:
                heads = texts
            elif heads and texts[heads.index("代码")] in own:
                code = own[texts[heads.index("代码")]]
                asked = {"本年数": code} | {i.period: i.code for i in catalogue.indicators.values() if i.row == code}
                for head, one in asked.items():
                    row[heads.index(head)].value = number(left.pop(one))
    assert not left, (form.name, left)
    for one in catalogue.lists.values():
        for at, entry in enumerate((row for row in rows if one.columns[0].code in row), start=1):
            sheet = book[next(name for name in book.sheetnames if name.startswith(one.name))]
            cells = [cell for row in sheet.iter_rows() for cell in row]
            codes = {cell.value: cell.column for cell in cells if cell.value in one.by_code}
            first = next(cell.row for cell in cells if cell.value in one.by_code) + 1
            for code, column in codes.items():
                sheet.cell(first + at, column).value = number(entry[code])
    book.save(inbox / form.name)


@pytest.fixture(scope="module")
def township(tmp_path_factory):
    """Everything once; `said` is what each command printed, `status` what it ended with."""
    folder = tmp_path_factory.mktemp("second") / "柳溪镇"
    inputs, outputs = folder / "inputs", folder / "outputs"
    done = SimpleNamespace(inputs=inputs, outputs=outputs, year=outputs / "2024", said={}, status={})
    where = ["--inputs", str(inputs), "--outputs", str(outputs)]

    def told(key, *words):
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
            done.status[key] = main(list(words))
        done.said[key] = out.getvalue()

    def ran(key, retry=False):
        standing = run_steps(inputs, outputs, retry=retry)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            done.status[key] = finish(standing, as_json=False)
        done.said[key] = out.getvalue()

    told("setup", "setup", str(folder), "--name", "柳溪镇", "--code", "770405116", "--year", "2024",
         "--units", str(DATA / "名册.csv"), "--catalogue", str(DATA / "catalogue"))  # fmt: skip
    with (inputs / "township.toml").open("a", encoding="utf-8") as settings:
        settings.write(REPORT)
    (inputs / TEMPLATE).write_bytes(template_bytes(paragraphs((DATA / "report.txt").read_text(encoding="utf-8"))))
    told("check", "catalogue", "check", "--inputs", str(inputs))
    told("export", "catalogue", "export", str(folder / "目录.xlsx"), "--inputs", str(inputs))
    told("import", "catalogue", "import", str(folder / "目录.xlsx"), "--inputs", str(inputs))
    told("template", "report", "check", str(inputs / TEMPLATE), "--inputs", str(inputs))
    told("forms", "forms", *where)
    done.catalogue = catalogue_of(inputs)
    done.forms = sorted(path.stem.partition("-")[2] for path in (done.year / "forms").glob("*.xlsx"))
    lists = table("合作社") + table("水利")

    def send(name, wrong=None):
        form = next((done.year / "forms").glob(f"*-{name}.xlsx"))
        own = [row for row in lists if row["单位"] == name]
        fill(form, done.catalogue, answers()[name] | (wrong or {}), own, inputs / "2024" / "submissions")

    for name in done.forms:
        send(name, WRONG if name == FAULTY else None)
    ran("first run")
    done.returned = sorted(path.name for path in (done.year / "退回").iterdir())
    told("status", "status", *where)
    told("close too early", "close", *where)
    send(FAULTY)
    ran("second run", retry=True)
    told("trace", "trace", "粮食亩产", *where)
    told("trace unit", "trace", "101", FAULTY, *where)
    told("trace choice", "trace", "财务公开：按月", *where)
    told("trace own", "trace", "{{接待来访}}", *where)
    for area in done.catalogue.areas:
        told(f"view {area}", "sql", f'SELECT * FROM "{area}"', "--format", "json", *where)
    told("totals", "sql", "SELECT indicator, value, text FROM totals WHERE level = 'township'", "--json", *where)
    told("close", "close", "--by", "周和平", "--why", "收齐", *where)
    told("next year", "next-year", *where)
    told("next forms", "forms", *where)
    told("next status", "status", *where)
    told("verify", "verify", *where)
    yield done
    catalogue_of(folder / "nowhere")


def exact(text):
    return Decimal(text or 0)


def total_by_hand(item: Indicator, catalogue):
    """A township total worked out from the tables of data alone."""
    units = {unit: given for unit, given in answers().items() if "RK101" in given}
    column = {unit: given[item.code] for unit, given in units.items() if item.code in given}
    of = {unit: given.get(item.of) for unit, given in units.items()}
    match item.total:
        case "sum" if item.reporter == "village":
            return sum(map(exact, column.values()))
        case "sum":
            return next(exact(given[item.code]) for given in answers().values() if item.code in given)
        case "weighted":
            weights = {unit: exact(given[item.weight]) for unit, given in units.items()}
            return sum(exact(column[unit]) * weights[unit] for unit in units) / sum(weights.values())
        case "ratio":
            above, below = (total_by_hand(catalogue.indicators[code], catalogue)
                            for code in (item.numerator, item.denominator))  # fmt: skip
            return above / below * item.times
        case "units":
            return Decimal(len(units))
        case "count" if item.choice:
            return Decimal(sum(value == item.choice for value in of.values()))
        case "count":
            return Decimal(sum(exact(value) > 0 and unit in HILLS for unit, value in of.items()))
        case "list":
            rows = [row for row in table("合作社") + table("水利") if item.list + "1" in row]
            rows = [row for row in rows if all(row[key] == value for key, value in item.where.items())]
            return Decimal(len(rows)) if item.aggregate == "count" else sum(exact(row[item.column]) for row in rows)
        case _:
            return None


def text_by_hand(item: Indicator):
    """What a township total says in words."""
    villages_last = sorted(answers().items(), key=lambda one: one[0] not in COMMUNITIES)  # as their codes have it
    given = [one[item.code] for _, one in villages_last if one.get(item.code)]
    match item.total:
        case "choice":
            counts = Counter(given)
            return "、".join(f"{choice} {counts[choice]}" for choice in item.choices if counts[choice])
        case "names":
            areas = {unit: exact(one.get(item.of)) for unit, one in answers().items()}
            return "、".join(sorted((unit for unit in areas if areas[unit]), key=lambda unit: -areas[unit]))
        case _:
            return None if item.total == "none" else "、".join(given)


def view(township, area):
    return {row["单位"]: row for row in json.loads(township.said[f"view {area}"])}


def rows_of(path, sheet):
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path)[sheet].iter_rows()]


def report(township):
    return [paragraph.text for paragraph in Document(str(township.year / "年度工作总结.docx")).paragraphs]


# ---- the folder and its forms


def test_setup_reads_the_roster_by_the_catalogue_it_is_given(township):
    assert township.status["setup"] == 0
    said = township.said["setup"]
    assert "村 8 个、社区 3 个、站所 5 个、乡镇 1 个" in said
    assert "没有写" not in said and "无人填报" not in said and "targets" not in said
    with (township.inputs / "units.csv").open(encoding="utf-8-sig", newline="") as file:
        units = {row["name"]: row for row in csv.DictReader(file)}
    assert {name for name, row in units.items() if row["terrain"] == "丘陵"} == set(HILLS)
    assert units["柳溪镇社会事务服务站"]["role"] == "民政、卫生健康"
    assert (units["柳溪镇人民政府"]["code"], units["柳溪镇人民政府"]["kind"]) == ("770405116000", "乡镇")


def test_catalogue_and_template_are_in_order(township):
    assert (township.status["check"], township.status["template"]) == (0, 0)
    assert "目录没有错" in township.said["check"] and "无人填报" not in township.said["check"]


def test_catalogue_goes_to_excel_and_back_unchanged(township):
    assert (township.status["export"], township.status["import"]) == (0, 0)
    assert "指标 64" in township.said["export"] and "没有变化，没有写入" in township.said["import"]


def test_every_unit_has_its_form_with_its_own_sheets(township):
    assert (township.status["forms"], township.forms) == (0, sorted(answers()))
    own = ["封面", "人口家庭", "农业生产", "村务财务", "公共服务", "合作社名录", "指标解释"]
    wanted = {"石桥村": own, "柳溪镇人民政府": ["封面", "村务财务", "指标解释"],
              "柳溪镇社会事务服务站": ["封面", "人口家庭", "公共服务", "指标解释"],
              "柳溪镇规划建设所": ["封面", "公共服务", "水利工程", "指标解释"]}  # fmt: skip
    for unit, sheets in wanted.items():
        book = openpyxl.load_workbook(next((township.year / "forms").glob(f"*-{unit}.xlsx")))
        assert [sheet.title for sheet in book if sheet.sheet_state == "visible"] == sheets


def test_form_asks_by_codes_and_headings_of_the_catalogue(township):
    form = next((township.year / "forms").glob("*-石桥村.xlsx"))
    people = rows_of(form, "人口家庭")
    heads = next(row for row in people if "代码" in row)
    assert heads == ["序号", "指标名称", "计量单位", "代码", "本年数", "上年末", "上年数", "说明"]
    assert [row[0] for row in people if row[0] in ("户籍人口", "常住人口", "流动人口", "变动")] == [
        "户籍人口", "常住人口", "流动人口", "变动",
    ]  # fmt: skip
    assert [row[3] for row in people if row[1] in ("户数", "人数")] == ["101", "102", "111", "112"]
    assert next(row for row in rows_of(form, "公共服务") if "代码" in row)[-1] == "上年数"
    assert [row[0] for row in rows_of(form, "封面") if row[0] in COVER] == list(COVER)


def test_sheet_a_few_lines_longer_than_a_page_is_one_page(township):
    form = openpyxl.load_workbook(next((township.year / "forms").glob("*-石桥村.xlsx")))
    fitted = {sheet.title: sheet.page_setup.fitToHeight for sheet in form if sheet.title in township.catalogue.areas}
    assert {name for name, high in fitted.items() if high != 0} == {"人口家庭"}


# ---- one faulty file, mended


def test_faulty_file_goes_back_alone(township):
    assert township.status["first run"] == township.status["status"] == 3
    for key in ("first run", "status"):
        assert "已采用 16 个" in township.said[key] and "已退回 1 个" in township.said[key]
        assert "户籍人口·人数 868，不等于（男性至女性各行之和） 878" in township.said[key]
        assert "财务公开填的是“按年”，只能从下列各项中选一：按月、按季、没有公开" in township.said[key]
    assert township.returned == [f"{FAULTY}-原件.xlsx", f"{FAULTY}.xlsx"]
    assert township.status["close too early"] == 2 and FAULTY in township.said["close too early"]


def test_mended_file_completes_the_year(township):
    assert township.status["second run"] == 0
    assert "全部收齐" in township.said["second run"] and not any((township.year / "退回").iterdir())


# ---- sums


def test_every_total_is_what_the_data_says(township):
    totals = {row["indicator"]: row for row in json.loads(township.said["totals"])}
    indicators = township.catalogue.indicators
    assert totals.keys() == {code for code, item in indicators.items() if item.total != "none"}
    for code in totals:
        item = indicators[code]
        if item.is_text:
            assert totals[code]["text"] == text_by_hand(item), item.name
        else:
            wanted = total_by_hand(item, township.catalogue).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            assert Decimal(str(totals[code]["value"])) == wanted, item.name


def test_views_hold_every_answer_and_total(township):
    indicators = township.catalogue.indicators
    for unit, given in answers().items():
        for code, answer in given.items():
            item = indicators[code]
            if item.reporter == "village":
                shown = view(township, item.area)[unit][item.name]
                assert (shown or "") == answer if item.is_text else Decimal(str(shown)) == exact(answer), (unit, item)
    farming = view(township, "农业生产")["合计"]
    assert (farming["合作社个数"], farming["农机合作社个数"]) == (7, 2)
    assert Decimal(str(farming["水利工程投资"])) == Decimal("174.95")
    assert view(township, "村务财务")["合计"]["到镇政府距离"] is None


def test_summary_has_the_sheets_of_the_catalogue(township):
    book = openpyxl.load_workbook(township.year / "汇总表.xlsx")
    shown = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    areas = ["人口家庭", "农业生产", "村务财务", "公共服务"]
    assert shown == ["目录", "全镇合计", *areas, "明细表", "图表", "校验", "收报情况"]


@pytest.mark.parametrize("area", ["人口家庭", "农业生产", "村务财务", "公共服务"])
def test_printed_parts_add_up_to_printed_totals(township, area):
    rows = rows_of(township.year / "汇总表.xlsx", area)
    codes = next(row for row in rows if row[0] == "代码")
    names = {row[0]: row for row in rows}
    units = [names[unit] for unit, given in answers().items() if "RK101" in given]
    by_code = {i.printed_code: i for i in township.catalogue.indicators.values() if i.area == area and not i.row}
    for at, code in enumerate(codes[1:], start=1):
        item = by_code.get(code)
        if item and item.total == "sum":
            assert sum(Decimal(str(row[at])) for row in units) == Decimal(str(names["合计"][at])), code
            both = Decimal(str(names["平原合计"][at])) + Decimal(str(names["丘陵合计"][at]))
            assert both == Decimal(str(names["合计"][at])), code


def test_longest_code_stands_on_one_line(township):
    book = openpyxl.load_workbook(township.year / "汇总表.xlsx")
    for sheet in ("全镇合计", "校验"):
        codes = [cell.value for cell in book[sheet]["A"] if re.fullmatch("[A-Z0-9]+", str(cell.value or ""))]
        assert max(map(len, codes)) * 0.93 < book[sheet].column_dimensions["A"].width


# ---- the report


def test_report_says_the_township_s_own_figures_without_gaps_in_its_numbers(township):
    said = report(township)
    assert [text for text in said if re.match("[一二三四]、|（[一二三四五六]）", text)] == [
        "一、2024年工作回顾", "（一）农业生产", "（二）水利建设", "（三）村务和财务", "（四）公共服务",
        "二、2025年工作打算",
    ]  # fmt: skip
    whole = "\n".join(said)
    for words in (
        "全镇有11个村（社区），户籍人口23215人，其中六十岁以上老人4634人，占20%；常住人口19378人。",
        "粮食播种面积3.03万亩，平均亩产453.2公斤", "白马寺村、沙窝村等村发展辣椒种植，面积1026亩",
        "现有合作社7家，其中农机合作社2家，全年销售额870.08万元", "推进两河工程，全年完成水利投资174.95万元",
        "5个村（社区）按月公开财务，8个村（社区）书记兼任主任，全年召开代表会议76次",
        "居民用电1221.74万千瓦时", "接待来访128批次，主要由孙立负责",
    ):  # fmt: skip
        assert words in whole
    assert "【" not in whole and "{{" not in whole and "燃气" not in whole


# ---- where figures come from


def test_trace_goes_down_to_the_cells(township):
    assert {township.status[key] for key in ("trace", "trace unit", "trace choice", "trace own")} == {0}
    assert "÷ 粮食播种面积之和 30266.7" in township.said["trace"]
    assert "第 1 版（已退回" in township.said["trace unit"] and "第 2 版（已采用" in township.said["trace unit"]
    assert f"770405116205-{FAULTY}.xlsx / 人口家庭 / E8" in township.said["trace unit"]
    assert "  镇中社区 按季，770405116001-镇中社区.xlsx / 村务财务 / E14" in township.said["trace choice"].splitlines()
    assert "信访台账" in township.said["trace own"]


# ---- closing and the year after


def test_closed_year_is_followed_by_one_with_its_figures_on_the_forms(township):
    assert {township.status[key] for key in ("close", "next year", "next forms", "verify")} == {0}
    assert "2024 年已由周和平于" in township.said["close"] and "目标" not in township.said["next year"]
    settings = (township.inputs / "township.toml").read_text(encoding="utf-8")
    assert "year = 2025\n" in settings and "deadline = 2026-01-10T18:00:00" in settings
    assert sorted(path.name for path in (township.inputs / "2025").iterdir()) == ["corrections.toml", "submissions"]
    forms = township.outputs / "2025" / "forms"
    assert sorted(path.stem.partition("-")[2] for path in forms.glob("*.xlsx")) == township.forms
    people = rows_of(next(forms.glob("*-石桥村.xlsx")), "人口家庭")
    last = next(row for row in people if "代码" in row).index("上年数")
    assert {row[3]: row[last] for row in people if row[3] in ("101", "102")} == {"101": 482, "102": 1364}
    assert township.status["next status"] == 3 and "未报 17 个" in township.said["next status"]


# ---- nothing of the sample


def _words(path):
    """Everything that a file says: of workbooks and documents the text of their parts."""
    if path.suffix not in (".xlsx", ".docx", ".zip"):
        return path.read_bytes().decode("utf-8", "ignore")
    with ZipFile(path) as archive:
        parts = (archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())
        return "\n".join(re.sub("<[^>]*>", "\n", part) for part in parts)


def test_nothing_of_the_sample_is_in_any_output(township):
    built_in = declared()
    kinds = (built_in.areas, built_in.indicators, built_in.lists, built_in.offices, built_in.targets)
    words = {record.name for records in kinds for record in records.values()} | set(built_in.terrains)
    codes = {*built_in.indicators, *built_in.targets, *built_in.lists}
    with SAMPLE_ROSTER.open(encoding="utf-8-sig", newline="") as roster:
        words |= {cell for row in csv.DictReader(roster) for cell in (row["name"], row["code"][:9])}
    assert len(words) > 200
    name, code = re.compile("|".join(map(re.escape, sorted(words)))), re.compile(f"(?m)^(?:{'|'.join(codes)})$")
    kept = (township.outputs / "archive", township.outputs / "journal.jsonl")
    found = []
    for path in (*township.inputs.rglob("*"), *township.outputs.rglob("*")):
        if path.is_file() and path.suffix != ".duckdb" and not path.is_relative_to(kept[0]):
            said = _words(path)
            found += [(path.name, match[0]) for match in (*name.finditer(said), *code.finditer(said))]
    found += [(key, match[0]) for key, said in township.said.items() for match in name.finditer(said)]
    assert not set(found)
