"""Collect: which files lie in the inbox, and their bytes kept under their SHA-256."""

import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path, PurePath, PurePosixPath

from flows.files import hindered, sync_folder
from flows.inbox.archive import Changing, digest_of, keep
from flows.inbox.names import LOCK_PREFIXES, NOT_SUBMISSIONS, is_unfinished
from flows.inbox.remote import Object, Remote
from flows.inbox.seen import Seen, mark_of
from flows.inbox.taken import Inbox, Unpacked
from flows.inbox.unpack import Unpacker, may_hold_files
from flows.reading.guard import LARGEST_UNPACKED, MB
from flows.values.characters import printable
from schemas.errors import InputError
from schemas.outputs import ARCHIVE

_HEAD = 30 + 64
"""Bytes that tell a workbook from a zip of several."""


def collect(inputs: Path, outputs: Path, year: int, url: str = "") -> Inbox:
    """Keep every file of the year's inbox in the archive; nothing is parsed but in processes of its own.

    `url` is where an inbox elsewhere is, beside the one in the inputs. Raises InputError when the inbox does not exist,
    or the one elsewhere cannot be seen whole. Files in folders and zips of several workbooks are taken too. What cannot
    be opened is told and stops nothing.
    """
    folder = inputs / str(year) / "submissions"
    if not folder.is_dir() and not url:
        raise InputError(f"找不到收件夹：{folder}（请把各单位报来的文件放在这里）")
    inbox, taking = Inbox(), Taking(outputs / ARCHIVE)
    paths, faults = _found(folder) if folder.is_dir() else ([], [])
    with taking.unpack:
        if paths:
            _take_here(folder, paths, Seen(year, outputs, outputs / ARCHIVE), inbox, taking)
        if url:
            _take_elsewhere(Remote(url, year, outputs, outputs / ARCHIVE), inbox, taking)
    taking.sync()
    for path, why in faults:
        inbox.tell("FILE_NOT_TAKEN", _printable(path.relative_to(folder)), why=why)
    return inbox


def _is_meant(last: str, name: str, inbox: Inbox) -> bool:
    """Whether a file of that name is to be taken; what is not whole is told."""
    if last.startswith(LOCK_PREFIXES):
        inbox.tell("FILE_OPEN_ELSEWHERE", name)
        return False
    if is_unfinished(last):
        inbox.tell("FILE_NOT_TAKEN", name, why="还没有下载完，或是别的程序的临时文件")
        return False
    return True


class Taking:
    """Where files are archived and zips taken apart.

    `folders` of the archive have new names; `whole` are zips that may be taken apart another time.
    """

    def __init__(self, archive: Path) -> None:
        self.archive, self.unpack = archive, Unpacker(archive)
        self.folders, self.whole = set[Path](), set[str]()

    def sync(self) -> None:
        """Make the new names outlive a power cut: each folder once, for many files come in at a time."""
        for folder in self.folders:
            sync_folder(folder)


def _take_here(folder: Path, paths: Sequence[Path], seen: Seen, inbox: Inbox, taking: Taking) -> None:
    """The files of the folder in their order; those that are the same as last time are not read."""
    for path in paths:
        name = _printable(path.relative_to(folder))
        if not _is_meant(path.name, name, inbox):
            continue
        if known := seen.known(path, name):
            inbox.take(name, *known)
        else:
            mark, now = mark_of(path), time.time_ns()
            held = _take(path, name, inbox, taking)
            if held and not held.foreign and name not in taking.whole:
                seen.note(path, name, mark, now, held)
    seen.remember()


def _take(path: Path, name: str, inbox: Inbox, taking: Taking) -> Unpacked | None:
    """A file into the archive and the inbox; None where it was told why not."""
    try:
        held = _kept(path, name, taking)
    except _NotTaken as refused:
        inbox.tell(refused.code, name, why=refused.why)
        return None
    inbox.take(name, *held)
    return held


