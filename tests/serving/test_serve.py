"""Prefect on one PC: a run starts its own server or joins one; the schedule really runs; nothing is left behind."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

import duckdb
import pytest

from flows.serving import launch
from flows.serving.collector import DEPLOYMENT
from flows.serving.serve import page_of
from flows.serving.server import answers, is_alive
from tests.office import small_inputs

ROOT = Path(__file__).parents[2]
PATIENCE = 120  # seconds; for a loaded PC, nothing here takes more than 15 on a quiet one

# Stands in for flows.annual, with the parameters of its flow.
FLOW = """
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from prefect import flow, task
from flows.reading.orphan import end_with_parent

@task
def note(line, outputs):
    with (Path(outputs) / "runs.txt").open("a", encoding="utf-8") as file:
        file.write(line + "\\n")

@flow(name="stand-in")
def annual_collection(year: int, only: list[str] = (), retry: bool = False, inputs: str = "", outputs: str = ""):
    end_with_parent()
    note(f"begin {year}", outputs)
    time.sleep(600 if (Path(outputs) / "slow").exists() else 0.5)
    note(f"end {year}", outputs)
"""
# Every run is a process that imports the main module again, so the stand-in is set up at the top.
MAIN = """
import importlib.util, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

class StandIn:  # leave it out, and this serves the real flow
    def find_spec(self, name, path=None, target=None):
        if name == "flows.annual":
            return importlib.util.spec_from_file_location(name, Path(__file__).with_name("stand_in.py"))

sys.meta_path.insert(0, StandIn())

if __name__ == "__main__":
    from flows.serving.serve import serve
    from schemas.toml import InputError

    try:
        when = {"schedules": [sys.argv[2]], "timezone": sys.argv[3]}
        sys.exit(-serve(Path("inputs"), Path(sys.argv[1]), year=2023, **when) % 256)
    except InputError as error:
        sys.exit(f"错误：{error}")
"""
EVERY_5_SECONDS = "* * * * * */5"  # the sixth field of Prefect's cron is seconds


class Person:
    """Somebody at this PC: starts Python programs of ours, each with a clean environment, and ends them all."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.started = folder, list[subprocess.Popen[str]]()
        (folder / "stand_in.py").write_text(FLOW, encoding="utf-8")
        (folder / "main.py").write_text(MAIN, encoding="utf-8")

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "DO_NOT"))}
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder, text=True, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment},
        )  # fmt: skip
        self.started.append(process)
        return process

    def run(self, code: str, **environment: str) -> str:
        """The program's output; it must end well and complain of nothing."""
        out, err = self.start("-c", code, **environment).communicate(timeout=PATIENCE)
        assert err == ""
        return out

    def serve(self, outputs: str, cron: str = EVERY_5_SECONDS) -> subprocess.Popen[str]:
        return self.start("main.py", outputs, cron, "Asia/Shanghai", PREFECT_RUNNER_POLL_FREQUENCY="1")

    def leave(self) -> None:
        for process in self.started:
            process.terminate()  # a killed serve would leave the run that is going, and it our pipes
        for process in self.started:
            try:
                process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    somebody = Person(tmp_path)
    yield somebody
    somebody.leave()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """A PC where `cunhui serve` is running, for the outputs in `outputs`."""
    somebody = Person(tmp_path_factory.mktemp("office"))
    (somebody.folder / "outputs").mkdir()
    read_until(somebody.serve("outputs"), "停止")
    yield somebody
    somebody.leave()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What the process says, up to the line with these words."""
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it ended with {process.wait()} and said: {said}{process.stderr.read()}")


def until(condition: Callable[[], Any]) -> Any:
    """The condition's value, as soon as it is true."""
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return value


