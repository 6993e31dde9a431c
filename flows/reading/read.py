"""Read: archived files to readings, in processes of their own so that no file can harm or stop the collection.

A file that kills or hangs its reading process becomes a finding; the others go on, at the cost of one restart.
"""

import multiprocessing
import multiprocessing.context
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, TimeoutError, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from types import TracebackType

import msgspec
from pebble import ProcessExpired, ProcessPool

from flows.reading import child
from flows.reading.guard import Refused
from flows.reading.orphan import deaf
from flows.reading.records import (
    Answer,
    ListCell,
    Reading,
    Received,
    Wanted,
)

__all__ = ["Answer", "ListCell", "Readers", "Reading", "Received", "Wanted", "keeping", "read_files"]

SECONDS_ALONE = 8
SECONDS_TOGETHER = 5
"""Processor time of a file read alone, and of a batch: a file that hangs costs both. A form takes 0.02 s, the slowest
of the sample 0.04 s (2026-11); the rest is for a PC many times slower and for workbooks as large as is allowed."""
PATIENCE = 15
"""Wall time allowed for each second of processor time: how much else a sound file's computer may have to do."""
MEMORY = 1_536 << 20
"""Address space of a reading process; one that has read the sample holds 120 MB (2026-11)."""
MOST_TOGETHER = 16
BYTES_TOGETHER = 4 << 20
"""Files and bytes of a batch: 0.2 s of forms, so that what a process is sent and sends back costs little beside it,
and the bar on the screen still moves."""
FILES_PER_PROCESS = 8
"""Fewer files than this are read before a second process would have started."""
RESTARTS = 3
"""How often in a row a pool that cannot even start is made anew before it is taken for the machine's failure."""

TICK = 1.0
"""Seconds between looks at whether the pool is still alive."""

Batch = list[Received]
Flying = dict[Future, Batch]
Done = Callable[[Reading], None]
_decode = msgspec.msgpack.Decoder(Reading).decode


