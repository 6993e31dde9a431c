"""What surrounds each blank: the stretches of words near and far with their weight, its unit, its part and area."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from flows.binding_marks import Mark, marks
from flows.binding_order import DONE, LACKING, PLAN, PLAN_PREAMBLE, PREAMBLE, Order
from flows.binding_units import NONE, Unit, unit_after, unit_in_brackets

NUMBERED = re.compile(
    r"[\s\u3000]*(?:(?P<part>第[一二三四五六七八九十]+(?:部分|章|、)?|[一二三四五六七八九十]+[、.．])"
    r"|(?P<area>[（(][一二三四五六七八九十]+[）)]、?)|(?P<item>\d{1,2}[.．、](?!\d)|[（(]\d{1,2}[）)]|[一二三四五六七八九十]+是))"
)
PLANNING = re.compile(r"打算|计划|安排|思路|下一步|明年|下年|来年|下一年|展望|工作目标|谋划|今后")
PROBLEMS = re.compile(r"问题|不足|短板|困难|弱项|差距")
LOOKING_BACK = re.compile(r"回顾|总结|完成情况|开展情况|成效|做法|全年工作|主要工作|工作情况")
LOOKING_AHEAD = re.compile(r"[\s\u3000]*(?:明年|下一步|下年|来年|新的一年|(?:做好)?20\d\d年[^。]{0,8}(?:我们将|我镇将|全镇将|工作总体要求|工作的总体))")
SENTENCE, CLAUSE = "。；;！!？?\n", "，,：:（）()“”\"《》【】"
ENUMERATION = re.compile(r"(?:村|社区|乡|镇)?(?:[、，,和及与]|以及)")
ACROSS = {"left": {"、": 0.85, "clause": 0.7, "sentence": 0.35, "blank": 0.75}, "right": {"、": 0.5, "clause": 0.45, "sentence": 0.12, "blank": 0.5}}
RIGHT, FAINT, HEAD = 0.85, 0.06, 0.2
OR_COMMUNITY = re.compile(r"[（(]社区[）)]")
LONGEST_HEAD = 40


@dataclass
class Spot:
    """One blank: its paragraph and place in it, the words around it with their weights, its unit, part and area.

    `near` are the words directly before and after; `first` is true for a blank whose own words say nothing.
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
    stretches: list[tuple[str, float]] = field(default_factory=list)
    ranks: int = 1
    rank: int = 1
    percent: bool = False

    @property
    def context(self) -> str:
        """Some words before and after, the blank between ▁ signs."""
        start, end = max(0, self.mark.start - 18), self.mark.end + 14
        return self.text[start : self.mark.start] + "▁▁" + self.text[self.mark.end : end]


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph as read: text, words that head its row and column if in a table, stretches of underlined spaces."""

    text: str
    heads: str = ""
    heading: bool = False
    underlined: tuple[tuple[int, int], ...] = ()


def spots(passages: Sequence[Passage], order: Order) -> list[Spot]:
    """Every blank of a document in order, with what surrounds it."""
    found: list[Spot] = []
    place = _Place(order)
    for number, passage in enumerate(passages):
        place.enter(passage)
        blanks = marks(passage.text, passage.underlined)
        here = [Spot(number, mark, passage.text, *place.at(passage.text, mark.start)) for mark in blanks]
        _surround(here, passage, place.words)
        found += here
    if not place.numbered:
        for spot in found:
            spot.part = spot.part if spot.part == PLAN_PREAMBLE else ""
    return found


class _Place:
    """Where reading has got to: part and area, told by headings."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.part, self.area, self.words = PREAMBLE, "", ""
        self.numbered = False

    def enter(self, passage: Passage) -> None:
        """Read one paragraph's head, if it has one."""
        if LOOKING_AHEAD.match(passage.text) and self.part not in (PLAN, PLAN_PREAMBLE):
            self.part, self.area = PLAN_PREAMBLE, ""
        match = NUMBERED.match(passage.text)
        head = re.split(r"[。：:；;]", passage.text, maxsplit=1)[0][:LONGEST_HEAD]
        bare = len(passage.text.strip()) <= LONGEST_HEAD and not passage.text.rstrip().endswith(("。", "；", "，", "："))
        if not (match or passage.heading or (bare and self.numbered)):
            return
        if match and match["item"] and not bare:
            return
        top = bool(match and match["part"])
        if top or (bare and not (match and (match["area"] or match["item"]))):
            self._enter_part(head, top)
        area = self.area_of(head)
        if area or top:
            self.area = area
        if match and match["area"] and self.part == PLAN_PREAMBLE:
            self.part = PLAN
        self.words = head

    def _enter_part(self, head: str, top: bool) -> None:
        plan, back = PLANNING.search(head), LOOKING_BACK.search(head)
        if plan and not (back and back.start() > plan.start()) and (top or self.numbered):
            self.part = PLAN_PREAMBLE
        elif PROBLEMS.search(head) and not back and top and self.part == DONE:
            self.part = LACKING
        elif top and self.part in (PREAMBLE, LACKING):
            self.part = DONE if self.part == PREAMBLE else PLAN_PREAMBLE
        self.numbered = self.numbered or top

    def at(self, text: str, offset: int) -> tuple[str, str]:
        """Part and area of an offset in the current paragraph."""
        return self.part, self.area

    def area_of(self, head: str) -> str:
        """The area whose words a heading has most of; '' when none."""
        weights = {area: sum(len(word) for word in words if word in head) for area, words in self.order.heads.items()}
        best = max(weights, key=lambda area: weights[area])
        return best if weights[best] else ""


