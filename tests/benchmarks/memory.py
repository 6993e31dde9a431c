"""Peak memory and cost of `cunhui run` at two sizes of a county: each a whole run of its own, all processes together.

Usage: python -m tests.benchmarks.memory [few 1000] [many 10000]. Linux. Goals: at 10,000 files at most 1 GB, parent and
children together; growth of memory under 1.3 times; CPU-seconds a file at most 1.05 times. The memory of a moment is
the sum of what /proc says is each process's own (PSS: what several share is divided among them), looked at five times
a second; beside it who had it then, and what the run was at.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.correction import county

ROOT = Path(__file__).parents[2]
BETWEEN = 0.2


@dataclass
class Peak:
    """The largest moment of a run, and the largest after each step of it; `seconds` of the processor."""

    kilobytes: int = 0
    parts: Counter[str] = field(default_factory=Counter)
    steps: dict[str, int] = field(default_factory=dict)
    served: dict[int, float] = field(default_factory=dict)
    seconds: float = 0.0
    step: str = "start"

    def look(self, pid: int, log: Path) -> None:
        """Look at that process and all it has started."""
        parts = Counter[str]()
        for one in _tree(pid):
            with suppress(OSError):
                name = _name(one)
                parts[name] += _own(one)
                if name == "forkserver" and (one in self.served or not self.served):
                    self.served[one] = _seconds(one)  # with its readers; nobody waits for it
        self.step = _step(log, self.step)
        self.steps[self.step] = max(self.steps.get(self.step, 0), parts.total())
        if parts.total() > self.kilobytes:
            self.kilobytes, self.parts = parts.total(), parts


def _tree(pid: int) -> list[int]:
    """The process and all it has started, by any of its threads."""
    found = [pid]
    for one in found:
        for listed in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, listed.read_text().split())
    return found


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_text()
    return next((word for word in ("forkserver", "resource_tracker") if word in words), "run")


def _own(pid: int) -> int:
    """Kilobytes that are its own, and its share of what it shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _seconds(pid: int) -> float:
    """Of the processor, with its children that have ended."""
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def _step(log: Path, before: str) -> str:
    """The last step that the log says has ended."""
    try:
        lines = log.read_text(encoding="utf-8")[-2_000:].splitlines()
    except OSError:
        return before
    return next((line.split('"step": "')[1].split('"')[0] for line in reversed(lines) if '"step": ' in line), before)


def run(inputs: Path, outputs: Path) -> Peak:
    """A whole run, watched from outside."""
    peak = Peak()
    command = [sys.executable, "-m", "flows.commands.cli", "run", "--inputs", str(inputs), "--outputs", str(outputs)]
    before = os.times()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak.look(process.pid, outputs / "log" / "cunhui.jsonl")
            time.sleep(BETWEEN)
    after = os.times()
    assert process.returncode in (0, 3), process.returncode
    own = after.children_user + after.children_system - before.children_user - before.children_system
    peak.seconds = own + sum(peak.served.values())
    return peak


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [1_000, 10_000]
    found = []
    for units in sizes:
        with tempfile.TemporaryDirectory() as name:
            inputs, outputs = county(Path(name), units), Path(name) / "outputs"
            peak = run(inputs, outputs)
            shutil.rmtree(outputs)
        found.append(peak)
        parts = ", ".join(f"{name} {size >> 10}" for name, size in peak.parts.items())
        cost = f"{peak.seconds:.1f} CPU-s, {1000 * peak.seconds / units:.2f} ms a file"
        print(f"{units} units: {peak.kilobytes >> 10} MB, {cost}; MB at the peak: {parts}")
        print("  by step that had ended: " + ", ".join(f"{step} {size >> 10}" for step, size in peak.steps.items()))
    for few, many, units, of in zip(found, found[1:], sizes, sizes[1:], strict=False):
        print(f"from {units} to {of}: memory {many.kilobytes / few.kilobytes:.2f} times (goal under 1.3), "
              f"cost a file {many.seconds / of / (few.seconds / units):.3f} times (goal 1.05)")  # fmt: skip


if __name__ == "__main__":
    main()
