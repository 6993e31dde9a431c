"""Pictures in the report: in the document a chart that Word draws, on the page a drawing with its table."""

from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document
from lxml import etree, html

from flows.commands.trace_slots import slot_asked
from flows.emit.report.charts import alt, chart_of
from flows.emit.report.report import ReportRefused, write_report
from flows.template.compose import Line, Piece
from flows.template.filling import Chart
from schemas.errors import InputError
from tests.books import make_book, settings
from tests.office import CATALOGUE
from tests.reporting import write_template

PARAGRAPHS = ("前", "{{图：低保户数|各村}}", "{{若 低保户数}}", "{{图：低保户数、特困供养户数}}", "{{完}}", "后")
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def report(folder: Path, *paragraphs: str, book=None) -> Path:
    out = folder / "r.docx"
    template = write_template(folder / "t.docx", *paragraphs)
    book = book or make_book(CATALOGUE)
    write_report(out, out.with_suffix(".html"), template, book, CATALOGUE, settings(), {})
    return out


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return report(tmp_path_factory.mktemp("charts"), *PARAGRAPHS)


def test_document_has_charts_with_the_printed_figures_and_says_them_aloud(written):
    document, book = Document(str(written)), make_book(CATALOGUE)
    assert [one.text for one in document.paragraphs] == [
        "前", "", "图：各村（社区）低保户数（户），与上年比", "", "图：低保户数、特困供养户数（户），与上年比", "后",
    ]  # fmt: skip
    charts = [rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/chart")]
    villages = etree.fromstring(next(one.blob for one in charts if one.partname.endswith("1.xml")))
    values = [node.text for node in next(villages.iter(f"{C}val")).iter(f"{C}v")]
    assert values == [f"{book.figures[place.code, 'I01'].printed:f}" for place in book.villages]
    names = [node.text for node in next(villages.iter(f"{C}cat")).iter(f"{C}v")]
    assert names == [place.name for place in book.villages]
    words = [node.get("descr") for node in document.element.iter() if node.tag.endswith("}docPr")]
    assert words[0].startswith("各村（社区）低保户数（户），与上年比：南川村 ") and "（上年 " in words[0]


def test_page_has_the_same_as_a_drawing_and_a_table(written):
    page, book = html.fromstring(written.with_suffix(".html").read_text("utf-8")), make_book(CATALOGUE)
    figures = page.xpath("//article//figure")
    assert [len(one.xpath(".//tbody/tr")) for one in figures] == [15, 2]
    first = [cell.text_content() for cell in figures[0].xpath(".//tbody/tr[1]/*")]
    at = book.villages[0].code, "I01"
    assert first == ["南川村", f"{book.figures[at].printed}", f"{book.last[at].printed}"]
    assert [one.xpath(".//svg/@aria-hidden") for one in figures] == [["true"], ["true"]]
    assert figures[0].xpath(".//figcaption/*[@data-slot]")


def test_the_same_report_is_the_same_bytes(written, tmp_path):
    again = report(tmp_path, *PARAGRAPHS)
    assert again.read_bytes() == written.read_bytes()
    assert again.with_suffix(".html").read_bytes() == written.with_suffix(".html").read_bytes()


def test_picture_has_its_paragraph_to_itself(tmp_path):
    with pytest.raises(ReportRefused, match="图要单独占一段"):
        report(tmp_path, "如下{{图：低保户数}}")


def test_text_without_pictures_tells_their_figures(tmp_path):
    template = tmp_path / "简报.txt"
    template.write_text("前\n{{图：低保户数}}\n", encoding="utf-8")
    out, book = tmp_path / "out.txt", make_book(CATALOGUE)
    write_report(out, tmp_path / "out.html", template, book, CATALOGUE, settings(), {})
    now, last = book.figures[book.township.code, "I01"].printed, book.last[book.township.code, "I01"].printed
    assert out.read_text("utf-8").splitlines()[-1] == f"低保户数（户），与上年比：低保户数 {now}户（上年 {last}户）"


def test_trace_of_a_picture_sends_to_its_indicators():
    with pytest.raises(InputError, match="请按图里的指标名称查"):
        slot_asked("图：低保户数", CATALOGUE)


def test_words_read_aloud_name_every_figure_and_carry_nothing_that_xml_cannot():
    chart = Chart("户数", "户", ("甲村", "乙\x00村"), (Decimal("1.50"), Decimal(2)), (None, Decimal(3)))
    assert alt(chart) == "户数：甲村 1.5户，乙 村 2户（上年 3户）"


def test_line_without_a_picture_has_none():
    assert chart_of(Line(1, "字", (Piece(0, 1, "字"),))) is None
