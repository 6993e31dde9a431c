"""Runs of a Word paragraph: their text replaced in place, each keeping its look, marks highlighted."""

import copy
from collections.abc import Iterator, Sequence

from lxml import etree

from flows.template.compose import Line, Piece
from flows.template.units import unit_after

Element = etree._Element
Place = tuple[Element | None, int]
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MISSING, PROVISIONAL = "yellow", "lightGray"
_W = f"{{{WORD}}}"
_AFTER_HIGHLIGHT = ("u", "effect", "bdr", "shd", "fitText", "vertAlign", "rtl", "cs", "em", "lang", "eastAsianLayout",
                    "specVanish", "oMath", "rPrChange")  # fmt: skip


def rewrite(places: Sequence[Place], line: Line) -> None:
    """Put a line's changed pieces into the runs in which they start; each keeps that run's look.

    `places` says in which `w:t` or `m:t` each character of the template's paragraph stands, and where (None: in none).
    """
    changed = [piece for piece in line.pieces if piece.part]
    if not changed:
        return
    texts: dict[Element, list[tuple[str, str]]] = {}
    colours = {piece.start: _colour(piece) for piece in changed}
    new_at = {piece.start: piece.text for piece in changed}
    gone = {at for piece in changed for at in range(piece.start, piece.end)}
    for offset, (node, at) in enumerate(places):
        if node is None:
            continue
        segments = texts.setdefault(node, [])
        if offset in new_at:
            segments.append((new_at[offset], colours[offset]))
        if offset not in gone:
            character = (node.text or "")[at]
            if segments and segments[-1][1] == "":
                segments[-1] = (segments[-1][0] + character, "")
            else:
                segments.append((character, ""))
    for node, segments in texts.items():
        _set_segments(node, _merged(segments))


def _colour(piece: Piece) -> str:
    filled = piece.filled
    return "" if filled is None else MISSING if filled.missing else PROVISIONAL if filled.provisional else ""


def _merged(segments: list[tuple[str, str]]) -> list[tuple[str, str]]:
    merged: list[tuple[str, str]] = []
    for text, colour in segments:
        if merged and merged[-1][1] == colour:
            merged[-1] = (merged[-1][0] + text, colour)
        elif text:
            merged.append((text, colour))
    return merged or [("", "")]


def _set_segments(node: Element, segments: list[tuple[str, str]]) -> None:
    """Make a `w:t` say its segments, splitting its run where some of them are highlighted."""
    run = node.getparent()
    assert run is not None
    parent = run.getparent()
    assert parent is not None  # text stands in a run, a run in a paragraph
    if node.tag != f"{_W}t" or (len(segments) == 1 and not segments[0][1]):  # no highlight within an equation
        _set_text(node, "".join(text for text, _ in segments))
        return
    before, after = list(run)[: run.index(node)], list(run)[run.index(node) + 1 :]
    runs: list[Element] = []
    for text, colour in segments:
        piece = _bare(run)
        etree.SubElement(piece, f"{_W}t")
        _set_text(piece[-1], text)
        if colour:
            _highlight(piece, colour)
        runs.append(piece)
    tail = _bare(run)
    tail.extend(after)
    if after:
        runs.append(tail)
    for place, piece in enumerate(runs, start=1):
        parent.insert(parent.index(run) + place, piece)
    run.remove(node)
    if all(child.tag == f"{_W}rPr" for child in before):
        parent.remove(run)


def _bare(run: Element) -> Element:
    """A run that looks the same and says nothing."""
    bare = etree.Element(f"{_W}r", nsmap=run.nsmap)  # pyright: ignore[reportArgumentType]  # the stubs lack None: a default
    properties = run.find(f"{_W}rPr")
    if properties is not None:
        bare.append(copy.deepcopy(properties))
    return bare


def _set_text(node: Element, text: str) -> None:
    node.text = text
    node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _highlight(run: Element, colour: str) -> None:
    properties = run.find(f"{_W}rPr")
    if properties is None:
        properties = etree.Element(f"{_W}rPr")
        run.insert(0, properties)
    for old in properties.findall(f"{_W}highlight"):
        properties.remove(old)
    later = (at for at, child in enumerate(properties) if etree.QName(child).localname in _AFTER_HIGHLIGHT)
    place = next(later, len(properties))
    mark = etree.Element(f"{_W}highlight")
    mark.set(f"{_W}val", colour)
    properties.insert(place, mark)


def underlined(text: str, places: Sequence[Place]) -> Iterator[tuple[int, int]]:
    """Stretches of underlined spaces in a paragraph's text: two or more, or any before a unit."""
    start = None
    for at, (node, _) in enumerate([*places, (None, 0)]):
        blank = node is not None and text[at].isspace() and _is_underlined(node)
        if blank and start is None:
            start = at
        elif not blank and start is not None:
            if at - start >= 2 or text[start] == "\u3000" or unit_after(text[at:]).unit:
                yield start, at
            start = None


def put_in(paragraph: Element, text: str) -> None:
    """Say something in a paragraph that says nothing, looking as its mark does."""
    run = etree.SubElement(paragraph, f"{_W}r")
    look = paragraph.find(f"{_W}pPr/{_W}rPr")
    if look is not None:
        run.append(copy.deepcopy(look))
    _set_text(etree.SubElement(run, f"{_W}t"), text)


def _is_underlined(node: Element) -> bool:
    run = node.getparent()
    line = None if run is None else run.find(f"{_W}rPr/{_W}u")
    return line is not None and line.get(f"{_W}val") != "none"


def take_out(element: Element) -> None:
    """Remove a paragraph, and the table row or table it leaves empty; a cell and a section keep their last one."""
    parent = element.getparent()
    drawn = next(element.iter(f"{_W}drawing", f"{_W}pict"), None) is not None
    if parent is None or drawn or element.find(f"{_W}pPr/{_W}sectPr") is not None:
        return
    if parent.tag != f"{_W}tc":
        parent.remove(element)
        return
    if len(parent.findall(f"{_W}p")) > 1:
        parent.remove(element)
    row = next(parent.iterancestors(f"{_W}tr"))
    if not any((text.text or "").strip() for text in row.iter(f"{_W}t")):
        table = row.getparent()
        if table is None:  # another of its cells took it out
            return
        table.remove(row)
        holder = table.getparent()
        if table.find(f"{_W}tr") is None and holder is not None:
            holder.remove(table)


def notice(sentence: str) -> Element:
    """A highlighted paragraph in plain type, so that it looks like no part of the report."""
    paragraph = etree.Element(f"{_W}p", nsmap={"w": WORD})
    properties = etree.SubElement(paragraph, f"{_W}pPr")
    for tag, values in (
        ("spacing", {"before": "0", "after": "60", "line": "320", "lineRule": "exact"}),
        ("ind", {"left": "0", "right": "0", "firstLine": "0", "firstLineChars": "0"}),
        ("jc", {"val": "left"}),
    ):
        child = etree.SubElement(properties, f"{_W}{tag}")
        for key, value in values.items():
            child.set(f"{_W}{key}", value)
    run = etree.SubElement(paragraph, f"{_W}r")
    look = etree.SubElement(run, f"{_W}rPr")
    fonts = etree.SubElement(look, f"{_W}rFonts")
    for key in ("ascii", "hAnsi", "eastAsia"):
        fonts.set(f"{_W}{key}", "黑体")
    for tag in ("sz", "szCs"):
        etree.SubElement(look, f"{_W}{tag}").set(f"{_W}val", "24")
    _highlight(run, MISSING)
    _set_text(etree.SubElement(run, f"{_W}t"), sentence)
    return paragraph
