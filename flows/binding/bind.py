"""`cunhui report bind`: a report becomes a template with slots, and a list says what each place became.

A report with blanks has them filled by what their words and their order say; a finished one, its figures by their
values in the store and their words. What a clerk decided in the list is applied to the same report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flows.binding.bound import Binding, Blank, Candidate
from flows.binding.choose import Choice, choose
from flows.binding.decided import Decided, Decision, decided, proposed
from flows.binding.finished import is_finished, read_finished, year_in
from flows.binding.order import Order
from flows.binding.report_file import OLD, Change, TextReport, WordReport, read_report, write_marked
from flows.binding.review import comment_on, write_review
from flows.binding.shown import Choices, Shows
from flows.binding.slot_text import UNSURE, slot_text, spoken, stretch
from flows.binding.surroundings import Spot, spots
from flows.store.figures import Book
from flows.template.refusals import Ground
from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.supplements import NOTHING, Supplement

Decisions = Mapping[int, Decision]


@dataclass(frozen=True)
class Bound:
    """A report as bound, before anything is written: its places, what to replace where, the clerk's own figures."""

    report: TextReport | WordReport
    places: list[tuple[int, int, int, Blank]]
    supplements: dict[int, Supplement]
    finished: bool = False
    images: int = 0
    """Images that stay as they are: no words speak for them."""


def read_bound(path: Path, catalogue: Catalogue, ground: Ground | None = None, book: Book | None = None) -> Bound:
    """Bind a report in memory. Raises InputError for a file that is no report, or has neither blanks nor figures.

    Figures need the book of the report's year; without one a finished report is refused in a line that says what to do.
    """
    report, order = read_report(path), Order(catalogue)
    passages = report.passages
    found = spots(passages, order)
    if ground is not None and is_finished(passages, len(found), ground):
        year = year_in(passages)
        if book is None or (year is not None and year != book.year):
            has = f"是 {book.year} 年的数" if book else "还没有数"
            raise InputError(
                f"{path}：这是一份写好的报告（{year or '没有写明哪'}年），outputs 里{has}；"
                f"请先把那一年汇总好（cunhui run --year {year or '年度'}），再用 --year 指明报告是哪一年的"
            )
        read = read_finished(path, passages, order, book, ground)
        places = [(each.paragraph, each.start, each.end, each.blank) for each in read.places]
        told = {each.paragraph for each in read.places if each.blank.kind == "picture"}
        images = sum(each.drawn == "image" and at not in told for at, each in enumerate(passages))
        return Bound(report, places, read.supplements, finished=True, images=images)
    if not any(passage.text.strip() for passage in passages):
        raise InputError(f"{path}：里面没有文字，可能是扫描件或图片；请用有文字的原稿")
    if not found:
        raise InputError(f"{path}：没有找到空白（XX、××、___、（　）、〇〇 等），也没有数；已是模板的请用 report check")
    return Bound(report, _bound(found, choose(found, order), order), {})


