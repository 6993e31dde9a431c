"""Injection: villages type formulas, markup, SQL, paths and terminal commands everywhere; all of it stays words."""

import csv
import io
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from flows.commands.cli import main
from flows.commands.forms import make_forms
from flows.commands.sql import answer
from flows.commands.sql_formats import to_csv, to_xlsx
from flows.commands.tell import tell
from flows.store.published import query
from tests.browsing import opened
from tests.office import SAMPLE, run_steps, small_inputs
from tests.returning import row_of

YEAR = 2023
PAYLOADS = [
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "<script>alert(1)</script>", "'; DROP TABLE base.fact; --",
    "../../x", "[red]x[/red]", "{{7*7}}", "_x0000_", "_x001B_[31m", "\u202e倒", "<img src=x onerror=alert(1)>",
    "{=1+1}", "<r><t>x</t></r>", "＝1+1", "]]><f>1</f>", "&#61;1", "%s{file}{0}", "</w:t><w:instrText>DDE", "\t=1+1",
]  # fmt: skip
EVERYTHING = " ".join(PAYLOADS)
UNITS = ["南川村", "三湾村", "大湾村", "大岔村"]
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")


def put(cell, text: str) -> None:
    cell.value = text
    cell.data_type = "s"


def accepted(path: Path, payload: str) -> None:
    """Words wherever words are asked for: a name, a note, an accepted reason, a list, the cover."""
    book = openpyxl.load_workbook(path)
    put(row_of(book, "J06")["本年数"], payload)
    put(row_of(book, "I04")["说明"], EVERYTHING)
    row = row_of(book, "I01")
    put(row["本年数"], f"约{row['本年数'].value}")
    put(row["说明"], f"{payload} 因新纳入两户，见名册 {EVERYTHING}")
    for sheet in book:
        for cells in sheet.iter_rows():
            words = [cell.value for cell in cells]
            for label in {"填表人", "审核人", "联系电话", "填表日期"} & set(words) if sheet.title == "封面" else ():
                put(cells[words.index(label) + 1], payload)
            if words[0] == 1 and sheet.title in ("村集体经济项目", "规模养殖和加工设施") and words[1]:
                put(cells[1], payload)
    book.save(path)


def returned(path: Path) -> None:
    """Words where figures are asked for, one payload each, and sheets of their own."""
    book = openpyxl.load_workbook(path)
    codes = [f"B{number:02}" for number in range(1, 40)] + [f"I{number:02}" for number in range(1, 40)]
    rows = []
    for code in codes:
        try:
            rows.append(row_of(book, code))
        except KeyError:
            continue
    for row, payload in zip(rows, PAYLOADS, strict=False):
        put(row["本年数"], payload)
        put(row["说明"], payload)
    put(book.create_sheet("=1+1<b>'!A1")["A1"], EVERYTHING)
    put(book.create_sheet("{{7}}<i>&x")["A1"], "=cmd|' /C calc'!A0")
    book.save(path)


