"""舍位平衡: figures rounded for print so that the parts still add up to the printed total.

The total is rounded first, half up; then each part; the difference goes, one step of the last place each, to the parts
whose own rounding error is least made worse by it (largest remainder). Ties go by key, never by the order of rows.

Everything is whole numbers: exact values in ten-thousandths of the base unit (`schemas.expressions.SCALE`), printed
values in steps of the last printed place. A part that is exact in that place is never touched, nor is a zero.
Vendors' methods differ; this one is the project's `allocate`, and `none` is `to_printed` alone.
Source: CONVENTIONS of the project, "Units and rounding". Tables of units by indicators are in `nesting`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import gcd

from schemas.expressions import SCALE


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A part printed otherwise than plain rounding would. `exact` in ten-thousandths, the rest in last-place steps.

    `forced` says that it is printed a whole step or more away from its exact value.
    """

    key: str
    exact: int
    plain: int
    printed: int
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Balanced:
    """What is printed, in last-place steps: the total, each part by key, and the parts that were moved, by key.

    `exceeding` names the parts that stay printed above the figure they are part of (其中), though not so exactly.
    """

    total: int
    printed: dict[str, int]
    adjusted: tuple[Adjusted, ...] = ()
    exceeding: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A figure and the parts under it; `exhaustive` parts make up the whole, others may leave a rest (其他)."""

    key: str
    exact: int
    children: tuple["Node", ...] = ()
    exhaustive: bool = True


def half_up(numerator: int, denominator: int) -> int:
    """Round a fraction to the nearest whole number, halves away from zero. `denominator` is positive."""
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def to_printed(value_e4: int, factor: int, places: int) -> int:
    """Round alone: ten-thousandths of the base unit, to steps of the last of `places`, `factor` base units to one."""
    times, per = steps(factor, places)
    return half_up(value_e4 * times, per)


def steps(factor: int, places: int) -> tuple[int, int]:
    """The fraction (times, per), in lowest terms, that turns ten-thousandths into last-place steps."""
    times, per = 10**places, SCALE * factor
    common = gcd(times, per)
    return times // common, per // common


def allocate(
    total: int, parts: Mapping[str, int], factor: int = 1, places: int = 0, printed_total: int | None = None
) -> Balanced:
    """Print parts that make up `total` (all in ten-thousandths) so that they sum to the printed total.

    A `printed_total` settled elsewhere is met whatever it takes, by forced steps if need be.
    Raises ValueError if the exact parts do not sum to the exact total, or if no parts can meet the printed total.
    """
    if sum(parts.values()) != total:
        raise ValueError(f"the parts sum to {sum(parts.values())}, not to the total {total}")
    rounded = Rounded(parts, factor, places)
    target = half_up(total * rounded.times, rounded.per) if printed_total is None else printed_total
    rounded.force(rounded.spread(target - sum(rounded.printed)))
    return rounded.balanced()


def allocate_tree(root: Node, factor: int = 1, places: int = 0) -> Balanced:
    """Print a figure and its nested parts, top down; `printed` holds every node by key. Keys are unique.

    Exhaustive children sum to their parent as printed. Others keep within it: each of them, and all together where
    they do so exactly. Raises ValueError where exhaustive children do not sum to their parent exactly.
    """
    total = to_printed(root.exact, factor, places)
    printed: dict[str, int] = {root.key: total}
    adjusted: list[Adjusted] = []
    pending = [root] if root.children else []
    while pending:
        node = pending.pop()
        parts = {child.key: child.exact for child in node.children}
        if node.exhaustive:
            below = allocate(node.exact, parts, factor, places, printed[node.key])
        else:
            below = _within(node.exact, printed[node.key], Rounded(parts, factor, places))
        printed |= below.printed
        adjusted += below.adjusted
        pending += [child for child in node.children if child.children]
    return Balanced(total, printed, _by_key(adjusted))


class Rounded:
    """Parts rounded plainly, and moved from there a step at a time. A part is known by its position in the lists.

    `scaled` over `per` is a part's exact value in last-place steps; `ceiling` is what a part may not be raised above.
    """

    def __init__(self, parts: Mapping[str, int], factor: int, places: int) -> None:
        self.keys = list(parts)
        self.exact = list(parts.values())
        self.times, self.per = times, per = steps(factor, places)
        self.scaled = [value * times for value in self.exact] if times != 1 else self.exact
        self.ceiling: dict[int, int] = {}
        if per == 1:
            self.plain = self.scaled
        elif min(self.scaled, default=0) < 0:
            self.plain = [half_up(value, per) for value in self.scaled]
        else:
            twice = 2 * per
            self.plain = [(2 * value + per) // twice for value in self.scaled]
        self.printed = list(self.plain)

    def spread(self, difference: int) -> int:
        """Hand out steps to the parts that plain rounding moved the other way, one each; returns what is left over."""
        if not difference or self.per == 1:
            return difference
        step, per = (1 if difference > 0 else -1), self.per
        errors = [step * (printed * per - value) for printed, value in zip(self.printed, self.scaled, strict=True)]
        willing = [
            (error, self.keys[i], i) for i, error in enumerate(errors) if error < 0 and (step < 0 or self.has_room(i))
        ]
        for _, _, i in sorted(willing)[: abs(difference)]:
            self.printed[i] += step
        return step * max(0, abs(difference) - len(willing))

    def force(self, difference: int) -> None:
        """Hand out steps although they take parts further from the truth: no sign changes, and zeros come last.

        Raises ValueError when no part can take one.
        """
        step = 1 if difference > 0 else -1
        for left in range(abs(difference), 0, -1):
            costs = [
                (not value, step * (self.printed[i] * self.per - value), self.keys[i], i)
                for i, value in enumerate(self.scaled)
                if (self.printed[i] + step) * (-1 if value < 0 else 1) >= 0
            ]
            if not costs:
                raise ValueError(f"no part can be moved to meet the printed total: {left} steps are left")
            self.printed[min(costs)[3]] += step

    def has_room(self, i: int) -> bool:
        """Whether a part may be raised one step."""
        return i not in self.ceiling or self.printed[i] < self.ceiling[i]

    def balanced(self, exceeding: tuple[str, ...] = ()) -> Balanced:
        """The parts as they now stand."""
        moved = []
        if self.printed != self.plain:
            columns = zip(self.keys, self.exact, self.plain, self.printed, self.scaled, strict=True)
            moved = [
                Adjusted(key, exact, plain, printed, abs(printed * self.per - value) >= self.per)
                for key, exact, plain, printed, value in columns
                if printed != plain
            ]
        return Balanced(sum(self.printed), dict(zip(self.keys, self.printed, strict=True)), _by_key(moved), exceeding)


def _within(whole: int, printed_whole: int, rounded: Rounded) -> Balanced:
    """Children that leave a rest: none above the printed parent, nor their sum, unless it is so exactly."""
    for i, value in enumerate(rounded.exact):
        if 0 <= value <= whole:
            rounded.printed[i] = min(rounded.printed[i], printed_whole)
    excess = sum(rounded.printed) - printed_whole
    if excess > 0 and sum(rounded.exact) <= whole and min(rounded.exact) >= 0:
        rounded.force(rounded.spread(-excess))
    return rounded.balanced()


def _by_key(adjusted: Iterable[Adjusted]) -> tuple[Adjusted, ...]:
    return tuple(sorted(adjusted, key=lambda item: item.key))
