"""Dated units: last year's figures of this year's units, where villages were merged or got another code since.

What a unit takes over is added up by each indicator's own rule, as any total is. A village that was split leaves
nothing to compare with: nobody knows whose its figures were.
"""

from collections.abc import Iterator, Sequence

from flows.store.statements import sql_beside
from flows.store.store import Store, insert, run
from flows.totals.add_up import adding_up
from schemas.roster import Unit

_SQL = sql_beside(__file__)


def inherit(store: Store, units: Sequence[Unit], year: int) -> None:
    """Rebuild what units of `year` take over from last year's; without any such unit nothing is left to rebuild."""
    pairs = [(year, int(code), int(heir)) for code, heir in heirs(units, year)]
    known = store.rows("SELECT * FROM base.heir WHERE year = ? ORDER BY ALL", [year])
    if not pairs and not known:
        return
    with store.transaction() as db:
        for table in ("heir", "inherited"):
            db.execute(f"DELETE FROM base.{table} WHERE year = ?", [year])
        insert(db, "heir", pairs)
    rows = _added_up(store, year - 1) if pairs else []
    with store.transaction() as db:
        insert(db, "inherited", rows)


def heirs(units: Sequence[Unit], year: int) -> Iterator[tuple[str, str]]:
    """(unit of last year, unit of this year) for each that takes over from another, itself included."""
    by_code = {unit.code: unit for unit in units}
    receivers = set()
    for unit in units:
        heir = _heir(unit, by_code, year)
        if heir and unit.expected_in(year - 1):
            yield unit.code, heir.code
            receivers.add(heir.code)
    for code in sorted(receivers):
        if by_code[code].expected_in(year - 1):
            yield code, code


def _heir(unit: Unit, by_code: dict[str, Unit], year: int) -> Unit | None:
    """Who stands for a unit that is gone: its successor, or that one's; None where it was split or is still there."""
    seen: set[str] = set()
    while not unit.expected_in(year):
        if len(unit.successors) != 1 or unit.code in seen:
            return None
        seen.add(unit.code)
        unit = by_code[unit.successors[0]]
    return unit if seen else None


def _added_up(store: Store, year: int) -> list[tuple]:
    """Last year's figures as if every heir had sent them, worked out beside the stored totals."""
    with store.what_if() as db:
        db.execute("DELETE FROM base.total WHERE year = ? AND level = 'village'", [year])
        for statement in adding_up(db, "village"):
            run(db, statement, {"year": year, "level": "village", "width": 1})
            if "TEMP TABLE now_unit" in statement:
                db.execute(
                    "UPDATE now_unit SET code = h.heir FROM base.heir h WHERE h.year = ? AND h.code = now_unit.code",
                    [year + 1],
                )
        return store.rows(_SQL["inherited"], {"year": year})
