"""Blanks within the words of a cell: found in a form, read from a copy, filled in with the township's figures."""

from decimal import Decimal
from pathlib import Path

import openpyxl

from flows.adopt.found import FoundSheet
from flows.adopt.pages import Cell, Page
from flows.adopt.sentences import sentence_blocks
from flows.commands.cli import main
from flows.emit.upward.upward import filled_in
from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.wanted import wanted_of
from flows.store.figures import Book, Figure, Place
from schemas.catalogue import OWN, Catalogue
from tests.adopt.pages import found
from tests.text_tables import saved, workbook

SENTENCE = "补充资料：全村共____户____人，其中：低保____户；公共厕所____座。"
FORM = f"""
    == 基本情况
    | 村情表 | | | |
    | 指标名称 | 代码 | 计量单位 | 本年 |
    | 耕地面积 | "01" | 亩 | |
    | 林地面积 | "02" | 亩 | |
    | {SENTENCE} | | | |
    | 填表人：____　　填报日期：____年__月__日 | | | |
    """


def test_each_blank_is_an_answer_named_by_what_stands_before_it_in_the_unit_behind_it() -> None:
    sheet = found(FORM).sheets[0]

    names = {answer.id: answer.name for answer in sheet.answers}
    told = [(a.id, a.name, a.unit, a.section, names.get(a.parent, "")) for a in sheet.answers if a.slot]
    assert told == [
        ("1.A5", "全村", "户", ("补充资料",), ""),
        ("1.A5#2", "全村人数", "人", ("补充资料",), ""),
        ("1.A5#3", "低保", "户", ("补充资料",), "全村"),
        ("1.A5#4", "公共厕所", "座", ("补充资料",), ""),
    ]


def test_letter_with_a_name_and_a_date_to_fill_in_is_no_form() -> None:
    page = Page("函", cells={(1, 1): Cell("收到____村来函____件。"), (2, 1): Cell("20__年__月__日")})
    assert sentence_blocks(page, 1, FoundSheet(number=1, name="函", title="", blocks=[]), set()) == []


def test_sentence_goes_from_the_form_through_a_filled_copy_to_the_form_sent_upwards(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "表.xlsx").write_bytes(workbook(FORM))
    inputs = ["--inputs", str(tmp_path / "inputs")]
    assert main(["adopt", str(tmp_path / "表.xlsx"), *inputs]) in (0, 3)
    assert main(["adopt", "--apply", str(tmp_path / "核对表.xlsx"), *inputs]) == 0
    catalogue = Catalogue(tmp_path / "inputs" / OWN)
    book = openpyxl.load_workbook(tmp_path / "表.xlsx")
    sheet = book.worksheets[0]
    sheet.insert_rows(4)
    sheet["A6"] = "补充资料：全村共 412 户__1530__人，其中：低保18户；公共厕所____座。"
    sheet["D3"], sheet["D5"] = 900, 300

    reading = read_inside(saved(book), Words(wanted_of(catalogue, 2026)), "东村.xlsx", "ab" * 32)

    by_name = {catalogue.indicators[a.indicator].printed_name: (a.raw, a.kind) for a in reading.answers}
    assert {name: by_name[name] for name in ("全村", "全村人数", "低保", "公共厕所")} == {
        "全村": ("412", "number"), "全村人数": ("1530", "number"), "低保": ("18", "number"), "公共厕所": ("", "blank"),
    }  # fmt: skip
    assert not [finding.code for finding in reading.findings if finding.code == "EXTRA_NOTE"]

    codes = {item.printed_name: code for code, item in catalogue.indicators.items()}
    town = Place("880202303", "青湖镇", "township")
    figures = {(town.code, codes[name]): Figure(Decimal(n), None) for name, n in (("全村", 4000), ("低保", 90))}
    [form] = catalogue.forms.values()
    data, cells = filled_in((tmp_path / "表.xlsx").read_bytes(), form, Book(2026, town, [], [], figures, {}), catalogue)
    (tmp_path / "上报.xlsx").write_bytes(data)
    said = openpyxl.load_workbook(tmp_path / "上报.xlsx").worksheets[0]["A5"].value
    assert said == "补充资料：全村共4000户____人，其中：低保90户；公共厕所____座。"
    assert [cell.value for cell in cells] == [4000, 90]
