"""The archive: every file that was received, under its SHA-256, never changed and never written twice."""

import hashlib
import os
import shutil
from pathlib import Path
from typing import BinaryIO

from flows.reading.records import Received
from schemas.errors import InputError

KNOWN_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et", ".csv", ".zip"}


class Changing(Exception):
    """The file became another while it was kept: somebody is still writing it."""


def digest_of(stream: BinaryIO) -> str:
    """The SHA-256 of a stream from its beginning, read piece by piece."""
    stream.seek(0)
    return hashlib.file_digest(stream, "sha256").hexdigest()


def keep(stream: BinaryIO, digest: str, name: str, archive: Path) -> Received:
    """Store a stream under its digest (whole or not at all) and say where; the same bytes are kept once.

    Raises Changing when the bytes no longer have that digest.
    """
    suffix = Path(name).suffix.lower()
    path = archive / digest[:2] / (digest + (suffix if suffix in KNOWN_SUFFIXES else ""))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.part")
        stream.seek(0)
        with partial.open("w+b") as copy:
            shutil.copyfileobj(stream, copy)
            same = digest_of(copy) == digest
        if not same:
            partial.unlink()
            raise Changing
        os.replace(partial, path)
    return Received(path=str(path), file=name, sha256=digest, size=path.stat().st_size)


def archived_as(archive: Path, sha256: str) -> Path:
    """Where the archive keeps these bytes. Raises InputError when it has lost them."""
    kept = [path for path in sorted((archive / sha256[:2]).glob(f"{sha256}*")) if path.suffix != ".part"]
    if not kept:
        raise InputError(f"{archive} 里找不到原件 {sha256}，请从备份恢复这个文件夹")
    return kept[0]
