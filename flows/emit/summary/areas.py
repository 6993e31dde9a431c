"""A work area's sheet: its table cut into pages, and under it what only offices or the whole township have."""

from collections.abc import Sequence

from openpyxl.utils import get_column_letter

from flows.emit.summary.charts import Run
from flows.emit.summary.edition import Edition, in_tree, indented
from flows.emit.summary.grids import Grid, adds_up, grid_of, grid_of_parts, has_parts
from flows.emit.summary.paper import CAREFUL, SMALLEST_SCALE, Paper, break_before, cut, set_pages, set_up, spread
from flows.emit.wording import source, totalling
from flows.emit.workbook.styles import HEAD, HEADING, MIDDLE, TEXT, Pen, code_width, row_height
from schemas.levels import parts_sheet
from schemas.records import Indicator

_ORDINALS = "一二三四五六七八九十"
_LEAST_ROW, _ROOMIEST_ROW = 16.0, 25.0
"""Points: a line of 10 pt with air around it, and how far rows are spread to fill a page. By eye."""
_LONG_FOOT = 0.4
"""A foot taller than this share of a page begins a page of its own, for little of the body would stand above it."""
Pages = Sequence[tuple[int, int]]


def draw_area(pen: Pen, edition: Edition, area: str, number: int) -> dict[str, Run]:
    """Fill one area's sheet; `number` is the table's number in the workbook. Returns where each figure's parts are."""
    grid = grid_of(edition, area)
    alone = [item for item in edition.catalogue.of_area(area, edition.book.year) if _stands_alone(edition, item)]
    if grid is None:
        _draw_without_table(pen, edition, area, number, alone)
        return {}
    return _draw_with_table(pen, edition, area, number, grid, alone)


def draw_parts(pen: Pen, edition: Edition, number: int) -> dict[str, Run]:
    """The places right below the whole side by side, every figure. Returns where each figure's places are."""
    name = parts_sheet(edition.book.parts[0].level)
    return _draw_with_table(pen, edition, name, number, grid_of_parts(edition), [])


def _stands_alone(edition: Edition, item: Indicator) -> bool:
    """Whether it goes under the table: it has no parts, or a 合计 of its parts would mean nothing."""
    return not has_parts(item, edition.catalogue) or not (adds_up(item) or item.is_text or item.total == "none")


def _draw_without_table(pen: Pen, edition: Edition, area: str, number: int, alone: list[Indicator]) -> None:
    fields = _fields(alone)
    widths = spread([width for _, width in fields], [(0, len(fields))], min(edition.paper.width, 130))
    pen.widths(widths)
    top = edition.head(pen, edition.table_name(area), 1, len(widths), edition.marks(number))
    row = _draw_alone(pen, edition, alone, top, [(column, 1) for column in range(1, len(widths) + 1)], widths)
    edition.foot(pen, row, len(widths), sum(widths), edition.notes())
    set_up(pen.sheet, edition.paper, (top, top), 0, f"A{top + 1}")


