"""The collector: a child of `cunhui serve` that has Prefect, takes the runs that are due and starts each in a process.

It is a process of its own so that the one that watches over it stays small and can start it again. What an earlier one
left broken is put right first: a run that nobody does any more is crashed, its slot is free, and what was missed
meanwhile is made up for by one run. `stop` comes over a pipe, or the pipe's end; so does what to run besides.
"""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from flows.logs import STEPS, VERBOSE
from flows.reading.orphan import end_with_parent
from flows.serving.server import NOT_STARTED, START_LIMIT, is_alive
from flows.serving.warm import Spares
from schemas.errors import InputError, ServerError

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun
    from prefect.runner import Runner

DEPLOYMENT, FLOW = "定时收表", "annual-collection"
STOP = "stop"
ARRIVED, MADE_UP = "收件夹", "补上"
"""What a run is asked for, which is its tag: something came in; something was broken or missed."""
QUERY = 5.0
"""Seconds between two questions to the server for what is due by the schedule; what was asked for does not wait."""
LISTEN = 0.5
"""Seconds between two looks at the run in hand, and at the pipe where it cannot wake us: 0.1% of a core."""
ENDING = 8.0
"""Seconds for the schedule to be paused and the run in hand to be cancelled; whatever is left then dies with us."""
ASLEEP = 120.0
"""Seconds that may lie between two looks; more, and the PC has slept and missed runs may have piled up."""


class Order(NamedTuple):
    """What to serve: the flow's parameters, when, since when nobody has; `fresh` where the server is our own."""

    parameters: dict[str, Any]
    schedules: tuple[str, ...]
    timezone: str
    since: datetime | None
    fresh: bool
    log: str


class Said(NamedTuple):
    """What the collector tells: it has begun (`owed`: a run is, for what was broken or missed), a run that was asked
    for is due now (`well`: it begins, else it waits for one that was not asked for here), it has ended, well or not, a
    scheduled run or any other that was not asked for here has, the PC has slept and a run was missed, or it cannot
    serve and why (`well`: the clerk can mend it)."""

    what: str
    words: str = ""
    well: bool = True
    owed: bool = False


def collect_until_told(orders: Connection, order: Order) -> None:
    """The child's main function."""
    end_with_parent()
    if not os.environ.get(VERBOSE):
        with Path(order.log).open("ab", buffering=0) as log:
            for stream in (1, 2):
                os.dup2(log.fileno(), stream)
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", STEPS.name)  # so that Prefect's page shows each run's steps
    try:
        due, missed = next_run(order.schedules, order.timezone), _missed(order)
        if not is_alive(os.environ["PREFECT_API_URL"], START_LIMIT):
            raise ServerError(NOT_STARTED.format(os.environ["PREFECT_HOME"]))
        asyncio.run(_collect(orders, order, due, missed))
    except (InputError, ServerError) as error:
        with suppress(OSError):
            orders.send(Said("refused", str(error), isinstance(error, InputError)))
    sys.stdout.flush()
    os._exit(0)  # Prefect's threads would hold an orderly end up


async def _collect(orders: Connection, order: Order, due: datetime | None, missed: bool) -> None:
    from prefect.client.orchestration import get_client  # heavy: Prefect
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy  # heavy: Prefect
    from prefect.runner import Runner  # heavy: Prefect
    from prefect.schedules import Cron  # heavy: Prefect
    from prefect.types.entrypoint import EntrypointType  # heavy: Prefect

    from flows.annual import annual_collection  # heavy: Prefect

    async with get_client() as client:
        broken = await _put_right(client, order)
        runner = Runner(name="cunhui", limit=1, query_seconds=QUERY)
        deployment = await runner.aadd_flow(
            annual_collection,
            name=DEPLOYMENT,
            parameters=order.parameters,
            schedules=[
                Cron(cron, timezone=order.timezone, slug=f"cunhui-{number}")
                for number, cron in enumerate(order.schedules)
            ],
            concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE),
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        polling = asyncio.create_task(runner.start())
        while not (runner.started or polling.done()):
            await asyncio.sleep(0.05)
        orders.send(Said("begun", f"{due:%Y-%m-%d %H:%M}（{order.timezone}）" if due else "", owed=broken or missed))
        await _Desk(orders, client, deployment, runner).sit(polling)
        if not polling.done():
            with suppress(TimeoutError):
                async with asyncio.timeout(ENDING):
                    await _stop(runner, polling)


