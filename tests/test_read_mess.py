"""Random mess: whatever is done to a form, no answer is silently wrong.

Either every answer is the one that was filled in, found in the cell that holds it, or the file has a blocking finding.
What a person does to a value itself (typing another, moving the cells of the value column alone) cannot be seen in the
file and is not part of this.
"""

import io
import os

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from flows.steps.inside import read_inside
from tests.test_read import FORM, GOOD, WORDS
from tests.text_tables import drawn, saved

EXAMPLES = int(os.environ.get("CUNHUI_MESS_EXAMPLES", "300"))
TRUTH = {code: answer.split(" ", 1)[0] for code, answer in GOOD.items()}
VALUE_COLUMN = 5


def insert_rows(sheet: Worksheet, row: int, column: int) -> None:
    sheet.insert_rows(row, 1 + column % 2)


def delete_row(sheet: Worksheet, row: int, column: int) -> None:
    sheet.delete_rows(row)


def insert_column(sheet: Worksheet, row: int, column: int) -> None:
    sheet.insert_cols(column)


def delete_column(sheet: Worksheet, row: int, column: int) -> None:
    sheet.delete_cols(column)


def rename(sheet: Worksheet, row: int, column: int) -> None:
    sheet.title = f"表{row}"


def reorder(sheet: Worksheet, row: int, column: int) -> None:
    sheet.parent.move_sheet(sheet, row - 3)


def hide(sheet: Worksheet, row: int, column: int) -> None:
    sheet.sheet_state = "hidden"


def copy(sheet: Worksheet, row: int, column: int) -> None:
    if not sheet.merged_cells.ranges:
        sheet.parent.copy_worksheet(sheet)


def merge(sheet: Worksheet, row: int, column: int) -> None:
    sheet.merge_cells(start_row=row, start_column=column, end_row=row + row % 3, end_column=column + column % 3)


def swap_columns(sheet: Worksheet, row: int, column: int) -> None:
    for number in range(1, sheet.max_row + 1):
        swap(sheet, (number, column), (number, 1 + row % 7))


def swap_rows(sheet: Worksheet, row: int, column: int) -> None:
    for number in range(1, sheet.max_column + 1):
        swap(sheet, (row, number), (row + 1, number))


def swap_cells(sheet: Worksheet, row: int, column: int) -> None:
    swap(sheet, (row, min(column, 4)), (row + 1, min(column, 4)))


def swap(sheet: Worksheet, one: tuple[int, int], other: tuple[int, int]) -> None:
    first, second = sheet.cell(*one), sheet.cell(*other)
    if not isinstance(first, MergedCell) and not isinstance(second, MergedCell):
        first.value, second.value = second.value, first.value


def shift_left(sheet: Worksheet, row: int, column: int) -> None:
    """Delete a cell before the value; what stands to its right moves left."""
    for number in range(min(column, 4), sheet.max_column + 1):
        swap(sheet, (row, number), (row, number + 1))


def overwrite(sheet: Worksheet, row: int, column: int) -> None:
    put(sheet, row, min(column, 4), ("万元", "随便写", None, "A01", "本年数", "低保户数", 7)[row % 7])


def overwrite_head(sheet: Worksheet, row: int, column: int) -> None:
    for number in range(1, sheet.max_row + 1):
        if any(cell.value == "代码" for cell in sheet[number]):
            put(sheet, number, column, ("", "数量", "本年数", "代码", "上年数", "本 年 数", "指标名称")[row % 7])


def put(sheet: Worksheet, row: int, column: int, value: object) -> None:
    if not isinstance(sheet.cell(row, column), MergedCell):
        sheet.cell(row, column).value = value


DEEDS = (
    insert_rows, delete_row, insert_column, delete_column, rename, reorder, hide, copy, merge, swap_columns, swap_rows,
    swap_cells, shift_left, overwrite, overwrite_head,
)  # fmt: skip
MESS = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.sampled_from([1, 2, 2, 3]), st.integers(1, 9), st.integers(1, 7)),
    min_size=1,
    max_size=3,
    unique_by=lambda item: item[0],
)


def as_a_person_could(mess: list) -> list:
    """Cells are moved and heads written over only while the value column is where the form put it.

    Else a value itself would be moved, or somebody would call another column this year's.

    Merging comes last, for openpyxl inserts and deletes without moving merged areas along.
    """
    kept, moved = [], False
    for deed, *where in sorted(mess, key=lambda item: item[0] is merge):
        if not moved or deed not in (swap_cells, shift_left, overwrite, overwrite_head):
            kept.append((deed, *where))
        moved = moved or deed in (insert_column, delete_column, swap_columns, shift_left)
    return kept


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(MESS)
def test_no_mess_is_misread_in_silence(mess):
    book = drawn(FORM)
    for deed, sheet, row, column in as_a_person_could(mess):
        deed(book.worksheets[min(sheet, len(book.worksheets) - 1)], row, column)
    data = saved(book)
    reading = read_inside(data, WORDS)
    assert not any(finding.code == "FILE_READER_DIED" for finding in reading.findings), reading.findings
    found = {answer.indicator: answer.raw for answer in reading.answers}
    if not any(finding.level == "强制" for finding in reading.findings):
        assert found == TRUTH
    opened = openpyxl.load_workbook(io.BytesIO(data))
    for answer in reading.answers:
        value = opened[answer.sheet].cell(answer.row, answer.col).value
        assert str("" if value is None else value) == answer.raw
