"""A finished report becomes a template: its figures told by value and words, what is nobody's left to the clerk."""

import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document
from lxml import etree

from flows.binding.bind import bind, read_bound
from flows.binding.check import check
from flows.binding.review import read_decisions
from flows.binding.slot_text import unit_to_print
from flows.binding.surroundings import Spot
from flows.binding.written import written_numbers
from flows.commands.cli import main
from flows.commands.report_check import ground_of
from flows.reading.office import converted
from flows.store.figures import Book
from flows.template.audit import load_constants
from flows.template.blanks import Mark
from flows.template.constants import declare
from flows.template.filling import Wish, fill_indicator, fill_target
from flows.template.slots import parse, text_of
from flows.template.units import unit_after
from flows.template.word_runs import WORD
from schemas.errors import InputError
from schemas.supplements import Own
from schemas.township import Wording
from tests.binding.tabled import TABLES, is_answer, write_tabled
from tests.binding.test_binding import BLANK, NAMES, ORDER, REPORTS
from tests.emit.test_report import slots_of
from tests.office import CATALOGUE, SAMPLE
from tests.reporting import TEMPLATE, filled, prose, sample, texts, write_template

UNRELATED = "-"
Key = dict[tuple[int, int], tuple[str, str]]
"""By paragraph and offset: what a number is, and how it is written."""


def printed(feed: str, line: str, start: int, end: int) -> str:
    """What stands in a finished report for a blank of this feed: the sample's own figure, in the unit behind it."""
    whole, code = sample(), feed.partition("[")[0]
    if code in CATALOGUE.texts:
        return text_of(CATALOGUE.texts[code], whole.settings)
    if code in CATALOGUE.targets:
        return fill_target(CATALOGUE.targets[code], Wish(), whole.book).text
    item, rank = CATALOGUE.indicators[code], int(feed.partition("[")[2][:-1] or 0)
    spot = Spot(0, Mark(start, end), line, unit=unit_after(line[end:]))
    unit = "" if item.is_text else unit_to_print(code, spot, ORDER)
    return fill_indicator(item, Wish(rank=rank, unit=unit), whole.book, CATALOGUE, Wording()).text


def finished(name: str, folder: Path = REPORTS) -> tuple[list[str], Key]:
    """A report of another hand as it was handed in: its blanks filled, those of nobody with numbers of their own."""
    chance, key, lines = random.Random(name), Key(), list[str]()
    for paragraph, line in enumerate((folder / f"{name}.txt").read_text(encoding="utf-8").split("\n")):
        done, at = "", 0
        for match in BLANK.finditer(line):
            done += line[at : match.start()]
            at, feed = match.end(), match[1]
            if feed == UNRELATED:
                digits = chance.choice([1, 2, 2, 3, 3, 4])
                counted = unit_after(line[at:]).unit
                words = str(chance.randint(10 ** (digits - 1), 10**digits - 1)) if counted else "某地"
            else:
                words = printed(feed, line, match.start(), at)
            key[paragraph, len(done)] = (feed, words)
            done += words
        lines.append(done + line[at:])
    return lines, key


def bound_text(folder: Path, lines: list[str], book: Book | None = None):
    path = folder / "去年总结.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_bound(path, CATALOGUE, ground_of(SAMPLE, path), book or sample().book)


def judged(folder: Path, name: str, reports: Path = REPORTS) -> Iterator[tuple[str, str, bool, str]]:
    """For each number of a report: what it is, what was proposed ('' for none), whether that is sure, its kind."""
    lines, key = finished(name, reports)
    numbers = {place: said for place, said in key.items() if said[1][:1].isdigit()}
    for paragraph, start, _, blank in bound_text(folder, lines).places:
        if blank.kind in ("figure", "own", "fixed") and blank.was[:1].isdigit() and not blank.feed.endswith("年度"):
            feed = numbers.pop((paragraph, start), (UNRELATED, ""))[0]
            yield feed, blank.feed, blank.sure, blank.kind
    yield from ((feed, "", False, "lost") for feed, _ in numbers.values())


@pytest.mark.parametrize("name", NAMES)
def test_finished_report_in_another_hand_is_bound_right_and_never_surely_wrong(tmp_path, name):
    rows = list(judged(tmp_path, name))
    had = [row for row in rows if row[0] != UNRELATED]
    assert len(had) >= 180
    assert [row for row in had if row[2] and row[0] != row[1]] == []
    assert sum(feed == proposed for feed, proposed, *_ in had) / len(had) >= 0.95
    assert sum(sure for _, _, sure, _ in had) / len(had) >= 0.80
    foreign = [row for row in rows if row[0] == UNRELATED]
    assert [row for row in foreign if row[2]] == []


