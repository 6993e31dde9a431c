"""`cunhui serve`: until stopped."""

from pathlib import Path

from flows.commands import stopping
from flows.serving.launch import prepare_environment
from schemas.inputs import load_inputs

LONG = 15.0
"""Seconds in which the schedule is paused, the run that is going ended, and the server stopped: 3 on a quiet PC."""


def keep_serving(year: int | None, inputs: str, outputs: str) -> int:
    """`cunhui serve`: until stopped."""
    settings = load_inputs(Path(inputs), year).settings
    prepare_environment(Path(outputs))
    from flows.serving.serve import serve  # heavy: asyncio

    when = settings.collection
    stopping.allow(LONG)
    where = Path(inputs), Path(outputs)
    number = serve(*where, year=year or when.year, schedules=when.schedules, timezone=when.timezone, settings=settings)
    return stopping.told_stopped(["serve"], number)
