"""Pictures of a finished report: ours are drawn anew, others are asked about; what is taken out leaves nothing."""

import base64
import io
from dataclasses import replace
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from docx import Document
from lxml import etree

from flows.binding.bind import bind
from flows.binding.decided import FIXED, OTHER, Decision
from flows.binding.pictures import _kind, drawings, pictures
from flows.binding.report_file import WordReport
from flows.commands.report_bind import show_binding
from flows.commands.report_check import ground_of
from flows.emit.report.report import write_report
from flows.template.word import Template
from flows.template.word_runs import WORD
from schemas.supplements import Own
from tests.books import make_book, settings
from tests.office import CATALOGUE, SAMPLE
from tests.reporting import texts

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OURS, THEIRS, NAMELESS, BARE = (
    "图：低保户数、特困供养户数（户），与上年比", "图2 各村低保人口情况", "图3 示意图", "各类保障情况如下。",
)  # fmt: skip
BOOK = make_book(CATALOGUE)
FIGURES = [BOOK.figures[BOOK.township.code, code].printed for code in ("I01", "I02", "I04")]
LINES = (
    "示例镇2023年民政工作总结",
    f"全镇现有低保对象{FIGURES[0]}户{FIGURES[1]}人，特困供养{FIGURES[2]}户。",
    OURS,
    THEIRS,
    BARE,
    "另外：",
    NAMELESS,
    "完",
)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Three charts, the last with words over it that are no caption; an image under its caption and one without."""
    path, document = tmp_path_factory.mktemp("report") / "去年.docx", Document()
    for line in LINES:
        document.add_paragraph(line)
        if line in (NAMELESS, "完"):
            document.add_paragraph().add_run().add_picture(io.BytesIO(DOT))
    document.save(str(path))
    template = Template(path)
    over = {each.text: each.element for each in template.body.paragraphs}
    under = over[BARE].getnext()  # so that this chart follows its words
    charts = [
        (element, f"<c n='{at}'/>".encode(), "", 5.0) for at, element in enumerate((over[OURS], over[THEIRS], under))
    ]
    template.draw(charts, 15.0)
    path.write_bytes(template.packed())
    return path


@pytest.fixture(scope="module")
def bound(report):
    return bind(report, CATALOGUE, report.with_name("模板.docx"), ground_of(SAMPLE, report), BOOK)


def shown(path) -> SimpleNamespace:
    """The pictures in a document: how many, and the parts that hold them."""
    with ZipFile(path) as archive:
        body, names = archive.read("word/document.xml"), archive.namelist()
        rels, types = archive.read("word/_rels/document.xml.rels"), archive.read("[Content_Types].xml")
    assert len(names) == len(set(names))
    parts = sorted(name.rpartition("/")[2] for name in names if "/charts/" in name or "/media/" in name)
    charts = sum(name.startswith("cunhui") for name in parts)
    assert rels.count(b"charts/") == types.count(b"/word/charts/") == charts
    return SimpleNamespace(count=body.count(b"<w:drawing"), parts=parts)


GRAPHIC = '<a:graphic><a:graphicData uri="{}/{}"/></a:graphic>'
URIS = "http://schemas.openxmlformats.org/drawingml/2006", "http://schemas.microsoft.com/office/drawing/2014"
CHART, CHART_EX = GRAPHIC.format(URIS[0], "chart"), GRAPHIC.format(URIS[1], "chartex")
IMAGE = GRAPHIC.format(URIS[0], "picture").replace("/></a:graphic>", "><a:blip/></a:graphicData></a:graphic>")
NAMES = (
    f'xmlns:w="{WORD}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:v" xmlns:o="urn:o" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wps="urn:wps"'
)


@pytest.mark.parametrize(
    ("inside", "kinds"),
    [
        (f"<w:drawing>{CHART}</w:drawing>", ["chart"]),
        (f"<mc:AlternateContent><mc:Choice><w:drawing>{CHART_EX}</w:drawing></mc:Choice><mc:Fallback><w:drawing>{IMAGE}"
         "</w:drawing></mc:Fallback></mc:AlternateContent>", ["chart"]),  # as newer programs write some charts
        (f"<w:drawing>{IMAGE}</w:drawing><w:pict><v:shape><v:imagedata/></v:shape></w:pict>", ["image", "image"]),
        ("<w:object><v:shape><v:imagedata/></v:shape><o:OLEObject/></w:object>", ["chart"]),  # a sheet put in
        ("<w:pict><v:textbox><w:txbxContent><w:p/></w:txbxContent></v:textbox></w:pict>", []),
        ("<w:drawing><wps:wsp/></w:drawing><w:pict><v:line/></w:pict><w:t>字</w:t>", []),
    ],
)  # fmt: skip
def test_every_way_of_showing_a_chart_or_an_image_is_one_and_boxes_and_lines_are_none(inside, kinds):
    paragraph = etree.fromstring(f"<w:p {NAMES}><w:r>{inside}</w:r></w:p>")
    assert [_kind(each) for each in drawings(paragraph)] == kinds


def test_picture_is_known_by_the_caption_in_under_or_over_it_else_by_its_own_paragraph(report):
    word = WordReport(report)
    found = [(word.paragraphs[at].text, each.drawn) for at, each in pictures(word.paragraphs).items()]
    assert sorted(found) == sorted(
        [(OURS, "chart"), (THEIRS, "chart"), ("", "chart"), (NAMELESS, "image"), ("", "image")]
    )


def test_caption_of_ours_is_its_slot_again_and_others_are_asked_about(bound):
    asked = {blank.was or blank.context: (blank.slot, blank.sure) for blank in bound.blanks if blank.kind == "picture"}
    assert asked == {
        OURS: ("{{图：低保户数、特困供养户数}}", True),
        THEIRS: ("{{？图：低保人口|各村}}", False),
        f"{BARE} 【图】": ("{{？图}}", False),
        NAMELESS: ("{{？图}}", False),
    }
    assert bound.status == 3


def test_picture_that_a_slot_stands_for_is_taken_out_with_all_that_it_was_made_of(bound, report):
    assert shown(report).count == 5
    left = shown(bound.out)
    assert (left.count, left.parts) == (1, ["image1.png"])  # both images are the same file
    assert [text for text in texts(bound.out) if "图" in text] == [
        "{{图：低保户数、特困供养户数}}", "{{？图：低保人口|各村}}", "{{？图}}", "{{？图}}",
    ]  # fmt: skip


def test_image_that_no_words_speak_for_stays_and_is_told(bound, capsys):
    show_binding(bound, [])
    assert "另有 1 张没有图题的图片，照原样留着" in capsys.readouterr().out


def test_decided_pictures_are_drawn_anew_beside_one_that_was_kept(bound, report, tmp_path):
    of = {blank.was or blank.context: blank.number for blank in bound.blanks if blank.kind == "picture"}
    decisions = {
        of[THEIRS]: Decision(FIXED), of[NAMELESS]: Decision(FIXED),
        of[f"{BARE} 【图】"]: Decision(OTHER, "{{图：低保户数|各村}}"),
    }  # fmt: skip
    done = bind(report, CATALOGUE, tmp_path / "模板.docx", ground_of(SAMPLE, report), BOOK, decisions)
    assert (done.status, done.prose) == (0, [THEIRS, NAMELESS])
    assert shown(done.out).parts == ["cunhui2.xml", "image1.png"]
    (tmp_path / "report_constants.toml").write_text(f"words = {done.prose}".replace("'", '"'), encoding="utf-8")
    book = replace(BOOK, own=Own(figures={each.name: each for each in done.supplements}))
    out = tmp_path / "今年.docx"
    write_report(out, out.with_suffix(".html"), done.out, book, CATALOGUE, settings(), {})
    printed = shown(out)
    assert (printed.count, printed.parts) == (5, ["cunhui2.xml", "cunhui3.xml", "cunhui4.xml", "image1.png"])
    assert OURS in texts(out)
