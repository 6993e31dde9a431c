"""What the collector refuses before it serves, and what whoever watches over it does with what it says."""

import asyncio
import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import ObjectNotFound

from flows.serving import collector
from flows.serving import serve as serving
from flows.serving.collector import ARRIVED, MADE_UP, STOP, Order, Said, collect_until_told, next_run
from flows.serving.server import Server
from schemas.errors import InputError, ServerError

WRONG = [("0 2 30 2 *", "UTC"), ("", "UTC"), ("0 2 * * *", "Mars/X"), ("0 2 * * *", "Asia")]


@pytest.mark.parametrize(("cron", "timezone"), WRONG)
def test_schedule_that_never_comes_or_is_nowhere_is_refused(cron, timezone):
    told = f"定时“{cron}”不对" if timezone == "UTC" else f"时区“{timezone}”不认识"
    with pytest.raises(InputError, match=told.replace("*", "\\*")):
        next_run([cron], timezone)


def test_collector_tells_of_a_schedule_that_cannot_be_used_and_ends_without_asking_the_server(monkeypatch):
    class Ended(Exception):
        """Where the process would have."""

    def end(status: int) -> None:
        raise Ended

    monkeypatch.setattr(collector, "os", SimpleNamespace(_exit=end, environ={collector.VERBOSE: "1"}))
    ours, theirs = multiprocessing.Pipe()
    with pytest.raises(Ended):
        collect_until_told(theirs, Order({}, ("0 25 * * *",), "Asia/Shanghai", None, True, ""))
    words = "定时“0 25 * * *”不对，应写“分 时 日 月 周”五项，如每天凌晨两点是 0 2 * * *。"
    assert ours.recv() == Said("refused", words, well=True)


class Prefect:
    """What the collector's desk asks of Prefect: its client and its runner; runs end when they are told to."""

    def __init__(self) -> None:
        self.begun, self.states, self.free = list[str](), dict[str, Any](), True
        self.asked, self.ended = list[list[str]](), list[Any]()

    def has_slots_available(self) -> bool:
        return self.free

    async def create_flow_run_from_deployment(self, _: str, tags: list[str]) -> SimpleNamespace:
        self.asked.append(tags)
        return SimpleNamespace(id=f"run {len(self.asked)}")

    async def _get_and_submit_flow_runs(self) -> None:
        self.begun.append(f"run {len(self.asked)}")

    async def read_flow_runs(self, flow_run_filter: Any, deployment_filter: Any, limit: int) -> list[Any]:
        assert deployment_filter.name.any_ == [collector.DEPLOYMENT]
        return [run for run in self.ended if run.end_time >= flow_run_filter.end_time.after_]

    async def read_flow_run(self, run: str) -> SimpleNamespace:
        return SimpleNamespace(state=self.states[run])


@pytest.fixture
def desk() -> SimpleNamespace:
    prefect, (ours, theirs) = Prefect(), multiprocessing.Pipe()
    return SimpleNamespace(desk=collector._Desk(theirs, prefect, "deployment", prefect), prefect=prefect, pipe=ours)


def test_run_that_is_asked_for_is_said_to_begin_unless_a_scheduled_one_goes_on(desk):
    for desk.prefect.free in True, False:
        asyncio.run(desk.desk.ask(ARRIVED))
        assert desk.pipe.recv() == Said("due", well=desk.prefect.free)
        desk.desk.asked = None


def test_what_is_asked_while_a_run_goes_on_is_one_run_when_that_one_has_ended(desk):
    asyncio.run(desk.desk.ask(MADE_UP))
    for _ in range(2):
        asyncio.run(desk.desk.ask(ARRIVED))
    desk.prefect.states["run 1"] = State(type=StateType.SCHEDULED)
    for desk.prefect.free in False, True:  # another run had not ended, and has
        asyncio.run(desk.desk._follow())
        assert desk.prefect.begun == ["run 1"] * (1 + desk.prefect.free)
    desk.prefect.states["run 1"] = State(type=StateType.FAILED, message="磁盘满了")
    asyncio.run(desk.desk._follow())
    assert desk.prefect.asked == [[MADE_UP], [ARRIVED]]
    assert [desk.pipe.recv() for _ in range(3)] == [Said("due"), Said("ran", "磁盘满了", well=False), Said("due")]


