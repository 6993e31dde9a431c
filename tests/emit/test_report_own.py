"""The report as the township's own: its texts and figures, what it leaves out, how it dates, what refuses it."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from docx import Document

from flows.binding.check import check
from flows.commands.report_check import ground_of
from flows.commands.tell import as_dict, finish
from flows.commands.trace_slots import Asking, slot_asked, traced_words, words_traced
from flows.emit.record import RECORD, Emitted, Made, is_made
from flows.emit.report.report import ReportRefused, write_report
from flows.emit.report.reports import wanted_reports
from flows.job import Job
from flows.steps import report_of
from flows.store.figures import Arrival
from flows.store.standing import Standing
from flows.template.awaited import awaited
from schemas.supplements import Own, Supplement
from schemas.township import NamedReport, Wording, load_settings
from tests.office import CATALOGUE, SAMPLE
from tests.reporting import YEAR, filled, sample, small_book, texts, write_template
from tests.schemas.test_supplements import workbook

VISITS = Supplement(
    "接待来访", "批次", Decimal("1280.5"), "来镇和到村的", "信访台账", "张三", "2023-12-28",
    "2023/报告补充数.xlsx 补充数!B2", Decimal(1000),
)  # fmt: skip
OWN = Own({"驻村队长": "李四"}, {"接待来访": VISITS, "调解纠纷": Supplement("调解纠纷", "件", last=Decimal(97))})


def book(**figures: str):
    return replace(small_book({"I01": "618", **figures}), own=OWN)


def said(tmp_path: Path, *paragraphs: str, wording: Wording | None = None, **figures: str) -> list[str]:
    """The finished paragraphs of a template."""
    whole = sample()
    settings = msgspec.structs.replace(whole.settings, wording=wording or Wording())
    out = tmp_path / "out" / "年度工作总结.docx"
    template = write_template(tmp_path / "t.docx", *paragraphs)
    write_report(out, out.with_suffix(".html"), template, book(**figures), CATALOGUE, settings, whole.lineage)
    return [text for text in texts(out) if not text.startswith("【缺数】")]


# ---- own texts and figures


def test_own_text_and_figure_are_printed_with_their_comparisons(tmp_path):
    words = (
        "队长{{驻村队长}}接待来访{{接待来访}}批次，{{接待来访|同比}}，上年{{接待来访|上年}}批次，{{接待来访|增减}}批次"
    )
    assert said(tmp_path, words) == ["队长李四接待来访1280.5批次，同比增长28.1%，上年1000批次，增加280.5批次"]


def test_own_figure_of_last_year_is_never_printed_as_this_years(tmp_path):
    outcome = filled(tmp_path, write_template(tmp_path / "t.docx", "调解{{调解纠纷}}件。"), book())
    assert texts(outcome.docx)[-1] == "调解【缺：调解纠纷】件。"
    assert outcome.supplements == {"调解纠纷"}


def test_own_figure_shows_as_such_on_the_page(tmp_path):
    outcome = filled(tmp_path, write_template(tmp_path / "t.docx", "接待{{接待来访}}批次。"), book())
    page = outcome.html.read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script[^>]*id="data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    assert data["slots"][0]["kind"] == "supplement"
    given = data["supplements"]["接待来访"]
    assert (given["value"], given["source"], given["by"], given["on"]) == ("1280.5", "信访台账", "张三", "2023-12-28")
    assert given["place"] == "2023/报告补充数.xlsx 补充数!B2"


def test_own_figure_is_traced_to_who_gave_it(tmp_path):
    part, meant = slot_asked("{{接待来访}}", CATALOGUE, OWN)
    found = traced_words(Asking(SAMPLE, YEAR, CATALOGUE, sample().settings, lambda _: [], None, OWN), part, meant)
    told = "\n".join(words_traced(found))
    assert "补充数" in told and "报告里印作：1280.5批次" in told
    assert "出自：信访台账\n填报人：张三\n填报日期：2023-12-28" in told
    assert "出处：2023/报告补充数.xlsx 补充数!B2" in told


# ---- dates and words of comparison


def test_date_days_and_words_of_comparison_follow_the_settings(tmp_path):
    wording = Wording(report_date=date(2024, 1, 15), growth="较上年")
    words = "接待来访{{接待来访|同比}}，全年{{全年天数}}天。", "{{报告日期}}"
    assert said(tmp_path, *words, wording=wording) == ["接待来访较上年增长28.1%，全年365天。", "2024年1月15日"]
    assert said(tmp_path, "{{报告日期}}") == ["2023年12月31日"]


# ---- what is left out


def test_numbers_of_headings_follow_what_is_left_out(tmp_path):
    done = said(
        tmp_path,
        "一、成绩", "（一）党建", "{{若 通报批评人次}}（二）纪律", "通报{{通报批评人次}}人次。{{完}}", "（三）低保",
        "甲",
        "（四）养老", "{{若 通报批评人次}}二、问题{{完}}", "三、打算", "（一）甲", "（二）乙",
        A04="0",
    )  # fmt: skip
    assert done == ["一、成绩", "（一）党建", "（二）低保", "甲", "（三）养老", "二、打算", "（一）甲", "（二）乙"]


@pytest.mark.parametrize("open_", ["{{若 低保户数}}", "{{ 若 低保户数 }}", "｛｛若 低保户数｝｝ "])
def test_heading_that_a_condition_keeps_is_counted(tmp_path, open_):
    words = ("（一）党建", f"{open_}（二）低保", "甲{{完}}", "{{若 通报批评人次}}（三）纪律{{完}}", "（四）养老")
    done = said(tmp_path, *words, A04="0")
    assert [text.strip() for text in done] == ["（一）党建", "（二）低保", "甲", "（三）养老"]


def test_paragraph_taken_out_of_the_template_leaves_no_gap(tmp_path):
    assert said(tmp_path, "一、成绩", "（一）党建", "（三）低保", "（四）养老", "三、打算") == [
        "一、成绩", "（一）党建", "（二）低保", "（三）养老", "二、打算",
    ]  # fmt: skip


def test_numeral_of_a_lone_heading_and_of_plain_words_stays(tmp_path):
    assert said(tmp_path, "三、打算", "一是党建，二是低保。") == ["三、打算", "一是党建，二是低保。"]


# ---- refused alike by check and run

FAULTS = [
    "低保{{低保户数}}户，占8.5%。",
    "投资一万二千元。",
    "低保{{低保户数}户。",
    "低保{低保户数}户。",
    "低保{{低保户}}户。",
    "低保XX户。",
    "低保{{？低保户数}}户。",
    "低保{{低保户数|第1}}户。",
    "{{若 低保户数}}低保5户。",
    "{{若 通报批评人次}}通报3人次{{完}}。",
    "低保{{低保户数}}{{若 通报批评人次}}，{{完}}{{特困供养户数}}户。",
    "接待{{接待来访|亩}}。",
    "面积{{低保户数}}万户。",
]


def refused_by_run(path: Path) -> list[str]:
    with pytest.raises(ReportRefused) as refusal:
        filled(path.parent, path, book(A04="0", I04="5"))
    return list(refusal.value.problems)


def test_check_refuses_what_run_refuses_word_for_word_and_all_at_once(tmp_path):
    path = write_template(tmp_path / "t.docx", *FAULTS)
    ground = replace(ground_of(SAMPLE, path), own=OWN)
    told = [f"第 {each.paragraph} 段“{each.slot}”：{each.words}" for each in check(path, ground).refused]
    assert told == refused_by_run(path)
    assert {int(re.search(r"第 (\d+) 段", line)[1]) for line in told} == set(range(1, len(FAULTS) + 1))


@pytest.mark.parametrize("words", FAULTS)
def test_each_fault_alone_is_refused_by_both(tmp_path, words):
    path = write_template(tmp_path / "t.docx", "好的{{低保户数}}户。", words)
    ground = replace(ground_of(SAMPLE, path), own=OWN)
    assert check(path, ground).status == 3
    assert refused_by_run(path)[0].startswith("第 2 段“")


def test_sample_template_is_refused_by_neither():
    path = SAMPLE / "年度工作总结模板.docx"
    assert check(path, ground_of(SAMPLE, path)).refused == []


def test_fault_in_a_header_is_told_with_its_part(tmp_path):
    document = Document()
    document.add_paragraph("低保{{低保户数}}户。")
    document.sections[0].header.paragraphs[0].text = "共9户"
    document.save(str(tmp_path / "t.docx"))
    assert [each.words for each in check(tmp_path / "t.docx", ground_of(SAMPLE, tmp_path)).refused] == [
        "页眉“9”没有出处"
    ]


# ---- a run without a report


@pytest.fixture
def job(tmp_path, monkeypatch) -> Job:
    monkeypatch.setattr("flows.steps.load_lineage", lambda *given: sample().lineage)
    inputs, outputs = tmp_path / "inputs", tmp_path / "outputs"
    inputs.mkdir()
    settings = load_settings(SAMPLE, CATALOGUE)
    return Job(inputs, outputs, YEAR, settings, CATALOGUE, (), None)  # type: ignore[arg-type]  # no step here asks it


def test_refused_template_keeps_the_last_good_report_and_says_so(job):
    folder = job.outputs / str(YEAR)
    template = job.inputs / "年度工作总结模板.docx"
    write_template(template, "低保{{低保户数}}户。")
    assert not report_of(job, book(), folder).failed
    before = (folder / "年度工作总结.docx").read_bytes()
    write_template(template, "低保8户。")
    found = report_of(job, book(), folder)
    assert (found.failed, list(found.files)) == (True, [])
    assert (folder / "年度工作总结.docx").read_bytes() == before
    (told,) = found.lacking
    assert "年度工作总结没有生成" in told and "第 1 段“低保8户。”" in told and "保留的是" in told


def test_report_that_was_only_kept_is_not_among_what_was_made(tmp_path):
    made = Emitted("", {}, made=Made(("汇总表.xlsx",)))
    (tmp_path / RECORD).write_bytes(msgspec.json.encode(made))
    assert is_made(tmp_path, "汇总表.xlsx") and not is_made(tmp_path, "年度工作总结.docx")


def test_own_figures_that_the_report_waits_for_are_listed(job):
    write_template(job.inputs / "年度工作总结模板.docx", "调解{{调解纠纷}}件。")
    found = report_of(job, book(), job.outputs / str(YEAR))
    assert found.lacking[1].startswith("报告补充数 1 个：调解纠纷（数、出处、填报人、填报日期）")


def test_status_lists_what_the_template_waits_for(job):
    write_template(job.inputs / "年度工作总结模板.docx", "调解{{调解纠纷}}件。")
    workbook(job.inputs, YEAR, "调解纠纷||件", "接访||次")
    (told,) = awaited(job.inputs, job.year, job.settings, job.catalogue)
    assert told.startswith("报告补充数 1 个：调解纠纷（数、出处、填报人、填报日期），请填 ")


def test_named_templates_are_made_each_with_its_period_and_date(job):
    half = NamedReport(period="上半年", report_date=date(2023, 7, 5))
    named = msgspec.structs.replace(job, settings=msgspec.structs.replace(job.settings, reports={"民政半年": half}))
    folder = job.outputs / str(YEAR)
    (job.inputs / "报告").mkdir()
    write_template(job.inputs / "年度工作总结模板.docx", "{{时期}}低保{{低保户数}}户。")
    write_template(job.inputs / "报告" / "民政半年模板.docx", "{{时期}}低保{{低保户数}}户。", "{{报告日期}}")
    write_template(job.inputs / "报告" / "振兴.docx", "低保9户。")
    assert [each.name for each in wanted_reports(job.inputs, named.settings)] == ["年度工作总结", "振兴", "民政半年"]
    found = report_of(named, book(), folder)
    assert [path.name for path in found.files] == [
        "年度工作总结.docx",
        "年度工作总结.html",
        "民政半年.docx",
        "民政半年.html",
    ]
    assert texts(folder / "年度工作总结.docx") == ["全年低保618户。"]
    assert texts(folder / "民政半年.docx") == ["上半年低保618户。", "2023年7月5日"]
    assert found.failed and found.lacking[0].startswith("振兴没有生成")


def test_report_that_the_settings_name_and_no_template_has_is_told(job):
    settings = msgspec.structs.replace(job.settings, reports={"民政": NamedReport()})
    write_template(job.inputs / "年度工作总结模板.docx", "低保{{低保户数}}户。")
    found = report_of(msgspec.structs.replace(job, settings=settings), book(), job.outputs / str(YEAR))
    assert found.lacking == [f"民政：township.toml 的 [reports] 里有，{job.inputs / '报告'} 里没有这个模板"]


def standing(**more) -> Standing:
    arrival = Arrival("1", "甲村", "村", "accepted", "甲.xlsx", 1, None, 0, 0, 0, accepted=True)
    return Standing(YEAR, sample().settings.deadline, [arrival], [], {}, **more)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"lacking": ["年度工作总结没有生成：……"], "unreported": True}, 3),
        ({"notes": ["没有报告模板"], "emitted": ["outputs/2023/汇总表.xlsx"]}, 0),
    ],
)
def test_run_without_a_report_never_says_to_send_it_up(capsys, more, status):
    assert finish(standing(**more), as_json=False) == status
    assert "上报" not in capsys.readouterr().out


def test_complete_run_with_a_report_says_to_send_it_up(capsys):
    assert finish(standing(), as_json=False) == 0
    assert "上报" in capsys.readouterr().out
    assert as_dict(standing())["lacking"] == []


# ---- templates that are plain text


def test_text_template_is_printed_as_text_and_page_with_its_encoding_and_line_ends(tmp_path):
    template = tmp_path / "党建模板.txt"
    words = (
        "{{乡镇名称}}{{年度}}年党建小结", "", "（一）低保",
        "低保{{低保户数}}户{{若 通报批评人次}}，通报{{通报批评人次}}人次{{完}}。",
        "{{若 通报批评人次}}", "（二）纪律{{完}}", "",
    )  # fmt: skip
    template.write_bytes("\r\n".join(words).encode("gb18030"))
    out, whole = tmp_path / "out" / "党建.txt", sample()
    outcome = write_report(
        out, out.with_suffix(".html"), template, book(A04="0"), CATALOGUE, whole.settings, whole.lineage
    )
    assert out.read_bytes().decode("gb18030") == "示例镇2023年党建小结\r\n\r\n（一）低保\r\n低保618户。\r\n"
    page = outcome.html.read_text(encoding="utf-8")
    assert "<h1" in page and "党建小结" in page and "<h3" in page
    assert outcome.filled == 3


def test_text_report_that_is_not_final_says_so_above_and_one_at_fault_is_refused(tmp_path):
    template, whole = tmp_path / "党建模板.txt", sample()
    out = tmp_path / "out" / "党建.txt"
    told = CATALOGUE, whole.settings, whole.lineage
    template.write_text("调解{{调解纠纷}}件。", encoding="utf-8")
    write_report(out, out.with_suffix(".html"), template, book(), *told)
    assert out.read_text(encoding="utf-8").split("\n")[1] == "调解【缺：调解纠纷】件。"
    assert out.read_text(encoding="utf-8").startswith("【缺数】")
    template.write_text("调解37件。", encoding="utf-8")
    with pytest.raises(ReportRefused, match="“37”没有出处"):
        write_report(out, out.with_suffix(".html"), template, book(), *told)


def test_named_text_templates_are_reports_too_and_a_name_is_given_once(tmp_path):
    (tmp_path / "报告").mkdir()
    for name in ("党建模板.txt", "民政模板.docx"):
        (tmp_path / "报告" / name).write_bytes(b"")
    wanted = wanted_reports(tmp_path, load_settings(SAMPLE, CATALOGUE))
    files = [[path.name for path in each.files(tmp_path)] for each in wanted]
    assert files == [["党建.txt", "党建.html"], ["民政.docx", "民政.html"]]
