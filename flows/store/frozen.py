"""A closed year's figures outside the store, so that they outlive it: outputs/closed/<year>/, Parquet with a manifest.

Not made again from the originals: a closed year keeps the figures, catalogue, roster and settings it was closed with,
whatever has become of rules and files since.
"""

import hashlib
import shutil
from pathlib import Path

import msgspec

from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.outputs import CLOSED

_SQL = sql_beside(__file__)
MANIFEST = "manifest.json"
OF_SUBMISSION = ("sheet", "fact", "list_cell", "finding", "finding_behind", "correction", "reading")
OF_YEAR = (
    "submission", "unit", "heir", "inherited", "closed_indicator", "closed_settings", "inbox", "notice", "total",
    "adjustment",
)  # fmt: skip
"""The tables that hold a year: by submission, and by year."""


class Manifest(msgspec.Struct, frozen=True):
    """What was frozen: the year, and each table's SHA-256."""

    year: int
    tables: dict[str, str]


def folder_of(outputs: Path, year: int) -> Path:
    """Where a closed year's figures are kept."""
    return outputs / CLOSED / str(year)


def freeze(store: Store, outputs: Path, year: int) -> Path:
    """Write the year's tables, whole or not at all; an earlier closing's are replaced."""
    target = folder_of(outputs, year)
    fresh = target.with_name(f".{year}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for table in (*OF_SUBMISSION, *OF_YEAR):
        chosen = _SQL["of_submission"] if table in OF_SUBMISSION else _SQL["of_year"]
        rows = chosen.replace("$table", table).replace("$year", str(int(year)))
        store.db.execute(f"COPY ({rows}) TO {_quoted(_file(fresh, table))} (FORMAT parquet)")
    tables = {table: _digest(_file(fresh, table)) for table in (*OF_SUBMISSION, *OF_YEAR)}
    (fresh / MANIFEST).write_bytes(msgspec.json.encode(Manifest(year, tables)))
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return target


def is_whole(outputs: Path, year: int) -> bool:
    """Whether a closed year's figures are there, each table as its manifest says."""
    folder = folder_of(outputs, year)
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
        return manifest.year == year and all(
            _digest(_file(folder, table)) == manifest.tables.get(table) for table in (*OF_SUBMISSION, *OF_YEAR)
        )
    except (OSError, msgspec.DecodeError):
        return False


def thaw(store: Store, outputs: Path, year: int) -> int:
    """Put a closed year's tables into a store that has nothing of it. Returns how many submissions they hold."""
    folder = folder_of(outputs, year)
    with store.transaction() as db:
        for table in (*OF_SUBMISSION, *OF_YEAR):
            db.execute(f"INSERT INTO base.{table} BY NAME FROM read_parquet({_quoted(_file(folder, table))})")
    return store.rows("SELECT count(*) FROM base.submission WHERE year = ? AND same_as IS NULL", [year])[0][0]


def _file(folder: Path, table: str) -> Path:
    return folder / f"{table}.parquet"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
