"""An inbox elsewhere: an object store or whatever fsspec reaches by a URL, so that many PCs need no shared folder.

The files of a year lie under `URL/<year>/`, in folders or not. A listing counts only when it is whole: a part of one
would look as if the rest had been withdrawn. Nothing but a listing is asked of what was taken before and has not
changed. Keys to the store come from the environment, as the store's own programs take them, and stand in no file of
ours. fsspec is imported only inside functions: hardly any office has such an inbox.
"""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec

from flows.files import write_atomically
from flows.inbox.archive import Kept, holds
from flows.inbox.taken import Unpacked
from flows.reading.records import Received
from schemas.errors import InputError

AT_ONCE = 8
"""Downloads at a time: what each waits for is the network, and on this PC lie no more than so many."""
PIECE = 16 << 20
"""Bytes asked for at a time: a report is one piece, and a zip of a thousand is never held in memory."""
_TELLING = ("ETag", "etag", "LastModified", "last_modified", "mtime", "modified", "created", "sha256", "md5")
"""What listings of the several kinds of store say of a file besides its size that another version has otherwise."""


class Object(NamedTuple):
    """A file of the store: its path there, its name within the inbox, its size, and by what its version is known."""

    path: str
    name: str
    size: int | None
    mark: str


class Unreached(InputError):
    """The inbox cannot be seen whole; why, in words."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"收件夹 {url}：{why}。这次什么也没有汇总")
        self.why = why


class NotFetched(Exception):
    """One file could not be had, and the others may; why, in words."""


class Taken(msgspec.Struct, frozen=True):
    """What a file held when it was taken: the files in the archive, their paths within it, and what was no report."""

    mark: str
    files: tuple[Received, ...]
    foreign: tuple[str, ...] = ()


class Remote:
    """The year's inbox at a URL, and what was taken from it before: kept in the outputs; lost, it is fetched again."""

    def __init__(self, url: str, year: int, outputs: Path, archive: Path) -> None:
        self.url, self.year, self._archive = url, year, archive
        self._kept = outputs / ".inbox" / f"{year}.json"
        self._store, self._root = _reached(url)
        self._before: dict[str, Taken] = {}
        with suppress(OSError, msgspec.DecodeError):
            self._before = msgspec.json.decode(self._kept.read_bytes(), type=dict[str, Taken])
        self._now: dict[str, Taken] = {}

    def listed(self) -> list[Object]:
        """All files of the year, in order. Raises Unreached where the listing cannot be had whole."""
        folder = f"{self._root}/{self.year}"
        with _told(self.url):
            self._store.invalidate_cache()
            self._store.ls(self._root, detail=False)  # a missing year is an empty inbox, a missing inbox a mistake
            try:
                infos = list(_walked(self._store, folder))
            except FileNotFoundError:
                return []
        found = [_object(info, folder) for info in infos]
        return sorted((one for one in found if one.name), key=lambda one: one.name)

    def known(self, one: Object) -> Unpacked | None:
        """What it held, when it was taken in this version and the archive still has it; else None."""
        taken = self._before.get(one.path)
        if not taken or not one.mark or taken.mark != one.mark:
            return None
        files = [msgspec.structs.replace(file, path=str(self._archive / file.path)) for file in taken.files]
        if not all(holds(Path(file.path), file.sha256, file.size) for file in files):
            return None
        self._now[one.path] = taken
        return Unpacked([Kept(file, "there") for file in files], list(taken.foreign))

    def take(self, one: Object, held: Unpacked) -> None:
        """Remember what a file held."""
        within = tuple(
            msgspec.structs.replace(kept.received, path=Path(kept.received.path).relative_to(self._archive).as_posix())
            for kept in held.kept
        )
        self._now[one.path] = Taken(one.mark, within, tuple(held.foreign))

    def remember(self, *, whole: bool) -> None:
        """Keep on the disk what was taken; what was before as well, unless all of the listing has been gone through."""
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        kept = self._now if whole else self._before | self._now
        write_atomically(self._kept, msgspec.json.encode(kept))

    def fetched(self, objects: Sequence[Object]) -> Generator[Path | NotFetched]:
        """Each file in a place of ours, under a name of ours, until the next is asked for; or why it is not.

        Raises InputError where the store itself fails.
        """
        waiting = iter(objects)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while some := list(islice(waiting, AT_ONCE)):
                with TemporaryDirectory(prefix="cunhui-") as folder:
                    places = [Path(folder) / str(number) for number in range(len(some))]
                    with _told(self.url):
                        done = list(pool.map(self._fetch, some, places))
                    yield from done

    def _fetch(self, one: Object, place: Path) -> Path | NotFetched:
        try:
            return self._fetch_pieces(one, place)
        except FileNotFoundError:
            return NotFetched("文件已经不在")
        except PermissionError:
            return NotFetched("没有权限")

    def _fetch_pieces(self, one: Object, place: Path) -> Path | NotFetched:
        """The file piece by piece; of the last one byte more is asked for than there should be."""
        size, got = one.size or 0, 0
        before = self._version(one)
        with place.open("wb") as file:
            for start in range(0, size, PIECE):
                data = self._store.cat_file(one.path, start=start, end=min(start + PIECE, size + 1))
                got += file.write(data)
        return place if got == size and self._version(one) == before else NotFetched("正在被改写")

    def _version(self, one: Object) -> str:
        """What tells one version from the next while pieces come; a single piece is of one version."""
        return _mark(self._store.info(one.path, refresh=True)) if (one.size or 0) > PIECE else ""


