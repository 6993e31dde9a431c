"""Ctrl-C and SIGTERM at any moment, in every command: one line, the right status, nothing left behind."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.store.lock import hold
from tests.crashing import contents, office
from tests.office import judge_steps, run_steps
from tests.warm import warmed

ROOT = Path(__file__).parents[2]
PATIENCE = 120


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    inputs, outputs = office(tmp_path_factory.mktemp("office"))
    judge_steps(inputs, outputs, publish=True)
    return inputs, outputs


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """For signals in the midst of a run; what comes before is asked of programs that begin by themselves."""
    with warmed(tmp_path_factory.mktemp("warm")) as one:
        yield one


def where(place):
    return "--inputs", str(place[0]), "--outputs", str(place[1])


def start(*arguments, **how):
    command = [sys.executable, "-m", "flows.commands.cli", *arguments]
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    environment = {**os.environ, **how.pop("env", {})}
    return subprocess.Popen(command, cwd=ROOT, text=True, env=environment, start_new_session=True, **how)


def family(pid):
    """The process and all it has started, and what these have."""
    told = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in told.splitlines()]
    found = [pid]
    for one in found:
        found += [child for child, parent in pairs if parent == one]
    return found


def alive(pids):
    return [pid for pid in pids if Path(f"/proc/{pid}").exists() and _state(pid) != "Z"]


def _state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def gone(pids, seconds=5.0):
    end = time.monotonic() + seconds
    while alive(pids) and time.monotonic() < end:
        time.sleep(0.05)
    return not alive(pids)


def until(condition):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


def listening(process):
    """The moment from which on a signal is ours: Python itself has started."""
    caught = re.compile(r"^SigCgt:\s*([0-9a-f]+)", re.MULTILINE)

    def ours():
        mask = int(caught.search(Path(f"/proc/{process.pid}/status").read_text())[1], 16)
        return mask >> (signal.SIGTERM - 1) & 1

    until(lambda: process.poll() is not None or ours())


def assert_stopped(process, number, kept):
    out, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number, (out, said)
    assert len(said.splitlines()) == 1 and said.startswith("已中断：") and kept in said and said.endswith("。\n")


NUMBERS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
COMMANDS = [
    (("run",), "再运行一次即可接着做"),
    (("forms",), "已生成的空白报表都是完整的"),
    (("status",), "什么都没有改动"),
    (("trace", "低保户数"), "什么都没有改动"),
    (("sql", "SELECT 1"), "什么都没有改动"),
    (("close",), "封存没有记下的话"),
    (("restore", "三湾村", "1"), "看恢复的是否作数"),
    (("serve",), "再运行 cunhui serve"),
]


@NUMBERS
@pytest.mark.parametrize(("command", "kept"), COMMANDS, ids=lambda value: value[0] if isinstance(value, tuple) else "")
def test_signal_before_a_command_has_begun_is_one_line(command, kept, number, place, tmp_path):
    process = start(*command, *where(place), env={"PREFECT_HOME": str(tmp_path / "home")})
    listening(process)
    process.send_signal(number)
    assert_stopped(process, number, kept)


@pytest.mark.parametrize("step", range(1, 8))
@pytest.mark.parametrize("place_of_it", ["acquire", "release", "_find_and_load_unlocked", "_call_with_frames_removed"])
def test_signal_in_the_midst_of_an_import_is_one_line(place_of_it, step, tmp_path):
    """At each of the first lines of what Python does when it imports, of the modules that the command loads itself."""
    script = tmp_path / "cut.py"
    script.write_text(CUT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, place_of_it, str(step)], cwd=ROOT, capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (128 + signal.SIGTERM, ""), done.stderr
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("已中断："), done.stderr


CUT = """
import os, runpy, signal, sys

name, step = sys.argv[1], int(sys.argv[2])
sys.argv = ["cunhui", "status"]
seen = []

def trace(frame, event, _):
    if frame.f_code.co_name == name and "importlib" in frame.f_code.co_filename:
        return line
    return None

def line(frame, event, _):
    if event == "line" and callable(signal.getsignal(signal.SIGTERM)):
        seen.append(frame)
        if len(seen) == step:
            os.kill(os.getpid(), signal.SIGTERM)
    return line

