"""The store's arithmetic: whole ten-thousandths of any size are exact, and zeros at the end are no digits."""

from decimal import Decimal

import pytest

from flows.store.store import Store

FIGURES = (
    "0", "0.0001", "-0.0001", "1.5", "9999999999.9999", "10000000000", "-9999999999.9999", "-10000000000.0001",
    "99999999999999.9999", "-99999999999999.9999", "1234567890123456789012345678.9999",
)  # fmt: skip
"""Around ten thousand million, up to which 64 bits are enough, and the largest there are."""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store(tmp_path_factory.mktemp("store") / "cunhui.duckdb") as store:
        yield store


@pytest.mark.parametrize("digits", [18, 38])
def test_ten_thousandths_are_exact_however_large_the_figure_is(store, digits):
    held = [figure for figure in FIGURES if abs(Decimal(figure)) < 10 ** (digits - 4)]
    whole = [int(f"{Decimal(figure):.4f}".replace(".", "")) for figure in held]
    asked = f"SELECT ten_thousandths(CAST(? AS DECIMAL({digits}, 4)))"
    assert [store.rows(asked, [figure]) for figure in held] == [[(exact,)] for exact in whole]
    assert store.rows(asked, [None]) == [(None,)]


def test_digits_that_tell_are_those_before_the_zeros_at_the_end(store):
    said = {"0": 0, "7": 1, "-70": 1, "1200": 2, "0.0012": 2, "10.01": 4, "99999999999999.9999": 18}
    asked = "SELECT significant_digits(CAST(? AS DECIMAL(18, 4)))"
    assert {figure: store.rows(asked, [figure])[0][0] for figure in said} == said