def ask(folder: Path, path: str) -> Any:
    """All records of a kind, from the server of the outputs in this folder."""
    url = launch.url_file(folder).read_text()
    request = Request(f"{url}/{path}/filter", data=b"{}", headers={"Content-Type": "application/json"})
    with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def ended(pid: int) -> bool:
    """Whether there is no such process (a zombie that nobody waits for has ended too)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_environment_keeps_what_is_set_and_fills_the_rest(tmp_path, monkeypatch):
    environment = {"PREFECT_LOGGING_LEVEL": "ERROR", "NO_PROXY": "county.example,localhost"}
    monkeypatch.setattr(os, "environ", environment)
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert launch.prepare_environment(Path("outputs")) == tmp_path / "outputs" / ".prefect"
    assert environment["PREFECT_HOME"] == str(tmp_path / "outputs" / ".prefect")
    assert environment["PREFECT_LOGGING_LEVEL"] == "ERROR"
    assert environment["DO_NOT_TRACK"] == "1"
    assert environment["NO_PROXY"] == "county.example,localhost,127.0.0.1"
    assert environment["no_proxy"] == "127.0.0.1,localhost"


def test_environment_wins_over_prefect_toml_and_prefect_is_imported_late(person):
    (person.folder / "prefect.toml").write_text("[logging]\nlevel = 'DEBUG'\n[server]\nanalytics_enabled = true\n")
    out = person.run(
        "import sys; from pathlib import Path; from flows.serving import launch\n"
        "launch.prepare_environment(Path('outputs'))\n"
        "assert not {'prefect', 'pandas', 'asyncio', 'http.client'} & set(sys.modules)\n"
        "from prefect.settings import get_current_settings\n"
        "s = get_current_settings()\n"
        "print(s.home, s.logging.level, s.logging.colors, s.server.analytics_enabled, s.results.persist_by_default,\n"
        "      s.server.ephemeral.startup_timeout_seconds)\n"
    )
    assert out.split() == [str(person.folder / "outputs/.prefect"), "WARNING", "False", "False", "False", "120"]


def test_runs_in_one_process_have_an_api_each_in_an_awkward_folder(person):
    """With a proxy that would swallow every call; nothing is said, and nothing lies about."""
    out = person.run(
        "import os; from pathlib import Path; from flows.serving import launch\n"
        "outputs = Path('年终 报表#1%20?/outputs')\n"
        "def one():\n"
        "    server = launch.start_server(outputs)\n"
        "    from stand_in import annual_collection\n"
        "    with server.flow_settings():\n"
        "        annual_collection(year=2023, outputs=str(outputs))\n"
        "    server.stop()\n"
        "    print(server.url, server.joined, 'PREFECT_API_URL' in os.environ)\n"
        "one(); one()\n",
        HTTP_PROXY="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9", ALL_PROXY="http://127.0.0.1:9",
    )  # fmt: skip
    first, second = (line.split() for line in out.splitlines())
    assert first[1:] == second[1:] == ["False", "False"]
    assert first[0] != second[0] and not any(answers(url) for url in (first[0], second[0]))
    runs = person.folder / "年终 报表#1%20?/outputs/runs.txt"
    assert runs.read_text(encoding="utf-8").split("\n") == ["begin 2023", "end 2023"] * 2 + [""]
    assert {path.name for path in person.folder.iterdir()} - {"__pycache__"} == {
        "main.py",
        "stand_in.py",
        "年终 报表#1%20?",
    }


@pytest.mark.parametrize("ready", [False, True], ids=["while_booting", "when_ready"])
def test_killed_run_leaves_no_server_though_its_worker_lives_on(person, ready):
    process = person.start(
        "-c",
        "import os, time; from pathlib import Path; from flows.serving.launch import ONE_RUN, prepare_environment\n"
        "from flows.serving.server import spawn\n"
        "server = spawn(prepare_environment(Path('outputs')), ONE_RUN)\n"
        f"{'server.wait()' if ready else ''}\n"
        "worker = os.fork() or time.sleep(600)\n"  # as a process pool does: it holds the pipe open
        "print(server._own._process.pid, worker, flush=True); time.sleep(600)\n",
    )
    server, worker = map(int, process.stdout.readline().split())
    assert not ended(server)
    process.kill()
    try:
        until(lambda: ended(server))
        assert not ended(worker)
    finally:
        os.kill(worker, signal.SIGKILL)


def test_run_joins_the_given_server_and_leaves_it_alone(person):
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Answering) as given:
        threading.Thread(target=given.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{given.server_port}/api"
        out = _joined(person, url)
        given.shutdown()
    assert out.split() == ["True", url, url]


def _joined(person, url: str) -> str:
    return person.run(
        "import os; from pathlib import Path; from flows.serving import launch\n"
        "server = launch.start_server(Path('outputs')); server.wait(); server.stop()\n"
        "print(server.joined, server.url, os.environ['PREFECT_API_URL'])\n",
        PREFECT_API_URL=url,
    )


@pytest.mark.parametrize(
    "text", ["", "junk", "http://127.0.0.1:9/api", "http://county.example:4200/api", "http://[::1/api"]
)
def test_address_left_by_a_serve_that_is_gone_is_not_joined(tmp_path, text):
    launch.url_file(tmp_path).parent.mkdir()
    launch.url_file(tmp_path).write_text(text)
    assert launch.served_url(tmp_path) is None


def test_scheduled_run_does_the_job_one_at_a_time(office):
    outputs = office.folder / "outputs"

    def scheduled() -> list[dict[str, Any]]:
        runs = ask(outputs, "flow_runs")
        return [run for run in runs if run["auto_scheduled"] and run["state_type"] == "COMPLETED"]

    assert until(scheduled)[0]["parameters"]["year"] == 2023
    assert (outputs / "runs.txt").read_text(encoding="utf-8").startswith("begin 2023\nend 2023\n")
    [deployment] = ask(outputs, "deployments")
    [schedule] = deployment["schedules"]
    assert deployment["name"] == DEPLOYMENT
    assert (schedule["active"], schedule["schedule"]["cron"]) == (True, EVERY_5_SECONDS)
    assert schedule["schedule"]["timezone"] == "Asia/Shanghai"
    assert deployment["global_concurrency_limit"]["limit"] == 1
    assert deployment["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    # from here on nobody waits for one, and a run every five seconds is a processor to itself
    pausing = Request(f"{launch.url_file(outputs).read_text()}/deployments/{deployment['id']}/pause_deployment", b"")
    build_opener(ProxyHandler({})).open(pausing, timeout=PATIENCE).close()


def test_run_beside_a_serve_joins_its_server(office):
    out = office.run(
        "from pathlib import Path; from flows.serving import launch\n"
        "server = launch.start_server(Path('outputs'))\n"
        "from stand_in import annual_collection\n"
        "with server.flow_settings():\n"
        "    annual_collection(year=1999, outputs='outputs')\n"
        "server.stop(); print(server.joined, server.url)\n"
    )
    outputs = office.folder / "outputs"
    assert out.split() == ["True", launch.url_file(outputs).read_text()]
    [direct] = [run for run in ask(outputs, "flow_runs") if run["parameters"].get("year") == 1999]
    assert direct["state_type"] == "COMPLETED"


def test_second_serve_of_the_same_outputs_is_refused_in_one_line(office):
    process = office.serve("outputs")
    out, err = process.communicate(timeout=PATIENCE)
    page = page_of(launch.url_file(office.folder / "outputs").read_text())
    assert (process.returncode, out, err) == (1, "", f"错误：这个输出文件夹已经有一个值守在运行：{page}\n")


def test_page_is_shown_to_this_pc_only(office):
    """Pages of other sites in the clerk's browser get nothing from it, under its own name or another."""
    url = launch.url_file(office.folder / "outputs").read_text()
    opener = build_opener(ProxyHandler({}))
    assert b"<html" in opener.open(url.removesuffix("api"), timeout=PATIENCE).read()
    answer = opener.open(Request(f"{url}/health", headers={"Origin": "http://evil.example"}), timeout=PATIENCE)
    assert "access-control-allow-origin" not in answer.headers
    with pytest.raises(URLError, match="400"):
        opener.open(Request(f"{url}/health", headers={"Host": "evil.example"}), timeout=PATIENCE)


