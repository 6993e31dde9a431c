"""年度工作总结.html: the report as one page that needs nothing else, each number a button to where it came from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from markupsafe import Markup

from flows.emit.page.markup import markup_beside
from flows.emit.page.offline import offline_page
from flows.emit.pictures.svg import STYLE
from flows.emit.report.charts import chart_of, drawn, rows_of
from flows.emit.report.page_data import PageData
from flows.store.figures import Book
from flows.store.lineage import Origins
from flows.template.compose import Line, Piece
from flows.template.text import TextParagraph
from flows.template.word import Paragraph
from schemas.catalogue import Catalogue
from schemas.township import Settings

Printed = Paragraph | TextParagraph
Kept = tuple[Printed, Line]
_LEVELS = {"title": "h1", "1": "h2", "2": "h3", "3": "h4"}
_HEADINGS = ((re.compile(r"^[一二三四五六七八九十]+、"), "1"), (re.compile(r"^（[一二三四五六七八九十]+）"), "2"))
_LONGEST_HEADING = 40
"""Characters; a longer paragraph that begins like a heading is one that only numbers itself. The sample's have 22."""
_NUMBER = re.compile(r"-?[\d.]+")
_CLOSING = re.compile("[%‰，。、；：）》”’！？]+")


def page_of(
    title: str,
    paragraphs: Sequence[Printed],
    lines: Sequence[Line],
    notices: Sequence[str],
    book: Book,
    catalogue: Catalogue,
    settings: Settings,
    lineage: Origins,
) -> str:
    """The whole page. Everything that anybody typed is escaped, and a policy forbids every script but ours."""
    data = PageData(book, catalogue, settings, lineage)
    kept = [(paragraph, line) for paragraph, line in zip(paragraphs, lines, strict=True) if line.kept]
    headings: list[tuple[str, str]] = []
    blocks = list(_blocks(kept, data, headings))
    return offline_page(
        title=title,
        body=markup_beside(__file__, notices=notices, headings=headings, blocks=blocks),
        data=data.as_dict(),
        beside=Path(__file__),
        style=STYLE if any(block.drawn for block in blocks) else "",
    )


@dataclass
class _Said:
    """Words as they are (`slot` is None), or a filled slot, which is pressed to see where it came from.

    `closing` is what may not begin a line and so stays with the number before it.
    """

    text: str
    slot: int | None = None
    name: str = ""
    looks: str = ""
    is_number: bool = False
    closing: str = ""


@dataclass
class _Block:
    """A paragraph, a heading (`heading` is its number), a table (rows of cells of lines) or the words of a picture."""

    pieces: Sequence[_Said] = ()
    align: str = ""
    tag: str = ""
    heading: int | None = None
    rows: Sequence[Sequence[Sequence[Sequence[_Said]]]] = ()
    drawn: Markup | None = None
    figures: Sequence[tuple[str, str, str]] = ()
    unit: str = ""


def _blocks(kept: Sequence[Kept], data: PageData, headings: list[tuple[str, str]]) -> Iterator[_Block]:
    for table, group in groupby(kept, key=lambda pair: pair[0].cell[0] if pair[0].cell else None):
        if table is None:
            yield from (_paragraph(paragraph, line, data, headings) for paragraph, line in group)
        else:
            yield _table(list(group), data)


def _paragraph(paragraph: Printed, line: Line, data: PageData, headings: list[tuple[str, str]]) -> _Block:
    pieces = _said(line, data)
    if chart := chart_of(line):
        return _Block(pieces, drawn=drawn(chart), figures=rows_of(chart), unit=chart.unit)
    kind = paragraph.kind or next((level for start, level in _HEADINGS if start.match(line.text)), "")
    if kind and kind in _LEVELS and 0 < len(line.text) <= _LONGEST_HEADING:
        headings.append((_LEVELS[kind], line.text))
        return _Block(pieces, tag=_LEVELS[kind], heading=len(headings) - 1)
    return _Block(pieces, align={"right": "right", "end": "right", "center": "center"}.get(paragraph.align, ""))


def _table(cells: Sequence[Kept], data: PageData) -> _Block:
    rows = []
    for _, row in groupby(cells, key=lambda pair: pair[0].cell and pair[0].cell[1]):
        columns = groupby(row, key=lambda pair: pair[0].cell and pair[0].cell[2])
        rows.append([[_said(line, data) for _, line in cell] for _, cell in columns])
    return _Block(rows=rows)


def _said(line: Line, data: PageData) -> list[_Said]:
    said: list[_Said] = []
    for piece in line.pieces:
        text = piece.text
        if piece.filled and text:
            said.append(_slot(piece, data))
            continue
        if said and said[-1].is_number and (closing := _CLOSING.match(text)):
            said[-1].closing += closing[0]
            text = text[closing.end() :]
        if text:
            said.append(_Said(text))
    return said


def _slot(piece: Piece, data: PageData) -> _Said:
    """A filled slot: a number a real button, words, which must wrap, one by role."""
    number, filled = data.add(piece), piece.filled
    assert filled  # only such a piece is sent here
    looks = "n" + (" missing" if filled.missing else " provisional" if filled.provisional else "")
    is_number = bool(_NUMBER.fullmatch(piece.text))
    return _Said(piece.text, number, data.slots[number]["name"], looks, is_number)