@pytest.mark.parametrize(
    ("name", "count", "sure_at_least"), [("civil", (15, 28), 14), ("relief", (15, 30), 15), ("yearly", (186, 25), 175)]
)
def test_finished_report_of_an_office_or_a_year_names_what_is_the_catalogues_and_nothing_else(
    tmp_path, name, count, sure_at_least
):
    rows = list(judged(tmp_path, name, REPORTS.parent / "finished"))
    had, foreign = ([row for row in rows if (row[0] != UNRELATED) is known] for known in (True, False))
    assert (len(had), len(foreign)) == count
    assert [row for row in rows if row[2] and row[0] != row[1]] == []
    assert sum(sure and feed == proposed for feed, proposed, sure, _ in had) >= sure_at_least
    assert [row for row in foreign if row[1]] == []


def answers_of(path: Path, key: list[str]) -> list[tuple[str, str, bool]]:
    """What each answer of a report of tables is, was proposed to be, and whether that is sure."""
    places = [blank for *_, blank in read_bound(path, CATALOGUE, ground_of(SAMPLE, None), sample().book).places]
    tabled = [blank for blank in places if blank.paragraph > 1]
    assert len(tabled) == len(key)
    return [(feed, blank.feed, blank.sure) for feed, blank in zip(key, tabled, strict=True)]


@pytest.mark.parametrize(("written", "sure_at_least"), [("figures", 11), ("XX", 6), ("", 6)])
def test_report_of_tables_names_what_is_the_catalogues_and_nothing_else(tmp_path, written, sure_at_least):
    codes = {cell for rows in TABLES for row in rows for cell in row if is_answer(cell)} - {UNRELATED}
    printed_as = {code: printed(code, "", 0, 0) for code in codes} if written == "figures" else dict.fromkeys(
        (*codes, UNRELATED), written or " "
    )  # fmt: skip
    rows = answers_of(*write_tabled(tmp_path / "表.docx", printed_as))
    assert [row for row in rows if row[2] and row[0] != row[1]] == []
    assert sum(sure and feed == proposed for feed, proposed, sure in rows) >= sure_at_least
    assert sum(feed == proposed for feed, proposed, _ in rows if feed != UNRELATED) == 11
    assert [row for row in rows if row[0] == UNRELATED and row[1]] == []


def test_figures_in_tables_are_bound_by_their_rows_and_heads(tmp_path):
    document = Document()
    document.add_paragraph("示例镇2023年民政工作总结")
    rows = [("项目", "单位", "数量"), ("低保对象", "户", "618"), ("低保人口", "人", "1356"), ("特困人数", "人", "43"),
            ("道路硬化里程", "公里", "25.8"), ("走访群众", "户次", "4216"), ("上门评残", "人次", "35")]  # fmt: skip
    table = document.add_table(len(rows), 3)
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    path = tmp_path / "表.docx"
    document.save(str(path))
    binding = bind(path, CATALOGUE, tmp_path / "模板.docx", ground_of(SAMPLE, path), sample().book)
    done = [row.cells[2].text for row in Document(str(binding.out)).tables[0].rows]
    assert done[1:3] == ["{{低保户数}}", "{{低保人口}}"]
    assert done[4:6] == ["{{道路硬化里程}}", "{{走访群众户次}}"]
    assert done[6] == "{{上门评残人次}}"


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """The sample's printed report, bound again."""
    folder = tmp_path_factory.mktemp("own")
    report = filled(folder, TEMPLATE)
    ground = ground_of(SAMPLE, report.docx)
    return folder, report, bind(report.docx, CATALOGUE, folder / "模板.docx", ground, sample().book)


def meant_by(part) -> tuple[str, str]:
    """A slot's name and how it compares; which of a list's names and which unit follow from the words beside it."""
    return part.name.lstrip("？"), Wish.of(part.modifiers).mode


