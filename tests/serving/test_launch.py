"""Where a run finds Prefect's API: in what the environment says, in a serve of its outputs, or its own; none outlives
the run."""

import os
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from flows.serving import launch
from schemas.errors import InputError
from tests.serving.people import PATIENCE, Person, ended, until


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    somebody = Person(tmp_path)
    yield somebody
    somebody.leave()


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


def test_home_that_cannot_be_written_is_named_by_its_variable_unless_it_is_the_outputs_own(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    home = tmp_path / "file" / "prefect"
    monkeypatch.setattr(os, "environ", {"PREFECT_HOME": str(home)})
    with pytest.raises(InputError) as refused:
        launch.prepare_environment(tmp_path / "outputs")
    [line] = refused.value.lines
    assert line.startswith(f"PREFECT_HOME 指的文件夹 {home} 写不进去") and "取消这个环境变量" in line
    monkeypatch.setattr(os, "environ", {})
    with pytest.raises(NotADirectoryError):  # told as whatever of the outputs cannot be written
        launch.prepare_environment(tmp_path / "file")


def test_killed_run_leaves_no_server_though_its_worker_lives_on(person):
    process = person.start(
        "-c",
        "import os, time; from pathlib import Path; from flows.serving.launch import ONE_RUN, prepare_environment\n"
        "from flows.serving.server import spawn\n"
        "server = spawn(prepare_environment(Path('outputs')), ONE_RUN)\n"
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
        process = person.start(
            "-c",
            "import os; from pathlib import Path; from flows.serving import launch\n"
            "server = launch.start_server(Path('outputs')); server.wait(); server.stop()\n"
            "print(server.joined, server.url, os.environ['PREFECT_API_URL'])\n",
            PREFECT_API_URL=url,
        )
        out, err = process.communicate(timeout=PATIENCE)
        given.shutdown()
    assert (out.split(), err) == (["True", url, url], "")


@pytest.mark.parametrize(
    "text", ["", "junk", "http://127.0.0.1:9/api", "http://county.example:4200/api", "http://[::1/api"]
)
def test_address_left_by_a_serve_that_is_gone_is_not_joined(tmp_path, text):
    launch.url_file(tmp_path).parent.mkdir()
    launch.url_file(tmp_path).write_text(text)
    assert launch.served_url(tmp_path) is None
