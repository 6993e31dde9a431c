"""A work area's table before it meets paper: units down and indicators across, or the other way round.

Grain: one cell per unit and indicator, plus 合计 and, where the whole has more than one, a subtotal per terrain and per
place between the units and the whole.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flows.emit.summary.edition import Edition, Shown, in_tree, indented, number_look, text_look
from flows.emit.workbook.styles import (
    BAND,
    HEAD,
    MIDDLE,
    SMALL_HEAD,
    TEXT,
    Look,
    breadth,
    code_width,
    line_count,
    number_breadth,
)  # fmt: skip
from flows.store.figures import Place
from schemas.catalogue import Catalogue
from schemas.records import Indicator

TOTAL = "合计"
_NO_TOTAL = "—"
_CENTRED = text_look().but(across="center")
_NARROWEST = 7.6
"""Characters of the narrowest column: nearly four Chinese ones side by side."""
_WIDEST_TEXT = 36.0
"""Characters of the widest column of text; longer texts fold."""
_OPENING = 17.0
"""Points of a row of the head that stands above others: one line of it."""


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A cell of the header, by its place in the grid (from 0)."""

    row: int
    column: int
    text: str
    look: Look
    rows: int = 1
    columns: int = 1


@dataclass(slots=True)
class Grid:
    """A table: `left` columns repeat on every page; `joined` says of every other column if it stays with the last.

    `items` are its figures in order; `units` the first place among its lines, from 0, and how many stand side by side,
    none where subtotals stand between them. `across`: figures are rows, and places the columns.
    """

    left: int
    items: list[Indicator] = field(default_factory=list)
    units: tuple[int, int] = (0, 0)
    across: bool = False
    widths: list[float] = field(default_factory=list)
    joined: list[bool] = field(default_factory=list)
    head: list[HeadCell] = field(default_factory=list)
    head_heights: list[float] = field(default_factory=list)
    rows: list[list[Shown]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """A row (or column) of figures: a unit's, or a terrain's subtotal or the total, each cell by what works it out."""

    name: str
    bold: bool
    of: Place | Callable[[Indicator], Shown]


def has_parts(indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether every village has a figure of its own for it: a column of the area's table."""
    if indicator.reporter == "village":
        return True
    if indicator.total == "ratio" and indicator.numerator:
        return has_parts(catalogue.indicators[indicator.numerator], catalogue)
    by_village = indicator.list is not None and catalogue.lists[indicator.list].reporter == "village"
    return by_village and indicator.aggregate in ("sum", "count")


def adds_up(indicator: Indicator) -> bool:
    """Whether its 合计 belongs under a column of parts; a commonest value or a list of names does not."""
    return indicator.total in ("choice", "weighted") or (
        not indicator.is_text and indicator.total not in ("typical", "none")
    )


def grid_of(edition: Edition, area: str) -> Grid | None:
    """The area's table as the settings want it; None when no village reports anything in the area."""
    indicators = edition.catalogue.of_area(area, edition.book.year)
    tree = in_tree([item for item in indicators if has_parts(item, edition.catalogue)], edition.catalogue)
    if not tree:
        return None
    make = _units_down if edition.settings.printing.down == "units" else _indicators_down
    lines = _lines(edition)
    grid = make(edition, tree, lines)
    grid.items = [item for item, _ in tree]
    if not edition.subtotalled:
        grid.units = next((at for at, line in enumerate(lines) if not line.bold), 0), len(edition.book.villages)
    return grid


def grid_of_parts(edition: Edition) -> Grid:
    """Every figure of the places right below the whole, which stand side by side, and the whole's."""
    catalogue, year = edition.catalogue, edition.book.year
    own = {i.code: i for area in catalogue.areas.values() for i in catalogue.of_area(area.name, year)}
    tree = in_tree((i for i in own.values() if i.total != "none" or i.reporter != "village"), catalogue)
    places = [*edition.book.parts, edition.book.township]
    lines = [Line(place.name, at == len(places) - 1, _all_of(edition, place)) for at, place in enumerate(places)]
    lines[-1] = Line(TOTAL, True, lines[-1].of)
    grid = _indicators_down(edition, tree, lines)
    grid.items, grid.units = [item for item, _ in tree], (0, len(edition.book.parts))
    return grid


def _all_of(edition: Edition, place: Place) -> Callable[[Indicator], Shown]:
    return lambda item: edition.shown(place, item, place.code == edition.book.township.code)


def _lines(edition: Edition) -> list[Line]:
    """The units, each place's with its subtotal, and 合计 and the terrains at the end that the settings name."""
    total = Line(TOTAL, True, lambda item: _total_cell(edition, item, edition.book.township))
    terrains = [_terrain_line(edition, terrain) for terrain in edition.terrains]
    levels = list(dict.fromkeys(place.level for place in edition.subtotalled))
    units = list(_within(edition, edition.book.villages, levels))
    return [total, *terrains, *units] if edition.total_first else [*units, *terrains, total]


def _within(edition: Edition, units: Sequence[Place], levels: Sequence[str]) -> Iterator[Line]:
    """Lines of units, with the subtotals of these levels, the highest first."""
    if not levels:
        yield from (Line(place.name, False, place) for place in units)
        return
    for place in (place for place in edition.subtotalled if place.level == levels[0]):
        inner = [unit for unit in units if unit.code.startswith(place.code)]
        if not inner:
            continue
        subtotal = Line(f"{place.name}小计", True, lambda item, of=place: _total_cell(edition, item, of))
        lines = list(_within(edition, inner, levels[1:]))
        yield from [subtotal, *lines] if edition.total_first else [*lines, subtotal]


def _cells(edition: Edition, lines: Sequence[Line], item: Indicator) -> list[Shown]:
    """A figure's cells in all lines; those of units are read at once."""
    places = [line.of for line in lines if isinstance(line.of, Place)]
    cells = edition.column(places, item) if places else []
    units = ((value, _CENTRED if value else look) for value, look in cells) if item.is_text else iter(cells)
    return [next(units) if isinstance(line.of, Place) else line.of(item) for line in lines]


def _total_cell(edition: Edition, item: Indicator, place: Place) -> Shown:
    if not adds_up(item):
        return _NO_TOTAL if item.total == "none" else None, text_look(True).but(across="center")
    value, look = edition.shown(place, item, True)
    return value, look.but(across="center") if item.total == "choice" else look


def _terrain_line(edition: Edition, terrain: str) -> Line:
    def cell(item: Indicator) -> Shown:
        if item.total in ("choice", "none"):
            words = edition.chosen(item, terrain) if item.total == "choice" else _NO_TOTAL
            return words, text_look(True).but(across="center")
        value = edition.subtotal(item, terrain) if adds_up(item) else None
        return value, number_look(item.places, False, True)

    return Line(f"{terrain}合计", True, cell)


def _units_down(edition: Edition, tree: list[tuple[Indicator, int]], lines: list[Line]) -> Grid:
    grid = Grid(left=1, widths=[max(11.0, *(min(24.0, breadth(line.name) + 2) for line in lines))])
    columns = [_cells(edition, lines, item) for item, _ in tree]  # a figure of all places after the other
    grid.rows = [
        [(line.name, BAND.but(across="center") if line.bold else MIDDLE), *cells]
        for line, *cells in zip(lines, *columns, strict=True)
    ]
    for (item, depth), cells in zip(tree, columns, strict=True):
        grid.widths.append(_column_width(item, [value for value, _ in cells], item.name))
        grid.joined.append(depth > 0)
    _stacked_head(grid, tree)
    return grid


def _column_width(item: Indicator, shown: list[Any], name: str) -> float:
    if item.is_text:
        longest = max((breadth(text) for text in shown if text), default=0.0)
        return max(_NARROWEST, min(_WIDEST_TEXT, longest + 2))
    figures = [value for value in shown if isinstance(value, Decimal)]
    ends = (min(figures), max(figures)) if figures else ()  # the widest is one of them
    widest = max((number_breadth(value, item.places) for value in ends), default=0.0)
    return max(_NARROWEST, widest + 2, breadth(name) / 4 + 2, breadth(item.printed_in, 9.5) + 1.5,
               breadth(item.printed_code) + 1.5)  # fmt: skip


def _stacked_head(grid: Grid, tree: list[tuple[Indicator, int]]) -> None:
    """Names (其中 items one row lower, beside their parent's name), then printed units, then codes."""
    deep = 1 + max(depth for _, depth in tree)
    grid.head.append(HeadCell(0, 0, "单位名称", HEAD, rows=deep))
    grid.head.append(HeadCell(deep, 0, "计量单位", SMALL_HEAD))
    grid.head.append(HeadCell(deep + 1, 0, "代码", SMALL_HEAD))
    last = 30.0
    for number, (item, depth) in enumerate(tree, start=1):
        grid.head.append(HeadCell(depth, number, item.name, HEAD, rows=deep - depth))
        under = _count_under(tree, number - 1)
        if under:
            grid.head.append(HeadCell(depth, number + 1, "其中", HEAD, columns=under))
        grid.head.append(HeadCell(deep, number, item.printed_in, SMALL_HEAD))
        grid.head.append(HeadCell(deep + 1, number, item.printed_code, SMALL_HEAD))
        lines = line_count(item.name, grid.widths[number], 10.5)
        last = max(last, lines * 14.5 + 6 - _OPENING * (deep - 1 - depth))
    grid.head_heights = [*[_OPENING] * (deep - 1), last, 16.0, 15.0]


def _count_under(tree: list[tuple[Indicator, int]], position: int) -> int:
    depth = tree[position][1]
    count = 0
    for _, below in tree[position + 1 :]:
        if below <= depth:
            break
        count += 1
    return count


def _indicators_down(edition: Edition, tree: list[tuple[Indicator, int]], lines: list[Line]) -> Grid:
    names = indented(tree)
    code = code_width((item.printed_code for item, _ in tree), 6.0)
    widest = max(breadth(name) + indent * 1.2 for _, name, indent in names)
    grid = Grid(left=3, across=True, widths=[code, max(13.0, min(28.0, widest + 3)), 8.5])
    for item, name, indent in names:
        left = [(item.printed_code, MIDDLE), (name, TEXT.but(indent=indent)), (item.printed_in, MIDDLE)]
        grid.rows.append([*left, *_cells(edition, lines, item)])
    for column, text in enumerate(("代码", "指标名称", "计量单位")):
        grid.head.append(HeadCell(0, column, text, HEAD))
    for number, line in enumerate(lines, start=3):
        shown = zip((item for item, _ in tree), (row[number][0] for row in grid.rows), strict=True)
        width = max(_column_width(item, [value], line.name) for item, value in shown)
        grid.widths.append(max(_NARROWEST, min(16.0, width)))
        grid.joined.append(False)
        grid.head.append(HeadCell(0, number, line.name, HEAD))
    deepest = max(line_count(line.name, width, 10.5) for line, width in zip(lines, grid.widths[3:], strict=True))
    grid.head_heights = [max(24.0, deepest * 14.5 + 6)]
    return grid
