"""What the commands do: start the flow and say in Chinese how it went."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.values.characters import printable_json
from schemas.toml import InputError

if TYPE_CHECKING:
    from flows.store.figures import Arrival
    from flows.store.standing import Standing

COMPLETE, INCOMPLETE = 0, 3


def run_collection(
    year: int | None,
    only: Sequence[str],
    retry: bool,
    inputs: str,
    outputs: str,
    as_json: bool,
    dask: str | None = None,
) -> int:
    """`cunhui run`: start Prefect's server on the other core while the rest is imported, then run the flow."""
    _refuse_early(Path(inputs), year, only)
    lanes = 0
    if dask:  # a cluster that cannot be used is said before anything is started
        from flows.reading.cluster import reach

        lanes = reach(dask)
    from flows.serving.launch import start_server

    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")  # what goes wrong is said once, by us
    server = start_server(Path(outputs))
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        from flows import job
        from flows.annual import annual_collection, on_dask

        collection = on_dask(dask) if dask else annual_collection
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        console = Console(stderr=True)
        bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        with bars as progress, server.flow_settings(far=bool(dask)):
            bar = progress.add_task("读取报表", total=None)
            job.on_progress.set(lambda done, total: progress.update(bar, completed=done, total=total))
            chosen = {"year": year, "only": list(only), "retry": retry, "lanes": lanes}
            standing = collection(**chosen, inputs=inputs, outputs=outputs)
    finally:
        server.stop()
    return finish(standing, as_json)


def finish(standing: "Standing", as_json: bool) -> int:
    """Say how it stands, to people or to other programs; returns the exit status."""
    if as_json:
        print(printable_json(json.dumps(as_dict(standing), ensure_ascii=False, indent=2)))
    else:
        tell(standing)
    return COMPLETE if standing.complete else INCOMPLETE


def _refuse_early(inputs: Path, year: int | None, only: Sequence[str]) -> None:
    """Wrong input files and unknown units are said before anything is started."""
    from schemas.catalogue import declared
    from schemas.corrections import load_corrections
    from schemas.township import find_unit, load_settings, load_units

    catalogue = declared()
    settings, units = load_settings(inputs, catalogue), load_units(inputs)
    for words in only:
        find_unit(words, units)
    year = year or settings.collection.year
    load_corrections(inputs, year, catalogue, units)
    folder = inputs / str(year) / "submissions"
    if not folder.is_dir():
        raise InputError(f"找不到收件夹：{folder}（请把各单位报来的文件放在这里）")


def make_forms(year: int | None, inputs: str, outputs: str) -> int:
    """`cunhui forms`: a blank workbook for every unit, with last year's figures where there are any."""
    from flows.emit.forms.forms import write_forms
    from flows.emit.forms.layout import MARKS
    from flows.job import open_job, take_in
    from flows.store.book import explanations_of, last_year_of

    with open_job(inputs, outputs, year) as job:
        for history in job.years_due()[:-1]:
            take_in(job, history)
        job.of_year(job.year)
        settings, marks = job.settings, job.settings.marks
        printed = (marks.table_number, marks.authority, marks.document_number, marks.valid_until)
        units = [unit for unit in job.units if unit.expected_in(job.year)]
        paths = write_forms(
            job.outputs / str(job.year) / "forms",
            units,
            job.catalogue,
            year=job.year,
            township=settings.township.name,
            marks=dict(zip(MARKS, printed, strict=True)),
            deadline=in_words(settings.collection.deadline),
            last_year=last_year_of(job.store, job.year),
            explanations=explanations_of(job.store, job.year),
        )
    print(f"已生成 {len(paths)} 份空白报表：{paths[0].parent if paths else ''}")
    return COMPLETE


def in_words(moment: datetime) -> str:
    """A moment as people write it; strftime cannot take Chinese on every Windows."""
    return f"{moment.year}年{moment.month}月{moment.day}日{moment.hour}时" + (f"{moment.minute}分" if moment.minute else "")


def show_status(year: int | None, inputs: str, outputs: str, as_json: bool) -> int:
    """`cunhui status`: where everybody stands, from the store as it is."""
    from flows.job import open_job
    from flows.store.book import arrivals
    from flows.store.standing import standing_of

    with open_job(inputs, outputs, year) as job:
        job = job.of_year(job.year)
        standing = standing_of(job.store, job.settings, job.year, arrivals(job.store, job.settings, job.year))
    return finish(standing, as_json)