def _surround(here: list[Spot], passage: Passage, head: str) -> None:
    text = passage.text
    edges = [0, *(edge for spot in here for edge in (spot.mark.start, spot.mark.end)), len(text)]
    gaps = [text[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2)]
    for at, spot in enumerate(here):
        spot.unit = unit_after(gaps[at + 1])
        if re.search(r"百分之\s*$", gaps[at]):
            spot.unit, spot.percent = unit_after("%"), True
        if not spot.unit.unit and re.search(r"[）)][:：]?\s*$", gaps[at]):
            spot.unit = unit_in_brackets(gaps[at][-12:])
        if not spot.unit.unit and not text[: spot.mark.start].strip():
            spot.unit = unit_in_brackets(passage.heads)
    words = [gap[here[at - 1].unit.length :] if at and not here[at - 1].percent else gap for at, gap in enumerate(gaps)]
    for first, last in _runs(here, gaps):
        for spot in here[first : last + 1]:
            _weigh(spot, words[: first + 1], words[last + 1 :], passage.heads, head)


def _runs(here: list[Spot], gaps: list[str]) -> Iterator[tuple[int, int]]:
    """First and last of blanks in a row that name one list (XX村、XX村). Numbers in a row share the last one's unit."""
    at = 0
    while at < len(here):
        last = at
        while last + 1 < len(here) and not here[last].unit.unit and ENUMERATION.fullmatch(gaps[last + 1].strip()):
            last += 1
        if here[last].unit.unit:
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
    left, right = list(_pieces(reversed(before), backward=True)), list(_pieces(behind, backward=False))
    spot.left, spot.right = left[0][0] if left else "", right[0][0] if right else ""
    spot.after = behind[0].lstrip("”\"》」』’ ") if not spot.unit.unit else ""
    spot.stretches = [*left, *((words, weight * RIGHT) for words, weight in right)]
    if heads:
        spot.stretches.append((heads, 0.9))
    if head:
        spot.stretches.append((head, HEAD))


def _pieces(gaps: Iterable[str], backward: bool) -> Iterable[tuple[str, float]]:
    weight, across = 1.0, ACROSS["left" if backward else "right"]
    for number, gap in enumerate(gaps):
        weight *= across["blank"] if number else 1.0
        parts = re.split(f"([、{re.escape(SENTENCE + CLAUSE)}])", OR_COMMUNITY.sub("社区", gap))
        for part in reversed(parts) if backward else parts:
            if len(part) == 1 and part in "、" + SENTENCE + CLAUSE:
                weight *= across["、" if part == "、" else "sentence" if part in SENTENCE else "clause"]
            elif part.strip() or not number:
                yield part, weight
            if weight < FAINT:
                return
