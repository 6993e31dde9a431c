"""Charts in a Word document: their parts, what declares them, and the paragraph that shows one, with words for it."""

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from flows.template.word_runs import Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_FIRST_ID = 90_001
"""Of a drawing in the document: above those that a template's own pictures have."""
_NUMBERED = re.compile(r"charts/cunhui([0-9]{1,5})\.xml$")
_EMU = 360_000
"""To the centimetre."""


def shown(number: int, alt: str, wide: float, tall: float) -> Element:
    """A centred paragraph that holds chart `number` (from 1), so many centimetres large; `alt` is read out instead."""
    paragraph = etree.Element(f"{_W}p")
    properties = etree.SubElement(paragraph, f"{_W}pPr")
    etree.SubElement(properties, f"{_W}keepNext")
    etree.SubElement(properties, f"{_W}spacing", {f"{_W}line": "240", f"{_W}lineRule": "auto"})
    etree.SubElement(properties, f"{_W}ind", {f"{_W}firstLine": "0", f"{_W}firstLineChars": "0"})
    etree.SubElement(properties, f"{_W}jc", {f"{_W}val": "center"})
    drawing = etree.SubElement(etree.SubElement(paragraph, f"{_W}r"), f"{_W}drawing")
    inline = etree.SubElement(drawing, f"{{{_WP}}}inline", dict.fromkeys(("distT", "distB", "distL", "distR"), "0"),
                              nsmap={"wp": _WP, "a": _A})  # fmt: skip
    etree.SubElement(inline, f"{{{_WP}}}extent", cx=str(round(wide * _EMU)), cy=str(round(tall * _EMU)))
    etree.SubElement(inline, f"{{{_WP}}}docPr", id=str(_FIRST_ID + number), name=f"图 {number}", descr=alt)
    etree.SubElement(inline, f"{{{_WP}}}cNvGraphicFramePr")
    data = etree.SubElement(etree.SubElement(inline, f"{{{_A}}}graphic"), f"{{{_A}}}graphicData", uri=_C)
    etree.SubElement(data, f"{{{_C}}}chart", {f"{{{_R}}}id": _relation(number)}, nsmap={"c": _C, "r": _R})
    return paragraph


def first_free(parts: Mapping[str, bytes], body: Element) -> int:
    """The number from which on neither a part nor a drawing of the document is called as ours are: a report of ours
    that was made a template may have kept some.
    """
    named = [int(match[1]) for name in parts if (match := _NUMBERED.search(name))]
    ids = [each.get("id", "") for each in body.iter(f"{{{_WP}}}docPr")]
    drawn = [int(said) - _FIRST_ID for said in ids if re.fullmatch("[0-9]{1,5}", said)]
    return max([0, *named, *drawn]) + 1


def with_charts(parts: Mapping[str, bytes], main: str, charts: Sequence[bytes], first: int = 1) -> dict[str, bytes]:
    """The package with these chart parts, numbered from `first`, declared and related to its main part."""
    folder = main.rpartition("/")[0]
    rels = f"{folder}/_rels/{main.rpartition('/')[2]}.rels".lstrip("/")
    types = etree.fromstring(parts["[Content_Types].xml"])
    relations = etree.fromstring(parts.get(rels, f'<Relationships xmlns="{_PACKAGE}"/>'.encode()))
    done = dict(parts)
    for number, chart in enumerate(charts, start=first):
        target = f"charts/cunhui{number}.xml"
        name = f"{folder}/{target}".lstrip("/")
        done[name] = chart
        etree.SubElement(types, f"{{{_TYPES}}}Override", PartName=f"/{name}", ContentType=_CONTENT)
        etree.SubElement(
            relations, f"{{{_PACKAGE}}}Relationship", Id=_relation(number), Type=f"{_R}/chart", Target=target
        )
    done["[Content_Types].xml"], done[rels] = (
        etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True) for root in (types, relations)
    )
    return done


def _relation(number: int) -> str:
    return f"rIdCunhuiChart{number}"
