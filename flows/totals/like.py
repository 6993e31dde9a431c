"""Like for like: last year's figures of those units that are in this year, to compare provisional totals with.

With ten of twelve units in, this year's total is of ten, and so is what it is compared with. A total that nothing is
lacking from is compared with all of last year's, and has no row here.
"""

from flows.store.statements import sql_beside
from flows.store.store import LEVELS, Store, insert, run
from flows.totals.add_up import adding_up

_SQL = sql_beside(__file__)


def like(store: Store, year: int) -> None:
    """Rebuild what the provisional totals of `year` are compared with, once they are added up."""
    rows = _added_up(store, year - 1)
    with store.transaction() as db:
        db.execute("DELETE FROM base.like_for_like WHERE year = ?", [year])
        insert(db, "like_for_like", rows)


def _added_up(store: Store, year: int) -> list[tuple]:
    """The figures of `year` without the units that the next year still lacks, beside the stored totals."""
    [(level,)] = store.rows("SELECT level FROM base.whole")
    if not store.rows(_SQL["provisional"], {"year": year, "level": level}):
        return []
    with store.what_if() as db:
        db.execute("DELETE FROM base.total WHERE year = ? AND level = ?", [year, level])
        given = {"year": year, "level": level, "width": 10 ** (12 - dict(LEVELS)[level])}
        for statement in adding_up(db, level):
            run(db, statement, given)
            if "TEMP TABLE now_unit" in statement:
                run(db, _SQL["leave_out"], given)
            if "TEMP TABLE now_fact" in statement:
                run(db, _SQL["leave_out_facts"], given)
        return store.rows(_SQL["like"], {"year": year})