def read_files(
    files: Sequence[Received], wanted: Wanted, workers: int, on_done: Done | None = None
) -> Iterator[Reading]:
    """One reading per file, in any order; `on_done` is called with each. Never raises for what a file holds."""
    with _kept.lent(wanted, min(workers, max(1, len(files) // FILES_PER_PROCESS))) as readers:
        yield from readers.read(files, on_done)


def keeping() -> AbstractContextManager[None]:
    """Within it, the processes that have read some files wait for the next ones, in whatever thread these are read."""
    return _kept.keeping()


class Readers:
    """Reading processes that live as long as this object."""

    def __init__(
        self, wanted: Wanted, workers: int | None = None, *, seconds: float = SECONDS_ALONE, memory: int = MEMORY
    ) -> None:
        """`seconds` is the processor time of one file, `memory` the address space of one process in bytes."""
        self.wanted, self.workers = msgspec.msgpack.encode(wanted), workers or os.cpu_count() or 1
        self.seconds, self.memory = seconds, memory
        self._pool: ProcessPool | None = None
        self._starting = threading.Lock()
        self._restarts, self._moved = 0, 0.0
        self._again, self._alone = deque[Batch](), False

    def read(self, files: Sequence[Received], on_done: Done | None = None) -> Iterator[Reading]:
        """One reading per file, in any order. Raises RuntimeError when reading processes cannot be started at all."""
        waiting, flying = deque(_batches(files, self.workers)), Flying()
        self._again, self._alone = deque(), False
        try:
            while waiting or flying or self._again:
                if not (waiting or flying):
                    waiting.append(self._again.popleft())
                    self._alone = True
                self._send(waiting, flying)
                for reading in self._landed(waiting, flying):
                    if on_done:
                        on_done(reading)
                    yield reading
        finally:
            for future in flying:
                future.cancel()

    def close(self) -> None:
        """End the processes, at once."""
        with self._starting:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()
            pool.join()

    def __enter__(self) -> "Readers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _started(self) -> ProcessPool:
        """The pool, its processes started. Never by a plain fork: the caller has threads."""
        with self._starting:
            if self._pool is None:
                start = (self.wanted, self.memory)
                context = process_context()
                pool = ProcessPool(self.workers, initializer=child.start, initargs=start, context=context)
                with deaf():
                    pool.schedule(_nothing)
                self._pool = pool
            return self._pool

    def _send(self, waiting: deque[Batch], flying: Flying) -> None:
        """Hand out batches, never so many that their readings pile up."""
        while waiting and len(flying) < 3 * self.workers:
            limit = self.seconds if len(waiting[0]) == 1 else min(self.seconds, SECONDS_TOGETHER)
            task, wall = (waiting[0], limit), PATIENCE * limit
            try:
                future = self._started().schedule(child.read_batch, args=task, timeout=wall)
            except RuntimeError:  # the pool has broken since the last one
                self._restart(waiting, flying)
            else:
                flying[future] = waiting.popleft()
                self._moved = time.monotonic()

    def _landed(self, waiting: deque[Batch], flying: Flying) -> list[Reading]:
        """The readings that have come in; when the pool itself broke or stands still, it starts anew."""
        done, _ = wait(flying, timeout=TICK, return_when=FIRST_COMPLETED)
        readings = []
        for future in done:
            if isinstance(future.exception(), BrokenProcessPool):
                self._restart(waiting, flying)
                return readings
            readings += self._taken(future, flying.pop(future))
        if done:
            self._moved = time.monotonic()
            return readings
        still = time.monotonic() - self._moved > PATIENCE * (self.seconds + SECONDS_TOGETHER) + TICK
        if still:
            for future in [future for future in flying if future.running()]:
                readings += self._ended(flying.pop(future), self._too_slow)
        if still or self._pool is None or not self._pool.active:
            self._restart(waiting, flying)
        return readings

    def _taken(self, future: Future, batch: Batch) -> list[Reading]:
        """A batch's readings, unless its process ended under it."""
        try:
            readings = [_decode(encoded) for encoded in future.result()]
        except TimeoutError:
            return self._ended(batch, self._too_slow)
        except ProcessExpired as expired:
            return self._ended(batch, self._too_slow if expired.exitcode == child.OUT_OF_TIME else self._crashed)
        except MemoryError:
            return self._ended(batch, self._crashed)
        self._restarts = 0
        for reading, received in zip(readings, batch, strict=True):
            reading.file = received.file
        return readings

    @property
    def _too_slow(self) -> str:
        return f"{self.seconds:g} 秒没有读完"

    @property
    def _crashed(self) -> str:
        return f"内存超过 {self.memory >> 20} MB 或读取程序崩溃"

    def _ended(self, batch: Batch, why: str) -> list[Reading]:
        """The files are tried again, each when nothing else is being read; one that failed then too is guilty."""
        if not self._alone:
            self._again.extend([file] for file in batch)
            return []
        return [child.failed(batch[0].file, batch[0].sha256, Refused("FILE_READER_DIED", why=why))]

    def _restart(self, waiting: deque[Batch], flying: Flying) -> None:
        waiting.extendleft(flying.values())
        flying.clear()
        self._restarts += 1
        if self._restarts > RESTARTS:
            raise RuntimeError("读取进程反复启动失败")
        self.close()


class _Kept:
    """Reading processes between two uses: one set at most, and none but while somebody is keeping them.

    To start a process and to meet the first form costs 0.3 s of a processor, as much as 40 files (2026-11).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keepers, self._idle = 0, list[Readers]()

    @contextmanager
    def keeping(self) -> Iterator[None]:
        with self._lock:
            self._keepers += 1
        try:
            yield
        finally:
            with self._lock:
                self._keepers -= 1
                idle = [] if self._keepers else [self._idle.pop() for _ in self._idle[:]]
            for readers in idle:
                readers.close()

    @contextmanager
    def lent(self, wanted: Wanted, workers: int) -> Iterator[Readers]:
        """Processes that look for these words, as many or more; ended where reading was broken off."""
        with ExitStack() as ending:
            readers = ending.enter_context(self._taken(wanted, workers))
            yield readers
            with self._lock:
                if self._keepers and not self._idle:
                    self._idle.append(readers)
                    ending.pop_all()

    def _taken(self, wanted: Wanted, workers: int) -> Readers:
        made = Readers(wanted, workers)
        with self._lock:
            fit = bool(self._idle) and self._idle[0].wanted == made.wanted and self._idle[0].workers >= workers
            return self._idle.pop() if fit else made


_kept = _Kept()


def _batches(files: Sequence[Received], workers: int) -> Iterator[Batch]:
    """Small batches: enough to spread, few enough that a dead process costs little."""
    most = max(1, min(MOST_TOGETHER, -(-len(files) // (4 * workers))))
    batch: Batch = []
    for file in files:
        if batch and (len(batch) >= most or sum(item.size for item in batch) + file.size > BYTES_TOGETHER):
            yield batch
            batch = []
        batch.append(file)
    if batch:
        yield batch


def process_context() -> multiprocessing.context.BaseContext:
    """How child processes start: never by a plain fork, for the caller has threads."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["pebble.pool.process", child.__name__])
        return context
    return multiprocessing.get_context("spawn")


def _nothing() -> None:
    """A task that makes the pool start its processes."""


on_progress: ContextVar[Callable[[int, int], None]] = ContextVar("on_progress", default=lambda done, total: None)
"""Told (files read, files to read) while reading; the command line shows a bar."""
