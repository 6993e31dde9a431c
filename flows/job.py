"""A collection's working set: the clerk's files, the catalogue and the open store."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import msgspec

from flows.inbox.remote import is_there
from flows.inbox.rules import Rules, rules_of
from flows.logs import kept
from flows.reading.records import Wanted
from flows.reading.wanted import wanted_of
from flows.store.catch_up import catch_up, refuse_lost
from flows.store.events import Event, closed_by, kept_settings
from flows.store.lock import hold
from flows.store.mirror import mirror
from flows.store.store import Store
from flows.totals.inherit import inherit
from schemas.catalogue import Catalogue
from schemas.corrections import Corrections, load_corrections
from schemas.inputs import load_inputs
from schemas.outputs import STORE
from schemas.roster import Unit, find_unit
from schemas.township import Settings

_PER_COLLECTION = 100_000
"""Objects made between two searches for garbage in circles, of which a collection leaves next to none: with Python's
700 a fifth of emitting 3,000 units was the collector going through their cells (2026-11-29)."""


class Job(msgspec.Struct, frozen=True, dict=True):
    """One run: whose, which year, which units only, and the store held alone for it."""

    inputs: Path
    outputs: Path
    year: int
    settings: Settings
    catalogue: Catalogue
    units: tuple[Unit, ...]
    store: Store
    only: tuple[Unit, ...] = ()
    retry: bool = False

    @cached_property
    def corrections(self) -> Corrections:
        """The clerk's corrections of the year."""
        return load_corrections(self.inputs, self.year, self.catalogue, self.units)

    @cached_property
    def rules(self) -> Rules:
        """By what its submissions are judged."""
        return rules_of(self.catalogue, self.wanted, self.settings.judging, self.corrections, self.units)

    @cached_property
    def stored(self) -> dict[int, float | None]:
        """What this run has stored of the year, and the seconds from reading until then."""
        return {}

    @property
    def closing(self) -> Event | None:
        """By whom, why and when the year was closed; None while it is open."""
        return closed_by(self.store, self.year)

    @cached_property
    def wanted(self) -> Wanted:
        """What to look for in the year's files."""
        return wanted_of(self.catalogue, self.year, [unit.office for unit in self.units if unit.office])

    def of_year(self, year: int) -> "Job":
        """The same job for another year; the catalogue and the roster as they stand for that year are in the store."""
        units = None if closed_by(self.store, year) else self.units  # a closed year keeps its roster
        self.store.allow(len(self.units))
        mirror(self.store, self.catalogue, units, year, self.settings.township)
        if units is not None:
            inherit(self.store, units, year)
        settings = kept_settings(self.store, year) or self.settings
        return msgspec.structs.replace(self, year=year, settings=settings)

    def years_due(self) -> list[int]:
        """Last year first, when the store has nothing of it but its files are at hand; then this year."""
        last = self.year - 1
        known = self.store.rows("SELECT count(*) FROM base.submission WHERE year = ?", [last])[0][0]
        return [self.year] if known or not self._has_files(last) else [last, self.year]

    def _has_files(self, year: int) -> bool:
        url = self.settings.collection.inbox
        return (self.inputs / str(year) / "submissions").is_dir() or (bool(url) and is_there(url, year))


@contextmanager
def open_job(
    inputs: str, outputs: str, year: int | None, only: Sequence[str] = (), retry: bool = False
) -> Iterator[Job]:
    """Read the clerk's files, hold the outputs folder, open the store. Raises InputError for what must be mended."""
    catalogue, settings, units, year, *_ = load_inputs(Path(inputs), year)
    chosen = tuple(find_unit(words, units) for words in only)
    with _seldom_collected(), hold(Path(outputs), wait=30), kept(Path(outputs)):
        refuse_lost(Path(outputs))
        with Store(Path(outputs) / STORE) as store:
            catch_up(store)
            yield Job(Path(inputs), Path(outputs), year, settings, catalogue, units, store, chosen, retry)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for garbage in circles less often."""
    usual = gc.get_threshold()
    gc.set_threshold(_PER_COLLECTION)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
