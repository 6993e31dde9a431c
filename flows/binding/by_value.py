"""Which figure each number of a finished report is: told by its value in the store and by the words around it.

Foreign figures coincide by chance with some figure of the store 33 of 47 times with one digit, 20 of 71 with two, 3 of
92 with three and 0 of 105 with four or more (measured on public reports, November 2026). So the fewer digits a number
has, the more the words have to agree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from flows.binding.order import Order
from flows.binding.score import evidence
from flows.binding.surroundings import Spot, spelled
from flows.binding.written import POWERS, Written, fits
from flows.store.figures import Book
from flows.template.filling import LAST
from flows.template.units import likeness, unit_of
from schemas.records import Indicator, Target

ENOUGH = {1: 0.72, 2: 0.57, 3: 0.4}
ENOUGH_OF_MANY = 0.18
"""How far the words must agree (0 to 1) for a number of so many digits; of four and more."""
APART, CLEARLY_APART, AGREED = 0.12, 0.25, 0.55
"""How much better they must agree than with the next figure of the same value; than with one that agrees too."""
IN_ORDER, STEPS_ON = 0.2, 2
"""What it adds that a figure is named right after the one before it, in a report of the usual order."""
FLOOR = 0.2
"""Below this a proposal is not worth showing."""


@dataclass(frozen=True, slots=True)
class Match:
    """A figure that a number may be: its feed (code), the mode (上年 or none), how far the words agree."""

    feed: str
    mode: str
    agreement: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a number is: the matches, best first, and whether the best of them is sure."""

    matches: tuple[Match, ...]
    sure: bool


def by_value(spots: Sequence[Spot], numbers: Sequence[Written], order: Order, book: Book) -> list[Found]:
    """One Found per number; `spots` has the same numbers with their surroundings."""
    if not spots:
        return []
    weighed = evidence(list(spots), order)
    columns: dict[str, list[int]] = {}
    for at, step in enumerate(order.all):
        columns.setdefault(step.feed, []).append(at)
    values = list(_values(order, book))
    alone = [
        _found(spot, number, values, columns, order, weighed.words[row], weighed.covered[row])
        for row, (spot, number) in enumerate(zip(spots, numbers, strict=True))
    ]
    return _in_order(alone, numbers, order)


@dataclass(frozen=True, slots=True)
class _Value:
    feed: str
    mode: str
    exact: Decimal
    printed: Decimal | None
    item: Indicator | Target


def _values(order: Order, book: Book) -> Iterator[_Value]:
    """Every figure of the store that a report may name, in the unit it is kept in."""
    catalogue = order.catalogue
    for item in catalogue.indicators.values():
        now, last = book.figures.get((book.township.code, item.code)), book.last.get((book.township.code, item.code))
        for mode, figure in (("", now), (LAST, last)):
            if not item.is_text and figure is not None and figure.value is not None:
                yield _Value(item.code, mode, figure.value, figure.printed, item)
    for target in catalogue.targets.values():
        for mode, planned in (("", book.targets), (LAST, book.last_targets)):
            if (value := planned.get(target.code)) is not None:
                yield _Value(target.code, mode, value, value, target)


def _found(
    spot: Spot, number: Written, values: Sequence[_Value], columns: dict[str, list[int]], order: Order,
    words: np.ndarray, covered: np.ndarray,
) -> Found:  # fmt: skip
    matches: dict[tuple[str, str], Match] = {}
    for value in values:
        if not _is(number, value):
            continue
        steps = columns.get(value.feed, [])
        usual = max((float(words[at]) for at in steps), default=0.0)
        near = max((float(covered[at]) for at in steps), default=0.0)
        said = spelled(value.item.name, spot)
        agreement = 0.5 * max(usual, said) + 0.3 * said + 0.2 * near
        if value.mode:
            agreement -= 0.25 if not any(word in spot.text for word in ("上年", "去年", "同期")) else 0.1
        matches[value.feed, value.mode] = Match(value.feed, value.mode, round(max(0.0, agreement), 3))
    ranked = sorted(matches.values(), key=lambda match: -match.agreement)
    kept = tuple(match for match in ranked[:3] if match.agreement >= FLOOR or number.digits > 3)
    return Found(kept, _is_sure(kept, number))


def _in_order(alone: Sequence[Found], numbers: Sequence[Written], order: Order) -> list[Found]:
    """Figures of equal value told apart by what the report names before and after them."""
    steps: dict[str, list[int]] = {}
    for at, step in enumerate(order.steps):
        steps.setdefault(step.feed, []).append(at)

    def follows(before: Found, after: Found) -> bool:
        """Whether the first's step, if sure, stands a step or two before the second's best."""
        one, two = (steps.get(each.matches[0].feed, ()) for each in (before, after))
        return any(0 < there - here <= STEPS_ON for here in one for there in two)

    done = list(alone)
    for at, (found, number) in enumerate(zip(alone, numbers, strict=True)):
        if found.sure or len(found.matches) < 2:
            continue
        before = next((each for each in reversed(done[max(0, at - 2) : at]) if each.sure), None)
        after = next((each for each in alone[at + 1 : at + 3] if each.sure), None)
        moved = []
        for match in found.matches:
            one = Found((match,), False)
            told = bool(before and follows(before, one)) + bool(after and follows(one, after))
            moved.append((told, replace(match, agreement=round(match.agreement + told * IN_ORDER / 2, 3))))
        moved.sort(key=lambda each: -each[1].agreement)
        ranked, first = tuple(match for _, match in moved), moved[0]
        in_order = all(first[0] > told for told, match in moved[1:] if match.feed != first[1].feed) and first[0] > 0
        done[at] = Found(ranked, number.digits > 1 and in_order and _is_sure(ranked, number, by_order=True))
    return done


def _is_sure(ranked: Sequence[Match], number: Written, by_order: bool = False) -> bool:
    if not ranked or ranked[0].mode:
        return False
    enough = ENOUGH.get(number.digits, ENOUGH_OF_MANY)
    rival = next((each.agreement for each in ranked[1:] if each.feed != ranked[0].feed), -1.0)
    least = APART if by_order or rival < AGREED else CLEARLY_APART
    return ranked[0].agreement >= enough and ranked[0].agreement - rival >= least


def _is(number: Written, value: _Value) -> bool:
    """Whether unit and value agree within what is written."""
    for unit in {value.item.unit, value.item.printed_in if isinstance(value.item, Indicator) else value.item.unit}:
        base = unit_of(unit)
        if likeness(number.unit, base) < 0 or not base.unit:
            continue
        exact = value.exact * POWERS[unit_of(value.item.unit).power]
        return fits(number, exact)
    return False