def is_there(url: str, year: int) -> bool:
    """Whether the inbox at that URL has anything of the year. Raises InputError where it cannot be reached."""
    store, root = _reached(url)
    with _told(url):
        try:
            return bool(store.ls(f"{root}/{year}", detail=False))
        except FileNotFoundError:
            return False


def _reached(url: str) -> tuple[Any, str]:
    """The store of a URL and the path there. A new one: keys may have changed since."""
    from fsspec.core import url_to_fs  # heavy: what Prefect brings

    try:
        store, root = url_to_fs(url, skip_instance_cache=True)
    except ImportError:
        how = '请运行：pip install "cunhui[remote]"（s3:// 用它；别的网址各有自己的包，见 fsspec 的说明）'
        raise InputError(f"收件夹在 {url}，要先装取文件的包，{how}") from None
    except ValueError:
        raise InputError(f"township.toml 里的 inbox 写的是 {url}，不认识这种网址，s3 写作 s3://桶/文件夹") from None
    return store, str(root).rstrip("/")


def _walked(store: Any, folder: str) -> Iterator[dict[str, Any]]:
    """What is said of every file under a folder; any fault is raised, where fsspec's own `find` leaves a folder out."""
    waiting, seen = [folder], set[str]()
    while waiting:
        here = waiting.pop()
        seen.add(here)
        for info in store.ls(here, detail=True):
            path = str(info["name"]).rstrip("/")
            if info.get("type") == "directory":
                waiting += [path] if path not in seen and not info.get("islink") else []
            elif path != here and not info.get("islink"):
                yield info


def _object(info: dict[str, Any], folder: str) -> Object:
    """A file by what a listing says of it; its name is text to be shown, and leads nowhere."""
    path = str(info["name"])
    within = path[path.find(folder) + len(folder) :] if folder in path else path
    parts = [part for part in within.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    size = info.get("size")
    return Object(path, "/".join(parts), int(size) if size is not None else None, _mark(info))


def _mark(info: dict[str, Any]) -> str:
    said = [f"{key}={info[key]}" for key in _TELLING if info.get(key)]
    return " ".join([*said, f"size={info.get('size')}"]) if said else ""


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Whatever a store's own program raises, as one line; it never says a key, and neither do we."""
    try:
        yield
    except FileNotFoundError:
        why = "没有这个桶或文件夹，或里面还什么都没有，请核对 township.toml 里的 inbox"
    except PermissionError:
        why = "没有权限，请核对环境变量里的钥匙，和这把钥匙能看、能读哪些"
    except Exception as error:  # each store has kinds of its own
        why = (
            "环境变量里没有钥匙（s3 是 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY）"
            if "Credential" in type(error).__name__
            else f"连不上，或中途断了（{type(error).__name__}），请核对网络和地址"
        )
    else:
        return
    raise Unreached(url, why) from None
