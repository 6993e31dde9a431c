"""A Dask cluster that reads and checks workbooks for this PC: whether it can, what it is sent, what comes back.

Dask is imported only inside functions: a run without `--dask` does not need it.
"""

from __future__ import annotations

import logging
import socket
import subprocess
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any

from flows.files import hindered
from flows.reading.parcel import Parcel, groups, pack, program, read_apart, unpack
from flows.reading.read import on_progress
from flows.reading.records import Reading, Received, Wanted
from schemas.errors import InputError, ServerError

if TYPE_CHECKING:
    from distributed import Client

SECONDS = 5
"""In which a scheduler must answer; nothing was measured, one in the same office does at once."""
PATIENCE = 60
"""Seconds without any worker before a run gives up: one that was restarted is back by then."""
TICK = 5
"""Seconds between looks at whether there still is a worker: PATIENCE is kept to a twelfth, and a look costs nothing."""
_MEND = "请装上与本机相同的版本，重新启动后再运行"
LARGE = {"distributed.admin.large-graph-warning-threshold": "1GB"}  # a parcel is what Dask calls a large graph


def reach(address: str) -> int:
    """How many parcels the cluster reads at a time.

    Raises InputError when it is not there, has no worker, or one with another program.
    """
    if any(find_spec(name) is None for name in ("distributed", "prefect_dask")):
        raise InputError('用 --dask 要先装 Dask，请运行：pip install "cunhui[dask]"')
    with _visit(address) as client:
        told, lanes = _programs(client), sum(_threads(client).values())
    for place, theirs in told.items():
        refuse_other(program(), theirs, place)
    if not lanes:
        raise InputError(f"Dask 调度器 {address} 上还没有工作机，请先在各台电脑上运行 dask worker {address}")
    return lanes


@contextmanager
def _visit(address: str) -> Iterator[Client]:
    """A client for a moment. Dask's own words, meant for programmers, are not shown."""
    from distributed import Client  # optional: Dask

    for name in ("distributed", "distributed.client"):  # its own configuration gives each a level
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(action="ignore"), Client(address, timeout=SECONDS, set_as_default=False) as client:
            yield client
    except (OSError, ValueError, ImportError) as error:
        why = f"（{type(error).__name__}）：请核对地址，并确认那台电脑上 dask scheduler 正在运行"
        raise InputError(f"连不上 Dask 调度器 {address}{why}") from None


def _threads(client: Any) -> dict[str, int]:
    return client.nthreads()  # declared a coroutine, which it is for an asynchronous client only


def _programs(client: Client) -> dict[str, object]:
    """The program of the scheduler and of each worker, or the exception where they have none."""
    try:
        scheduler: object = client.run_on_scheduler(program)
    except Exception as error:
        scheduler = error
    workers: Any = client.run(ready, on_error="return")  # a coroutine only for an asynchronous client
    return {"调度器": scheduler} | {f"工作机 {place}": told for place, told in workers.items()}


def ready() -> dict[str, str]:
    """On a worker: make it ready to read; returns its program."""
    send_no_events()
    return program()


def refuse_other(ours: dict[str, str], theirs: object, place: str) -> None:
    """Raise InputError when the program at that place is not ours; `theirs` is an exception where there is none."""
    if not isinstance(theirs, dict):
        raise InputError(f"Dask 的{place} 没有装村汇，或版本不同：{_MEND}")
    others = [(name, theirs.get(name, "没有"), value) for name, value in ours.items() if theirs.get(name) != value]
    if others:
        told = "；".join(f"{name} {other}，本机 {value}" for name, other, value in others)
        raise InputError(f"Dask 的{place} 与本机版本不同（{told}）：{_MEND}")


def read_parcel(parcel: Parcel) -> bytes:
    """On a worker: the parcel's readings, as `unpack` takes them. May be done twice; nothing but the answer is left.

    Raises InputError when this worker, having come later, has another program, and ServerError when its PC fails.
    """
    from distributed import get_worker  # optional: Dask

    here = socket.gethostname()
    refuse_other(parcel.program, ready(), f"工作机 {here}")
    try:
        return read_apart(parcel, get_worker().local_directory)  # Dask clears it up after a worker that was killed
    except (OSError, subprocess.SubprocessError) as error:
        why = hindered(error) if isinstance(error, OSError) else "读表的进程没有读完"
        raise ServerError(f"Dask 的工作机 {here} 读不了报表（{why}）：请检查那台电脑，或不用它再运行") from None


def read_far(
    files: Sequence[Received],
    wanted: Wanted,
    lanes: int,
    send: Callable[[Parcel], Any],
    taken: Callable[[bytes], bytes] = bytes,
) -> Iterator[Reading]:
    """Have the files read by the cluster; one reading per file, in their order.

    `send` gives a parcel's future; `taken` what there is of readings in its answer. A few more parcels are on their way
    than are being read, and no more: the rest stays on this PC's disk.
    """
    ours, most = program(), lanes + lanes // 2 + 1
    on_way, parcels, done = deque[tuple[Sequence[Received], Any]](), groups(files, lanes), 0
    while True:
        on_way.extend((group, send(pack(group, wanted, ours))) for group in islice(parcels, most - len(on_way)))
        if not on_way:
            return
        group, future = on_way.popleft()
        yield from unpack(taken(_answer(future)), group)
        done += len(group)
        on_progress.get()(done, len(files))


def _answer(future: Any) -> bytes:
    """Wait for a parcel's answer. Raises ServerError when the cluster fails; Dask itself replaces a lost worker."""
    from distributed.scheduler import KilledWorker  # optional: Dask

    dask, seen = future.wrapped_future, monotonic()
    try:
        while not dask.done() and monotonic() - seen < PATIENCE:
            future.wait(timeout=TICK)
            if dask.client.nthreads():
                seen = monotonic()
        if dask.done():
            return future.result()
    except KilledWorker:
        raise ServerError("几台 Dask 工作机读同一包报表时接连停了，没有做完：请不用 --dask 再运行一次") from None
    except (CancelledError, OSError):
        raise ServerError("与 Dask 调度器的连接断了，没有做完：请重新启动它，再运行一次") from None
    raise ServerError("Dask 上已没有工作机，没有做完：请重新启动 dask worker，再运行一次")


def send_no_events() -> None:
    """In a worker elsewhere: the server answers its own PC only, and what cannot be sent would pile up."""
    from prefect.events.clients import NullEventsClient  # heavy: Prefect
    from prefect.events.worker import EventsWorker  # heavy: Prefect

    EventsWorker.set_client_override(NullEventsClient)
