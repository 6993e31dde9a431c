"""The tables laid down for Prefect: its own, and told apart from others."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from flows.serving import tables
from flows.serving.tables import create_database

MIGRATE = (
    "import asyncio, prefect\n"
    "from prefect.server.database import provide_database_interface\n"
    "asyncio.run(provide_database_interface().create_db()); print(prefect.__version__)\n"
)


def test_tables_laid_down_are_those_of_prefects_migrations(tmp_path):
    """When this fails, Prefect has changed: replace flows/serving/tables.sql by the file that it names."""
    database, fresh = tmp_path / "prefect.db", tmp_path / "tables.sql"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    made = subprocess.run(
        [sys.executable, "-c", MIGRATE], env={**kept, "PREFECT_HOME": str(tmp_path), "DO_NOT_TRACK": "1"},
        cwd=tmp_path, text=True, capture_output=True, check=True,
    )  # fmt: skip
    with sqlite3.connect(database) as connection:
        first, *rest = connection.iterdump()
    assert first == "BEGIN TRANSACTION;"
    head = [f"-- prefect {made.stdout.strip()}", "BEGIN EXCLUSIVE;"]
    fresh.write_text("\n".join([*head, *rest, ""]), encoding="utf-8")

    def lines(path: Path) -> list[str]:  # their order differs from one migration to the next
        return sorted(line.strip().rstrip(",") for line in path.read_text(encoding="utf-8").splitlines())

    assert lines(tables.SCHEMA) == lines(fresh), f"see {fresh}"
    assert create_database(database)  # those that migrations made are known, too


def test_tables_are_laid_down_once_and_kept(tmp_path):
    database = tmp_path / "prefect.db"
    assert create_database(database)
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO flow (name) VALUES ('kept')")
    assert create_database(database)
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT name FROM flow").fetchall() == [("kept",)]


def test_tables_of_another_prefect_are_neither_laid_down_nor_known(tmp_path, monkeypatch):
    database = tmp_path / "prefect.db"
    assert create_database(database)
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
    assert not create_database(database)
    monkeypatch.setattr(tables, "version", lambda _: "3.8.99")
    assert not create_database(tmp_path / "new.db") and not (tmp_path / "new.db").exists()


def test_file_that_is_no_database_is_an_error(tmp_path):
    (tmp_path / "prefect.db").write_text("垃圾" * 500, encoding="utf-8")
    with pytest.raises(sqlite3.DatabaseError):
        create_database(tmp_path / "prefect.db")
