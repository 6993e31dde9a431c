"""Catalogue to pandera: what all checks of a form look at as one long column for each way to hold, judged lazily."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from schemas.catalogue import Catalogue
from schemas.checks import FILLED, checks_of
from schemas.columns import Columns, Masked

Failed = tuple[int, Any]
"""The place of a row, and the check that fails there."""


@lru_cache
def schema(holds: str) -> pa.SeriesSchema:
    """What a figure to be held against zero must be; blank only where that is no fault."""
    checks = [] if holds == FILLED else getattr(pa.Check, holds)(0)
    return pa.SeriesSchema(checks=checks, nullable=holds != FILLED)


def failures(checks: Sequence[Any], residuals: Sequence[Masked]) -> list[Failed]:
    """Every check that fails and where, in the order of the checks, then of the rows.

    `residuals` has for each check a figure a row that must hold against zero as the check says. Raises nothing for bad
    data; a pandera failure that is at no row is our own bug and is raised.
    """
    alike: dict[tuple[str, str], list[int]] = {}
    for number, (check, residual) in enumerate(zip(checks, residuals, strict=True)):
        alike.setdefault((check.holds, residual.dtype.kind), []).append(number)
    found = []
    for (holds, _), numbers in alike.items():
        of_each = [residuals[number] for number in numbers]
        for place in _failing(_series(of_each), schema(holds)):
            number, row = divmod(place, len(of_each[0]))
            found.append((numbers[number], row))
    return [(row, checks[number]) for number, row in sorted(found)]


def _series(residuals: Sequence[Masked]) -> pd.Series:
    """One under the other, as Int64 or Float64."""
    whole = np.ma.concatenate(residuals)
    array = pd.arrays.FloatingArray if whole.dtype.kind == "f" else pd.arrays.IntegerArray
    return pd.Series(array(np.ma.getdata(whole), np.ma.getmaskarray(whole)))


def _failing(column: pd.Series, wanted: pa.SeriesSchema) -> list[int]:
    try:
        wanted.validate(column, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
    else:
        return []
    if cases["index"].isna().any():
        raise RuntimeError(f"pandera: {cases.to_dict('records')[:3]}")
    return [int(place) for place in cases["index"]]


def check_values(values: Columns, catalogue: Catalogue, year: int, office: str | None) -> list[Failed]:
    """Failed checks of one form's submissions: a row for each, a column for each indicator that it asks for."""
    checks = _of_form(catalogue, year, office)
    return failures(checks, [check.residual(values) for check in checks])


@lru_cache(maxsize=64)
def _of_form(catalogue: Catalogue, year: int, office: str | None) -> list[Any]:
    """The checks of one form, made once."""
    return checks_of(catalogue, year, office)
