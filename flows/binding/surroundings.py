"""What surrounds each blank: the stretches of words near and far with their weight, its unit, its part and area."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from flows.binding.headings import Places
from flows.binding.order import Order
from flows.binding.pictures import Drawn
from flows.template.blanks import Mark, marks
from flows.template.units import NONE, Unit, unit_after, unit_in_brackets, unit_of_heads

SENTENCE, CLAUSE = "。；;！!？?\n", '，,：:（）()“”"《》【】'
LEFTWARD = {"、": 0.85, "clause": 0.7, "sentence": 0.35, "blank": 0.75}
RIGHTWARD = {"、": 0.5, "clause": 0.45, "sentence": 0.12, "blank": 0.5}
LINKED_LEFTWARD = LEFTWARD | {"clause": 0.95, "blank": 0.95}
LINKED_RIGHTWARD = RIGHTWARD | {"clause": 0.05, "sentence": 0.05}
"""How much weight is left beyond each sort of break; set as the weights of `align` were."""
LINK = re.compile("惠及|覆盖|受益|涉及|带动|户均|每户|每座|每个|平均|占")
"""Words by which a blank goes on telling of what was named before it: 基础母羊▁▁只，惠及群众▁▁户."""
RIGHT, FAINT, HEAD, TABLE_HEAD, SHARED, THE_REST = 0.85, 0.06, 0.2, 0.9, 0.9, 0.35
"""Weights of words behind a blank, of a heading, of a table's head, of what the items of an enumeration share, and of
what else stands around those; below FAINT nothing is looked at. Set as the weights of `align` were."""
BREAKS = re.compile(f"([、{re.escape(SENTENCE + CLAUSE)}])")
SENTENCE_END = re.compile(f"[{re.escape(SENTENCE)}]")
ENUMERATION = re.compile(r"(?:村|社区)?(?:[、，,和及与]|以及)")
OWN_WORDS = re.compile(
    r"[”\"》]?(?:精神|思想|主义|理论|讲话|会议|全会|大精神|镇|乡|省|市|县|同志|总书记|公司|企业|项目|工程)"
)
RULER = re.compile(r"[\s*＊_＿—–.…-]+")
OR_COMMUNITY = re.compile(r"[（(]社区[）)]")
RESPECTIVELY = re.compile(rf"([^{re.escape(SENTENCE)}，,：:]+?)(分别[^、{re.escape(SENTENCE + CLAUSE)}]*)$")
_ENDINGS = (
    "人次数", "户数", "人数", "个数", "次数", "座数", "处数", "家数", "条数", "面积", "金额", "数量", "人次", "数",
)  # fmt: skip
_REACH = 18
"""Characters on either side of a place in the list: with it two lines of the list's column; nothing was measured."""
ITEMS = re.compile(r"[、和及与]|以及")


def centred(text: str, start: int, end: int, label: str = "") -> str:
    """As many words before a place as after it, the place itself in 【】; what is cut off is told by …."""
    if label and not text[:start].strip():
        return f"{label}｜{centred(text, start, end)}"
    first, last = max(0, start - _REACH), end + _REACH
    before = ("…" if first else "") + text[first:start]
    return f"{before}【{text[start:end]}】{text[end:last]}" + ("…" if last < len(text) else "")


