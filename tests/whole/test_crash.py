"""Killed at any moment, run twice at once, out of disk: the next plain run ends as if nothing had happened."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import files
from flows.commands import cli
from tests.crashing import contents, office
from tests.office import judge_steps, run_steps
from tests.returning import YEAR, edit
from tests.warm import Warm, warmed

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("CUNHUI_KILLS", "10"))
"""How many pieces of work are killed, an even number; any can be asked for, at four seconds of a processor each."""


def test_a_run_killed_at_any_moment_is_completed_by_the_next_as_if_undisturbed(tmp_path):
    killing = subprocess.run(
        [sys.executable, "-m", "tests.crashing", str(tmp_path), str(KILLS), "1"],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert killing.returncode == 0, killing.stdout
    assert int(killing.stdout.split("killed, ")[1].split()[0]) > KILLS // 3


@pytest.fixture(scope="module")
def warm(tmp_path_factory) -> Iterator[Warm]:
    with warmed(tmp_path_factory.mktemp("warm")) as one:
        yield one


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """The folder of an office, collected without disturbance."""
    folder = tmp_path_factory.mktemp("whole")
    run_steps(*office(folder))
    return folder


def test_two_runs_at_once_one_waits_for_the_other_and_both_end_well(whole, tmp_path, warm):
    inputs, outputs = shutil.copytree(whole / "inputs", tmp_path / "inputs"), tmp_path / "outputs"
    where = ("--inputs", str(inputs), "--outputs", str(outputs))
    runs = [warm.cunhui("run", *where, "--json") for _ in range(2)]
    said = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] in ([0, 0], [3, 3]), said
    states = [[unit["state"] for unit in json.loads(out)["units"]] for out, _ in said]
    assert states[0] == states[1]
    assert contents(outputs) | {"files": 0} == contents(whole / "outputs") | {"files": 0}


def test_a_run_beside_one_that_does_not_end_says_who_is_running(tmp_path, monkeypatch, capsys):
    from flows import job
    from flows.store.lock import hold

    inputs, outputs = office(tmp_path)
    monkeypatch.setattr(job, "hold", lambda folder, wait: hold(folder, wait=0.1))
    with hold(outputs):
        assert cli.main(["forms", "--inputs", str(inputs), "--outputs", str(outputs)]) == 2
    assert f"进程号 {os.getpid()}" in capsys.readouterr().err


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own that holds almost nothing; mounting needs root, as continuous integration has."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "none", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_in_one_line_and_the_run_after_making_room_completes_it(whole, tmp_path, small_disk, warm):
    inputs, outputs = shutil.copytree(whole / "inputs", tmp_path / "inputs"), small_disk / "outputs"
    run = warm.cunhui("run", "--inputs", str(inputs), "--outputs", str(outputs))
    _, said = run.communicate()
    assert run.returncode == 1
    assert "磁盘满了" in said and "Traceback" not in said and len(said.strip().splitlines()) == 1, said
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    run_steps(inputs, outputs)
    assert contents(outputs) | {"files": 0} == contents(whole / "outputs") | {"files": 0}


def test_disk_full_between_two_files_leaves_the_last_ones_and_no_scraps(whole, tmp_path, monkeypatch):
    inputs, outputs = (shutil.copytree(whole / name, tmp_path / name) for name in ("inputs", "outputs"))
    before = contents(outputs)["files"]
    edit(inputs / str(YEAR) / "submissions" / "三湾村.xlsx", {"I01": 45})
    left, replace = [2], os.replace

    def full(source, target):
        left[0] -= 1
        if left[0] == 0:
            raise OSError(28, "No space left on device")
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "replace", full)
        with pytest.raises(OSError, match="No space"):
            run_steps(inputs, outputs)
    after = contents(outputs)["files"]
    assert set(after) >= set(before) and not [name for name in after if name.endswith(".tmp")]
    run_steps(inputs, outputs)
    judge_steps(inputs, tmp_path / "new")
    assert contents(outputs)["totals"] == contents(tmp_path / "new")["totals"]
