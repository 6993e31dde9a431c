"""Files dropped on the page, saved into the inbox: whole or not at all, under nothing but a name, nothing lost."""

import errno
import hashlib
import os
import re
import time
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

from flows.files import hindered
from flows.inbox.names import is_submission
from schemas.errors import InputError

LARGEST = 300 << 20
"""Bytes of one file: what the inbox takes of a zip of many."""
WITHDRAWN = "撤下"
"""The folder beside the inbox for files that no run is to read."""
LONGEST = 180
"""Bytes of a name: less than any system's 255, with room for a number and the mark of what is not finished."""
LONGEST_FOLDER, DEEPEST = 60, 4
"""Bytes of a folder's name, and how many folders deep: with a name less than the 4,096 of a path."""
ABANDONED = 600.0
"""Seconds without a byte after which what a page was saving is what a killed one left: a browser gives up sooner."""
_PARTIAL = re.compile(r"\.[0-9a-f]{16}\.part")
"""How a page names what it is saving; nobody else names a file so."""
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
"""Names that Windows keeps for devices."""
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
"""What Windows allows in no name, and what moves a screen's cursor."""


def safe_name(said: str) -> str:
    """The last part of what a browser calls a file, fit for every system. Raises InputError for one that is no name."""
    name = _fit(re.split(r"[/\\]", said)[-1])
    stem, suffix = os.path.splitext(name)
    stem = _cut(stem, LONGEST - len(suffix.encode()))
    if not stem or stem.startswith(".") or len(suffix.encode()) > 20:
        raise InputError(f"“{said[-60:]}”不能作文件名，没有存")
    if _DEVICES.fullmatch(stem.split(".")[0]):
        stem = f"_{stem}"
    if not is_submission(stem + suffix):
        raise InputError(f"“{name}”是别的程序的临时文件，没有存")
    return stem + suffix


def safe_folder(said: str) -> Path:
    """The folders that a dropped file lies in, the nearest few, fit for every system and always within the inbox.

    Whose a file is may be said by its folder alone, so a folder that is dropped stays one.
    """
    parts = [_cut(_fit(part).lstrip(". "), LONGEST_FOLDER) for part in re.split(r"[/\\]", said)]
    near = [part for part in parts if part][-DEEPEST:]
    return Path(*(f"_{part}" if _DEVICES.fullmatch(part.split(".")[0]) else part for part in near))


def _fit(said: str) -> str:
    """Without what no system has in a name, and without letters that are not seen."""
    name = unicodedata.normalize("NFC", said)
    name = "".join(letter for letter in name if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co"))
    return _FORBIDDEN.sub("_", name).strip().rstrip(". ")


def _cut(text: str, longest: int) -> str:
    """As much of it as takes so many bytes."""
    while len(text.encode()) > longest and text:
        text = text[:-1]
    return text


async def save(
    stream: AsyncIterator[bytes], said: str, folder: Path, archive: Path, largest: int | None = None,
    check: Callable[[Path, str], Awaitable[None]] | None = None, within: Path = Path(), declared: str | None = None,
) -> tuple[str, bool]:  # fmt: skip
    """Put what comes into the inbox; what it is called there, and whether it is new: the same bytes are kept once.

    It takes the place of an earlier file of that name which the archive has; of one that nobody has kept yet it does
    not, and gets a number. Raises InputError for what cannot be saved, or what `check` refuses, which is given the
    whole file and what it is to be called before it has its place. `within`: its folder within the inbox. `largest`:
    bytes, in place of what a clerk may send; `declared`: how many it says will come, refused before they do.
    """
    name, largest = safe_name(said), largest or LARGEST
    if not folder.is_dir():
        raise InputError(f"找不到收件夹：{folder}")
    too_large = InputError(f"“{name}”超过 {largest >> 20} MB，没有存")
    if declared and declared.isascii() and declared.isdigit() and int(declared) > largest:
        raise too_large
    partial = folder / f".{hashlib.sha256(os.urandom(16)).hexdigest()[:16]}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with partial.open("xb") as file:
            async for piece in stream:
                size += len(piece)
                if size > largest:
                    raise too_large
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise InputError(f"“{name}”是空文件，没有存")
        if check:
            await check(partial, (within / name).as_posix())
        target = folder
        for part in within.parts:  # not the inbox itself, were it gone
            target /= part
            target.mkdir(exist_ok=True)
        placed, new = _placed(partial, name, target, archive, digest.hexdigest())
        return (within / placed).as_posix(), new
    except OSError as error:
        raise InputError(f"“{name}”没有存：{hindered(error)}") from None
    finally:
        with suppress(OSError):  # an inbox that has gone meanwhile has taken it along
            partial.unlink(missing_ok=True)


def clear_away(folder: Path) -> None:
    """Remove what a page that was killed has left of an upload; whoever sent it has been told of no success."""
    with suppress(OSError):  # an inbox that is not there
        for path in folder.iterdir():
            with suppress(OSError):
                if _PARTIAL.fullmatch(path.name) and time.time() - path.lstat().st_mtime > ABANDONED:
                    path.unlink()


def _placed(partial: Path, name: str, folder: Path, archive: Path, digest: str) -> tuple[str, bool]:
    """Give the file its name, or the next free one; a name is taken only by making it, so that two cannot have it."""
    stem, suffix = os.path.splitext(name)
    size = partial.stat().st_size
    for number in count(1):
        tried = name if number == 1 else f"{stem} ({number}){suffix}"
        path = folder / tried
        try:
            os.link(partial, path) if hasattr(os, "link") else path.touch(exist_ok=False)
        except FileExistsError:
            if path.is_file() and path.stat().st_size == size and _digest(path) == digest:
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


def lying(folder: Path) -> list[str]:
    """What lies in the inbox and may be a report, by its path within it, in order."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and is_submission(path.name)
    )


def withdraw(name: str, folder: Path, archive: Path) -> Path:
    """Move a file of the inbox that the archive has to where no run reads it. Raises InputError for any other."""
    if name not in lying(folder):
        raise InputError(f"收件夹里没有“{name[-60:]}”")
    path = folder / name
    if not is_archived(path, archive):
        raise InputError(f"“{name}”还没有汇总过，请先汇总再撤下")
    aside = folder.with_name(WITHDRAWN)
    aside.mkdir(exist_ok=True)
    tried = (aside / (path.name if not number else f"{path.stem} ({number}){path.suffix}") for number in count())
    return path.rename(next(target for target in tried if not target.exists()))


def is_archived(path: Path, archive: Path) -> bool:
    """Whether the archive has these bytes."""
    digest = _digest(path)
    return any(each.suffix != ".part" for each in (archive / digest[:2]).glob(f"{digest}*"))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
