"""What a village saw and what its file holds: formulas saved by LibreOffice itself, odd formats, struck remarks."""

import io
import struct
import zipfile

import pytest
import xlsxwriter

from flows.reading.grid import read_book
from flows.reading.guard import open_package
from flows.reading.losses.comments import comments_of_part
from flows.reading.losses.formats import as_shown, number_format
from flows.reading.losses.xls_formulas import doubt_of
from tests.binary_tables import binary, record
from tests.libreoffice import saved_as
from tests.messy import FORM
from tests.text_tables import drawn, workbook

FORMULAS = {
    '="1"': "1", '=IF(1>0,"1","0")': "1", '=A1&""': "1", "=A1": "1",
    '=TEXT(12,"0")': "12", '=IF(1>0,LEFT("12",1),0)': "1",
}  # fmt: skip
"""Formulas that yield a text, and which."""
PLAIN = {"=1-1": 0, '=IF(A1="1",0,1)': 0, "=SUM(B1:B9)": 0, '=SUM(IF(1>0,0,"x"))': 0, "=3+4": 7}


@pytest.fixture(scope="module")
def saved_by_office(tmp_path_factory):
    """The formulas with their results, opened and saved by LibreOffice in each format."""
    folder = tmp_path_factory.mktemp("office")
    with xlsxwriter.Workbook(folder / "formulas.xlsx") as book:
        sheet = book.add_worksheet()
        for row, (formula, result) in enumerate((FORMULAS | PLAIN).items()):
            sheet.write_formula(row, 0, formula, None, result)
    saved = {format_: saved_as(format_, folder, [folder / "formulas.xlsx"]) for format_ in ("xls", "ods")}
    return {format_: read_book(path.read_bytes()).sheets[0] for format_, [path] in saved.items()}


def test_text_of_a_formula_that_became_a_zero_in_xls_is_no_answer(saved_by_office):
    kinds = [saved_by_office["xls"].answer(row, 1)[1] for row in range(1, len(FORMULAS) + 1)]
    assert kinds == ["formula_without_value"] * len(FORMULAS)


def test_number_of_a_formula_saved_by_office_is_an_answer(saved_by_office):
    rows = range(len(FORMULAS) + 1, len(FORMULAS) + len(PLAIN) + 1)
    for sheet in saved_by_office.values():
        assert [sheet.answer(row, 1) for row in rows] == [(str(value), "number") for value in PLAIN.values()]


def test_text_of_a_formula_is_read_in_open_document(saved_by_office):
    rows = range(1, len(FORMULAS) + 1)
    assert [saved_by_office["ods"].answer(row, 1)[0] for row in rows] == list(FORMULAS.values())


def test_formula_cut_short_is_no_doubt_and_no_crash():
    assert doubt_of(bytes(22)) is None
    assert doubt_of(bytes(20) + b"\x01\x00\x17") is None


@pytest.mark.parametrize("code", ["[>1.2.3]0", "0" + "," * 999, "0." + "0" * 300 + ",", '"', "[", "\\", "0;;;;;", "*"])
def test_odd_number_format_is_no_crash(code):
    shows = number_format(code)
    for value in ("1e308", "1e999999999", "-0.5", "nan", "", "x"):
        assert shows is None or shows.of_number(value) is None or shows.of_number(value)[1][0]
        as_shown(value, code + "9e999999999")


def test_struck_remark_is_no_explanation():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet, struck = book.add_worksheet(), book.add_format({"font_strikeout": True})
        sheet.write(0, 0, "外迁7人", struck)
        sheet.write_rich_string(1, 0, struck, "外迁7人", "实有9人")
    page = read_book(buffer.getvalue()).sheets[0]
    assert [page.remark(1, 1), page.remark(2, 1)] == ["", "实有9人"]


def test_comment_in_a_binary_workbook_is_said_with_its_cell():
    """No library at hand writes comments in the format: records as [MS-XLSB] has them beside the sheet's own."""
    text = "含 99 户外来户"
    place = struct.pack("<I", 0) + struct.pack("<IIII", 3, 3, 4, 4) + bytes(16)
    words = b"\0" + struct.pack("<I", len(text)) + text.encode("utf-16-le")
    comments = record(635, place) + record(637, words) + record(636)
    type_ = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
    relation = f'<Relationships><Relationship Id="rId1" Type="{type_}" Target="../comments1.bin"/></Relationships>'
    buffer = io.BytesIO(binary(drawn(FORM)))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("xl/worksheets/_rels/sheet2.bin.rels", relation)
        archive.writestr("xl/comments1.bin", comments)
    package = open_package(buffer.getvalue())
    assert comments_of_part(package, "xl/worksheets/sheet2.bin") == {(4, 5): text}
    assert read_book(buffer.getvalue()).sheets[1].looks.comments == {(4, 5): text}
    assert comments_of_part(package, "xl/worksheets/sheet3.bin") == {}


@pytest.mark.parametrize("part", [b"<comments", b"<comments><comment ref='?'/></comments>", b""], ids=str)
def test_comments_that_cannot_be_read_are_no_reason_to_refuse_the_figures(part):
    type_ = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
    relation = f'<Relationships><Relationship Id="rId1" Type="{type_}" Target="../comments1.xml"/></Relationships>'
    buffer = io.BytesIO(workbook(FORM))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("xl/worksheets/_rels/sheet2.xml.rels", relation)
        archive.writestr("xl/comments1.xml", part)
    assert read_book(buffer.getvalue()).sheets[1].looks.comments == {}
