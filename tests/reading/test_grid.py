"""A sheet by its cells: what lies to the right of one is what going from cell to cell finds."""

import pytest

from flows.reading.grid import Sheet, read_book
from tests.text_tables import workbook

FORM = """
== 封面
| 填报单位 | | 东湖村 | | 代码 | " " | 12 |
-
| | 一 | 二 | 三 | =1/0 | | @2023-01-05 |
| 甲 | | 乙 |
~ C1:D1
~ B3:C3
~ A4:B4
"""


def one_by_one(sheet: Sheet, row: int, column: int) -> list[tuple[int, str]]:
    cells = ((other, sheet.cell(row, other)[0]) for other in range(column + 1, sheet.right + 1))
    return [(other, raw) for other, raw in cells if raw]


@pytest.mark.parametrize("looked_through", [False, True])
def test_what_lies_beyond_a_cell_is_what_each_cell_to_its_right_holds(looked_through: bool):
    [sheet] = read_book(workbook(FORM)).sheets
    places = [(row, column) for row in range(6) for column in range(1, 9)]
    if looked_through:
        assert [sheet.said(row) for row in range(1, 5)]
    found = {place: list(sheet.beyond(*place)) for place in places}
    assert found == {place: one_by_one(sheet, *place) for place in places}
    assert found[1, 1] == [(3, "东湖村"), (5, "代码"), (6, " "), (7, "12")]
    assert found[3, 2][0] == (4, "三")
