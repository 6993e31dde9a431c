"""Paper: how a table is cut into pages, how a sheet is set up to print, and how a workbook is saved the same twice.

Widths are in Excel's column units, heights in points, as in `flows.emit.summary.styles`.
"""

import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from flows.emit.writing import write_changed

SMALLEST_SCALE = 0.85
"""Tables are drawn at 10 pt: no page is shrunk below 8.5 pt."""
_ROOMIEST = 1.6
"""How far columns are widened to fill a page; beyond it a figure stands too far from the next. By eye."""
CAREFUL = 0.975
"""How much of a page's height is counted on where page breaks are set."""
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can say: the same workbook is then the same bytes, whenever it is written."""
_CORE = "docProps/core.xml"


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet of paper, and what fits between its margins."""

    size: str
    landscape: bool
    width: float
    height: float


A3_ACROSS = Paper("8", True, 160, 755)
A4_ACROSS = Paper("9", True, 110, 505)
A4_UPRIGHT = Paper("9", False, 75, 755)
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


def set_up(
    sheet: Worksheet, paper: Paper, titles: tuple[int, int] | None, left: int, freeze: str | None = None
) -> None:
    """Paper, margins, footer, repeated header rows and left columns, and the frozen pane, one page wide."""
    sheet.page_setup.paperSize = paper.size
    sheet.page_setup.orientation = "landscape" if paper.landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.page_setup.fitToPage = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.42
    margins.top, margins.bottom, margins.header, margins.footer = 0.55, 0.6, 0.3, 0.3
    sheet.print_options.horizontalCentered = True
    footer = sheet.oddFooter
    assert footer is not None and footer.center is not None  # openpyxl makes both with the sheet
    footer.center.text, footer.center.size = "第 &P 页 共 &N 页", 9
    if titles:
        sheet.print_title_rows = f"{titles[0]}:{titles[1]}"
    if left:
        sheet.print_title_cols = f"A:{get_column_letter(left)}"
    sheet.sheet_view.showGridLines = False
    sheet.freeze_panes = freeze


def set_pages(sheet: Worksheet, areas: Sequence[str], scale: float) -> None:
    """Print each area on its own page or pages, at that scale."""
    sheet.print_area = list(areas)
    sheet.page_setup.fitToPage = False
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = None
    sheet.page_setup.scale = int(scale * 100)
    sheet.page_setup.pageOrder = "overThenDown"


def break_before(sheet: Worksheet, row: int) -> None:
    """Start a new page with that row."""
    sheet.row_breaks.append(Break(id=row - 1))


def set_breaks(
    sheet: Worksheet, paper: Paper, width: float, titles: tuple[int, int], headings: Collection[int]
) -> None:
    """Print a long, narrow table at one scale, and start every page where a heading keeps the row after it.

    `width` is the table's, `titles` its first and last header row, `headings` the rows that may not end a page.
    Call it when every row has its height; a row without one counts 15 points.
    """
    scale = min(1.0, paper.width / width)
    room = paper.height * CAREFUL / scale
    tall = {row: sheet.row_dimensions[row].height or 15.0 for row in range(1, sheet.max_row + 1)}
    repeated = sum(tall[row] for row in range(titles[0], titles[1] + 1))
    used = 0.0
    for row, height in tall.items():
        after = tall.get(row + 1, 0.0) if row in headings else 0.0
        if used + height + after > room:
            break_before(sheet, row)
            used = repeated
        used += height
    sheet.page_setup.fitToPage = False
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = None
    sheet.page_setup.scale = int(scale * 100)


class _SteadyZip(ZipFile):
    """A zip whose bytes depend on nothing but what is in it."""

    def __init__(self, file: BinaryIO, modified: datetime) -> None:
        super().__init__(file, "w", ZIP_DEFLATED)
        self._modified = modified.strftime("%Y-%m-%dT%H:%M:%SZ").encode()

    def writestr(self, zinfo_or_arcname, data, compress_type=None, compresslevel=None):
        name = zinfo_or_arcname.filename if isinstance(zinfo_or_arcname, ZipInfo) else zinfo_or_arcname
        data = data.encode() if isinstance(data, str) else data
        if name == _CORE:
            data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + self._modified, data)
        super().writestr(ZipInfo(name, _FIXED_TIME), data, ZIP_DEFLATED, 6)

    def write(self, filename, arcname=None, compress_type=None, compresslevel=None):
        self.writestr(str(arcname or filename), Path(filename).read_bytes())


def save(book: Workbook, path: Path, stamp: datetime) -> None:
    """Save whole or not at all; the same workbook gives the same bytes, and then the file is left alone."""
    book.properties.created = stamp
    buffer = io.BytesIO()
    with _SteadyZip(buffer, stamp) as archive:
        ExcelWriter(book, archive).save()
    write_changed(path, buffer.getvalue())
