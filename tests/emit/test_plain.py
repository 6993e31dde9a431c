"""A workbook written straight as XML, read back by openpyxl and calamine."""

import io
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from flows.emit.workbook.plain import Part, Sheet, frame_of, part_name, parts_of, zipped
from flows.emit.workbook.styles import NUMBER, TEXT, Ink, Pen

STAMP = datetime(2023, 12, 31)


def packed(*sheets: Sheet, ink: Ink) -> bytes:
    parts = frame_of(sheets, ink.xml(), "表", "某镇", STAMP)
    return zipped(parts | {part_name(number): Part.of(sheet.xml()) for number, sheet in enumerate(sheets)})


def drawn(*values: object, title: str = "表") -> bytes:
    ink, sheet = Ink(), Sheet(title)
    Pen(sheet, ink).line(1, values, [NUMBER.but(number="0.00") if isinstance(v, Decimal) else TEXT for v in values])
    return packed(sheet, ink=ink)


SAID = {
    "markup": "<b>&amp;\"'</b>",
    "spaces": "  前后 ",
    "lines": "一\n二",
    "an escape of spreadsheets": "_x0041_ 不是 A",
    "a formula": "=1+1",
}


@pytest.mark.parametrize("text", SAID.values(), ids=SAID.keys())
def test_text_stays_what_it_is(text):
    cell = openpyxl.load_workbook(io.BytesIO(drawn(text))).worksheets[0]["A1"]
    said = cell.value.replace("_x005F_", "_")  # openpyxl alone leaves the escape as it is written
    assert (said, cell.data_type, cell.quotePrefix) == (text, "s", text.startswith("="))


def test_numbers_are_written_exactly_and_read_by_two_readers():
    values = Decimal("12345678901.2345"), Decimal("5004.0000"), Decimal("1E+2"), 7, datetime(2024, 1, 5, 10, 30)
    data = drawn(*values)
    assert b"<v>12345678901.2345</v>" in Sheet("表", rows={1: {1: (0, values[0])}}).xml()
    read = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0][1]]
    assert read == [12345678901.2345, 5004, 100, 7, pytest.approx(45296.4375)]
    [row] = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert row[:4] == [12345678901.2345, 5004.0, 100.0, 7.0]


def test_empty_cells_keep_their_looks_and_merged_ones_all_of_them():
    ink, sheet = Ink(), Sheet("表")
    Pen(sheet, ink).put(2, 2, "", TEXT, rows=2, columns=2)
    read = openpyxl.load_workbook(io.BytesIO(packed(sheet, ink=ink))).worksheets[0]
    assert [str(area) for area in read.merged_cells.ranges] == ["B2:C3"]
    assert read["B2"].value is None and read["B2"].border.left.style == "thin"


def test_a_title_of_odd_characters_names_its_printed_rows():
    sheet = Sheet("甲'<乙>&")
    sheet.printing.title_rows, sheet.printing.title_columns = (3, 4), 2
    sheet.printing.areas = ("A1:C9", "D1:F9")
    read = openpyxl.load_workbook(io.BytesIO(packed(sheet, ink=Ink())))["甲'<乙>&"]
    assert (read.print_title_rows, read.print_title_cols) == ("$3:$4", "$A:$B")
    assert read.print_area == "'甲''<乙>&'!$A$1:$C$9,'甲''<乙>&'!$D$1:$F$9"


def test_parts_taken_over_as_they_are_packed_give_the_same_file():
    data = drawn("一", Decimal("2.5"))
    assert zipped(parts_of(data)) == data


def test_a_sheet_packed_some_at_a_time_is_the_same_bytes_and_its_cells_are_let_go():
    ink, sheet = Ink(), Sheet("表")
    pen = Pen(sheet, ink)
    for row in range(1, 3_000):
        pen.line(row, ["村名", Decimal(row), None, "一\n二"], [TEXT, NUMBER, NUMBER, TEXT])
    assert Part.of_pieces(sheet.pieces()) == Part.of(sheet.xml())
    sheet.let_go()
    assert (sheet.title, sheet.rows) == ("表", {})
