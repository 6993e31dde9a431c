"""What became of submissions, for the log: states and numbers only."""

from collections.abc import Collection, Iterator
from typing import Any

from flows.store.statements import sql_beside
from flows.store.store import Store

_SQL = sql_beside(__file__)
_NAMES = ("sha256", "part", "year", "unit", "revision", "state", "must_correct", "must_explain", "findings", "number")


def outcomes(store: Store, submissions: Collection[int]) -> Iterator[dict[str, Any]]:
    """Of each of these: the file's SHA-256, whose, the state, how many findings; `number` is its own in the store."""
    for row in store.rows(_SQL["outcomes"], {"submissions": list(submissions)}):
        yield dict(zip(_NAMES, row, strict=True))
