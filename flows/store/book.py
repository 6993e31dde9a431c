"""From the store to the emitters' Book: one read, exact decimals."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from flows.store.figures import Adjustment, Arrival, Book, Figure, Figures, Key, ListRow, Place, Sum
from flows.store.owed import Owed
from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.roster import nobody
from schemas.township import Settings

_SQL = sql_beside(__file__)


REASONS = _SQL["reasons"]
"""Last year's accepted reasons, by this year's unit and indicator."""


def load_book(
    store: Store,
    settings: Settings,
    year: int,
    targets: dict[str, Decimal],
    last_targets: dict,
    *,
    here: Sequence[Arrival] | None = None,
) -> Book:
    """All that a year's tables and report print; figures are read when they are asked for, while the store is open.

    `here`: where every unit stands, for whom that is known already.
    """
    places = [
        Place(code, name, "village", kind, terrain or "")
        for code, name, kind, terrain in store.rows(
            "SELECT code, name, kind, terrain FROM units WHERE year = ? AND expected ORDER BY code", [year]
        )
    ]
    [(code, level, name)] = store.rows("SELECT CAST(code AS VARCHAR), level, name FROM base.whole")
    return Book(
        year=year,
        township=Place(code, name, level),
        villages=[place for place in places if place.kind != "站所"],
        offices=[place for place in places if place.kind == "站所"],
        figures=_figures(store, year),
        last=_figures(store, year - 1, _inherited(store, year)),
        like=_like(store, year),
        arrivals=arrivals(store, settings, year) if here is None else here,
        rows=_list_rows(store, year),
        adjustments=_adjustments(store, year),
        targets=targets,
        last_targets=last_targets,
        unheard=unheard(store, year),
        sums={(code, terrain): Sum(*sums) for code, terrain, *sums in store.rows(_SQL["sums"], [year])},
        marks=_marks(store, year),
        largest=_largest(store, year),
        places=[Place(code, name, level) for code, name, level in store.rows(_SQL["places"], {"year": year})],
    )


def unheard(store: Store, year: int) -> list[str]:
    """What nobody reports, one sentence for each reporter that is not on the year's roster, with its reason."""
    return [nobody(*row) for row in store.rows(_SQL["unheard"], {"year": year})]


def arrivals(store: Store, settings: Settings, year: int) -> list[Arrival]:
    """Where every expected unit of the year stands, by its newest submission; villages first."""
    rows = store.rows(_SQL["arrivals"], {"year": year})

    def local(moment: datetime | None) -> datetime | None:
        return moment and moment.astimezone(settings.zone)

    owed = owed_of(store, year)
    local_rows: Any = (
        [*row[:6], local(row[6]), *row[7:], local(since), owed.get(row[0], ()), township]
        for *row, township, since in rows
    )
    return [Arrival(*row) for row in local_rows]


def owed_of(store: Store, year: int) -> dict[str, list[Owed]]:
    """By unit code: each of the several forms that a unit owes; units that owe one have no entry."""
    found: dict[str, list[Owed]] = {}
    for unit, *rest in store.rows(_SQL["owed"], {"year": year}) if store.rows(_SQL["several"], [year]) else ():
        found.setdefault(unit, []).append(Owed(*rest))
    return found


def last_year_of(store: Store, year: int) -> dict[str, dict[str, Decimal | str]]:
    """Last year's accepted answers by unit code and indicator, for a form's reference column."""
    found: dict[str, dict[str, Decimal | str]] = {}
    for unit, indicator, words, value in store.rows(_SQL["last_year"], [year]):
        if words is not None:
            found.setdefault(unit, {})[indicator] = words if value is None else value
    return found


def explanations_of(store: Store, year: int) -> dict[str, dict[str, str]]:
    """Last year's accepted explanations by unit code and indicator, to be seen again in this year's form."""
    found: dict[str, dict[str, str]] = {}
    for unit, indicator, words in store.rows(REASONS, {"year": year}):
        found.setdefault(unit, {})[indicator] = words
    return found


def _figures(store: Store, year: int, at_hand: dict[Key, Figure] | None = None) -> Figures:
    known = store.rows("SELECT code, id, area FROM base.dated_indicator WHERE year = ?", [year])
    numbers, areas = {code: number for code, number, _ in known}, {code: area for code, _, area in known}
    codes = {number: code for code, number in numbers.items()}

    def of_codes(wanted: Sequence[str]) -> dict[str, dict[str, Figure]]:
        found, places = {numbers[code]: dict[str, Figure]() for code in wanted}, dict[int, str]()
        rows = store.each(_SQL["figures"], {"year": year, "numbers": list(found)})
        for place, number, value, printed, text, counted, expected, provisional in rows:
            code = places.get(place) or places.setdefault(place, str(place))  # each place's is held once
            found[number][code] = Figure(
                value and Decimal(value), printed and Decimal(printed), text, counted, expected, provisional
            )
        return dict(zip(wanted, found.values(), strict=True))

    def of_keys(keys: Sequence[Key]) -> dict[Key, Figure]:
        import pandas as pd  # heavy: pandas

        wanted = [(int(place), numbers[code]) for place, code in keys if code in numbers]
        store.db.register("wanted", pd.DataFrame(wanted, columns=["code", "number"], dtype="int64"))
        try:
            rows = store.rows(_SQL["some_figures"], {"year": year})
        finally:
            store.db.unregister("wanted")
        return {(place, codes[number]): _figure(*figure) for place, number, *figure in rows}

    [(places,)] = store.rows("SELECT count(*) FROM base.unit WHERE year = ? AND expected", [year])
    above = store.rows(_SQL["above"], {"year": year})
    whole = {(place, code): _figure(*figure) for place, code, *figure in above}
    return Figures(whole | (at_hand or {}), areas, of_codes, of_keys, max(1, places))


def _figure(value: str | None, printed: str | None, *more: Any) -> Figure:
    return Figure(value and Decimal(value), printed and Decimal(printed), *more)  # pyright: ignore[reportArgumentType]  # no number is an empty text


def _marks(store: Store, year: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, mark in store.rows(_SQL["marks"], {"year": year}):
        found[code] = f"{found.get(code, '')} {mark}"
    return found


def _largest(store: Store, year: int) -> Callable[[str, int], Sequence[str]]:
    @cache
    def of_all(most: int) -> dict[str, list[str]]:
        return dict(store.rows(_SQL["largest"], {"year": year, "most": most}))

    return lambda indicator, most: of_all(most).get(indicator, [])


def _like(store: Store, year: int) -> dict[tuple[str, str], Figure]:
    """Last year's figures of the units that are in, for totals that are provisional."""
    return {(row[0], row[1]): Figure(*row[2:]) for row in store.rows(_SQL["like"], {"year": year})}


def _inherited(store: Store, year: int) -> dict[tuple[str, str], Figure]:
    """Last year's figures of units that took over from others; those of units that are gone are not printed."""
    return {(row[0], row[1]): Figure(*row[2:]) for row in store.rows(_SQL["inherited"], [year])}


def _list_rows(store: Store, year: int) -> list[ListRow]:
    rows: dict[Any, dict] = {}
    for *key, column, value, text in store.rows(_SQL["list_rows"], [year]):
        rows.setdefault(tuple(key), {})[column] = text if value is None else value
    return [ListRow(*key, cells=cells) for key, cells in rows.items()]


def _adjustments(store: Store, year: int) -> list[Adjustment]:
    return [Adjustment(*row) for row in store.rows(_SQL["adjustments"], [year])]
