"""A figure given by hand becomes an indicator: by the command and by a decision of the review list alike."""

import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from flows.commands.cli import main
from flows.commands.forms import with_history
from flows.store.figures import Figure
from flows.template.filling import Wish, fill_indicator
from flows.template.slots import meaning
from schemas.catalogue import catalogue_of
from schemas.inputs import load_inputs
from schemas.records import Indicator
from schemas.supplements import Supplement
from tests.office import SAMPLE
from tests.reporting import sample, small_book, texts, write_template
from tests.schemas.test_supplements import workbook

OFFICE = "民政和社会事务办公室"
VISITS = "来访批次|128|批次|来镇的|信访台账|张三|2023-12-28"
CALLS = "12345热线件|86|件||《去年.docx》第 2 段|抄自原报告|2024-01-02"


@pytest.fixture
def inputs(tmp_path) -> Path:
    folder = tmp_path / "inputs"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("submissions"))
    workbook(folder, 2023, VISITS, CALLS)
    (folder / "报告").mkdir()
    said = "接待{{来访批次}}批次，{{若 来访批次|同比}}，{{来访批次|同比}}{{完}}。"
    write_template(folder / "报告" / "民政模板.docx", said)
    return folder


def promote(inputs: Path, *more: str) -> int:
    return main(["report", "promote", *more, "--inputs", str(inputs)])


def test_figure_becomes_an_indicator_of_the_year_after_and_this_years_stays_by_hand(inputs, capsys):
    assert promote(inputs, "来访批次", "--area", "民生保障", "--reporter", OFFICE, "--since", "2024") == 0
    said = capsys.readouterr().out
    assert f"从 2024 年起由{OFFICE}填报" in said and "cunhui forms --year 2024" in said and "撤回：" in said
    now, then = load_inputs(inputs, 2024), load_inputs(inputs, 2023)
    item = now.catalogue.find("来访批次")
    assert item and item.unit == "批次" and item.definition == "来镇的"
    assert isinstance(meaning("来访批次", now.catalogue, now.own), Indicator) and "来访批次" not in now.own.figures
    assert isinstance(meaning("来访批次", then.catalogue, then.own), Supplement)
    assert now.own.before[item.code].place.startswith("2023/报告补充数.xlsx")


def test_last_years_value_by_hand_is_its_history_where_one_office_reports(inputs):
    promote(inputs, "来访批次", "--area", "民生保障", "--reporter", OFFICE, "--since", "2024")
    promote(inputs, "12345热线件", "--area", "民生保障", "--reporter", "各村", "--since", "2024")
    own = load_inputs(inputs, 2024).own
    assert [figure.name for figure in own.before.values()] == ["来访批次"]
    (code,) = own.before
    told = with_history({}, own.before, catalogue_of(inputs), load_inputs(inputs, 2024).units)
    assert told == {"990101101909": {code: own.before[code].value}}


def test_new_name_is_written_in_templates_and_workbooks_and_outlives_putting_the_folder_back(inputs, capsys):
    asked = ("来访批次", "--area", "民生保障", "--reporter", OFFICE, "--name", "接待来访批次")
    assert promote(inputs, *asked) == 0
    assert "改了名称的文件" in capsys.readouterr().out
    (paragraph,) = texts(inputs / "报告" / "民政模板.docx")
    assert paragraph == "接待{{接待来访批次}}批次，{{若 接待来访批次|同比}}，{{接待来访批次|同比}}{{完}}。"
    assert load_inputs(inputs).catalogue.find("接待来访批次")
    shutil.rmtree(inputs / "catalogue")
    own = load_inputs(inputs).own
    assert (str(own.figures["接待来访批次"].value), own.figures["接待来访批次"].by) == ("128", "张三")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("没有的",), "没有“没有的”"),
        (("来访批次",), "--area"),
        (("来访批次", "--area", "民生保障", "--reporter", "信访办"), "信访办"),
        (("来访批次", "--area", "民生保障", "--reporter", "各村", "--name", "低保户数"), "目录里已有"),
        (("来访批次", "--area", "民生保障", "--reporter", "各村", "--name", "甲{{"), "不能用的符号"),
    ],
)
def test_figure_that_cannot_be_promoted_is_refused_in_a_line(inputs, capsys, asked, words):
    assert promote(inputs, *asked) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1
    assert not (inputs / "catalogue").exists()


def test_decision_of_the_review_list_reaches_the_same_and_can_be_applied_again(inputs, tmp_path, monkeypatch, capsys):
    path = write_template(
        tmp_path / "去年.docx", "示例镇2023年民政工作总结", "全镇召开专题会议37次，走访群众4216户次。"
    )
    monkeypatch.setattr("flows.commands.report_bind._book", lambda *_: sample().book)
    asked = ["report", "bind", str(path), "--inputs", str(inputs), "--outputs", str(tmp_path / "outputs")]
    main(asked)
    review = tmp_path / "去年-模板-核对单.xlsx"
    book = openpyxl.load_workbook(review)
    heads = {cell.value: cell.column for cell in book["核对单"][1]}
    (row,) = [row for row in range(2, 9) if "【37】" in str(book["核对单"].cell(row, 3).value)]
    for head, words in (("处理", "转为指标"), ("写进类别", "党的建设"), ("由谁填报", "党建工作办公室")):
        book["核对单"].cell(row, heads[head]).value = words
    book.save(review)
    template = inputs / "报告" / "二模板.docx"
    for _ in range(2):
        assert main([*asked, "--apply", str(review), "--out", str(template)]) in (0, 3)
    assert "召开专题会议{{召开专题会议次}}次" in texts(template)[1]
    own = load_inputs(inputs, 2024)
    assert [item.name for item in own.catalogue.indicators.values() if item.since == 2024] == ["召开专题会议次"]
    assert [str(each.value) for each in own.own.before.values()] == ["37"]
    assert "召开专题会议次" in load_inputs(inputs, 2023).own.figures
    assert capsys.readouterr().out.count("已转为指标") == 1


def test_history_by_hand_is_compared_with_and_told_as_its_source(inputs):
    promote(inputs, "来访批次", "--area", "民生保障", "--reporter", OFFICE, "--since", "2024")
    known = load_inputs(inputs, 2024)
    (code,) = known.own.before
    book = small_book({}, own=known.own)
    given = book.before(code)
    assert given and str(given.value) == "128"
    assert book.before("I01") is None
    item, whole = known.catalogue.indicators[code], sample()
    now = {(book.township.code, code): Figure(Decimal(160), Decimal(160))}
    said = fill_indicator(item, Wish("同比"), replace(book, figures=now), known.catalogue, whole.settings.wording)
    assert (said.text, said.working.partition("；")[0]) == ("同比增长25%", "本年 160批次，上年 128批次，增加32批次")
    assert [(each.kind, each.code) for each in said.sources] == [("figure", code), ("supplement", "来访批次")]
    assert known.own.given("来访批次").source == "信访台账"
