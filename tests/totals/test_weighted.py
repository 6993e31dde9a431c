"""Weighted means: exact whatever the sizes, rounded half up once."""

from decimal import Decimal

import pytest

from flows.totals.weighted import mean_of
from schemas.expressions import SCALE


@pytest.mark.parametrize(
    ("values", "weights", "factor", "places", "value", "printed"),
    [
        ((1, 2), (1, 1), 1, 0, "1.5", "2"),
        ((1, 2), (2, 1), 1, 2, "1.3333", "1.33"),
        ((-1, -2), (1, 1), 1, 0, "-1.5", "-2"),
        ((10**15, 10**15), (10**15, 1), 10_000, 2, "1000000000000000", "100000000000.00"),
        ((15_849, 15_850), (1, 999), 10_000, 3, "15849.999", "1.585"),
        ((5, 7), (0, 3), 1, 0, "7", "7"),
    ],
)
def test_mean_is_exact(values, weights, factor, places, value, printed):
    scaled = [[figure * SCALE for figure in figures] for figures in (values, weights)]
    mean, above, below, shown = mean_of(*scaled, factor, places)
    assert (mean, shown) == (Decimal(value), Decimal(printed))
    assert (above, below) == (sum(v * w for v, w in zip(values, weights, strict=True)), sum(weights))


@pytest.mark.parametrize("weights", [(), (0, 0), (-1, 1)])
def test_without_a_weight_above_zero_there_is_no_mean(weights):
    values = [SCALE] * len(weights)
    assert mean_of(values, [weight * SCALE for weight in weights], 1, 0) == (None, None, None, None)
