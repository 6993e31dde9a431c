"""The README's table of figures: every benchmark in a process of its own, medians of its rounds, as Markdown.

Usage: python -m tests.benchmarks [rounds, 5] [name …]; with names, only those benchmarks, and with sizes behind a name
("correction 60") those of that size. What is compared stands side by side in one run of a benchmark, so that its ratio
holds on a busy machine too; what a round printed goes to stderr.
"""

import os
import re
import statistics
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
NUMBER = r"([\d.]+)"


class Row(NamedTuple):
    """What is measured, by which benchmark, and where its figures stand in what that prints."""

    what: str
    command: str
    against: str
    unit: str
    ours: str
    theirs: str
    ratio: str
    goal: str


ROWS = (
    Row("the sample, 25 files a year, two years, `cunhui run`", "run_township 1", "pandas + openpyxl script", "s",
        f"cunhui run +{NUMBER}", f"script +{NUMBER}", f"ratio +{NUMBER}", "≤ 2, Prefect's empty flow left out"),
    Row("a village's file read, guards and lineage included", "reading 200", "bare calamine parse", "ms",
        f"ours {NUMBER}", f"calamine {NUMBER}", rf"\(ratio {NUMBER}", "≤ 3"),
    Row("a filled copy of an adopted form read, 300 of them", "filled 300", "as many forms of our own", "s",
        f"adopted: {NUMBER}", f"ours: {NUMBER}", f"adopted / ours: {NUMBER}", ""),
    Row("one of 3,000 corrected", "correction 3000", "all of them from nothing", "s",
        rf"^all +[\d.]+ s +{NUMBER}", f"^all +{NUMBER}", f"^ratio +{NUMBER}", "≤ 0.12"),
    Row("a returned workbook of the county's form", "returns 300", "openpyxl load and save", "ms",
        f"one returned workbook +{NUMBER}", f"openpyxl load and save +{NUMBER}", f"^ratio +{NUMBER}", "≤ 0.5"),
    Row("66,666 villages × 200 from Parquet to the totals of all levels", "nation 66666", "bare DuckDB statements", "s",
        f"^ours +{NUMBER}", f"^bare +{NUMBER}", f"^ratio +{NUMBER}", "≤ 3"),
    Row("1,000 files with a cluster of two workers: what is left to this PC", "cluster 1000", "this PC alone", "s",
        f"^2 workers +{NUMBER}", f"^0 workers +{NUMBER}", "", ""),
    Row("a run of 25 units in a store of ten years", "years 1", "in one of two years", "s",
        rf"^all +[\d.]+ s +{NUMBER}", f"^all +{NUMBER}", f"^all .*ratio {NUMBER}", "≤ 1.2"),
    Row("peak memory at 10,000 files, parent and children", "memory 1000 10000", "at 1,000", "MB",
        rf"[\s\S]*^\d+ units: {NUMBER} MB", rf"^\d+ units: {NUMBER} MB", f"memory {NUMBER} times", "≤ 1,024, < 1.3"),
    Row("cost of a file at 10,000 files", "memory 1000 10000", "at 1,000", "ms",
        rf"[\s\S]* {NUMBER} ms a file", f"{NUMBER} ms a file", f"cost a file {NUMBER} times", "≤ 1.05"),
)  # fmt: skip


def figures(row: Row, rounds: int) -> tuple[float, float, float]:
    """Medians of ours, the other's and their ratio."""
    found = []
    for said in told(row.command, rounds):
        ours, theirs = _figure(row.ours, said), _figure(row.theirs, said)
        found.append((ours, theirs, _figure(row.ratio, said) if row.ratio else ours / theirs))
    ours, theirs, ratio = map(statistics.median, zip(*found, strict=True))
    return ours, theirs, ratio


@cache
def told(command: str, rounds: int) -> list[str]:
    """What a benchmark prints, round by round; several rows may be of one."""
    module, *options = command.split()
    found = []
    for _ in range(rounds):
        words = [sys.executable, "-m", f"tests.benchmarks.{module}", *options]
        found.append(subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
        print(found[-1], file=sys.stderr, flush=True)
    return found


def _figure(pattern: str, said: str) -> float:
    found = re.search(pattern, said, flags=re.MULTILINE)
    assert found, (pattern, said)
    return float(found[1])


def _sized(row: Row, asked: dict[str, str]) -> Row:
    """The row with the sizes that were asked for, which it says; with its own where none were."""
    word = asked.get(row.command.split()[0], "")
    return row._replace(command=word, what=f"{row.what}: `{word}`") if " " in word else row


def main() -> None:
    rounds = int(sys.argv[1]) if sys.argv[1:] else 5
    asked = {name: word for word in sys.argv[2:] for name in word.split()[:1]}
    rows = [row for row in ROWS if not asked or row.command.split()[0] in asked]
    rows = [_sized(row, asked) for row in rows]
    lines = ["| work | 村汇 | against | its figure | ratio | goal |", "| --- | ---: | --- | ---: | ---: | --- |"]
    for row in rows:
        ours, theirs, ratio = figures(row, rounds)
        lines.append(
            f"| {row.what} | {ours:g} {row.unit} | {row.against} | {theirs:g} {row.unit} | {ratio:.2f} | {row.goal} |"
        )
    print("\n".join(lines))
    print(f"\nMedians of {rounds} on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
