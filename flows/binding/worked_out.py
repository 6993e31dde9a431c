"""Numbers of a finished report that follow from its figures: comparisons, targets, shares, sums, counts of names.

Each is taken only where the slot that would stand for it prints exactly what is written, of a figure named right there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from flows.binding.surroundings import BREAKS, SENTENCE_END, Spot
from flows.binding.written import Written
from flows.store.figures import Book
from flows.template.computing import SHARE_PLACES, is_amount
from flows.template.filling import CHANGE, GROWTH, PLANNED, REACHED, Filled, target_of
from flows.template.numbers import times_of
from flows.template.refusals import Ground
from flows.template.slots import SlotError, parse, resolve
from schemas.records import Indicator

_BASIS = "同比|同期|(?:较|比)(?:上年|去年|上一年)(?:同期)?"
_CHANGED = re.compile(rf"(?P<basis>{_BASIS})?(?P<way>增长|增加|提高|上升|增|下降|减少|降低|减)(?:了|约|近)?\s*$")
_AIMED = re.compile(r"(?:目标|任务|计划)(?:任务|数)?(?:的)?\s*$|目标[\d.]+[\u4e00-\u9fff]{1,3}的\s*$")
_SHARE = re.compile(r"占(?P<whole>[^占，。；、,;（）]{2,14}?)(?:的)?(?:比重|比例|比率)?(?:的|为|达到|达|约为|约)?\s*$")
_TOTAL = re.compile(r"(?:共计|合计|总计|共|[两三四二]项|[二三]者)[^，。；,;]{0,12}$")
_PARTS = re.compile(r"其中|包括|分别")
_LISTED = re.compile(r"(?:等|共|共计|一共)?\s*$")
_LESS = ("下降", "减少", "降低", "减")
_WHOLES = re.compile("全镇|全乡|全街道|全部|本镇|本乡|^总(?=.{3})")
_COUNTS = re.compile("(?:户数|人数|人口|个数|处数|座数|次数|数)$")
_NEIGHBOURS = 3
"""Figures before a number that it may follow from; of more than one or two a writer would say which."""
_MOST_PARTS = 4
"""Figures that one sum is looked for among; nothing was measured."""


@dataclass(frozen=True, slots=True)
class Near:
    """A figure found near a number: its code, where it stands, whether that is sure."""

    feed: str
    start: int
    sure: bool


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What a number follows from: a code, the slot and its name, the stretch it takes of the paragraph, if sure.

    `named`: the words of its own clause name what it follows from.
    """

    feed: str
    name: str
    slot: str
    start: int
    end: int
    sure: bool
    named: bool = False


def is_change(spot: Spot, number: Written) -> bool:
    """Whether the words say that it is by how much something grew or shrank, not how much there is."""
    match = _CHANGED.search(spot.text[: number.start])
    return bool(match and (match["basis"] or number.unit.unit.endswith(("%", "百分点"))))


def is_share(spot: Spot, number: Written) -> bool:
    """Whether the words say that it is what share something is of something else."""
    return number.unit.unit == "%" and _SHARE.search(spot.text[: number.start]) is not None


