"""The whole `cunhui run` against a plain pandas and openpyxl script over the same files, side by side in one run.

Usage: python -m tests.benchmarks.run_township [rounds]. Prints medians in seconds, the ratio, and the peak memory.
Each round starts from an empty outputs folder with Prefect's database already made, as on any day but the first.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
EMPTY_FLOW = """
from pathlib import Path
import sys
from flows.serving.launch import start_server
server = start_server(Path(sys.argv[1]))
from prefect import flow
@flow
def empty():
    return None
with server.flow_settings():
    empty()
server.stop()
"""


def seconds(arguments: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def peak_of(arguments: list[str]) -> int:
    """Peak resident memory in MB of the command, its children counted one by one (the largest)."""
    code = "import resource, subprocess, sys; " \
           "subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL); " \
           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"  # fmt: skip
    return int(
        subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, check=True).stdout
    )


def main() -> None:
    rounds = int(sys.argv[1]) if sys.argv[1:] else 5
    times: dict[str, list[float]] = {"cunhui run": [], "empty flow": [], "script": []}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PREFECT_HOME"] = str(Path(folder) / "prefect")
        outputs = Path(folder) / "outputs"
        folders = [str(ROOT / "inputs" / year / "submissions") for year in ("2022", "2023")]
        seconds(["-c", EMPTY_FLOW, str(outputs)])
        for _ in range(rounds):
            shutil.rmtree(outputs, ignore_errors=True)
            times["cunhui run"].append(seconds(["-m", "flows.commands.cli", "run", "--outputs", str(outputs)]))
            times["empty flow"].append(seconds(["-c", EMPTY_FLOW, str(outputs)]))
            times["script"].append(seconds([str(HERE / "peer.py"), str(Path(folder) / "sums.xlsx"), *folders]))
        medians = {name: statistics.median(values) for name, values in times.items()}
        for name, value in medians.items():
            print(f"{name:12} {value:6.2f} s")
        print(f"ratio        {(medians['cunhui run'] - medians['empty flow']) / medians['script']:6.2f}  (at most 2)")
        shutil.rmtree(outputs, ignore_errors=True)
        print(
            f"peak memory  {peak_of(['-m', 'flows.commands.cli', 'run', '--outputs', str(outputs)]):6d} MB  (under 500)"
        )


main()
