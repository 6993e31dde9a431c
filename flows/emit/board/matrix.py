"""Which unit has what open in which work area: one row per unit, one cell per area."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from flows.store.findings import OPEN, Told
from flows.store.pending import Pending
from schemas.catalogue import Catalogue
from schemas.states import word_of

SHORT = {OPEN[0]: "改", OPEN[1]: "核", "已说明": "说"}
"""One letter for each standing that a cell counts, the most urgent first."""
ELSEWHERE = "其他"


class Row(NamedTuple):
    """A unit, its place among the page's rows, its state, and per area (letter, how many) of what is found there."""

    number: int
    name: str
    state: str
    word: str
    cells: Sequence[Sequence[tuple[str, int]]]


class Matrix(NamedTuple):
    """The areas' names and the units' rows."""

    areas: Sequence[str]
    rows: Sequence[Row]


def matrix_of(units: Sequence[Pending], catalogue: Catalogue) -> Matrix:
    """Every unit against every area; what belongs to no area, such as an unreadable file, stands in a last column."""
    areas_of = _areas(catalogue)
    counts = [
        Counter((areas_of.get(told.indicator, ELSEWHERE), SHORT.get(told.standing, "")) for told in one.findings)
        for one in units
    ]
    areas = list(catalogue.areas)
    if any(area == ELSEWHERE and letter for count in counts for area, letter in count):
        areas.append(ELSEWHERE)
    rows = [
        Row(number, one.name, one.state, word_of(one.state), [_cell(area, count) for area in areas])
        for number, (one, count) in enumerate(zip(units, counts, strict=True))
    ]
    return Matrix(areas, rows)


def area_of(told: Told, catalogue: Catalogue) -> str:
    """The area of what a finding speaks of."""
    return _areas(catalogue).get(told.indicator, ELSEWHERE)


def _areas(catalogue: Catalogue) -> dict[str, str]:
    """The area of every indicator, list and column of a list."""
    areas = {column.code: one.area for one in catalogue.lists.values() for column in one.columns}
    areas |= {one.code: one.area for one in catalogue.lists.values()}
    return areas | {item.code: item.area for item in catalogue.indicators.values()}


def _cell(area: str, count: Counter[tuple[str, str]]) -> list[tuple[str, int]]:
    return [(letter, count[area, letter]) for letter in SHORT.values() if count[area, letter]]
