"""Files dropped on the page, saved into the inbox: whole or not at all, under nothing but a name, nothing lost."""

import errno
import hashlib
import os
import re
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path

from flows.inbox.names import is_submission
from schemas.errors import InputError

LARGEST = 300 << 20
"""Bytes of one file: what the inbox takes of a zip of many."""
WITHDRAWN = "撤下"
"""The folder beside the inbox for files that no run is to read."""
LONGEST = 180
"""Bytes of a name: less than any system's 255, with room for a number and the mark of what is not finished."""
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
"""Names that Windows keeps for devices."""
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
"""What Windows allows in no name, and what moves a screen's cursor."""


def safe_name(said: str) -> str:
    """The last part of what a browser calls a file, fit for every system. Raises InputError for one that is no name."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", said)[-1])
    name = "".join(letter for letter in name if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co"))
    name = _FORBIDDEN.sub("_", name).strip().rstrip(". ")
    stem, suffix = os.path.splitext(name)
    while len((stem + suffix).encode()) > LONGEST and stem:
        stem = stem[:-1]
    if not stem or stem.startswith(".") or len(suffix.encode()) > 20:
        raise InputError(f"“{said[-60:]}”不能作文件名，没有存")
    if _DEVICES.fullmatch(stem.split(".")[0]):
        stem = f"_{stem}"
    if not is_submission(stem + suffix):
        raise InputError(f"“{name}”是别的程序的临时文件，没有存")
    return stem + suffix


async def save(
    stream: AsyncIterator[bytes], said: str, folder: Path, archive: Path, largest: int | None = None,
    check: Callable[[Path, str], Awaitable[None]] | None = None,
) -> tuple[str, bool]:  # fmt: skip
    """Put what comes into the inbox; the name it has there, and whether it is new: the same bytes are kept once.

    It takes the place of an earlier file of that name which the archive has; of one that nobody has kept yet it does
    not, and gets a number. Raises InputError for what cannot be saved, or what `check` refuses, which is given the
    whole file and its name before it has its place. `largest`: bytes, in place of what a clerk may send.
    """
    name, largest = safe_name(said), largest or LARGEST
    if not folder.is_dir():
        raise InputError(f"找不到收件夹：{folder}")
    partial = folder / f".{hashlib.sha256(os.urandom(16)).hexdigest()[:16]}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with partial.open("xb") as file:
            async for piece in stream:
                size += len(piece)
                if size > largest:
                    raise InputError(f"“{name}”超过 {largest >> 20} MB，没有存")
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise InputError(f"“{name}”是空文件，没有存")
        if check:
            await check(partial, name)
        return _placed(partial, name, folder, archive, digest.hexdigest())
    except OSError as error:
        full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None))
        why = "磁盘满了，请腾出空间" if full else f"收件夹写不进去（{error.strerror}）"
        raise InputError(f"“{name}”没有存：{why}") from None
    finally:
        partial.unlink(missing_ok=True)


def _placed(partial: Path, name: str, folder: Path, archive: Path, digest: str) -> tuple[str, bool]:
    """Give the file its name, or the next free one; a name is taken only by making it, so that two cannot have it."""
    stem, suffix = os.path.splitext(name)
    for number in count(1):
        tried = name if number == 1 else f"{stem} ({number}){suffix}"
        path = folder / tried
        try:
            os.link(partial, path) if hasattr(os, "link") else path.touch(exist_ok=False)
        except FileExistsError:
            if path.is_file() and _digest(path) == digest:
                return tried, False
            if not is_archived(path, archive):
                continue
            os.replace(partial, path)
        except OSError as error:  # a disk without links, such as a stick's
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
            if path.exists():
                continue
            os.replace(partial, path)
        return tried, True
    raise AssertionError  # count never ends


def withdraw(name: str, folder: Path, archive: Path) -> Path:
    """Move a file of the inbox that the archive has to where no run reads it. Raises InputError for any other."""
    listed = {path.name: path for path in folder.iterdir() if path.is_file() and is_submission(path.name)}
    path = listed.get(name)
    if path is None:
        raise InputError(f"收件夹里没有“{name[-60:]}”")
    if not is_archived(path, archive):
        raise InputError(f"“{name}”还没有汇总过，请先汇总再撤下")
    aside = folder.with_name(WITHDRAWN)
    aside.mkdir(exist_ok=True)
    tried = (aside / (name if not number else f"{path.stem} ({number}){path.suffix}") for number in count())
    return path.rename(next(target for target in tried if not target.exists()))


def is_archived(path: Path, archive: Path) -> bool:
    """Whether the archive has these bytes."""
    digest = _digest(path)
    return any(each.suffix != ".part" for each in (archive / digest[:2]).glob(f"{digest}*"))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
