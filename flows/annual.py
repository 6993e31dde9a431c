"""The flow: a year's collection as one sentence, each step wrapped as a Prefect task here and nowhere else."""

import gc
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from prefect import Flow, State, Task, flow
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event
from prefect.futures import PrefectFuture
from prefect.runtime import deployment, flow_run
from prefect.states import Completed, Failed
from pydantic import Field

from flows import steps
from flows.job import Job, open_job
from flows.judging.elsewhere import Elsewhere, Terms, read_and_check
from flows.reading import cluster
from flows.reading.orphan import end_with_parent
from flows.reading.read import keeping
from flows.steps import Chunk, Due
from flows.store.standing import Standing, counted
from schemas.errors import InputError
from schemas.inputs import named
from schemas.states import LATE, word_of

step: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
AUTO = "auto-scheduled"
"""The tag that Prefect gives a run of a schedule."""
# Tasks return what they made and raise only when the machine fails; what people sent wrongly is a finding.


def titled(words: str) -> Any:
    """A parameter's title in Prefect's form: it puts the name over any other but this."""
    return Field(json_schema_extra={"title": words})


def run_name() -> str:
    """What Prefect calls a run: township, year, and what it is for."""
    given = flow_run.parameters
    name, year = named(Path(given.get("inputs") or "inputs"), given.get("year"))
    tags = [tag for tag in flow_run.tags if tag != AUTO]
    trigger = "、".join(tags) or ("定时" if AUTO in flow_run.tags else "手动")
    return f"{name} {year or ''} 年 {trigger} {flow_run.id[:4] if flow_run.id else ''}".strip()


@flow(name="annual-collection", flow_run_name=run_name, validate_parameters=False)
def annual_collection(
    year: Annotated[int | None, titled("年度（空着按 township.toml）")] = None,
    only: Annotated[Sequence[str], titled("只处理这些单位（名称或代码）")] = (),
    retry: Annotated[bool, titled("只重做上次没成功的和新来的")] = False,
    inputs: Annotated[str, titled("输入文件夹")] = "inputs",
    outputs: Annotated[str, titled("输出文件夹")] = "outputs",
    lanes: Annotated[int, titled("集群同时读几包（0 为本机读）")] = 0,
) -> State[Standing]:
    """Collect a year's workbooks, check and store them, add them up, and emit the tables.

    `lanes` is how many parcels the cluster of the task runner reads at a time; without any, files are read here.
    """
    end_with_parent()
    fresh: Collection[str] = ()
    try:
        with open_job(inputs, outputs, year, only, retry) as job:
            for each in job.years_due():
                of_year = job.of_year(each)
                take_in(of_year, lanes)
                fresh = steps.units_stored(of_year)  # the last year is the one that is asked for
            standing = emit(job)
            publish(job)
    except InputError as error:  # what the clerk must mend is said in the state, in a line
        return Failed(message=str(error), data=error, name="失败")
    if deployment.id:
        show(standing, fresh)
    return Completed(data=standing, message=counted(standing), name="收齐" if standing.complete else "部分")


def show(standing: Standing, fresh: Collection[str]) -> None:
    """What a deployed run leaves in Prefect: a table of all units, and events for automations.

    One for each unit that is not in, at every run; one for each that is accepted, by the run that took its form in
    (`fresh`: the units of which it took any); one for the year when all are in.
    """
    rows = [
        (one.name, word_of(one.state), str(one.must or ""), str(one.confirm or ""), one.file)
        for one in standing.arrivals
    ]
    table = [("单位", "情况", "须改正", "须说明", "文件"), ("---",) * 5, *rows]
    lines = [f"| {' | '.join(cell.replace('|', '｜') for cell in row)} |" for row in table]
    made = [f"- 已生成：{path}" for path in standing.emitted]
    text = "\n".join([counted(standing), "", *lines, "", *made])
    create_markdown_artifact(text, key="cunhui", description=f"{standing.year} 年收报情况")
    late = [one for one in standing.arrivals if one.state in LATE]
    for one in late:
        told = {"name": one.name, "must_correct": one.must, "must_explain": one.confirm}
        emit_event(f"cunhui.unit.{one.state}", _resource(one.code), payload=told)
    for one in standing.arrivals:
        if one.accepted and one not in late and one.code in fresh:
            emit_event("cunhui.unit.accepted", _resource(one.code), payload={"name": one.name})
    if not late:
        year = {"prefect.resource.id": f"cunhui.year.{standing.year}"}
        emit_event("cunhui.year.complete", year, payload={"year": standing.year})


def _resource(unit: str) -> dict[str, str]:
    return {"prefect.resource.id": f"cunhui.unit.{unit}"}


def take_in(job: Job, lanes: int) -> None:
    """One year's inbox: collect, judge again what other rules judged, read and store what is new, compare, add up."""
    due = collect(job)
    for chunk in steps.recall(job, due):
        store(job, chunk)
    for chunk in read_far(due, job, lanes) if lanes else read_here(due, job):
        store(job, chunk)
    compare(job, due)
    total(job)


def read_here(due: Due, job: Job) -> Iterator[Chunk]:
    """What is due, read on this PC: one chunk while the one before it is stored, so that never more are held."""
    ahead: PrefectFuture[Chunk] | None = None
    with keeping():
        for chunk in due.chunks:
            done = ahead and ahead.result()
            ahead = read.submit(chunk, job.wanted)
            if done:
                yield done
                done = None
                gc.collect()  # what a task returned is held in a circle by its future: 30 MB of 500 forms (2026-11-29)
        last = ahead and ahead.result()
    if last:
        yield last


def read_far(due: Due, job: Job, lanes: int) -> Iterator[Chunk]:
    """What is due, read and checked by the workers of a Dask cluster; the same chunks in the same order."""
    terms, found = Terms(job.catalogue, job.units, job.year).packed(), Elsewhere()
    send = partial(read_parcel.submit, terms=terms)
    readings = cluster.read_far(due.workbooks, job.wanted, lanes, send, found.taken)
    return due.filled(readings, job.wanted, found)


def on_dask(address: str) -> Flow[..., Any]:
    """The flow with its tasks sent to the Dask scheduler at that address; what is not sent stays in this process."""
    import dask.config  # optional: only a run with `--dask` has it
    from prefect_dask.task_runners import DaskTaskRunner  # optional: as above

    dask.config.set(cluster.LARGE)
    runner = DaskTaskRunner(address=address)
    return annual_collection.with_options(
        task_runner=runner  # pyright: ignore[reportArgumentType]  # TaskRunner is declared invariant in its futures
    )


collect = Task(steps.what_is_due, name="collect", **step)
read = Task(steps.read_chunk, name="read", **step)
read_parcel = Task(read_and_check, name="read-and-check-parcel", **step)
store = Task(steps.store_chunk, name="check-and-store", **step)
compare = Task(steps.compare_all, name="compare", **step)
total = Task(steps.add_up_year, name="total", **step)
emit = Task(steps.emit_year, name="emit", **step)
publish = Task(steps.publish_store, name="publish", **step)
