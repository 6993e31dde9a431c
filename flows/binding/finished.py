"""A finished report, figures and all, becomes a template: each figure a slot, told by its value and its words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from flows.binding.bound import Blank, Candidate, Kind
from flows.binding.by_value import Found, Match, by_value
from flows.binding.choose import LAST_YEAR, NEXT_YEAR, YEAR
from flows.binding.choose import year_of as year_told
from flows.binding.order import Order
from flows.binding.slot_text import UNSURE, slot_text, spoken
from flows.binding.supplements import from_report, name_of
from flows.binding.surroundings import Passage, Spot, centred, spots
from flows.binding.worked_out import Follows, Near, is_change, is_share
from flows.binding.written import Written, is_small_word, written_numbers
from flows.store.figures import Book
from flows.template.audit import uncovered
from flows.template.blanks import Mark
from flows.template.captions import captioned
from flows.template.refusals import Ground
from flows.template.slots import DATE, text_of
from flows.template.units import NONE, unit_after, unit_of_heads
from schemas.records import TOWNSHIP_NAME, Indicator
from schemas.supplements import Supplement

WORTH_ASKING = {1: 0.5, 2: 0.36, 3: 0.2}
"""How far the words must agree with a figure of the same value, by its digits, before a clerk is asked about it."""
YEAR_TOLD = 0.75
PICTURE = "图"
_SHORTEST_TEXT = 5
_DAY = re.compile(r"\s*\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日\s*")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=\s*年)")
_SINCE = re.compile(r"年(?:起|以来|底前|至|到|开始)")


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
        self.follows = Follows(ground, book)

    def read(
        self, around: Sequence[Spot], numbers: Sequence[Written], found: Sequence[Found],
        others: Sequence[Sequence[Written]],
    ) -> Reading:  # fmt: skip
        places: list[Place] = []
        near: dict[int, list[Near]] = {}
        for spot, each in zip(around, found, strict=True):
            if each.matches:
                here = Near(each.matches[0].feed, spot.mark.start, each.sure)
                near.setdefault(spot.paragraph, []).append(here)
        for at, (spot, number) in enumerate(zip(around, numbers, strict=True)):
            here = near.get(spot.paragraph, [])
            before = [each for each in here if each.start < spot.mark.start]
            behind = [each for each in here if each.start > spot.mark.start]
            sought = not found[at].sure or is_change(spot, number)
            told = next((each.blank.feed for each in places[-1:] if each.paragraph == spot.paragraph), None)
            worked_out = self._follows(spot, number, before, behind, told) if sought else None
            places.append(worked_out or self._figure(spot, number, found[at]))
        for at, passage in enumerate(self.passages):
            places += self._pictures(at, passage)
            places += self._years(at, passage)
            places += self._words(at, passage)
            places += [self._fixed(at, passage.text, each) for each in others[at]]
        places = _apart(places)
        places = _apart([*places, *self._left(places)])
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
        derived = is_change(spot, number) or (is_share(spot, number) and not found.sure)
        if derived or not found.matches or (not found.sure and found.matches[0].agreement < least):
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

    def _follows(
        self, spot: Spot, number: Written, before: Sequence[Near], behind: Sequence[Near], told: str | None
    ) -> Place | None:
        """What follows from figures of the store, printed exactly so; `told` is what the number before it is, if any.

        Where that is no figure of the store, what is said of it follows from none; where it is another, it may well.
        """
        found = self.follows.sought(spot, number, before, behind)
        if found is None or not (told or told is None or found.named):
            return None
        sure = found.sure and (told is None or found.feed == told or found.named)
        blank = self._blank(spot, "change", found.feed, found.name, found.slot, 0.9 if sure else 0.5, sure)
        return Place(spot.paragraph, found.start, found.end, replace(blank, was=spot.text[found.start : found.end]))

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

    def _pictures(self, at: int, passage: Passage) -> Iterator[Place]:
        """A picture by its caption: of our own words surely; one of another hand, and a chart without any, is asked."""
        caption = captioned(passage.text, self.ground.catalogue)
        if caption and (caption.ours or passage.drawn):
            unsure = "" if caption.ours else UNSURE
            slot = f"{{{{{unsure}{caption.slot or PICTURE}}}}}"
            start, end = len(passage.text) - len(passage.text.lstrip()), len(passage.text.rstrip())
            yield self._shown(at, Mark(start, end), caption.feed, caption.slot, slot, caption.ours)
        elif passage.drawn == "chart":
            yield self._shown(at, Mark(0, 0), "", "", f"{{{{{UNSURE}{PICTURE}}}}}", False)

    def _shown(self, at: int, mark: Mark, feed: str, name: str, slot: str, sure: bool) -> Place:
        spot = Spot(at, mark, self.passages[at].text)
        blank = self._blank(spot, "picture", feed, name, slot, 1.0 if sure else 0.5 if feed else 0.0, sure)
        if mark.start == mark.end:
            before = next((each.text for each in self.passages[at - 1 :: -1] if at and each.text.strip()), "")
            blank = replace(blank, context=centred(f"{before} {PICTURE}", len(before) + 1, len(before) + 2))
        return Place(at, mark.start, mark.end, replace(blank, was=spot.text[mark.start : mark.end]))

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

    def _left(self, places: Sequence[Place]) -> Iterator[Place]:
        """Numerals that nothing else is, such as 万 in 万亩片带: a template may not have them unless they are prose."""
        taken: dict[int, set[int]] = {}
        for place in places:
            here, text = taken.setdefault(place.paragraph, set()), self.passages[place.paragraph].text
            unit = 0 if place.blank.kind == "fixed" else unit_after(text[place.end :]).length
            here.update(range(place.start, place.end + unit))
        for at, passage in enumerate(self.passages):
            covered = taken.get(at, set()) | self.ground.constants.covered(passage.text, ())
            for start, end in uncovered(passage.text, covered):
                yield self._at(Spot(at, Mark(start, end), passage.text), "fixed", "", passage.text[start:end], False)

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
        passage = self.passages[paragraph]
        return centred(passage.text, mark.start, mark.end, passage.label)


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
