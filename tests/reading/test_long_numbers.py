"""A cell that is nothing but thousands of digits: no number of a row, of a column or of a table, and no fault."""

from types import SimpleNamespace

import pytest

from flows.reading.locate.list_heads import _numbers_columns
from flows.reading.locate.list_rows import _printed_number
from flows.reading.losses.xlsx import _whole

LONG = "9" * 5000
"""More digits than Python takes for a number."""


def sheet(*cells: str) -> SimpleNamespace:
    return SimpleNamespace(cell=lambda row, column: (cells[column], "text"))


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), ("12.", 12), ("0012", 12), ("999", 999), ("1000", None), ("0", None), ("二", None), (LONG, None),
     ("000001" + LONG, None)],
)  # fmt: skip
def test_number_printed_before_a_row_is_as_small_as_rows_are_many(text, number):
    assert _printed_number(SimpleNamespace(number=0, columns={}, sheet=sheet(text)), 1) == number


@pytest.mark.parametrize(
    ("texts", "does"),
    [(("1", "2", "3"), True), (("甲", "乙", "1", "2"), True), (("1", "²", "3"), False), ((LONG, LONG, LONG), False)],
)
def test_row_numbers_the_columns_only_with_small_numbers(texts, does):
    columns = {f"A{at}": at for at in range(len(texts))}
    assert _numbers_columns(sheet(*texts), 1, columns) is does


@pytest.mark.parametrize(("text", "number"), [("164", 164), ("-1", -1), ("²", -1), (LONG, -1), ("", -1)])
def test_attribute_that_is_no_small_number_is_none(text, number):
    assert _whole(text) == number
