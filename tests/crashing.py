"""A run killed over and over: `python -m tests.crashing FOLDER KILLS SEED`, in a process that has started nothing yet.

Every run is a fork of this process, with everything imported already. Each is killed at a random moment, or in the
middle of its n-th write; the plain run after it must leave what an undisturbed run leaves. Says the first difference
and exits 1, or says how many runs were cut short.
"""

import hashlib
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd

from flows.inbox import ledger
from flows.store.store import Store
from schemas.catalogue import declared
from schemas.frames import frame_schema
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
    """End the child and whatever it started, as a power cut does."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def at_a_write(number: int, inputs: Path, outputs: Path) -> Callable[[], object]:
    """A run that kills itself in the middle of its n-th file, half written, before its n-th commit or replacement."""
    left = [number]

    def strike() -> bool:
        left[0] -= 1
        return left[0] == 0

    def work() -> None:
        whole, replace, commit = Path.write_bytes, os.replace, Store.transaction

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

        Path.write_bytes, os.replace, Store.transaction = write_half, replace_or_not, commit_or_not
        run_steps(inputs, outputs)

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
    frame_schema([]).validate(pd.DataFrame())


def main(folder: Path, kills: int, seed: int) -> int:
    """The runs, one after the other. Returns the exit status."""
    ledger.datetime = Stopped
    warm_up()
    inputs, undisturbed = office(folder)
    started = time.monotonic()
    finished(lambda: run_steps(inputs, undisturbed))
    length = time.monotonic() - started
    expected = contents(undisturbed)
    assert len(expected["facts"]) > 100 and len(expected["files"]) > 8
    rng, cut_short = random.Random(seed), 0
    for number in range(kills):
        outputs = folder / f"outputs{number}"
        if number % 2:
            os.waitpid(forked(at_a_write(rng.randrange(1, 32), inputs, outputs)), 0)
        else:
            pid = forked(lambda outputs=outputs: run_steps(inputs, outputs))
            time.sleep(rng.uniform(0, length))
            kill(pid)
        cut_short += not (outputs / "published" / "cunhui.duckdb").exists()
        finished(lambda outputs=outputs: run_steps(inputs, outputs))
        found = contents(outputs)
        if differing := [key for key in expected if found[key] != expected[key]]:
            print(f"run {number}: {differing} differ")
            return 1
        shutil.rmtree(outputs)
    print(f"{kills} killed, {cut_short} cut short")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