def test_schedule_that_cannot_be_used_is_said_in_one_line_and_nothing_stays(person):
    process = person.serve("outputs", "0 25 * * *")
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (1, "")
    assert re.fullmatch("错误：定时“0 25 \\* \\* \\*”不对.*。\n", err)
    assert not launch.url_file(person.folder / "outputs").exists()


def test_schedule_that_never_comes_or_is_nowhere_is_refused(person):
    out = person.run(
        "from flows.serving.collector import next_run; from schemas.toml import InputError\n"
        "for cron, timezone in ('0 2 30 2 *', 'UTC'), ('', 'UTC'), ('0 2 * * *', 'Mars/X'), ('0 2 * * *', 'Asia'):\n"
        "    try: print(next_run([cron], timezone))\n"
        "    except InputError as error: print(error)\n",
        PREFECT_HOME=str(person.folder), DO_NOT_TRACK="1",
    )  # fmt: skip
    assert re.findall("^(定时|时区)“(.*?)”", out, re.MULTILINE) == [
        ("定时", "0 2 30 2 *"), ("定时", ""), ("时区", "Mars/X"), ("时区", "Asia"),
    ]  # fmt: skip


def test_stopped_serve_pauses_its_schedule_and_the_next_one_resumes_it_and_ends_its_run_when_stopped(person):
    outputs = person.folder / "outputs"

    def stored(query: str) -> list[Any]:
        with sqlite3.connect(outputs / ".prefect" / "prefect.db") as database:
            return [value for (value,) in database.execute(query)]

    def stop(process: subprocess.Popen[str], how: signal.Signals) -> None:
        url = launch.url_file(outputs).read_text()
        assert stored("SELECT paused FROM deployment") == [0]
        process.send_signal(how)
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out, err) == (-how % 256, "", "")
        assert not launch.url_file(outputs).exists()
        assert not is_alive(url, timeout=1)
        assert stored("SELECT paused FROM deployment") == [1]

    process = person.serve("outputs", cron="0 2 * * *")
    said = read_until(process, "停止")
    assert f"运行记录：{launch.url_file(outputs).read_text().removesuffix('/api')}\n" in said
    assert re.search(r"下次收表：\d{4}-\d\d-\d\d 02:00（Asia/Shanghai）", said)
    stop(process, signal.SIGINT)

    (outputs / "slow").touch()
    process = person.serve("outputs")
    read_until(process, "停止")
    until((outputs / "runs.txt").exists)
    stop(process, signal.SIGTERM)
    assert (outputs / "runs.txt").read_text(encoding="utf-8") == "begin 2023\n"
    assert stored("SELECT state_type FROM flow_run WHERE start_time IS NOT NULL") == ["CANCELLED"]


