"""`cunhui report bind`: a report with blanks becomes a template with slots, and a list says what each blank became."""

from collections.abc import Sequence
from pathlib import Path

from flows.binding.bound import Binding, Blank, Candidate
from flows.binding.choose import Choice, choose
from flows.binding.order import Order
from flows.binding.report_file import Change, read_report
from flows.binding.review import write_review
from flows.binding.slot_text import UNSURE, slot_text, spoken, stretch
from flows.binding.surroundings import Spot, spots
from schemas.catalogue import Catalogue
from schemas.errors import InputError


def bind(path: Path | str, catalogue: Catalogue, out: Path | str | None = None) -> Binding:
    """Write a bound template (beside the input, or to `out`) and its review list, a workbook beside the template.

    Raises InputError for a file that is no report or has no blanks. The input is never changed.
    """
    path = Path(path)
    report, order = read_report(path), Order(catalogue)
    found = spots(report.passages, order)
    if not found:
        raise InputError(f"{path}：没有找到空白（XX、××、___、（　）、〇〇 等）；已是模板的请用 report check")
    target = _target(path, Path(out) if out else None)
    blanks, changes = _bound(found, choose(found, order), order)
    binding = Binding(path, target, target.with_name(f"{target.stem}-核对单.xlsx"), blanks)
    target.parent.mkdir(parents=True, exist_ok=True)
    report.write(changes, target)
    write_review(binding)
    return binding


def _target(path: Path, out: Path | None) -> Path:
    """Where the template goes: `out`, or a name beside the input that nothing has yet."""
    if out is None:
        names = (f"{path.stem}-模板{number or ''}{path.suffix}" for number in (0, *range(2, 1000)))
        return next(place for name in names if not (place := path.with_name(name)).exists())
    if out.suffix.lower() != path.suffix.lower():
        raise InputError(f"{out}：输出文件的后缀要和 {path.name} 一样，用 {path.suffix}")
    if out.exists() and out.samefile(path):
        raise InputError(f"{out}：不能写回原来的文件，请另取一个名字")
    return out


def _bound(
    found: Sequence[Spot], chosen: Sequence[Choice], order: Order
) -> tuple[list[Blank], dict[int, list[Change]]]:
    """One Blank per spot, and what to replace in each paragraph."""
    blanks: list[Blank] = []
    changes: dict[int, list[Change]] = {}
    ranks = _ranks(found, chosen, order)
    for number, (spot, choice, rank) in enumerate(zip(found, chosen, ranks, strict=True), start=1):
        blank = _blank(number, spot, choice, rank, order)
        blanks.append(blank)
        changes.setdefault(spot.paragraph, []).append((*stretch(choice.feed, spot, order), blank.slot))
    return blanks, changes


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
    return Blank(*place, choice.feed, name, slot, choice.chance, choice.sure, tuple(others))


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
