"""What each step of a collection does with a job: take in, judge, add up, emit."""

import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count, groupby
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pandas as pd

from flows.emit.lists.lists import write_lists
from flows.emit.record import Made, made_from, printed_from, write_record
from flows.emit.summary.summary import write_summary
from flows.inbox.closed import refused
from flows.inbox.collect import collect
from flows.inbox.ledger import Ledger, copies_of, lines_of, may_be
from flows.inbox.readings import packed, recalled
from flows.inbox.rules import EVERYTHING, code_of
from flows.inbox.submission import Submission
from flows.inbox.taken import Inbox
from flows.job import Job
from flows.judging.compare import compare
from flows.judging.elsewhere import Elsewhere, checked
from flows.logs import step, tell_submissions
from flows.packing.answered import take_receipts
from flows.packing.intake import KEYS, is_package, keys_of, read_package
from flows.packing.receipts import write_receipts
from flows.reading.read import keeping, on_progress, read_files
from flows.reading.records import Reading, Received, Wanted
from flows.store.area_views import make_views
from flows.store.book import arrivals, load_book
from flows.store.contested import write_down
from flows.store.events import in_words
from flows.store.figures import Arrival, Book
from flows.store.journal import Gone
from flows.store.lineage import load_lineage
from flows.store.outcomes import outcomes
from flows.store.pending import load_copies, load_pending
from flows.store.published import publish
from flows.store.settled import fingerprint, settle, settled
from flows.store.standing import Standing, standing_of
from flows.store.store import Known
from flows.totals.add_up import add_up
from flows.totals.like import like
from schemas.outputs import ARCHIVE, LETTERS, RECEIPTS, RETURNS, SUMMARY
from schemas.supplements import load_own
from schemas.targets import load_targets

if TYPE_CHECKING:
    from flows.emit.report.reports import Reported

CHUNK = 500
"""Submissions read, judged and stored at a time: any township whole, for the largest of a public list has 200 units;
of a county's package, what is held in memory at once."""
TOGETHER = 500
"""Submissions checked at once and stored in one transaction: a hundred took 3.9 ms each, so many 2.3, and 18 MB more of
256 (600 forms, 2026-11-29). A file of more units is one transaction all the same, and checked so many at a time."""


class Chunk(msgspec.Struct, frozen=True):
    """Some of the files to read, or what was read of them: as many as one task takes.

    `keys` are those that sign packages, of which some of the files may be; `began`: when reading them did; `elsewhere`:
    what was checked already of what was read.
    """

    files: tuple[Received, ...]
    readings: tuple[Reading, ...] = ()
    keys: tuple[Path, ...] = ()
    began: float | None = None
    elsewhere: Elsewhere | None = None


class Due(msgspec.Struct, frozen=True):
    """What a collection has to do: the files to read, those only to judge again, and the whole inbox to remember."""

    inbox: Inbox
    to_read: tuple[Received, ...]
    to_judge: tuple[Received, ...] = ()
    keys: tuple[Path, ...] = ()

    @property
    def chunks(self) -> list[Chunk]:
        """The files to read, in chunks that a task takes."""
        starts = range(0, len(self.to_read), CHUNK)
        return [Chunk(self.to_read[start : start + CHUNK], keys=self.keys) for start in starts]

    @property
    def workbooks(self) -> tuple[Received, ...]:
        """The files to read but for packages, which only this computer opens."""
        return tuple(file for file in self.to_read if not is_package(file))

    def filled(self, readings: Iterator[Reading], wanted: Wanted, elsewhere: Elsewhere) -> Iterator[Chunk]:
        """The chunks with what was read of them, as it comes; the readings are of the workbooks, in their order."""
        for chunk in self.chunks:
            read = (
                read_package(file, wanted, self.keys) if is_package(file) else next(readings) for file in chunk.files
            )
            yield Chunk(chunk.files, tuple(read), elsewhere=elsewhere)


@step("collect", lambda due: {"to_read": len(due.to_read), "to_judge": len(due.to_judge)})
def what_is_due(job: Job) -> Due:
    """Collect the inbox and leave out what is already stored under the present rules; a closed year takes nothing."""
    inbox = collect(job.inputs, job.outputs, job.year, job.settings.collection.inbox)
    keys = keys_of(job.inputs)
    take_receipts(inbox, job.outputs, job.settings.township, job.year, keys, job.store.journal)
    ledger = Ledger(job.store, job.year, job.rules)
    ledger.tell_lost(inbox)
    if job.closing:
        return Due(refused(inbox, ledger.of_file, job.closing, job.settings.zone), ())
    due = [*ledger.due(inbox, job.retry), *ledger.away(inbox, job.outputs / ARCHIVE)]
    chosen = [file for file in due if may_be(file, job.only, job.units)]
    return Due(inbox, tuple(chosen), tuple(ledger.judged_otherwise(inbox, due)), tuple(keys))


def recall(job: Job, due: Due) -> Iterator[Chunk]:
    """What is only to be judged again, with the readings that the store keeps: no file is opened."""
    for start in range(0, len(due.to_judge), CHUNK):
        files = due.to_judge[start : start + CHUNK]
        yield Chunk(files, tuple(recalled(job.store, job.year, files)))


