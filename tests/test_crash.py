"""Killed at any moment, run twice at once, out of disk: the next plain run ends as if nothing had happened."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from flows import cli
from flows.emit import prepared
from tests.office import SAMPLE, run_steps, small_inputs
from tests.returning import YEAR, edit

ROOT = Path(__file__).parents[1]
KILLS = int(os.environ.get("CUNHUI_KILLS", "100"))
VILLAGES = ["三湾村", "大湾村", "示例镇司法所"]
_DUMP = {
    "submissions": "SELECT year, unit_code, revision, state, file, sha256, size, format, preparer FROM submissions",
    "facts": "SELECT * FROM facts",
    "list_rows": "SELECT * FROM list_rows",
    "findings": "SELECT year, unit_code, revision, state, code, grade, cell, raw, message, explained, file FROM findings",
    "totals": "SELECT * FROM totals",
    "adjustments": "SELECT * FROM adjustments",
}


def office(folder: Path) -> tuple[Path, Path]:
    """Three units, of which one sends a faulty form, which makes every kind of output."""
    inputs = small_inputs(folder, VILLAGES)
    shutil.copy(SAMPLE / "年度工作总结模板.docx", inputs)
    edit(inputs / str(YEAR) / "submissions" / "大湾村.xlsx", {"I01": "若干户", "C05": "1200亩"})
    return inputs, folder / "outputs"


def contents(outputs: Path) -> dict[str, object]:
    """All that the store and the outputs say, without the moments at which they came to say it."""
    with duckdb.connect(str(outputs / "cunhui.duckdb"), read_only=True) as db:
        stored = {name: sorted(map(repr, db.execute(query).fetchall())) for name, query in _DUMP.items()}
    files = {
        str(path.relative_to(outputs)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(outputs.rglob("*"))
        if path.is_file() and path.suffix != ".duckdb" and not path.name.startswith(".cunhui")
    }
    return {**stored, "files": files}


def forked(work: Callable[[], object]) -> int:
    """Run in a child of its own, in a group of its own, with everything imported already. Returns its number."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        try:
            work()
        finally:
            os._exit(0)
    return pid


