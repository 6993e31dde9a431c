"""年度工作总结: the Word report and its page, filled from a template; refused when a number in it has no origin."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flows.emit.report.charts import put_charts, spelt_out
from flows.emit.report.page import page_of
from flows.emit.writing import write_changed
from flows.store.figures import Book
from flows.store.lineage import Origins
from flows.template.audit import Constants, audit, constants_of
from flows.template.compose import Composition, Fill, compose
from flows.template.filling import Filled
from flows.template.numbering import renumbered
from flows.template.refusals import Ground, refusals
from flows.template.slots import Part, resolve
from flows.template.templates import read_template
from flows.template.text import TextTemplate
from flows.template.word import Template
from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.township import Settings

_MOST_LISTED = 5
"""Problems that one line of the terminal names; `cunhui report check` lists all."""


class ReportRefused(InputError):
    """No report was written; `problems` says all that is wrong with the template, the message the first few."""

    def __init__(self, template: Path, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        listed = "；".join(self.problems[:_MOST_LISTED])
        more = f"；……共 {len(problems)} 处" if len(problems) > _MOST_LISTED else ""
        super().__init__(f"{template} 有问题，没有生成报告：{listed}{more}")


@dataclass(frozen=True, slots=True)
class Missing:
    """A visible mark in the report and the sentence it stands in."""

    mark: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """What was written. It is final when nothing is missing and nothing provisional.

    `left_out` are the conditional passages that had nothing to say, `doubts` wording to look at, `filled` counts slots,
    `supplements` are the figures given by hand that it names.
    """

    docx: Path
    html: Path
    filled: int
    missing: tuple[Missing, ...] = ()
    provisional: int = 0
    unreported: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    supplements: frozenset[str] = frozenset()

    @property
    def final(self) -> bool:
        """Whether it can be signed."""
        return not self.missing and not self.provisional


def write_report(
    docx_path: Path,
    html_path: Path,
    template_path: Path,
    book: Book,
    catalogue: Catalogue,
    settings: Settings,
    lineage: Origins,
) -> ReportOutcome:
    """Fill the template and write both files, each whole or not at all; the same input gives the same bytes.

    Raises InputError for a template that cannot be read and ReportRefused (an InputError) for one that names what
    does not exist or says a number of its own; then neither file is touched.
    """
    template = read_template(template_path)
    places = [place.name for place in (*book.villages, *book.offices, book.township)]
    constants = constants_of(catalogue, template_path, places)
    refuse(template, Ground(catalogue, book.own, settings, constants, book.year))
    done = [compose([p.text for p in story.paragraphs], _fill(book, catalogue, settings)) for story in template.stories]
    for composition in done:
        composition.lines[:] = renumbered(composition.lines)
    doubts = _doubts(template, done, constants)
    outcome = _outcome(docx_path, html_path, book, done, doubts)
    notices = notices_of(outcome)
    draws = isinstance(template, Template)
    for story, composition in zip(template.stories, done, strict=True):
        lines = composition.lines if draws else spelt_out(composition.lines)
        template.put(story, lines)  # type: ignore[arg-type]  # a story of its own template
    body = next(c for story, c in zip(template.stories, done, strict=True) if story.is_body)
    if isinstance(template, Template):
        put_charts(template, body.lines)
    template.put_notice(notices)
    title = f"{book.township.name}{book.year}{html_path.stem}"
    page = page_of(title, template.body.paragraphs, body.lines, notices, book, catalogue, settings, lineage)
    write_changed(docx_path, template.packed())
    write_changed(html_path, page.encode())
    return outcome


def notices_of(outcome: ReportOutcome) -> list[str]:
    """What stands above a report that is not final."""
    notices = []
    if outcome.provisional:
        who = outcome.unreported
        lacking = f"尚缺 {len(who)} 个单位的数（{_some(who)}），" if who else ""
        notices.append(f"【暂定稿】{lacking}灰底的 {outcome.provisional} 处是暂定数，收齐后重新生成。")
    if outcome.missing:
        marks = _some([missing.mark.removeprefix("【缺：").removesuffix("】") for missing in outcome.missing])
        notices.append(f"【缺数】黄底的 {len(outcome.missing)} 处没有数：{marks}，补报后重新生成。")
    return notices


def _fill(book: Book, catalogue: Catalogue, settings: Settings) -> Fill:
    @cache
    def filled(name: str, modifiers: tuple[str, ...]) -> Filled:
        return resolve(Part("slot", "", 0, 0, name, modifiers), book, catalogue, settings)

    return lambda part: filled(part.name, part.modifiers)


def refuse(template: Template | TextTemplate, ground: Ground) -> None:
    """Raise ReportRefused with all that is wrong with the template itself."""
    problems = [
        f"{story.where}{problem}"
        for story in template.stories
        for problem in refusals([p.text for p in story.paragraphs], [p.underlined for p in story.paragraphs], ground)
    ]
    if problems:
        raise ReportRefused(template.path, problems)


def _doubts(template: Template | TextTemplate, done: Sequence[Composition], constants: Constants) -> list[str]:
    """What is merely doubtful. Raises ReportRefused where only this year's figures make two numbers one."""
    problems, doubts = [], []
    for story, composition in zip(template.stories, done, strict=True):
        refused, doubted = audit(composition.lines, constants)
        problems += [f"{story.where}{problem}" for problem in (*composition.problems, *refused)]
        doubts += [f"{story.where}{problem}" for problem in doubted]
    if problems:
        raise ReportRefused(template.path, list(dict.fromkeys(problems)))
    return list(dict.fromkeys(doubts))


def _outcome(docx: Path, html: Path, book: Book, done: Sequence[Composition], doubts: Sequence[str]) -> ReportOutcome:
    pieces = [(piece, line) for c in done for line in c.lines if line.kept for piece in line.pieces if piece.filled]
    provisional = sum(piece.filled.provisional and not piece.filled.missing for piece, _ in pieces if piece.filled)
    return ReportOutcome(
        docx,
        html,
        filled=len(pieces),
        missing=tuple(
            Missing(piece.text, _sentence(line.text, piece.text))
            for piece, line in pieces
            if piece.filled and piece.filled.missing
        ),
        provisional=provisional,
        unreported=tuple(arrival.name for arrival in book.arrivals if not arrival.accepted),
        left_out=tuple(words for composition in done for words in composition.left_out),
        doubts=tuple(doubts),
        supplements=frozenset(
            source.code
            for piece, _ in pieces
            for source in (piece.filled.sources if piece.filled else ())
            if source.kind == "supplement"
        ),
    )


def _sentence(text: str, mark: str) -> str:
    return next(part for part in re.split(r"(?<=[。；])", text) if mark in part).strip()


def _some(names: Iterable[str], most: int = 8) -> str:
    listed = list(dict.fromkeys(names))
    return "、".join(listed[:most]) + (f"等 {len(listed)} 个" if len(listed) > most else "")
