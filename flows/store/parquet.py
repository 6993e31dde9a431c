"""A query's answer as a Parquet file, each column of the type that the query gave it: exact decimals stay exact."""

from pathlib import Path

import duckdb
import pandas as pd

from flows.files import put_in_place
from flows.store.published import Answer

_EXACT = {"HUGEINT": "DECIMAL(38, 0)"}
"""Parquet has no such wide integer, and DuckDB would write it as a float; a sum of integers is one."""


def to_parquet(answer: Answer, path: Path) -> Path:
    """Write the file, whole or not at all. Columns of one name are told apart by a number."""
    with duckdb.connect() as db:
        columns = ", ".join(
            f"{_name(name)} {_EXACT.get(kind, kind)}"
            for name, kind in zip(_apart(answer.columns), answer.types, strict=True)
        )
        db.execute(f"CREATE TABLE answer ({columns})")
        if answer.rows:  # as a frame: 20,000 rows in 0.1 s, where rows of parameters take 6 (measured 2026-11-28)
            db.execute(f"SET pandas_analyze_sample = {len(answer.rows)}")  # a later row may be wider than the first
            db.register("incoming", pd.DataFrame(answer.rows, dtype="object"))
            db.execute("INSERT INTO answer SELECT * FROM incoming")
        return put_in_place(path, lambda temporary: db.table("answer").write_parquet(str(temporary)))


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _apart(names: tuple[str, ...]) -> list[str]:
    """The names with none twice, whatever their case: a Parquet file cannot hold two columns of one name."""
    taken: dict[str, int] = {}
    found = []
    for name in names:
        number = taken[name.lower()] = taken.get(name.lower(), 0) + 1
        found.append(name if number == 1 else f"{name}_{number}")
    return found
