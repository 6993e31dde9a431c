"""Comments in a Word document: hung on runs, in a part of their own that other readers find."""

from docx import Document

from flows.template.word import Template
from flows.template.word_comments import anchor, highlighted
from tests.reporting import write_template


def test_comments_are_read_back_where_they_hang(tmp_path):
    path = write_template(tmp_path / "t.docx", "低保618户，1356人。")
    template = Template(path)
    (run,) = template.body.paragraphs[0].element.iter("{*}r")
    assert highlighted(template.body.paragraphs[0].element) == []
    anchor(run, 0)
    template.comment(["低保户数（确定）\n低保人口（请核对）"])
    path.write_bytes(template.packed())
    (comment,) = Document(str(path)).comments
    assert (comment.text, comment.author) == ("低保户数（确定）\n低保人口（请核对）", "村汇")
