"""`cunhui serve` with real collections: on PostgreSQL through a quiet day, and on Prefect's own file through every
kill. Few are started, each for many looks at it: a start takes 15 CPU-seconds."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener
from uuid import UUID

import asyncpg
import duckdb
import pytest
import yaml
from filelock import FileLock

from flows.serving import launch
from flows.serving.collector import DEPLOYMENT
from flows.serving.elsewhere import Elsewhere
from flows.serving.serve import PORT, page_of
from flows.serving.server import answers, is_alive
from flows.serving.watch import Watch
from flows.store.figures import Arrival
from flows.store.standing import Standing
from tests.benchmarks.soak import arrivals, stored
from tests.office import judge_steps, small_inputs
from tests.serving import people
from tests.serving.people import PATIENCE, Person, children, ended, read_until, schedule, until

MINUTELY, NIGHTLY = "* * * * *", "0 2 * * *"
STOPPED = "已中断：值守停了，收到的文件和已入库的数都在，再运行 cunhui serve 即可继续。\n"


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A PostgreSQL of its own, as Debian has it; gives the address of its database for Prefect."""
    [*_, found] = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    folder = Path(tempfile.mkdtemp(prefix="cunhui-postgres-"))
    owner = {"user": "postgres"} if os.geteuid() == 0 else {}  # it refuses to run as root
    if owner:
        shutil.chown(folder, "postgres")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    data, said = str(folder / "data"), str(folder / "log")
    how = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    quiet: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/", **owner}
    subprocess.run([found / "initdb", "-D", data, "--auth=trust", "--no-sync", "-U", "cunhui"], **quiet)
    subprocess.run([found / "pg_ctl", "-D", data, "-w", "-l", said, "-o", how, "start"], **quiet)
    yield f"postgresql+asyncpg://cunhui@127.0.0.1:{port}/postgres"
    subprocess.run([found / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[SimpleNamespace]:
    """A PC where `cunhui serve` is running: every minute, with nothing new in its inbox, and its port taken.

    One of its two reports lies in an inbox at a URL.
    """
    person = Person(tmp_path_factory.mktemp("office"))
    inputs = small_inputs(person.folder, ["南川村", "三湾村"])
    schedule(inputs, MINUTELY)
    elsewhere = person.folder / "county" / "2023"
    elsewhere.mkdir(parents=True)
    (inputs / "2023" / "submissions" / "三湾村.xlsx").rename(elsewhere / "三湾村.xlsx")
    url = elsewhere.parent.as_uri()
    township = inputs / "township.toml"
    text = township.read_text(encoding="utf-8")
    township.write_text(text.replace("[collection]\n", f'[collection]\ninbox = "{url}"\n'), encoding="utf-8")
    kept = launch.url_file(person.outputs).with_name("inbox.json")
    kept.parent.mkdir(parents=True)
    there = Elsewhere(url, 2023, person.outputs)
    for _ in range(2):
        there.look()
    watch = Watch(inputs, 2023, kept, there)
    watch.keep(watch.now() or {})
    later = kept.stat().st_mtime + 600  # no minute has been missed
    os.utime(kept, (later, later))
    with ExitStack() as taken:
        with suppress(OSError):  # somebody else has it
            taken.enter_context(socket.create_server(("127.0.0.1", PORT)))
        serving = person.serve(PREFECT_SERVER_DATABASE_CONNECTION_URL=postgres)
        said = read_until(serving, "停止")
    yield SimpleNamespace(person=person, serving=serving, said=said, postgres=postgres, url=url)
    person.leave()


# A program that runs a flow of its own twice with nobody serving, and once beside a serve.
FLOW = """
from pathlib import Path
from prefect import flow, task

@task
def note(line, outputs):
    with (Path(outputs) / "runs.txt").open("a", encoding="utf-8") as file:
        file.write(line + "\\n")

@flow(name="stand-in")
def stand_in(year, outputs):
    note(f"begin {year}", outputs)
    note(f"end {year}", outputs)
"""
PROGRAM = """
import json, os, sys
from pathlib import Path
from flows.serving import launch

alone, served = map(Path, sys.argv[1:])
launch.prepare_environment(alone)
early = sorted({"prefect", "pandas", "asyncio", "http.client"} & set(sys.modules))
from prefect.settings import get_current_settings
from flow import stand_in

def run(year, outputs):
    server = launch.start_server(outputs)
    with server.flow_settings():
        stand_in(year, str(outputs))
    server.stop()
    return server.url, server.joined, "PREFECT_API_URL" in os.environ

now = get_current_settings()
settings = [
    str(now.home), now.logging.level, now.logging.colors, now.server.analytics_enabled,
    now.results.persist_by_default, now.server.ephemeral.startup_timeout_seconds,
]
runs = [run(2022, alone), run(2023, alone), run(1999, served)]
print(json.dumps({"early": early, "settings": settings, "runs": runs}))
"""


@pytest.fixture(scope="module")
def program(office, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """What the program tells, in an awkward folder, with a proxy that would swallow every call and a prefect.toml."""
    person = Person(tmp_path_factory.mktemp("program"))
    (person.folder / "flow.py").write_text(FLOW, encoding="utf-8")
    (person.folder / "prefect.toml").write_text("[logging]\nlevel = 'DEBUG'\n[server]\nanalytics_enabled = true\n")
    nowhere = "http://127.0.0.1:9"
    process = person.start(
        "-c", PROGRAM, "年终 报表#1%20?/outputs", str(office.person.outputs),
        HTTP_PROXY=nowhere, http_proxy=nowhere, ALL_PROXY=nowhere,
    )  # fmt: skip
    out, err = process.communicate(timeout=PATIENCE)
    assert err == ""
    return SimpleNamespace(folder=person.folder, **json.loads(out))


def test_environment_wins_over_prefect_toml_and_prefect_is_imported_late(program):
    assert program.early == []
    home = program.folder / "年终 报表#1%20?/outputs/.prefect"
    assert program.settings == [str(home), "WARNING", False, False, False, 120]


def test_runs_in_one_process_have_an_api_each_in_an_awkward_folder(program):
    (first, *of_first), (second, *of_second), _ = program.runs
    assert of_first == of_second == [False, False]
    assert first != second and not any(answers(url) for url in (first, second))
    runs = program.folder / "年终 报表#1%20?/outputs/runs.txt"
    assert runs.read_text(encoding="utf-8").split("\n") == ["begin 2022", "end 2022", "begin 2023", "end 2023", ""]
    lying = {path.name for path in program.folder.iterdir()} - {"__pycache__"}
    assert lying == {"flow.py", "prefect.toml", "年终 报表#1%20?"}


def test_run_beside_a_serve_joins_its_server(program, office):
    url = launch.url_file(office.person.outputs).read_text()
    assert program.runs[2] == [url, True, True]
    [direct] = [run for run in office.person.ask("flow_runs") if run["parameters"].get("year") == 1999]
    assert direct["state_type"] == "COMPLETED"


def test_port_that_is_taken_is_left_to_whoever_has_it(office):
    url = launch.url_file(office.person.outputs).read_text()
    assert not url.endswith(f":{PORT}/api")
    assert f"运行记录：{page_of(url)}\n" in office.said


def test_second_serve_of_the_same_outputs_is_refused_in_one_line(office):
    process = office.person.serve()
    out, err = process.communicate(timeout=PATIENCE)
    page = page_of(launch.url_file(office.person.outputs).read_text())
    assert (process.returncode, out, err) == (2, "", f"错误：这个输出文件夹已经有一个值守在运行：{page}\n")


def test_page_is_shown_to_this_pc_only(office):
    """Pages of other sites in the clerk's browser get nothing from it, under its own name or another."""
    url = launch.url_file(office.person.outputs).read_text()
    opener = build_opener(ProxyHandler({}))
    assert b"<html" in opener.open(url.removesuffix("api"), timeout=PATIENCE).read()
    answer = opener.open(Request(f"{url}/health", headers={"Origin": "http://evil.example"}), timeout=PATIENCE)
    assert "access-control-allow-origin" not in answer.headers
    with pytest.raises(URLError, match="400"):
        opener.open(Request(f"{url}/health", headers={"Host": "evil.example"}), timeout=PATIENCE)


def test_inbox_at_a_url_is_named_beside_the_folder(office):
    assert f"submissions，和 {office.url}（来了新文件就汇总）" in office.said


def test_schedule_of_the_township_is_laid_for_one_run_at_a_time(office):
    assert re.search(r"下次收表：\d{4}-\d\d-\d\d \d\d:\d\d（Asia/Shanghai）", office.said)
    [deployment] = office.person.ask("deployments")
    [laid] = deployment["schedules"]
    assert deployment["name"] == DEPLOYMENT
    assert (laid["active"], laid["schedule"]["cron"]) == (True, MINUTELY)
    assert laid["schedule"]["timezone"] == "Asia/Shanghai"
    assert deployment["global_concurrency_limit"]["limit"] == 1
    assert deployment["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    titles = deployment["parameter_openapi_schema"]["properties"]
    assert titles["year"]["title"] == "年度（空着按 township.toml）"


def test_scheduled_run_does_the_main_job_for_folder_and_url_with_prefects_records_in_postgresql(office):
    person = office.person

    def done() -> list[dict[str, Any]]:
        runs = person.ask("flow_runs")
        return [run for run in runs if run["auto_scheduled"] and run["state_type"] == "COMPLETED"]

    run = until(done)[0]
    assert run["parameters"]["year"] == 2023
    assert run["name"].startswith("示例镇 2023 年 定时") and run["state"]["name"] == "收齐"
    assert run["state"]["message"] == "应报 2 个，已采用 2 个。"
    assert person.stored("SELECT count(*) FROM flow_run") == [(0,)]
    told = until(
        lambda: {event["event"]: event for event in person.ask("events")["events"]}.get("cunhui.unit.accepted")
    )
    assert told["payload"]["name"] in ("南川村", "三湾村")
    artifact = person.ask("artifacts")[0]
    assert artifact["key"] == "cunhui" and "| 三湾村 | 已采用 |  |  | 三湾村.xlsx |" in artifact["data"]
    read = until(lambda: [line["message"] for line in person.ask("logs") if line["message"].startswith("读取")])
    assert read[0].startswith("读取：文件 2，")
    assert (person.outputs / "2023" / "汇总表.xlsx").is_file()
    with duckdb.connect(str(person.outputs / "published" / "cunhui.duckdb"), read_only=True) as db:
        assert db.execute("SELECT DISTINCT state FROM submissions").fetchall() == [("accepted",)]


class Robot(BaseHTTPRequestHandler):
    """Takes what is sent to an office's robot."""

    told: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        self.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


def test_automations_that_are_shipped_tell_of_what_a_run_shows(office, monkeypatch):
    person, url = office.person, launch.url_file(office.person.outputs).read_text()
    kind = json.loads(person.call("block_types/slug/custom-webhook", None))
    chosen = {"block_schemas": {"block_type_id": {"any_": [kind["id"]]}}}
    [schema] = json.loads(person.call("block_schemas/filter", json.dumps(chosen).encode()))
    told = {"subject": "{{subject}}", "body": "{{body}}"}
    with HTTPServer(("127.0.0.1", 0), Robot) as robot:
        threading.Thread(target=robot.serve_forever, daemon=True).start()
        data = {"name": "robot", "url": f"http://127.0.0.1:{robot.server_port}/", "json_data": told}
        block = {"name": "robot", "block_type_id": kind["id"], "block_schema_id": schema["id"], "data": data}
        made = json.loads(person.call("block_documents/", json.dumps(block).encode()))
        text = (Path(__file__).parents[2] / "flows/serving/automation.yaml").read_text(encoding="utf-8")
        for one in yaml.safe_load(text.replace(str(UUID(int=0)), made["id"]))["automations"]:
            person.call("automations/", json.dumps(one).encode())
        show_through(url, monkeypatch)
        until(lambda: len({one["subject"] for one in Robot.told}) == 2)
        robot.shutdown()
    assert {one["subject"]: one["body"] for one in Robot.told} == {
        "2023 年的年报收齐了": "全部采用，可以封存。",  # the schedule's next run may say it again
        "三湾村的年报已退回": "须改正 3 处，须说明 2 处。",
    }


def show_through(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What two runs show: one unit's form went back and another's is missing; all are in."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows import annual

    monkeypatch.setattr(annual, "create_markdown_artifact", lambda *_, **__: None)
    back = Arrival("990101101201", "三湾村", "村", "returned", "三湾村.xlsx", 1, None, 3, 2, 0)
    missing = Arrival("990101101202", "大湾村", "村", "missing", "", 0, None, 0, 0, 0)
    accepted = Arrival("990101101201", "三湾村", "村", "accepted", "三湾村.xlsx", 2, None, 0, 0, 0, accepted=True)
    with temporary_settings({PREFECT_API_URL: url}):
        for arrivals in [back, missing], [accepted]:
            annual.show(Standing(2023, datetime.now(UTC), arrivals, [], {}), [accepted.code])


def test_ctrl_c_pauses_the_schedule_and_ends_all_that_was_started(office):
    url = launch.url_file(office.person.outputs).read_text()
    started = children(office.serving.pid)
    office.serving.send_signal(signal.SIGINT)
    _, err = office.serving.communicate(timeout=PATIENCE)
    assert (office.serving.returncode, err) == (128 + signal.SIGINT, STOPPED)
    assert len(started) >= 3
    until(lambda: all(map(ended, started)))
    assert not launch.url_file(office.person.outputs).exists() and not is_alive(url, timeout=1)
    assert asyncio.run(_paused(office.postgres)) == [True]


async def _paused(address: str) -> list[bool]:
    connection = await asyncpg.connect(address.replace("+asyncpg", ""))
    try:
        return [row["paused"] for row in await connection.fetch("SELECT paused FROM deployment")]
    finally:
        await connection.close()


def flow_runs(person: Person) -> list[str]:
    """The kind of state of every run that has begun, in that order."""
    with suppress(sqlite3.OperationalError):  # the file is not there yet
        found = person.stored("SELECT state_type FROM flow_run WHERE start_time IS NOT NULL ORDER BY start_time")
        return [state for (state,) in found]
    return []


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Everything is killed once, in the midst of a run: serve, and the machine, whose disk is then served elsewhere;
    the server there; both at once. The one after that is stopped. Meanwhile come twelve arrivals, faults among them.

    A run goes on for as long as somebody else holds the outputs folder.
    """
    folder = tmp_path_factory.mktemp("history")
    here, person = Person(folder / "here"), Person(folder / "elsewhere")
    schedule(small_inputs(here.folder, ["南川村", "三湾村", "大湾村"]), NIGHTLY)
    inbox = Path("inputs", "2023", "submissions")
    sent = arrivals(here.folder / inbox, folder / "post", 12, Random(1))
    here.outputs.mkdir()
    seen = SimpleNamespace(person=person, first={of for _, of in sent[:4]})
    # what can be sent where is of no use here, and told to every new server for 2 CPU-seconds
    quick = {"PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false"}

    def come(letters: list[tuple[Path, Path]], to: Person) -> None:
        for letter, of in letters:
            shutil.copy(letter, to.folder / inbox / of.name)

    come(sent[:4], here)
    with FileLock(here.outputs / ".cunhui.lock"):
        first = here.serve(**quick)
        seen.arrived = read_until(first, "开始汇总")
        until(lambda: flow_runs(here) == ["RUNNING"])
        [deployment] = here.ask("deployments")
        here.call(f"deployments/{deployment['id']}/pause_deployment", b"")  # as a serve that is stopped leaves it
        seen.orphans = children(first.pid)
        people.copied_at_once(first.pid, here.folder, person.folder)
        first.kill()
        first.communicate(timeout=PATIENCE)
    with FileLock(person.outputs / ".cunhui.lock"):
        second = person.serve(**quick)
        seen.made_up = read_until(second, "补上")
        seen.crashed = flow_runs(person)
        until(lambda: flow_runs(person) == ["CRASHED", "RUNNING"])
        seen.resumed = person.stored("SELECT paused FROM deployment")
        os.kill(people.server_of(second.pid), signal.SIGKILL)
        come(sent[4:8], person)
        seen.restarted = read_until(second, "补上")
    seen.collected = read_until(second, "汇总做完了")
    come(sent[8:], person)
    watch = Watch(person.folder / "inputs", 2023, launch.url_file(person.outputs).with_name("inbox.json"))
    until(lambda: watch.read() == watch.now())
    seen.done = flow_runs(person)
    seen.stored = stored(person.outputs)
    seen.inputs = shutil.copytree(person.folder / "inputs", folder / "inputs")
    with FileLock(person.outputs / ".cunhui.lock"):
        (person.folder / inbox / "又一份.xlsx").write_bytes(b"whatever")
        until(lambda: flow_runs(person)[len(seen.done) :] == ["RUNNING"])
        for pid in (second.pid, people.server_of(second.pid)):
            os.kill(pid, signal.SIGKILL)
        second.communicate(timeout=PATIENCE)
        third = person.serve(**quick)
        seen.made_up_again = read_until(third, "补上")
        seen.crashed_again = flow_runs(person)[len(seen.done) :]
        until(lambda: flow_runs(person)[-1] == "RUNNING")
        seen.url = launch.url_file(person.outputs).read_text()
        seen.left = children(third.pid)
        third.terminate()
        _, seen.err = third.communicate(timeout=PATIENCE)
        seen.returncode = third.returncode
    yield seen
    here.leave()
    person.leave()


def test_serve_says_where_it_is_and_collects_what_lies_in_the_inbox(history):
    assert re.search(r"下次收表：\d{4}-\d\d-\d\d 02:00（Asia/Shanghai）", history.arrived)
    assert f"收件夹和设置里有 {len(history.first) + 2} 处变动，开始汇总" in history.arrived


def test_killed_serve_leaves_no_process(history):
    assert len(history.orphans) >= 4  # server, collector, the run, and what counts shared memory
    until(lambda: all(map(ended, history.orphans)))


def test_run_of_a_killed_machine_is_crashed_at_once_and_done_again_elsewhere_and_its_slot_is_free(history):
    assert "补上没有做完或错过的一次汇总" in history.made_up
    assert history.crashed[0] == "CRASHED"


def test_paused_schedule_is_resumed_by_the_next_serve(history):
    assert history.resumed == [(0,)]


def test_server_that_dies_is_started_again_in_words_and_what_came_meanwhile_is_collected_once(history):
    assert "Prefect 服务停了，正在重新启动（第 1 次）" in history.restarted
    assert "补上没有做完或错过的一次汇总" in history.restarted
    assert "应报 3 个，已退回 2 个，已采用 1 个。" in history.collected
    assert history.done[:4] == ["CRASHED", "CRASHED", "COMPLETED", "COMPLETED"]


def test_what_arrives_in_any_order_over_all_kills_is_stored_as_by_one_full_run(history, tmp_path):
    judge_steps(history.inputs, tmp_path / "outputs")
    assert stored(tmp_path / "outputs") == history.stored
    assert len(history.stored[-1]) == 3  # all are accepted in the end


def test_serve_killed_with_its_server_at_once_is_made_up_for_by_the_next_with_one_run(history):
    assert "补上没有做完或错过的一次汇总" in history.made_up_again
    assert history.crashed_again[0] == "CRASHED"


def test_serve_that_is_stopped_cancels_its_run_pauses_its_schedule_and_ends_all_it_started(history):
    assert (history.returncode, history.err) == (128 + signal.SIGTERM, STOPPED)
    assert len(history.left) >= 4
    until(lambda: all(map(ended, history.left)))
    assert flow_runs(history.person) == [*history.done, "CRASHED", "CANCELLED"]
    assert history.person.stored("SELECT paused FROM deployment") == [(1,)]
    assert not launch.url_file(history.person.outputs).exists() and not is_alive(history.url, timeout=1)