def kill(pid: int) -> None:
    """End the child and whatever it started, as a power cut does."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def at_a_write(number: int, inputs: Path, outputs: Path) -> Callable[[], object]:
    """A run that kills itself in the middle of its n-th file, half written, or before its n-th commit or replacement."""
    left = [number]

    def strike() -> bool:
        left[0] -= 1
        return left[0] == 0

    def work() -> None:
        import flows.steps.store as store

        whole, replace, commit = Path.write_bytes, os.replace, store.Store.transaction

        def write_half(self: Path, data: bytes) -> int:
            if strike():
                whole(self, data[: len(data) // 2])
                os.killpg(0, signal.SIGKILL)
            return whole(self, data)

        def replace_or_not(source, target):
            if strike():
                os.killpg(0, signal.SIGKILL)
            replace(source, target)

        def commit_or_not(self):
            if strike():
                os.killpg(0, signal.SIGKILL)
            return commit(self)

        Path.write_bytes, os.replace, store.Store.transaction = write_half, replace_or_not, commit_or_not
        run_steps(inputs, outputs)

    return work


class Stopped(datetime):
    """A clock that stands still: when a file came in is printed."""

    @classmethod
    def now(cls, tz=None):
        return datetime(2024, 1, 2, 3, 4, tzinfo=UTC)


def test_a_run_killed_at_any_moment_is_completed_by_the_next_as_if_undisturbed(tmp_path, monkeypatch):
    monkeypatch.setattr("flows.ledger.datetime", Stopped)
    inputs, undisturbed = office(tmp_path)
    started = time.monotonic()
    os.waitpid(forked(lambda: run_steps(inputs, undisturbed)), 0)
    length = time.monotonic() - started
    expected = contents(undisturbed)
    assert len(expected["facts"]) > 100 and len(expected["files"]) > 8
    rng, cut_short = random.Random(20231231), 0
    for number in range(KILLS):
        outputs = tmp_path / f"outputs{number}"
        if number % 2:
            os.waitpid(forked(at_a_write(1 + number // 2 % 32, inputs, outputs)), 0)
        else:
            pid = forked(lambda outputs=outputs: run_steps(inputs, outputs))
            time.sleep(rng.uniform(0, length))
            kill(pid)
        cut_short += not (outputs / "published" / "cunhui.duckdb").exists()
        os.waitpid(forked(lambda outputs=outputs: run_steps(inputs, outputs)), 0)
        assert contents(outputs) == expected, number
        shutil.rmtree(outputs)
    assert cut_short > KILLS // 3


def command(*arguments: str, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "flows.cli", *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )  # fmt: skip


def test_two_runs_at_once_one_waits_for_the_other_and_both_end_well(tmp_path, prefect_home):
    inputs, outputs = office(tmp_path)
    edit(inputs / str(YEAR) / "submissions" / "大湾村.xlsx", {"I01": 60, "C05": 2000})
    where = ("--inputs", str(inputs), "--outputs", str(outputs))
    runs = [command("run", *where, "--json", PREFECT_HOME=prefect_home) for _ in range(2)]
    said = [run.communicate(timeout=300) for run in runs]
    assert [run.returncode for run in runs] in ([0, 0], [3, 3]), said
    states = [[unit["state"] for unit in json.loads(out)["units"]] for out, _ in said]
    assert states[0] == states[1]
    alone = tmp_path / "alone"
    run_steps(inputs, alone)
    assert contents(outputs) | {"files": 0} == contents(alone) | {"files": 0}


def test_a_run_beside_one_that_does_not_end_says_who_is_running(tmp_path, monkeypatch, capsys):
    from flows import job
    from flows.steps.store import hold

    inputs, outputs = office(tmp_path)
    monkeypatch.setattr(job, "hold", lambda folder, wait: hold(folder, wait=0.1))
    with hold(outputs):
        assert cli.main(["status", "--inputs", str(inputs), "--outputs", str(outputs)]) == 2
    assert f"进程号 {os.getpid()}" in capsys.readouterr().err


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own that holds almost nothing; mounting needs root, as continuous integration has."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "none", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_in_one_line_and_the_run_after_making_room_completes_it(tmp_path, small_disk, prefect_home):
    inputs, _ = office(tmp_path)
    outputs = small_disk / "outputs"
    run = command("run", "--inputs", str(inputs), "--outputs", str(outputs), PREFECT_HOME=prefect_home)
    _, said = run.communicate(timeout=300)
    assert run.returncode == 1
    assert "磁盘满了" in said and "Traceback" not in said and len(said.strip().splitlines()) == 1
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    run_steps(inputs, outputs)
    run_steps(inputs, tmp_path / "roomy")
    assert contents(outputs) | {"files": 0} == contents(tmp_path / "roomy") | {"files": 0}


@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_disk_full_at_any_file_leaves_the_last_one_and_no_scraps(tmp_path, monkeypatch, number):
    inputs, outputs = office(tmp_path)
    run_steps(inputs, outputs)
    before = contents(outputs)["files"]
    edit(inputs / str(YEAR) / "submissions" / "三湾村.xlsx", {"I01": 45})
    left, replace = [number], os.replace

    def full(source, target):
        left[0] -= 1
        if left[0] == 0:
            raise OSError(28, "No space left on device")
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(prepared.os, "replace", full)
        with pytest.raises(OSError, match="No space"):
            run_steps(inputs, outputs)
    after = contents(outputs)["files"]
    assert set(after) >= set(before) and not [name for name in after if name.endswith(".tmp")]
    run_steps(inputs, outputs)
    run_steps(inputs, tmp_path / "new")
    assert contents(outputs)["totals"] == contents(tmp_path / "new")["totals"]
