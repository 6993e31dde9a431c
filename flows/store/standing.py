"""Where a year's collection stands, unit by unit: for the closing summary, `cunhui status` and the exit status."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from flows.store.figures import Arrival
from flows.store.store import Store
from schemas.township import Settings


class Loose(msgspec.Struct, frozen=True):
    """A file that belongs to no expected unit, or that is no submission, and what is said about it."""

    file: str
    state: str
    message: str


class Standing(msgspec.Struct, frozen=True):
    """Everybody's state at the end of a run. One Arrival per expected unit."""

    year: int
    deadline: datetime
    arrivals: Sequence[Arrival]
    loose: Sequence[Loose]
    messages: dict[str, list[str]]
    emitted: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def complete(self) -> bool:
        """Whether every expected unit's figures are accepted."""
        return all(arrival.accepted for arrival in self.arrivals)

    def of_state(self, *states: str) -> list[Arrival]:
        """The units whose newest submission is in one of these states."""
        return [arrival for arrival in self.arrivals if arrival.state in states]


_MESSAGES = """
SELECT unit_code, message FROM findings
WHERE year = $year AND unit_code IS NOT NULL AND state NOT IN ('superseded', 'duplicate')
  AND (grade = '强制' OR grade = '核实' AND NOT explained)
  AND revision = (SELECT max(s.revision) FROM submissions s WHERE s.year = $year AND s.unit_code = findings.unit_code)
ORDER BY unit_code, grade, stage DESC, number
"""
_LOOSE = """
SELECT file, coalesce(state, '提示'), string_agg(message, '；') FROM findings
WHERE year = $year AND (unit_code IS NULL OR state = 'duplicate')
  AND file IN (SELECT i.file FROM base.inbox i WHERE i.year = $year UNION ALL SELECT n.file FROM base.notice n)
GROUP BY ALL ORDER BY file
"""


def standing_of(
    store: Store,
    settings: Settings,
    year: int,
    arrivals: Sequence[Arrival],
    emitted: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Standing:
    """Read the year's standing from the store."""
    messages: dict[str, list[str]] = {}
    for code, message in store.rows(_MESSAGES, {"year": year}):
        messages.setdefault(code, []).append(message)
    loose = [Loose(*row) for row in store.rows(_LOOSE, {"year": year})]
    return Standing(year, settings.deadline, arrivals, loose, messages, emitted, notes)
