"""Paper: how a table is cut into pages, and how a sheet is set up to print.

Widths are in Excel's column units, heights in points, as in `flows.emit.workbook.styles`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flows.emit.workbook.plain import PAPERS, Printing, Sheet

SMALLEST_SCALE = 0.85
"""Tables are drawn at 10 pt: no page is shrunk below 8.5 pt."""
_ROOMIEST = 1.6
"""How far columns are widened to fill a page; beyond it a figure stands too far from the next. By eye."""
CAREFUL = 0.975
"""How much of a page's height is counted on where page breaks are set."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet of paper, and what fits between its margins."""

    size: str
    landscape: bool
    width: float
    height: float


A3_ACROSS = Paper(PAPERS["A3"], True, 160, 755)
A4_ACROSS = Paper(PAPERS["A4"], True, 110, 505)
A4_UPRIGHT = Paper(PAPERS["A4"], False, 75, 755)
"""Widths leave room for machines without 宋体, whose substitute draws a column unit up to 9.4 pixels wide."""


def paper_for(name: str) -> Paper:
    """The paper that wide tables are printed on, by its name in township.toml."""
    return A3_ACROSS if name == "A3" else A4_ACROSS


def cut(widths: Sequence[float], joined: Sequence[bool], room: float) -> list[tuple[int, int]]:
    """Cut columns into pages as (first, after last), few and evenly filled.

    A column marked `joined` stays with the one before it, unless the group alone is wider than `room`.
    """
    blocks = _blocks(widths, joined, room)
    sizes = [sum(widths[first:after]) for first, after in blocks]
    pages = _fill(sizes, room)
    low, high = max(sizes), room
    while high - low > 0.5:
        middle = (low + high) / 2
        if len(_fill(sizes, middle)) <= len(pages):
            high = middle
        else:
            low = middle
    return [(blocks[first][0], blocks[after - 1][1]) for first, after in _fill(sizes, max(high, low))]


def _blocks(widths: Sequence[float], joined: Sequence[bool], room: float) -> list[tuple[int, int]]:
    starts = [number for number in range(len(widths)) if number == 0 or not joined[number]]
    blocks = []
    for first, after in zip(starts, [*starts[1:], len(widths)], strict=True):
        whole = sum(widths[first:after]) <= room
        blocks.extend([(first, after)] if whole else [(number, number + 1) for number in range(first, after)])
    return blocks


def _fill(sizes: Sequence[float], room: float) -> list[tuple[int, int]]:
    pages, first, used = [], 0, 0.0
    for number, size in enumerate(sizes):
        if number > first and used + size > room + 1e-6:
            pages.append((first, number))
            first, used = number, 0.0
        used += size
    return [*pages, (first, len(sizes))]


def spread(widths: Sequence[float], pages: Sequence[tuple[int, int]], room: float) -> list[float]:
    """The widths, made roomier so that every page is filled, but never beyond what looks lost."""
    roomy = list(widths)
    for first, after in pages:
        factor = min(_ROOMIEST, max(1.0, room / sum(widths[first:after])))
        roomy[first:after] = [width * factor for width in widths[first:after]]
    return roomy


def set_up(sheet: Sheet, paper: Paper, titles: tuple[int, int] | None, left: int, freeze: str | None = None) -> None:
    """Paper, repeated header rows and left columns, and the frozen pane, one page wide."""
    sheet.printing = Printing(
        paper.size, paper.landscape, title_rows=titles, title_columns=left, breaks=sheet.printing.breaks
    )
    sheet.freeze = freeze or ""


def set_pages(sheet: Sheet, areas: Sequence[str], scale: float) -> None:
    """Print each area on its own page or pages, at that scale."""
    sheet.printing.areas = tuple(areas)
    sheet.printing.down_first = False
    _set_scale(sheet, scale)


def _set_scale(sheet: Sheet, scale: float) -> None:
    sheet.printing.fits, sheet.printing.scale = None, int(scale * 100)


def break_before(sheet: Sheet, row: int) -> None:
    """Start a new page with that row."""
    sheet.printing.breaks.append(row)


def set_breaks(sheet: Sheet, paper: Paper, width: float, titles: tuple[int, int], headings: Collection[int]) -> None:
    """Print a long, narrow table at one scale, and start every page where a heading keeps the row after it.

    `width` is the table's, `titles` its first and last header row, `headings` the rows that may not end a page.
    Call it when every row has its height.
    """
    scale = min(1.0, paper.width / width)
    room = paper.height * CAREFUL / scale
    tall = {row: sheet.height(row) for row in range(1, sheet.last_row + 1)}
    repeated = sum(tall[row] for row in range(titles[0], titles[1] + 1))
    used = 0.0
    for row, height in tall.items():
        after = tall.get(row + 1, 0.0) if row in headings else 0.0
        if used + height + after > room:
            break_before(sheet, row)
            used = repeated
        used += height
    _set_scale(sheet, scale)
