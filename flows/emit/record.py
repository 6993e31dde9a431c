"""What a run emitted, and from which figures: so that it can be said later whether a file still is what was written."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from flows.emit.writing import write_changed
from flows.store.statements import sql_beside
from flows.store.store import Store

RECORD = ".生成记录.json"
_SQL = sql_beside(__file__)


class Emitted(msgspec.Struct, frozen=True):
    """The figures' fingerprint, and each file's SHA-256 by its path within the year's folder."""

    figures: str
    files: dict[str, str]


def write_record(store: Store, folder: Path, year: int, emitted: Iterable[Path]) -> Path:
    """Remember what was emitted into the year's folder; a folder among them counts with all that is in it."""
    files = [file for path in emitted for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]
    record = Emitted(_figures(store, year), {file.relative_to(folder).as_posix(): _digest(file) for file in files})
    return write_changed(folder / RECORD, msgspec.json.format(msgspec.json.encode(record)))


def changed_since(store: Store, outputs: Path, year: int) -> Iterator[tuple[str, str]]:
    """(file, what became of it) for whatever is not as it was written, or not from the figures of now."""
    folder = outputs / str(year)
    try:
        record = msgspec.json.decode((folder / RECORD).read_bytes(), type=Emitted)
    except (OSError, msgspec.DecodeError):
        return
    if record.figures != _figures(store, year):
        yield RECORD, "各表是按以前的数生成的"
    for name, digest in record.files.items():
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
