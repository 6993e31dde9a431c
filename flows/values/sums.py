"""Whether a row of a table is the sum of the rows above it, and how unlikely it is that it is so by chance."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

Figures = Sequence[int | Decimal | None]


class SumAbove(NamedTuple):
    """The columns that agree, by place, and the significant figures of the sums that have at least two parts.

    A figure of n significant digits is hit by chance about once in ten to the n-th times; round ones more often.
    """

    columns: tuple[int, ...]
    digits: int


def sum_above(above: Sequence[Figures], row: Figures) -> SumAbove | None:
    """How the row is the sum of those above it, at least two; None when it is not.

    Every figure of the row must agree; a column that the row leaves blank is no evidence, a zero neither.
    """
    filled = [column for column, figure in enumerate(row) if figure is not None]
    if len(above) < 2 or not any(row[column] for column in filled):
        return None
    parts = {column: [figure for one in above if (figure := one[column])] for column in filled}
    if any(sum(parts[column], Decimal(0)) != row[column] for column in filled):
        return None
    digits = sum(_significant(row[column]) for column in filled if len(parts[column]) > 1)
    return SumAbove(tuple(column for column in filled if row[column]), digits)


def _significant(figure: int | Decimal | None) -> int:
    """The figures of a number without the zeros at either end: 150 has two, 63.25 has four."""
    return len(str(abs(figure or 0)).replace(".", "").strip("0"))
