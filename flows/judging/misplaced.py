"""Misplaced: figures that belong to another year, another unit or another row, told by many figures at once.

One finding for each cause, at the first figure it concerns, and not one for every cell. Runs over every submission of
the year at every collection, as all comparing does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from flows.judging.rows import Row, why_moved
from flows.store.statements import sql_beside
from flows.store.store import Store, run
from schemas.findings import BEHIND_ROWS_MOVED, Finding

_SQL = sql_beside(__file__)

WHOLE_FORM, WHOLE_SHARE = 20, 0.95
"""A form is last year's when this many figures of two significant digits or more are the same, and of all figures
above zero this share. In the sample's two years at most 40 of 100 are the same; of 3,000 generated villages
(tests.false_alarms, November 2026) one came to 61 of 100, another to 23 figures of two digits."""
ONE_SHEET, SHEET_SHARE = 8, 0.9
"""A sheet is last year's when this many figures are the same that move from year to year in at least half of the units,
and of all its figures above zero this share. Of 17,000 generated sheets 187 had five such figures, none nine, and none
with eight came to the share; with fewer, whole sheets of the sample do not move (6 of 8 in one area)."""
SWAPPED = 5
"""With so many the heads are swapped, where besides as many figures under 上年数 are not last year's: two columns have
to be wrong at once, which the sample and the generated years never were."""
TWIN_PAGE, TWIN = 4, 12
"""What equal figures must tell, in decimal digits of chance: an area to be looked at, and all areas together. Three
thousand units are 4.5 million pairs; 136 pairs of the generated ones have a sheet in common at four digits. Figures
that most units give, as rates set by the county are, tell nothing."""
TWIN_MOVES, TWIN_GAP = 2, 0.02
"""Of two with the same figures the one whose figures lie so many times farther from its own last year's, and by at
least this share of them, is asked, and the other is not; where that does not tell, both are."""
ODD = 3
"""So many cells of one sheet at fault may have one cause, which is looked for; with fewer, each is said by itself."""
_MOST_NAMED = 12
"""Cells named in one finding; more make it no clearer."""


@dataclass(frozen=True)
class Misplaced:
    """A finding of a submission, and the areas whose single doubts it explains."""

    sub_id: int
    finding: Finding
    areas: frozenset[str]


class _Stale(NamedTuple):
    sub_id: int
    area: str
    known: int
    same: int
    telling: int
    moving: int
    off: int


class _Twin(NamedTuple):
    sub_id: int
    other: int
    name: str
    areas: list[str]
    figures: int
    whole: bool
    moved: float | None
    other_moved: float | None


Cells = Mapping[tuple[int, str], set[str]]
"""By submission and area: the cells at fault."""
Rows = Mapping[int, Mapping[str, Sequence[Row]]]
"""By submission and area: its rows, in their order."""


def misplaced(store: Store, year: int, odd: Cells) -> list[Misplaced]:
    """What many figures tell together; `odd` cells are those that comparing finds doubtful one by one.

    Of each area only one cause is said: rows before another unit's figures, and these before last year's.
    """
    run(store.db, _SQL["entry"], {"year": year})
    stale = [_Stale(*row) for row in store.rows(_SQL["against_last_year"])]
    twins = [_Twin(*row) for row in store.rows(
        _SQL["twins"], {"year": year, "least_page": TWIN_PAGE, "least": TWIN})]  # fmt: skip
    at_fault = {key: set(cells) for key, cells in odd.items()}
    for sub, area, cells in store.rows(_SQL["odd"], {"year": year, "codes": list(BEHIND_ROWS_MOVED)}):
        at_fault.setdefault((sub, area), set()).update(cells)
    many = {key for key, cells in at_fault.items() if len(cells) >= ODD}
    rows = _rows_of(store, many, stale, twins)
    found = list(_moved_rows(rows, at_fault))
    found += _of_others(twins, rows, _claimed(found))
    found += _of_last_year(stale, rows, _claimed(found))
    return found + list(_typed_over(stale, rows, _claimed(found)))


def _claimed(found: Iterable[Misplaced]) -> set[tuple[int, str]]:
    return {(one.sub_id, area) for one in found for area in one.areas}


def _rows_of(
    store: Store, many: Iterable[tuple[int, str]], stale: Sequence[_Stale], twins: Sequence[_Twin]
) -> dict[int, dict[str, list[Row]]]:
    """The figures of every submission that something speaks against, by area, in the order of their rows."""
    subs = {sub for sub, _ in many} | {one.sub_id for one in (*stale, *twins)}
    found: dict[int, dict[str, list[Row]]] = {}
    for sub, area, *rest in store.rows(_SQL["rows"], {"subs": sorted(subs)}) if subs else ():
        found.setdefault(sub, {}).setdefault(area, []).append(Row(*rest))
    return found


def _moved_rows(rows: Rows, at_fault: Cells) -> Iterator[Misplaced]:
    for sub, areas in rows.items():
        for area, here in areas.items():
            count = len(at_fault.get((sub, area), ()))
            if moved := why_moved(here, count >= ODD):
                why, first = moved
                told = f"有 {count} 处数反常，" if count >= ODD else ""
                finding = Finding("ROWS_MOVED", details={"area": area, "odd": told, "why": why})
                yield Misplaced(sub, _placed(finding, first), frozenset({area}))


def _of_others(twins: Sequence[_Twin], rows: Rows, said: set[tuple[int, str]]) -> Iterator[Misplaced]:
    """Copies of another unit's figures."""
    for sub, each in groupby(twins, key=lambda twin: twin.sub_id):
        others = [twin for twin in each if not all((sub, area) in said for area in twin.areas)]
        if not others or any(_is_the_others(twin) for twin in others):
            continue
        most = max(others, key=lambda twin: twin.figures)
        names = list(dict.fromkeys(twin.name for twin in others))
        details = {
            "areas": "整份报表" if most.whole else _areas(most.areas),
            "count": str(most.figures),
            "others": "、".join(names[:3]) + (f"等 {len(names)} 个单位" if len(names) > 3 else ""),
        }
        first = next(row for row in rows[sub][most.areas[0]] if row.value)
        yield Misplaced(sub, _placed(Finding("SAME_AS_OTHER", details=details), first), frozenset(most.areas))


