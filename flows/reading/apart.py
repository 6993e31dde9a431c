"""One guarded process for what somebody sent and the pool of readers does not read: zips, rosters, foreign forms."""

from collections.abc import Callable
from concurrent.futures import TimeoutError
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from flows.reading import child
from flows.reading.orphan import deaf
from flows.reading.read import MEMORY, PATIENCE, process_context

Said = TypeVar("Said")


class Died(Exception):
    """The process did not live to say anything: it took too long or too much, or crashed."""


class Apart:
    """A process with limits of memory and time, for one call after the other; it starts with the first."""

    def __init__(self, seconds: float, memory: int = MEMORY) -> None:
        """`seconds` is what a call may work, and waits for a generous multiple of it; `memory` in bytes."""
        self.seconds, self.memory = seconds, memory
        self._pool: ProcessPool | None = None

    def __call__(self, work: Callable[..., Said], *given: Any) -> Said:
        """What the work says there; it limits its own processor time. Raises Died, or whatever the work raises."""
        wall = PATIENCE * self.seconds
        if self._pool is None:
            self._pool = ProcessPool(1, initializer=child.limit, initargs=(self.memory,), context=process_context())
        try:
            with deaf():
                future = self._pool.schedule(work, args=given, timeout=wall)
            return future.result(2 * wall)
        except (TimeoutError, ProcessExpired, BrokenProcessPool, MemoryError):
            raise Died(work.__name__) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
