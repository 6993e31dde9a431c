"""One corrected village in a large store against the run that filled it, side by side, Prefect aside.

Usage: python -m tests.benchmarks.correction [units]. Prints CPU seconds of both, step by step, reading processes
included, and their ratio. The units are villages of one county, 200 to a township, each with the form of a village of
the sample under a name and code of its own, and in every area one figure that is no other village's: what is the same
as another unit's is sent back.
"""

import io
import multiprocessing.forkserver
import os
import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import openpyxl

from flows import steps
from flows.job import open_job
from flows.reading.read import keeping
from tests.office import SAMPLE
from tests.returning import YEAR, edit, row_of

PER_TOWNSHIP = 200
MOVED = ("B27", "C07", "D36", "F17", "G03", "H01", "I27", "J04")
"""An indicator of every area: a village may have a few more of it without any other figure speaking against it."""
Laps = dict[str, float]


def county(folder: Path, units: int) -> Path:
    """Inputs of a county with that many villages, all of which have sent."""
    inputs = folder / "inputs"
    inbox = inputs / str(YEAR) / "submissions"
    inbox.mkdir(parents=True)
    settings = (SAMPLE / "township.toml").read_text(encoding="utf-8")
    (inputs / "township.toml").write_text(settings.replace('"990101101"', '"990101"'), encoding="utf-8")
    (inputs / "年度工作总结模板.docx").write_bytes((SAMPLE / "年度工作总结模板.docx").read_bytes())
    roster = [line.split(",") for line in (SAMPLE / "units.csv").read_text(encoding="utf-8-sig").splitlines()]
    villages = [row for row in roster if row[2] == "村"]
    forms = [_Form(SAMPLE / str(YEAR) / "submissions" / f"{row[1]}.xlsx") for row in villages]
    lines = [",".join(roster[0])]
    for number in range(units):
        like, form = villages[number % len(villages)], forms[number % len(villages)]
        code = f"990101{101 + number // PER_TOWNSHIP}{201 + number % PER_TOWNSHIP}"
        name = f"{like[1].removesuffix('村')}{number}村"
        lines.append(f"{code},{name},村,{like[3]},,,")
        _write(inbox / f"{name}.xlsx", form.moved_by(number // len(villages)), {like[1]: name, like[0]: code})
    (inputs / "units.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return inputs


class _Form:
    """A village's form of the sample, and where in it stand the figures that are moved."""

    def __init__(self, path: Path) -> None:
        self._parts = _parts(path)
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
        self._places = []
        for code in MOVED:
            cell = row_of(book, code)["本年数"]
            if isinstance(cell.value, int | float) and cell.value > 0:
                self._places.append(
                    (f"xl/worksheets/sheet{book.index(cell.parent) + 1}.xml", cell.coordinate, cell.value)
                )

    def moved_by(self, step: int) -> dict[str, bytes]:
        """The parts, with each of those figures larger by so much."""
        parts = dict(self._parts)
        for sheet, cell, value in self._places:
            find = re.compile(rb'(<c r="%s"[^>]*><v>)%s(?=</v>)' % (cell.encode(), str(value).encode()))
            parts[sheet], found = find.subn(rb"\g<1>%s" % str(round(value + step, 4)).encode(), parts[sheet])
            assert found == 1, (sheet, cell)
        return parts


def repacked(source: Path, target: Path, changes: dict[str, str]) -> None:
    """A workbook with some words replaced wherever they stand."""
    if changes:
        _write(target, _parts(source), changes)


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _write(path: Path, parts: dict[str, bytes], changes: dict[str, str]) -> None:
    words = re.compile("|".join(changes).encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, words.sub(lambda found: changes[found[0].decode()].encode(), data))


@contextmanager
def lap(laps: Laps, name: str) -> Iterator[None]:
    before = _cpu()
    yield
    laps[name] = laps.get(name, 0.0) + _cpu() - before


def _cpu() -> float:
    """Of this process, of its children that have ended, and of the fork server with the readers that it started."""
    ended = sum(usage.ru_utime + usage.ru_stime for usage in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))
    server = getattr(multiprocessing.forkserver._forkserver, "_forkserver_pid", None)  # there is no public way
    if server is None:
        return ended
    times = Path(f"/proc/{server}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:15]
    return ended + sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def collection(inputs: Path, outputs: Path) -> Laps:
    """A run, step by step."""
    laps: Laps = {}
    with open_job(str(inputs), str(outputs), YEAR) as job:
        with lap(laps, "collect"):
            job = job.of_year(YEAR)
            due = steps.what_is_due(job)
        readers = ExitStack()
        readers.enter_context(keeping())
        for chunk in due.chunks:
            with lap(laps, "read"):
                chunk = steps.read_chunk(chunk, job.wanted)
            with lap(laps, "check and store"):
                steps.store_chunk(job, chunk)
        with lap(laps, "read"):  # the readers' time is known when they have ended
            readers.close()
        with lap(laps, "compare"):
            steps.compare_all(job, due)
        with lap(laps, "total"):
            steps.add_up_year(job)
        with lap(laps, "emit"):
            steps.emit_year(job)
        with lap(laps, "publish"):
            steps.publish_store(job)
    return laps


def _be_light() -> None:
    """A reading process loads the program that started it anew: installed, that is a few lines, but not this one."""
    program = sys.modules["__main__"]
    program.__spec__ = None
    vars(program).pop("__file__", None)


def main() -> None:
    units = int(sys.argv[1]) if sys.argv[1:] else 3000
    _be_light()
    with tempfile.TemporaryDirectory() as name:
        inputs, outputs = county(Path(name), units), Path(name) / "outputs"
        started = time.perf_counter()
        full = collection(inputs, outputs)
        print(f"{units} units from nothing, {time.perf_counter() - started:.0f} s on the clock")
        edit(next((inputs / str(YEAR) / "submissions").iterdir()), {"A07": 13})
        one = collection(inputs, outputs)
        for step in full:
            print(f"{step:16} {full[step]:7.2f} s {one.get(step, 0.0):7.2f} s")
        print(f"{'all':16} {sum(full.values()):7.2f} s {sum(one.values()):7.2f} s")
        print(f"ratio            {sum(one.values()) / sum(full.values()):7.3f}  (goal 0.12)")


if __name__ == "__main__":
    main()
