"""Rows put into a workbook: what stands under them moves, and all that points there points to where it is now."""

import io
import zipfile

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

from flows.emit.workbook.made_room import Room, make_room
from flows.emit.workbook.patched import NotPatchable, Patched
from tests.text_tables import drawn, saved

ROOM = Room("表", 6, 7, 3)


@pytest.mark.parametrize(
    ("formula", "here", "growing", "moved"),
    [
        ("C8+$D$9-C5", "表", "always", "C11+$D$12-C5"),
        ("SUM(C6:C7)/C7", "表", "always", "SUM(C6:C10)/C7"),
        ("SUM(C7:G7)", "表", "fixed", "SUM(C7:G7)"),  # what a row works out of itself
        ("C7/SUM(C$6:C$7)", "表", "fixed", "C7/SUM(C$6:C$10)"),
        ("C7/C$8", "表", "fixed", "C7/C$11"),
        ("LOG10(C5)+ATAN2(C5,C6)", "表", "always", "LOG10(C5)+ATAN2(C5,C6)"),
        ('IF(C8>0,"见C8","")', "表", "always", 'IF(C11>0,"见C8","")'),
        ("SUM(8:8)+SUM(C:C)", "表", "always", "SUM(11:11)+SUM(C:C)"),
        ("C8+表!C8+别表!C8+'表'!$C$8", "总表", "always", "C8+表!C11+别表!C8+'表'!$C$11"),
        ("C8+别表!C8+合计数8", "表", "always", "C11+别表!C8+合计数8"),
        ("表!$A$1:$G$7", "", "always", "表!$A$1:$G$10"),
    ],
)
def test_reference_moves_with_its_cell_and_nothing_else_does(formula, here, growing, moved):
    assert ROOM.in_formula(formula, here, growing) == moved


def test_several_references_of_one_attribute_each_move():
    assert ROOM.moved("A1:B7 C8 D6", "always") == "A1:B10 C11 D6"
    assert (ROOM.under((7, 1)), ROOM.under((8, 1))) == ((7, 1), (11, 1))


def test_formula_that_cannot_be_taken_apart_is_not_guessed_at():
    with pytest.raises(NotPatchable):
        ROOM.in_formula('C8&"', "表", "always")


@pytest.fixture(scope="module")
def made():
    """Two rows of villages and their total, a sheet that is worked out of it, a name; then three rows more."""
    book = drawn(
        """
        == 表
        | 甲 | | 户 | 人 | 计 | 比 |
        | 一 | | | | | |
        | 二 | | | | | |
        | 三 | | | | | |
        | 四 | | | | | |
        | 1 | | 1 | 2 | =C6+D6 | =C6/SUM(C$6:C$7) |
        | 2 | | 3 | 4 | =SUM(C7:D7) | =C7/SUM(C$6:C$7) |
        | 合计 | | =SUM(C6:C7) | =SUM(D6:D7) | =LOG10(C8) | |
        | 注 | | | | | |
        ~ A9:F9
        == 总表
        | 全镇 | =表!C8 | =SUM(表!D6:D7) | ="见 C8" |
        """
    )
    book.defined_names["范围"] = DefinedName("范围", attr_text="表!$A$1:$F$7")
    patched = Patched(_shared(saved(book)))
    make_room(patched, ROOM)
    return openpyxl.load_workbook(io.BytesIO(patched.save()))


def _shared(data: bytes) -> bytes:
    """The workbook as Excel writes it where one formula is filled down: the second cell says only whose it shares."""
    source, buffer = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                first, second = b"<f>C6/SUM(C$6:C$7)</f>", b"<f>C7/SUM(C$6:C$7)</f>"
                assert first in part and second in part
                part = part.replace(first, b'<f t="shared" ref="F6:F7" si="0">C6/SUM(C$6:C$7)</f>')
                part = part.replace(second, b'<f t="shared" si="0"/>')
            out.writestr(name, part)
    return buffer.getvalue()


def test_new_rows_work_out_what_the_last_one_does_and_the_total_takes_them_in(made):
    sheet = made["表"]
    assert [sheet.cell(row, 5).value for row in range(6, 12)] == [
        "=C6+D6", "=SUM(C7:D7)", "=SUM(C8:D8)", "=SUM(C9:D9)", "=SUM(C10:D10)", "=LOG10(C11)",
    ]  # fmt: skip
    assert [sheet.cell(row, 6).value for row in (6, 8, 10)] == [f"=C{row}/SUM(C$6:C$10)" for row in (6, 8, 10)]
    assert (sheet["C11"].value, sheet["D11"].value, sheet["A12"].value) == ("=SUM(C6:C10)", "=SUM(D6:D10)", "注")
    assert [str(each) for each in sheet.merged_cells.ranges] == ["A12:F12"]
    assert [sheet.cell(8, column).value for column in (1, 3, 4)] == [None, None, None]


def test_other_sheets_and_names_point_to_where_the_cells_are_now(made):
    assert [cell.value for cell in made["总表"][1]] == ["全镇", "=表!C11", "=SUM(表!D6:D10)", '="见 C8"']
    assert made.defined_names["范围"].attr_text == "表!$A$1:$F$10"
