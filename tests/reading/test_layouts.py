"""A sheet that prints what another one did is read as if no other had ever been seen."""

import datetime
import os
from collections.abc import Callable, Sequence

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.reading.grid import Book, Sheet, read_book
from flows.reading.locate import layouts as remembered
from flows.reading.locate.layouts import Layouts, layouts_of
from flows.reading.locate.locate import locate
from flows.reading.locate.pages import page_of
from flows.reading.locate.vocabulary import GLOSSARY, Words
from flows.reading.losses.lost import Lost
from flows.reading.records import Reading
from flows.reading.wanted import wanted_of
from tests.office import CATALOGUE, SAMPLE

EXAMPLES = int(os.environ.get("CUNHUI_MESS_EXAMPLES", "40"))
"""The same ones every time, unless another number is asked for."""
YEAR = 2023
WANTED = wanted_of(CATALOGUE, YEAR)
ENTRIES = (
    0.0, 5.0, -3.0, 12.5, 1e20, float("inf"), "", " ", "\u200b", "无", "0", "１２户", "5", "约20", "5.5万元", True, 7,
    datetime.date(2024, 1, 9), "2023", "2023年", "A07", "J01", "L101", "合计", "其中：户", "本年数", "上年数", "序号",
    "指标名称", "指标代码", "计量单位", "说明", "填报口径", "单位：元", "单位：公顷", "万元", "填报单位：西沟村", "-",
    "单位名称", "审核人：张三", "联系电话", "手机", "东湖村村民委员会（盖章）", "村委会", "12个指标", "供查阅", "×",
    "有几个填几行", "总户数", "本村无此类项目", "例：某项目", "2024年1月9日", "（一）", "1．只填数字。", "unit_code",
    "kind", "长" * 300, "填报单位：西沟村村委会（盖章）", "填报单位：西沟村　填表人：李四", "填报单位：",
    "填报单位：西沟村，单位：元",
)  # fmt: skip
SHEETS = ("封面", "党的建设", "耕地粮食", "村集体经济项目", "_cunhui")
"""A sheet of each sort, for a whole book costs three times as much."""


def book_of(village: str) -> Book:
    book = read_book((SAMPLE / str(YEAR) / "submissions" / f"{village}.xlsx").read_bytes(), (GLOSSARY,))
    return Book(book.format, [sheet for sheet in book.sheets if sheet.name in SHEETS], book.properties, book.names)


BOOKS = [book_of(village) for village in ("三湾村", "南川村", "将台村")]


class Never(Layouts):
    """Knows no sheet and remembers none."""

    def page_of(self, sheet: Sheet):
        return page_of(sheet, self._words)

    def learn(self, pages, form, whose) -> None:
        pass


def words(layouts: Callable[[Words], Layouts]) -> Words:
    made = Words(WANTED)
    made.layouts.append(layouts(made))
    return made


FORGETFUL = words(Never)


def read(book: Book, by: Words) -> bytes:
    return msgspec.json.encode(locate(book, by, Reading("", "一村.xlsx")))


def again(sheet: Sheet, rows: Sequence[Sequence] | None = None, visible: bool | None = None, **looks) -> Sheet:
    """The sheet made anew, with other rows or looks where they are given."""
    made = [list(row) for row in (sheet.rows if rows is None else rows)]
    shown = sheet.visible if visible is None else visible
    return Sheet(sheet.name, shown, sheet.top, sheet.left, made, Lost(**{"merges": [*sheet.looks.merges], **looks}))


def put(book: Book, written: Sequence[tuple[str, int, int, object]]) -> Book:
    """The book with that written into its sheets, by row and column from 0."""

    def change(sheet: Sheet) -> Sheet:
        rows = [list(row) for row in sheet.rows]
        for name, row, column, value in written:
            if name == sheet.name and row < len(rows) and column < len(rows[row]):
                rows[row][column] = value
        return again(sheet, rows)

    return Book(book.format, [change(sheet) for sheet in book.sheets], dict(book.properties), list(book.names))


def known(book: Book, by: Words) -> set[str]:
    return {sheet.name for sheet in book.sheets if layouts_of(by).page_of(sheet).known}


