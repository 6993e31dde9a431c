"""How well each blank's surroundings suit each figure of the report's order: evidence, in natural-log units."""

import re
from dataclasses import dataclass

import numpy as np

from flows.binding.order import DONE, LACKING, PLAN, PLAN_PREAMBLE, PREAMBLE, Order, Step
from flows.binding.surroundings import Spot
from flows.template.units import likeness

WORDS, COVERED, UNIT, WRONG_UNIT, NO_UNIT, WRONG_KIND = 9.0, 3.5, 2.0, -5.0, -1.5, -5.0
TELLING, AFTER, NOT_AFTER, BEFORE, NAMED, NOT_NAMED, COUNT, ANY = 4.0, 3.0, -1.5, 2.0, 2.0, -1.0, 0.7, 2.0
SAME_AREA, OTHER_AREA, SAME_PART = 0.8, -1.2, 1.0
"""What each sort of evidence adds or takes away; how they were set and how little hangs on one: see `align`."""
UNRELATED, UNRELATED_WORDS = 6.5, 3.5
"""The score of a blank that the catalogue knows nothing about: of one with a unit, of one without.

Names and texts have few usual words, so their order has to tell more; and fewer of them are nobody's business."""
APART = {
    (PREAMBLE, DONE): -1.5, (PREAMBLE, PLAN_PREAMBLE): -5.0, (PREAMBLE, PLAN): -5.0,
    (DONE, PREAMBLE): -3.0, (DONE, PLAN_PREAMBLE): -6.0, (DONE, PLAN): -6.0,
    (LACKING, PREAMBLE): -4.0, (LACKING, DONE): -2.0, (LACKING, PLAN_PREAMBLE): -4.0, (LACKING, PLAN): -4.0,
    (PLAN_PREAMBLE, PREAMBLE): -5.0, (PLAN_PREAMBLE, DONE): -5.0, (PLAN_PREAMBLE, PLAN): -1.0,
    (PLAN, PREAMBLE): -5.0, (PLAN, DONE): -5.0, (PLAN, PLAN_PREAMBLE): -1.0,
}  # fmt: skip
IN_A_ROW = 2.0
VILLAGES = re.compile(r"村|社区|等|[一二两三四五六七八九十]个?村")
GENERIC = re.compile(
    "全镇|全年|全乡|今年|年内|累计|总共|共计|共有|现有|已有|目前|截至|先后|我镇|各村|全部|相继|同时|其中|以及|分别|达到了?|"
    "开展|完成|实施|落实|组织|举办|建设|建成|新建|发放|投入|推进|加强|持续|深入|扎实|积极|大力|有效|进一步|切实|"
    "[共计达为的了等各和及与是有在对将把被由从向到已并每约近超余多户人个次名元亩处座只头件条家份年月日村]"
)


@dataclass(frozen=True)
class Evidence:
    """Tables of one row per spot, one column per step of `Order.all`.

    `score` sums up; `words` is how much of a step's usual words are there (0 to 1), `covered` how much of what stands
    right beside the blank the step explains (0 to 1), `unit` how well the units agree (-1 to 1). `unrelated` has one
    row per spot: the score of its being nobody's business.
    """

    score: np.ndarray
    words: np.ndarray
    covered: np.ndarray
    unit: np.ndarray
    unrelated: np.ndarray


def evidence(spots: list[Spot], order: Order) -> Evidence:
    """Weigh every spot against every step."""
    steps, shape = order.all, (len(spots), len(order.all))
    score, words, covered, unit = (np.zeros(shape) for _ in range(4))
    recall, vocabulary = _Recall(order), list(order.rarity)
    for row, spot in enumerate(spots):
        near = _pairs(spot)
        words[row] = recall.of(spot, _heard(spot, vocabulary))
        for column, step in enumerate(steps):
            covered[row, column] = len(near & step.pairs) / len(near) if near else 0.5
            unit[row, column] = likeness(spot.unit, step.unit)
            score[row, column] = _kind(spot, step, unit[row, column]) + _place(spot, step)
    unrelated = np.array([UNRELATED if spot.unit.unit else UNRELATED_WORDS for spot in spots])
    return Evidence(score + WORDS * words + COVERED * covered, words, covered, unit, unrelated)


