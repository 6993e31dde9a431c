"""Which totals a revision moved, tried in the store and taken back."""

from decimal import Decimal
from typing import NamedTuple

from flows.store.statements import sql_beside
from flows.store.store import Store
from flows.totals.add_up import add_up_within

_SQL = sql_beside(__file__)


class Figure(NamedTuple):
    """A total as stored: exact in base units, printed, or words."""

    unit: str
    value: Decimal | None
    printed: Decimal | None
    printed_unit: str
    text: str


class Moved(NamedTuple):
    """A total above the unit that differs between two of its revisions; None where one of them gives none."""

    level: str
    code: str
    indicator: str
    name: str
    before: Figure | None
    after: Figure | None


def moved_totals(store: Store, year: int, rounding: str, unit: str, earlier: int, later: int) -> list[Moved]:
    """The totals above a unit with the later submission in place of the earlier; nothing in the store is changed."""
    before, after = (_totals_with(store, year, rounding, unit, sub) for sub in (earlier, later))
    keys = dict.fromkeys((*before, *after))
    return [Moved(*key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def _totals_with(
    store: Store, year: int, rounding: str, unit: str, sub: int
) -> dict[tuple[str, str, str, str], Figure]:
    """Every total above the unit as if that submission were its current one."""
    with store.what_if() as db:
        db.execute(
            _SQL["as_if_current"],
            {"sub": sub, "year": year, "unit": int(unit)},
        )
        add_up_within(db, year, rounding)
        rows = store.rows(_SQL["above"], {"year": year, "unit": unit})
    return {tuple(key): Figure(*rest) for *key, rest in ((*row[:4], row[4:]) for row in rows)}
