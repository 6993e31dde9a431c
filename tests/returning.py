"""A collection played through: spoil what a village sent, collect, take what comes back, mend it, send it."""

import copy
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
from openpyxl.cell import Cell

from flows import steps
from flows.emit.returns.returns import write_returns
from flows.job import Job, open_job
from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.records import Reading
from flows.reading.wanted import wanted_of
from tests.office import CATALOGUE, small_inputs

YEAR = 2023
WORDS = Words(wanted_of(CATALOGUE, YEAR))
Change = Callable[[openpyxl.Workbook], None]


class Collection:
    """Some of the sample's villages without history, their inbox and what is made of it."""

    def __init__(self, folder: Path, *names: str) -> None:
        self._stand_in(folder)
        small_inputs(folder, list(names))
        self.states: dict[str | None, str] = {}
        self.findings: list[dict] = []

    def _stand_in(self, folder: Path) -> None:
        self.inputs, self.outputs = folder / "inputs", folder / "outputs"
        self.inbox, self.back = self.inputs / str(YEAR) / "submissions", self.outputs / str(YEAR) / "退回"

    def copied(self, folder: Path) -> "Collection":
        """The same as it stands, in a folder of its own: what was collected once serves many tests."""
        twin = copy.copy(self)
        twin._stand_in(Path(shutil.copytree(self.inputs.parent, folder)))
        return twin

    def sent(self, name: str) -> Path:
        return self.inbox / f"{name}.xlsx"

    def returned(self, name: str) -> openpyxl.Workbook:
        return openpyxl.load_workbook(self.back / f"{name}.xlsx")

    def collect(self, then: Callable[[Job], None] = lambda job: None) -> list[Path]:
        """The steps of a run that matter here, in their order; what is returned, by write_returns."""
        with open_job(str(self.inputs), str(self.outputs), YEAR) as job:
            job = steps.take_in(job, YEAR)
            written = write_returns(job.store, job.catalogue, job.settings, YEAR, self.back, self.outputs / "archive")
            newest = job.store.rows("SELECT coalesce(unit_name, file), arg_max(state, revision) FROM submissions "
                                    "WHERE year = ? GROUP BY 1", [YEAR])  # fmt: skip
            self.states = dict(newest)
            frame = job.store.frame(
                "SELECT * FROM findings WHERE year = ? AND state NOT IN ('superseded') "
                "ORDER BY submission, stage DESC, number",
                [YEAR],
            )
            self.findings = frame.to_dict("records")
            then(job)
        return [path for one in written for path in (one.workbook, one.original) if path]

    def send_back(self, name: str, answers: Mapping[str, object] = {}, change: Change = lambda book: None) -> Path:
        """The village corrects the returned workbook in place and sends it."""
        shutil.copy(self.back / f"{name}.xlsx", self.sent(name))
        return edit(self.sent(name), answers, change)


def edit(path: Path, answers: Mapping[str, object] = {}, change: Change = lambda book: None) -> Path:
    """Put values, or (value, explanation) pairs, into the rows of these indicators; then whatever else."""
    book = openpyxl.load_workbook(path)
    for code, value in answers.items():
        row = row_of(book, code)
        row["本年数"].value, note = value if isinstance(value, tuple) else (value, None)
        row["说明"].value = note or row["说明"].value
    change(book)
    book.save(path)
    return path


def row_of(book: openpyxl.Workbook, code: str) -> dict[str, Cell]:
    """The cells of an indicator's row by head."""
    for sheet in book:
        heads = None
        for row in sheet.iter_rows():
            words = [cell.value for cell in row]
            if "代码" in words and "本年数" in words:
                heads = words
            elif heads and code in words:
                return dict(zip(heads, row, strict=False))
    raise KeyError(code)


def notice_rows(book: openpyxl.Workbook) -> list[dict[str, Cell]]:
    """The findings on 退回说明, each by head; headings of causes are left out."""
    sheet = book["退回说明"]
    [head] = [row for row in sheet.iter_rows() if row[0].value == "序号"]
    heads = [cell.value for cell in head]
    rows = [dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=head[0].row + 1)]
    return [row for row in rows if isinstance(row["序号"].value, int)]


def write_reason(code: str, reason: str) -> Change:
    """Write a reason beside every finding of an indicator."""

    def change(book: openpyxl.Workbook) -> None:
        [row, *_] = [row for row in notice_rows(book) if re.match(rf"{code}\b", row["指标"].value or "")]
        row["情况说明"].value = reason

    return change


def read(path: Path) -> Reading:
    return read_inside(path.read_bytes(), WORDS, path.name)