@pytest.fixture(scope="module")
def taught() -> Words:
    made = words(Layouts)
    for book in BOOKS:
        read(book, made)
    return made


def test_sheets_of_another_village_are_known_but_for_their_entries_in_lists(taught):
    assert known(put(BOOKS[1], ()), taught) == set(SHEETS[:4])
    assert known(put(BOOKS[1], [(SHEETS[3], 8, 1, "某项目")]), taught) == set(SHEETS[:3])


TABLE = "党的建设"


@pytest.mark.parametrize("value", [5.0, 12.5, "", "无", "约20户", "１２户"])
def test_sheet_is_known_whatever_figure_is_filled_in(taught, value):
    assert TABLE in known(put(BOOKS[0], [(TABLE, 6, 4, value)]), taught)


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [(6, 1, "主题党日次数（次）"), (6, 3, "A08"), (6, 2, "万元"), (6, 0, True), (5, 4, "本年数（预计）"), (6, 4, "A09"),
     (6, 4, "2023年"), (6, 5, "合计"), (6, 6, 5.0), (6, 6, "东湖村村民委员会（盖章）"), 
     (4, 0, "填报单位：西沟村　单位：元"), (4, 0, "填报单位：西沟村村委会（盖章）"), (1, 1, "某"), (6, 4, True)],
)  # fmt: skip
def test_sheet_that_prints_anything_else_is_not_known(taught, row, column, value):
    assert TABLE not in known(put(BOOKS[0], [(TABLE, row, column, value)]), taught)


@pytest.mark.parametrize(
    "other",
    [{"visible": False}, {"struck": {(7, 5)}}, {"comments": {(7, 5): "待核"}}, {"merges": [(7, 5, 8, 5)]},
     {"otherwise": {(7, 5): ("5", "number")}}, {"always": {(7, 5): ("=A1", "formula_without_value")}}],
    ids=str,
)  # fmt: skip
def test_sheet_that_looks_otherwise_is_not_known(taught, other):
    sheet = next(sheet for sheet in BOOKS[0].sheets if sheet.name == TABLE)
    assert layouts_of(taught).page_of(again(sheet)).known
    assert layouts_of(taught).page_of(again(sheet, **other)).known is None


def test_figure_beside_a_blank_is_asked_about_though_the_sheet_was_seen_before(taught):
    book = put(BOOKS[0], [(TABLE, 6, 4, ""), (TABLE, 6, 6, "12")])
    assert b"VALUE_ASIDE" in read(book, taught)


def test_sheet_that_is_found_fault_with_is_not_remembered():
    made, book = words(Layouts), put(BOOKS[0], [(TABLE, 6, 1, "总户数")])
    read(book, made)
    assert TABLE not in known(book, made)
    assert known(book, made)


def test_names_that_never_come_again_are_forgotten(monkeypatch):
    monkeypatch.setattr(remembered, "MOST_NAMES", 3)
    layouts = layouts_of(words(Layouts))
    sheets = [again(BOOKS[0].sheets[1]) for _ in range(9)]
    for number, sheet in enumerate(sheets):
        sheet.name = f"表{number}"
        layouts.learn([layouts.page_of(sheet)], WANTED.forms["village"], ("village", False))
        assert len(layouts._known) <= 4
    assert layouts.page_of(sheets[-1]).known


@st.composite
def entries(draw) -> list[tuple[str, int, int, object]]:
    """What is written where: most of it into the columns of figures and reasons, some over anything that is printed."""
    columns = st.one_of(st.sampled_from((4, 5, 6, 1)), st.integers(0, 6))
    one = st.tuples(st.sampled_from(SHEETS), st.integers(2, 38), columns, st.sampled_from(ENTRIES))
    return draw(st.lists(one, min_size=1, max_size=8))


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.integers(0, len(BOOKS) - 1), entries())
def test_whatever_is_written_into_a_form_is_read_as_without_layouts(taught, number, written):
    book = put(BOOKS[number], written)
    assert read(book, taught) == read(book, FORGETFUL)
