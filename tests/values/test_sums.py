"""A row that is the sum of those above it: told with the columns that agree and how much that says."""

from decimal import Decimal

import pytest

from flows.values.sums import SumAbove, sum_above


@pytest.mark.parametrize(
    ("above", "row", "found"),
    [
        ([[125], [236]], [361], SumAbove((0,), 3)),
        ([[125, 10], [236, 20]], [361, 30], SumAbove((0, 1), 4)),
        ([[Decimal("1.25")], [Decimal("62.00")]], [Decimal("63.25")], SumAbove((0,), 4)),
        ([[100], [50]], [150], SumAbove((0,), 2)),
        ([[125, 10], [236, 20]], [361, 31], None),
        ([[125], [236]], [362], None),
        ([[361]], [361], None),
        ([[0], [0]], [0], None),
        ([[125], [236]], [None], None),
    ],
    ids=["one column", "two", "decimals", "round", "one disagrees", "no sum", "one row above", "zero", "blank"],
)
def test_row_is_a_sum_when_every_figure_agrees_with_at_least_two_rows_above(above, row, found):
    assert sum_above(above, row) == found


def test_column_with_one_part_agrees_but_tells_nothing():
    assert sum_above([[125, 77], [236, None]], [361, 77]) == SumAbove((0, 1), 3)
