"""What heads a table's cell: its own label, the words of its row and column, and whether it waits for a figure."""

import pytest

from flows.binding.cells import Cell, cell_at

PLAIN = (("项目", "单位", "本年", "上年"), ("低保户", "户", "", "597"), ("道路（公里）", "", "XX", "12.3"))
PAIRS = (("安全", "大检查（次）", "", "演练（场）", " "), ("矛盾", "排查（条）", "12", "成功（件）", "XX"))


def rows_of(table):
    return {(0, row): dict(enumerate(cells)) for row, cells in enumerate(table)}


@pytest.mark.parametrize(
    ("table", "row", "column", "cell"),
    [
        (PLAIN, 0, 2, Cell("项目，单位", "单位", False)),
        (PLAIN, 1, 2, Cell("低保户，户，本年", "低保户", True)),
        (PLAIN, 1, 3, Cell("低保户，户，上年", "低保户", True)),
        (PLAIN, 1, 0, Cell("项目", "", False)),
        (PLAIN, 2, 2, Cell("道路（公里），本年", "道路", True)),
        (PAIRS, 0, 2, Cell("安全，大检查（次）", "大检查", True)),
        (PAIRS, 0, 4, Cell("演练（场）", "演练", True)),
        (PAIRS, 1, 4, Cell("成功（件）", "成功", True)),
        (PAIRS, 1, 2, Cell("矛盾，排查（条）", "排查", True)),
    ],
)
def test_cell_is_headed_by_its_own_label_and_column(table, row, column, cell):
    assert cell_at((0, row, column), rows_of(table)) == cell