@step("read", lambda chunk: {"files": len(chunk.files)})
def read_chunk(chunk: Chunk, wanted: Wanted) -> Chunk:
    """Read a chunk's files in guarded child processes."""
    told, done, began = on_progress.get(), count(1), time.monotonic()
    workbooks = [file for file in chunk.files if not is_package(file)]
    readings = read_files(
        workbooks, wanted, workers=os.cpu_count() or 1, on_done=lambda *_: told(next(done), len(chunk.files))
    )
    packages = (read_package(file, wanted, chunk.keys) for file in chunk.files if is_package(file))
    return Chunk(chunk.files, (*readings, *packages), began=began)


@step("store", lambda stored: {"submissions": stored})
def store_chunk(job: Job, chunk: Chunk) -> int:
    """Check what was read and store it whole, some hundreds to a transaction. Returns how many were stored."""
    ledger = Ledger(job.store, job.year, job.rules)
    placed, rows, replaced = ledger.place(chunk.readings, job.units, job.only, chunk.files)
    taken = {item.reading.sha256 for item in placed}
    if gone := ledger.gone(whole for whole in chunk.readings if whole.sha256 in taken and not whole.part):
        now = datetime.now(UTC)
        job.store.journal.write(Gone(now, job.year, one.sha256, one.part) for one in gone)
        job.store.forget([one.sub_id for one in gone])
    save_placed(job, placed, rows, replaced, chunk.elsewhere, ledger.moved)
    taken_up = round(time.monotonic() - chunk.began, 3) if chunk.began else None
    job.stored.update(dict.fromkeys((item.sub_id for item in placed), taken_up))
    return len(placed)


def save_placed(
    job: Job,
    placed: Sequence[Submission],
    rows: pd.DataFrame,
    replaced: Sequence[int] = (),
    elsewhere: Elsewhere | None = None,
    moved: Mapping[int, Known] = {},
) -> None:
    """Check submissions that have their places and store them; the journal is told first, unless it told us.

    `moved` were another unit's: in the same transaction they are no longer.
    """
    anew = set(replaced)
    for files in _whole_files(placed):
        were = [moved[one.sub_id] for one in files if one.sub_id in moved]
        gone = [one.sub_id for one in files if one.sub_id in anew]
        gone += [number for one in were for number in job.store.of_unit(job.year, one)]
        job.store.save_all(_tables(job, files, rows, elsewhere, were), gone)


def _tables(
    job: Job, files: Sequence[Submission], rows: pd.DataFrame, elsewhere: Elsewhere | None, were: Sequence[Known]
) -> Iterator[dict[str, pd.DataFrame]]:
    """What the store keeps of them, some submissions at a time; the journal is told when all are checked."""
    for start in range(0, len(files), TOGETHER):
        some = [item.whole() for item in files[start : start + TOGETHER]]
        tables = checked(some, job.catalogue, job.year, elsewhere)
        numbers = [item.sub_id for item in some]
        yield tables | {"submission": rows[rows["sub_id"].isin(numbers)], "reading": packed(some)}
    now = datetime.now(UTC)
    gone = (Gone(now, job.year, one.sha256, one.part, one.unit) for one in were)
    job.store.journal.write([*gone, *lines_of(files, rows)])


def _whole_files(placed: Sequence[Submission]) -> Iterator[list[Submission]]:
    """`TOGETHER` submissions or more at a time: the parts of a file are never divided."""
    some: list[Submission] = []
    for _, parts in groupby(placed, key=lambda item: item.reading.sha256):
        some += parts
        if len(some) >= TOGETHER:
            yield some
            some = []
    if some:
        yield some


@step("compare", lambda _: {})
def compare_all(job: Job, due: Due) -> None:
    """Remember the inbox and judge what the year has received."""
    job.store.record_inbox(job.year, due.inbox.files, copies_of(due.inbox), due.inbox.notices)
    if not job.closing and not _is_settled(job):
        judge(job)
    tell_submissions(one | {"seconds": job.stored[one["number"]]} for one in outcomes(job.store, job.stored))


def judge(job: Job) -> None:
    """Compare every unit with last year and the others, and give every submission of the year its state."""
    found = compare(job.store, job.catalogue, job.settings.judging, job.year)
    write_down(job.store, job.year, found)
    job.store.doubt(job.year, found)
    job.store.clear()


def units_stored(job: Job) -> set[str]:
    """The units of which this run has stored a form of the year."""
    return {one["unit"] for one in outcomes(job.store, job.stored) if one["unit"]}


@step("total", lambda totals: {"totals": totals})
def add_up_year(job: Job) -> int:
    """Add up the year. Returns how many totals were made.

    A closed year keeps its own, and so does one of which nothing has changed since.
    """
    if job.closing:
        return 0
    if _is_settled(job):
        return 0
    rules = hashlib.sha256(b"\0".join(_rules(job))).hexdigest()
    totals = add_up(job.store, job.year, job.settings.printing.rounding, rules)
    like(job.store, job.year)
    settle(job.store, job.year, worked_out_from(job))
    job.store.clear()
    return totals


