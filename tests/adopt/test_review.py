"""核对表.xlsx as it is drawn: the form's own cells in the colours of what was understood, merged and hidden alike."""

from pathlib import Path

import openpyxl
import pytest

from flows.adopt.found import INFERRED, UNSURE
from flows.adopt.review import COLOURS, write_review
from flows.adopt.review_rows import ANSWER_HEADS, ANSWERS, TABLES
from flows.adopt.reviewed import read_review
from schemas.errors import InputError
from tests.adopt.pages import blank
from tests.adopt.pages import found as found_in
from tests.text_tables import drawn, saved

FORM = """
== 收支
| 村集体收支情况表 | | | |
| 指标名称 | 代码 | 计量单位 | 本年 |
| 总收入 | "01" | 元 | |
| 经手的 | "02" | | |
| 约定俗成 | "03" | 元 | |
~ A1:D1
"""


@pytest.fixture(scope="module")
def review(tmp_path_factory) -> Path:
    book = drawn(FORM)
    book["收支"].row_dimensions[5].hidden = True
    data = saved(book)
    path = tmp_path_factory.mktemp("review") / "核对表.xlsx"
    write_review([found_in(data)], [blank(data)], path, taken=["村集体收支情况表"])
    return path


def test_copy_of_a_form_is_coloured_by_evidence_and_merged_and_hidden_as_the_form_is(review: Path) -> None:
    copy = openpyxl.load_workbook(review)["表样1-1"]

    colours = {cell: copy[cell].fill.fgColor.rgb[2:] for cell in ("D3", "D4", "B3")}
    assert colours == {"D3": COLOURS[INFERRED][1:], "D4": COLOURS[UNSURE][1:], "B3": "000000"}
    assert [str(area) for area in copy.merged_cells.ranges] == ["A1:D1"] and copy["A1"].value == "村集体收支情况表"
    assert copy.row_dimensions[5].hidden


def test_every_answer_links_to_its_cell_and_an_area_that_there_is_gets_another_name(review: Path) -> None:
    book = openpyxl.load_workbook(review)

    rows = list(book[ANSWERS].iter_rows(min_row=2))
    where = ANSWER_HEADS.index("单元格")
    assert [(row[where].value, row[where].hyperlink.location) for row in rows] == [
        ("D3", "'表样1-1'!D3"), ("D4", "'表样1-1'!D4"),
    ]  # fmt: skip
    assert [row[4].value for row in book[TABLES].iter_rows(min_row=2)] == ["村集体收支情况表2"]


def test_review_untouched_and_unsure_is_not_read_as_agreed(review: Path) -> None:
    with pytest.raises(InputError, match=r"D4 经手的.*还没有改正或确认"):
        read_review(review)
