"""300 returned workbooks, and one against what it costs openpyxl to load and save the same form, side by side.

Usage: python -m tests.benchmarks.returns [villages]. Prints CPU seconds: of one workbook the median over rounds that
take turns, of all of them one run from nothing, one with nothing changed, and one with a single village changed.
"""

import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import openpyxl

from flows import steps
from flows.emit.lists.lists import write_lists
from flows.emit.returns.returns import write_returns
from flows.emit.returns.workbook import ReturnPrinter
from flows.job import Job, open_job
from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.records import Received
from flows.reading.wanted import wanted_of
from flows.store.pending import load_pending
from flows.store.returned import load_returned
from tests.office import CATALOGUE, SAMPLE
from tests.returning import YEAR, edit

FAULTS = {"I01": "若干户", "A07": 3, "B01": "约20户", "C05": "-300", "J04": "1亩5分", "D01": 99999, "F04": "十"}
ROUNDS = 21


def cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def township(folder: Path, villages: int) -> Path:
    """Inputs of a township with that many villages and an empty inbox."""
    inputs = folder / "inputs"
    (inputs / str(YEAR) / "submissions").mkdir(parents=True)
    (inputs / "township.toml").write_bytes((SAMPLE / "township.toml").read_bytes())
    rows = [f"990101101{200 + n:03},第{n}村,村,山区,,," for n in range(villages)]
    head = "code,name,kind,terrain,valid_from,valid_to,merged_into"
    (inputs / "units.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    return inputs


def received(job: Job, faulty: Path) -> steps.Chunk:
    """The same faulty form from every village, read once and archived for each."""
    data = faulty.read_bytes()
    reading = read_inside(data, Words(wanted_of(CATALOGUE, YEAR)), faulty.name)
    files, readings = [], []
    for number, unit in enumerate(job.units):
        sha = f"{number:064x}"
        path = job.outputs / "archive" / sha[:2] / f"{sha}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        files.append(Received(str(path), f"{unit.name}.xlsx", sha, len(data)))
        whose = {"隐藏表": [unit.code, unit.name]}
        readings.append(msgspec.structs.replace(reading, sha256=sha, file=f"{unit.name}.xlsx", identity=whose))
    return steps.Chunk(tuple(files), tuple(readings))


def side_by_side(job: Job) -> None:
    """One returned workbook and openpyxl's load and save of the same bytes, in turns."""
    case = load_returned(job.store, job.catalogue, YEAR)[0]
    printer = ReturnPrinter(job.catalogue, job.settings, YEAR)
    data = printer(case, "原件.xlsx", "0")
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(cpu(lambda: printer(case, "原件.xlsx", "0")))
        theirs.append(cpu(lambda: openpyxl.load_workbook(io.BytesIO(data)).save(io.BytesIO())))
    one, other = statistics.median(ours), statistics.median(theirs)
    print(f"one returned workbook      {one * 1000:6.1f} ms, {len(case.findings)} findings")
    print(f"openpyxl load and save     {other * 1000:6.1f} ms")
    print(f"ratio                      {one / other:6.2f}  (at most 0.5)")


def main() -> None:
    villages = int(sys.argv[1]) if sys.argv[1:] else 300
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = township(folder, villages)
        faulty = edit(_copied(folder), FAULTS)
        with open_job(str(inputs), str(folder / "outputs"), YEAR) as job:
            job = job.of_year(YEAR)
            steps.store_chunk(job, received(job, faulty))
            job.store.doubt(YEAR, steps.compare(job.store, job.catalogue, job.settings.judging, YEAR))
            side_by_side(job)
            back, archive = job.outputs / str(YEAR) / "退回", job.outputs / "archive"

            def write() -> None:
                write_returns(job.store, job.catalogue, job.settings, YEAR, back, archive)

            print(f"{villages} from nothing          {cpu(write):6.2f} s, {len(list(back.iterdir()))} files")
            print(f"nothing changed            {cpu(write):6.2f} s")
            job.store.db.execute("UPDATE base.fact SET raw = '1' WHERE sub_id = 1 AND raw = '若干户'")
            print(f"one changed                {cpu(write):6.2f} s")
            lists = job.outputs / str(YEAR)
            now = datetime(2024, 1, 12, tzinfo=UTC)

            def list_all() -> None:
                pending = load_pending(job.store, job.catalogue, job.settings, YEAR)
                write_lists(pending, job.settings, YEAR, now, lists)

            print(f"both lists                 {cpu(list_all):6.2f} s")


def _copied(folder: Path) -> Path:
    path = folder / "三湾村.xlsx"
    path.write_bytes((SAMPLE / str(YEAR) / "submissions" / "三湾村.xlsx").read_bytes())
    return path


if __name__ == "__main__":
    main()