async def _stop(runner: "Runner", polling: "asyncio.Task[None]") -> None:
    """Pause the schedule and cancel the run in hand."""
    await runner.astop()
    await polling


class _Desk:
    """Where orders come in: one run that was asked for goes on, and whatever is asked meanwhile is one more."""

    def __init__(self, orders: Connection, client: "PrefectClient", deployment: "UUID", runner: "Runner") -> None:
        self.orders, self.client, self.deployment, self.runner = orders, client, deployment, runner
        self.spares = Spares()
        self.asked: UUID | None = None
        self.waiting = ""
        self.busy, self.until = False, datetime.now(UTC)
        """Whether any run goes on, and when the last one ended that was looked at."""

    async def sit(self, polling: "asyncio.Task[None]") -> None:
        """Listen until told to stop, or until Prefect's runner has given up."""
        from prefect import flow_engine  # heavy: Prefect

        loop, heard = asyncio.get_running_loop(), asyncio.Event()
        with suppress(NotImplementedError):  # Windows' loop cannot wait for a pipe: there _listen looks at it itself
            loop.add_reader(self.orders.fileno(), heard.set)
        try:
            with self.spares.used_by(flow_engine):
                await self._listen(polling, heard)
        finally:
            with suppress(NotImplementedError):  # on Windows nothing was added
                loop.remove_reader(self.orders.fileno())

    async def _listen(self, polling: "asyncio.Task[None]", heard: asyncio.Event) -> None:
        looked = time.time()
        while not polling.done():
            self.spares.keep()
            if self.orders.poll():
                try:
                    told = self.orders.recv()
                except EOFError:
                    return
                if told == STOP:
                    return
                await self.ask(told)
            if self.asked:
                await self._follow()
            await self._notice()
            if time.time() - looked > ASLEEP and await _drop_scheduled(self.client):
                self.orders.send(Said("missed"))
            looked = time.time()
            with suppress(TimeoutError):
                async with asyncio.timeout(LISTEN):
                    await heard.wait()
            heard.clear()

    async def ask(self, trigger: str) -> None:
        """One more run, unless one is waiting already that will see the same."""
        if self.asked:
            self.waiting = trigger
            return
        begins = self.runner.has_slots_available()
        run = await self.client.create_flow_run_from_deployment(self.deployment, tags=[trigger])
        self.asked = run.id
        self.orders.send(Said("due", well=begins))
        await self._begin()

    async def _begin(self) -> None:
        """Have the runner look for what is due now."""
        await self.runner._get_and_submit_flow_runs()  # it has no public name for it

    async def _follow(self) -> None:
        assert self.asked
        state = (await self.client.read_flow_run(self.asked)).state
        if state and state.is_scheduled() and self.runner.has_slots_available():  # another run had not ended yet
            await self._begin()
        if not (state and state.is_final()):
            return
        self.asked = None
        self.orders.send(Said("ran", state.message or "", state.is_completed()))
        if self.waiting:
            trigger, self.waiting = self.waiting, ""
            await self.ask(trigger)

    async def _notice(self) -> None:
        """Tell how runs ended that were not asked for here, once nothing goes on any more."""
        before, self.busy = self.busy, not self.runner.has_slots_available()
        if not before or self.busy:
            return
        for at, run in await _ended(self.client, self.until):
            self.until = at
            if run.state and not {ARRIVED, MADE_UP} & set(run.tags):
                whose = "scheduled" if run.auto_scheduled else "other"
                self.orders.send(Said(whose, run.state.message or "", run.state.is_completed()))