def _take_elsewhere(remote: Remote, inbox: Inbox, taking: Taking) -> None:
    """The files of an inbox elsewhere in their order, by the same way; those taken before are not fetched again."""
    meant = [(one, held) for one in remote.listed() if _may_be_had(one, inbox) for held in [remote.known(one)]]
    fetched, whole = remote.fetched([one for one, held in meant if held is None]), False
    try:
        for one, held in meant:
            name = _printable(PurePosixPath(one.name))
            place = next(fetched) if held is None else None
            if held:
                inbox.take(name, *held)
            elif isinstance(place, Path):
                if held := _take(place, name, inbox, taking):
                    remote.take(one, held)
            else:
                inbox.tell("FILE_NOT_TAKEN", name, why=str(place))
        whole = True
    finally:
        fetched.close()
        remote.remember(whole=whole)


def _may_be_had(one: Object, inbox: Inbox) -> bool:
    """Whether a file elsewhere is to be taken, by its name and size alone; what is not whole or too big is told."""
    path = PurePosixPath(one.name)
    name = _printable(path)
    if path.name.lower() in NOT_SUBMISSIONS or not _is_meant(path.name, name, inbox):
        return False
    if one.size is None:
        inbox.tell("FILE_NOT_TAKEN", name, why="那边没有说文件有多大")
    elif one.size > LARGEST_UNPACKED:
        inbox.tell("FILE_TOO_BIG", name, why=_too_big(one.size))
    else:
        return True
    return False


class _NotTaken(Exception):
    """The file cannot be kept; says which finding tells so, and why."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(code, why)
        self.code, self.why = code, why


def _kept(path: Path, name: str, taking: Taking) -> Unpacked:
    """The file in the archive, or the files within it. Raises _NotTaken; a failing archive is our own failure.

    A zip that holds more than reports is kept whole besides.
    """
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(open(path, "rb", opener=_not_elsewhere))
            size = os.fstat(stream.fileno()).st_size
            if size > LARGEST_UNPACKED:
                raise _NotTaken("FILE_TOO_BIG", _too_big(size))
            head, digest = stream.read(_HEAD), digest_of(stream)
        except OSError as error:
            raise _NotTaken("FILE_NOT_TAKEN", hindered(error)) from None
        try:
            inner = taking.unpack.taken_apart(path, name) if may_hold_files(head) else Unpacked([], [])
            if inner.kept and not inner.foreign:
                return inner
            whole = keep(stream, digest, name, taking.archive, taking.folders.add)
            if inner.kept:
                return inner
            taking.whole |= {name} if may_hold_files(head) else set()
            return Unpacked([whole], [])
        except Changing:
            raise _NotTaken("FILE_NOT_TAKEN", "正在被改写") from None


def _found(folder: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The files that somebody meant to send, in order; and what lies there besides and why it cannot be taken."""
    paths: list[Path] = []
    faults: list[tuple[Path, str]] = []

    def tell(error: OSError) -> None:
        faults.append((Path(error.filename), hindered(error)))

    for root, folders, names in os.walk(folder, onerror=tell):
        for path in (Path(root) / name for name in names if name.lower() not in NOT_SUBMISSIONS):
            if _is_link(path):
                faults.append((path, "是指向别处的链接，请放文件本身"))
            else:
                paths.append(path) if path.is_file() else faults.append((path, "不是文件"))
        links = [name for name in folders if _is_link(Path(root) / name)]
        folders[:] = [name for name in folders if name not in links]
        faults.extend((Path(root) / name, "是指向别处的文件夹") for name in links)
    return sorted(paths, key=lambda path: path.parts), faults


def _is_link(path: Path) -> bool:
    """Whether a name only points elsewhere: a symbolic link, or a junction of Windows."""
    return path.is_symlink() or getattr(os.path, "isjunction", lambda _: False)(path)


def _not_elsewhere(path: str, flags: int) -> int:
    """Open a file itself: not what a link points to since it was looked at, and not a pipe that would block."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _too_big(size: int) -> str:
    return f"文件 {size // MB} MB，最多 {LARGEST_UNPACKED // MB} MB"


def _printable(path: PurePath) -> str:
    """The path as text: GBK where the name is in bytes that are no UTF-8, without what would upset a screen."""
    name = path.as_posix()
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        name = os.fsencode(name).decode("gb18030", "replace")
    return printable(name).replace("\n", "�").replace("\t", "�")
