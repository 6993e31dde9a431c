"""Which figure, text or target each blank is proposed to be, how likely that is, and what else it might be."""

import re
from dataclasses import dataclass

import numpy as np

from flows.binding.align import FREE, by_feed, chances, unclaimed
from flows.binding.headings import LOOKING_BACK, PLANNING
from flows.binding.order import FOREIGN, PLAN, PLAN_PREAMBLE, Order
from flows.binding.score import GENERIC, Evidence, evidence
from flows.binding.slot_text import spoken
from flows.binding.surroundings import LINK, SENTENCE_END, Spot, spelled

SURE, ENOUGH_WORDS, ENOUGH_NEAR, TELLS_APART = 0.98, 0.45, 0.65, 1.0
"""What a proposal must come to before it is called sure: with these no wrong one of nine reports is (`align`)."""
EXPLAINED, SPELLED_OUT = 0.5, 0.7
"""How much of what stands right beside a blank its figure must explain, unless this much of its words is there."""
IN_LINE_WORDS, IN_LINE_APART = 0.3, 0.0
"""What suffices of an explained blank where those on both sides stand at the very steps before and after."""
NEIGHBOURS, STEPS_APART, RIVALS = 2, 3, 3
UNSURE_AT_MOST = 0.97
"""The chance shown of a proposal that is not sure, at most: below SURE."""
WORTH_SAYING, CLEARLY_FIRST = 0.03, 0.5
NEXT_TO_NOTHING = (0.3, 0.2, 0.5)
"""What of a blank's own clause a figure explains, how much of its name and of its usual words is said, at most, where
the blank is some other figure's. With it 8 of 9 wrong names of blanks that are nobody's are gone, and 3 unsure right
ones of the 2,300 blanks of the catalogue's in eleven reports (2026-11)."""
LONG_NAME = 4
"""Characters of a name that nothing else is called by; 低保 stands in many names."""
STEM, WHO = (
    re.compile("(?:户数|人数|人口|个数|处数|座数|次数|人次|户次|面积|金额|数)$"),
    re.compile("群众|对象|人员|人口"),
)
TWIN = 0.5
"""How much of another figure's name must be said for it to be as good a name."""
YEAR, LAST_YEAR, NEXT_YEAR = "年度", "上年度", "下年度"
ALTERNATIVES = 2
USUAL, MANY = 0.8, 12
"""How many of a report's blanks (of so many at least) must have a neighbour that is theirs in the usual order too.

Reports of the township have 0.96 to 1 of them, those of other offices and townships 0.25 to 0.45 (November 2026)."""
NAMED, SURELY_NAMED, NAMED_APART, ALL_OF_A_NAME = 0.5, 0.8, 0.15, 0.9
"""In a report of another order: how far the words right beside a blank must agree with a figure's name."""
OF_ANOTHER = re.compile(
    "常住|流动|分散|集中|城市|城镇|调出|调入|存栏|补发|协议|签订率|办结率|参保率|增长|下降|同比|其中|"
    "边缘|支出型|失能|失独|空巢|独居|留守|困境|散居|备用金|转介|退役|优抚|预备"
)
"""Words that make another figure, in the blank's own clause, unless they are the figure's own."""
"""Others shown beside a proposal: what the list has columns for."""
COUNTED_ALIKE, SAME_UNIT = ("人", "人次", "户", "户次", "家次"), 0.6
"""Units that tell figures of one subject apart: 人 trained are not 人次."""
QUALIFIERS = re.compile(
    "新增|新纳入|新识别|审批|审核|受理|申请|申报|取消|清退|退出|减少|减员|停发|停保|培训|参训|取证|保洁员|人均|户均|平均|每人|每户|"
    "每月|月均|上年|去年|同期|到期|收回|存栏|补植|维修|养护|慰问|接收|参保|缴费|高龄|老年人|危房|招商|化解率|应急|冬|医疗"
)
"""Words that make another figure of a figure, unless they are its own: 新增低保户 are not 低保户."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A proposal for one blank: `feed` a code, key or year word ('' for none), its chance, the next two with theirs."""

    feed: str
    chance: float
    sure: bool
    others: tuple[tuple[str, float], ...] = ()