def keep_serving(year: int | None, inputs: str, outputs: str) -> int:
    """`cunhui serve`: until stopped."""
    from flows.serving.launch import prepare_environment
    from schemas.catalogue import declared
    from schemas.township import load_settings

    settings = load_settings(Path(inputs), declared())
    prepare_environment(Path(outputs))
    from flows.serving.serve import serve

    when = settings.collection
    serve(Path(inputs), Path(outputs), year=year or when.year, cron=when.cron, timezone=when.timezone)
    return COMPLETE


def tell(standing: "Standing") -> None:
    """The closing summary: how many in, returned, missing; what stands in the way; what to do next."""
    from rich.console import Console
    from rich.table import Column, Table

    from flows.commands.screen import words
    from flows.store.standing import IN, STATE_WORDS

    console = Console(highlight=False, soft_wrap=True)
    total, done = len(standing.arrivals), [a for a in standing.arrivals if a.accepted]
    returned, missing = standing.of_state("returned", "unreadable"), standing.of_state("missing")
    explained = standing.of_state("accepted with explanations")
    console.print(
        f"{standing.year} 年：应报 {total} 个单位，已采用 {len(done)} 个（其中 {len(explained)} 个有说明），"
        f"退回 {len(returned)} 个，未报 {len(missing)} 个。",
        style="bold",
    )
    for arrival in standing.arrivals:
        if arrival.state not in (*IN, "missing"):
            kept = "，此前报的仍采用" if arrival.accepted else ""
            counts = f"必须改正 {arrival.must} 处，需要说明 {arrival.confirm} 处{_open_for(arrival)}"
            console.print(words(f"● {arrival.name}：{STATE_WORDS[arrival.state]}（{counts}{kept}）", style="yellow"))
            for message in standing.messages.get(arrival.code, [])[:5]:
                console.print(words(f"    {message}"))
            if (more := len(standing.messages.get(arrival.code, [])) - 5) > 0:
                console.print(words(f"    ……还有 {more} 处"))
    if missing:
        console.print(words("未报：" + "、".join(arrival.name for arrival in missing), style="yellow"))
    if not standing.complete:
        console.print(words(f"截止 {in_words(standing.deadline)}，{passed(standing.deadline, datetime.now(UTC))}。"))
    if standing.loose:
        table = Table(*(Column(head, overflow="fold") for head in ("没有归到单位的文件", "说明")), box=None)
        for loose in standing.loose:
            table.add_row(words(loose.file), words(loose.message))
        console.print(table)
    for path in standing.emitted:
        console.print(words(f"已生成：{path}"))
    for note in standing.notes:
        console.print(words(f"注意：{note}", style="yellow"))
    console.print(words(_next_step(standing, returned, missing)))


def _open_for(arrival: "Arrival") -> str:
    """For how many days of the calendar it has been waiting to be mended."""
    days = (datetime.now(arrival.since.tzinfo).date() - arrival.since.date()).days if arrival.since else 0
    return f"，已有 {days} 天" if days > 0 else ""


def passed(deadline: datetime, now: datetime) -> str:
    """How far off the deadline is, in days of the calendar."""
    now = now.astimezone(deadline.tzinfo)
    over = (now.date() - deadline.date()).days
    if over > 0:
        return f"已过 {over} 天"
    if over < 0:
        return f"还有 {-over} 天"
    return "今天刚过" if now > deadline else "今天到期"


def _next_step(standing: "Standing", returned: Sequence[Any], missing: Sequence[Any]) -> str:
    if standing.complete:
        return "全部收齐。下一步：打开汇总表核对、签字、上报。"
    parts = ["请退回的单位按上面的说明改正后重报"] if returned else []
    parts += ["请催未报的单位"] if missing else []
    return f"下一步：{'；'.join(parts) or '请处理上面的文件'}。改好的文件放进收件夹，再运行 cunhui run --retry。"


def as_dict(standing: "Standing") -> dict[str, Any]:
    """The standing for other programs."""
    return {
        "year": standing.year,
        "complete": standing.complete,
        "deadline": standing.deadline.isoformat(),
        "units": [
            {
                "code": a.code, "name": a.name, "kind": a.kind, "state": a.state, "accepted": a.accepted, "file": a.file,
                "revision": a.revision, "received_at": a.received_at and a.received_at.isoformat(),
                "open_since": a.since and a.since.isoformat(),
                "must_correct": a.must, "must_explain": a.confirm, "explained": a.explained,
                "findings": standing.messages.get(a.code, []),
            }
            for a in standing.arrivals
        ],
        "files": [{"file": f.file, "state": f.state, "message": f.message} for f in standing.loose],
        "emitted": list(standing.emitted),
        "notes": list(standing.notes),
    }  # fmt: skip
