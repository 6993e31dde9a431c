"""`cunhui close`: a year that is complete is frozen; reopening is written down."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flows.inbox.collect import collect
from flows.job import open_job
from flows.steps import publish_store
from flows.store.book import arrivals
from flows.store.events import closed_by, in_words, keep_settings, record
from flows.store.frozen import freeze
from flows.store.mirror import keep_catalogue, mirror
from schemas.errors import InputError
from schemas.roster import find_unit

if TYPE_CHECKING:
    from flows.job import Job


def close(inputs: str, outputs: str, year: int | None, who: str, why: str, excepted: Sequence[str]) -> int:
    """Freeze the year. Raises InputError where a unit that is not excepted is not accepted, or files wait unread."""
    with open_job(inputs, outputs, year) as job:
        job = job.of_year(job.year)
        if closing := closed_by(job.store, job.year):
            raise _done_already(job, in_words(closing, job.settings.zone) + "，不必再封")
        spared = [find_unit(words, job.units) for words in excepted]
        _refuse_waiting(job)
        lacking = [one for one in arrivals(job.store, job.settings, job.year) if not one.accepted]
        left = [one.name for one in lacking if one.code not in {unit.code for unit in spared}]
        if left:
            raise InputError(f"还不能封存：{'、'.join(left)}没有采用；确实不等的，逐个用 --except 写明")
        names = "、".join(one.name for one in lacking)
        _require_reason(why, f"还有{names}没有采用，", bool(names))
        mirror(job.store, job.catalogue, None, job.year, job.settings.township)
        keep_settings(job.store, job.year, job.settings, job.catalogue.version)
        keep_catalogue(job.store, job.year)
        freeze(job.store, job.outputs, job.year)
        closing = record(job.store, job.year, "close", who, why, names)  # last: cut short before it, the year is open
        print(in_words(closing, job.settings.zone) + "。此后到的文件不再采用。")
        publish_store(job)
    return 0


def reopen(inputs: str, outputs: str, year: int | None, who: str, why: str) -> int:
    """Open a closed year again, and write down who did it and why."""
    with open_job(inputs, outputs, year) as job:
        job = job.of_year(job.year)
        if closed_by(job.store, job.year) is None:
            raise _done_already(job, f"{job.year} 年没有封存，不必开封")
        _require_reason(why, "", True)
        record(job.store, job.year, "reopen", who, why)
        print(f"{job.year} 年已由{who}开封：{why}。改完后请再封存。")
        publish_store(job)
    return 0


def _done_already(job: "Job", said: str) -> InputError:
    """The refusal, once queries see what was done: whoever did it may have been cut short before publishing it."""
    publish_store(job)
    return InputError(said)


def _require_reason(why: str, before: str, needed: bool) -> None:
    if needed and not why.strip():
        raise InputError(f"{before}要用 --why 写明原因")


def _refuse_waiting(job: "Job") -> None:
    """Nothing may lie in the inbox that the figures to be frozen do not know."""
    known = {sha256 for sha256, _ in job.store.latest(job.year)}
    inbox = collect(job.inputs, job.outputs, job.year, job.settings.collection.inbox)
    if waiting := [file.file for file in inbox.files if file.sha256 not in known]:
        raise InputError(f"收件夹里有还没有汇总的文件（{'、'.join(waiting[:3])}），请先运行 cunhui run")
