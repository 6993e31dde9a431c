"""The pictures of a finished Word report: by whose words each is known, and what to take out where it is drawn anew."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from flows.template.captions import is_caption
from flows.template.word import Paragraph
from flows.template.word_runs import WORD, Element, take_out

Drawn = Literal["", "chart", "image"]
"""What a paragraph shows: nothing, figures that Word or WPS draws, or an image of whatever."""
_W = f"{{{WORD}}}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ALTERNATE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_CHARTS = ("/chart", "/chartex", "/ole")


@dataclass(frozen=True)
class Picture:
    """What is shown, and the paragraphs that hold it."""

    drawn: Drawn
    holders: tuple[Paragraph, ...]

    def take_out(self) -> set[str]:
        """Take it out of its paragraphs, and those with it that now say nothing. The relations that it was shown by."""
        used = set[str]()
        for holder in self.holders:
            for element in drawings(holder.element):
                attributes = (each for node in element.iter() for each in node.attrib.items())
                used |= {str(value) for name, value in attributes if str(name).startswith(_R)}
                _remove(element)
            if not any((node.text or "").strip() for node in holder.element.iter(f"{_W}t")):
                take_out(holder.element)
        return used


def pictures(paragraphs: Sequence[Paragraph]) -> dict[int, Picture]:
    """Each picture of the body by the number of the paragraph that speaks for it: its caption, else its own.

    A caption stands in the picture's own paragraph, under it or over it.
    """
    shown: dict[int, Drawn] = {number: kind for number, each in enumerate(paragraphs) if (kind := _shows(each))}
    found: dict[int, Picture] = {}
    for number, each in enumerate(paragraphs):
        if is_caption(each.text):
            beside = (number, number - 1, number + 1)
            holder = next((at for at in beside if at in shown and (at == number or _is_silent(paragraphs[at]))), None)
            if holder is not None:
                found[number] = Picture(shown.pop(holder), (paragraphs[holder],))
    return found | {number: Picture(kind, (paragraphs[number],)) for number, kind in shown.items()}


def _is_silent(paragraph: Paragraph) -> bool:
    return not paragraph.text.strip()


def _shows(paragraph: Paragraph) -> Drawn:
    if next(paragraph.element.iterancestors(f"{_W}body"), None) is None:
        return ""
    kinds = {_kind(each) for each in drawings(paragraph.element)}
    return "chart" if "chart" in kinds else "image" if kinds else ""


def drawings(paragraph: Element) -> Iterator[Element]:
    """What is drawn in a paragraph's own runs, each once with what stands in for it; text boxes and shapes are not."""
    for run in paragraph.iter(f"{_W}r"):
        if next(run.iterancestors(f"{_W}p")) is paragraph:
            for child in list(run):
                if _kind(child):
                    yield child


def _kind(element: Element) -> Drawn:
    """What an element of a run shows: of several, that which is a chart."""
    if element.tag not in (f"{_W}drawing", f"{_W}pict", f"{_W}object", _ALTERNATE):
        return ""
    shapes = {etree.QName(node).localname for node in element.iter() if isinstance(node.tag, str)}
    if "txbxContent" in shapes:
        return ""
    uris = [node.get("uri") or "" for node in element.iter(f"{_A}graphicData")]
    if any(uri.endswith(_CHARTS) for uri in uris) or "OLEObject" in shapes:
        return "chart"
    return "image" if "imagedata" in shapes or "blip" in shapes else ""


def _remove(element: Element) -> None:
    run = element.getparent()
    assert run is not None  # it was found in one
    run.remove(element)
    holder = run.getparent()
    if holder is not None and all(child.tag == f"{_W}rPr" for child in run):
        holder.remove(run)
