"""Reading a village's workbook, guards and lineage included, against the bare parse and against pandas; and scale.

Usage: python -m tests.benchmarks.reading [files]. Everything side by side in one run; medians. The files are the
sample's villages over and over. Goals: at most 3 times calamine, at least 8 times faster than pandas with openpyxl,
two processes at least 1.7 times one, memory at ten times the files at most 1.3 times.
"""

import io
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook

from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.read import read_files
from flows.reading.records import Received
from flows.reading.wanted import wanted_of
from tests.office import CATALOGUE, SAMPLE

WANTED = wanted_of(CATALOGUE, 2023)
FILES = sorted((SAMPLE / "2023" / "submissions").glob("*村.xlsx"))
PEAK = (
    "import resource, sys; from tests.benchmarks.reading import read_many; read_many(int(sys.argv[1]), 2); "
    "own = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]; "
    "print(sum(own) // 1024)"
)


def bare(data: bytes) -> None:
    """What the fastest reader costs by itself."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def with_pandas(data: bytes) -> None:
    """What is usually written."""
    pd.read_excel(io.BytesIO(data), sheet_name=None, header=None, engine="openpyxl")


def read_many(count: int, workers: int) -> float:
    """Seconds to read that many files and let go of each reading."""
    files = [Received(str(FILES[n % len(FILES)]), f"{n}.xlsx", f"{n:064x}", 0) for n in range(count)]
    started = time.perf_counter()
    for _ in read_files(files, WANTED, workers):
        pass
    return time.perf_counter() - started


def milliseconds(read: Callable[[bytes], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        for path in FILES:
            data = path.read_bytes()
            started = time.process_time()
            read(data)
            taken.append((time.process_time() - started) * 1000)
    return statistics.median(taken)


def main() -> None:
    count = int(sys.argv[1]) if sys.argv[1:] else 1000
    words = Words(WANTED)
    ours, least, usual = (
        milliseconds(read, rounds)
        for read, rounds in ((lambda d: read_inside(d, words), 5), (bare, 5), (with_pandas, 1))
    )
    print(
        f"ours {ours:.1f} ms, calamine {least:.1f} ms (ratio {ours / least:.2f}), "
        f"pandas {usual:.1f} ms ({usual / ours:.1f} times)"
    )
    one, two = (statistics.median(read_many(count, workers) for _ in range(3)) for workers in (1, 2))
    print(f"{count} files: one process {one:.2f} s, two {two:.2f} s ({one / two:.2f} times)")
    root = Path(__file__).parents[2]
    few, many = (
        int(subprocess.run([sys.executable, "-c", PEAK, str(n)], cwd=root, capture_output=True, check=True).stdout)
        for n in (count // 2, count * 5)
    )
    print(f"peak memory: {few} MB at {count // 2} files, {many} MB at {count * 5} ({many / few:.2f} times)")


if __name__ == "__main__":
    main()