def test_printed_report_gets_its_own_slots_back(own):
    folder, _, binding = own
    wrong = right = 0
    for before, after in zip(prose(TEMPLATE), prose(folder / "模板.docx"), strict=True):
        wanted = {meant_by(part) for part in slots_of(before)}
        for part in slots_of(after):
            hit = meant_by(part) in wanted
            right += hit
            wrong += not hit and not part.name.startswith("？")
    assert wrong == 0
    assert right >= 220
    assert len(binding.unsure) <= 10


def test_bound_again_and_printed_it_reads_as_before(own, tmp_path):
    folder, report, binding = own
    template = tmp_path / "模板.docx"
    document = Document(str(folder / "模板.docx"))
    for paragraph in document.paragraphs:
        for run in paragraph.runs:
            run.text = run.text.replace("{{？", "{{")
    document.save(str(template))
    (tmp_path / "report_constants.toml").write_text(f"words = {binding.prose!r}".replace("'", '"'), encoding="utf-8")
    given = {each.name: each for each in binding.supplements}
    again = filled(tmp_path, template, replace(sample().book, own=Own(figures=given)))
    assert texts(again.docx) == texts(report.docx)


BOXED = """<w:r xmlns:w="{w}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
 xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml">
<mc:AlternateContent><mc:Choice Requires="wps"><wps:txbx><w:txbxContent>{p}</w:txbxContent></wps:txbx></mc:Choice>
<mc:Fallback><w:pict><v:textbox><w:txbxContent>{p}</w:txbxContent></v:textbox></w:pict></mc:Fallback>
</mc:AlternateContent></w:r>"""
"""A text box as Word writes it: once for itself, once for programs that do not know its shapes."""


def test_figures_in_headers_footers_and_text_boxes_are_bound_too(tmp_path):
    path, document = tmp_path / "去年.docx", Document()
    document.add_paragraph(FOREIGN[0])
    inner = "<w:p><w:r><w:t>全镇现有低保对象618户。</w:t></w:r></w:p>"
    document.add_paragraph("概况：")._p.append(etree.fromstring(BOXED.format(w=WORD, p=inner)))
    document.sections[0].header.paragraphs[0].text = "硬化道路25.8公里"
    document.sections[0].footer.paragraphs[0].text = "全镇残疾人873人"
    document.save(str(path))
    binding = bind(path, CATALOGUE, tmp_path / "模板.docx", ground_of(SAMPLE, path), sample().book)
    assert {"{{低保户数}}", "{{道路硬化里程}}", "{{残疾人数}}"} <= {blank.slot for blank in binding.blanks}
    assert check(binding.out, ground_of(SAMPLE, binding.out)).refused == []


# ---- what is no indicator's

FOREIGN = (
    "示例镇2023年民政工作总结",
    "2023年，全镇召开专题会议37次，受理12345热线件86件，办结率98.8%，走访群众4216户次。",
    "全镇现有低保对象618户1356人，60岁以上老人参加三季度活动，一人一档。",
)


def test_foreign_figures_become_the_clerks_own_with_value_unit_and_place(tmp_path):
    bound = bound_text(tmp_path, list(FOREIGN))
    given = {each.name: (each.value, each.unit) for each in bound.supplements.values()}
    assert given == {
        "召开专题会议次": (Decimal(37), "次"),
        "受理热线件数": (Decimal(86), "件"),
        "办结率%": (Decimal("98.8"), "%"),
        "走访群众户次": (Decimal(4216), "户次"),
    }
    assert all("第 2 段" in each.source and each.by and each.on for each in bound.supplements.values())


def test_years_ordinals_ages_and_prose_are_no_figures():
    said = (
        "2023年3月15日，第3次会议，国办发〔2023〕15号，60岁以上，24小时，1:3，5G基站，三季度，一人一档，十四五，"
        "电话13900000000"
    )
    figures, others = written_numbers(said, load_constants())
    assert [number.words for number in figures] == []
    assert {"60", "24"} <= {number.words for number in others}


@pytest.mark.parametrize(
    ("words", "value", "unit", "rough"),
    [
        ("投入1,055余万元", "1055", "万元", 1),
        ("播种1.2万亩", "1.2", "万亩", 0),
        ("覆盖面8.5%", "8.5", "%", 0),
        ("新增三十二户", "32", "户", 0),
        ("近３００人", "300", "人", -1),
        ("占百分之40", "40", "%", 0),
    ],
)
def test_number_is_read_with_its_unit_and_how_it_is_rounded(words, value, unit, rough):
    ((number,), _) = written_numbers(words, load_constants())
    assert (number.value, number.unit.unit, number.rough) == (Decimal(value), unit, rough)


