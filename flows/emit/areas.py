"""A work area's sheet: its table cut into pages, and under it what only offices or the whole township have."""

from itertools import accumulate

from openpyxl.utils import get_column_letter

from flows.emit.edition import Edition, indented, in_tree
from flows.emit.grids import Grid, adds_up, body_heights, grid_of, has_parts
from flows.emit.paper import SMALLEST_SCALE, break_before, cut, set_pages, set_up, spread
from flows.emit.styles import HEAD, HEADING, MIDDLE, TEXT, Pen, row_height
from flows.emit.wording import source, totalling
from schemas.catalogue import Indicator

_BLOCK = (("代码", 8.0), ("指标名称", 30.0), ("计量单位", 10.0), ("本年数", 30.0), ("填报单位或来源", 32.0))
_CONTINUED = "（续表{}）"
_ORDINALS = "一二三四五六七八九十"


def draw_area(pen: Pen, edition: Edition, area: str, number: int) -> None:
    """Fill one area's sheet; `number` is the table's number in the workbook."""
    grid = grid_of(edition, area)
    lone = [
        item
        for item in edition.catalogue.of_area(area, edition.book.year)
        if not has_parts(item, edition.catalogue) or (not adds_up(item) and item.total == "typical")
    ]
    if grid is None:
        _draw_without_table(pen, edition, area, number, lone)
    else:
        _draw_with_table(pen, edition, area, number, grid, lone)


def _draw_without_table(pen: Pen, edition: Edition, area: str, number: int, lone: list[Indicator]) -> None:
    widths = spread([width for _, width in _BLOCK], [(0, len(_BLOCK))], min(edition.paper.width, 150))
    pen.widths(widths)
    top = edition.head(pen, edition.table_name(area), 1, len(widths), edition.marks(number))
    row = _block_rows(pen, edition, lone, top, [(column, 1) for column in range(1, len(widths) + 1)], widths)
    edition.foot(pen, row, len(widths), sum(widths), edition.notes())
    set_up(pen.sheet, edition.paper, (top, top), 0, f"A{top + 1}")


def _draw_with_table(pen: Pen, edition: Edition, area: str, number: int, grid: Grid, lone: list[Indicator]) -> None:
    paper, left = edition.paper, grid.left
    fixed = sum(grid.widths[:left])
    body = grid.widths[left:]
    pages = cut(body, grid.joined, paper.width / SMALLEST_SCALE - fixed)
    scale = min(1.0, paper.width / (fixed + max(sum(body[a:b]) for a, b in pages)))
    widths = [*grid.widths[:left], *spread(body, pages, paper.width / scale - fixed)]
    marks = edition.marks(number)
    spans, widths = _foot_spans(lone, widths, left + pages[0][1])
    pen.widths(widths)
    top = _heads(pen, edition, area, pages, left, marks)
    first_body = top + len(grid.head_heights)
    above = 30 + 15 * len(marks) + 18 + sum(grid.head_heights)
    heights = body_heights(grid, widths[: len(grid.widths)], (paper.height / scale - above) * 0.7)
    _draw_grid(pen, grid, top, heights)
    bottom = first_body + len(grid.rows) - 1
    last = max(left + pages[0][1], spans[-1][0] + spans[-1][1] - 1 if lone else 0)
    row = bottom + 1
    if lone:
        row = _block_rows(pen, edition, lone, row + 2, spans, widths, title_row=row + 1)
    row = edition.foot(pen, row, last, sum(widths[:last]), edition.notes())
    freeze = f"{get_column_letter(left + 1)}{first_body}"
    set_up(pen.sheet, paper, (top, first_body - 1), left, freeze)
    _paginate(pen, paper, pages, left, scale, (bottom, last, row - 1))


