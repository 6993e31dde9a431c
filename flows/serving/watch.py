"""The inbox watched: something has come, it is whole, and it lies still.

Events tell at once where the system has them; a poll behind them finds what comes over a network share, where it has
none. What is compared is a snapshot: size, time and number of every file that may be a submission.
"""

import os
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from flows.files import write_atomically
from flows.inbox.names import is_submission
from flows.serving.elsewhere import Elsewhere, Snapshot

STILL = 1.5
"""Seconds in which nothing may change before what has come is taken: a slow copy pauses for less than 1."""
POLL, CLOSELY = 15.0, 0.25
"""Seconds between two looks: while nothing happens, and while something that has come is not still yet."""
STEP = 200
"""Milliseconds without a change after which changes are told: the system is asked that often, which at watchfiles' own
50 took 0.09% of a core (November 2026)."""
GONE = "收件夹 {} 不在了（网络盘断开了，或改了名），等它回来再收；已收到的文件和已入库的数都在。"
PATIENCE = 120.0
"""Seconds after which one file that never rests keeps the others waiting no longer."""


def snapshot(folder: Path, beside: Iterable[Path] = ()) -> Snapshot | None:
    """What lies in the folder, and the files beside it that matter as well; None while the folder is not there.

    Of each its size, its time in nanoseconds and its number on the disk.
    """
    if not folder.is_dir():
        return None
    found = [Path(root) / name for root, _, names in os.walk(folder) for name in names if is_submission(name)]
    return _stated([*found, *beside])


def _stated(paths: Iterable[Path]) -> Snapshot:
    seen: Snapshot = {}
    for path in paths:
        with suppress(OSError):  # gone since, or somebody has it open: the next look will see
            stat = path.stat()
            seen[str(path)] = stat.st_size, stat.st_mtime_ns, stat.st_ino
    return seen


class Stillness:
    """Says when what has come since the last taking lies still. Pure: it is told what is seen, and when."""

    def __init__(self, taken: Snapshot | None = None) -> None:
        self.taken: Snapshot = taken or {}
        self._seen: Snapshot | None = None
        self._since = self._first = 0.0

    @property
    def waits(self) -> bool:
        """Whether something has come that is not still yet."""
        return self._seen is not None

    def look(self, seen: Snapshot | None, now: float) -> bool:
        """Whether it is time to take what is seen. An inbox that is not there, or all at once empty, is waited for."""
        if not seen or seen == self.taken:
            self._seen = None
            return False
        if self._seen is None:
            self._first = now
        if seen != self._seen:
            self._seen, self._since = seen, now
        return now - self._since >= STILL or now - self._first >= PATIENCE

    def take(self) -> Snapshot:
        """What was seen last is taken now."""
        assert self._seen is not None
        return self.overtake(self._seen)

    def overtake(self, seen: Snapshot) -> Snapshot:
        """This is taken now, still or not: what is not whole yet will change, and so be news again."""
        self.taken, self._seen = seen, None
        return seen


def news(seen: Snapshot, before: Snapshot) -> int:
    """How many files are new, have changed or are gone."""
    return sum(before.get(path) != seen.get(path) for path in before.keys() | seen.keys())


def listen(folder: Path, heard: threading.Event, stop: threading.Event) -> threading.Thread:
    """Set `heard` whenever the system tells of a change in the folder, until `stop`; where it cannot, a poll serves."""
    thread = threading.Thread(target=_listen, args=(folder, heard, stop), daemon=True)
    thread.start()
    return thread


def _listen(folder: Path, heard: threading.Event, stop: threading.Event) -> None:
    while not stop.is_set():
        with suppress(OSError, RuntimeError):  # not there yet, unmounted, or no more watches to be had
            _tell(folder, heard, stop)
            continue
        stop.wait(POLL)


def _tell(folder: Path, heard: threading.Event, stop: threading.Event) -> None:
    """Tell of changes for as long as it is the same folder: of one that is mounted anew the system tells nothing."""
    from watchfiles import watch  # heavy: anyio

    place = _place(folder)
    heard.set()
    for changes in watch(
        folder, stop_event=stop, watch_filter=_may_matter, step=STEP, rust_timeout=5_000, yield_on_timeout=True
    ):
        if changes:
            heard.set()
        if _place(folder) != place:
            return


def _place(folder: Path) -> tuple[int, int]:
    stat = folder.stat()
    return stat.st_dev, stat.st_ino


def _may_matter(_: object, path: str) -> bool:
    return is_submission(os.path.basename(path))


class Watch:
    """The inbox of the year, with what a run took last: kept on the disk, so that the next start knows what came."""

    def __init__(self, inputs: Path, year: int, kept: Path, elsewhere: Elsewhere | None = None) -> None:
        self.inputs, self.year, self._kept, self._elsewhere = inputs, year, kept, elsewhere
        self.folder = inputs / str(year) / "submissions"
        self._heard, self._stop, self._next = threading.Event(), threading.Event(), 0.0
        self.before: Snapshot = {}
        """What the last run that ended well had taken."""
        self._still = Stillness()
        self.gone = ""
        """That the inbox could not be seen when it was last looked at, in words."""
        self.since: datetime | None = None
        """Until when anybody has watched before; None where nobody has."""

    def __enter__(self) -> "Watch":
        with suppress(OSError, msgspec.DecodeError):
            self.before = self.read()
            self._still = Stillness(self.before)
            self.since = datetime.fromtimestamp(self._kept.stat().st_mtime, UTC)
        listen(self.folder, self._heard, self._stop)
        if self._elsewhere:
            self._elsewhere.begin(self.before, self._heard, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with suppress(OSError):
            os.utime(self._kept)

    def look(self) -> Snapshot | None:
        """What has come in and lies still, once; None while there is nothing."""
        now = time.monotonic()
        if now < self._next and not self._heard.is_set():
            return None
        self._heard.clear()
        seen = self.now()
        self.gone = self._away() if seen is None else ""
        ready = self._still.look(seen, now)
        self._next = now + (CLOSELY if self._still.waits else POLL)
        return self._still.take() if ready else None

    def take(self) -> Snapshot | None:
        """What lies there, for a run that begins after this and not for another; None while the inbox is not there."""
        seen = self.now()
        return self._still.overtake(seen) if seen else seen

    def now(self) -> Snapshot | None:
        """What lies there, with what else of the clerk's files a run follows; None while the inbox is not there."""
        found = (self.inputs.glob("*.*"), (self.inputs / str(self.year)).glob("*.toml"))
        beside = [path for some in found for path in some]
        here = snapshot(self.folder, beside)
        if self._elsewhere is None:
            return here
        there = self._elsewhere.seen()
        return None if there is None else (_stated(beside) if here is None else here) | there

    @property
    def where(self) -> str:
        """Where the inbox is."""
        return f"{self.folder}" + (f"，和 {self._elsewhere.url}" if self._elsewhere else "")

    def _away(self) -> str:
        return self._elsewhere.away if self._elsewhere else GONE.format(self.folder)

    def read(self) -> Snapshot:
        """What was kept last. Raises OSError or DecodeError where nothing was."""
        return msgspec.json.decode(self._kept.read_bytes(), type=Snapshot)

    def keep(self, seen: Snapshot) -> None:
        """A run has taken this, and ended well."""
        self.before = seen
        write_atomically(self._kept, msgspec.json.encode(seen))
