"""A workbook as plain sheets: merged areas show their text, what is struck out is not there, bad formulas are told."""

from openpyxl.styles import Font

from flows.reading.child import tables_of
from flows.reading.grid_of_table import Grid
from tests.text_tables import drawn, saved, workbook


def grid(data):
    return Grid(tables_of(data)[0])


def test_merged_area_shows_its_text_in_each_of_its_cells():
    found = grid(workbook("== 表\n| 类型 | 村名 |\n| 村 | 东湖村 |\n| | 西湖村 |\n~ A2:A3"))
    assert [found.text(row, 1) for row in (1, 2, 3, 4)] == ["类型", "村", "村", ""]
    assert found.area(3, 1) == (2, 1, 3, 1) and found.area(3, 2) == (3, 2, 3, 2)
    assert found.filled == [1, 2, 3] and found.columns(3) == [1, 2]


def test_what_is_struck_out_is_not_there_and_can_be_told():
    book = drawn("== 表\n| 东湖村 | 西湖村 |")
    book["表"]["A1"].font = Font(strike=True)
    found = grid(saved(book))
    assert (found.text(1, 1), found.struck(1, 1)) == ("", "东湖村")
    assert (found.text(1, 2), found.struck(1, 2)) == ("西湖村", "")


def test_error_and_formula_that_was_never_calculated_are_told():
    found = grid(workbook("== 表\n| !#REF! | =1+1 | 12 |"))
    assert "#REF!" in found.wrong(1, 1) and "还没有算出结果" in found.wrong(1, 2)
    assert found.wrong(1, 3) == "" and found.text(1, 3) == "12"
