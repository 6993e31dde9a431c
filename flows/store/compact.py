"""The store written anew without what was deleted and replaced: DuckDB's file never becomes smaller by itself."""

import os
from pathlib import Path
from typing import NamedTuple

import duckdb

from flows.files import put_in_place
from flows.store.lock import hold
from flows.store.mishaps import open_store
from flows.store.published import publish
from flows.store.settled import ROWS_HASHED
from schemas.errors import InputError
from schemas.outputs import PUBLISHED, STORE


class Sizes(NamedTuple):
    """Bytes of the store before and after."""

    before: int
    after: int


def compact(outputs: Path) -> Sizes:
    """Write the store and the published copy anew, whole or not at all: a kill leaves those that there were.

    Raises InputError where there is no store, and at once where somebody holds the outputs. RuntimeError is our own
    fault: the new file does not hold what the old one does, which is then left as it is.
    """
    path = outputs / STORE
    if not path.exists():
        raise InputError(f"还没有数据库（{path}），没有可整理的")
    with hold(outputs):
        open_store(path).close()  # takes in what a run that was killed has left beside it
        before = path.stat().st_size
        put_in_place(path, lambda partial: _write(path, partial))
        if (outputs / PUBLISHED).exists():
            publish(path, outputs)
        return Sizes(before, path.stat().st_size)


def _write(path: Path, partial: Path) -> None:
    """Another file of the same contents, which is on the disk when this returns."""
    for left in (partial, partial.with_name(f"{partial.name}.wal")):
        left.unlink(missing_ok=True)
    with duckdb.connect() as db:
        db.execute(f"ATTACH {_quoted(path)} AS old (READ_ONLY)")
        db.execute(f"ATTACH {_quoted(partial)} AS new")
        db.execute("COPY FROM DATABASE old TO new")
        if _contents(db, "old") != _contents(db, "new"):
            raise RuntimeError("the compacted store differs")
        db.execute("DETACH new")
    os.chmod(partial, path.stat().st_mode)


def _contents(db: duckdb.DuckDBPyConnection, name: str) -> list[tuple]:
    """Every view, and every table with a fingerprint of its rows."""
    views = "SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = ? AND NOT internal ORDER BY ALL"
    said: list[tuple] = db.execute(views, [name]).fetchall()
    tables = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY ALL"
    for schema, table in db.execute(tables, [name]).fetchall():
        rows = f'SELECT {ROWS_HASHED} FROM {name}."{schema}"."{table}" AS rows'
        said += [(schema, table, *found) for found in db.execute(rows).fetchall()]
    return said


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
