"""`cunhui serve`: a Prefect server with its page, and the collection run on a schedule.

This process polls the server and starts each run in a process of its own. The server
is its child and goes when it goes. Prefect is imported only inside functions, after
`launch` has prepared the environment and the server has begun to boot.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flows.serving import launch
from schemas.errors import InputError

if TYPE_CHECKING:
    from prefect import Flow

PORT = 4200  # the same page every day, as long as nobody else has the port
DEPLOYMENT = "定时收表"
# All services, and a page that needs no writing to site-packages. Slots are leased in
# files: one leased in memory is taken for ever after the power has failed.
WITH_PAGE = {
    "PREFECT_UI_STATIC_DIRECTORY": "page",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
}


def serve(inputs: Path, outputs: Path, *, year: int, cron: str, timezone: str) -> int:
    """Collect `year` whenever `cron` says so in `timezone`, until Ctrl-C or SIGTERM. Returns that signal's number.

    Raises InputError for a schedule that cannot be used and where these outputs are
    being served already, launch.ServerError where Prefect does not start. Call it where
    nothing has imported prefect, under `if __name__ == "__main__"`: each run is a new
    process that imports the main module again.
    """
    with start_page(outputs) as server:
        next_run(cron, timezone)
        from flows.annual import annual_collection  # heavy: Prefect, DuckDB and pandas

        parameters = {"year": year, "inputs": str(Path(inputs).absolute()), "outputs": str(Path(outputs).absolute())}
        return serve_flow(annual_collection, parameters, server=server, cron=cron, timezone=timezone)


@contextmanager
def start_page(outputs: Path) -> Iterator[launch.Server]:
    """A server with a page, beginning to boot; its address is left for `cunhui run`.

    PREFECT_API_URL, where it is set, is joined instead and left running.
    """
    home = launch.prepare_environment(outputs)
    if given := os.environ.get("PREFECT_API_URL"):
        yield launch.Server(given)
        return
    if running := launch.served_url(outputs):
        raise InputError(f"这个输出文件夹已经有一个值守在运行：{page_of(running)}")
    address = launch.url_file(outputs)
    address.parent.mkdir(parents=True, exist_ok=True)
    server = launch.spawn(home, WITH_PAGE, PORT)
    os.environ["PREFECT_API_URL"] = server.url
    address.write_text(server.url, encoding="utf-8")
    try:
        yield server
    finally:
        address.unlink(missing_ok=True)
        server.stop()


def serve_flow(
    flow: Flow[..., Any],
    parameters: dict[str, Any],
    *,
    server: launch.Server,
    cron: str,
    timezone: str,
    say: Callable[[str], None] = print,
) -> int:
    """Run `flow` on the schedule, one run at a time, until Ctrl-C or SIGTERM. Returns that signal's number, or 0.

    A run that is due while another is going waits for it. Stopping ends the run that
    is going and pauses the schedule, so that nothing is overdue at the next start.
    """
    signals: list[int] = []

    def interrupt(number: int, *_: object) -> None:
        signals.append(number)
        raise KeyboardInterrupt

    with _on_signal(interrupt), suppress(KeyboardInterrupt):
        due = next_run(cron, timezone)
        server.wait()
        asyncio.run(_poll(flow, parameters, cron, timezone, signals, lambda: say(
            f"值守已启动。\n  网页：{page_of(server.url)}\n"
            f"  下次收表：{due:%Y-%m-%d %H:%M}（{timezone}）\n  停止：按 Ctrl+C"
        )))  # fmt: skip
    return signals[0] if signals else 0


async def _poll(flow, parameters, cron, timezone, signals, on_start) -> None:
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy  # heavy: Prefect
    from prefect.runner import Runner  # heavy: Prefect
    from prefect.schedules import Cron  # heavy: Prefect
    from prefect.types.entrypoint import EntrypointType  # heavy: Prefect

    runner = Runner(name="cunhui")
    await runner.aadd_flow(
        flow,
        name=DEPLOYMENT,
        parameters=parameters,
        schedules=[Cron(cron, timezone=timezone, slug="cunhui")],
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    polling = asyncio.create_task(runner.start())
    while not (runner.started or polling.done()):
        await asyncio.sleep(0.05)
    # From here a signal asks to stop: raised inside the runner, it would skip the pause.
    with _on_signal(lambda number, _: signals.append(number)):
        on_start()
        while not (signals or polling.done()):
            await asyncio.sleep(0.2)
        if not polling.done():
            await runner.astop()
        await polling


def next_run(cron: str, timezone: str) -> datetime:
    """When the schedule is due next, reckoned by the scheduler of Prefect's server.

    Raises InputError where either is not understood, or never comes (30 February).
    """
    from prefect.server.schemas.schedules import CronSchedule  # heavy: Prefect

    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise InputError(f"时区“{timezone}”不认识，请写成 Asia/Shanghai 这样的名称。") from None
    try:
        return asyncio.run(CronSchedule(cron=cron, timezone=timezone).get_dates(1))[0]
    except (ValueError, IndexError):
        raise InputError(f"定时“{cron}”不对，应写“分 时 日 月 周”五项，如每天凌晨两点是 0 2 * * *。") from None


def page_of(url: str) -> str:
    """The page that belongs to an API address."""
    return url.removesuffix("/").removesuffix("/api")


@contextmanager
def _on_signal(handler: Callable[..., Any]) -> Iterator[None]:
    """Ctrl-C, Ctrl-Break and SIGTERM go to `handler`, and back to what they did before."""
    names = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    before = {name: signal.signal(name, handler) for name in names}
    try:
        yield
    finally:
        for name, earlier in before.items():
            signal.signal(name, earlier)