def _is_the_others(twin: _Twin) -> bool:
    """Whether last year's figures tell that it is the other one that copied."""
    if twin.moved is None or twin.other_moved is None:
        return False
    return twin.other_moved >= TWIN_MOVES * twin.moved and twin.other_moved - twin.moved >= TWIN_GAP


def _of_last_year(stale: Sequence[_Stale], rows: Rows, said: set[tuple[int, str]]) -> Iterator[Misplaced]:
    """Last year's figures sent again: the whole form as one finding, or each sheet."""
    for sub, each in groupby(stale, key=lambda one: one.sub_id):
        pages = [page for page in each if (sub, page.area) not in said]
        known, same, telling, off = (sum(getattr(p, n) for p in pages) for n in ("known", "same", "telling", "off"))
        if telling >= WHOLE_FORM and same >= WHOLE_SHARE * known:
            yield _last_year_again(sub, pages, rows[sub], same, swapped=off >= SWAPPED)
            continue
        for page in pages:
            swapped = page.off >= SWAPPED and page.telling >= SWAPPED
            if page.same >= SHEET_SHARE * page.known and (swapped or page.moving >= ONE_SHEET):
                yield _last_year_again(sub, [page], rows[sub], page.same, swapped)


def _last_year_again(
    sub: int, pages: Sequence[_Stale], rows: Mapping[str, Sequence[Row]], count: int, swapped: bool
) -> Misplaced:
    areas = [page.area for page in pages]
    first = next(row for area in areas for row in rows[area] if row.value and row.value == row.before)
    code = "HEADS_SWAPPED" if swapped else "LAST_YEAR_AGAIN"
    whole = len(areas) > 1
    details = {"areas": "整份报表" if whole else _areas(areas), "count": str(count)}
    return Misplaced(sub, _placed(Finding(code, details=details), first), frozenset(areas))


def _typed_over(stale: Sequence[_Stale], rows: Rows, said: set[tuple[int, str]]) -> Iterator[Misplaced]:
    """Cells of 上年数 that no longer show what was sent last year, in one sentence; the figures count all the same."""
    for sub, each in groupby(stale, key=lambda one: one.sub_id):
        changed = [
            row
            for page in each
            if page.off and (sub, page.area) not in said
            for row in rows[sub][page.area]
            if row.last is not None and row.before is not None and row.last != row.before
        ]
        if changed:
            cells = [f"{row.sheet} {row.last_cell}" for row in changed]
            told = "、".join(cells[:_MOST_NAMED]) + (f"等 {len(cells)} 格" if len(cells) > _MOST_NAMED else "")
            first = changed[0]
            finding = Finding(
                "LAST_YEAR_CHANGED", first.sheet, first.last_cell, first.indicator, details={"cells": told}
            )
            yield Misplaced(sub, finding, frozenset())


def _placed(finding: Finding, row: Row) -> Finding:
    return replace(finding, sheet=row.sheet, cell=row.cell, indicator=row.indicator)


def _areas(areas: Sequence[str]) -> str:
    return f"“{areas[0]}”表" if len(areas) == 1 else f"“{'”“'.join(areas)}” {len(areas)} 张表"
