"""`cunhui report check`: what a run would refuse of a template, and what is used twice or never."""

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from flows.binding.order import Order
from flows.binding.report_file import read_report
from flows.binding.slot_text import spoken
from flows.binding.written import prose_at, written_numbers
from flows.template.audit import SLOT
from flows.template.filling import Wish
from flows.template.refusals import Ground, refusals
from flows.template.slots import WORDS, Part, meaning, parse
from schemas.records import Indicator, Target, Text
from schemas.supplements import Supplement

FINE, TO_DO = 0, 3


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one slot or some words: its paragraph (from 1 in its part), as written, what is to be said."""

    paragraph: int
    slot: str
    words: str


@dataclass(frozen=True)
class Check:
    """What was found. `refused` is all that keeps a report from being made, `unresolved` those of it that a clerk has
    still to decide; `twice` and `unused` are for information. `prose` are words with numbers among what is refused that
    may well be ways of speaking, to be declared.
    """

    source: Path
    slots: int = 0
    refused: list[Remark] = field(default_factory=list)
    unresolved: list[Remark] = field(default_factory=list)
    twice: list[Remark] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """Exit status: 0 when the template can be filled, 3 when something must be mended first."""
        return TO_DO if self.refused else FINE

    def as_json(self) -> dict[str, Any]:
        """Plain data, for `--json`."""
        return {**asdict(self), "source": str(self.source)}


def check(path: Path | str, ground: Ground) -> Check:
    """Read a template, .docx or .txt, and say what its slots leave to do. Raises InputError for another file.

    What is `refused` here is what a run refuses, word for word.
    """
    path = Path(path)
    order, result, used = Order(ground.catalogue), Check(path), list[tuple[int, Part, str]]()
    slots, others = 0, set[str]()
    for where, passages in read_report(path).parts:
        texts = [passage.text for passage in passages]
        result.prose.extend(said for text in texts for said in _prose(text, ground) if said not in result.prose)
        for problem in refusals(texts, [passage.underlined for passage in passages], ground):
            result.refused.append(Remark(problem.paragraph, problem.words, f"{where}{problem.what}"))
        for number, text in enumerate(texts, start=1):
            for part in parse(text):
                if part.kind in ("slot", "if"):
                    slots += part.kind == "slot"
                    _look(part, number, ground, result, used)
                    others.update(Wish.of(part.modifiers).names)
    result.twice.extend(_twice(used, order))
    worked_out_of = [ground.catalogue.find(name) for name in others]
    feeds = {feed for _, _, feed in used} | others | {item.code for item in worked_out_of if item}
    result.unused.extend(spoken(feed, order) for feed in order.capacity if feed not in feeds)
    result.unused.extend(name for name in (*ground.own.texts, *ground.own.figures) if name not in feeds)
    return replace(result, slots=slots)


def _prose(text: str, ground: Ground) -> list[str]:
    """Words with numbers that no slot prints, no constant has, and that are not counted in a unit."""
    plain = "".join(part.raw if part.kind == "text" else SLOT * len(part.raw) for part in parse(text))
    _, others = written_numbers(plain, ground.constants)
    return [prose_at(plain, number.start, number.end) for number in others]


def _look(part: Part, number: int, ground: Ground, result: Check, used: list[tuple[int, Part, str]]) -> None:
    if part.name.startswith(("?", "？")):
        result.unresolved.append(Remark(number, part.raw, "还没有核对：对的去掉问号，不对的改成正确的名称"))
    meant = meaning(part.name, ground.catalogue, ground.own)
    if meant is None or part.kind != "slot":
        return
    if isinstance(meant, Indicator | Target):
        used.append((number, part, meant.code))
    else:
        feed = meant.key if isinstance(meant, Text) else meant.name if isinstance(meant, Supplement) else str(meant)
        used.append((number, part, feed))


def _twice(used: list[tuple[int, Part, str]], order: Order) -> list[Remark]:
    """Slots that stand more often than such a report names the figure; the first ones are not remarked on."""
    seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
    remarks = []
    for number, part, feed in used:
        key = (feed, tuple(mode for mode in part.modifiers if mode not in order.units))
        seen[key] += 1
        if feed not in order.anywhere and feed not in WORDS and seen[key] > order.capacity.get(feed, 1):
            remarks.append(Remark(number, part.raw, f"“{spoken(feed, order)}”第 {seen[key]} 次出现，请看是不是绑错了"))
    return remarks
