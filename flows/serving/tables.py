"""The tables of Prefect's database: laid down at once, and whether they are those we know."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path

SCHEMA = Path(__file__).with_suffix(".sql")
WAIT = 30.0
"""Seconds for which one who writes waits for another; a run and a `cunhui serve` may share the file."""


def create_database(path: Path) -> bool:
    """Lay down the tables that Prefect's 113 migrations would make, in 0.03 s for 5 s; whether `path` then has them.

    Only for the Prefect the file was dumped from; it then finds nothing to migrate.
    One transaction, so neither a kill nor a second process leaves half of it.
    """
    sql = SCHEMA.read_text(encoding="utf-8")
    if not sql.startswith(f"-- prefect {version('prefect')}\n"):
        return False
    with closing(sqlite3.connect(path, timeout=WAIT, isolation_level=None)) as connection:
        if _edition(connection) is None:
            with suppress(sqlite3.OperationalError):  # another process was first
                connection.executescript(sql)
        return f"INSERT INTO \"alembic_version\" VALUES('{_edition(connection)}')" in sql


def _edition(connection: sqlite3.Connection) -> str | None:
    """The name of the last migration that the tables have; None without any."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    return row[0] if row else None
