"""The flow: a year's collection as one sentence, each step wrapped as a Prefect task here and nowhere else."""

from collections.abc import Sequence
from typing import Any

from prefect import flow, task, unmapped
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed, State

from flows import job as jobs
from flows.job import Job
from flows.standing import Standing

step: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
# Tasks return what they made and raise only when the machine fails; what people sent wrongly is a finding.


@flow(name="annual-collection", validate_parameters=False)
def annual_collection(
    year: int | None = None,
    only: Sequence[str] = (),
    retry: bool = False,
    inputs: str = "inputs",
    outputs: str = "outputs",
) -> State[Standing]:
    """Collect a year's workbooks, check and store them, add them up, and emit the tables."""
    with jobs.open_job(inputs, outputs, year, only, retry) as job:
        for each in job.years_due():
            take_in(job.of_year(each))
        standing = emit(job)
        publish(job)
    return Completed(data=standing, name=None if standing.complete else "CompletedWithRejections")


def take_in(job: Job) -> None:
    """One year's inbox: collect it, read what is new, check and store that, compare it with the rest, add up."""
    due = collect(job)
    for reading in read.map(due.chunks, unmapped(job.wanted)):
        store(job, reading.result())
    compare(job, due)
    total(job)


collect = task(jobs.what_is_due, name="collect", **step)
read = task(jobs.read_chunk, name="read", **step)
store = task(jobs.store_chunk, name="check-and-store", **step)
compare = task(jobs.compare_all, name="compare", **step)
total = task(jobs.add_up_year, name="total", **step)
emit = task(jobs.emit_year, name="emit", **step)
publish = task(jobs.publish_store, name="publish", **step)
