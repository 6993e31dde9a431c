"""The store as last published, to look at only: no lock is taken or waited for, nothing is opened for writing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from flows.store.journal import Journal
from flows.store.mishaps import AGAIN, in_words
from flows.store.statements import sql_beside
from flows.store.store import Connection, Store, is_current
from schemas.errors import InputError
from schemas.outputs import PUBLISHED
from schemas.roster import PLACES, Unit

_SQL = sql_beside(__file__)


class Reader(Store):
    """A connection that cannot write; tables and views must be those of this version."""

    def __init__(self, path: Path, db: Connection) -> None:
        self.path, self.journal, self.db = path, Journal(path.parent, silent=True), db
        self.db.execute("SET TimeZone = 'UTC'")

    def close(self, agrees: bool = True) -> None:
        """Let go of it, whatever agrees; once is enough."""
        del agrees
        if hasattr(self, "db"):
            self.db.close()
            del self.db


@contextmanager
def published(outputs: Path, trying: bool = False) -> Iterator[Store]:
    """What the last run published; `trying` for what is tried and taken back (`what_if`), which needs a copy in memory.

    A copy that another version of the program published is read in memory too, with this version's views.
    Raises InputError where nothing has been published yet, or it cannot be opened.
    """
    path = outputs / PUBLISHED
    if not path.exists():
        raise InputError(f"还没有汇总过（没有 {path}），请先运行 cunhui run")
    try:
        db = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        said = in_words(error, path, AGAIN)
        raise InputError(said[0].rstrip("。") if said else f"{path} 打不开：{AGAIN}") from None
    store = Reader(path, db)
    if trying or not is_current(db):
        store.close()
        store = Store(path, _in_memory(path))
    with store:
        yield store


def _in_memory(path: Path) -> Connection:
    db = duckdb.connect()
    db.execute("SET temp_directory = ''")  # nothing is written even where memory is short
    quoted = str(path).replace("'", "''")
    db.execute(f"ATTACH '{quoted}' AS published (READ_ONLY)")
    db.execute("COPY FROM DATABASE published TO memory")
    db.execute("DETACH published")
    return db


def in_memory(beside: Path | None = None) -> Store:
    """An empty store that is gone when it is closed; what its memory does not hold (`allow`) goes into that folder."""
    db = duckdb.connect()
    if beside:
        db.execute("SET temp_directory = ?", [str(beside)])
    return Store(Path(":memory:"), db)


def scratch_store(folder: Path, reaching: Sequence[Path]) -> Store:
    """An empty store in a folder that its caller takes away, for more than memory holds; of the disk it reaches but
    these folders."""
    db = duckdb.connect(str(folder / "scratch.duckdb"))
    db.execute(_SQL["scratch"])
    db.execute(f"SET allowed_directories = {[str(each) for each in reaching]}")
    db.execute("SET enable_external_access = false")
    return Store(folder / "scratch.duckdb", db)


def is_roster(store: Store, units: Sequence[Unit], year: int) -> bool:
    """Whether the store has the year's roster as it is now."""
    return set(store.rows(_SQL["roster"], [year])) == {_row(unit, year) for unit in units}


def _row(unit: Unit, year: int) -> tuple[Any, ...]:
    above = (getattr(unit, column) or None for column in PLACES)
    dated = unit.valid_from, unit.valid_to, unit.merged_into or None
    return (
        int(unit.code),
        unit.name,
        unit.kind,
        unit.terrain or None,
        unit.expected_in(year),
        *dated,
        unit.office,
        *above,
    )