def _draw_with_table(
    pen: Pen, edition: Edition, area: str, number: int, grid: Grid, alone: list[Indicator]
) -> dict[str, Run]:
    paper, left = edition.paper, grid.left
    fixed, body = sum(grid.widths[:left]), grid.widths[left:]
    pages = cut(body, grid.joined, paper.width / SMALLEST_SCALE - fixed)
    scale = min(1.0, paper.width / (fixed + max(sum(body[first:after]) for first, after in pages)))
    widths = [*grid.widths[:left], *spread(body, pages, paper.width / scale - fixed)]
    spans, widths = _spans(alone, widths, left + pages[0][1])
    last = max(left + pages[0][1], spans[-1][0] + spans[-1][1] - 1 if alone else 0)
    pen.widths(widths)
    top = _heads(pen, edition, area, pages, left, edition.marks(number))
    first_body, bottom = _draw_grid(pen, grid, top, widths)
    row = bottom + 1
    if alone:
        pen.put(row + 1, 1, _title_of(edition, alone), HEADING, columns=last)
        pen.height(row + 1, 24)
        row = _draw_alone(pen, edition, alone, row + 2, spans, widths)
    end = edition.foot(pen, row, last, sum(widths[:last]), edition.notes()) - 1
    scale, fits, apart = _fit_height(pen, paper, scale, (top, first_body, bottom, end))
    titles = None if apart else (top, first_body - 1)
    set_up(pen.sheet, paper, titles, left, f"{get_column_letter(left + 1)}{first_body}")
    items = grid.items if grid.units[1] else []
    runs = {item.code: _run(pen, grid, at, top, first_body) for at, item in enumerate(items)}
    if fits and len(pages) == 1:
        pen.sheet.printing.fits = (1, 1)
        return runs
    areas = [f"A1:{get_column_letter(last)}{end}"]
    for first, after in pages[1:]:
        areas.append(f"{get_column_letter(left + first + 1)}1:{get_column_letter(left + after)}{bottom}")
    set_pages(pen.sheet, areas, scale)
    return runs


def _run(pen: Pen, grid: Grid, at: int, top: int, first_body: int) -> Run:
    """Where the places' cells of the figure at that place of the grid are, and where their names."""
    first, count = grid.units
    if not grid.across:
        rows, column = (first_body + first, first_body + first + count - 1), grid.left + 1 + at
        return Run(pen.sheet, (column, rows[0], column, rows[1]), (1, rows[0], 1, rows[1]))
    columns, row = (grid.left + 1 + first, grid.left + first + count), first_body + at
    return Run(pen.sheet, (columns[0], row, columns[1], row), (columns[0], top, columns[1], top))


def _fit_height(pen: Pen, paper: Paper, scale: float, rows: tuple[int, int, int, int]) -> tuple[float, bool, bool]:
    """Make the body roomier, or the page smaller, so that the foot stays with its table; else break pages sensibly.

    Takes the first row of the header, the first and last of the body, and the last of all. Returns the scale, whether
    all fits one page's height, and whether the foot alone goes to a second page (no header must repeat over it).
    """
    _, first_body, bottom, end = rows
    tall = [pen.sheet.height(row) for row in range(1, end + 1)]
    spare = (paper.height / scale - sum(tall)) / (bottom - first_body + 1)
    for row in range(first_body, bottom + 1) if spare > 0 else ():
        height = tall[row - 1]
        pen.height(row, max(height, min(_ROOMIEST_ROW, height + spare)))
    shrunk = min(scale, paper.height / sum(tall))
    if shrunk >= SMALLEST_SCALE:
        return shrunk, True, False
    if sum(tall[:bottom]) * scale <= paper.height:
        break_before(pen.sheet, bottom + 1)
        return scale, False, True
    _break_body(pen, tall, paper.height * CAREFUL / scale, rows)
    return scale, False, False


def _break_body(pen: Pen, tall: list[float], room: float, rows: tuple[int, int, int, int]) -> None:
    """Share a long body out evenly over pages; a short foot keeps the body's last rows with it."""
    top, first_body, bottom, _ = rows
    repeated = sum(tall[top - 1 : first_body - 1])
    body = tall[first_body - 1 : bottom]
    units = [sum(tall[: top - 1]) + body[0], *body[1:]]
    joined = [False] * len(units)
    foot = sum(tall[bottom:])
    if foot > room * _LONG_FOOT:
        break_before(pen.sheet, bottom + 1)
    else:
        units.append(foot)
        joined = [*joined[:-2], True, True, True]
    for first, _ in cut(units, joined, room - repeated)[1:]:
        break_before(pen.sheet, first_body + first)


