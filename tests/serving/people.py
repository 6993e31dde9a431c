"""Somebody at this PC who starts programs of ours, and what there is to see of them."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from flows.serving import launch

ROOT = Path(__file__).parents[2]
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
            env={**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment},
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


def schedule(inputs: Path, cron: str) -> None:
    """Have township.toml say so."""
    path = inputs / "township.toml"
    text = re.sub(r"(?m)^cron = .*$", f'cron = "{cron}"', path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
