"""The journal: what was received, and what the clerk did to a year, one JSON line each, written before it counts.

It stands beside the archive and is only added to. With the archive, the inbox and the settings it is all that the
store is made from: `flows.rebuild` makes it anew.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from schemas.outputs import JOURNAL

What = Literal["close", "reopen", "restore"]


class Sent(msgspec.Struct, frozen=True, tag="submission", tag_field="kind", omit_defaults=True):
    """A submission got its place: which bytes are which revision of which unit, and the corrections judged with it."""

    at: datetime
    year: int
    unit: str | None
    revision: int
    sha256: str
    file: str
    size: int
    restored_from: int | None = None
    corrections: tuple[dict[str, Any], ...] = ()
    part: str = ""

    @property
    def place(self) -> tuple[int, str, int]:
        """What a later line replaces: a unit's revision, or of nobody's file, or its part, the bytes."""
        return self.year, self.unit or self.sha256 + self.part, self.revision


class Copied(msgspec.Struct, frozen=True, tag="copy", tag_field="kind"):
    """A second file with the same bytes was noted."""

    at: datetime
    year: int
    sha256: str
    file: str


class Contested(msgspec.Struct, frozen=True, tag="contested", tag_field="kind", omit_defaults=True):
    """Two different files of one unit lay in the inbox: this one was refused, and stays so when it has left."""

    at: datetime
    year: int
    sha256: str
    files: str
    part: str = ""


class Gone(msgspec.Struct, frozen=True, tag="gone", tag_field="kind", omit_defaults=True):
    """A file of nobody's, or a part of one, is read otherwise now: as several units', as one's, or as other parts.

    With a unit: what was that unit's is no longer, by another roster or other rules; its new place is told next.
    """

    at: datetime
    year: int
    sha256: str
    part: str = ""
    unit: str | None = None


class Happened(msgspec.Struct, frozen=True, tag="event", tag_field="kind", omit_defaults=True):
    """The clerk closed or reopened a year, or took up an earlier revision, which is then named."""

    at: datetime
    year: int
    what: What
    who: str
    why: str
    details: str = ""
    unit: str | None = None
    revision: int | None = None


class Packed(msgspec.Struct, frozen=True, tag="packed", tag_field="kind", omit_defaults=True):
    """A package of the year was made for the office above; the archive has its bytes."""

    at: datetime
    year: int
    sha256: str
    file: str


class Receipted(msgspec.Struct, frozen=True, tag="receipt", tag_field="kind", omit_defaults=True):
    """The office above has answered a package; the archive has the receipt's bytes."""

    at: datetime
    year: int
    sha256: str
    package: str
    file: str


Line = Sent | Copied | Contested | Gone | Happened | Packed | Receipted
_decode = msgspec.json.Decoder(Line).decode
_encode = msgspec.json.Encoder().encode


class Journal:
    """The file `journal.jsonl` in the outputs folder. Write under `hold` only; a silent one writes nothing."""

    def __init__(self, outputs: Path, silent: bool = False) -> None:
        self.path, self.silent = outputs / JOURNAL, silent

    @property
    def size(self) -> int:
        """How many bytes it has; 0 before the first line."""
        return self.path.stat().st_size if self.path.exists() else 0

    def write(self, lines: Iterable[Line]) -> None:
        """Add lines, and return when they are on the disk."""
        data = b"".join(_encode(line) + b"\n" for line in lines)
        if not data or self.silent:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            if (
                file.tell() and not self._ends_whole()
            ):  # the last writing was cut off: its piece stays a line of its own
                file.write(b"\n")
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> list[Line]:
        """Every whole line, oldest first; a line that was cut off while it was written never counted."""
        return [line for line, _ in self._lines() if line is not None]

    def broken(self) -> list[int]:
        """The numbers, from 1, of lines that nobody can read."""
        return [number for line, number in self._lines() if line is None]

    def _lines(self) -> Sequence[tuple[Line | None, int]]:
        if not self.path.exists():
            return []
        found: list[tuple[Line | None, int]] = []
        for number, text in enumerate(self.path.read_bytes().split(b"\n"), start=1):
            try:
                found.append((_decode(text), number)) if text else None
            except msgspec.DecodeError:
                found.append((None, number))
        return found

    def _ends_whole(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"


def places(lines: Iterable[Line]) -> list[Sent]:
    """The submissions that hold: the last line of each place, in the order in which the places were first given."""
    found: dict[tuple[int, str, int], Sent] = {}
    for line in lines:
        if isinstance(line, Sent):
            found[line.place] = line
        elif isinstance(line, Gone):
            what = line.year, line.sha256, line.part, line.unit
            found = {place: one for place, one in found.items() if (one.year, one.sha256, one.part, one.unit) != what}
    return list(found.values())
