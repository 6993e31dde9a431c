"""Work killed over and over: `python -m tests.crashing FOLDER KILLS SEED`, in a process that has started nothing yet.

Runs, rebuilding, closing, backing up and putting back, each in a fork of this process with everything imported
already, are killed at a random moment, and once more in the middle of their n-th write; the same work after it must
leave what undisturbed work leaves. Says the first difference and exits 1, or says how often work was cut short.
"""

import hashlib
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from datetime import UTC, datetime
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from flows.backup import back_up, checked, restore
from flows.commands import cli
from flows.inbox import ledger
from flows.job import open_job
from flows.rebuild import rebuild
from flows.store import frozen
from flows.store.journal import Journal, places
from flows.store.store import Store
from schemas.catalogue import declared
from schemas.frames import schema
from tests.office import SAMPLE, run_steps, small_inputs
from tests.returning import YEAR, edit

VILLAGES = ["三湾村", "大湾村", "示例镇司法所"]
_DUMP = {
    "submissions": "SELECT year, unit_code, revision, state, file, sha256, size, format, preparer FROM submissions",
    "facts": "SELECT * FROM facts",
    "list_rows": "SELECT * FROM list_rows",
    "findings": "SELECT year, unit_code, revision, state, code, grade, cell, raw, message, explained, file "
    "FROM findings",
    "totals": "SELECT * FROM totals",
    "adjustments": "SELECT * FROM adjustments",
}


def office(folder: Path, names: Sequence[str] = VILLAGES) -> tuple[Path, Path]:
    """Three units, of which one, 大湾村, sends a faulty form, which makes every kind of output."""
    inputs = small_inputs(folder, list(names))
    shutil.copy(SAMPLE / "年度工作总结模板.docx", inputs)
    edit(inputs / str(YEAR) / "submissions" / "大湾村.xlsx", {"I01": "若干户", "C05": "1200亩"})
    return inputs, folder / "outputs"