def choose(spots: list[Spot], order: Order) -> list[Choice]:
    """One choice per spot, in order. Years are told from their words, all else from the whole document.

    Names of one list in a row are asked about once, by the first of them.
    """
    asked = [spot for spot in spots if not spot.mark.year and spot.rank == 1]
    answers = iter(_Weighed(asked, order).choices() if asked else ())
    chosen: list[Choice] = []
    answer = None
    for spot in spots:
        if spot.mark.year:
            chosen.append(year_of(spot))
            continue
        answer = next(answers) if spot.rank == 1 else answer
        assert answer is not None
        chosen.append(answer)
    return chosen


class _Weighed:
    """All spots weighed together. Grain of every table: one row per spot, one column per feed."""

    def __init__(self, asked: list[Spot], order: Order) -> None:
        self.asked, self.order = asked, order
        weighed = evidence(asked, order)
        steps, none = chances(weighed, order)
        self.feeds = list(dict.fromkeys(step.feed for step in order.all if step.feed != FOREIGN))
        known = [at for at, step in enumerate(order.all) if step.feed != FOREIGN]
        none = none + np.delete(steps, known, axis=1).sum(axis=1)
        capacity = [FREE if feed in order.anywhere else order.capacity.get(feed, 1) for feed in self.feeds]
        self.likely, self.none = unclaimed(by_feed(steps, order, self.feeds), none, np.array(capacity, dtype=float))
        self.best = self.likely.argmax(axis=1)
        self.beside = _beside(steps[:, : len(order.steps)], none)
        self.in_line = _in_line(steps[:, : len(order.steps)])
        self._gather(weighed, order)
        self.usual = len(asked) < MANY or float(self.beside.mean()) >= USUAL

    def _gather(self, weighed: Evidence, order: Order) -> None:
        columns = [[at for at, step in enumerate(order.all) if step.feed == feed] for feed in self.feeds]
        tables = (weighed.score, weighed.words, weighed.covered, weighed.unit)
        self.score, self.words, self.covered, self.unit = (
            np.stack([table[:, each].max(axis=1) for each in columns], axis=1) for table in tables
        )

    def choices(self) -> list[Choice]:
        """One choice per spot."""
        if self.usual:
            return [self._choice(row) for row in range(len(self.best))]
        chosen: list[Choice] = []
        for row in range(len(self.best)):
            choice = self._by_name(row)
            beside = self._beside_last(row, chosen[-1]) if chosen and not choice.sure else None
            chosen.append(beside or choice)
        return chosen

    def _beside_last(self, row: int, last: Choice) -> Choice | None:
        """The people of 特困供养66户、共73人: of a blank without a subject of its own, what the one before it has."""
        before, spot = self.asked[row - 1], self.asked[row]
        between = spot.text[before.mark.end : spot.mark.start] if before.paragraph == spot.paragraph else "。"
        if not last.feed or SENTENCE_END.search(between) or GENERIC.sub("", LINK.sub("", WHO.sub("", spot.left))):
            return None
        stem = STEM.sub("", spoken(last.feed, self.order))
        alike = [
            at
            for at, feed in enumerate(self.feeds)
            if self.unit[row, at] >= 1 and feed != last.feed and STEM.sub("", spoken(feed, self.order)) == stem
        ]
        return Choice(self.feeds[alike[0]], last.chance, last.sure) if len(alike) == 1 else None

    def _by_name(self, row: int) -> Choice:
        """What a blank is by its own words and unit alone: a bare mark is better than a wrong name."""
        spot = self.asked[row]
        agreed = np.array([self._agreement(row, at) for at in range(len(self.feeds))])
        best, *others = np.argsort(-agreed, kind="stable")[: ALTERNATIVES + 1]
        first, second = float(agreed[best]), float(agreed[others[0]])
        told = self.order.first[self.feeds[best]]
        outright = self._is_outright(row, int(best))
        own = spot.left.rpartition("其中")[2] if outright else spot.left
        foreign = [each for words in (OF_ANOTHER, QUALIFIERS) for each in words.findall(own) if each not in told.said]
        named = tuple((self.feeds[at], round(float(agreed[at]), 3)) for at in (best, *others) if agreed[at] > 0)
        if first < NAMED or foreign or not spot.unit.unit:
            return Choice("", round(1 - first, 3), False, named[:ALTERNATIVES])
        spelled_out = self._spelled(row, best) >= ALL_OF_A_NAME
        planned = spot.part in (PLAN, PLAN_PREAMBLE) or PLANNING.search(spot.left)
        enough = not planned and (outright or (first >= SURELY_NAMED and spelled_out))
        sure = enough and first - second >= NAMED_APART and self.unit[row, best] >= 1
        chance = round(min(first, 1.0 if sure else UNSURE_AT_MOST), 3)
        return Choice(self.feeds[best], chance, bool(sure), named[1:])

    def _is_outright(self, row: int, best: int) -> bool:
        """Whether the figure's whole name, one of some length, stands right before the blank."""
        left, name = self.asked[row].left, STEM.sub("", spoken(self.feeds[best], self.order))
        _, said, behind = left.rpartition(name)
        return bool(said and len(name) >= LONG_NAME and not GENERIC.sub("", behind))

    def _agreement(self, row: int, at: int) -> float:
        """How far the words beside a blank agree with a figure of its unit, 0 to 1; 0 for another unit."""
        if self.unit[row, at] < SAME_UNIT or self.order.first[self.feeds[at]].kind != "number":
            return 0.0
        return 0.35 * self.words[row, at] + 0.4 * self._spelled(row, at) + 0.25 * self.covered[row, at]

    def _spelled(self, row: int, at: int) -> float:
        """How much of a figure's name is said in the blank's own clause; of 618户1356人, before the first of them."""
        spot = self.asked[row]
        return spelled(spoken(self.feeds[at], self.order), spot, reach=1.0 if spot.left.strip() else 0.7)

    def _choice(self, row: int) -> Choice:
        best, *others = np.argsort(-self.likely[row], kind="stable")[: ALTERNATIVES + 1]
        chance, none = float(self.likely[row, best]), float(self.none[row])
        fits = self.unit[row, best] >= 0
        second = none > chance and chance / (1 - none + 1e-9) < CLEARLY_FIRST
        if chance < WORTH_SAYING or not fits or second or self._is_foreign(row, int(best)):
            return Choice("", round(none, 3), False, self._named(row, [best, *others[:-1]]))
        sure = self._is_sure(row, int(best))
        chance = chance if sure else min(chance, UNSURE_AT_MOST)
        return Choice(self.feeds[best], round(chance, 3), sure, self._named(row, others))

    def _is_sure(self, row: int, best: int) -> bool:
        """Whether likelihood, words, unit and neighbours all agree, and words (not order alone) tell it from theirs."""
        words, covered = self.words[row, best], self.covered[row, best]
        spot, told = self.asked[row], self.order.first[self.feeds[best]]
        others = [word for word in QUALIFIERS.findall(spot.beside) if word not in told.said]
        same = spot.unit.kind not in COUNTED_ALIKE or self.unit[row, best] >= SAME_UNIT
        if self.likely[row, best] < SURE or not self.beside[row] or not same or others or self._is_of_part(row, best):
            return False
        apart, explained = self._apart(row, best), covered >= EXPLAINED
        in_line = self.in_line[row] and explained and words >= IN_LINE_WORDS and apart >= IN_LINE_APART
        enough = words >= ENOUGH_WORDS and words + covered / 2 >= ENOUGH_NEAR and apart >= TELLS_APART
        return bool(in_line or (enough and (explained or words >= SPELLED_OUT))) and not self._has_twin(row, best)

    def _is_foreign(self, row: int, best: int) -> bool:
        """Whether the blank's own clause speaks of something, and next to nothing of that is the figure's."""
        spot, told = self.asked[row], self.order.first[self.feeds[best]]
        if told.kind != "number" or len(GENERIC.sub("", spot.left)) < 2:
            return False
        said = spelled(spoken(self.feeds[best], self.order), spot, reach=1.0)
        heard = self.covered[row, best], said, self.words[row, best]
        return all(share <= most for share, most in zip(heard, NEXT_TO_NOTHING, strict=True))

    def _is_of_part(self, row: int, best: int) -> bool:
        """Whether the figure is that of some of the villages only, by their terrain, and nobody says so."""
        item = self.order.catalogue.indicators.get(self.feeds[best])
        return bool(item and item.terrain and item.terrain not in self.asked[row].text)

    def _has_twin(self, row: int, best: int) -> bool:
        """Whether as much is said of the name of another figure of that unit, which stands nowhere else."""
        elsewhere = {int(at) for other, at in enumerate(self.best) if other != row}
        said = self._spelled(row, best)
        return any(
            self._spelled(row, at) >= max(said, TWIN)
            for at in map(int, np.flatnonzero(self.unit[row] >= SAME_UNIT))
            if at != best and at not in elsewhere and self.order.first[self.feeds[at]].kind == "number"
        )

    def _apart(self, row: int, best: int) -> float:
        """How much better the words suit a proposal than those of the blanks around it."""
        around = self.best[max(0, row - RIVALS) : row + RIVALS + 1]
        rivals = [self.score[row, each] for each in around if each != best]
        return float(self.score[row, best] - max(rivals)) if rivals else FREE

    def _named(self, row: int, columns: list[int]) -> tuple[tuple[str, float], ...]:
        return tuple((self.feeds[at], round(float(self.likely[row, at]), 3)) for at in columns)