def test_numeral_that_is_no_figure_is_prose_to_declare_and_nothing_is_left_that_a_run_refuses(tmp_path):
    path = tmp_path / "去年.docx"
    write_template(
        path, FOREIGN[0], "建成万亩片带，壹佰户，三五成群，全镇现有低保对象618户、十来个人、80岁以上老人3人。"
    )
    ground = ground_of(SAMPLE, path)
    binding = bind(path, CATALOGUE, tmp_path / "模板.docx", ground, sample().book)
    assert {"万亩片带", "壹佰户", "三五成群"} <= set(binding.prose)
    declare(tmp_path, binding.prose)
    own = Own(figures={each.name: each for each in binding.supplements})
    assert check(binding.out, replace(ground_of(SAMPLE, binding.out), own=own)).refused == []


def test_two_figures_equal_in_value_and_words_are_asked_about(tmp_path):
    whole, code = sample().book, sample().settings.township.code
    equal = {**whole.figures, (code, "I04"): whole.figures[code, "I01"]}
    bound = bound_text(tmp_path, [FOREIGN[0], "全镇保障对象618户。", *FOREIGN[1:2]], replace(whole, figures=equal))
    (asked,) = [blank for *_, blank in bound.places if blank.was == "618"]
    assert not asked.sure


def test_comparison_is_bound_to_the_figure_before_it(tmp_path):
    lines = [
        FOREIGN[0],
        "全镇现有低保对象618户1356人，低保户数同比增长3.5%；硬化道路25.8公里，完成年度目标24公里的107.5%。",
    ]
    slots = [blank.slot for *_, blank in bound_text(tmp_path, lines).places]
    assert "{{低保户数|同比}}" in slots
    assert slots[-2:] == ["{{道路硬化里程|目标}}", "{{道路硬化里程|完成率}}"]


def test_report_of_another_year_is_refused_in_one_line(tmp_path):
    with pytest.raises(InputError, match="cunhui run --year 2021"):
        bound_text(tmp_path, [line.replace("2023", "2021") for line in FOREIGN])


def test_scan_without_words_is_refused_in_one_line(tmp_path):
    path = tmp_path / "扫描.docx"
    write_template(path, "", " ")
    with pytest.raises(InputError, match="扫描件"):
        read_bound(path, CATALOGUE, ground_of(SAMPLE, None), sample().book)


def test_tracked_changes_are_read_as_accepted_and_told(tmp_path, capsys):
    path = tmp_path / "修订.docx"
    document = Document()
    paragraph = document.add_paragraph("全镇现有低保对象")
    for tag, inner in (("del", "<w:delText>五</w:delText>"), ("ins", "<w:t>XX</w:t>")):
        changed = f'<w:{tag} xmlns:w="{WORD}" w:id="1" w:author="甲"><w:r>{inner}</w:r></w:{tag}>'
        paragraph._p.append(etree.fromstring(changed))
    paragraph.add_run("户。")
    document.save(str(path))
    main(["report", "bind", str(path), "--inputs", str(SAMPLE)])
    assert "修订痕迹" in capsys.readouterr().err
    assert "低保对象【XX】户" in read_bound(path, CATALOGUE).places[0][3].context.replace("▁▁", "【XX】")


def test_old_document_is_bound_through_libreoffice_and_written_as_docx(tmp_path):
    old = converted("\n".join(FOREIGN).encode(), ".txt", "doc")
    assert old, "these tests need LibreOffice"
    path = tmp_path / "去年.doc"
    path.write_bytes(old)
    binding = bind(path, CATALOGUE, None, ground_of(SAMPLE, None), sample().book)
    assert binding.out.name == "去年-模板.docx"
    assert "低保对象{{低保户数}}户{{低保人口}}人" in texts(binding.out)[2]


def test_old_document_without_libreoffice_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr("flows.binding.report_file.converted", lambda *_: None)
    monkeypatch.setattr("flows.binding.report_file.office", lambda: None)
    path = tmp_path / "去年.wps"
    path.write_bytes(b"{\\rtf1 old}")
    with pytest.raises(InputError, match="没有装 LibreOffice"):
        read_bound(path, CATALOGUE)


# ---- decided and applied


