"""The whole `cunhui run` on this PC alone, and with a Dask cluster of one and of two workers that read and check.

Usage: python -m tests.benchmarks.cluster [units, 1000] [rounds, 1]. Prints CPU-seconds of this PC's run and of the
workers, and seconds on the clock, medians; all on one machine, so the clock says little and the share of the work that
leaves the run says how many PCs are worth while.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from distributed import Client, LocalCluster

from tests.benchmarks.correction import county

ROOT = Path(__file__).parents[2]


def spent() -> float:
    """Of a process and its children that have ended."""
    return sum(usage.ru_utime + usage.ru_stime for usage in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


def run(inputs: Path, outputs: Path, *options: str) -> tuple[float, float]:
    """CPU-seconds and seconds of a run from nothing."""
    shutil.rmtree(outputs, ignore_errors=True)
    before, started = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "flows.commands.cli", "run", "--inputs", inputs, "--outputs", outputs, *options]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - started


def with_workers(count: int, inputs: Path, outputs: Path) -> tuple[float, float, float]:
    """CPU-seconds of the run, of the workers, and seconds."""
    with (
        LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        before = sum(client.run(spent).values())
        here, seconds = run(inputs, outputs, "--dask", cluster.scheduler_address)
        return here, sum(client.run(spent).values()) - before, seconds


def main() -> None:
    units = int(sys.argv[1]) if sys.argv[1:] else 1000
    rounds = int(sys.argv[2]) if sys.argv[2:] else 1
    taken: dict[int, list[tuple[float, float, float]]] = {0: [], 1: [], 2: []}
    with tempfile.TemporaryDirectory() as name:
        os.environ["PREFECT_HOME"] = str(Path(name) / "prefect")
        inputs, outputs = county(Path(name), units), Path(name) / "outputs"
        for _ in range(rounds):
            alone, seconds = run(inputs, outputs)
            taken[0].append((alone, 0.0, seconds))
            for count in (1, 2):
                taken[count].append(with_workers(count, inputs, outputs))
    print(f"{units} units       this PC     workers    clock")
    for count, rows in taken.items():
        here, there, seconds = map(statistics.median, zip(*rows, strict=True))
        print(f"{count} workers    {here:8.1f} s {there:8.1f} s {seconds:8.1f} s")


if __name__ == "__main__":
    main()
