"""Weighted means: of the villages' figures by another of theirs. Exact: whole numbers, which a product cannot overflow.

A village that has sent only one of the two does not count. Where no weight is above zero there is no mean.
"""

from collections.abc import Sequence
from decimal import Decimal

from flows.totals.rounding import half_up
from schemas.expressions import SCALE

Means = tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None]
"""Value to four decimals, sum of products, sum of weights, value as printed in the printed unit."""


def mean_of(values: Sequence[int], weights: Sequence[int], factor: int, places: int) -> Means:
    """The mean of ten-thousandths by weights in ten-thousandths, printed in units of `factor` with so many places.

    Value and printed figure are each rounded half up from the exact mean.
    """
    above = sum(int(value) * int(weight) for value, weight in zip(values, weights, strict=True))
    below = sum(map(int, weights))
    if below <= 0:
        return None, None, None, None
    printed = half_up(above * 10**places, below * SCALE * factor)
    return (
        Decimal(half_up(above, below)).scaleb(-4),
        Decimal(half_up(above, SCALE)).scaleb(-4),
        Decimal(below).scaleb(-4),
        Decimal(printed).scaleb(-places),
    )
