"""`cunhui restore`: an earlier accepted revision counts again, and all that is emitted follows."""

from flows import steps
from flows.commands.tell import finish
from flows.job import open_job
from flows.store.revisions import restore
from schemas.errors import InputError
from schemas.roster import find_unit


def restore_revision(words: str, revision: int, who: str, why: str, year: int | None, inputs: str, outputs: str) -> int:
    """`cunhui restore`: an earlier accepted revision counts again; all that is emitted follows. Returns the status."""
    with open_job(inputs, outputs, year) as job:
        job = job.of_year(job.year)
        unit = find_unit(words, job.units)
        if job.closing:
            raise InputError(f"{job.year} 年已封存，先用 cunhui close --reopen 开封")
        newest = restore(job.store, job.year, unit.code, unit.name, revision, who, why)
        steps.judge(job)
        steps.add_up_year(job)
        standing = steps.emit_year(job)
        steps.publish_store(job)
    print(f"{unit.name}第 {revision} 版已恢复，记为第 {newest} 版。")
    return finish(standing, as_json=False)
