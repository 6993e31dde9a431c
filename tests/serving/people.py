"""Somebody at this PC who starts programs of ours, and what there is to see of them."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from flows.serving import launch, watch
from flows.serving.collector import Said
from flows.serving.serve import _Shift
from flows.serving.server import Server
from flows.serving.watch import Watch

PATIENCE = 120  # seconds; for a loaded PC, nothing here takes more than 15 on a quiet one


class Person:
    """Somebody at this PC: starts Python programs of ours, each with a clean environment, and ends them all."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.started = folder, list[subprocess.Popen[str]]()
        self.outputs = folder / "outputs"

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "DO_NOT"))}
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder, text=True, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**kept, "PYTHONUTF8": "1", **environment},
        )  # fmt: skip
        self.started.append(process)
        return process

    def serve(self, **environment: str) -> subprocess.Popen[str]:
        return self.start("-m", "flows.commands.cli", "serve", **environment)

    def ask(self, path: str) -> Any:
        """All records of a kind, from the server of these outputs."""
        return json.loads(self.call(f"{path}/filter", b"{}"))

    def call(self, path: str, body: bytes | None) -> bytes:
        request = Request(f"{launch.url_file(self.outputs).read_text()}/{path}", body)
        request.add_header("Content-Type", "application/json")
        with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            return answer.read()

    def stored(self, query: str) -> list[tuple[Any, ...]]:
        """From Prefect's own file of records, whether anybody serves or not."""
        with sqlite3.connect(self.outputs / ".prefect" / "prefect.db") as database:
            return database.execute(query).fetchall()

    def leave(self) -> None:
        for process in self.started:
            process.terminate()  # a killed serve would leave the run that is going, and it our pipes
        for process in self.started:
            try:
                process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


class Desk:
    """A serve's shift without children, that looks at the inbox whenever it is told to; and what it says and asks.

    `free`: what it asks for begins, for no other run goes on.
    """

    def __init__(self, watch: Watch) -> None:
        self.asked, self._said = list[str](), list[str]()
        self.shift = _Shift(watch, [], self._said.append, "", None)
        self.shift.begun_before, self.shift.again, self.shift.pause = True, 0.0, 60.0
        self.shift.orders, self.free = SimpleNamespace(send=self._due), True

    def _due(self, trigger: str) -> None:
        self.asked.append(trigger)
        if len(self.shift.asked) == 1:
            self.shift._hear(Said("due", well=self.free), Server(""))

    def looks(self) -> None:
        for _ in range(3):
            self.shift._look()

    @property
    def said(self) -> list[str]:
        """Without the time before each."""
        return [line.partition(" ")[2] for line in self._said]


def without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a watch sees lies still."""
    for pause in "STILL", "POLL", "CLOSELY":
        monkeypatch.setattr(watch, pause, 0.0)


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What the process says, up to the line with these words."""
    assert process.stdout and process.stderr
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
        time.sleep(0.2)
    return value


def ended(pid: int) -> bool:
    """Whether there is no such process (a zombie that nobody waits for has ended too)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def children(pid: int) -> list[int]:
    """All that a process has started, and they."""
    found = [pid]
    for one in found:
        for thread in Path(f"/proc/{one}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found[1:]


def server_of(pid: int) -> int:
    """The Prefect server that a serve has started."""
    [server] = [one for one in children(pid) if b"run_server" in Path(f"/proc/{one}/cmdline").read_bytes()]
    return server


def copied_at_once(pid: int, folder: Path, to: Path) -> Path:
    """What a disk held when the power failed: the folder at one moment of a serve that is in the midst of its work."""
    stopped = list[int]()
    while more := set([pid, *children(pid)]) - set(stopped):  # until nothing is left that could start another
        for one in more:
            os.kill(one, signal.SIGSTOP)
            stopped.append(one)
    shutil.copytree(folder, to)
    for one in stopped:
        os.kill(one, signal.SIGCONT)
    return to


def schedule(inputs: Path, cron: str) -> None:
    """Have township.toml say so."""
    path = inputs / "township.toml"
    text = re.sub(r"(?m)^cron = .*$", f'cron = "{cron}"', path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
