"""The store made anew from journal, archive, inbox and settings: what was lost with it comes back as it was."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from flows.inbox.archive import archived_as
from flows.inbox.ledger import Ledger
from flows.job import Job
from flows.packing.intake import keys_of
from flows.reading.read import keeping
from flows.reading.records import Reading, Received
from flows.steps import CHUNK, Chunk, add_up_year, compare_all, judge, read_chunk, save_placed, what_is_due
from flows.store.area_views import make_views
from flows.store.contested import remember
from flows.store.events import note
from flows.store.frozen import is_whole, thaw
from flows.store.journal import Contested, Copied, Happened, Journal, Line, Sent, places
from flows.store.lock import hold
from flows.store.published import publish
from flows.store.store import Store
from schemas.errors import InputError
from schemas.inputs import load_inputs
from schemas.outputs import ARCHIVE, STORE


class Rebuilt(msgspec.Struct, frozen=True):
    """What came of it: how many submissions are stored again, and the files whose bytes the archive has lost."""

    submissions: int
    lost: list[str]


def rebuild(inputs: str, outputs: str, year: int | None = None) -> Rebuilt:
    """Make outputs/cunhui.duckdb anew and publish it; the old one stays until the new one is whole.

    Raises InputError where there is no journal to make it from.
    """
    catalogue, settings, units, year, *_ = load_inputs(Path(inputs), year)
    folder = Path(outputs)
    lines = Journal(folder).read()
    if not lines:
        raise InputError(f"{folder} 里没有流水账（journal.jsonl），没有可以重建的；请运行 cunhui run 从收件夹重新汇总")
    with hold(folder, wait=30):
        fresh = folder / f"{STORE}.new"
        for left in (fresh, _log_of(fresh)):
            left.unlink(missing_ok=True)
        with Store(fresh) as store:
            store.journal = Journal(folder, silent=True)
            job = Job(Path(inputs), folder, year, settings, catalogue, units, store)
            frozen = [each for each in _years(lines) if _is_closed(lines, each) and is_whole(folder, each)]
            kept = sum(_thawed(job, each, lines) for each in frozen)
            open_years = [each for each in _years(lines) if each not in frozen]
            done = [_year_again(job, each, [line for line in lines if line.year == each]) for each in open_years]
            job = job.of_year(year)
            make_views(store, catalogue, year)
        _log_of(folder / STORE).unlink(missing_ok=True)  # of the old one: with the new one it does not fit
        fresh.replace(folder / STORE)
        publish(folder / STORE, folder)
    return Rebuilt(kept + sum(count for count, _ in done), [file for _, lost in done for file in lost])


def _log_of(store: Path) -> Path:
    """Where DuckDB keeps what is not yet written into the file, also after a kill."""
    return store.with_name(f"{store.name}.wal")


def _years(lines: Sequence[Line]) -> list[int]:
    return sorted({line.year for line in lines})


def _is_closed(lines: Sequence[Line], year: int) -> bool:
    events = [line.what for line in lines if isinstance(line, Happened) and line.year == year]
    return next((what == "close" for what in reversed(events) if what != "restore"), False)


def _thawed(job: Job, year: int, lines: Sequence[Line]) -> int:
    """A closed year as it was closed, with its events. Returns how many submissions it has."""
    count = thaw(job.store, job.outputs, year)
    for line in lines:
        if isinstance(line, Happened) and line.year == year:
            note(job.store, line)
    job.of_year(year)
    return count


def _year_again(job: Job, year: int, lines: Sequence[Line]) -> tuple[int, list[str]]:
    """One year as the journal tells it: submissions in their places, then copies, rivals, events; judged, added up."""
    job = job.of_year(year)
    due = what_is_due(job)  # what the archive has lost and the inbox still has is kept again
    sent = places(lines)
    found = {line.sha256: path for line in sent if (path := _kept(job.outputs / ARCHIVE, line.sha256))}
    ledger = Ledger(job.store, year, job.rules)
    ledger.expect(sent)
    lost = [line for line in sent if line.sha256 not in found]
    with keeping():
        for some in together([line for line in sent if line.sha256 in found]):
            readings = {(one.sha256, one.part): one for whole in _readings(job, some, found) for one in whole.each()}
            lost += [line for line in some if (line.sha256, line.part) not in readings]
            some = [line for line in some if (line.sha256, line.part) in readings]
            save_placed(job, *ledger.place_again(some, readings, job.units, job.catalogue))
    for line in lines:
        if isinstance(line, Copied):
            first = next((one.file for one in sent if one.sha256 == line.sha256), line.file)
            job.store.note_copy(Received("", line.file, line.sha256, 0), first, year, line.at)
        elif isinstance(line, Contested):
            remember(job.store, line)
    compare_all(job, due)
    add_up_year(job)
    if events := [line for line in lines if isinstance(line, Happened)]:
        for event in events:
            note(job.store, event)
        judge(job)
    return len(sent), [line.file for line in lost]


def together(sent: Sequence[Sent]) -> Iterator[list[Sent]]:
    """As many originals as are read at a time, each once, the last first; one of several units undivided."""
    files = [list(of_file) for _, of_file in groupby(sent, key=lambda line: line.sha256)]
    for start in reversed(range(0, len(files), CHUNK)):
        yield [line for of_file in files[start : start + CHUNK] for line in of_file]


def _kept(archive: Path, sha256: str) -> Path | None:
    try:
        return archived_as(archive, sha256)
    except InputError:
        return None


def _readings(job: Job, sent: Sequence[Sent], found: dict[str, Path]) -> Iterator[Reading]:
    files = {line.sha256: Received(str(found[line.sha256]), line.file, line.sha256, line.size) for line in sent}
    return iter(read_chunk(Chunk(tuple(files.values()), keys=tuple(keys_of(job.inputs))), job.wanted).readings)
