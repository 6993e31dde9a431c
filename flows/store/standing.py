"""Where a year's collection stands, unit by unit: for the closing summary, `cunhui status` and the exit status."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from flows.store.book import unheard
from flows.store.figures import Arrival
from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.states import counted_words, word_of
from schemas.township import Settings

_SQL = sql_beside(__file__)


class Loose(msgspec.Struct, frozen=True):
    """A file that belongs to no expected unit, or that is no submission, and what is said about it."""

    file: str
    state: str
    message: str


class Standing(msgspec.Struct, frozen=True):
    """Everybody's state at the end of a run. One Arrival per expected unit.

    `lacking` says what is not there although every expected unit is in: figures that nobody reports, empty slots.
    `unreported`: the template of the report is at fault, so that none was made.
    """

    year: int
    deadline: datetime
    arrivals: Sequence[Arrival]
    loose: Sequence[Loose]
    messages: dict[str, list[str]]
    emitted: Sequence[str] = ()
    notes: Sequence[str] = ()
    lacking: Sequence[str] = ()
    unreported: bool = False

    @property
    def complete(self) -> bool:
        """Whether every expected unit's figures are accepted."""
        return all(arrival.accepted for arrival in self.arrivals)

    def of_state(self, *states: str) -> list[Arrival]:
        """The units whose newest submission is in one of these states."""
        return [arrival for arrival in self.arrivals if arrival.state in states]


def standing_of(
    store: Store,
    settings: Settings,
    year: int,
    arrivals: Sequence[Arrival],
    emitted: Sequence[str] = (),
    notes: Sequence[str] = (),
    lacking: Sequence[str] = (),
    unreported: bool = False,
) -> Standing:
    """Read the year's standing from the store."""
    messages: dict[str, list[str]] = {}
    for code, message in store.rows(_SQL["messages"], {"year": year}):
        messages.setdefault(code, []).append(message)
    loose = [Loose(*row) for row in store.rows(_SQL["loose"], {"year": year})]
    lacks = [*unheard(store, year), *lacking]
    return Standing(year, settings.deadline, arrivals, loose, messages, emitted, notes, lacks, unreported)


def counted(standing: Standing) -> str:
    """How many are in, in a line."""
    return f"应报 {len(standing.arrivals)} 个，" + counted_words(word_of(one.state) for one in standing.arrivals) + "。"