class Follows:
    """Looks for what numbers follow from, by a year's book."""

    def __init__(self, ground: Ground, book: Book) -> None:
        self.ground, self.book = ground, book

    def sought(
        self, spot: Spot, number: Written, before: Sequence[Near], behind: Sequence[Near]
    ) -> WorkedOut | None:  # fmt: skip
        """What the number follows from; `before` and `behind` are the figures found in its paragraph."""
        named = self._named(spot) or self._spoken_of(spot, number)
        near = [*(each.feed for each in before[-_NEIGHBOURS:] if each.feed not in named), *named]
        of_one = (
            self._changed(spot, number, near) or self._planned(spot, number, near) or self._share(spot, number, near)
        )
        if of_one:
            return replace(of_one, named=of_one.feed in named)
        several = self._total(spot, number, before, behind) or self._counted(spot, number)
        return replace(several, named=True) if several else None

    def _prints(self, slot: str) -> Filled | None:
        (part,) = parse(slot)
        try:
            filled = resolve(part, self.book, self.ground.catalogue, self.ground.settings)
        except SlotError:
            return None
        return None if filled.missing else filled

    def _known(self, feeds: Sequence[str]) -> Iterator[Indicator]:
        """Figures that are numbers, the nearest first."""
        items = self.ground.catalogue.indicators
        return (items[feed] for feed in reversed(feeds) if feed in items and not items[feed].is_text)

    def _named(self, spot: Spot) -> list[str]:
        """The figures that are called by their whole names in the number's own clause."""
        clause = BREAKS.split(spot.text[: spot.mark.start])[-1]
        return [item.code for item in self.ground.catalogue.indicators.values() if item.name in clause]

    def _spoken_of(self, spot: Spot, number: Written) -> list[str]:
        """The figures of the number's unit whose names but for 户数, 人数 and the like are said in its own clause."""
        clause = BREAKS.split(spot.text[: spot.mark.start])[-1]
        known = (item for item in self.ground.catalogue.indicators.values() if is_amount(item))
        return [item.code for item in known if _stem(item) in clause and item.printed_in == number.unit.unit]

    def _changed(self, spot: Spot, number: Written, near: Sequence[str]) -> WorkedOut | None:
        """同比增长8%, 比上年增加12户: a comparison of a figure named right before it, if it comes out so."""
        if not is_change(spot, number) or not (match := _CHANGED.search(spot.text[: number.start])):
            return None
        mode = GROWTH if number.unit.unit.endswith(("%", "百分点")) else CHANGE
        for item in self._known(near):
            said = self._prints(f"{{{{{item.name}|{mode}}}}}")
            if said is None or (match["way"] in _LESS) != any(word in said.text for word in _LESS):
                continue
            if Decimal(number.value) in map(Decimal, re.findall(r"\d+(?:\.\d+)?", said.text)):
                start = match.start("way") if mode == CHANGE else match.start()
                sure = number.digits > 1 or item.code == near[-1]
                end = number.end + number.unit.length
                return WorkedOut(item.code, f"{item.name}{mode}", f"{{{{{item.name}|{mode}}}}}", start, end, sure)
        return None

    def _planned(self, spot: Spot, number: Written, near: Sequence[str]) -> WorkedOut | None:
        """完成年度目标24公里的107.5%: the target of a figure named right before it, or how far that was reached."""
        if not _AIMED.search(spot.text[: number.start]):
            return None
        for item in self._known(near):
            if (target := target_of(item, self.ground.catalogue)) is None:
                continue
            for mode, unit in ((REACHED, "%"), (PLANNED, target.unit)):
                slot = f"{{{{{item.name}|{mode}}}}}"
                said = self._prints(slot)
                if said and said.unit == number.unit.unit == unit and Decimal(said.text) == number.value:
                    return WorkedOut(item.code, f"{item.name}{mode}", slot, number.start, number.end, True)
        return None

    def _share(self, spot: Spot, number: Written, near: Sequence[str]) -> WorkedOut | None:
        """占甲的8%: of a figure named right before it, of one that the words name."""
        match = _SHARE.search(spot.text[: number.start]) if number.unit.unit == "%" and not number.rough else None
        if match is None:
            return None
        words, places = _WHOLES.sub("", match["whole"]), -int(number.step.as_tuple().exponent)
        how = "" if places == SHARE_PLACES else f"|{places}位小数"
        wholes = [item for item in self.ground.catalogue.indicators.values() if is_amount(item) and _says(item, words)]
        parts, found = [feed for feed in near if feed not in {whole.code for whole in wholes}], []
        for part, whole in product(self._known(parts), wholes):
            slot = f"{{{{{part.name}|占{whole.name}{how}}}}}"
            said = self._prints(slot)
            if said and Decimal(said.text) == number.value:
                found.append((part, whole, slot))
        if not found:
            return None
        part, whole, slot = found[0]
        alone = len(found) == 1 and part.code == parts[-1] and number.digits > 1
        name = f"{part.name}占{whole.name}"
        return WorkedOut(part.code, name, slot, number.start, number.end, alone and whole.name.endswith(words))

    def _total(
        self, spot: Spot, number: Written, before: Sequence[Near], behind: Sequence[Near]
    ) -> WorkedOut | None:  # fmt: skip
        """A、B两项共计N: the sum of the figures right before it; N，其中A、B: asked about, for there may be others."""
        told = spot.text[: number.start]
        if _TOTAL.search(told):
            opening = max((match.end() for match in SENTENCE_END.finditer(told)), default=0)
            parts = [each for each in before if each.start >= opening and self._alike(each, number)]
            for count in range(2, min(len(parts), _MOST_PARTS) + 1):
                if found := self._sum(number, parts[-count:], sure=number.digits > 1):
                    return found
        rest = spot.text[number.end :]
        ending = SENTENCE_END.search(rest)
        closing = number.end + (ending.start() if ending else len(rest))
        if _PARTS.search(spot.text[number.end : closing]):
            parts = [each for each in behind if each.start < closing and self._alike(each, number)]
            for count in range(2, min(len(parts), _MOST_PARTS) + 1):
                if found := self._sum(number, parts[:count], sure=False):
                    return found
        return None

    def _alike(self, part: Near, number: Written) -> bool:
        """Whether a figure is counted in what the number is counted in."""
        item = self.ground.catalogue.indicators.get(part.feed)
        return item is not None and is_amount(item) and times_of(number.unit.unit, item.unit) is not None

    def _sum(self, number: Written, parts: Sequence[Near], sure: bool) -> WorkedOut | None:
        items = self.ground.catalogue.indicators
        names = [items[each.feed].name for each in parts if each.feed in items]
        if len(set(names)) < len(parts):
            return None
        unit = f"|{number.unit.unit}" if items[parts[0].feed].printed_in != number.unit.unit else ""
        slot = f"{{{{{names[0]}{''.join(f'|加{name}' for name in names[1:])}{unit}}}}}"
        said = self._prints(slot)
        if said is None or said.unit != number.unit.unit or Decimal(said.text) != number.value:
            return None
        sure = sure and all(each.sure for each in parts)
        return WorkedOut(parts[0].feed, "＋".join(names), slot, number.start, number.end, sure)

    def _counted(self, spot: Spot, number: Written) -> WorkedOut | None:
        """某村、某村等5个村: how many a list names, where some of them stand right before it."""
        if number.unit.kind != "个" or number.rough:
            return None
        told = _LISTED.sub("", spot.text[: number.start]).rstrip("，,")
        found = []
        for item in self.ground.catalogue.indicators.values():
            figure = self.book.figures.get((self.book.township.code, item.code))
            listed = [name for name in figure.text.split("、") if name] if item.is_text and figure else []
            slot = f"{{{{{item.name}|个数}}}}"
            if len(listed) == number.value and told.endswith(tuple(listed)) and self._prints(slot):
                found.append((item, slot))
        if len(found) != 1:
            return None
        ((item, slot),) = found
        return WorkedOut(item.code, f"{item.name}个数", slot, number.start, number.end, number.value > 1)


def _stem(item: Indicator) -> str:
    stem = _COUNTS.sub("", item.name)
    return stem if len(stem) > 1 else item.name


def _says(item: Indicator, words: str) -> bool:
    """Whether words name a figure: the whole of its name, or all of them a part of it."""
    core = item.name.removesuffix("数").removesuffix("人")
    return len(words) > 1 and (item.name in words or words in item.name or (len(core) > 1 and core in words))