def _is_settled(job: Job) -> bool:
    return not job.stored and settled(job.store, job.year) == worked_out_from(job)


def worked_out_from(job: Job) -> str:
    """The fingerprint of all that the year's states, findings and totals follow from, and of themselves."""
    return fingerprint(job.store, *_rules(job))


def _rules(job: Job) -> tuple[bytes, ...]:
    return code_of(EVERYTHING), job.catalogue.version.encode(), msgspec.json.encode(job.settings)


def take_in(job: Job, year: int) -> Job:
    """One year through the same steps as the flow, without Prefect: for commands that only need its figures."""
    job = job.of_year(year)
    due = what_is_due(job)
    for chunk in recall(job, due):
        store_chunk(job, chunk)
    with keeping():
        for chunk in due.chunks:
            store_chunk(job, read_chunk(chunk, job.wanted))
    compare_all(job, due)
    add_up_year(job)
    return job


@step(
    "emit", lambda standing: {"units": len(standing.arrivals), "accepted": sum(a.accepted for a in standing.arrivals)}
)
def emit_year(job: Job) -> Standing:
    """Write the summary workbook, the clerk's lists and page, what goes back to villages; say where everybody stands.

    Of a closed year nothing is written again.
    """
    here = arrivals(job.store, job.settings, job.year)
    if closing := job.closing:
        notes = [in_words(closing, job.settings.zone) + "，没有重新汇总"]
        return standing_of(job.store, job.settings, job.year, here, notes=notes)
    folder, now = job.outputs / str(job.year), datetime.now(job.settings.zone)
    day = f"{now.date()} {now > job.settings.deadline}"  # pages say how many days it is to the deadline, or since
    basis = printed_from(job.inputs, settled(job.store, job.year).encode(), str(job.year).encode(), day.encode())
    made = made_from(folder, basis)
    if made is None:
        made = _made(job, folder, now, here)
        write_record(job.store, folder, job.year, made, basis)
    said = [str(folder / name) for name in made.paths], made.notes, made.lacking, made.failed
    return standing_of(job.store, job.settings, job.year, here, *said)


def _made(job: Job, folder: Path, now: datetime, here: Sequence[Arrival]) -> Made:
    """All of it written; what has not changed by itself is left untouched."""
    from flows.emit.board.board import write_board  # heavy: jinja2 and xlsxwriter
    from flows.emit.returns.letters import write_letters  # heavy: xlsxwriter
    from flows.emit.returns.returns import write_returns  # heavy: xlsxwriter
    from flows.emit.upward.upward import write_upward  # heavy: xlsxwriter

    folder.mkdir(parents=True, exist_ok=True)
    # What goes back goes first: whoever has sent it in waits for it.
    back = write_returns(job.store, job.catalogue, job.settings, job.year, folder / RETURNS, job.outputs / ARCHIVE)
    targets = [load_targets(job.inputs, year, job.catalogue) for year in (job.year, job.year - 1)]
    own = load_own(job.inputs, job.year, job.settings, job.catalogue)
    book = replace(load_book(job.store, job.settings, job.year, *targets, here=here), own=own)
    path = folder / SUMMARY
    write_summary(path, book, job.catalogue, job.settings, code_of(EVERYTHING))
    pending = load_pending(job.store, job.catalogue, job.settings, job.year)
    lists = write_lists(pending, job.settings, job.year, now, folder)
    letters = write_letters(pending, job.settings, job.year, now, folder)
    pending += load_copies(job.store, job.year)
    board = write_board(pending, back, job.settings, job.year, now, folder, book, job.catalogue)
    report = report_of(job, book, folder)
    upward, told = write_upward(folder, book, job.catalogue) if job.catalogue.forms else ([], [])
    receipts, unsigned = write_receipts(job.store, job.settings, job.year, folder / RECEIPTS, job.inputs / KEYS)
    written = [
        path,
        *upward,
        *report.files,
        board,
        *lists,
        *([folder / RETURNS] if back else []),
        *([folder / LETTERS] if letters else []),
        *([folder / RECEIPTS] if receipts else []),
    ]
    names = tuple(one.relative_to(folder).as_posix() for one in written)
    return Made(names, (*report.notes, *told, *unsigned), tuple(report.lacking), report.failed)


def report_of(job: Job, book: Book, folder: Path) -> "Reported":
    """Write the year's reports. A template at fault stops nothing else, and the last good report stays."""
    from flows.emit.report.reports import make_reports  # heavy: jinja2 and lxml

    return make_reports(
        job.inputs, folder, book, job.catalogue, job.settings, lambda keys: load_lineage(job.store, job.year, keys)
    )


@step("publish", lambda _: {})
def publish_store(job: Job) -> None:
    """Make the views anew, close the store and copy it to where queries read it, while the outputs are still held."""
    if not job.closing:
        make_views(job.store, job.catalogue, job.year)
    job.store.close()
    publish(job.store.path, job.outputs)
