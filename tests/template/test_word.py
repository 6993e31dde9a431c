"""A Word document as text: what stands in it, where, and the same file back with its slots filled."""

import zipfile
from pathlib import Path

import pytest
from docx import Document

from flows.template import word
from flows.template.compose import compose
from flows.template.filling import Filled
from flows.template.word import Template
from flows.template.word_runs import WORD
from schemas.errors import InputError
from tests.reporting import write_template


def template_of(folder: Path, *paragraphs: str) -> Template:
    """A template whose body is these paragraphs' insides, in Word's own XML."""
    path = write_template(folder / "t.docx")
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    body = "".join(f"<w:p>{inside}</w:p>" for inside in paragraphs)
    document = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (parts | {"word/document.xml": document.encode()}).items():
            archive.writestr(name, data)
    return Template(path)


def said(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def field(instruction: str, result: str) -> str:
    marks = {kind: f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")}
    order = f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
    return marks["begin"] + order + marks["separate"] + said(result) + marks["end"]


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (said("第") + field("PAGE", "7") + said("页"), "第页"),
        (said("低保") + field("REF x", "618") + said("户"), "低保618户"),
        (f'<w:fldSimple w:instr="NUMPAGES">{said("9")}</w:fldSimple>' + said("完"), "完"),
        (said("甲") + "<w:r><w:tab/><w:t>乙</w:t><w:br/><w:noBreakHyphen/></w:r>", "甲\t乙\n-"),
        ('<w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:ins><w:r><w:t>新</w:t></w:r></w:ins>', "新"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F081"/></w:r>' + said("户"), "①户"),
        ('<w:r><w:sym w:font="Wingdings 2" w:char="F073"/></w:r>', "⑩"),
        ('<w:r><w:sym w:font="Symbol" w:char="F041"/></w:r>', "A"),
        ('<w:r><w:sym w:font="Webdings" w:char="F041"/></w:r>', "☐"),
        ('<w:r><w:sym w:font="Symbol" w:char="?"/></w:r>', "☐"),
    ],
    ids=["page", "field", "simple field", "signs", "tracked", "circled", "second font", "letter", "picture", "broken"],
)  # fmt: skip
def test_text_of_a_paragraph_is_what_a_reader_sees_without_page_numbers(inside, text, tmp_path):
    assert [paragraph.text for paragraph in template_of(tmp_path, inside).body.paragraphs] == [text]


def test_document_with_tracked_changes_is_known_as_such(tmp_path):
    assert template_of(tmp_path, f"<w:ins>{said('新')}</w:ins>").is_tracked
    assert not template_of(tmp_path, said("新")).is_tracked


def test_paragraph_knows_its_cell_its_level_and_how_it_is_aligned(tmp_path):
    document = Document()
    document.add_heading("一、成绩", 1)
    document.add_table(2, 2).cell(1, 0).text = "低保"
    document.sections[0].header.paragraphs[0].text = "示例镇"
    centred = document.add_paragraph("中")
    centred.alignment = 1
    document.save(str(tmp_path / "t.docx"))
    template = Template(tmp_path / "t.docx")
    found = {each.text: (each.kind, each.cell, each.align) for each in template.body.paragraphs if each.text}
    assert found == {"一、成绩": ("1", None, ""), "低保": ("", (0, 1, 0), ""), "中": ("", None, "center")}
    assert {story.where for story in template.stories} == {"", "页眉"}


def test_lines_are_put_back_left_out_ones_go_and_notices_stand_first(tmp_path):
    template = template_of(tmp_path, said("低保{{低保户数}}户"), said("{{若 孤儿人数}}孤儿{{孤儿人数}}人{{完}}"))
    texts = [paragraph.text for paragraph in template.body.paragraphs]
    done = compose(texts, lambda part: Filled("618", empty=part.kind == "if"))
    template.put(template.body, done.lines)
    template.put_notice(["尚缺三湾村。", "未定稿。"])
    (tmp_path / "out.docx").write_bytes(template.packed())
    again = Document(str(tmp_path / "out.docx"))
    assert [paragraph.text for paragraph in again.paragraphs] == ["尚缺三湾村。", "未定稿。", "低保618户"]
    notice = again.paragraphs[0].runs[0]
    assert (notice.font.highlight_color, notice.font.size.pt) == (7, 12.0)
    assert template.packed() == (tmp_path / "out.docx").read_bytes()


def _zipped(path: Path, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr({"types": "[Content_Types].xml", "body": "word/document.xml"}[name], text)
    return path


TYPES = '<Types xmlns="x"><Override PartName="/word/document.xml" ContentType="a.document.main+xml"/></Types>'


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "找不到报告模板"),
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0 an old .doc"), "旧式 .doc、.wps 或加了密码的"),
        (lambda path: _zipped(path, body="<a/>"), "不是 Word 文档（.docx）"),
        (lambda path: _zipped(path, types='<Types xmlns="x"/>'), "不是 .docx，请用 Word 或 WPS 另存为 .docx"),
        (lambda path: _zipped(path, types=TYPES, body="<w:document"), "不是完好的 Word 文档"),
        (lambda path: path.mkdir(), "读不到报告模板"),
    ],
    ids=["missing", "old", "another package", "without a body", "broken", "unreadable"],
)
def test_what_is_no_document_is_refused_in_one_line_that_says_what_to_do(make, words, tmp_path):
    make(tmp_path / "t.docx")
    with pytest.raises(InputError, match=words) as refused:
        Template(tmp_path / "t.docx")
    assert len(refused.value.lines) == 1


def test_document_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(word, "_LARGEST", 1_000)
    with pytest.raises(InputError, match="模板太大"):
        Template(write_template(tmp_path / "t.docx", "低保"))