sys.settrace(trace)
runpy.run_module("flows.commands.cli", run_name="__main__")
"""


def test_signal_in_the_midst_of_a_run_is_one_line_its_children_are_gone_and_the_next_run_completes_it(
    place, tmp_path, warm
):
    """One run after another is interrupted, each a little further on than the one before; the last is left in peace."""
    inputs, outputs = office(tmp_path)
    begun = {
        "held": lambda run: (outputs / ".cunhui.pid").exists(),
        "reading": lambda run: any("forkserver" in _command(pid) for pid in family(run.pid)),
        "stored": lambda run: (outputs / "2023").exists(),
    }
    moments = [
        ("held", signal.SIGINT),
        ("held", signal.SIGTERM),
        ("reading", signal.SIGTERM),
        ("stored", signal.SIGINT),
    ]
    for moment, number in moments:
        process = warm.cunhui("run", *where((inputs, outputs)))
        until(lambda moment=moment, run=process: begun[moment](run) or run.poll() is not None)
        children = family(process.pid)
        process.send_signal(number)
        assert_stopped(process, number, "再运行一次即可接着做")
        assert gone(children)
        assert not (outputs / ".cunhui.pid").exists()
        with hold(outputs):
            pass
    run_steps(inputs, outputs)
    assert contents(outputs)["totals"] == contents(place[1])["totals"]


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


@NUMBERS
@pytest.mark.parametrize("typed", ["", "SELECT count(*)\n", "SELECT max(hash(range)) FROM range(900000000000);\n"])
def test_signal_in_the_sql_shell_is_one_line(typed, number, place):
    ours, theirs = pty.openpty()
    process = start("sql", *where(place), stdin=theirs, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    said = b""
    while "村汇>".encode() not in said:  # a character may come in two pieces
        said += os.read(ours, 4096)
    os.write(ours, typed.encode())
    if ";" in typed:
        until(lambda: len(family(process.pid)) > 2)
    children = family(process.pid)
    os.kill(process.pid, number)
    assert_stopped(process, number, "什么都没有改动")
    assert gone(children)
    os.close(ours)


def test_ctrl_c_of_a_terminal_goes_to_all_and_still_only_one_line_is_said(tmp_path, warm):
    inputs, outputs = office(tmp_path)
    process = warm.cunhui("run", *where((inputs, outputs)))
    until(lambda: any("forkserver" in _command(pid) for pid in family(process.pid)) or process.poll() is not None)
    os.killpg(process.pid, signal.SIGINT)
    assert_stopped(process, signal.SIGINT, "再运行一次即可接着做")


# ---- no child outlives its parent


def test_reading_processes_end_with_a_parent_that_is_killed_even_while_they_hang(tmp_path):
    code = f"""
import sys, time
from pathlib import Path
from flows.reading import child
from flows.reading.read import Readers
from flows.reading.wanted import wanted_of
from flows.reading.records import Received
from schemas.catalogue import Catalogue
from tests import deadly

child.read_batch = deadly.read_batch
path = Path({str(tmp_path)!r}, "hang")
path.write_bytes(b"hang")
with Readers(wanted_of(Catalogue(), 2023), 1, seconds=600) as readers:
    list(readers.read([Received(str(path), "hang.xlsx", "0" * 64, 4)]))
"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    until(lambda: len(family(process.pid)) > 3)  # itself, a tracker, a fork server and a reader
    children = family(process.pid)[1:]
    process.kill()
    process.wait()
    assert gone(children)


def test_a_query_ends_with_a_parent_that_is_killed(place):
    process = start("sql", "SELECT max(hash(range)) FROM range(900000000000)", *where(place))
    until(lambda: any("spawn_main" in _command(pid) for pid in family(process.pid)))
    children = family(process.pid)[1:]
    process.kill()
    process.communicate()
    assert gone(children)


def test_a_run_and_its_server_end_with_a_parent_that_is_killed(tmp_path, warm):
    inputs, outputs = office(tmp_path)
    process = warm.cunhui("run", *where((inputs, outputs)))
    until(lambda: any("forkserver" in _command(pid) for pid in family(process.pid)) or process.poll() is not None)
    children = family(process.pid)[1:]
    assert children
    process.kill()
    process.communicate()
    assert gone(children)