def contents(outputs: Path) -> dict[str, Any]:
    """All that the store and the outputs say, without the moments at which they came to say it."""
    with duckdb.connect(str(outputs / "cunhui.duckdb"), read_only=True) as db:
        stored = {name: sorted(map(repr, db.execute(query).fetchall())) for name, query in _DUMP.items()}
    files = {
        str(path.relative_to(outputs)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(outputs.rglob("*"))
        if path.is_file() and path.suffix not in (".duckdb", ".jsonl") and not path.name.startswith(".cunhui")
    }
    return {**stored, "files": files, "journal": sorted(line.place for line in places(Journal(outputs).read()))}


def forked(work: Callable[[], object]) -> int:
    """Run in a child of its own, in a group of its own, with everything imported already. Returns its number."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        try:
            work()
        except BaseException:  # whatever it is, the child says so and ends here
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return pid


def finished(work: Callable[[], object]) -> None:
    """Run in a child to its end. Raises RuntimeError when it failed."""
    _, status = os.waitpid(forked(work), 0)
    if status:
        raise RuntimeError(f"a run that nobody disturbed ended with {status}")


def kill(pid: int) -> None:
    """End the child and whatever it started, as a power cut does; one that has ended by itself is left in peace."""
    with suppress(ProcessLookupError, ChildProcessError):
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def at_a_write(number: int, undisturbed: Callable[[], object]) -> Callable[[], object]:
    """Work that kills itself in its n-th step: a file half written, before a commit or a replacement, in a freezing."""
    left = [number]

    def strike() -> bool:
        left[0] -= 1
        return left[0] == 0

    def work() -> None:
        whole, replace, commit, digest = Path.write_bytes, os.replace, Store.transaction, frozen._digest

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

        def digest_or_not(path):
            if strike():
                os.killpg(0, signal.SIGKILL)
            return digest(path)

        Path.write_bytes, os.replace, Store.transaction = write_half, replace_or_not, commit_or_not
        frozen._digest = digest_or_not
        undisturbed()

    return work


class Stopped(datetime):
    """A clock that stands still: when a file came in is printed."""

    @classmethod
    def now(cls, tz=None):
        return datetime(2024, 1, 2, 3, 4, tzinfo=UTC)


def warm_up() -> None:
    """Import what a run imports on its way, and no more: processes that were started cannot be shared by a fork."""
    import flows.emit.lists.lists
    import flows.emit.report.report
    import flows.emit.returns.returns
    import flows.emit.summary.summary  # noqa: F401

    declared()
    schema("ge").validate(pd.Series([0]))


class Office(NamedTuple):
    """Where a disturbed piece of work happens: a copy of its own of everything, and a backup made before."""

    inputs: Path
    outputs: Path
    backup: Path

    def copied(self, folder: Path) -> "Office":
        for name in ("inputs", "outputs"):
            shutil.copytree(getattr(self, name), folder / name)
        return Office(folder / "inputs", folder / "outputs", Path(shutil.copy(self.backup, folder)))

    @property
    def named(self) -> list[str]:
        return ["--inputs", str(self.inputs), "--outputs", str(self.outputs)]


def collect_anew(place: Office) -> None:
    """Everything from nothing, unless something is there already."""
    run_steps(place.inputs, place.outputs)


def rebuild_all(place: Office) -> None:
    rebuild(str(place.inputs), str(place.outputs))
    run_steps(place.inputs, place.outputs)


def close_year(place: Office) -> None:
    """Closed, by whoever came first; that it is closed already is as good."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        cli.main(["close", "--by", "张三", "--why", "不等了", "--except", "大湾村", *place.named])
    with open_job(str(place.inputs), str(place.outputs), YEAR) as job:
        assert job.closing and job.closing.who == "张三"


def back_up_all(place: Office) -> None:
    back_up(place.inputs, place.outputs, place.backup, "990101101", YEAR)


def put_back(place: Office) -> None:
    restore(place.backup, place.inputs, place.outputs, replace=True)
    rebuild_all(place)


WORK = (collect_anew, rebuild_all, close_year, back_up_all, put_back)


def recovered(work: Callable[[Office], None], place: Office) -> dict[str, Any]:
    """What is there after the same work was done again, undisturbed."""
    if work is back_up_all:
        checked(place.backup)  # whatever happened, there is a whole one
    finished(lambda: work(place))
    return contents(place.outputs)


def main(folder: Path, kills: int, seed: int) -> int:
    """Every kind of work in turn, cut short and done again. Returns the exit status."""
    ledger.datetime = Stopped
    warm_up()
    start = Office(*office(folder / "start"), folder / "start" / "backup.zip")
    finished(lambda: (run_steps(start.inputs, start.outputs), back_up_all(start)))
    expected, lengths = {}, {}
    for work in WORK:
        place, began = start.copied(folder / work.__name__), time.monotonic()
        if work is collect_anew:
            shutil.rmtree(place.outputs)
        expected[work] = recovered(work, place)
        lengths[work] = time.monotonic() - began
    assert len(expected[collect_anew]["facts"]) > 100 and len(expected[collect_anew]["files"]) > 8
    rng, cut_short = random.Random(seed), 0
    for number in range(kills // 2):
        work = WORK[number % len(WORK)]
        place = start.copied(folder / str(number))
        if work is collect_anew:
            shutil.rmtree(place.outputs)
        pid = forked(partial(work, place))
        time.sleep(rng.uniform(0, lengths[work]))
        cut_short += os.waitpid(pid, os.WNOHANG) == (0, 0)
        kill(pid)
        _, status = os.waitpid(forked(at_a_write(rng.randrange(1, 32), partial(work, place))), 0)
        cut_short += status == signal.SIGKILL
        found = recovered(work, place)
        if differing := [key for key in expected[work] if found[key] != expected[work][key]]:
            files, others = found["files"], expected[work]["files"]
            names = [name for name in {*files, *others} if files.get(name) != others.get(name)]
            print(f"{work.__name__} {number}: {differing} differ {names}")
            return 1
        shutil.rmtree(folder / str(number))
    print(f"{kills} killed, {cut_short} cut short")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