def _beside(steps: np.ndarray, none: np.ndarray) -> np.ndarray:
    """Whether a neighbouring blank stands at a neighbouring step: one put in from elsewhere mostly does not."""
    at = np.where(steps.max(axis=1) >= none, steps.argmax(axis=1), -FREE)
    found = np.zeros(len(at), dtype=bool)
    for shift in range(1, NEIGHBOURS + 1):
        near = (np.abs(at[shift:] - at[:-shift]) <= STEPS_APART) & (at[shift:] >= 0)
        found[shift:] |= near
        found[:-shift] |= near
    return found


def _in_line(steps: np.ndarray) -> np.ndarray:
    """Whether the blanks on both sides stand at the very steps before and after, each of them most likely so."""
    at = np.where(steps.max(axis=1) >= SURE, steps.argmax(axis=1), -FREE)
    found = np.zeros(len(at), dtype=bool)
    found[1:-1] = (at[2:] - at[1:-1] == 1) & (at[1:-1] - at[:-2] == 1)
    return found


def year_of(spot: Spot) -> Choice:
    """The report's year or the next, by the words around; sure only in a title, a heading, or opening a sentence."""
    before, after = spot.text[: spot.mark.start], spot.text[spot.mark.end :].strip()
    if re.search(r"(?:较|比|同|与|去年|上年)$", before):
        return Choice(LAST_YEAR, 0.6, False, ((YEAR, 0.3), (NEXT_YEAR, 0.1)))
    phrase = re.match(r"年度?[^，。；、和及暨]{0,12}", after)
    words = phrase[0] if phrase else ""
    back = LOOKING_BACK.search(words)
    planned = PLANNING.search(words) and not back
    year = NEXT_YEAR if planned or (spot.part in (PLAN, PLAN_PREAMBLE) and not back) else YEAR
    dated = re.match(r"年\s*[\dXx×＿_*○〇]{1,3}\s*月", after)
    told = planned or back or re.match(r"年(?:以来)?[，,]", after)
    opens = len(before) < 40 and re.search(r"(?:^|[。；\s（(、和及暨镇乡])(?:做好)?$", before)
    chance = 0.99 if opens and told and not dated else 0.5 if dated else 0.75
    others = tuple((other, round((1 - chance) / 2, 3)) for other in (YEAR, NEXT_YEAR, LAST_YEAR) if other != year)
    return Choice(year, chance, chance == 0.99, others)
