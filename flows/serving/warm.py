"""A spare process that has imported what a run needs and waits, so that what comes in is collected at once.

A run's process takes 4 CPU-seconds until it has everything imported, longer than all it then does for one file of a
township (November 2026). The collector keeps one spare; a run is handed to it, and when it has ended the next spare
starts. So every run still has a process of its own, and nothing of one is left to the next.
"""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import SimpleNamespace
from typing import Any

from flows.reading.orphan import deaf, end_with_parent

NEEDED = (
    "flows.annual",
    "flows.emit.board.board",
    "flows.emit.lists.lists",
    "flows.emit.report.reports",
    "flows.emit.returns.letters",
    "flows.emit.returns.returns",
    "flows.emit.upward.upward",
)
"""What is imported ahead, in this order: the flow, and what it imports only when it writes."""


class Spare(SpawnProcess):
    """One process: started once to get warm, and once more with what it is to run."""

    def __init__(self) -> None:
        orders, self._orders = multiprocessing.Pipe(duplex=False)
        super().__init__(target=_wait, args=(orders,), kwargs={"ahead": NEEDED})
        self._theirs: Connection | None = orders
        self.work: tuple[Callable[..., Any], Iterable[Any]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """What the process itself gets of this: not our end of the pipe, whose closing it is to notice."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_orders", "_theirs")}

    def start(self) -> None:
        """Begin to get warm; the second time, do `work`."""
        if self._theirs is None:
            self._orders.send(self.work)
            return
        with deaf():
            super().start()
        self._theirs.close()
        self._theirs = None


def _wait(orders: Connection, ahead: Iterable[str]) -> None:
    end_with_parent()
    for name in ahead:
        if orders.poll():  # needed now: it imports by itself what it needs
            break
        import_module(name)
    try:
        work, arguments = orders.recv()
    except EOFError:
        return
    work(*arguments)


class Spares:
    """At most one spare, ready for the next run."""

    def __init__(self) -> None:
        self._ready: Spare | None = None
        self._taken: Spare | None = None

    def keep(self) -> None:
        """Have one ready, unless a run that one was taken for still goes on: the two would share the processors.

        One that ended by itself is not replaced before a run has asked for it: the next would end as well.
        """
        if self._ready is None and not (self._taken and self._taken.is_alive()):
            self._ready = Spare()
            self._ready.start()

    def take(self, target: Callable[..., Any], args: Iterable[Any]) -> SpawnProcess:
        """A process that will do this once it is started: the spare, or one from nothing where there is none."""
        spare, self._ready = self._ready, None
        if spare is None or not spare.is_alive():
            return SpawnProcess(target=target, args=tuple(args))
        spare.work, self._taken = (target, args), spare
        return spare

    @contextmanager
    def used_by(self, engine: Any) -> Iterator[None]:
        """Prefect's runner takes the processes of its runs from here; `engine` is its module `flow_engine`.

        It has no setting for that: its engine asks `multiprocessing` for a process that is spawned.
        """
        ours = SimpleNamespace(get_context=lambda _: SimpleNamespace(Process=self.take))
        setattr(engine, "multiprocessing", ours)  # noqa: B010  a module's name is no attribute to the type checker
        try:
            yield
        finally:
            setattr(engine, "multiprocessing", multiprocessing)  # noqa: B010  as above
