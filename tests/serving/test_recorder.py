"""The stand-in for Prefect's server: what it writes down is what Prefect's own writes, and can be read there."""

import json
import os
import socket
import sqlite3
import struct
import subprocess
import sys
import time
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from flows.serving.recorder import start_recorder
from flows.serving.tables import create_database

TWICE = """
import json, sys, urllib.request
from pathlib import Path
from flows.serving.server import Server
from flows.serving.launch import ONE_RUN, prepare_environment
from flows.serving.recorder import start_recorder
from flows.serving.server import spawn
from flows.serving.tables import create_database

home = prepare_environment(Path("outputs"))
assert create_database(home / "prefect.db")
recorder, real = start_recorder(home / "prefect.db"), spawn(home, ONE_RUN)
from prefect import flow, task
from prefect.states import Completed, Failed

@task
def double(number):
    return 2 * number

@flow(name="small", flow_run_name="{words} of 3", validate_parameters=False)
def small(words, bad=False):
    doubled = [each.result() for each in double.map([1, 2])]
    if bad:
        return Failed(message="not so", name="失败")
    return Completed(data=doubled, message="两个", name="收齐")

@flow(name="broken")
def broken():
    raise ValueError("no")

for server in (recorder, real):
    with server.flow_settings():
        assert small("one") == [2, 4]
        assert small("two", bad=True, return_state=True).message == "not so"
        assert broken(return_state=True).is_failed()
asked = urllib.request.Request(f"{real.url}/flow_runs/filter", data=b"{}", headers={"Content-Type": "application/json"})
print(urllib.request.urlopen(asked).read().decode())
recorder.stop()
real.stop()
"""
MOMENTS = {"id", "created", "updated", "state_id", "expected_start_time", "start_time", "end_time", "total_run_time",
           "estimated_run_time", "estimated_start_time_delta"}  # fmt: skip


def _told(run: dict) -> dict:
    """What two runs of the same flow have in common, as Prefect's server tells it; of moments, that they are there."""
    kept = {key: value for key, value in run.items() if key not in MOMENTS | {"state", "empirical_policy", "labels"}}
    state = run["state"]
    return kept | {
        "moments": sorted(key for key in MOMENTS if run[key]),
        "state": (state["type"], state["name"], state["message"]),
        "retries": run["empirical_policy"]["retries"],
    }


def test_runs_written_down_are_read_by_prefects_server_as_its_own(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    done = subprocess.run(
        [sys.executable, "-c", TWICE], env={**kept, "PREFECT_LOGGING_LEVEL": "CRITICAL"},
        cwd=tmp_path, text=True, capture_output=True,
    )  # fmt: skip
    assert done.stderr == ""
    told = {run["id"]: run for run in json.loads(done.stdout)}
    with sqlite3.connect(tmp_path / "outputs/.prefect/prefect.db") as connection:
        states = connection.execute("SELECT type, count(*) FROM flow_run_state GROUP BY type ORDER BY type").fetchall()
        runs = [told[key] for (key,) in connection.execute("SELECT id FROM flow_run ORDER BY rowid")]
    assert [run["name"] for run in runs[:2]] == ["one of 3", "two of 3"] and len(runs) == 6
    for noted, real in zip(runs[:3], runs[3:], strict=True):
        assert _told(noted) | {"name": ""} == _told(real) | {"name": ""}
        assert 0 < noted["total_run_time"] < 60
    assert states == [("COMPLETED", 2), ("FAILED", 4), ("PENDING", 6), ("RUNNING", 6)]


def _ask(url: str, method: str = "GET", body: dict | None = None) -> tuple[int, object]:
    sent = json.dumps(body).encode() if body is not None else None
    try:
        with urlopen(Request(url, data=sent, method=method)) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture
def recorder(tmp_path):
    assert create_database(tmp_path / "prefect.db")
    server = start_recorder(tmp_path / "prefect.db")
    yield server
    server.stop()


def test_what_nobody_asks_of_it_or_without_its_key_is_not_answered(recorder):
    assert _ask(f"{recorder.url}/health") == (200, True)
    assert _ask(f"{recorder.url}/flow_runs/filter", "POST", {})[0] == 404
    assert _ask(f"{recorder.url}/flow_runs/0-0")[0] == 404
    root = recorder.url.rsplit("/", 2)[0]
    assert [_ask(f"{root}{path}")[0] for path in ("/api/health", "/wrong/api/health", "/")] == [404] * 3


def test_database_that_is_gone_stops_no_run(recorder, tmp_path, capfd):
    (tmp_path / "prefect.db").unlink()
    (tmp_path / "prefect.db").mkdir()
    flow = {"name": "small", "tags": [], "labels": {}}
    status, made = _ask(f"{recorder.url}/flows/", "POST", flow)
    assert status == 201 and made["name"] == "small"
    run = {"flow_id": made["id"], "name": "one", "state": {"type": "PENDING", "state_details": {}}}
    run |= {"flow_version": "1", "parameters": {}, "context": {}, "empirical_policy": {}, "tags": []}
    status, made = _ask(f"{recorder.url}/flow_runs/", "POST", run)
    assert status == 201 and made["state_name"] == "Pending"
    assert capfd.readouterr() == ("", "") and "not written" in (tmp_path / "server.log").read_text(encoding="utf-8")


def test_client_that_goes_away_in_the_middle_is_noted_in_the_log_and_not_on_the_screen(recorder, tmp_path, capfd):
    address = urlsplit(recorder.url)
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(f"POST {address.path}/flows/ HTTP/1.1\r\nContent-Length: 100\r\n\r\n{{".encode())
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ended by a reset
    log, end = tmp_path / "server.log", time.monotonic() + 30
    while not log.exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert "ConnectionResetError" in log.read_text(encoding="utf-8")
    assert _ask(f"{recorder.url}/health") == (200, True)
    assert capfd.readouterr() == ("", "")
