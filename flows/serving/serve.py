"""`cunhui serve`: a Prefect server with its page, the collection on a schedule and whenever something comes in.

This process stays small: it watches the inbox and two children, Prefect's server and the collector, starts them again
when they end, and ends them when it is told to. Prefect is imported in the children only.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from flows.reading.orphan import deaf
from flows.serving import launch
from flows.serving.collector import ARRIVED, MADE_UP, STOP, Order, Said, collect_until_told
from flows.serving.elsewhere import Elsewhere
from flows.serving.remind import Post
from flows.serving.server import Server, spawn
from flows.serving.watch import Snapshot, Watch, news
from flows.web.keep import Page
from schemas.errors import InputError, ServerError
from schemas.township import Settings

PORT = 4200  # the same page every day, as long as nobody else has the port
# All services, and a page that needs no writing to site-packages. Slots are leased in
# files: one leased in memory is taken for ever after the power has failed.
# What the services do every 5 to 20 seconds is for many runs at once; for one township's
# once a minute is plenty, and an idle server takes a third less.
WITH_PAGE = {
    "PREFECT_UI_STATIC_DIRECTORY": "page",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT1M",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "15",
}
MOST, WITHIN = 5, 600.0
"""So many failures of a child within so many seconds, and serving is given up: it would not get better by itself."""
TICK = 0.25
"""Seconds between two looks at children and the inbox: 0.1% of a core. What a child says wakes it."""
AGAIN = (60.0, 1800.0)
"""Seconds until a run that failed is tried again, doubled every time up to the second."""
BACK = "收件夹又在了，接着收。"
NEWS = "收件夹和设置里有 {} 处变动，{}。"
BEGINS, AFTER = "开始汇总", "这次汇总做完再收"
WAITS = "另一次汇总正在进行，做完就收"
"""Of a run that nobody asked for here: a scheduled one, or one that was begun on Prefect's page."""
NOT_ASKED_FOR = {"scheduled": "定时的汇总", "other": "另一次汇总"}
AGAIN_BEGINS, AGAIN_WAITS = "再汇总一次。", "另一次汇总正在进行，做完再汇总一次。"
MAKES_UP = "补上没有做完或错过的一次汇总。"
Say = Callable[[str], None]
CLOSING = 10.0
"""Seconds for the collector to end; the server takes 3 more."""


def serve(
    inputs: Path,
    outputs: Path,
    *,
    year: int,
    schedules: Sequence[str],
    timezone: str,
    settings: Settings | None = None,
    say: Say = print,
) -> int:
    """Collect `year` on the schedules and whenever something comes in, until Ctrl-C or SIGTERM. Returns its number.

    Raises InputError for a schedule that cannot be used and where these outputs are being served already, ServerError
    where a child does not start or keeps ending. Call it under `if __name__ == "__main__"`: each run is a new process
    that imports the main module again.
    """
    inputs, outputs = Path(inputs).absolute(), Path(outputs).absolute()
    heard: list[int] = []
    failures: list[float] = []
    kept = launch.url_file(outputs).with_name("inbox.json")
    watching = Watch(inputs, year, kept, _elsewhere(settings, year, outputs))
    with _on_signal(lambda number, _: heard.append(number)), _alone(outputs), watching as watch:
        page = Page(inputs, outputs, year, idle=0.0, collects=False)
        page.serve()
        for line in page.told:
            say(line)
        sent = kept.with_name("reminded.json")
        post = Post(settings, outputs / str(year), sent, inputs) if settings else None
        shift = _Shift(watch, heard, say, page.link, post)
        parameters = {"year": year, "inputs": str(inputs), "outputs": str(outputs)}
        log = str(launch.url_file(outputs).with_name("collector.log"))
        order = Order(parameters, tuple(schedules), timezone, watch.since, True, log)
        while not heard:
            ended = shift.work(outputs, order)
            failures = [when for when in failures if when > time.monotonic() - WITHIN]
            if ended and not heard:
                failures.append(time.monotonic())
                _refuse_many(len(failures), ended)
                say(f"{_clock()} {ended}，正在重新启动（第 {len(failures)} 次）。收到的文件和已入库的数都在。")
                _wait(heard, len(failures))
    return heard[0] if heard else 0


def _elsewhere(settings: Settings | None, year: int, outputs: Path) -> Elsewhere | None:
    url = settings.collection.inbox if settings else ""
    return Elsewhere(url, year, outputs) if url else None


def _refuse_many(failures: int, ended: str) -> None:
    if failures > MOST:
        log = Path(os.environ["PREFECT_HOME"])
        raise ServerError(f"{ended}，{WITHIN / 60:.0f} 分钟里已是第 {failures} 次，值守停了；详情见 {log} 里的日志")


