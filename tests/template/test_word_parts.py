"""The parts of a Word document: what only a relation that goes had led to goes with it."""

from lxml import etree

from flows.template.word_parts import without

TYPES = '<Types xmlns="t"><Override PartName="/word/charts/a.xml"/><Override PartName="/word/styles.xml"/></Types>'


def rels(**targets: str) -> bytes:
    said = "".join(f'<Relationship Id="{name}" Target="{target}"/>' for name, target in targets.items())
    far = '<Relationship Id="far" Target="http://county.example/charts/a.xml" TargetMode="External"/>'
    return f'<Relationships xmlns="r">{said}{far}</Relationships>'.encode()


PARTS = {
    "[Content_Types].xml": TYPES.encode(),
    "_rels/.rels": rels(main="word/document.xml"),
    "word/document.xml": b"<d/>",
    "word/_rels/document.xml.rels": rels(a="charts/a.xml", b="charts/b.xml", again="/word/charts/b.xml"),
    "word/charts/a.xml": b"<a/>",
    "word/charts/_rels/a.xml.rels": rels(book="../embeddings/a.xlsx", back="../document.xml", gone="../gone.xml"),
    "word/embeddings/a.xlsx": b"PK",
    "word/charts/b.xml": b"<b/>",
    "word/styles.xml": b"<s/>",
}


def test_what_only_that_relation_led_to_goes_with_it_and_all_else_stays():
    left = without(PARTS, "word/document.xml", {"a"})
    gone = {"word/charts/a.xml", "word/charts/_rels/a.xml.rels", "word/embeddings/a.xlsx"}
    assert PARTS.keys() - left.keys() == gone
    assert [each.get("PartName") for each in etree.fromstring(left["[Content_Types].xml"])] == ["/word/styles.xml"]
    of_main = etree.fromstring(left["word/_rels/document.xml.rels"])
    assert [each.get("Id") for each in of_main] == ["b", "again", "far"]


def test_what_another_relation_still_leads_to_stays():
    left = without(PARTS, "word/document.xml", {"b"})
    assert left.keys() == PARTS.keys()
    assert without(PARTS, "word/document.xml", set()) == PARTS