def flow_runs(outputs: Path) -> list[tuple[str, str]]:
    """Kind and name of the state of every run that has begun, in that order."""
    with sqlite3.connect(outputs / ".prefect" / "prefect.db") as database:
        return database.execute(
            "SELECT state_type, state_name FROM flow_run WHERE start_time IS NOT NULL ORDER BY start_time"
        ).fetchall()


def test_run_of_a_killed_serve_is_crashed_at_once_and_done_again_once_and_its_slot_is_free(person):
    outputs = person.folder / "outputs"
    outputs.mkdir()
    (outputs / "slow").touch()
    process = person.serve("outputs")
    until((outputs / "runs.txt").exists)
    until(lambda: flow_runs(outputs) == [("RUNNING", "Running")])
    process.kill()
    process.communicate(timeout=PATIENCE)
    (outputs / "slow").unlink()

    process = person.serve("outputs", cron="0 2 * * *")
    said = read_until(process, "汇总做完了")
    assert "补上没有做完或错过的一次汇总" in said
    assert flow_runs(outputs) == [("CRASHED", "Crashed"), ("COMPLETED", "Completed")]
    assert (outputs / "runs.txt").read_text(encoding="utf-8").split() == [
        "begin",
        "2023",
        "begin",
        "2023",
        "end",
        "2023",
    ]