def typed(text: str) -> str:
    """A form saved as text, with real control characters."""
    rows = [["填报单位", "大岔村"], ["序号", "指标名称", "计量单位", "代码", "本年数"],
            ["1", "低保户数", "户", "I01", f"\x1b[31m{text}\x07\x9b2J"],
            ["2", "低保人口", "人", "I02", "=1+1"]]  # fmt: skip
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Inputs, outputs and the standing after a whole run."""
    folder = tmp_path_factory.mktemp("injection")
    inputs = small_inputs(folder, UNITS)
    shutil.copy(SAMPLE / "年度工作总结模板.docx", inputs)
    inbox = inputs / str(YEAR) / "submissions"
    accepted(inbox / "南川村.xlsx", "=cmd|' /C calc'!A0 <script>alert(1)</script>")
    returned(inbox / "三湾村.xlsx")
    accepted(inbox / "大湾村.xlsx", "@SUM(1) <img src=x onerror=alert(1)>{{7*7}}")
    shutil.move(inbox / "大湾村.xlsx", inbox / "=cmd '; DROP TABLE x; [red]\x1b[31m\u202e{{7}}..大湾村.xlsx")
    (inbox / "大岔村.xlsx").unlink()
    (inbox / "大岔村.csv").write_text(typed("[red]x[/red]'; DROP TABLE"), encoding="utf-8")
    with zipfile.ZipFile(inbox / "+包.zip", "w") as bundle:
        bundle.writestr("../../../逃.xlsx", b"%PDF")
        bundle.writestr("@SUM(1)[red]'; DROP TABLE.xlsx", b"%PDF2")
    before = {path for path in folder.rglob("*")}
    standing = run_steps(inputs, folder / "outputs")
    make_forms(YEAR + 1, str(inputs), str(folder / "outputs"))
    outside = {path for path in folder.rglob("*")} - before
    assert all(path.is_relative_to(folder / "outputs") for path in outside)
    return inputs, folder / "outputs", standing


def emitted(outputs: Path, suffix: str) -> list[Path]:
    paths = [path for path in outputs.rglob(f"*{suffix}") if path.relative_to(outputs).parts[0] != "archive"]
    return [path for path in paths if not path.stem.endswith("-原件")]


def test_everybody_is_judged_as_if_the_words_were_plain(office):
    states = {arrival.name: arrival.state for arrival in office[2].arrivals}
    assert states["南川村"] == states["大湾村"] == "accepted with explanations"
    assert states["三湾村"] == states["大岔村"] == "returned"
    assert len(office[2].loose) == 2


def test_no_workbook_holds_a_formula_or_a_link_to_elsewhere(office):
    books = emitted(office[1], ".xlsx")
    assert {"汇总表.xlsx", "问题清单.xlsx", "催报名单.xlsx", "三湾村.xlsx"} <= {path.name for path in books}
    assert len(books) > 10
    for path in books:
        assert not COMMANDS.search(path.name) and ".." not in path.name
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                part = archive.read(name)
                assert b"externalLink" not in part and b'TargetMode="External"' not in part, (path.name, name)
                if name.startswith("xl/worksheets/sheet"):
                    sheet = etree.fromstring(part)
                    assert not [one.tag for one in sheet.iter("{*}f", "{*}r", "{*}oleObject")], (path.name, name)
        openpyxl.load_workbook(path)


def test_what_was_sent_comes_back_as_it_was_sent(office):
    book = openpyxl.load_workbook(office[1] / str(YEAR) / "退回" / "三湾村.xlsx")
    words = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    for payload in ("=cmd|' /C calc'!A0", "+1+1", "@SUM(1)", "<script>alert(1)</script>", "[red]x[/red]", "{{7*7}}"):
        assert payload in words


def test_report_is_words_in_word(office):
    with zipfile.ZipFile(office[1] / str(YEAR) / "年度工作总结.docx") as archive:
        document = etree.fromstring(archive.read("word/document.xml"))
        assert not any(b"externalLink" in archive.read(name) for name in archive.namelist())
    assert not list(document.iter("{*}instrText", "{*}fldSimple", "{*}script"))
    assert "49" not in [text for text in document.itertext()]


@pytest.mark.parametrize("name", ["年度工作总结.html", "收报情况.html"])
def test_pages_run_nothing_of_theirs(office, browser, name):
    page = opened(browser, office[1] / str(YEAR) / name)
    for button in page.find_elements("css selector", "[data-slot]")[:3]:
        page.execute_script("arguments[0].click()", button)
    assert page.execute_script("return document.scripts.length") == 2
    assert page.execute_script("return document.images.length") == 0
    assert Path(name).stem in page.title  # an alert would raise here
    assert not [entry for entry in page.get_log("browser") if "Refused" in entry["message"]]


def test_store_has_lost_nothing(office):
    [(facts, units)] = query(office[1], "SELECT count(*), count(DISTINCT unit_code) FROM facts").rows
    assert facts > 250
    assert units == 2


@pytest.mark.parametrize(
    "command",
    [["status", "--json"], ["trace", "J06", "南川村"], ["sql", "FROM findings"],
     ["sql", "FROM findings", "--format", "csv"], ["sql", "FROM findings", "--json"],
     ["sql", "SELECT CAST(message AS INTEGER) FROM findings"]],
    ids=" ".join,
)  # fmt: skip
def test_terminal_is_sent_no_commands(office, capsys, command):
    inputs, outputs, _ = office
    main([*command, "--inputs", str(inputs), "--outputs", str(outputs)])
    said = "".join(capsys.readouterr()).replace("\r\n", "\n")  # as CSV ends its lines
    assert said
    assert not COMMANDS.search(said)


def test_closing_summary_shows_markup_as_it_was_typed(office, capsys):
    tell(office[2])
    said = capsys.readouterr().out
    assert not COMMANDS.search(said)
    assert "[red]" in said and "DROP TABLE" in said


def test_csv_and_workbook_of_a_query_hold_no_formula(office, tmp_path, capsys):
    found = query(office[1], "SELECT unit_name, file, raw, message, explanation FROM findings UNION ALL "
                             "SELECT preparer, file, phone, reviewer, filled_on FROM submissions")  # fmt: skip
    out = io.StringIO()
    to_csv(found, out)
    cells = [cell for row in csv.reader(io.StringIO(out.getvalue())) for cell in row]
    assert not [cell for cell in cells if FORMULA.match(cell) and not re.fullmatch(r"-?[\d.]+", cell)]
    assert any(cell.startswith("'=cmd|") for cell in cells)
    to_xlsx(found, tmp_path / "查询结果.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "查询结果.xlsx").active
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert answer(office[1], "SELECT 'nan'::DOUBLE AS x, '<r>x</r>' AS y", "xlsx", str(tmp_path / "二.xlsx")) == 0
    assert openpyxl.load_workbook(tmp_path / "二.xlsx").active["B2"].value.strip() == "<r>x</r>"