def test_end_of_a_run_that_was_not_asked_for_here_is_told_once_nothing_goes_on(desk):
    def end(after: int, words: str, kind: StateType, tags: list[str], scheduled: bool) -> None:
        at, state = datetime.now(UTC) + timedelta(seconds=after), State(type=kind, message=words)
        desk.prefect.ended.append(SimpleNamespace(end_time=at, state=state, tags=tags, auto_scheduled=scheduled))

    end(-60, "早先的", StateType.COMPLETED, [], True)
    for desk.prefect.free in False, False, True, True:
        if desk.prefect.free and len(desk.prefect.ended) == 1:
            end(2, "磁盘满了", StateType.FAILED, [], False)
            end(1, "应报 3 个。", StateType.COMPLETED, [], True)
            end(3, "应报 3 个。", StateType.COMPLETED, [ARRIVED], False)
        asyncio.run(desk.desk._notice())
    for desk.prefect.free in False, True:
        asyncio.run(desk.desk._notice())
    assert [desk.pipe.recv() for _ in range(2)] == [
        Said("scheduled", "应报 3 个。"),
        Said("other", "磁盘满了", well=False),
    ]
    assert not desk.pipe.poll()


def test_pc_that_has_slept_through_a_scheduled_run_says_so_once(desk, monkeypatch):
    async def overdue(_: object) -> int:
        desk.pipe.send(STOP)
        return 1

    monkeypatch.setattr(collector, "_drop_scheduled", overdue)
    monkeypatch.setattr(collector, "ASLEEP", -1.0)
    monkeypatch.setattr(desk.desk.spares, "keep", lambda: None)

    async def sit() -> None:
        await desk.desk.sit(asyncio.create_task(asyncio.sleep(60)))

    asyncio.run(sit())
    assert desk.pipe.recv() == Said("missed")
    assert not desk.pipe.poll() and desk.prefect.asked == []


class Left:
    """What an earlier serve has left at the server: runs by their state, and how many slots are taken."""

    def __init__(self, *runs: tuple[StateType, int], known: bool = True) -> None:
        now = datetime.now(UTC)
        self.runs = [
            SimpleNamespace(id=number, kind=kind, expected_start_time=now + timedelta(seconds=away))
            for number, (kind, away) in enumerate(runs)
        ]
        self.crashed, self.deleted, self.freed = list[int](), list[int](), list[int]()
        self.known = known

    async def read_flow_runs(self, flow_run_filter: Any, deployment_filter: Any, limit: int) -> list[Any]:
        ours = deployment_filter and deployment_filter.name.any_
        assert ours in (None, [collector.DEPLOYMENT])
        return [run for run in self.runs if run.kind in flow_run_filter.state.type.any_]

    async def set_flow_run_state(self, run: int, state: State, force: bool) -> None:
        assert force and "上次值守中断" in str(state.message)
        self.crashed.append(run)

    async def read_deployment_by_name(self, name: str) -> SimpleNamespace:
        if not self.known:
            raise ObjectNotFound(Exception(name))
        return SimpleNamespace(global_concurrency_limit=SimpleNamespace(name="one"))

    async def update_global_concurrency_limit(self, name: str, change: Any) -> None:
        self.freed.append(change.active_slots)

    async def delete_flow_run(self, run: int) -> None:
        self.deleted.append(run)


ORDER = Order({}, ("0 2 * * *",), "Asia/Shanghai", None, True, "")


@pytest.mark.parametrize(
    ("runs", "crashed", "owed"),
    [
        ([], [], False),
        ([(StateType.SCHEDULED, 3600)], [], False),  # laid for tomorrow, and laid anew
        ([(StateType.SCHEDULED, -60), (StateType.SCHEDULED, 3600)], [], True),
        ([(StateType.RUNNING, -600), (StateType.PENDING, -60), (StateType.COMPLETED, -900)], [0, 1], True),
        ([(StateType.CANCELLING, -600)], [0], True),
    ],
)
def test_what_an_earlier_serve_left_is_crashed_its_slot_freed_its_schedule_dropped_and_told_if_a_run_is_owed(
    runs, crashed, owed
):
    left = Left(*runs)
    assert asyncio.run(collector._put_right(left, ORDER)) is owed
    assert (left.crashed, left.freed) == (crashed, [0])
    assert left.deleted == [number for number, (kind, _) in enumerate(runs) if kind == StateType.SCHEDULED]