def test_server_that_dies_is_started_again_in_words_and_what_comes_in_is_collected(person):
    inbox = person.folder / "inputs" / "2023" / "submissions"
    inbox.mkdir(parents=True)
    process = person.serve("outputs", cron="0 2 * * *")
    read_until(process, "停止")
    outputs = person.folder / "outputs"
    [server] = subprocess.run(
        ["pgrep", "-P", str(process.pid), "-f", "run_server"], capture_output=True, text=True, check=True
    ).stdout.split()
    os.kill(int(server), signal.SIGKILL)
    assert "Prefect 服务停了，正在重新启动（第 1 次）" in read_until(process, "值守已恢复")
    (inbox / "三湾村.xlsx").write_bytes(b"whatever")
    said = read_until(process, "汇总做完了")
    assert "有 1 处新的，开始汇总" in said
    assert flow_runs(outputs) == [("COMPLETED", "Completed")]
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert ended(int(server))


@pytest.fixture
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


def test_scheduled_run_does_the_main_job_with_prefects_records_in_postgresql(person, postgres):
    """`cunhui serve` itself: the schedule of township.toml collects real workbooks into the store and the tables."""
    inputs = small_inputs(person.folder, ["南川村", "三湾村"])
    path = inputs / "township.toml"
    path.write_text(
        re.sub(r"(?m)^cron = .*$", 'cron = "* * * * *"', path.read_text(encoding="utf-8")), encoding="utf-8"
    )
    serving = person.start("-m", "flows.commands.cli", "serve", PREFECT_SERVER_DATABASE_CONNECTION_URL=postgres)
    read_until(serving, "停止")
    outputs = person.folder / "outputs"

    def done() -> list[dict[str, Any]]:
        return [run for run in ask(outputs, "flow_runs") if run["auto_scheduled"] and run["state_type"] == "COMPLETED"]

    run = until(done)[0]
    assert run["parameters"]["year"] == 2023
    assert run["name"].startswith("示例镇 2023 年 定时") and run["state"]["name"] == "收齐"
    assert run["state"]["message"] == "应报 2 个，已采用 2 个。"
    with sqlite3.connect(outputs / ".prefect" / "prefect.db") as unused:
        assert unused.execute("SELECT count(*) FROM flow_run").fetchall() == [(0,)]
    told = until(
        lambda: {event["event"]: event for event in ask(outputs, "events")["events"]}.get("cunhui.unit.accepted")
    )
    assert told["payload"]["name"] in ("南川村", "三湾村")
    artifact = ask(outputs, "artifacts")[0]
    assert artifact["key"] == "cunhui" and "| 三湾村 | 已采用 |  |  | 三湾村.xlsx |" in artifact["data"]
    read = until(lambda: [line["message"] for line in ask(outputs, "logs") if line["message"].startswith("读取")])
    assert read[0].startswith("读取：文件 2，")
    [deployment] = ask(outputs, "deployments")
    assert deployment["parameter_openapi_schema"]["properties"]["year"]["title"] == "年度（空着按 township.toml）"
    assert (outputs / "2023" / "汇总表.xlsx").is_file()
    with duckdb.connect(str(outputs / "published" / "cunhui.duckdb"), read_only=True) as db:
        assert db.execute("SELECT DISTINCT state FROM submissions").fetchall() == [("accepted",)]
