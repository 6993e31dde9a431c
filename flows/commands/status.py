"""`cunhui status`: where everybody stands, from the store as it is."""

from flows.commands.tell import finish


def show_status(year: int | None, inputs: str, outputs: str, as_json: bool) -> int:
    """`cunhui status`: where everybody stands, from the store as it is."""
    from flows.job import open_job
    from flows.store.book import arrivals
    from flows.store.standing import standing_of

    with open_job(inputs, outputs, year) as job:
        job = job.of_year(job.year)
        standing = standing_of(job.store, job.settings, job.year, arrivals(job.store, job.settings, job.year))
    return finish(standing, as_json)
