"""Slots that draw: what may be drawn, of what the picture speaks, and how it comes into a Word document."""

from dataclasses import replace

import pytest
from docx import Document
from lxml import etree

from flows.template.charts import MOST, asked
from flows.template.slots import Part, SlotError, problem_of, resolve
from flows.template.word import Template
from flows.template.word_charts import first_free, shown, with_charts
from tests.books import make_book, settings
from tests.office import CATALOGUE
from tests.reporting import write_template

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def slot(name: str, *modifiers: str, kind="slot") -> Part:
    return Part(kind, "", 0, 0, name, modifiers)


@pytest.fixture(scope="module")
def book(catalogue):
    return make_book(catalogue)


@pytest.mark.parametrize("name", ["图：低保户数、低保人口", "图:低保户数，低保人口", "图： 低保户数 、低保人口"])
def test_names_stand_behind_a_colon_with_commas_between(name):
    wanted = asked(name, ())
    assert wanted and (wanted.names, wanted.by_village) == (("低保户数", "低保人口"), False)
    assert asked("图书馆个数", ()) is None


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (slot("图：低保户数、特困供养户数"), ""),
        (slot("图：低保户数", "各村"), ""),
        (slot("图：低保户"), "图里的“低保户”不是指标"),
        (slot("图：低保户数、低保人口"), "一张图里的指标计量单位要一样"),
        (slot("图：低保户数、特困供养户数", "各村"), "“各村”的图只画一项指标"),
        (slot("图：低保户数", "同比"), "图不认识修饰“同比”，只有“各村”"),
        (slot("图：低保户数", kind="if"), "图不能作条件"),
    ],
)
def test_what_cannot_be_drawn_is_refused_whatever_the_figures_are(part, problem):
    assert problem_of(part, CATALOGUE) == problem


def test_office_figures_are_not_drawn_by_village_and_words_not_at_all(book):
    office = next(i for i in CATALOGUE.indicators.values() if i.reporter == "office" and i.total == "sum")
    words = next(i for i in CATALOGUE.indicators.values() if i.is_text)
    assert "不是各村填报的" in problem_of(slot(f"图：{office.name}", "各村"), CATALOGUE)
    assert "画不出来" in problem_of(slot(f"图：{words.name}"), CATALOGUE)
    with pytest.raises(SlotError):
        resolve(slot(f"图：{words.name}"), book, CATALOGUE, settings())


def test_picture_holds_the_printed_figures_of_both_years_and_says_of_what(book):
    filled = resolve(slot("图：低保户数、特困供养户数"), book, CATALOGUE, settings())
    now, last = book.figures[book.township.code, "I01"], book.last[book.township.code, "I01"]
    assert filled.text == "图：低保户数、特困供养户数（户），与上年比"
    assert (filled.chart.names[0], filled.chart.now[0], filled.chart.last[0]) == ("低保户数", now.printed, last.printed)
    assert filled.sources[0].code == "I01"


def test_villages_are_drawn_in_their_order_and_of_many_the_largest():
    few = resolve(slot("图：低保户数", "各村"), make_book(CATALOGUE, missing=("三湾村",)), CATALOGUE, settings())
    assert few.chart.names[0] == "南川村" and "三湾村" not in few.chart.names and few.provisional
    many = make_book(CATALOGUE, count=MOST + 5)
    chart = resolve(slot("图：低保户数", "各村"), many, CATALOGUE, settings())
    assert len(chart.chart.now) == MOST and list(chart.chart.now) == sorted(chart.chart.now, reverse=True)
    assert chart.text.endswith(f"，最大的{MOST}个")


def test_picture_without_any_figure_is_a_mark(book):
    filled = resolve(slot("图：低保户数"), replace(book, figures={}), CATALOGUE, settings())
    assert (filled.text, filled.missing, filled.chart) == ("【缺：图：低保户数】", True, None)


def test_document_declares_its_charts_and_shows_them_over_their_paragraphs(tmp_path):
    template = Template(write_template(tmp_path / "t.docx", "前", "图的话", "后"))
    at = template.body.paragraphs[1].element
    template.draw([(at, b"<c/>", '村名"<&', 5.5)], 15)
    (tmp_path / "out.docx").write_bytes(template.packed())
    document = Document(str(tmp_path / "out.docx"))
    assert [paragraph.text for paragraph in document.paragraphs] == ["前", "", "图的话", "后"]
    drawing = document.paragraphs[1]._p
    [words] = [node.get("descr") for node in drawing.iter() if node.tag.endswith("}docPr")]
    [size] = [(node.get("cx"), node.get("cy")) for node in drawing.iter() if node.tag.endswith("}extent")]
    [chart] = [node for node in drawing.iter() if node.tag.endswith("}chart")]
    related = document.part.rels[chart.values()[0]]
    assert (words, size) == ('村名"<&', ("5400000", "1980000")) and related.target_part.blob == b"<c/>"
    assert related.target_part.content_type.endswith("drawingml.chart+xml")


def test_a_line_as_high_as_a_letter_does_not_cut_the_picture():
    spacing = shown(1, "", 1, 1).find(f"{W}pPr/{W}spacing")
    assert spacing.get(f"{W}lineRule") == "auto"


def test_package_without_relations_gets_them():
    types = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    done = with_charts({"[Content_Types].xml": types}, "word/document.xml", [b"1", b"2"])
    targets = [node.get("Target") for node in etree.fromstring(done["word/_rels/document.xml.rels"])]
    assert targets == ["charts/cunhui1.xml", "charts/cunhui2.xml"] and done["word/charts/cunhui2.xml"] == b"2"
    assert len(etree.fromstring(done["[Content_Types].xml"])) == 2


@pytest.mark.parametrize(
    ("parts", "ids", "free"),
    [
        ((), (), 1),
        (("word/charts/chart9.xml",), ("7", "2147483647", "9" * 5000, "x", ""), 1),
        (("word/charts/cunhui2.xml",), (), 3),
        (("word/charts/cunhui1.xml",), ("90004",), 4),  # of one that Word has named otherwise since
    ],
)
def test_charts_are_numbered_from_where_none_of_ours_is_left(parts, ids, free):
    drawn = "".join(f'<wp:docPr id="{each}"/>' for each in ids)
    body = etree.fromstring(
        f'<w xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">{drawn}</w>'
    )
    assert first_free(dict.fromkeys(parts, b""), body) == free
