"""A finished report, figures and all, becomes a template: each figure a slot, told by its value and its words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from flows.binding.bound import Blank, Candidate, Kind
from flows.binding.by_value import Found, Match, by_value
from flows.binding.choose import LAST_YEAR, NEXT_YEAR, YEAR
from flows.binding.choose import year_of as year_told
from flows.binding.order import Order
from flows.binding.slot_text import slot_text, spoken
from flows.binding.supplements import from_report, name_of
from flows.binding.surroundings import BREAKS, Passage, Spot, centred, spots
from flows.binding.written import Written, is_small_word, written_numbers
from flows.store.figures import Book
from flows.template.blanks import Mark
from flows.template.filling import CHANGE, GROWTH, PLANNED, REACHED, Wish, fill_indicator, target_of
from flows.template.refusals import Ground
from flows.template.slots import DATE, text_of
from flows.template.units import NONE, unit_of_heads
from schemas.records import TOWNSHIP_NAME, Indicator
from schemas.supplements import Supplement

WORTH_ASKING = {1: 0.5, 2: 0.36, 3: 0.2}
"""How far the words must agree with a figure of the same value, by its digits, before a clerk is asked about it."""
YEAR_TOLD = 0.75
_SHORTEST_TEXT = 5
_NEIGHBOURS = 3
_DAY = re.compile(r"\s*\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日\s*")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=\s*年)")
_BASIS = "同比|同期|(?:较|比)(?:上年|去年|上一年)(?:同期)?"
_CHANGED = re.compile(rf"(?P<basis>{_BASIS})?(?P<way>增长|增加|提高|上升|增|下降|减少|降低|减)(?:了|约|近)?\s*$")
_AIMED = re.compile(r"(?:目标|任务|计划)(?:任务|数)?(?:的)?\s*$|目标[\d.]+[\u4e00-\u9fff]{1,3}的\s*$")
_SINCE = re.compile(r"年(?:起|以来|底前|至|到|开始)")
_LESS = ("下降", "减少", "降低", "减")


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at start:end of a paragraph and what takes its place."""

    paragraph: int
    start: int
    end: int
    blank: Blank


@dataclass(frozen=True)
class Reading:
    """A finished report read against a year's figures: every place in order, and the clerk's figures found in it."""

    places: tuple[Place, ...]
    supplements: dict[int, Supplement]


def year_in(passages: Sequence[Passage]) -> int | None:
    """The year that a report is of: the first one named, in its title as a rule."""
    for passage in passages:
        if match := _YEAR.search(passage.text):
            return int(match[0])
    return None


def is_finished(passages: Sequence[Passage], blanks: int, ground: Ground) -> bool:
    """Whether a report has figures rather than blanks."""
    return sum(len(_numbers(passage, ground)[0]) for passage in passages) > 3 * blanks


def _numbers(passage: Passage, ground: Ground) -> tuple[list[Written], list[Written]]:
    return written_numbers(passage.text, ground.constants, unit_of_heads(passage.heads) if passage.heads else NONE)


def read_finished(path: Path, passages: Sequence[Passage], order: Order, book: Book, ground: Ground) -> Reading:
    """Every number, year, list of names and fixed text of a finished report, and what it is."""
    read = [_numbers(passage, ground) for passage in passages]
    figures = [numbers for numbers, _ in read]
    around = spots(passages, order, lambda at, _: [Mark(each.start, each.end) for each in figures[at]])
    flat = [number for numbers in figures for number in numbers]
    for spot, number in zip(around, flat, strict=True):
        spot.unit = spot.unit if spot.unit.unit else number.unit
    found = by_value(around, flat, order, book)
    return _Reader(path, passages, order, book, ground).read(around, flat, found, [others for _, others in read])


