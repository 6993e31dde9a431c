"""`cunhui status`: where everybody stands, from the store as last published."""

from flows.commands.looking import look_or_begin
from flows.commands.tell import finish
from flows.packing.answered import answers
from flows.store.book import arrivals
from flows.store.standing import standing_of
from flows.template.awaited import awaited


def show_status(year: int | None, inputs: str, outputs: str, as_json: bool) -> int:
    """`cunhui status`: where everybody stands, as last published; before the first run everybody is missing."""
    with look_or_begin(inputs, outputs, year) as (job, notes):
        here = arrivals(job.store, job.settings, job.year)
        notes += answers(job.outputs, job.year, job.settings.zone)
        waiting = awaited(job.inputs, job.year, job.settings, job.catalogue)
        standing = standing_of(job.store, job.settings, job.year, here, notes=notes, lacking=waiting)
    return finish(standing, as_json)