def _wait(heard: list[int], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not heard and time.monotonic() < end:
        time.sleep(TICK)


def _clock() -> str:
    return f"{datetime.now():%H:%M:%S}"


@contextmanager
def _alone(outputs: Path) -> Iterator[None]:
    """One serve for these outputs."""
    folder = launch.url_file(outputs).parent
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "serve.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        page = launch.served_url(outputs)
        raise InputError("这个输出文件夹已经有一个值守在运行" + (f"：{page_of(page)}" if page else "")) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def start_page(outputs: Path) -> Iterator[Server]:
    """A server with a page, beginning to boot; its address is left for `cunhui run`.

    PREFECT_API_URL, where it is set, is joined instead and left running.
    """
    home = launch.prepare_environment(outputs)
    if given := os.environ.get("PREFECT_API_URL"):
        yield Server(given)
        return
    address = launch.url_file(outputs)
    server = spawn(home, WITH_PAGE, PORT)
    os.environ["PREFECT_API_URL"] = server.url
    address.write_text(server.url, encoding="utf-8")
    try:
        yield server
    finally:
        address.unlink(missing_ok=True)
        server.stop()


class _Shift:
    """The children at work, until one ends or a signal comes; what is owed outlives them."""

    def __init__(
        self, watch: Watch, heard: list[int], say: Callable[[str], None], link: str, post: Post | None
    ) -> None:
        self.watch, self.heard, self.say, self.link = watch, heard, say, link
        self.post = post
        self.asked: list[Snapshot] = []
        """What the run in hand has taken, and what the one after it will take; never more than these two."""
        self.begun_before, self.gone = False, ""
        self.telling: tuple[str, str] | None = None
        """What to say of what has come, once it is known whether a run for it begins or waits for another."""

    def work(self, outputs: Path, order: Order) -> str:
        """Start both and watch over them. Returns why it ended; "" where a signal has come."""
        with start_page(outputs) as server:
            self.orders, theirs = multiprocessing.Pipe()
            order = order._replace(fresh=not server.joined)
            child = multiprocessing.get_context("spawn").Process(target=collect_until_told, args=(theirs, order))
            with deaf():
                child.start()
            theirs.close()
            self.begun, self.again, self.pause = False, 0.0, AGAIN[0]
            try:
                return self._watch_over(server)
            finally:
                self._end(child)

    def _end(self, child: Any) -> None:
        """Let the collector cancel its run and pause its schedule; what it started dies with it."""
        if self.begun:
            with suppress(OSError):
                self.orders.send(STOP)
            child.join(CLOSING)
        child.kill()
        child.join()

    def _watch_over(self, server: Server) -> str:
        while not self.heard:
            try:
                if self.orders.poll(TICK):
                    self._hear(self.orders.recv(), server)
            except (EOFError, OSError):
                return "收表进程停了"
            if server.ended:
                return "Prefect 服务停了"
            if self.begun:
                self._look()
            for words in self.post.look() if self.post else ():
                self.say(f"{_clock()} {words}")
        return ""

    def _hear(self, said: Said, server: Server) -> None:
        match said.what:
            case "refused":
                raise InputError(said.words) if said.well else ServerError(said.words)
            case "begun":
                self._begin(said, server)
            case "due":
                if self.telling:
                    self.say(f"{_clock()} {self.telling[0 if said.well else 1]}")
                self.telling = None
            case "missed":
                self._make_up()
            case "ran":
                self._ran(said)
            case "scheduled" | "other":
                ended = f"做完了。{said.words}" if said.well else f"没有做完：{said.words}。"
                self.say(f"{_clock()} {NOT_ASKED_FOR[said.what]}{ended}")

    def _begin(self, said: Said, server: Server) -> None:
        self.begun = True
        due = f"下次收表：{said.words}" if said.words else "没有定时，只看收件夹"
        record = page_of(server.url)
        self.say(
            f"{_clock()} 值守已恢复，{due}。"
            if self.begun_before
            else f"值守已启动。\n  网页：{self.link}\n  运行记录：{record}\n"
            f"  收件夹：{self.watch.where}（来了新文件就汇总）\n  {due}\n  停止：按 Ctrl+C"
        )
        self.begun_before = True
        owed, self.asked, self.telling = self.asked, [], None
        if said.owed or owed:
            self._make_up()

    def _make_up(self) -> None:
        """One run for whatever was broken or missed."""
        self._ask(MADE_UP, self.watch.take() or {})
        self.say(f"{_clock()} {MAKES_UP}")

    def _ran(self, said: Said) -> None:
        taken = self.asked.pop(0)
        if said.well:
            self.watch.keep(taken)
            self.again, self.pause = 0.0, AGAIN[0]
            self.say(f"{_clock()} 汇总做完了。{said.words}")
        else:
            self.say(f"{_clock()} 汇总没有做完：{said.words}。{self.pause:.0f} 秒后再试。")
            self.again, self.pause = time.monotonic() + self.pause, min(2 * self.pause, AGAIN[1])

    def _look(self) -> None:
        seen = self.watch.look()
        if bool(self.watch.gone) != bool(self.gone):
            self.gone = self.watch.gone
            self.say(f"{_clock()} {self.gone or BACK}")
        if seen is None and self.again and not (self.gone or self.asked) and time.monotonic() > self.again:
            seen = self.watch.now()
            self.again = 0.0 if seen else self.again
        if seen:
            new = news(seen, self.asked[-1] if self.asked else self.watch.before)
            if self.asked:
                self.say(f"{_clock()} {NEWS.format(new, AFTER)}")
            else:
                begins, waits = NEWS.format(new, BEGINS), NEWS.format(new, WAITS)
                self.telling = (begins, waits) if new else (AGAIN_BEGINS, AGAIN_WAITS)
            self._ask(ARRIVED, seen)

    def _ask(self, trigger: str, seen: Snapshot) -> None:
        self.asked[1:] = [seen]
        self.orders.send(trigger)


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
