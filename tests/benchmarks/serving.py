"""An idle serve, and a file from its landing in the inbox to the tables: the sample's township, five units' files.

Usage: python -m tests.benchmarks.serving [seconds idle, 120] [files, 5]. Linux. Goals: under 2% of one core idle;
landing to returned workbook under 10 s in the middle. Wall time counts, so the load beside it is printed as well.
"""

import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.office import SAMPLE
from tests.returning import edit

ROOT = Path(__file__).parents[2]
SETTLED = 20.0
"""Seconds after a run until nothing is going on: the next spare has imported what it needs."""


class Serving:
    """`cunhui serve` for a copy of the sample, and what it says."""

    def __init__(self, folder: Path, **more: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flows.commands.cli", "serve"],
            cwd=folder, env={**environment, "PYTHONPATH": str(ROOT), **more}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.said: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)

    def wait(self, words: str, times: int = 1) -> None:
        while sum(words in line for line in self.said) < times:
            assert self.process.poll() is None, self.said
            time.sleep(0.05)

    def proportional(self) -> int:
        """Megabytes of serve and all its children, each shared page counted once."""
        rollups = [Path(f"/proc/{name.split()[1]}/smaps_rollup").read_text() for name in self.taken()]
        return sum(int(line.split()[1]) for text in rollups for line in text.splitlines() if line[:4] == "Pss:") >> 10

    def taken(self) -> dict[str, tuple[float, int]]:
        """CPU-seconds and megabytes of serve and each of its children."""
        found, todo = {}, [self.process.pid]
        for pid in todo:
            words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            line = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
            name = next((word for word in ("run_server", "spawn_main", "resource_tracker") if word in line), "serve")
            ticks, pages = int(words[11]) + int(words[12]), int(words[21])
            size = pages * os.sysconf("SC_PAGE_SIZE") >> 20
            found[f"{name} {pid}"] = ticks / os.sysconf("SC_CLK_TCK"), size
            todo += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return found


def idle(serving: Serving, seconds: float) -> None:
    before, started = serving.taken(), time.monotonic()
    time.sleep(seconds)
    after, passed = serving.taken(), time.monotonic() - started
    for name, (taken, size) in after.items():
        print(f"  {name:24} {(taken - before[name][0]) / passed:6.2%} {size:4} MB")
    total = sum(taken for taken, _ in after.values()) - sum(taken for taken, _ in before.values())
    print(f"idle {total / passed:.2%} of a core, load {os.getloadavg()[0]:.1f}")


def landing(serving: Serving, folder: Path, held: list[Path]) -> None:
    """Of each file by how many seconds after its landing it is taken, its run begins, it is returned, all is over."""
    database, landed = folder / "outputs" / ".prefect" / "prefect.db", []
    for number, path in enumerate(held, start=2):
        time.sleep(SETTLED)
        back = folder / "outputs" / "2023" / "退回" / path.name
        started = time.time()
        shutil.copy(path, folder / "inputs" / "2023" / "submissions")
        serving.wait("开始汇总", number)
        taken = time.time() - started
        while not back.exists():
            time.sleep(0.02)
        returned = time.time() - started
        serving.wait("汇总做完了", number)
        over = time.time() - started
        with sqlite3.connect(database) as records:
            [begun] = records.execute("SELECT max(start_time) FROM flow_run").fetchone()
        begun = datetime.fromisoformat(begun).replace(tzinfo=UTC).timestamp() - started
        landed.append((taken, begun, returned, over))
        print(f"  {path.name}", *(f"{seconds:.2f}" for seconds in landed[-1]))
    medians = [statistics.median(column) for column in zip(*landed, strict=True)]
    print("taken, begun, returned, over after", *(f"{seconds:.2f}" for seconds in medians), "s in the middle")
    print(f"landing to returned workbook {medians[2]:.2f} s of {len(held)}, load {os.getloadavg()[0]:.1f}")


def main() -> None:
    seconds, files = float(sys.argv[1]) if sys.argv[1:] else 120.0, int(sys.argv[2]) if sys.argv[2:] else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(SAMPLE, folder / "inputs")
        held = sorted((folder / "inputs/2023/submissions").glob("*村.xlsx"))[:files]
        for path in held:
            path.rename(folder / path.name)
            edit(folder / path.name, {"I01": "若干户"})  # so that it goes back
        serving = Serving(folder)
        try:
            serving.wait("汇总做完了")
            time.sleep(SETTLED)
            idle(serving, seconds)
            landing(serving, folder, [folder / path.name for path in held])
        finally:
            serving.process.terminate()
            serving.process.wait(60)


if __name__ == "__main__":
    main()
