"""The archive: every file that was received, under its SHA-256, never changed, never trusted blindly."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from flows.files import sync_folder
from flows.reading.records import Received
from schemas.errors import InputError

KNOWN_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et", ".csv", ".zip"}
ASIDE = "坏件"
"""The folder in the archive for files that are not what their name says."""


class Changing(Exception):
    """The file became another while it was kept: somebody is still writing it."""


class Kept(NamedTuple):
    """A file in the archive, and how it came to be there: it was, it is new, or what was there was not it."""

    received: Received
    fate: Literal["there", "new", "replaced"]


def digest_of(stream: BinaryIO) -> str:
    """The SHA-256 of a stream from its beginning, read piece by piece."""
    stream.seek(0)
    return hashlib.file_digest(stream, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]  # BinaryIO hides readinto


def keep(stream: BinaryIO, digest: str, name: str, archive: Path, sync: Callable[[Path], object] = sync_folder) -> Kept:
    """Store a stream under its digest (whole, on the disk, or not at all) and say where; the same bytes are kept once.

    A file that already stands there is verified, and set aside when it is another. `sync` gets the folder whose new
    name is to outlive a power cut: whoever keeps many does that once for all. Raises Changing when the stream no longer
    has that digest.
    """
    suffix = Path(name).suffix.lower()
    path = archive / digest[:2] / (digest + (suffix if suffix in KNOWN_SUFFIXES else ""))
    size = stream.seek(0, os.SEEK_END)
    received = Received(path=str(path), file=name, sha256=digest, size=size)
    if holds(path, digest, size):
        return Kept(received, "there")
    wrong = path.exists()
    if wrong:
        set_aside(path, archive)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.part")
    stream.seek(0)
    try:
        with partial.open("w+b") as copy:
            shutil.copyfileobj(stream, copy)
            if digest_of(copy) != digest:
                raise Changing
            copy.flush()
            os.fsync(copy.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    sync(path.parent)
    return Kept(received, "replaced" if wrong else "new")


def holds(path: Path, digest: str, size: int | None = None) -> bool:
    """Whether the file is there and has these very bytes."""
    try:
        with path.open("rb") as stream:
            if size is not None and os.fstat(stream.fileno()).st_size != size:
                return False
            return digest_of(stream) == digest
    except OSError:
        return False


def set_aside(path: Path, archive: Path) -> Path:
    """Move a file that is not what its name says out of the way, keeping it; returns where it is now."""
    folder = archive / ASIDE
    folder.mkdir(parents=True, exist_ok=True)
    number = sum(1 for _ in folder.glob(f"{path.name}.*")) + 1
    return path.replace(folder / f"{path.name}.{number}")


def archived_as(archive: Path, sha256: str) -> Path:
    """Where the archive keeps these bytes. Raises InputError when it has lost them."""
    kept = [path for path in sorted((archive / sha256[:2]).glob(f"{sha256}*")) if path.suffix != ".part"]
    if not kept:
        raise InputError(f"{archive} 里找不到原件 {sha256}，请从备份恢复这个文件夹")
    return kept[0]