def test_after_sleep_only_what_is_overdue_is_dropped_and_a_server_that_is_new_has_no_slot_to_free():
    left = Left((StateType.SCHEDULED, -60), (StateType.SCHEDULED, -1), (StateType.SCHEDULED, 60), known=False)
    assert asyncio.run(collector._drop_scheduled(left)) == 1
    assert left.deleted == [0]
    asyncio.run(collector._free_slot(left))
    assert left.freed == []


def test_schedule_has_been_missed_only_if_somebody_has_served_before_it_came():
    ago = {days: datetime.now(UTC) - timedelta(days=days) for days in (0, 2)}
    assert collector._missed(ORDER._replace(since=ago[2])) is True
    assert collector._missed(ORDER._replace(since=ago[0], schedules=("0 2 1 1 *",))) is False
    assert collector._missed(ORDER) is collector._missed(ORDER._replace(since=ago[2], schedules=())) is False


@contextmanager
def no_server(_: object) -> Iterator[Server]:
    yield Server("http://127.0.0.1:9/api")


@pytest.fixture
def said(tmp_path, monkeypatch) -> list[str]:
    """What a serve says that has no page, no server and no patience."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.setattr(serving, "Page", lambda *_, **__: SimpleNamespace(serve=lambda: None, told=[], link=""))
    monkeypatch.setattr(serving, "start_page", no_server)
    monkeypatch.setattr(serving, "_wait", lambda *_: None)
    return []


def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str], collect: Callable[[Any], None]) -> None:
    """Serve with a collector that is a function of its end of the pipe."""

    class Child:
        def __init__(self, target: object, args: tuple[Any, Order]) -> None:
            self.start = lambda: collect(args[0])

        def join(self, _: float | None = None) -> None:
            """It has ended."""

        kill = join

    spawning = SimpleNamespace(Pipe=multiprocessing.Pipe, get_context=lambda _: SimpleNamespace(Process=Child))
    monkeypatch.setattr(serving, "multiprocessing", spawning)
    serving.serve(tmp_path, tmp_path, year=2023, schedules=[], timezone="UTC", say=said.append)


@pytest.mark.parametrize(("well", "kind"), [(True, InputError), (False, ServerError)])
def test_what_the_collector_refuses_ends_the_serve_in_its_words(tmp_path, monkeypatch, said, well, kind):
    with pytest.raises(kind, match="定时不对"):
        serve(tmp_path, monkeypatch, said, lambda pipe: pipe.send(Said("refused", "定时不对", well)))
    assert said == []


def test_child_that_ends_again_and_again_is_given_up_in_words(tmp_path, monkeypatch, said):
    with pytest.raises(ServerError, match=r"收表进程停了，10 分钟里已是第 6 次，值守停了；详情见 .* 里的日志"):
        serve(tmp_path, monkeypatch, said, lambda pipe: None)
    assert [words.partition(" ")[2] for words in said] == [
        f"收表进程停了，正在重新启动（第 {number} 次）。收到的文件和已入库的数都在。" for number in range(1, 6)
    ]


def test_second_serve_of_the_same_outputs_is_refused_and_the_first_one_gone_is_not(tmp_path):
    with serving._alone(tmp_path), pytest.raises(InputError, match="已经有一个值守在运行"), serving._alone(tmp_path):
        pass
    with serving._alone(tmp_path):
        assert (tmp_path / ".prefect" / "serve.lock").exists()


def test_server_that_is_given_is_joined_and_left_running_and_ours_leaves_its_address_while_it_runs(
    tmp_path, monkeypatch
):
    stopped = list[str]()
    monkeypatch.setattr(Server, "stop", lambda self: stopped.append(self.url))
    monkeypatch.setattr(serving, "spawn", lambda *_: Server("http://127.0.0.1:9/api"))
    monkeypatch.setattr(serving.launch, "prepare_environment", lambda _: tmp_path)
    address = serving.launch.url_file(tmp_path)
    address.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("PREFECT_API_URL", "http://county.example/api")
    with serving.start_page(tmp_path) as server:
        assert (server.url, address.exists()) == ("http://county.example/api", False)
    monkeypatch.delenv("PREFECT_API_URL")
    with serving.start_page(tmp_path) as server:
        assert address.read_text() == server.url == os.environ["PREFECT_API_URL"]
    assert (stopped, address.exists()) == ([server.url], False)
