"""Which figure, text or target each blank is proposed to be, how likely that is, and what else it might be."""

import re
from dataclasses import dataclass

import numpy as np

from flows.binding_align import FREE, by_feed, chances, unclaimed
from flows.binding_context import LOOKING_BACK, PLANNING, Spot
from flows.binding_order import FOREIGN, PLAN, PLAN_PREAMBLE, Order, Step
from flows.binding_score import Evidence, evidence

SURE, ENOUGH_WORDS, ENOUGH_NEAR, NEIGHBOURS, STEPS_APART = 0.98, 0.4, 0.6, 2, 3
UNSURE_AT_MOST = 0.97
WORTH_SAYING, CLEARLY_FIRST = 0.03, 0.5
ANYWHERE = ("township_name", "A12")
"""Feeds that a report names as often as it likes."""
YEAR, LAST_YEAR, NEXT_YEAR = "年度", "上年度", "下年度"
ALTERNATIVES = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """A proposal for one blank: `feed` is a code, key or year word ('' for none); `others` the next two with chances."""

    feed: str
    chance: float
    sure: bool
    others: tuple[tuple[str, float], ...] = ()


def choose(spots: list[Spot], order: Order) -> list[Choice]:
    """One choice per spot, in order. Years are told from their words, all else from the whole document."""
    asked = [spot for spot in spots if not spot.mark.year and spot.rank == 1]
    by_first = dict(zip(map(id, asked), _choices(asked, order), strict=True)) if asked else {}
    chosen, last = [], None
    for spot in spots:
        if spot.mark.year:
            chosen.append(_year(spot))
            continue
        last = by_first.get(id(spot), last)
        assert last is not None
        chosen.append(last)
    return chosen


def _choices(asked: list[Spot], order: Order) -> list[Choice]:
    weighed = evidence(asked, order)
    steps, none = chances(weighed, order)
    feeds = list(dict.fromkeys(step.feed for step in order.all if step.feed != FOREIGN))
    known = [at for at, step in enumerate(order.all) if step.feed != FOREIGN]
    none = none + np.delete(steps, known, axis=1).sum(axis=1)
    capacity = np.array([FREE if feed in ANYWHERE else order.capacity.get(feed, 1) for feed in feeds], dtype=float)
    likely, none = unclaimed(by_feed(steps, order, feeds), none, capacity)
    beside = _beside(steps[:, : len(order.steps)], none)
    return [_choice(row, likely[row], none[row], feeds, order, weighed, bool(beside[row])) for row in range(len(asked))]


def _beside(steps: np.ndarray, none: np.ndarray) -> np.ndarray:
    """Whether a neighbouring blank stands at a neighbouring step: an insertion from elsewhere mostly does not."""
    at = np.where(steps.max(axis=1) >= none, steps.argmax(axis=1), -FREE)
    found = np.zeros(len(at), dtype=bool)
    for shift in range(1, NEIGHBOURS + 1):
        near = (np.abs(at[shift:] - at[:-shift]) <= STEPS_APART) & (at[shift:] >= 0)
        found[shift:] |= near
        found[:-shift] |= near
    return found


def _choice(row: int, likely: np.ndarray, none: float, feeds: list[str], order: Order, weighed: Evidence, beside: bool) -> Choice:
    best, *others = np.argsort(-likely, kind="stable")[: ALTERNATIVES + 1]
    chance = float(likely[best])
    columns = [at for at, step in enumerate(order.all) if step.feed == feeds[best]]
    words = weighed.words[row, columns].max()
    near = words + weighed.covered[row, columns].max() / 2
    fits = weighed.unit[row, columns].max() >= 0
    sure = bool(chance >= SURE and words >= ENOUGH_WORDS and near >= ENOUGH_NEAR and fits and beside)
    nameless = chance < WORTH_SAYING or not fits or (none > chance and chance / (1 - none + 1e-9) < CLEARLY_FIRST)
    rest = tuple((feeds[at], round(float(likely[at]), 3)) for at in ([best, *others[:-1]] if nameless else others))
    if nameless:
        return Choice("", round(float(none), 3), False, rest)
    return Choice(feeds[best], round(chance if sure else min(chance, UNSURE_AT_MOST), 3), sure, rest)


def _year(spot: Spot) -> Choice:
    """The report's year or the next, by the words around; sure only in a title, a heading, or opening a sentence."""
    before, after = spot.text[: spot.mark.start], spot.text[spot.mark.end :]
    phrase = re.match(r"年度?[^，。；、和及暨]{0,12}", after.strip())
    words = phrase[0] if phrase else ""
    opens = re.search(r"(?:^|[。；\s\u3000（(、和及暨镇乡])(?:做好)?$", before) is not None
    dated = re.match(r"\s*年\s*[\dXx×＿_*○〇]{1,3}\s*月", after) is not None
    if re.search(r"(?:较|比|同|与|去年|上年)$", before):
        return Choice(LAST_YEAR, 0.6, False, ((YEAR, 0.3), (NEXT_YEAR, 0.1)))
    planned = PLANNING.search(words) is not None and not LOOKING_BACK.search(words)
    ahead = planned or (spot.part in (PLAN, PLAN_PREAMBLE) and not LOOKING_BACK.search(words))
    told = planned or LOOKING_BACK.search(words) or re.match(r"年(?:以来)?[，,]", after.strip())
    sure = bool(opens and told and not dated and len(before) < 40)
    chance = 0.99 if sure else 0.5 if dated else 0.75
    others = tuple((word, round((1 - chance) / 2, 3)) for word in (YEAR, NEXT_YEAR, LAST_YEAR) if word != (NEXT_YEAR if ahead else YEAR))
    return Choice(NEXT_YEAR if ahead else YEAR, chance, sure, others)


def step_of(feed: str, order: Order) -> Step | None:
    """The first step that a feed fills."""
    return next((step for step in order.all if step.feed == feed), None)