class _Reader:
    """Puts together what each place becomes."""

    def __init__(self, path: Path, passages: Sequence[Passage], order: Order, book: Book, ground: Ground) -> None:
        self.path, self.passages, self.order, self.book, self.ground = path, passages, order, book, ground
        self.supplements: dict[str, Supplement] = {}

    def read(
        self, around: Sequence[Spot], numbers: Sequence[Written], found: Sequence[Found],
        others: Sequence[Sequence[Written]],
    ) -> Reading:  # fmt: skip
        places: list[Place] = []
        for at, (spot, number) in enumerate(zip(around, numbers, strict=True)):
            near = [each.matches[0].feed for each, other in zip(found, around, strict=True) if each.matches and
                    other.paragraph == spot.paragraph and other.mark.start < spot.mark.start]  # fmt: skip
            near = list(dict.fromkeys((*near[-_NEIGHBOURS:], *self._named(spot))))
            places.append(
                self._changed(spot, number, near)
                or self._planned(spot, number, near)
                or self._figure(spot, number, found[at])
            )
        for at, passage in enumerate(self.passages):
            places += self._years(at, passage)
            places += self._words(at, passage)
            places += [self._fixed(at, passage.text, each) for each in others[at]]
        places = _apart(places)
        numbered = [
            replace(place, blank=replace(place.blank, number=number)) for number, place in enumerate(places, start=1)
        ]
        given = {
            place.blank.number: self.supplements[place.blank.name]
            for place in numbered
            if place.blank.kind == "own"
        }  # fmt: skip
        return Reading(tuple(numbered), given)

    def _figure(self, spot: Spot, number: Written, found: Found) -> Place:
        """A figure of the store, or the clerk's own."""
        least = WORTH_ASKING.get(number.digits, 0.0)
        if not found.matches or (not found.sure and found.matches[0].agreement < least):
            return self._own(spot, number, found)
        best = found.matches[0]
        slot = self._slot(best, spot, found.sure)
        others = tuple(self._candidate(match, spot) for match in found.matches[1:])
        return self._place(spot, number, "figure", best.feed, spoken(best.feed, self.order), slot, best.agreement,
                           found.sure, others)  # fmt: skip

    def _slot(self, match: Match, spot: Spot, sure: bool) -> str:
        slot = slot_text(match.feed, spot, 0, self.order, sure)
        return slot.replace("}}", f"|{match.mode}}}}}") if match.mode else slot

    def _candidate(self, match: Match, spot: Spot) -> Candidate:
        slot = self._slot(match, spot, True)
        return Candidate(match.feed, spoken(match.feed, self.order), slot, match.agreement)

    def _own(self, spot: Spot, number: Written, found: Found) -> Place:
        """A figure that no indicator is: the clerk's own from now on; a number word of one or two stays prose."""
        others = tuple(self._candidate(match, spot) for match in found.matches)
        if is_small_word(number):
            return self._place(spot, number, "fixed", "", "", number.words, 0.0, False, others)
        name = name_of(spot, number.unit.unit, self.supplements, self.ground)
        value = number.value
        self.supplements[name] = from_report(
            name, number.unit.unit, value, self.path, spot.paragraph + 1, self._near(spot.paragraph, spot.mark)
        )
        return self._place(spot, number, "own", "", name, f"{{{{{name}}}}}", 0.0, False, others)

    def _changed(self, spot: Spot, number: Written, near: Sequence[str]) -> Place | None:
        """同比增长8%, 比上年增加12户: a comparison of a figure named right before it, if it comes out so."""
        before = spot.text[: number.start]
        match = _CHANGED.search(before)
        if match is None or (not match["basis"] and number.unit.unit != "%"):
            return None
        mode = GROWTH if number.unit.unit.endswith(("%", "百分点")) else CHANGE
        end = number.end + number.unit.length
        for feed in reversed(near):
            item = self.ground.catalogue.indicators.get(feed)
            if item is None or item.is_text:
                continue
            said = fill_indicator(item, Wish(mode), self.book, self.ground.catalogue, self.ground.settings.wording)
            if said.missing or (match["way"] in _LESS) != any(word in said.text for word in _LESS):
                continue
            if Decimal(number.value) in map(Decimal, re.findall(r"\d+(?:\.\d+)?", said.text)):
                start = match.start("way") if mode == CHANGE else match.start()
                slot = f"{{{{{item.name}|{mode}}}}}"
                sure = number.digits > 1 or feed == near[-1]
                blank = self._blank(spot, "change", feed, f"{item.name}{mode}", slot, 0.9, sure)
                return Place(spot.paragraph, start, end, replace(blank, was=spot.text[start:end]))
        return None

    def _planned(self, spot: Spot, number: Written, near: Sequence[str]) -> Place | None:
        """完成年度目标24公里的107.5%: the target of a figure named right before it, or how far that was reached."""
        if not _AIMED.search(spot.text[: number.start]):
            return None
        for feed in reversed(near):
            item = self.ground.catalogue.indicators.get(feed)
            target = target_of(item, self.ground.catalogue) if item else None
            if item is None or target is None:
                continue
            for mode, unit in ((REACHED, "%"), (PLANNED, target.unit)):
                said = fill_indicator(item, Wish(mode), self.book, self.ground.catalogue, self.ground.settings.wording)
                if not said.missing and said.unit == number.unit.unit == unit and Decimal(said.text) == number.value:
                    slot = f"{{{{{item.name}|{mode}}}}}"
                    blank = self._blank(spot, "change", feed, f"{item.name}{mode}", slot, 0.9, True)
                    return Place(spot.paragraph, number.start, number.end, replace(blank, was=number.words))
        return None

    def _named(self, spot: Spot) -> list[str]:
        """The figures that are called by their whole names in the number's own clause."""
        clause = BREAKS.split(spot.text[: spot.mark.start])[-1]
        return [item.code for item in self.ground.catalogue.indicators.values() if item.name in clause]

    def _years(self, at: int, passage: Passage) -> Iterator[Place]:
        """The report's date, and its years where its words say that they are this year's or the next."""
        if _DAY.fullmatch(passage.text):
            start = len(passage.text) - len(passage.text.lstrip())
            spot = Spot(at, Mark(start, len(passage.text.rstrip())), passage.text)
            yield self._at(spot, "year", DATE, f"{{{{{DATE}}}}}", True)
            return
        words = {self.book.year: YEAR, self.book.year + 1: NEXT_YEAR, self.book.year - 1: LAST_YEAR}
        for match in _YEAR.finditer(passage.text):
            word = words.get(int(match[0]))
            if word is None:
                continue
            spot = Spot(at, Mark(*match.span(), year=True), passage.text)
            told = year_told(spot)
            since = _SINCE.match(passage.text, match.end())
            if told.feed == word and told.chance >= YEAR_TOLD and not since:
                yield self._at(spot, "year", word, f"{{{{{word}}}}}", True)
            else:
                yield self._at(spot, "fixed", word, match[0], False)

    def _words(self, at: int, passage: Passage) -> Iterator[Place]:
        """Fixed texts of the settings and lists of names of the store, word for word."""
        for said, feed, slot in self._sayings:
            start = passage.text.find(said)
            while start >= 0:
                spot = Spot(at, Mark(start, start + len(said)), passage.text)
                yield self._at(spot, "words", feed, slot, True)
                start = passage.text.find(said, start + len(said))

    @cached_property
    def _sayings(self) -> list[tuple[str, str, str]]:
        """What fixed texts, words and lists of names say and their slots, longest first; what two say is nobody's."""
        said: dict[str, list[tuple[str, str]]] = {}
        for text in self.ground.catalogue.texts.values():
            words = text_of(text, self.ground.settings)
            if len(words) >= _SHORTEST_TEXT or (words and text.key == TOWNSHIP_NAME):
                said.setdefault(words, []).append((text.key, f"{{{{{text.name}}}}}"))
        for item in self.ground.catalogue.indicators.values():
            figure = self.book.figures.get((self.book.township.code, item.code))
            if item.is_text and figure and figure.text:
                for words, slot in _ways_to_name(item, figure.text):
                    said.setdefault(words, []).append((item.code, slot))
        alone = [(words, *whose[0]) for words, whose in said.items() if len(whose) == 1]
        return sorted(alone, key=lambda each: -len(each[0]))

    def _fixed(self, at: int, text: str, number: Written) -> Place:
        """A number without a unit: prose to confirm."""
        spot = Spot(at, Mark(number.start, number.end), text)
        return self._at(spot, "fixed", "", number.words, False)

    def _place(
        self, spot: Spot, number: Written, kind: Kind, feed: str, name: str, slot: str, chance: float, sure: bool,
        others: tuple[Candidate, ...],
    ) -> Place:  # fmt: skip
        blank = self._blank(spot, kind, feed, name, slot, chance, sure, others)
        return Place(spot.paragraph, number.start, number.end, replace(blank, was=number.words))

    def _at(self, spot: Spot, kind: Kind, feed: str, slot: str, sure: bool) -> Place:
        was = spot.text[spot.mark.start : spot.mark.end]
        blank = self._blank(spot, kind, feed, spoken(feed, self.order), slot, 1.0 if sure else 0.5, sure)
        return Place(spot.paragraph, spot.mark.start, spot.mark.end, replace(blank, was=was))

    def _blank(
        self, spot: Spot, kind: Kind, feed: str, name: str, slot: str, chance: float, sure: bool,
        others: tuple[Candidate, ...] = (),
    ) -> Blank:  # fmt: skip
        context = self._near(spot.paragraph, spot.mark)
        return Blank(0, spot.paragraph + 1, context, feed, name, slot, round(min(1.0, chance), 3), sure, others, kind,
                     unit=spot.unit.unit)  # fmt: skip

    def _near(self, paragraph: int, mark: Mark) -> str:
        return centred(self.passages[paragraph].text, mark.start, mark.end)


def _ways_to_name(item: Indicator, text: str) -> Iterator[tuple[str, str]]:
    """A list as a report names it, whole or its first few, and the slots for that; words of some length as they are."""
    names = text.split("、")
    if len(names) > 1 or len(text) >= _SHORTEST_TEXT:
        yield text, f"{{{{{item.name}}}}}"
    for count in range(2, len(names)):
        yield "、".join(names[:count]), "、".join(f"{{{{{item.name}|第{rank}}}}}" for rank in range(1, count + 1))


def _apart(places: Sequence[Place]) -> list[Place]:
    """Places in order; of two that overlap, the longer, and of equal ones the first."""
    kept: list[Place] = []
    taken: dict[int, list[tuple[int, int]]] = {}
    for place in sorted(places, key=lambda each: each.start - each.end):
        here = taken.setdefault(place.paragraph, [])
        if all(place.end <= start or end <= place.start for start, end in here):
            here.append((place.start, place.end))
            kept.append(place)
    return sorted(kept, key=lambda each: (each.paragraph, each.start))
