"""A year's stored figures as the emitters see them: one `Book`, read once from the store, free of SQL and frames."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


Key = tuple[str, str]
"""Place code and indicator code."""


class Figures(Mapping[Key, Figure]):
    """A year's figures, read from the store an area at a time when first asked for; the store has to be open then.

    `at_hand` has those of every place above the villages, and whatever else is wanted at once.
    """

    def __init__(
        self,
        at_hand: Mapping[Key, Figure],
        areas: Mapping[str, str],
        of_codes: Callable[[Sequence[str]], Mapping[Key, Figure]],
        of_keys: Callable[[Sequence[Key]], Mapping[Key, Figure]],
    ) -> None:
        """`areas` has the area of every indicator, by which they are read; the others read all figures of some
        indicators, and some figures."""
        self._known, self._places = dict(at_hand), {place for place, _ in at_hand}
        self._areas, self._of_codes, self._of_keys = areas, of_codes, of_keys
        self._read: set[str] = set()

    def get(self, key: Key, default: Figure | None = None) -> Figure | None:  # pyright: ignore[reportIncompatibleMethodOverride]  # no other default is asked
        """The figure; `default` where there is none."""
        found = self._known.get(key)
        if found is None and key[0] not in self._places:
            self._read_area(self._areas.get(key[1], ""))
            found = self._known.get(key)
        return default if found is None else found

    def fetch(self, keys: Iterable[Key]) -> dict[Key, Figure]:
        """Some figures, without reading whole areas for them."""
        wanted = [key for key in keys if key not in self._known and self._areas.get(key[1], "") not in self._read]
        read = self._of_keys(wanted) if wanted else {}
        return {key: found for key in keys if (found := self._known.get(key) or read.get(key))}

    def _read_area(self, area: str) -> None:
        if area not in self._read:
            self._read.add(area)
            self._known |= self._of_codes([code for code, of in self._areas.items() if of == area])

    def _read_all(self) -> dict[Key, Figure]:
        for area in set(self._areas.values()):
            self._read_area(area)
        return self._known

    def __getitem__(self, key: Key) -> Figure:
        found = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __bool__(self) -> bool:
        return bool(self._known)

    def __len__(self) -> int:
        return len(self._read_all())

    def __iter__(self) -> Iterator[Key]:
        return iter(self._read_all())


def some(figures: Mapping[Key, Figure], keys: Sequence[Key]) -> dict[Key, Figure]:
    """Those of the figures that there are."""
    if isinstance(figures, Figures):
        return figures.fetch(keys)
    return {key: figures[key] for key in keys if key in figures}


@dataclass(frozen=True, slots=True)
class Book:
    """All that a year's tables and report print. `figures` and `last` are keyed by (place code, indicator code).

    `places` are those between the units and the whole, the nearest to the whole first: a county's townships.

    `like` has last year's figures of only those units that are in, for totals that are provisional. `unheard` says what
    nobody on the roster reports. `own` has the township's own texts and figures given by hand. `sums` has what the
    villages' printed figures add up to and how many they are, by indicator and terrain, where that is worked out
    already; `marks` a fingerprint of all figures of an indicator; `largest` the places with the largest figures of one.
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
    sums: Mapping[Key, tuple[Decimal, int]] | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    largest: Callable[[str, int], Sequence[str]] | None = None
    places: Sequence[Place] = ()

    @property
    def parts(self) -> list[Place]:
        """The places right below the whole, where they are not its units."""
        return [place for place in self.places if place.level == self.places[0].level]

    def printed_parts(self, indicator: str, terrain: str | None) -> tuple[Decimal, int]:
        """The sum of the villages' printed figures, and how many there are; of one terrain, or of all (None)."""
        if self.sums is not None:
            found = [sum for (code, of), sum in self.sums.items() if code == indicator and terrain in (None, of)]
        else:
            villages = [place.code for place in self.villages if terrain in (None, place.terrain)]
            figures = (self.figures.get((code, indicator)) for code in villages)
            found = [(each.printed, 1) for each in figures if each is not None and each.printed is not None]
        return sum((total for total, _ in found), Decimal(0)), sum(count for _, count in found)

    def places_of(self, indicator: str, most: int) -> Sequence[str]:
        """The places that have the figure; of more than `most` those with the largest."""
        if self.largest is not None:
            return self.largest(indicator, most)
        places = (*self.villages, *self.offices)
        found = [(place.code, each) for place in places if (each := self.figures.get((place.code, indicator)))]
        ordered = sorted(found, key=lambda pair: (pair[1].value is None, -(pair[1].value or 0)))
        return [code for code, _ in ordered[:most]]

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
