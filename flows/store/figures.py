"""A year's stored figures as the emitters see them: one `Book`, read once from the store, free of SQL and frames."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from flows.store.owed import Owed
from schemas.supplements import NOTHING, Own


class Figure(msgspec.Struct, frozen=True, gc=False):
    """One total: a figure of one unit or area. `value` is exact in base units, `printed` in the printed unit.

    A county has a million: as a frozen dataclass each takes fourteen times as long to make (2.0 µs, November 2026).
    """

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
    township: str = ""


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


class Sum(NamedTuple):
    """Figures added up, None where there are none: as printed, of how many, and exactly, of how many."""

    printed: Decimal | None
    prints: int
    exact: Decimal | None
    known: int


Key = tuple[str, str]
"""Place code and indicator code."""
OfPlaces = Mapping[str, Mapping[str, Figure]]
"""Figures by indicator, and each by place."""
Parcel = tuple[str, ...]
"""Indicators whose figures are read together."""
PARCEL, HELD = 50_000, 120_000
"""Figures read at a time, and held at most: half a kilobyte each. A township's are all held; of 10,200 villages with
130 indicators each, whole areas at a time took 270 MB (2026-11-29)."""


class Figures(Mapping[Key, Figure]):
    """A year's figures, read from the store some indicators at a time when first asked for; it has to be open then.

    `at_hand` has those of every place above the villages, and whatever else is wanted at once. Of the others only so
    many are held, and the first to be read go first: whoever asks for all of an area asks for one `column` of all
    places after the other. Whoever asks for single figures mostly wants them of one indicator, which is read alone.
    """

    def __init__(
        self,
        at_hand: Mapping[Key, Figure],
        areas: Mapping[str, str],
        of_codes: Callable[[Sequence[str]], OfPlaces],
        of_keys: Callable[[Sequence[Key]], Mapping[Key, Figure]],
        places: int = 1,
    ) -> None:
        """`areas` has the area of every indicator, by which they are read; the others read all figures of some
        indicators, and some figures. `places` is how many report."""
        self._at_hand, self._places = dict(at_hand), {place for place, _ in at_hand}
        self._parcels = {code: parcel for parcel in _parcels(areas, max(1, PARCEL // places)) for code in parcel}
        self._of_codes, self._of_keys = of_codes, of_keys
        self._held: dict[str, Mapping[str, Figure]] = {}
        self._room, self._dropped = HELD, set[str]()

    def get(self, key: Key, default: Figure | None = None) -> Figure | None:  # pyright: ignore[reportIncompatibleMethodOverride]  # no other default is asked
        """The figure; `default` where there is none."""
        if key[0] in self._places:
            return self._at_hand.get(key, default)
        return self._of(key[1], alone=True).get(key[0], default)

    def column(self, indicator: str, places: Iterable[str], alone: bool = False) -> list[Figure | None]:
        """One indicator's figure of each of these places, in their order.

        It is read `alone` where no other one of its area will be asked for.
        """
        above, at_hand, held = self._places, self._at_hand, self._of(indicator, alone)
        return [at_hand.get((place, indicator)) if place in above else held.get(place) for place in places]

    def fetch(self, keys: Iterable[Key]) -> dict[Key, Figure]:
        """Some figures, without reading all of their indicators for them."""
        keys, held = list(keys), self._held
        wanted = [(place, code) for place, code in keys if place not in self._places and code not in held]
        read = self._of_keys(wanted) if wanted else {}
        at_hand, above, none = self._at_hand, self._places, dict[str, Figure]()
        return {
            key: found
            for key in keys
            if (found := at_hand.get(key) if key[0] in above else held.get(key[1], none).get(key[0]) or read.get(key))
        }

    def _of(self, indicator: str, alone: bool = False) -> Mapping[str, Figure]:
        """An indicator's figures of all places that report; read with the others of its parcel, or alone.

        Where all are one parcel there are so few that it is read in any case.
        """
        if indicator in self._held or indicator not in self._parcels:
            return self._held.get(indicator, {})
        parcel = self._parcels[indicator]
        together = not alone or len(parcel) == len(self._parcels)
        wanted = [code for code in parcel if code not in self._held] if together else [indicator]
        if indicator in self._dropped:  # whoever goes to and fro gets room for it
            self._room *= 2
            self._dropped.clear()
        self._held |= self._of_codes(wanted)
        held = sum(map(len, self._held.values()))
        for code in list(self._held)[: -len(wanted)]:
            if held <= self._room:
                break
            held -= len(self._held.pop(code))
            self._dropped.add(code)
        return self._held[indicator]

    def _all(self) -> dict[Key, Figure]:
        held = ((code, self._of(code)) for code in self._parcels)
        return {(place, code): found for code, of in held for place, found in of.items()} | self._at_hand

    def __getitem__(self, key: Key) -> Figure:
        found = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __bool__(self) -> bool:
        return bool(self._at_hand)

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Key]:
        return iter(self._all())


def _parcels(areas: Mapping[str, str], most: int) -> Iterator[Parcel]:
    """The indicators, so many at a time, those of an area together; all at once where they are no more: asking takes
    20 ms an area, however few its figures are (2 cores, November 2026)."""
    if len(areas) <= most:
        yield tuple(areas)
        return
    for area in dict.fromkeys(areas.values()):
        codes = [code for code, of in areas.items() if of == area]
        yield from (tuple(codes[start : start + most]) for start in range(0, len(codes), most))


def some(figures: Mapping[Key, Figure], keys: Sequence[Key]) -> dict[Key, Figure]:
    """Those of the figures that there are."""
    if isinstance(figures, Figures):
        return figures.fetch(keys)
    return {key: figures[key] for key in keys if key in figures}


def column(
    figures: Mapping[Key, Figure], indicator: str, places: Iterable[str], alone: bool = False
) -> list[Figure | None]:
    """One indicator's figure of each of these places, in their order, None where there is none."""
    if isinstance(figures, Figures):
        return figures.column(indicator, places, alone)
    return [figures.get((place, indicator)) for place in places]


@dataclass(frozen=True, slots=True)
class Book:
    """All that a year's tables and report print. `figures` and `last` are keyed by (place code, indicator code).

    `places` are those between the units and the whole, the nearest to the whole first: a county's townships.

    `like` has last year's figures of only those units that are in, for totals that are provisional. `unheard` says what
    nobody on the roster reports. `own` has the township's own texts and figures given by hand. `sums` has what the
    villages' figures add up to, by indicator and terrain, where that is worked out already; `marks` a fingerprint
    of all figures of an indicator; `largest` the places with the largest figures of one.
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
    sums: Mapping[Key, Sum] | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    largest: Callable[[str, int], Sequence[str]] | None = None
    places: Sequence[Place] = ()

    @property
    def parts(self) -> list[Place]:
        """The places right below the whole, where they are not its units."""
        return [place for place in self.places if place.level == self.places[0].level]

    def sum_of(self, indicator: str, terrain: str | None) -> Sum:
        """What the villages' figures add up to; those of one terrain, or of all (None)."""
        if self.sums is not None:
            found = [sum for (code, of), sum in self.sums.items() if code == indicator and terrain in (None, of)]
        else:
            villages = [place.code for place in self.villages if terrain in (None, place.terrain)]
            figures = [each for code in villages if (each := self.figures.get((code, indicator)))]
            found = [
                Sum(each.printed, each.printed is not None, each.value, each.value is not None) for each in figures
            ]
        printed, prints, exact, known = zip(*found, strict=True) if found else ((), (), (), ())
        return Sum(_added(printed), sum(prints), _added(exact), sum(known))

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


def _added(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None
