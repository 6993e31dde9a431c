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


def half_up(numerator: int, denominator: int) -> int:
    """Round a fraction to the nearest whole number, halves away from zero. `denominator` is positive."""
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def steps(factor: int, places: int) -> tuple[int, int]:
    """The fraction (times, per), in lowest terms, that turns ten-thousandths into last-place steps."""
    times, per = 10**places, SCALE * factor
    common = gcd(times, per)
    return times // common, per // common


class Rounded:
    """Parts rounded plainly, and moved from there a step at a time. A part is known by its position in the lists.

    `scaled` over `per` is a part's exact value in last-place steps; `ceiling` is what a part may not be raised above.
    """

    def __init__(self, parts: Mapping[str, int], factor: int, places: int) -> None:
        times, per = steps(factor, places)
        self._round(list(parts), list(parts.values()), times, per)

    @classmethod
    def of_scaled(cls, parts: Mapping[str, int], per: int) -> "Rounded":
        """Parts whose exact values are given in last-place steps already, as numerators over `per`."""
        self = cls.__new__(cls)
        self._round(list(parts), list(parts.values()), 1, per)
        return self

    def _round(self, keys: list[str], exact: list[int], times: int, per: int) -> None:
        self.keys, self.exact, self.times, self.per = keys, exact, times, per
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


def _by_key(adjusted: Iterable[Adjusted]) -> tuple[Adjusted, ...]:
    return tuple(sorted(adjusted, key=lambda item: item.key))
