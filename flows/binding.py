"""`cunhui report bind`: a report with blanks becomes a template with slots, and a list says what each blank became."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flows.binding_choose import Choice, choose
from flows.binding_context import Spot, spots
from flows.binding_files import Change, read_report
from flows.binding_order import Order
from flows.binding_slots import UNSURE, slot_text, spoken, stretch
from schemas.catalogue import Catalogue
from schemas.toml import InputError

FINE, UNSURE_REMAIN = 0, 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """What else a blank might be: its name, the slot to write for it, its chance from 0 to 1."""

    feed: str
    name: str
    slot: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Blank:
    """One blank: where it stands, what is proposed (`name` '' for nothing), the slot written, and the next two."""

    number: int
    paragraph: int
    context: str
    feed: str
    name: str
    slot: str
    confidence: float
    sure: bool
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Binding:
    """A bound report: one Blank per blank of the document, in order."""

    source: Path
    out: Path
    review: Path
    blanks: list[Blank] = field(default_factory=list)

    @property
    def unsure(self) -> list[Blank]:
        """Those a clerk must look at."""
        return [blank for blank in self.blanks if not blank.sure]

    @property
    def status(self) -> int:
        """Exit status: 0 when everything is sure, 3 when somebody must look."""
        return UNSURE_REMAIN if self.unsure else FINE

    def as_json(self) -> dict[str, Any]:
        """Plain data, for `--json`."""
        paths = {"source": str(self.source), "template": str(self.out), "review": str(self.review)}
        return {**paths, "sure": len(self.blanks) - len(self.unsure), "unsure": len(self.unsure),
                "blanks": [asdict(blank) for blank in self.blanks]}  # fmt: skip


def bind(path: Path | str, catalogue: Catalogue, out: Path | str | None = None) -> Binding:
    """Write a bound template (beside the input, or to `out`) and its review list, a workbook beside the template.

    Raises InputError for a file that is no report or has no blanks. The input is never changed.
    """
    from flows.binding_review import write_review

    path = Path(path)
    report, order = read_report(path), Order(catalogue)
    found = spots(report.passages, order)
    if not found:
        raise InputError(f"{path}：没有找到空白（XX、××、___、（　）、〇〇 等）；已有 {{{{名称}}}} 的模板请用 report check")
    target = _target(path, Path(out) if out else None)
    review = target.with_name(f"{target.stem}-核对单.xlsx")
    chosen = choose(found, order)
    blanks, changes = _blanks(found, chosen, order)
    try:
        report.write(changes, target)
        binding = Binding(path, target, review, blanks)
        write_review(binding)
    except OSError as error:
        raise InputError(f"{error.filename or target} 写不进去，请关掉打开着它的程序，或换个地方：{error.strerror}") from None
    return binding


def bind_command(file: str, out: str | None = None, as_json: bool = False, catalogue: Catalogue | None = None) -> int:
    """Bind one file and show the result. Returns the exit status: 0 all sure, 3 some are left to the clerk."""
    from flows.binding_review import show_binding

    binding = bind(file, catalogue or Catalogue(), out)
    show_binding(binding, as_json)
    return binding.status


def _target(path: Path, out: Path | None) -> Path:
    if out is not None:
        if out.suffix.lower() != path.suffix.lower():
            raise InputError(f"{out}：输出文件的后缀要和 {path.name} 一样，用 {path.suffix}")
        if out.exists() and out.samefile(path):
            raise InputError(f"{out}：不能写回原来的文件，请另取一个名字")
        out.parent.mkdir(parents=True, exist_ok=True)
        return out
    names = (f"{path.stem}-模板{number or ''}{path.suffix}" for number in (0, *range(2, 1000)))
    return next(place for name in names if not (place := path.with_name(name)).exists())


def _blanks(found: Sequence[Spot], chosen: Sequence[Choice], order: Order) -> tuple[list[Blank], dict[int, list[Change]]]:
    ranks = _ranks(found, chosen, order)
    blanks: list[Blank] = []
    changes: dict[int, list[Change]] = {}
    for number, (spot, choice, rank) in enumerate(zip(found, chosen, ranks, strict=True), start=1):
        slot = slot_text(choice.feed, spot, rank, order, choice.sure) if choice.feed else f"{{{{{UNSURE}}}}}"
        start, end = stretch(choice.feed, spot, order)
        changes.setdefault(spot.paragraph, []).append((start, end, slot))
        others = tuple(
            Candidate(feed, spoken(feed, order), slot_text(feed, spot, spot.rank if spot.ranks > 1 else 0, order, True), chance)
            for feed, chance in choice.others
        )
        name = spoken(choice.feed, order) if choice.feed else ""
        blanks.append(Blank(number, spot.paragraph + 1, spot.context, choice.feed, name, slot, choice.chance, choice.sure, others))
    return blanks, changes


def _ranks(found: Sequence[Spot], chosen: Sequence[Choice], order: Order) -> list[int]:
    """Which of a list's names each blank is, 0 for the whole list: blanks in a row for one list count on."""
    ranks = [0] * len(found)
    at = 0
    while at < len(found):
        last, item = at, order.catalogue.indicators.get(chosen[at].feed)
        while last + 1 < len(found) and item and item.is_text and chosen[last + 1].feed == item.code:
            last += 1
        if last > at:
            ranks[at : last + 1] = range(1, last - at + 2)
        at = last + 1
    return ranks