def _heads(pen: Pen, edition: Edition, area: str, pages: Pages, left: int, marks: list[str]) -> int:
    """A title over every page's own columns (repeated columns stay bare). Returns the row under them."""
    title, row = edition.table_name(area), 0
    for number, (first, after) in enumerate(pages):
        own = left + first + 1 if len(pages) > 1 else 1
        ordinal = _ORDINALS[number - 1] if 2 < len(pages) <= len(_ORDINALS) else ""
        more = f"（续表{ordinal}）" if number else ""
        row = edition.head(pen, title + more, own, left + after, [] if number else marks, len(marks))
    return row


def _draw_grid(pen: Pen, grid: Grid, top: int, widths: list[float]) -> tuple[int, int]:
    """Draw header and body; returns the body's first and last row."""
    for cell in grid.head:
        pen.put(top + cell.row, 1 + cell.column, cell.text, cell.look, cell.rows, cell.columns)
    for offset, height in enumerate(grid.head_heights):
        pen.height(top + offset, height)
    first = top + len(grid.head_heights)
    for offset, row in enumerate(grid.rows):
        pen.cells(first + offset, row)
        texts = [(value, width) for (value, _), width in zip(row, widths, strict=False) if isinstance(value, str)]
        pen.height(first + offset, row_height(texts, least=_LEAST_ROW))
    return first, first + len(grid.rows) - 1


def _fields(alone: list[Indicator]) -> list[tuple[str, float]]:
    """The columns of the figures that stand alone, and how wide each wants to be."""
    value = 36.0 if any(item.is_text for item in alone) else 12.0
    code = code_width((item.printed_code for item in alone), 6.0)
    return [("代码", code), ("指标名称", 26.0), ("计量单位", 9.0), ("本年数", value), ("填报单位或来源", 30.0)]


def _spans(alone: list[Indicator], widths: list[float], after: int) -> tuple[list[tuple[int, int]], list[float]]:
    """Which of the first page's columns each field takes, as (first, count); columns are added where there are none."""
    wants = [width for _, width in _fields(alone)] if alone else []
    widths, spans, column = list(widths), [], 1
    if wants:
        room = sum(widths[:after]) - sum(wants[:3])
        wants[3:] = [want * max(1.0, min(1.6, room / sum(wants[3:]))) for want in wants[3:]]
    for number, want in enumerate(wants):
        most = max(1, after - column + 1 - (len(wants) - number - 1))
        count, got = 0, 0.0
        while count < most and got < want * 0.9:
            if column + count > len(widths):
                widths.append(want)
            got += widths[column + count - 1]
            count += 1
        if number == len(wants) - 1:
            count = max(count, after - column + 1)
        spans.append((column, count))
        column += count
    return spans, widths


def _draw_alone(pen: Pen, edition: Edition, alone, top: int, spans, widths: list[float]) -> int:
    """The figures that stand alone, one a row. Returns the row after them."""
    rooms = [sum(widths[first - 1 : first - 1 + count]) for first, count in spans]
    for (text, _), (first, count) in zip(_fields(alone), spans, strict=True):
        pen.put(top, first, text, HEAD, columns=count)
    pen.height(top, 20)
    for row, (item, name, indent) in enumerate(indented(in_tree(alone, edition.catalogue)), start=top + 1):
        value, look = edition.shown(edition.book.township, item)
        origin = (source if item.reporter == "office" else totalling)(edition.catalogue, item)
        cells = (item.printed_code, name, item.printed_in, value, origin)
        looks = (MIDDLE, TEXT.but(indent=indent), MIDDLE, look, TEXT.but(indent=1))
        for text, style, (first, count) in zip(cells, looks, spans, strict=True):
            pen.put(row, first, text, style, columns=count)
        pen.height(row, row_height(list(zip(cells, rooms, strict=True)), least=_LEAST_ROW))
    return top + 1 + len(alone)


def _title_of(edition: Edition, alone: list[Indicator]) -> str:
    reported = any(item.reporter == "office" for item in alone)
    derived = any(item.reporter != "office" for item in alone)
    words = edition.words
    said = ((f"{words.offices}填报", reported), (f"{words.whole}汇总", derived))
    return "和".join(each for each, there in said if there) + "的指标"