def bind(
    path: Path | str, catalogue: Catalogue, out: Path | str | None = None, ground: Ground | None = None,
    book: Book | None = None, decisions: Decisions | None = None,
) -> Binding:  # fmt: skip
    """Write a bound template (beside the input, or to `out`) and its review list, a workbook beside the template.

    With `decisions`, by the numbers of the places, these are what is written. Raises InputError for a file that is no
    report or has nothing to bind. The input is never changed.
    """
    path = Path(path)
    bound = read_bound(path, catalogue, ground, book)
    target = _target(path, Path(out) if out else None)
    taken = [
        decided(
            blank, (decisions or {}).get(blank.number), catalogue, bound.supplements, ground.own if ground else NOTHING
        )
        for *_, blank in bound.places
    ]
    if ground is not None and book is not None:
        shows = Shows(book, ground)
        taken = [replace(each, blank=shows.valued(each.blank)) for each in taken]
    changes: dict[int, list[Change]] = {}
    for (paragraph, start, end, _), each in zip(bound.places, taken, strict=True):
        if each.slot is not None:
            changes.setdefault(paragraph, []).append((start, end, each.slot))
    blanks = [each.blank for each in taken]
    binding = Binding(path, target, target.with_name(f"{target.stem}-核对单.xlsx"), blanks,
                      _given(taken), _prose(taken), bound.finished,
                      [each.promoting for each in taken if each.promoting], bound.images)  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    redrawn = [
        at for (at, *_), each in zip(bound.places, taken, strict=True) if each.blank.kind == "picture" and each.slot
    ]
    bound.report.write(changes, target, redrawn)
    if decisions is None or binding.unsure:
        write_review(binding, Choices.of(catalogue, ground, book))
        marked = [
            (paragraph, start, end, comment_on(blank), bool(proposed(blank)))
            for (paragraph, start, end, _), blank in zip(bound.places, blanks, strict=True)
        ]
        write_marked(bound.report, marked, binding.marked)
    return binding


def _given(taken: Sequence[Decided]) -> list[Supplement]:
    return [each.supplement for each in taken if each.supplement is not None]


def _prose(taken: Sequence[Decided]) -> list[str]:
    return list(dict.fromkeys(each.prose for each in taken if each.prose))


def _target(path: Path, out: Path | None) -> Path:
    """Where the template goes: `out`, or a name beside the input that nothing has yet."""
    suffix = ".docx" if path.suffix.lower() in OLD else path.suffix
    if out is None:
        names = (f"{path.stem}-模板{number or ''}{suffix}" for number in (0, *range(2, 1000)))
        return next(place for name in names if not (place := path.with_name(name)).exists())
    if out.suffix.lower() != suffix.lower():
        raise InputError(f"{out}：输出文件的后缀要用 {suffix}")
    if out.exists() and out.samefile(path):
        raise InputError(f"{out}：不能写回原来的文件，请另取一个名字")
    return out


def _bound(found: Sequence[Spot], chosen: Sequence[Choice], order: Order) -> list[tuple[int, int, int, Blank]]:
    """One Blank per spot, and the stretch of its paragraph that it takes."""
    places = []
    ranks = _ranks(found, chosen, order)
    for number, (spot, choice, rank) in enumerate(zip(found, chosen, ranks, strict=True), start=1):
        start, end = stretch(choice.feed, spot, order)
        blank = replace(_blank(number, spot, choice, rank, order), was=spot.text[start:end])
        places.append((spot.paragraph, start, end, blank))
    return places


def _blank(number: int, spot: Spot, choice: Choice, rank: int, order: Order) -> Blank:
    slot, name = f"{{{{{UNSURE}}}}}", ""
    if choice.feed:
        slot, name = slot_text(choice.feed, spot, rank, order, choice.sure), spoken(choice.feed, order)
    others = []
    for feed, chance in choice.others:
        listed = feed in order.first and order.first[feed].kind == "names"
        other = slot_text(feed, spot, spot.rank if listed and spot.ranks > 1 else 0, order, sure=True)
        others.append(Candidate(feed, spoken(feed, order), other, chance))
    place = (number, spot.paragraph + 1, spot.context)
    return Blank(*place, choice.feed, name, slot, choice.chance, choice.sure, tuple(others), unit=spot.unit.unit)


def _ranks(found: Sequence[Spot], chosen: Sequence[Choice], order: Order) -> list[int]:
    """Which of a list's names each blank is, 0 for the whole list: blanks in a row for one list count on."""
    ranks = [0] * len(found)
    at = 0
    while at < len(found):
        last, step = at, order.first.get(chosen[at].feed)
        while last + 1 < len(found) and step and step.kind == "names" and chosen[last + 1].feed == step.feed:
            last += 1
        if last > at:
            ranks[at : last + 1] = range(1, last - at + 2)
        at = last + 1
    return ranks
