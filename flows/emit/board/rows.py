"""Which units have a row on the page 收报情况: all of a township; of a larger place those first that are waited for."""

from collections.abc import Sequence

from flows.store.pending import Pending
from schemas.states import LATE

ROWS = 600
"""Units, and files of nobody, that the page lists: more nobody looks through, and with each twice in it a page of
10,200 units had 13 MB (2026-11-29). All of them stand in 问题清单.xlsx."""
FINDINGS = 6_000
"""Findings of all of them together, half a kilobyte each."""


def listed(units: Sequence[Pending]) -> list[Pending]:
    """The units that have a row, in their order; where they are too many, those that are not in before the others."""
    if len(units) <= ROWS:
        return list(units)
    first = sorted(range(len(units)), key=lambda number: (units[number].state not in LATE, number))[:ROWS]
    return [units[number] for number in sorted(first)]
