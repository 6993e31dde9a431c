"""A year's stored figures as the emitters see them: one `Book`, read once from the store, free of SQL and frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from flows.store.owed import Owed
from schemas.supplements import NOTHING, Own


@dataclass(frozen=True, slots=True)
class Figure:
    """One total: a figure of one unit or area. `value` is exact in base units, `printed` in the printed unit."""

    value: Decimal | None
    printed: Decimal | None
    text: str = ""
    units_counted: int = 1
    units_expected: int = 1
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a table: a unit that reports, or an area above it. `level` is one of the store's levels."""

    code: str
    name: str
    level: str
    kind: str = ""
    terrain: str = ""
    roles: str = ""

    @property
    def office(self) -> str | None:
        """The kind of form an office files; None for anybody else."""
        return (self.roles or self.code[-3:]) if self.kind == "站所" else None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where one expected unit stands: the state of its newest submission, and how many findings that has.

    Of a unit that owes several forms, `owed` has each, and the rest is of the one that stands worst.

    `accepted` also holds when an earlier revision is in and a newer one was returned. `since` is when the first file
    came that is not accepted and came after the accepted one: how long its findings have been open.
    """

    code: str
    name: str
    kind: str
    state: str
    file: str
    revision: int
    received_at: datetime | None
    must: int
    confirm: int
    explained: int
    accepted: bool = False
    since: datetime | None = None
    owed: Sequence[Owed] = ()


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a line list: the cells by column code, numbers in the column's base unit."""

    list: str
    unit_code: str
    unit_name: str
    row_no: int
    cells: Mapping[str, Decimal | str | None]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A printed figure that balancing moved: exact and plain rounding and what is printed, in the printed unit."""

    code: str
    name: str
    indicator: str
    exact: Decimal
    plain: Decimal
    printed: Decimal
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """All that a year's tables and report print. `figures` and `last` are keyed by (place code, indicator code).

    `like` has last year's figures of only those units that are in, for totals that are provisional. `unheard` says what
    nobody on the roster reports. `own` has the township's own texts and figures given by hand.
    """

    year: int
    township: Place
    villages: Sequence[Place]
    offices: Sequence[Place]
    figures: Mapping[tuple[str, str], Figure]
    last: Mapping[tuple[str, str], Figure]
    arrivals: Sequence[Arrival] = ()
    rows: Sequence[ListRow] = ()
    adjustments: Sequence[Adjustment] = field(default_factory=tuple)
    targets: Mapping[str, Decimal] = field(default_factory=dict)
    last_targets: Mapping[str, Decimal] = field(default_factory=dict)
    unheard: Sequence[str] = ()
    like: Mapping[tuple[str, str], Figure] = field(default_factory=dict)
    own: Own = NOTHING

    def before(self, indicator: str) -> Figure | None:
        """Last year's figure that the township's is compared with: of the same units, while not all are in.

        That of an indicator which begins this year was given by hand, where there is one.
        """
        key = (self.township.code, indicator)
        if key in self.like:
            return self.like[key]
        given = self.own.before.get(indicator)
        return self.last.get(key) or (Figure(given.value, given.value) if given else None)

    def basis(self, indicator: str) -> str:
        """What a comparison with last year has to say of itself; '' where it compares everything."""
        key = (self.township.code, indicator)
        counted = self.figures[key].units_counted if key in self.figures else 0
        return f"同口径（{counted} 个已报单位）" if key in self.like else ""
