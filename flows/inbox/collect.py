"""Collect: which files lie in the inbox, and their bytes kept under their SHA-256."""

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from flows.inbox.archive import Changing, digest_of, keep
from flows.inbox.unpack import Unpacker, may_hold_files
from flows.reading.guard import LARGEST_UNPACKED, MB
from flows.reading.records import Received
from flows.values.characters import printable
from schemas.errors import InputError
from schemas.findings import Finding
from schemas.outputs import ARCHIVE

LOCK_PREFIXES = ("~$", ".~lock.")
NOT_SUBMISSIONS = {"thumbs.db", "desktop.ini", ".ds_store", "readme.md"}
_HEAD = 30 + 64
"""Bytes that tell a workbook from a zip of several."""


@dataclass
class Inbox:
    """What lies in the inbox: the files to read, and findings about files that are no submission."""

    files: list[Received] = field(default_factory=list)
    notices: list[tuple[str, Finding]] = field(default_factory=list)


def collect(inputs: Path, outputs: Path, year: int) -> Inbox:
    """Keep every file of the year's inbox in the archive; nothing is parsed but in processes of its own.

    Raises InputError when the inbox does not exist. Files in folders and zips of several workbooks are taken too.
    What cannot be opened is told and stops nothing.
    """
    folder = inputs / str(year) / "submissions"
    if not folder.is_dir():
        raise InputError(f"找不到收件夹：{folder}（请把各单位报来的文件放在这里）")
    inbox = Inbox()
    paths, faults = _found(folder)
    with Unpacker(outputs / ARCHIVE) as unpack:
        for path in paths:
            name = _printable(path.relative_to(folder))
            if path.name.startswith(LOCK_PREFIXES):
                inbox.notices.append((name, Finding("FILE_OPEN_ELSEWHERE", details={"file": name})))
                continue
            try:
                inbox.files += _kept(path, name, outputs / ARCHIVE, unpack)
            except _NotTaken as refused:
                inbox.notices.append((name, Finding(refused.code, details={"file": name, "why": refused.why})))
    for path, why in faults:
        name = _printable(path.relative_to(folder))
        inbox.notices.append((name, Finding("FILE_NOT_TAKEN", details={"file": name, "why": why})))
    return inbox


class _NotTaken(Exception):
    """The file cannot be kept; says which finding tells so, and why."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(code, why)
        self.code, self.why = code, why


def _kept(path: Path, name: str, archive: Path, unpack: Unpacker) -> list[Received]:
    """The file in the archive, or the files within it. Raises _NotTaken; a failing archive is our own failure."""
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(path.open("rb"))
            size = os.fstat(stream.fileno()).st_size
            if size > LARGEST_UNPACKED:
                raise _NotTaken("FILE_TOO_BIG", f"文件 {size // MB} MB，最多 {LARGEST_UNPACKED // MB} MB")
            head, digest = stream.read(_HEAD), digest_of(stream)
        except OSError as error:
            raise _NotTaken("FILE_NOT_TAKEN", _reason(error)) from None
        try:
            inner = unpack(path, name) if may_hold_files(head) else []
            return inner or [keep(stream, digest, name, archive)]
        except Changing:
            raise _NotTaken("FILE_NOT_TAKEN", "正在被改写") from None


def _found(folder: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The files that somebody meant to send, in order; and what lies there besides and why it cannot be taken."""
    paths: list[Path] = []
    faults: list[tuple[Path, str]] = []

    def tell(error: OSError) -> None:
        faults.append((Path(error.filename), _reason(error)))

    for root, folders, names in os.walk(folder, onerror=tell):
        for path in (Path(root) / name for name in names if name.lower() not in NOT_SUBMISSIONS):
            paths.append(path) if path.is_file() else faults.append((path, "不是文件"))
        links = (path for name in folders if (path := Path(root) / name).is_symlink())
        faults.extend((path, "是指向别处的文件夹") for path in links)
    return sorted(paths), faults


def _reason(error: OSError) -> str:
    """Why the system refuses a file, in words."""
    if isinstance(error, PermissionError):
        return "没有权限，或正被别的程序占用"
    return "文件已经不在" if isinstance(error, FileNotFoundError) else f"系统报错：{error.strerror}"


def _printable(path: Path) -> str:
    """The path as text: GBK where the name is in bytes that are no UTF-8, without what would upset a screen."""
    name = path.as_posix()
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        name = os.fsencode(name).decode("gb18030", "replace")
    return printable(name).replace("\n", "�").replace("\t", "�")