@dataclass
class Spot:
    """One blank: its paragraph and place in it, the words around it with their weights, its unit, part and area.

    `left` and `right` are the words directly beside it (of a table's cell, its `label`), `after` what follows at once
    where no unit does. Names of one list in a row (XX村、XX村) know their `rank` and how many `ranks` there are.
    """

    paragraph: int
    mark: Mark
    text: str
    part: str = ""
    area: str = ""
    unit: Unit = NONE
    left: str = ""
    right: str = ""
    after: str = ""
    label: str = ""
    stretches: list[tuple[str, float]] = field(default_factory=list)
    ranks: int = 1
    rank: int = 1
    percent: bool = False

    @property
    def beside(self) -> str:
        """The words directly before and after, or those that the blank before it had."""
        nearest = next((text for text, _ in self.stretches if text.strip()), "")
        return f"{self.left or nearest}；{self.right}"

    @property
    def context(self) -> str:
        """Some words before and after, the blank in 【】 between them; in a table, its label before that."""
        return centred(self.text, self.mark.start, self.mark.end, self.label)


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph as read: text, words that head its row and column if in a table, stretches of underlined spaces.

    `is_cell`: it is a cell of a table in which a figure may be wanted; `label` is what names it in its row. `drawn`: a
    picture is there for which it speaks.
    """

    text: str
    heads: str = ""
    heading: bool = False
    underlined: tuple[tuple[int, int], ...] = ()
    is_cell: bool = False
    label: str = ""
    drawn: Drawn = ""


def spots(
    passages: Sequence[Passage], order: Order, marked: Callable[[int, Passage], list[Mark]] | None = None
) -> list[Spot]:
    """Every blank of a document in order, with what surrounds it; or whatever else `marked` finds in a passage."""
    found: list[Spot] = []
    places = Places(order)
    for number, passage in enumerate(passages):
        places.enter(passage.text, passage.heading)
        blanks = marked(number, passage) if marked else _blanks(passage)
        if RULER.fullmatch(passage.text) and not passage.heads:
            continue
        here = [Spot(number, mark, passage.text, places.part, places.area) for mark in blanks]
        _surround(here, passage, places.head)
        found += here
    if not places.numbered:
        for spot in found:
            spot.part = places.part_without_headings(spot.part)
    return found


def _blanks(passage: Passage) -> list[Mark]:
    """The blanks of a passage; an empty cell of a table whose heads name a unit is one."""
    if passage.is_cell and not passage.text.strip() and unit_of_heads(passage.heads).unit:
        return [Mark(0, len(passage.text))]
    return marks(passage.text, passage.underlined, likely=True)


def _surround(here: list[Spot], passage: Passage, head: str) -> None:
    text = passage.text
    edges = [0, *(edge for spot in here for edge in (spot.mark.start, spot.mark.end)), len(text)]
    gaps = [text[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2)]
    for at, spot in enumerate(here):
        _measure(spot, gaps[at], gaps[at + 1], passage.heads)
    words = [gap[here[at - 1].unit.length :] if at and not here[at - 1].percent else gap for at, gap in enumerate(gaps)]
    for first, last in _runs(here, gaps):
        for spot in here[first : last + 1]:
            _weigh(spot, words[: first + 1], words[last + 1 :], passage.heads, head)
            spot.label = "" if spot.left.strip() else passage.label
            spot.left = spot.left if spot.left.strip() else passage.label
    for at in range(len(here)):
        _share_out(here, at, words)


def _measure(spot: Spot, before: str, behind: str, heads: str) -> None:
    """Find the blank's unit: after it, 百分之 before it, in brackets before it, in its table's heads."""
    spot.unit = unit_after(behind)
    if re.search(r"百分之\s*$", before):
        spot.unit, spot.percent = unit_after("%"), True
    if not spot.unit.unit and re.search(r"[）)][:：]?\s*$", before):
        spot.unit = unit_in_brackets(before[-12:])
    if not spot.unit.unit and not spot.text[: spot.mark.start].strip():
        spot.unit = unit_of_heads(heads)


def _runs(here: list[Spot], gaps: list[str]) -> Iterator[tuple[int, int]]:
    """First and last of blanks in a row naming one list (XX村、XX村). Numbers in a row share the last one's unit."""
    at = 0
    while at < len(here):
        last = at
        while last + 1 < len(here) and not here[last].unit.unit and ENUMERATION.fullmatch(gaps[last + 1].strip()):
            last += 1
        if here[last].unit.unit or OWN_WORDS.match(gaps[last + 1]):
            for spot in here[at:last]:
                spot.unit = here[last].unit._replace(length=0)
            yield from ((each, each) for each in range(at, last + 1))
        else:
            for rank, spot in enumerate(here[at : last + 1], start=1):
                spot.rank, spot.ranks = rank, last + 1 - at
            yield at, last
        at = last + 1


def _weigh(spot: Spot, before: Sequence[str], behind: Sequence[str], heads: str, head: str) -> None:
    """Words left and right of the blank; each comma, stop and other blank between makes them weigh less."""
    linked = LINK.search(before[-1]) if before[-1:] and not SENTENCE_END.search(before[-1]) else None
    left = list(_pieces(reversed(before), LINKED_LEFTWARD if linked else LEFTWARD, backward=True))
    right = list(_pieces(behind, LINKED_RIGHTWARD if linked else RIGHTWARD, backward=False))
    spot.left, spot.right = left[0][0], right[0][0]
    spot.after = behind[0].lstrip('”"》」』’ ') if not spot.unit.unit else ""
    spot.stretches = [*left, *((words, weight * RIGHT) for words, weight in right)]
    spot.stretches += [(heads, TABLE_HEAD)] if heads else []
    spot.stretches += [(head, HEAD)] if head else []


def _pieces(gaps: Iterable[str], across: dict[str, float], backward: bool) -> Iterator[tuple[str, float]]:
    """Words between two breaks, nearest first, with their weight; the first even when there are none."""
    weight = 1.0
    for number, gap in enumerate(gaps):
        weight *= across["blank"] if number else 1.0
        parts = BREAKS.split(OR_COMMUNITY.sub("社区", gap))
        for place, part in enumerate(reversed(parts) if backward else parts):
            if place % 2:
                weight *= across["、" if part == "、" else "sentence" if part in SENTENCE else "clause"]
            elif part.strip() or not (number or place):
                yield part, weight
            if weight < FAINT:
                return


def _share_out(here: list[Spot], at: int, words: Sequence[str]) -> None:
    """`小麦、油料分别为XX亩、XX亩`: each blank gets its own item of what is named before 分别, in that order."""
    told = RESPECTIVELY.search(words[at])
    if told is None:
        return
    items = [item for item in ITEMS.split(told[1]) if item.strip()]
    last = at
    while last + 1 < len(here) and re.fullmatch(r"[、，,和及与]|以及", words[last + 1].strip()):
        last += 1
    if len(items) < 2 or len(items) != last + 1 - at:
        return
    for spot, item in zip(here[at : last + 1], items, strict=True):
        spot.left, spot.right = item, ""
        rest = [(text, weight * THE_REST) for text, weight in spot.stretches]
        spot.stretches = [(item, 1.0), (told[2], SHARED), *rest]


def spelled(name: str, spot: Spot, reach: float = 0.7) -> float:
    """How much of a name is said around a blank, pairs of characters counted: 1 all of it.

    Words whose weight is `reach` or more count in full.
    """
    core = next((name.removesuffix(ending) for ending in _ENDINGS if name.endswith(ending)), name) or name
    wanted = {core[at : at + 2] for at in range(len(core) - 1)} or {core}
    heard: dict[str, float] = {}
    for text, weight in spot.stretches:
        for pair in wanted:
            if pair in text:
                heard[pair] = max(heard.get(pair, 0.0), min(1.0, weight / reach))
    return sum(heard.values()) / len(wanted)
