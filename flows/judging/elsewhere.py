"""Judged where it was read: on a worker each file by itself, here put among the others under the numbers of the store.

What a file's check takes beside its reading is the catalogue, the roster and the year; these travel as `terms`. What
only this PC knows (the clerk's corrections, a second file of the same unit) makes it check that file again itself.
"""

import pickle
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

import pandas as pd

from flows.inbox.owner import Owner, owner_of
from flows.inbox.submission import Submission
from flows.judging.check import check
from flows.reading import cluster
from flows.reading.parcel import Parcel, opened
from schemas.catalogue import Catalogue
from schemas.roster import Unit

_alone = Lock()
"""A worker of several threads checks one parcel at a time: pandas and pandera are not said to bear more."""
Frames = dict[str, pd.DataFrame]


class Terms(NamedTuple):
    """What files are judged by on another PC; the program there is the same."""

    catalogue: Catalogue
    units: Sequence[Unit]
    year: int

    def packed(self) -> bytes:
        """As sent with every parcel: 50 KB with the built-in catalogue (measured 2026-11-29)."""
        return zlib.compress(pickle.dumps(self))


class Place(NamedTuple):
    """Where a submission stands in a batch checked elsewhere, and for whose it was taken there."""

    owner: Owner
    number: int
    frames: Frames


@lru_cache(maxsize=2)
def _terms(packed: bytes) -> Terms:
    return pickle.loads(zlib.decompress(packed))


def read_and_check(parcel: Parcel, terms: bytes) -> bytes:
    """On a worker: the parcel's readings, and what checking each by itself found. Raises as `read_parcel` does."""
    answer = cluster.read_parcel(parcel)
    catalogue, units, year = _terms(terms)
    readings = [reading for whole in opened(answer) for reading in whole.each()]
    placed = [Submission(n, reading, owner_of(reading, units, year), 0) for n, reading in enumerate(readings)]
    with _alone:
        frames = check(placed, catalogue, year)
    owners = [(item.reading.sha256, item.reading.part, item.owner) for item in placed]
    return pickle.dumps((answer, zlib.compress(pickle.dumps((owners, frames)))))


class Elsewhere:
    """What workers found of the files that have come back from them, until it is asked for."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], Place] = {}

    def taken(self, answer: bytes) -> bytes:
        """Keep what an answer says of its files; its readings, as `unpack` takes them."""
        readings, found = pickle.loads(answer)
        owners, frames = pickle.loads(zlib.decompress(found))
        for number, (sha256, part, owner) in enumerate(owners):
            self._places[sha256, part] = Place(owner, number, frames)
        return readings

    def place(self, item: Submission) -> Place | None:
        """Where it stands, once; None where it was not checked there, or not as it is to be checked here."""
        place = self._places.pop((item.reading.sha256, item.reading.part), None)
        return place if place and place.owner == item.owner and not item.corrections else None


def checked(chunk: Sequence[Submission], catalogue: Catalogue, year: int, elsewhere: Elsewhere | None) -> Frames:
    """What `check` gives for a chunk, of each submission from where it was checked already."""
    places = {item.sub_id: elsewhere.place(item) for item in chunk} if elsewhere else {}
    here = [item for item in chunk if not places.get(item.sub_id)]
    parts = [check(here, catalogue, year)] if here else []
    batches: dict[int, tuple[Frames, dict[int, int]]] = {}
    for sub_id, place in places.items():
        if place:
            batches.setdefault(id(place.frames), (place.frames, {}))[1][place.number] = sub_id
    parts += [_numbered(frames, numbers) for frames, numbers in batches.values()]
    return parts[0] if len(parts) == 1 else _together(parts, [item.sub_id for item in chunk])


def _numbered(frames: Frames, numbers: Mapping[int, int]) -> Frames:
    """Those rows that are wanted, under the numbers that the store gives."""
    return {
        name: frame[frame["sub_id"].isin(numbers)].assign(sub_id=lambda rows: rows["sub_id"].map(numbers))
        for name, frame in frames.items()
    }


def _together(parts: Sequence[Frames], order: Sequence[int]) -> Frames:
    """The parts as one, in the order of the submissions; a part without rows says nothing of a column's type."""
    place = {sub_id: number for number, sub_id in enumerate(order)}
    found = {}
    for name in parts[0]:
        some = [part[name] for part in parts if len(part[name])] or [parts[0][name]]
        whole = pd.concat(some, ignore_index=True)
        found[name] = whole.sort_values("sub_id", key=lambda column: column.map(place), kind="stable")
    return found
