"""`cunhui run`: start Prefect's server and run the flow."""

import gc
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from flows.commands.tell import finish
from flows.serving.launch import start_server
from schemas.errors import InputError
from schemas.inputs import load_inputs
from schemas.roster import find_unit


def run_collection(
    year: int | None,
    only: Sequence[str],
    retry: bool,
    inputs: str,
    outputs: str,
    as_json: bool,
    dask: str | None = None,
    told: bool = False,
) -> int:
    """`cunhui run`: start Prefect's server on the other core while the rest is imported, then run the flow.

    `told`: how far it is, a line of JSON at a time on stderr, instead of a bar.
    """
    _refuse_early(Path(inputs), year, only)
    lanes = 0
    if dask:  # a cluster that cannot be used is said before anything is started
        from flows.reading.cluster import reach  # heavy: the reading processes, which most runs start later

        lanes = reach(dask)

    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")  # what goes wrong is said once, by us
    server = start_server(Path(outputs))
    try:
        gc.disable()  # a fifth of the imports was the collector going through classes: 2.8 CPU-seconds against 2.3
        from rich.console import Console  # heavy: rich
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # heavy: rich

        from flows.annual import annual_collection, on_dask  # heavy: Prefect, DuckDB and pandas
        from flows.reading.read import on_progress  # heavy: python-calamine and pebble

        gc.enable()
        collection = on_dask(dask) if dask else annual_collection
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        console = Console(stderr=True)
        bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        with bars as progress, server.flow_settings(far=bool(dask)):
            bar = progress.add_task("读取报表", total=None)
            on_progress.set(_tell if told else lambda done, total: progress.update(bar, completed=done, total=total))
            chosen = {"year": year, "only": list(only), "retry": retry, "lanes": lanes}
            standing = collection(**chosen, inputs=inputs, outputs=outputs)
    finally:
        server.stop()
    return finish(standing, as_json)  # pyright: ignore[reportArgumentType]  # a call gives the data of the State


def _tell(done: int, total: int) -> None:
    print(json.dumps({"done": done, "total": total}), file=sys.stderr, flush=True)


def _refuse_early(inputs: Path, year: int | None, only: Sequence[str]) -> None:
    """Wrong input files and unknown units are said before anything is started."""
    checked = load_inputs(inputs, year)
    for words in only:
        find_unit(words, checked.units)
    folder = inputs / str(checked.year) / "submissions"
    if not folder.is_dir() and not checked.settings.collection.inbox:
        raise InputError(f"找不到收件夹：{folder}（请把各单位报来的文件放在这里）")
