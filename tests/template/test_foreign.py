"""A template that reaches beyond its file is refused by name, by every command that reads it."""

import shutil
from zipfile import ZipFile

import pytest

from flows.commands.cli import main
from flows.template.word import Template
from schemas.errors import InputError
from tests.office import SAMPLE

TEMPLATE = SAMPLE / "年度工作总结模板.docx"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def changed(folder, change):
    """The sample's template with its parts changed."""
    with ZipFile(TEMPLATE) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    change(parts)
    path = folder / "模板.docx"
    with ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def related(kind, target, mode="External"):
    def change(parts):
        name = "word/_rels/document.xml.rels"
        relation = f'<Relationship Id="x9" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/>'
        parts[name] = parts[name].replace(b"</Relationships>", f"{relation}</Relationships>".encode())

    return change


def written(words):
    def change(parts):
        body = parts["word/document.xml"]
        parts["word/document.xml"] = body.replace(b"<w:body>", b"<w:body>" + words.encode(), 1)

    return change


def declared(code):
    def change(parts):
        name, data = "word/settings.xml", parts.get("word/settings.xml", b"<a/>")
        text = data.decode().partition("?>")[2] or data.decode()
        parts[name] = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>{text}'.encode(code)

    return change


def run(instruction):
    return f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (related("attachedTemplate", "file:///C:/Users/a/Normal.dotm"), "附加的模板（file:///C:/Users/a/Normal.dotm）"),
        (related("attachedTemplate", "http://198.51.100.7/t.dotm"), "附加的模板（http://198.51.100.7/t.dotm）"),
        (related("image", r"\\198.51.100.7\share\a.png"), r"链接的图片（\\198.51.100.7\share\a.png）"),
        (related("image", "http://198.51.100.7/a.png"), "链接的图片（http://198.51.100.7/a.png）"),
        (related("hyperlink", r"\\198.51.100.7\share"), "指向本机或共享文件夹的链接"),
        (related("oleObject", "embeddings/a.bin", "Internal"), "OLE 对象（embeddings/a.bin）"),
        (related("control", "activeX/a.xml", "Internal"), "ActiveX 控件"),
        (related("aFChunk", "a.html", "Internal"), "并入的文件"),
        (related("someNewKind", "http://198.51.100.7/"), "指向别处的内容"),
        (written(f"<w:p>{run('DDE')}{run('AUTO excel b')}</w:p>"), "会取外部内容的域 DDEAUTO"),
        (
            written('<w:p><w:fldSimple w:instr="INCLUDEPICTURE &quot;http://198.51.100.7/a&quot;"/></w:p>'),
            "域 INCLUDEPICTURE",
        ),
        (written(r'<w:p><w:r><w:pict src="\\198.51.100.7\a"/></w:r></w:p>'), r"指向别处的内容（\\198.51.100.7\a）"),
        (declared("utf-8"), "文档类型声明（DOCTYPE，在 word/settings.xml）"),
        (declared("utf-16"), "文档类型声明（DOCTYPE，在 word/settings.xml）"),
        (lambda parts: parts.update({"word/vbaProject.bin": b"x"}), "宏"),
    ],
)
def test_what_reaches_beyond_the_file_is_refused_by_name(change, named, tmp_path):
    with pytest.raises(InputError) as refused:
        Template(changed(tmp_path, change))
    assert named in str(refused.value) and "请在 Word 里删去后另存" in str(refused.value)
    assert len(refused.value.lines) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: None,
        related("hyperlink", "https://example.org/"),
        related("hyperlink", "mailto:a@example.org"),
        written(f"<w:p>{run('HYPERLINK &quot;https://example.org/LINK&quot;')}</w:p>"),
        written(f"<w:p>{run('PAGE')}</w:p>"),
    ],
)
def test_links_to_pages_and_fields_of_the_document_itself_may_stay(change, tmp_path):
    assert Template(changed(tmp_path, change)).body.paragraphs


@pytest.mark.parametrize("command", ["bind", "check"])
def test_refusal_is_one_line_and_exit_2_on_the_command_line(command, tmp_path, capsys):
    path = changed(tmp_path, related("attachedTemplate", "file:///C:/a.dotm"))
    assert main(["report", command, str(path)]) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1 and "附加的模板" in said


def test_refused_template_stops_nothing_but_the_report(tmp_path):
    from tests.crashing import office
    from tests.office import run_steps

    inputs, outputs = office(tmp_path)
    shutil.move(changed(tmp_path, related("image", "http://198.51.100.7/a.png")), inputs / "年度工作总结模板.docx")
    standing = run_steps(inputs, outputs)
    assert any("年度工作总结没有生成" in lack and "链接的图片" in lack for lack in standing.lacking)
    assert standing.unreported
    assert (outputs / "2023" / "汇总表.xlsx").exists()