async def _put_right(client: "PrefectClient", order: Order) -> bool:
    """Crash what an earlier serve left running, and drop what is overdue. Whether there was any of either."""
    from prefect.client.schemas.objects import StateType  # heavy: Prefect
    from prefect.states import Crashed  # heavy: Prefect

    left = await _runs(client, [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING], ours=not order.fresh)
    for run in left:
        crashed = Crashed(message="上次值守中断，这次汇总没有做完；已重新安排")
        await client.set_flow_run_state(run.id, crashed, force=True)
    await _free_slot(client)
    return bool(await _drop_scheduled(client, all_of_them=True) or left)


async def _free_slot(client: "PrefectClient") -> None:
    """Take back the slot that a killed run still holds: nothing of ours runs now, whatever the lease says."""
    from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate  # heavy: Prefect
    from prefect.exceptions import ObjectNotFound  # heavy: Prefect

    try:
        deployment = await client.read_deployment_by_name(f"{FLOW}/{DEPLOYMENT}")
    except ObjectNotFound:
        return
    if limit := deployment.global_concurrency_limit:
        await client.update_global_concurrency_limit(limit.name, GlobalConcurrencyLimitUpdate(active_slots=0))


async def _drop_scheduled(client: "PrefectClient", all_of_them: bool = False) -> int:
    """Delete runs whose time has passed with nobody there, or all where the schedule is laid anew; how many passed."""
    from prefect.client.schemas.objects import StateType  # heavy: Prefect

    past = datetime.now(UTC) - timedelta(seconds=QUERY)
    scheduled = await _runs(client, [StateType.SCHEDULED], ours=True)
    overdue = [run for run in scheduled if run.expected_start_time and run.expected_start_time < past]
    for run in scheduled if all_of_them else overdue:
        await client.delete_flow_run(run.id)
    return len(overdue)


async def _ended(client: "PrefectClient", after: datetime) -> "list[tuple[datetime, FlowRun]]":
    """Our runs that have ended since, each with its end, in that order."""
    from prefect.client.schemas.objects import TERMINAL_STATES  # heavy: Prefect

    runs = await _runs(client, sorted(TERMINAL_STATES), ours=True, after=after)
    return sorted(((run.end_time, run) for run in runs if run.end_time and run.end_time > after), key=itemgetter(0))


async def _runs(
    client: "PrefectClient", kinds: Sequence[Any], ours: bool, after: datetime | None = None
) -> "list[FlowRun]":
    from prefect.client.schemas import filters  # heavy: Prefect

    wanted = filters.FlowRunFilter(
        state=filters.FlowRunFilterState(type=filters.FlowRunFilterStateType(any_=list(kinds))),
        end_time=filters.FlowRunFilterEndTime(after_=after) if after else None,  # pyright: ignore[reportArgumentType]  # takes any datetime
    )
    named = filters.DeploymentFilter(name=filters.DeploymentFilterName(any_=[DEPLOYMENT])) if ours else None
    return await client.read_flow_runs(flow_run_filter=wanted, deployment_filter=named, limit=200)


def _missed(order: Order) -> bool:
    """Whether the schedule has come since anybody served last."""
    if order.since is None:
        return False
    due = next_run(order.schedules, order.timezone, order.since)
    return due is not None and due <= datetime.now(UTC)


def next_run(schedules: Sequence[str], timezone: str, start: datetime | None = None) -> datetime | None:
    """When the first of the schedules is due next, reckoned by Prefect's scheduler; None without any.

    Raises InputError where one or the time zone is not understood, or never comes (30 February).
    """
    from prefect.server.schemas.schedules import CronSchedule  # heavy: Prefect

    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise InputError(f"时区“{timezone}”不认识，请写成 Asia/Shanghai 这样的名称。") from None
    due = []
    for cron in schedules:
        try:
            due.append(asyncio.run(CronSchedule(cron=cron, timezone=timezone).get_dates(1, start=start))[0])
        except (ValueError, IndexError):
            raise InputError(f"定时“{cron}”不对，应写“分 时 日 月 周”五项，如每天凌晨两点是 0 2 * * *。") from None
    return min(due, default=None)
