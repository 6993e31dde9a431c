"""The summary workbook as a file: safe to open, the same twice, whole or not at all, and cut into pages that fit."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.emit.summary.paper import cut
from flows.emit.summary.summary import write_summary
from tests.books import make_book, row_of, settings, written

HOSTILE = "=cmd|'/c calc'!A1"


def test_text_from_people_is_never_a_formula(book, catalogue, tmp_path):
    villages = [replace(book.villages[0], name=HOSTILE), *book.villages[1:]]
    arrivals = [replace(book.arrivals[0], name="+1", file="@SUM(A1)"), *book.arrivals[1:]]
    cells = {**book.rows[0].cells, "L402": HOSTILE, "L101": HOSTILE}
    rows = [replace(row, cells=cells if row.list in ("L1", "L4") else row.cells, unit_name="-2+3") for row in book.rows]
    path = tmp_path / "汇总表.xlsx"
    write_summary(path, replace(book, villages=villages, arrivals=arrivals, rows=rows), catalogue, settings())
    with ZipFile(path) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any("<f>" in sheet or "<f " in sheet for sheet in sheets)
    cell = openpyxl.load_workbook(path)["耕地粮食"].cell(6, 1)
    assert (cell.value, cell.data_type, cell.quotePrefix) == (HOSTILE, "s", True)


def test_control_characters_and_endless_texts_are_cut_not_fatal(book, catalogue, tmp_path):
    arrivals = [replace(book.arrivals[0], file="a\x00\x0bb" + "长" * 40_000), *book.arrivals[1:]]
    workbook = written(tmp_path, replace(book, arrivals=arrivals), catalogue)
    assert workbook["收报情况"].cell(4, 5).value.startswith("ab长")


MAKE = """
import sys
from pathlib import Path
from schemas.catalogue import Catalogue
from flows.emit.summary.summary import write_summary
from tests.books import make_book, settings
catalogue = Catalogue()
write_summary(Path(sys.argv[1]), make_book(catalogue), catalogue, settings())
"""


def test_the_same_book_gives_the_same_bytes(book, catalogue, tmp_path):
    """Also in another process, where texts hash otherwise."""
    write_summary(tmp_path / "here.xlsx", book, catalogue, settings())
    root = Path(__file__).parents[2]
    call = [sys.executable, "-c", MAKE, str(tmp_path / "there.xlsx")]
    subprocess.run(call, cwd=root, env={**os.environ, "PYTHONHASHSEED": "1"}, check=True)
    assert (tmp_path / "here.xlsx").read_bytes() == (tmp_path / "there.xlsx").read_bytes()


def test_a_failure_leaves_the_last_workbook_and_no_scraps(book, catalogue, tmp_path, monkeypatch):
    path = tmp_path / "汇总表.xlsx"
    path.write_bytes(b"last")
    monkeypatch.setattr("flows.files.os.replace", lambda *_: (_ for _ in ()).throw(OSError("open in Excel")))
    with pytest.raises(OSError, match="open in Excel"):
        write_summary(path, book, catalogue, settings())
    assert path.read_bytes() == b"last" and list(tmp_path.iterdir()) == [path]


@given(st.lists(st.tuples(st.integers(5, 40), st.booleans()), min_size=1, max_size=60), st.integers(45, 200))
def test_pages_hold_every_column_once_and_fit_the_paper(columns, room):
    widths, joined = [float(width) for width, _ in columns], [mark for _, mark in columns]
    pages = cut(widths, joined, room)
    assert [number for first, after in pages for number in range(first, after)] == list(range(len(widths)))
    assert all(sum(widths[first:after]) <= room for first, after in pages)


def test_items_of_a_whole_stay_on_its_page():
    assert cut([10, 10, 10, 10], [False, False, True, True], 35) == [(0, 1), (1, 4)]


def test_two_hundred_units_still_print(catalogue, tmp_path):
    workbook = written(tmp_path, make_book(catalogue, count=200), catalogue)
    sheet = workbook["耕地粮食"]
    assert len(sheet.row_breaks.brk) >= 3 and sheet.print_title_rows
    assert row_of(sheet, "合计") > 200
