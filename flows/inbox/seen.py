"""What the files of the inbox held when they were last taken: one that the disk says is the same is not read again.

The same is a file that lies where it lay, with the size and the moments of change that it had, as does its copy in the
archive; what changes a file's bytes changes these. A moment is as coarse as the disk's clock, so nothing is remembered
of a file that changed just before it was read: whatever is written to it in that same moment would not be seen. Bytes
that decay on the disk change no moment; these `verify` finds, which reads the whole archive.
"""

import os
import stat
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from flows.files import write_atomically
from flows.inbox.archive import Kept
from flows.inbox.taken import Unpacked
from flows.reading.records import Received

SETTLED = 3_000_000_000
"""Nanoseconds that a file of the inbox has lain unchanged before it is read: a memory stick tells moments by 2 s."""
ARCHIVED = 100_000_000
"""The same for its copy in the archive, that nobody but us writes, until it is remembered: a disk's clock ticks by 10
ms or less."""

Mark = tuple[int, ...]
"""By what a file is known as the same: device, number, size, moments of change."""


class _File(msgspec.Struct, frozen=True, array_like=True):
    """A file that one of the inbox held or was: its name, and its copy by its path within the archive."""

    name: str
    sha256: str
    size: int
    path: str
    mark: Mark = ()


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    mark: Mark
    files: tuple[_File, ...]


class Seen:
    """The year's files as they were when last taken; kept in the outputs, and lost, all of them are read again."""

    def __init__(self, year: int, outputs: Path, archive: Path) -> None:
        self._kept, self._archive = outputs / f".cunhui.inbox-{year}.json", archive
        self._before: dict[str, _Seen] = {}
        with suppress(OSError, msgspec.DecodeError):
            self._before = msgspec.json.decode(self._kept.read_bytes(), type=dict[str, _Seen])
        self._now: dict[str, _Seen] = {}

    def known(self, path: Path, name: str) -> Unpacked | None:
        """What it held, where it is the same as then and the archive still has that; else None."""
        seen = self._before.get(name)
        if seen is None or mark_of(path) != seen.mark:
            return None
        held = [(file, f"{self._archive}/{file.path}") for file in seen.files]
        if not all(mark_of(place) == file.mark for file, place in held):
            return None
        self._now[name] = seen
        received = (Received(place.replace("/", os.sep), file.name, file.sha256, file.size) for file, place in held)
        return Unpacked([Kept(each, "there") for each in received], [])

    def note(self, path: Path, name: str, before: Mark, since: int, held: Unpacked) -> None:
        """Remember what it held, that had this mark at that moment, before it was read; nothing where it may change."""
        if not before or since - max(before[-2:]) < SETTLED or mark_of(path) != before:
            return
        files = (
            _File(each.file, each.sha256, each.size, Path(each.path).relative_to(self._archive).as_posix())
            for each, _ in held.kept
        )
        self._now[name] = _Seen(before, tuple(files))

    def remember(self) -> None:
        """Keep on the disk what all of the inbox held, but for what was archived just now."""
        now, found = time.time_ns(), dict[str, _Seen]()
        for name, seen in self._now.items():
            marked = tuple(
                file if file.mark else msgspec.structs.replace(file, mark=mark_of(f"{self._archive}/{file.path}"))
                for file in seen.files
            )
            if all(file.mark and now - max(file.mark[-2:]) > ARCHIVED for file in marked):
                found[name] = msgspec.structs.replace(seen, files=marked)
        if found != self._before:
            write_atomically(self._kept, msgspec.json.encode(found))


def mark_of(path: Path | str) -> Mark:
    """By what the file there is known as the same; nothing of what is no file."""
    try:
        about = os.stat(path, follow_symlinks=False)
    except OSError:
        return ()
    if not stat.S_ISREG(about.st_mode):
        return ()
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns
