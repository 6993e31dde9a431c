"""A year to look at: the clerk's files as they are, the store as last published; nothing is held or written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from flows.inbox.ledger import Ledger
from flows.job import Job
from flows.store.events import kept_settings
from flows.store.lock import is_held
from flows.store.reader import in_memory, is_roster, published
from schemas.inputs import load_inputs
from schemas.outputs import PUBLISHED

HELD = "正在汇总，或者上次没有做完就停了；这里是此前最后一次做完时的情况"
OTHER_ROSTER = "名册（units.csv）在上次汇总以后改过，这里还是照原来的；请运行 cunhui run"


class Look(NamedTuple):
    """A job whose store can only be read, and what is to be said of how old it is."""

    job: Job
    notes: list[str]


@contextmanager
def look(inputs: str, outputs: str, year: int | None, trying: bool = False) -> Iterator[Look]:
    """The year as last published; see `published` for `trying`. Raises InputError where nothing has been published."""
    catalogue, settings, units, year, *_ = load_inputs(Path(inputs), year)
    with published(Path(outputs), trying) as store:
        settings = kept_settings(store, year) or settings
        job = Job(Path(inputs), Path(outputs), year, settings, catalogue, units, store)
        yield Look(job, _notes(job))


@contextmanager
def look_or_begin(inputs: str, outputs: str, year: int | None) -> Iterator[Look]:
    """The same; where nothing has been published of the year, everybody of the roster with nothing sent."""
    if (Path(outputs) / PUBLISHED).exists():
        with look(inputs, outputs, year) as found:
            if found.job.store.rows("SELECT 1 FROM base.unit WHERE year = ? LIMIT 1", [found.job.year]):
                yield found
                return
    catalogue, settings, units, year, *_ = load_inputs(Path(inputs), year)
    with in_memory() as store:
        job = Job(Path(inputs), Path(outputs), year, settings, catalogue, units, store).of_year(year)
        yield Look(job, [*_held(job), f"{year} 年还没有汇总过"])


def _notes(job: Job) -> list[str]:
    if job.closing:
        return _held(job)
    notes = _held(job)
    if not is_roster(job.store, job.units, job.year):
        notes.append(OTHER_ROSTER)
    if outdated := Ledger(job.store, job.year, job.rules).outdated():
        notes.append(
            f"审核规则、设置或更正在上次汇总以后改过，有 {len(outdated)} 份报表要重新审核，"
            "这里还是照原来的；请运行 cunhui run"
        )
    return notes


def _held(job: Job) -> list[str]:
    return [HELD] if is_held(job.outputs) else []
