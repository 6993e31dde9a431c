"""Totals: from current facts to every level, in SQL and DECIMAL; then balanced printing."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from flows.store.statements import sql_beside, sql_statements
from flows.store.store import LEVELS, Connection, Store, each, insert, run
from flows.totals.balance_levels import allocate_levels
from flows.totals.balance_parts import Column, total_moved
from flows.totals.rounding import Adjusted
from flows.totals.weighted import mean_of
from schemas.expressions import SCALE
from schemas.levels import levels
from schemas.splits import Split

_SQL = sql_beside(__file__)

_TOTALS = sql_statements(Path(__file__).with_name("totals.sql"))


def add_up(store: Store, year: int, rounding: str, rules: str = "") -> int:
    """Replace the year's totals, at every level, from the current facts. Returns how many figures there are.

    A unit's own totals are left where all that they follow from is as it was; `rules` is what that is beside the store.
    """
    with store.transaction() as db:
        add_up_within(db, year, rounding, rules=rules)
        db.execute("INSERT OR REPLACE INTO base.meta VALUES ('rounding', ?)", [rounding])
        [(figures,)] = db.execute("SELECT count(*) FROM base.total WHERE year = ?", [year]).fetchall()
        return figures


def add_up_within(
    db: Connection,
    year: int,
    rounding: str,
    *,
    least: str = LEVELS[0][0],
    facts: str | None = None,
    rules: str | None = None,
) -> None:
    """The same within a transaction of the caller's, who may take it back.

    `least` is the lowest level to be added up; `facts` makes the table now_fact where the figures are not in base.fact.
    Without `rules` nothing is left as it was.
    """
    [(whole,)] = db.execute("SELECT level FROM base.whole").fetchall()
    widths = [(level, 10 ** (12 - digits)) for level, digits in LEVELS]
    first, last = ([level for level, _ in widths].index(level) for level in (least, whole))
    for statement in _of_all(facts):
        run(db, statement, {"year": year})
    if rules is not None:
        for statement in (_SQL["marks"], _SQL["results"], _SQL["unchanged"], _SQL["as_rounded"]):
            run(db, statement, {"year": year, "rules": rules})
    run(db, _SQL["forget"], {"year": year})
    for table in ("adjustment", "added"):
        db.execute(f"DELETE FROM base.{table} WHERE year = ?", [year])
    for level, width in widths[first : last + 1]:
        for statement in _of_level(db, level):
            run(db, statement, {"year": year, "level": level, "width": width})
        _weigh(db, year, level, width)
    run(db, dict(_TOTALS)["printed"], {"year": year})
    if rounding == "allocate":
        _balance(db, year)
    if rules is not None:
        for statement in (_SQL["results"], _SQL["remember"]):
            run(db, statement, {"year": year})


def adding_up(db: Connection, level: str) -> Iterator[str]:
    """All that adds up one level alone, in order."""
    yield from _of_all()
    yield from _of_level(db, level)
    yield dict(_TOTALS)["printed"]


def _of_all(facts: str | None = None) -> Iterator[str]:
    """What gathers the units, their facts and rows, once for all levels; `facts` in the place of the store's own."""
    for stage, statement in _TOTALS:
        if stage in ("now", "facts"):
            yield facts if facts and stage == "facts" else statement


def _of_level(db: Connection, level: str) -> Iterator[str]:
    """What makes a level's totals, for those kinds of totalling that any indicator has.

    To plan one statement takes 10 ms, whatever there is to add up (2026-11-29).
    """
    kinds = {kind for (kind,) in db.execute("SELECT DISTINCT total FROM base.indicator").fetchall()}
    for name, statement in _TOTALS:
        stage, *covered = name.split("_")
        of_this = stage == "level" or (stage == "above" and level != LEVELS[0][0])
        if of_this and (not covered or not kinds.isdisjoint(covered)):
            yield statement


def _weigh(db: Connection, year: int, level: str, width: int) -> None:
    """The weighted means of every place of a level; one village's is its own figure."""
    rows = []
    for code, number, factor, places, counted, expected, values, weights, alone in db.execute(
        _SQL["weighted"], {"width": width}
    ).fetchall():
        if level == "village" and alone is not None:
            means = (alone, None, None, None)
        else:
            means = mean_of(values or (), weights or (), factor, places)
        *mean, printed = means
        rows.append([year, level, code, number, *mean, None, printed, counted, expected, counted < expected])
    insert(db, "total", rows)


def _splits(db: Connection) -> list[Split]:
    rows = db.execute("SELECT whole, list(part ORDER BY part) FROM base.split GROUP BY whole, relation ORDER BY ALL")
    return [Split(whole, tuple(parts)) for whole, parts in rows.fetchall()]


def _balance(db: Connection, year: int) -> None:
    """Hand rounding differences out, from the whole down to the villages, so that printed parts add up everywhere."""
    columns: list[Column] = []
    ids: dict[str, int] = {}
    known: dict[str, str] = {}  # one text for a unit's code, however many figures it has
    for code, ids[code], factor, places, parent, units, values in each(db, _SQL["to_balance"], {"year": year}, 1):
        parts = dict(zip(map(known.setdefault, units, units), values, strict=True))
        columns.append(Column(code, parts, factor, places, parent))
    [(whole, level)] = db.execute("SELECT CAST(code AS VARCHAR), level FROM base.whole").fetchall()
    keys = list(levels())
    digits = [levels()[key].digits for key in reversed(keys[1 : 1 + keys.index(level)])]
    moved = []
    for place, table in allocate_levels(columns, _splits(db), digits).items():
        for code, (column, balanced) in table.items():
            moved += [[year, *_in_print(item, ids[code], column)] for item in balanced.adjusted]
            if place == whole and (total := total_moved(place, column, balanced)):
                moved.append([year, *_in_print(total, ids[code], column)])
    if moved:
        insert(db, "adjustment", moved)
        db.execute(
            _SQL["put_balanced"],
            {"year": year},
        )


def _in_print(item: Adjusted, number: int, column: Column) -> tuple[int, int, Decimal, Decimal, Decimal, bool]:
    """A row of the log: place, indicator's id, then exact, plain and printed in the printed unit, forced."""
    step = Decimal(1).scaleb(-column.places)
    exact = Decimal(item.exact) / (SCALE * column.factor)
    return int(item.key), number, exact, item.plain * step, item.printed * step, item.forced