def test_decisions_of_the_review_list_are_written(tmp_path):
    import openpyxl

    path = tmp_path / "去年.docx"
    write_template(path, *FOREIGN)
    ground = ground_of(SAMPLE, path)
    first = bind(path, CATALOGUE, tmp_path / "一.docx", ground, sample().book)
    book = openpyxl.load_workbook(first.review)
    sheet = book["核对单"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        context = sheet.cell(row, heads["上下文（【】里是这一处）"]).value
        decide = sheet.cell(row, heads["处理"]), sheet.cell(row, heads["改为"])
        if "【37】" in context:
            decide[0].value, decide[1].value = "补充数", "专题会议次数"
        if "【86】" in context:
            decide[0].value, decide[1].value = "改为", "解决急难愁盼问题数"
        if "【98.8】" in context:
            decide[0].value = "固定文字"
    book.save(first.review)
    contexts = {blank.number: blank.context for blank in first.blanks}
    decisions = read_decisions(first.review, contexts)
    second = bind(path, CATALOGUE, tmp_path / "二.docx", ground, sample().book, decisions)
    text = texts(second.out)[1]
    assert (
        "召开专题会议{{专题会议次数}}次" in text and "热线件{{解决急难愁盼问题数}}件" in text and "办结率98.8%" in text
    )
    assert "98.8%" in second.prose
    assert {each.name for each in second.supplements} >= {"专题会议次数"}
    assert [part.name for part in parse(texts(second.out)[0]) if part.kind == "slot"] == ["乡镇名称", "年度"]


def test_review_list_can_be_applied_although_prose_was_declared_beside_the_report(tmp_path, monkeypatch, capsys):
    path = tmp_path / "去年.txt"
    path.write_text("\n".join(FOREIGN), encoding="utf-8")
    inputs = tmp_path / "inputs"
    shutil.copytree(SAMPLE, inputs, ignore=shutil.ignore_patterns("submissions"))
    monkeypatch.setattr("flows.commands.report_bind._book", lambda *_: sample().book)
    asked = ["report", "bind", str(path), "--inputs", str(inputs), "--outputs", str(tmp_path / "outputs")]
    assert main(asked) in (0, 3)
    assert "60岁以上" in (tmp_path / "report_constants.toml").read_text(encoding="utf-8")
    template = inputs / "报告" / "民政模板.txt"
    assert main([*asked, "--apply", str(tmp_path / "去年-模板-核对单.xlsx"), "--out", str(template)]) == 0
    assert "召开专题会议{{召开专题会议次}}次" in template.read_text(encoding="utf-8")
    assert main(["report", "check", str(template), "--inputs", str(inputs)]) == 0
    assert main(["report", "figures", "--inputs", str(inputs)]) == 0
    assert "补充数 4 个" in capsys.readouterr().out


def test_marked_document_has_every_place_highlighted_with_a_comment(own):
    _, _, binding = own
    document = Document(str(binding.marked))
    said = [words for comment in document.comments for words in comment.text.split("\n")]
    assert [int(words.partition(".")[0]) for words in said] == [blank.number for blank in binding.blanks]
    assert said[0] == "1. 乡镇名称（确定）" and any("风险消除户数（请核对，把握" in words for words in said)
    runs = [run for paragraph in document.paragraphs for run in paragraph.runs if run.font.highlight_color]
    assert "".join(run.text for run in runs) == "".join(blank.was for blank in binding.blanks)
    assert texts(binding.marked) == texts(binding.source)


def test_list_of_another_report_is_refused(tmp_path):
    path = tmp_path / "去年.txt"
    path.write_text("\n".join(FOREIGN), encoding="utf-8")
    binding = bind(path, CATALOGUE, None, ground_of(SAMPLE, path), sample().book)
    with pytest.raises(InputError, match="对不上"):
        read_decisions(binding.review, {1: "别的报告"})


def test_review_list_offers_decisions_and_names(tmp_path):
    import openpyxl

    path = tmp_path / "去年.txt"
    path.write_text("\n".join(FOREIGN), encoding="utf-8")
    binding = bind(path, CATALOGUE, None, ground_of(SAMPLE, path), sample().book)
    sheet = openpyxl.load_workbook(binding.review)["核对单"]
    offered = [each.formula1 for each in sheet.data_validations.dataValidation]
    assert '"采用,备选一,备选二,改为,补充数,转为指标,固定文字,不动"' in offered
    assert any(re.search(r"名称'?!\$A\$2", formula) for formula in offered)
