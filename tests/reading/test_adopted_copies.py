"""Forms as the program adopts them, of every build, filled in and read again: what was typed comes back."""

import io
from collections.abc import Callable

import openpyxl
import pytest

from flows.adopt.entries import area_names, entries
from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.records import Reading, Wanted, WantedForm, WantedIndicator, WantedList
from schemas.adopted import AdoptedForm
from tests.adopt import forms
from tests.adopt.pages import found
from tests.reading.test_filled import _put_in
from tests.text_tables import saved


def adopted(made: Callable) -> tuple[bytes, AdoptedForm]:
    data, _ = made()
    form = found(data)
    return data, entries(form, None, area_names(form, ())).form


def words_of(form: AdoptedForm) -> Words:
    blocks = [block for sheet in form.sheets for block in sheet.blocks]
    singles = [answer for block in blocks if block.orientation != "list" for answer in block.answers]
    lists = {
        block.list_code: WantedList("项目", {answer.code: answer.name for answer in block.answers})
        for block in blocks
        if block.orientation == "list"
    }
    indicators = {answer.code: WantedIndicator(answer.name, "表", "") for answer in singles}
    village = WantedForm(tuple(indicators), tuple(lists))
    return Words(Wanted(indicators, lists, {"village": village}, (form,)))


def fill(data: bytes, form: AdoptedForm) -> tuple[openpyxl.Workbook, dict[str, str]]:
    """Every answer with a figure of its own, or one of its choices; what was typed, by code."""
    book, typed = openpyxl.load_workbook(io.BytesIO(data)), {}
    answers = [(sheet, block, a) for sheet in form.sheets for block in sheet.blocks for a in block.answers]
    for number, (sheet, block, answer) in enumerate(answers, start=1):
        cell = book[sheet.name].cell(*answer.place)
        if not answer.holds.startswith("="):
            value = answer.choices[0][0] if answer.choices else 7000 + 13 * number
            cell.value = value
            typed[answer.code] = str(value)
        for one in block.unit_columns:
            book[sheet.name].cell(block.first_row, one.column).value = "东风村"
    return book, typed


def said(reading: Reading) -> dict[str, str]:
    whole = reading.each()[0]
    cells = {cell.column: cell.raw for cell in whole.list_cells if cell.kind != "blank"}
    return {a.indicator: a.raw for a in whole.answers if a.kind not in ("blank", "formula_without_value")} | cells


def _everywhere(axis: str, at: int) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        for number, sheet in enumerate(book.worksheets):
            sheet.title = f"Sheet{number + 7}"
            _put_in(sheet, axis, at)

    return change


CHANGES = {
    "as sent": lambda book: None,
    "rows above": _everywhere("row", 1),
    "a column at the left": _everywhere("col", 1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("made", [forms.vertical, forms.wide, forms.several], ids=["vertical", "wide", "several"])
def test_adopted_form_filled_in_gives_back_what_was_typed(made: Callable, change: Callable) -> None:
    data, form = adopted(made)
    book, typed = fill(data, form)
    change(book)

    reading = read_inside(saved(book), words_of(form), "a.xlsx", "ab" * 32)

    got = said(reading)
    wrong = {code: (raw, typed.get(code)) for code, raw in got.items() if raw != typed.get(code)}
    assert not wrong
    problems = [(f.code, f.cell, f.details) for part in reading.each() for f in part.findings if f.level != "提示"]
    assert sorted(typed.keys() - got.keys()) == [] and problems == []
