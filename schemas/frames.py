"""Catalogue to pandera: one schema per form, validated lazily over all submissions in one call."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas.catalogue import Catalogue
from schemas.checks import Required, checks_of


def frame_schema(checks: Iterable[Any]) -> pa.DataFrameSchema:
    """A schema whose columns are the checks' columns: Int64, or Float64 for shares; blanks only where allowed."""
    columns: dict[str, list[Any]] = {}
    required = set()
    for check in checks:
        columns.setdefault(check.column, [])
        if isinstance(check, Required):
            required.add(check.column)
        else:
            columns[check.column].append(check.pandera())
    return pa.DataFrameSchema(
        {name: pa.Column(checks=found, nullable=name not in required) for name, found in columns.items()}
    )


def failures(frame: pd.DataFrame, checks: list[Any], schema: pa.DataFrameSchema | None = None) -> list[tuple[Any, Any]]:
    """(submission, check) for every check that fails, in the order of the checks.

    `frame` has the submissions as its index and every check's column; `schema` is that of the checks. Raises nothing
    for bad data; a pandera failure that no check of ours explains is our own bug and is raised.
    """
    if frame.empty or not checks:
        return []
    try:
        (schema or frame_schema(checks)).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
    else:
        return []
    by_words = {check.id: check for check in checks}
    missing = {check.column: check for check in checks if isinstance(check, Required)}
    order = {id(check): number for number, check in enumerate(checks)}
    found = []
    for column, words, index in zip(cases["column"], cases["check"], cases["index"], strict=True):
        check = missing.get(column) if words == "not_nullable" else by_words.get(words)
        if check is None or index is None:
            raise RuntimeError(f"pandera: {column} {words} {index}")
        found.append((index, check))
    return sorted(found, key=lambda case: order[id(case[1])])


def prepared(values: pd.DataFrame, checks: list[Any]) -> pd.DataFrame:
    """The values with the residual column of each relation beside them."""
    residuals = {check.column: check.prepare(values) for check in checks if hasattr(check, "prepare")}
    return pd.concat([values, pd.DataFrame(residuals, index=values.index)], axis=1)


def check_values(values: pd.DataFrame, catalogue: Catalogue, year: int, office: str | None) -> list[tuple[Any, Any]]:
    """Failed checks of one form's submissions: `values` has a row per submission, a column per indicator."""
    checks, schema = _of_form(catalogue, year, office)
    return failures(prepared(values, checks), checks, schema)


@lru_cache(maxsize=64)
def _of_form(catalogue: Catalogue, year: int, office: str | None) -> tuple[list[Any], pa.DataFrameSchema]:
    """The checks of one form and their schema, made once."""
    checks = checks_of(catalogue, year, office)
    return checks, frame_schema(checks)
