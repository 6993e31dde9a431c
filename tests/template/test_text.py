"""A plain text as a template: read in its encoding, written as it was but for its slots; what is no text is refused."""

import pytest

from flows.template.templates import read_template
from flows.template.text import TextTemplate, read_text
from flows.template.word import Template
from schemas.errors import InputError
from tests.reporting import write_template


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("text", ["甲\r\n乙\r\n", "甲\n\n乙", "甲\n", "甲", ""])
def test_text_is_written_as_it_was_read(tmp_path, encoding, text):
    path = tmp_path / "模板.txt"
    path.write_bytes(text.encode(encoding))
    assert TextTemplate(path).packed().decode(encoding) == text


def test_first_line_with_words_is_the_title_unless_it_is_a_paragraph(tmp_path):
    path = tmp_path / "模板.txt"
    path.write_text("\n小结\n甲", encoding="utf-8")
    assert [paragraph.kind for paragraph in TextTemplate(path).body.paragraphs] == ["", "title", ""]
    path.write_text("长" * 41, encoding="utf-8")
    assert [paragraph.kind for paragraph in TextTemplate(path).body.paragraphs] == [""]


@pytest.mark.parametrize("data", [bytes(range(256)), b"a\0b"])
def test_what_is_no_text_is_refused(tmp_path, data):
    path = tmp_path / "模板.txt"
    path.write_bytes(data)
    with pytest.raises(InputError, match="不是文本文件"):
        read_text(path)


def test_template_is_read_by_its_suffix(tmp_path):
    (tmp_path / "甲.TXT").write_text("甲", encoding="utf-8")
    assert isinstance(read_template(tmp_path / "甲.TXT"), TextTemplate)
    assert isinstance(read_template(write_template(tmp_path / "甲.docx", "甲")), Template)
    with pytest.raises(InputError, match="读不到文件"):
        read_template(tmp_path / "没有.txt")
