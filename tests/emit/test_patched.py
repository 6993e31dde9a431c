"""Somebody else's workbook with a few cells changed: what was not asked for stays as it came, byte for byte."""

import io
import re
import zipfile
from collections.abc import Callable
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.styles import Font, PatternFill

from flows.emit.workbook.patched import NotPatchable, Patched

SHEET = "xl/worksheets/sheet1.xml"
WORKBOOK = "xl/workbook.xml"


@pytest.fixture(scope="module")
def sent() -> bytes:
    """A form with rows 2, 5 and 8 only, a formula, a row and a column that are dressed."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "表"
    sheet["B2"], sheet["D2"], sheet["B5"], sheet["C5"], sheet["B8"] = "户数", 3, "合计", "=D2*2", "末行"
    sheet.column_dimensions["D"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet.row_dimensions[8].font = Font(bold=True)
    buffer = io.BytesIO()
    book.save(buffer)
    return changed(
        buffer.getvalue(), SHEET, lambda text: text.replace("<v></v>", "<v>6</v>").replace("<v />", "<v>6</v>")
    )


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(data: bytes, name: str, change: Callable[[str], str]) -> bytes:
    parts = parts_of(data)
    parts[name] = change(parts[name].decode()).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for each, part in parts.items():
            archive.writestr(each, part)
    return buffer.getvalue()


def put(data: bytes, *cells: tuple[int, int, object]) -> openpyxl.worksheet.worksheet.Worksheet:
    book = Patched(data)
    for row, column, value in cells:
        book.sheet("表").put((row, column), value)
    return openpyxl.load_workbook(io.BytesIO(book.save()))["表"]


def test_cells_are_put_before_between_and_after_what_there_is_and_nothing_else_moves(sent: bytes) -> None:
    found = put(sent, (1, 1, "首"), (2, 3, 7), (3, 2, Decimal("0.50")), (8, 1, "前"), (9, 2, "后"), (5, 2, None))
    assert [[cell.value for cell in row] for row in found["A1:D9"]] == [
        ["首", None, None, None],
        [None, "户数", 7, 3],
        [None, 0.5, None, None],
        [None] * 4,
        [None, None, "=D2*2", None],
        [None] * 4,
        [None] * 4,
        ["前", "末行", None, None],
        [None, "后", None, None],
    ]


def test_new_cell_looks_as_its_row_or_else_its_column_does(sent: bytes) -> None:
    found = put(sent, (8, 4, 1), (3, 4, 2), (3, 5, 3))
    assert (found["D8"].font.bold, found["D8"].fill.fill_type) == (True, None)
    assert (found["D3"].font.bold, found["D3"].fill.fill_type) == (False, "solid")
    assert (found["E3"].font.bold, found["E3"].fill.fill_type) == (False, None)


@pytest.mark.parametrize("words", ["=1+1", "+86", " 前后有空格 ", "<a>&", "第一行\n第二行"])
def test_what_anybody_typed_stays_the_same_text(sent: bytes, words: str) -> None:
    cell = put(sent, (2, 2, words))["B2"]
    assert (cell.value, cell.data_type) == (words, "s")


def test_what_no_workbook_can_hold_is_left_out_of_a_text(sent: bytes) -> None:
    assert put(sent, (2, 2, "a\x00\x1b\ufffeb"))["B2"].value == "ab"
    assert len(put(sent, (2, 2, "长" * 40_000))["B2"].value) == 32_767


def test_parts_that_are_not_changed_stay_byte_for_byte(sent: bytes) -> None:
    book = Patched(sent)
    assert book.sheet("表").holds_formula((5, 3)) and not book.sheet("表").holds_formula((2, 2))
    book.sheet("表").put((2, 4), 4)
    before, after = parts_of(sent), parts_of(book.save())
    assert {name for name in before if before[name] != after[name]} == {SHEET} and before.keys() == after.keys()


def test_formulas_forget_their_results_and_are_worked_out_when_opened(sent: bytes) -> None:
    book = Patched(sent)
    assert b"<v>6</v>" in book.part(SHEET)
    book.recalculate()
    book.recalculate()
    after = parts_of(book.save())
    assert b"<v>6</v>" not in after[SHEET] and b"<v>3</v>" in after[SHEET]
    assert after[WORKBOOK].count(b"calcPr") == 1 and b'fullCalcOnLoad="1"' in after[WORKBOOK]


def test_workbook_that_says_nothing_of_calculating_gets_it_where_it_belongs(sent: bytes) -> None:
    extended = "<extLst/></workbook>"
    bare = changed(sent, WORKBOOK, lambda text: re.sub(r"<calcPr[^>]*/>", "", text).replace("</workbook>", extended))
    book = Patched(bare)
    book.recalculate()
    assert re.search(rb"<calcPr [^>]*/>\s*<extLst", parts_of(book.save())[WORKBOOK])


def test_property_noted_again_replaces_the_one_before_and_leaves_others(sent: bytes) -> None:
    book = Patched(sent)
    for name, value in (("one", "a"), ("other", "b"), ("one", "c")):
        book.note_property(name, value)
    again = Patched(book.save())
    again.note_property("one", "d")
    found = openpyxl.load_workbook(io.BytesIO(again.save())).custom_doc_props
    assert {each.name: each.value for each in found.props} == {"one": "d", "other": "b"}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (SHEET, lambda text: re.sub(r"<sheetData>.*</sheetData>", "", text, flags=re.DOTALL)),
        (SHEET, lambda text: text.replace('<row r="5"', "<row")),
        (SHEET, lambda text: text.replace(' r="B2"', "")),
        (SHEET, lambda text: text[:-20]),
        (WORKBOOK, lambda text: text.replace("表", "别的表")),
        (WORKBOOK, lambda text: text.replace("http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                                             "http://purl.oclc.org/ooxml/spreadsheetml/main")),
    ],
    ids=["no rows", "rows without numbers", "cells without references", "cut", "another sheet", "strict"],
)  # fmt: skip
def test_what_is_not_written_as_usual_is_not_patched(sent: bytes, name: str, change: Callable[[str], str]) -> None:
    odd = changed(sent, name, change)
    assert odd != sent
    with pytest.raises(NotPatchable):
        put(odd, (2, 3, 1))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut"])
def test_what_is_no_package_is_not_patched(data: bytes) -> None:
    with pytest.raises(NotPatchable):
        Patched(data)
