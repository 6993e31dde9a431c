"""Places of a Word document marked for a reader: highlighted, each with a comment that says what it is."""

from collections.abc import Mapping, Sequence

from lxml import etree

from flows.template.word_runs import WORD, Element

_W = f"{{{WORD}}}"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
_CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_NAME, _AUTHOR = "comments.xml", "村汇"


def highlighted(paragraph: Element) -> list[Element]:
    """A paragraph's highlighted runs, in order."""
    return [run for run in paragraph.iter(f"{_W}r") if run.find(f"{_W}rPr/{_W}highlight") is not None]


def anchor(run: Element, number: int) -> None:
    """Hang a comment on a run."""
    parent = run.getparent()
    assert parent is not None, "a run stands in a paragraph"
    start, end = (etree.Element(f"{_W}commentRange{side}") for side in ("Start", "End"))
    reference = etree.Element(f"{_W}r")
    for node in (start, end, etree.SubElement(reference, f"{_W}commentReference")):
        node.set(f"{_W}id", str(number))
    at = parent.index(run)
    parent.insert(at, start)
    parent.insert(at + 2, end)
    parent.insert(at + 3, reference)


def with_comments(parts: Mapping[str, bytes], main: str, said: Sequence[str]) -> dict[str, bytes]:
    """The package with a part of these comments, numbered from 0; in the place of one that was there."""
    folder = main.rpartition("/")[0]
    name = f"{folder}/{_NAME}" if folder else _NAME
    rels = f"{folder}/_rels/{main.rpartition('/')[2]}.rels".lstrip("/")
    root = etree.Element(f"{_W}comments", nsmap={"w": WORD})
    for number, words in enumerate(said):
        comment = etree.SubElement(root, f"{_W}comment")
        for key, value in (("id", str(number)), ("author", _AUTHOR), ("initials", "村")):
            comment.set(f"{_W}{key}", value)
        for line in words.split("\n"):
            text = etree.SubElement(etree.SubElement(etree.SubElement(comment, f"{_W}p"), f"{_W}r"), f"{_W}t")
            text.text = line
    done = dict(parts)
    done[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    done["[Content_Types].xml"] = _declared(parts["[Content_Types].xml"], f"/{name}")
    done[rels] = _related(parts.get(rels, f'<Relationships xmlns="{_PACKAGE}"/>'.encode()))
    return done


def _declared(types: bytes, name: str) -> bytes:
    root = etree.fromstring(types)
    if not any(each.get("PartName") == name for each in root):
        etree.SubElement(root, f"{{{_TYPES}}}Override", PartName=name, ContentType=_CONTENT)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _related(relationships: bytes) -> bytes:
    root = etree.fromstring(relationships)
    if not any(each.get("Type") == _KIND for each in root):
        etree.SubElement(root, f"{{{_PACKAGE}}}Relationship", Id="rIdCunhui", Type=_KIND, Target=_NAME)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
