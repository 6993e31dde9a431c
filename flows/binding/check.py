"""`cunhui report check`: what a template's slots leave to do: unknown, unresolved, used twice, never used."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flows.binding.blanks import marks
from flows.binding.order import Order
from flows.binding.report_file import read_report
from flows.binding.slot_text import spoken
from flows.binding.surroundings import Passage
from flows.template.slots import WORDS, Part, meaning, parse, problem_of
from schemas.catalogue import Catalogue
from schemas.records import Indicator, Target, Text

FINE, TO_DO = 0, 3
NEAR = 10


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one slot or blank: its paragraph (from 1), the slot as written, and what is to be said."""

    paragraph: int
    slot: str
    words: str


@dataclass(frozen=True)
class Check:
    """What was found. `unknown`, `unresolved` and `blanks` must be mended; `twice` and `unused` are for information."""

    source: Path
    slots: int = 0
    unknown: list[Remark] = field(default_factory=list)
    unresolved: list[Remark] = field(default_factory=list)
    blanks: list[Remark] = field(default_factory=list)
    twice: list[Remark] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """Exit status: 0 when the template can be filled, 3 when something must be mended first."""
        return TO_DO if self.unknown or self.unresolved or self.blanks else FINE

    def as_json(self) -> dict[str, Any]:
        """Plain data, for `--json`."""
        return {**asdict(self), "source": str(self.source)}


def check(path: Path | str, catalogue: Catalogue) -> Check:
    """Read a template, .docx or .txt, and say what its slots leave to do. Raises InputError for another file."""
    path = Path(path)
    passages, order = read_report(path).passages, Order(catalogue)
    result, used = Check(path), list[tuple[int, Part, str]]()
    slots = 0
    for number, passage in enumerate(passages, start=1):
        for part in parse(passage.text):
            if part.kind in ("slot", "if"):
                slots += part.kind == "slot"
                _look(part, number, catalogue, result, used)
        result.blanks.extend(_blanks(number, passage))
    result.twice.extend(_twice(used, order))
    feeds = {feed for _, _, feed in used}
    result.unused.extend(spoken(feed, order) for feed in order.capacity if feed not in feeds)
    return Check(path, slots, result.unknown, result.unresolved, result.blanks, result.twice, result.unused)


def _look(part: Part, number: int, catalogue: Catalogue, result: Check, used: list[tuple[int, Part, str]]) -> None:
    if part.name.startswith(("?", "？")):
        result.unresolved.append(Remark(number, part.raw, "还没有核对：对的去掉问号，不对的改成正确的名称"))
        return
    if problem := problem_of(part, catalogue):
        result.unknown.append(Remark(number, part.raw, problem))
        return
    meant = meaning(part.name, catalogue)
    feed = meant.code if isinstance(meant, Indicator | Target) else meant.key if isinstance(meant, Text) else str(meant)
    if part.kind == "slot":
        used.append((number, part, feed))


def _blanks(number: int, passage: Passage) -> list[Remark]:
    text = passage.text
    return [
        Remark(number, text[max(0, mark.start - NEAR) : mark.end + NEAR], "还是空白，没有写成 {{名称}}")
        for mark in marks(text, passage.underlined)
    ]


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