def _paginate(pen: Pen, paper, pages, left: int, scale: float, ends: tuple[int, int, int]) -> None:
    """One print area per page across; the foot stays with the table while it can be read, and else starts a page."""
    bottom, last, end = ends
    tall = [pen.sheet.row_dimensions[row].height or 15.0 for row in range(1, end + 1)]
    shrunk = min(scale, paper.height / sum(tall))
    if shrunk >= SMALLEST_SCALE:
        scale = shrunk
    elif sum(tall[:bottom]) * scale <= paper.height:
        break_before(pen.sheet, bottom + 1)
    if len(pages) == 1:
        pen.sheet.page_setup.fitToHeight = int(shrunk >= SMALLEST_SCALE)
        return
    areas = [f"A1:{get_column_letter(last)}{end}"]
    for first, after in pages[1:]:
        areas.append(f"{get_column_letter(left + first + 1)}1:{get_column_letter(left + after)}{bottom}")
    set_pages(pen.sheet, areas, scale)


def _heads(pen: Pen, edition: Edition, area: str, pages, left: int, marks: list[str]) -> int:
    """A title over every page's own columns. Returns the row under them."""
    title = edition.table_name(area)
    row = 0
    for number, (first, after) in enumerate(pages):
        own = left + first + 1 if number or len(pages) > 1 else 1
        ordinal = _ORDINALS[number - 1] if len(pages) > 2 else ""
        more = _CONTINUED.format(ordinal) if number else ""
        row = edition.head(pen, title + more, own, left + after, [] if number else marks, len(marks))
    return row


def _draw_grid(pen: Pen, grid: Grid, top: int, heights: list[float]) -> None:
    for cell in grid.head:
        pen.put(top + cell.row, 1 + cell.column, cell.text, cell.look, cell.rows, cell.columns)
    for offset, height in enumerate([*grid.head_heights, *heights]):
        pen.height(top + offset, height)
    first = top + len(grid.head_heights)
    for offset, row in enumerate(grid.rows):
        for column, (value, look) in enumerate(row, start=1):
            pen.put(first + offset, column, value, look)


def _foot_spans(lone: list[Indicator], widths: list[float], after: int) -> tuple[list[tuple[int, int]], list[float]]:
    """Which of the first page's columns each field under the table takes, as (first, count); columns are added if short."""
    if not lone:
        return [], widths
    widths, spans, column = list(widths), [], 1
    for number, (_, want) in enumerate(_BLOCK):
        left_over = after - column + 1
        count, got = 0, 0.0
        while got < want * 0.92 and (count < left_over - (len(_BLOCK) - number - 1) or count == 0):
            if column + count > len(widths):
                widths.append(want)
            got += widths[column + count - 1]
            count += 1
        spans.append((column, count))
        column += count
    return spans, widths


def _block_rows(pen: Pen, edition: Edition, lone, top: int, spans, widths: list[float], title_row: int = 0) -> int:
    """The figures without parts, one a row. Returns the row after them."""
    edges = [0.0, *accumulate(widths)]
    rooms = [edges[first + count - 1] - edges[first - 1] for first, count in spans]
    if title_row:
        pen.put(title_row, 1, _block_title(lone), HEADING, columns=spans[-1][0] + spans[-1][1] - 1)
        pen.height(title_row, 24)
    for (text, _), (first, count) in zip(_BLOCK, spans, strict=True):
        pen.put(top, first, text, HEAD, columns=count)
    pen.height(top, 22)
    for row, (item, name, indent) in enumerate(indented(in_tree(lone, edition.catalogue)), start=top + 1):
        value, look = edition.shown(edition.book.township, item)
        cells = (item.code, name, item.printed_in, value, _origin(edition, item))
        looks = (MIDDLE, TEXT.but(indent=indent), MIDDLE, look, TEXT)
        for text, style, (first, count) in zip(cells, looks, spans, strict=True):
            pen.put(row, first, text, style, columns=count)
        texts = [(text, room) for text, room in zip(cells, rooms, strict=True) if isinstance(text, str)]
        pen.height(row, row_height(texts, least=18.0))
    return top + 1 + len(lone)


def _block_title(lone: list[Indicator]) -> str:
    reported = any(item.reporter == "office" for item in lone)
    derived = any(item.reporter != "office" for item in lone)
    return "和".join(words for words, there in (("镇直站所填报", reported), ("全镇汇总", derived)) if there) + "的指标"


def _origin(edition: Edition, item: Indicator) -> str:
    words = source if item.reporter == "office" else totalling
    return words(edition.catalogue, item)
