"""What a run emitted, and from what: so that it can be said later whether a file still is what was written.

Where nothing has changed of what the files were made from, and none of the files, they are not made again.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from flows.emit.writing import write_changed
from flows.store.statements import sql_beside
from flows.store.store import Store

RECORD = ".生成记录.json"
_SQL = sql_beside(__file__)


class Made(msgspec.Struct, frozen=True):
    """What came of emitting: the files and folders made, what is to be said, what is lacking, whether one was refused.

    Paths are within the year's folder.
    """

    paths: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    failed: bool = False


class Emitted(msgspec.Struct, frozen=True):
    """The figures' fingerprint, each file's SHA-256 by its path within the year's folder, and from what it was made."""

    figures: str
    files: dict[str, str]
    basis: str = ""
    made: Made = Made()


def write_record(store: Store, folder: Path, year: int, made: Made, basis: str) -> Path:
    """Remember what was emitted into the year's folder; a folder among it counts with all that is in it."""
    paths = [folder / name for name in made.paths]
    files = [file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]
    digests = {file.relative_to(folder).as_posix(): _digest(file) for file in files}
    record = Emitted(_figures(store, year), digests, "" if made.failed else basis, made)
    return write_changed(folder / RECORD, msgspec.json.format(msgspec.json.encode(record)))


def made_from(folder: Path, basis: str) -> Made | None:
    """What was made from this before, if every file of it is still as it was written."""
    record = _record(folder)
    if record is None or record.basis != basis or any(_faults(folder, record.files)):
        return None
    return record.made


def is_made(folder: Path, name: str) -> bool:
    """Whether a file of the year's folder was made with the others; one that was only kept from before was not."""
    record = _record(folder)
    return record is None or name in record.made.paths


def printed_from(inputs: Path, *others: bytes) -> str:
    """The fingerprint of what is printed besides the store: the clerk's files, not those in the inboxes; and others."""
    digest = hashlib.sha256()
    for path in sorted(_own_files(inputs)):
        if path.is_file():
            digest.update(f"{path.relative_to(inputs).as_posix()}\0{_digest(path)}\0".encode())
    for other in others:
        digest.update(other + b"\0")
    return digest.hexdigest()


def _own_files(inputs: Path) -> Iterator[Path]:
    """What is not in an inbox, which may hold thousands."""
    for folder, folders, files in os.walk(inputs):
        folders[:] = [name for name in folders if name != "submissions"]
        yield from (Path(folder, name) for name in files)


def changed_since(store: Store, outputs: Path, year: int) -> Iterator[tuple[str, str]]:
    """(file, what became of it) for whatever is not as it was written, or not from the figures of now."""
    folder = outputs / str(year)
    if (record := _record(folder)) is None:
        return
    if record.figures != _figures(store, year):
        yield RECORD, "各表是按以前的数生成的"
    yield from _faults(folder, record.files)


def _record(folder: Path) -> Emitted | None:
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=Emitted)
    except (OSError, msgspec.DecodeError):
        return None


def _faults(folder: Path, files: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, digest in files.items():
        if not (folder / name).is_file():
            yield name, "不见了"
        elif _digest(folder / name) != digest:
            yield name, "被改动过"


def _figures(store: Store, year: int) -> str:
    """Changes when a total, a state or a finding of the year does."""
    [(said,)] = store.rows(_SQL["figures"], {"year": year})
    return said or ""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
