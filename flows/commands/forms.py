"""`cunhui forms`: a blank workbook for every unit."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from flows.commands.tell import COMPLETE
from flows.emit.forms.forms import write_forms
from flows.emit.forms.layout import MARKS
from flows.emit.forms.others import write_adopted
from flows.emit.moments import in_words
from flows.job import Job, open_job
from flows.steps import publish_store, take_in
from flows.store.book import explanations_of, last_year_of
from flows.values.characters import printable
from schemas.adopted import REST, WHOLE
from schemas.catalogue import Catalogue
from schemas.outputs import FORMS
from schemas.roster import Unit, unheld
from schemas.supplements import Supplement, load_own

LastYear = Mapping[str, Mapping[str, Decimal | str]]


def with_history(
    last_year: LastYear, before: Mapping[str, Supplement], catalogue: Catalogue, units: Iterable[Unit]
) -> LastYear:
    """Last year's answers by unit code and indicator, those given by hand in the place of the office that reports now.

    Where several offices have the role, none of them is told that the figure was its own.
    """
    told = {code: dict(answers) for code, answers in last_year.items()}
    for code, figure in before.items():
        whose = [unit for unit in units if catalogue.indicators[code].office in unit.roles]
        if len(whose) == 1 and figure.value is not None:
            told.setdefault(whose[0].code, {}).setdefault(code, figure.value)
    return told


def _history(job: Job) -> Mapping[str, Supplement]:
    return load_own(job.inputs, job.year, job.settings, job.catalogue).before


def make_forms(year: int | None, inputs: str, outputs: str) -> int:
    """`cunhui forms`: a blank workbook for every unit, with last year's figures where there are any."""
    with open_job(inputs, outputs, year) as job:
        for history in job.years_due()[:-1]:
            take_in(job, history)
        job.of_year(job.year)
        settings, marks = job.settings, job.settings.marks
        printed = (marks.table_number, marks.authority, marks.document_number, marks.valid_until)
        units = [unit for unit in job.units if unit.expected_in(job.year)]
        folder = job.outputs / str(job.year) / FORMS
        adopted = write_adopted(folder, units, job.catalogue, job.year)
        paths = [path for files in adopted.values() for path in files]
        paths += write_forms(
            folder,
            [unit for unit in units if {WHOLE, REST} & {*job.catalogue.forms_due(job.year, unit.office)}],
            job.catalogue,
            year=job.year,
            township=settings.township.name,
            marks=dict(zip(MARKS, printed, strict=True)),
            deadline=in_words(settings.collection.deadline),
            last_year=with_history(last_year_of(job.store, job.year), _history(job), job.catalogue, units),
            explanations=explanations_of(job.store, job.year),
        )
        publish_store(job)
        lacking = unheld(job.catalogue, job.units, job.year)
    for lack in lacking:
        print(printable(f"注意：{lack}"))
    print(f"已生成 {len(paths)} 份空白报表：{paths[0].parent if paths else ''}")
    return COMPLETE