def _heard(spot: Spot, vocabulary: list[str]) -> np.ndarray:
    """For each word the weight of the nearest place around the spot where it stands, 0 where it stands nowhere."""
    heard = np.zeros(len(vocabulary))
    for text, weight in sorted(spot.stretches, key=lambda stretch: stretch[1]):
        heard[[at for at, word in enumerate(vocabulary) if word in text]] = weight
    return heard


class _Recall:
    """How much of what each step's surroundings usually say is said around a spot, what follows at once included."""

    def __init__(self, order: Order) -> None:
        groups = [(column, group) for column, step in enumerate(order.all) for group in step.words]
        self.rarity = np.array(list(order.rarity.values()))
        place = {word: at for at, word in enumerate(order.rarity)}
        self.words = np.array([place[word] for _, group in groups for word in group])
        self.starts = np.cumsum([0, *(len(group) for _, group in groups[:-1])])
        self.owner, self.steps = np.array([column for column, _ in groups]), order.all
        self.telling = np.array([TELLING if step.after else 0.0 for step in order.all])
        self.most = self._summed(self.rarity) + self.telling

    def of(self, spot: Spot, heard: np.ndarray) -> np.ndarray:
        """One share per step, 0 to 1; `heard` has the weight of each word of the order's rarity."""
        told = np.array([follows(spot, step) for step in self.steps]) * self.telling
        got = self._summed(self.rarity * heard) + told
        return np.divide(got, self.most, out=np.zeros_like(got), where=self.most > 0)

    def _summed(self, weights: np.ndarray) -> np.ndarray:
        """Per step, the sum of the best word of each of its groups."""
        best = np.maximum.reduceat(weights[self.words], self.starts)
        return np.bincount(self.owner, weights=best, minlength=len(self.steps))


def follows(spot: Spot, step: Step) -> bool:
    """Whether the blank is followed at once by what such a blank is usually followed by, quotation marks aside."""
    return not spot.unit.unit and spot.after.startswith(step.after)


def follows_on(spot: Spot, step: Step) -> bool:
    """Whether the blank follows at once upon what such a blank usually follows upon, quotation marks aside."""
    return spot.text[: spot.mark.start].rstrip('“"《「『 ').endswith(step.before)


def _pairs(spot: Spot) -> set[str]:
    """Two characters in a row of the words right beside a spot, empty words left out."""
    near = [spot.left, spot.right]
    if not any(GENERIC.sub("", text).strip() for text in near):
        near = [text for text, _ in spot.stretches if GENERIC.sub("", text).strip()][:1]
    pieces = [piece for text in near for piece in GENERIC.split(text)]
    return {piece[at : at + 2] for piece in pieces for at in range(len(piece) - 1)}


def _kind(spot: Spot, step: Step, unit: float) -> float:
    """How well a number, a name or some words would stand here."""
    if step.kind == "any":
        return ANY
    if step.kind == "number":
        if spot.unit.unit:
            return WRONG_UNIT if unit < 0 else UNIT * unit
        return NO_UNIT + (WRONG_KIND if spot.after[:1] in ("镇", "乡", "省") else 0.0)
    if spot.unit.unit:
        return WRONG_KIND
    if step.kind == "names":
        named = VILLAGES.match(spot.after) is not None
        return (NAMED if named else NOT_NAMED) + (COUNT if spot.ranks == step.blanks else -COUNT if named else 0.0)
    beside = (AFTER if follows(spot, step) else NOT_AFTER) + (BEFORE if follows_on(spot, step) else 0.0)
    return beside - (IN_A_ROW if spot.ranks > 1 else 0.0)


def _place(spot: Spot, step: Step) -> float:
    part = SAME_PART if spot.part == step.part else APART.get((spot.part, step.part), 0.0)
    if not spot.area or not step.area:
        return part
    return part + (SAME_AREA if spot.area == step.area else OTHER_AREA)
