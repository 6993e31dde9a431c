"""All reports of a year: the annual one, and those of the named templates in inputs/报告; none stops another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from flows.emit.report.report import notices_of, write_report
from flows.store.figures import Book
from flows.store.lineage import Origins
from flows.template.templates import named_templates
from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.outputs import BOARD, REPORT, REPORT_PAGE, REPORTS, TEMPLATE
from schemas.supplements import lacking
from schemas.township import Settings

_ENDING = "模板"
_ANNUAL = Path(REPORT).stem


class Reported(msgspec.Struct, frozen=True):
    """What became of the reports: their files, what is to be said, what they lack, whether one was refused."""

    files: Sequence[Path] = ()
    notes: Sequence[str] = ()
    lacking: Sequence[str] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A template and what its report is called; its period and date are in the settings."""

    template: Path
    name: str
    settings: Settings

    def files(self, folder: Path) -> tuple[Path, Path]:
        """The report, in the template's format, and its page."""
        return folder / f"{self.name}{self.template.suffix.lower()}", folder / f"{self.name}{Path(REPORT_PAGE).suffix}"


def wanted_reports(inputs: Path, settings: Settings) -> list[Wanted]:
    """The annual report's template, if it is there, and the named ones by name."""
    annual = [Wanted(inputs / TEMPLATE, _ANNUAL, settings)] if (inputs / TEMPLATE).exists() else []
    named_ones = named_templates(inputs)
    names = [path.stem.removesuffix(_ENDING) or path.stem for path in named_ones]
    return [
        *annual,
        *(Wanted(path, name, settings.of_report(name)) for path, name in zip(named_ones, names, strict=True)),
    ]


def make_reports(
    inputs: Path, folder: Path, book: Book, catalogue: Catalogue, settings: Settings, lineage: Origins
) -> Reported:
    """Write them all. A template at fault stops nothing else, and its last good report stays."""
    wanted = wanted_reports(inputs, settings)
    done = [_make(each, folder, book, catalogue, lineage, inputs) for each in wanted if not _twice(each, wanted)]
    notes = [] if (inputs / TEMPLATE).exists() else [f"没有报告模板 {inputs / TEMPLATE}，没有生成{_ANNUAL}"]
    failing = [
        f"{each.name}没有生成：{each.template} 和别的报告或文件同名，请改模板的名称"
        for each in wanted
        if _twice(each, wanted)
    ]
    known = {each.name for each in wanted}
    failing += [f"{name}：township.toml 的 [reports] 里有，{inputs / REPORTS} 里没有这个模板"
                for name in settings.reports if name not in known]  # fmt: skip
    waiting = lacking(
        (each for name, each in book.own.figures.items() if any(name in used for _, used in done)), inputs, book.year
    )
    return Reported(
        [file for report, _ in done for file in report.files],
        [*notes, *(note for report, _ in done for note in report.notes)],
        [*(lack for report, _ in done for lack in report.lacking), *failing, *waiting],
        any(report.failed for report, _ in done) or bool(failing),
    )


def _twice(one: Wanted, wanted: Sequence[Wanted]) -> bool:
    """Whether an earlier template's report is called the same, or another output is."""
    return next(each for each in wanted if each.name == one.name) is not one or f"{one.name}.html" == BOARD


def _make(
    one: Wanted, folder: Path, book: Book, catalogue: Catalogue, lineage: Origins, inputs: Path
) -> tuple[Reported, frozenset[str]]:
    """One report, and the figures given by hand that it names."""
    targets = one.files(folder)
    try:
        outcome = write_report(*targets, one.template, book, catalogue, one.settings, lineage)
    except InputError as error:
        told = f"{one.name}没有生成：{error}{_kept(targets[0], one.settings)}"
        return Reported(lacking=[told], failed=True), frozenset()
    lacks = [f"{one.name}有 {len(outcome.missing)} 处没有数"] if outcome.missing else []
    notes = [f"{one.name}{notice}" for notice in notices_of(outcome)]
    return Reported([outcome.docx, outcome.html], notes, lacks), outcome.supplements


def _kept(report: Path, settings: Settings) -> str:
    """That an earlier report is still there, and of when: its figures may not be those of the new tables."""
    if not report.exists():
        return ""
    made = datetime.fromtimestamp(report.stat().st_mtime, settings.zone)
    return f"；保留的是 {made:%Y-%m-%d %H:%M} 生成的旧稿，和新的汇总表可能不一致，不要上报"
