"""A report for the tests: the sample township as it comes out of the store, small books by hand, templates by hand."""

import zipfile
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from docx import Document

from flows.emit.report.report import ReportOutcome, write_report
from flows.store.book import load_book
from flows.store.figures import Book, Figure, Place
from flows.store.lineage import Lineage, load_lineage
from flows.store.store import Store
from schemas.catalogue import Catalogue
from schemas.targets import load_targets
from schemas.township import Settings, load_settings
from tests.office import CATALOGUE, SAMPLE, judge_steps

YEAR = 2023
TEMPLATE = SAMPLE / "年度工作总结模板.docx"
TOWNSHIP = Place("990101101", "示例镇", "township")
VILLAGES = (
    Place("990101101208", "三湾村", "village", "村", "山区"),
    Place("990101101201", "南川村", "village", "村", "川区"),
)


class Sample(NamedTuple):
    book: Book
    catalogue: Catalogue
    settings: Settings
    lineage: Lineage


@cache
def sample() -> Sample:
    """Both years of the committed sample, collected as the main job does it, but for what it emits."""
    settings = load_settings(SAMPLE, CATALOGUE)
    targets = [load_targets(SAMPLE, year, CATALOGUE) for year in (YEAR, YEAR - 1)]
    with TemporaryDirectory() as outputs:
        judge_steps(SAMPLE, Path(outputs), YEAR)
        with Store(Path(outputs) / "cunhui.duckdb") as store:
            book = load_book(store, settings, YEAR, *targets)
            book = replace(book, figures=dict(book.figures), last=dict(book.last), largest=None)  # outlives the store
            return Sample(book, CATALOGUE, settings, load_lineage(store, YEAR))


def figure(code: str, value: str | None, **more) -> Figure:
    """A township figure printed alone; a value that is no number is a text or a list of names."""
    item = CATALOGUE.indicators[code]
    if item.is_text:
        return Figure(None, None, value or "", **more)
    if value is None:
        return Figure(None, None, **more)
    exact = Decimal(value)
    return Figure(exact, round(exact / item.factor + Decimal("1e-9"), item.places), **more)


def small_book(now: dict[str, str | Figure | None], last: dict[str, str] | None = None, **more) -> Book:
    """A book that holds just these township figures."""
    figures = {
        (TOWNSHIP.code, code): value if isinstance(value, Figure) else figure(code, value)
        for code, value in now.items()
    }
    past = {(TOWNSHIP.code, code): figure(code, value) for code, value in (last or {}).items()}
    return Book(YEAR, TOWNSHIP, VILLAGES, (), figures, past, **more)


def changed(book: Book, **figures: Figure | None) -> Book:
    """The book with other township figures; None takes one out."""
    keyed = {(book.township.code, code): value for code, value in figures.items()}
    kept = {**book.figures, **keyed}
    return replace(book, figures={key: value for key, value in kept.items() if value is not None})


def write_template(path: Path, *paragraphs: str) -> Path:
    """A template of plain paragraphs."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(str(path))
    return path


def filled(folder: Path, template: Path, book: Book | None = None, lineage: Lineage | None = None) -> ReportOutcome:
    """The report of a template, from the sample unless another book is given."""
    whole = sample()
    out = folder / "out"
    return write_report(
        out / "年度工作总结.docx",
        out / "年度工作总结.html",
        template,
        whole.book if book is None else book,
        whole.catalogue,
        whole.settings,
        whole.lineage if lineage is None else lineage,
    )


def texts(path: Path) -> list[str]:
    """The paragraphs of the finished document's body, tables left out."""
    return [paragraph.text for paragraph in Document(str(path)).paragraphs]


def prose(path: Path) -> list[str]:
    """The same without pictures and what stands under them."""
    return [
        paragraph.text
        for paragraph in Document(str(path)).paragraphs
        if paragraph.style.name != "Caption" and not paragraph._p.xpath(".//w:drawing")
    ]


def part(path: Path, name: str) -> str:
    """A part of the zip as text."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()
