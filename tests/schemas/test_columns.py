"""Figures of many forms as arrays: what is blank stays blank, whatever is taken of them or done with them."""

import pandas as pd
import pytest

from schemas.columns import Columns


@pytest.fixture
def columns() -> Columns:
    cells = pd.DataFrame(
        [(7, "A", 10), (7, "B", None), (9, "B", 0), (9, "Z", 5), (8, "A", 3)], columns=["row", "code", "value"]
    ).astype({"value": "Int64"})
    return Columns.of([7, 9], ["A", "B"], cells["row"], cells["code"], cells["value"])


def test_blank_is_none_and_zero_is_zero_and_what_was_not_asked_is_left_out(columns):
    assert [columns.at(place) for place in (0, 1)] == [{"A": 10, "B": None}, {"A": None, "B": 0}]
    assert "A" in columns and "Z" not in columns


def test_sum_with_a_blank_is_blank(columns):
    assert (columns["A"] + 2 * columns["B"]).tolist() == [None, None]


def test_rows_columns_and_a_figure_for_all_are_taken_without_touching_what_they_are_taken_of(columns):
    some = columns.taken([1, 1]).only(["B"]).put("B", 4)
    assert (some.rows, some.at(0), columns.at(1)) == ((9, 9), {"B": 4}, {"A": None, "B": 0})


def test_share_keeps_blanks_apart_from_zero(columns):
    assert pd.DataFrame(columns.floats()).isna().to_numpy().tolist() == [[False, True], [True, False]]


def test_figure_beyond_what_a_float_holds_stays_exact(columns):
    large = columns.put("A", 2**53 + 1)
    assert (large["A"] - 2**53).tolist() == [1, 1] and large.at(0)["A"] == 2**53 + 1
