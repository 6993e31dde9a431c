"""Which figure each blank is, given that reports of this kind name them in much the same order.

A hidden Markov chain runs through the report's order: from one blank to the next it mostly goes one step on, sometimes
leaves a few out, rarely jumps elsewhere, and may pause on blanks that belong to no step. Forward and backward passes
(Rabiner 1989, section III) give the probability of each step for each blank; then no figure may be claimed more often
than it is named in such a report (alternate scaling after Sinkhorn).
"""

import numpy as np

from flows.binding.order import Order
from flows.binding.score import Evidence

NEXT, SKIP, SKIP_ON, BACK, BACK_ON, STAY, JUMP, PAUSE = 0.57, 0.20, 0.6, 0.18, 0.5, 0.003, 0.04, 0.04
ELSEWHERE, ASTRAY = 0.1, 0.003
"""Set by hand on the dev_ reports of tests/data/reports, as were the weights of `choose`, `score` and `surroundings`.

Of the 2,140 blanks of all nine reports 2,137 are bound right; with all 44 numbers varied at random by up to a quarter,
ten times, at least 2,123 were, and never was a wrong one called sure (2026-11). Sure were 1,791, then 1,660 at least.
"""
ROUNDS = 12
"""Of scaling. With 1 round 2,122 blanks are right and two wrong ones sure, with 6 2,134, with 24 2,138 (2026-11)."""
FREE = 1e6
"""More often than any report names a figure."""


def moves(steps: int) -> np.ndarray:
    """Probability of going from one step to another (rows: from; the first row is before the beginning)."""
    at = np.arange(-1, steps)[:, None]
    ahead = np.arange(steps)[None, :] - at
    table = np.full((steps + 1, steps), JUMP / steps)
    table += np.where(ahead == 1, NEXT, 0.0) + np.where(ahead == 0, STAY, 0.0)
    table += np.where(ahead > 1, SKIP * (1 - SKIP_ON) * SKIP_ON ** np.clip(ahead - 2, 0, 400), 0.0)
    table += np.where(ahead < 0, BACK * (1 - BACK_ON) * BACK_ON ** np.clip(-ahead - 1, 0, 400), 0.0)
    return table * (1 - PAUSE)


def chances(evidence: Evidence, order: Order) -> tuple[np.ndarray, np.ndarray]:
    """Probability of each step (columns as `Order.all`) for each blank (rows), and of none of them.

    A blank on which the chain pauses is none of the steps, or one of those that may stand anywhere, or, rarely, one
    that its writer has put out of its place.
    """
    count = len(order.steps)
    unrelated = evidence.unrelated[:, None]
    peak = np.maximum(evidence.score.max(axis=1, keepdims=True), unrelated)
    emit = np.exp(evidence.score - peak)
    none = np.exp(unrelated - peak)
    paused = emit * np.where(np.arange(emit.shape[1]) < count, ASTRAY, ELSEWHERE)
    on, pausing = _passes(emit[:, :count], PAUSE * (paused.sum(axis=1) + none[:, 0]), moves(count))
    split = pausing[:, None] / (paused.sum(axis=1, keepdims=True) + none)
    steps, none = paused * split, none * split
    steps[:, :count] += on
    whole = steps.sum(axis=1) + none[:, 0]
    return steps / whole[:, None], none[:, 0] / whole


def _passes(emit: np.ndarray, pause: np.ndarray, table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Forward and backward, scaled: how likely each blank stands on each step, and how likely on none.

    States are the steps, and a pause after each step or before the first.
    """
    blanks, count = emit.shape
    on, off = np.zeros((blanks, count)), np.zeros((blanks, count + 1))
    position = np.zeros(count + 1)
    position[0] = 1.0
    for blank in range(blanks):
        on[blank] = emit[blank] * (position @ table)
        off[blank] = pause[blank] * position
        scale = on[blank].sum() + off[blank].sum()
        on[blank] /= scale
        off[blank] /= scale
        position = off[blank].copy()
        position[1:] += on[blank]
    ahead = np.ones(count + 1)
    for blank in range(blanks - 1, -1, -1):
        on[blank] *= ahead[1:]
        off[blank] *= ahead
        ahead = table @ (emit[blank] * ahead[1:]) + pause[blank] * ahead
        ahead /= ahead.max()
    whole = on.sum(axis=1) + off.sum(axis=1)
    return on / whole[:, None], off.sum(axis=1) / whole


def by_feed(steps: np.ndarray, order: Order, feeds: list[str]) -> np.ndarray:
    """Chances of steps added up by what fills them: columns as `feeds`, steps of other feeds left out."""
    column = {feed: at for at, feed in enumerate(feeds)}
    added = np.zeros((steps.shape[0], len(feeds)))
    for at, step in enumerate(order.all):
        if step.feed in column:
            added[:, column[step.feed]] += steps[:, at]
    return added


def unclaimed(feeds: np.ndarray, none: np.ndarray, capacity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same chances when no feed is claimed more often than `capacity`: columns and rows scaled in turn."""
    feeds, none = feeds.copy(), none.copy()
    for _ in range(ROUNDS):
        feeds /= np.maximum(1.0, feeds.sum(axis=0) / capacity)
        rows = feeds.sum(axis=1) + none
        feeds, none = feeds / rows[:, None], none / rows
    return feeds, none
