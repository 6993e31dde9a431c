"""Figures of another year, another unit or another row: asked once, at the first of them; correct ones never."""

import os
import shutil
from pathlib import Path

import pytest

from flows.reading.records import Answer, Reading
from flows.store.store import Store
from tests.false_alarms import TOGETHER, YEARS, Villages, report

AREA = "民生保障"
EIGHT = Villages(8)
COUNT = int(os.environ.get("CUNHUI_FALSE_ALARMS", "300"))


@pytest.fixture(scope="module")
def first_year(tmp_path_factory) -> Path:
    """The store of eight villages after their first year."""
    path = tmp_path_factory.mktemp("first") / "cunhui.duckdb"
    with Store(path) as store:
        report(store, EIGHT, years=YEARS[:1])
    return path


@pytest.fixture
def found(first_year, tmp_path):
    """What is found with eight villages whose second year's readings are changed, as (name, code, grade, cell, …)."""

    def collect(change, years=YEARS):
        path = tmp_path / "cunhui.duckdb"
        if years == YEARS:
            shutil.copy(first_year, path)
        with Store(path) as store:
            frame = report(store, EIGHT, change, YEARS[1:])
            states = dict(store.rows("SELECT unit_name, state FROM submissions WHERE year = ?", [YEARS[1]]))
        return [
            (row.unit_name, row.code, row.grade, f"{row.sheet} {row.cell}", row.message) for row in frame.itertuples()
        ], states

    return collect


def of(reading: Reading, area: str | None = None) -> list[Answer]:
    """The answers of figures, of one area or of all."""
    return [one for one in reading.answers if one.kind != "text" and area in (None, one.sheet)]


def put(answer: Answer, raw: str) -> None:
    answer.raw, answer.kind = raw, "number" if raw else "blank"


def last_year_again(*areas: str | None):
    def change(readings):
        for area in areas:
            for one in of(readings["第0村"], area):
                put(one, one.last)

    return change


def test_whole_form_of_last_year_is_asked_once(found):
    [(name, code, grade, place, message)], states = found(last_year_again(None))

    assert (name, code, grade, place) == ("第0村", "LAST_YEAR_AGAIN", "核实", "基本情况 E7")
    assert "整份报表" in message
    assert [state for state in states.values() if state != "accepted"] == ["returned"]


def test_one_sheet_of_last_year_is_asked_once_and_named(found):
    [(name, code, _, place, message)], _ = found(last_year_again("特色产业"))

    assert (name, code, place) == ("第0村", "LAST_YEAR_AGAIN", "特色产业 E7")
    assert "“特色产业”表" in message


def test_sheets_where_little_moves_may_be_the_same_as_last_year(found):
    assert found(last_year_again("基本情况", "和美乡村"))[0] == []


def test_heads_swapped_on_one_sheet_are_told_from_figures_sent_again(found):
    def change(readings):
        for one in of(readings["第0村"], AREA):
            had = one.last
            one.last = one.raw
            put(one, had)

    [(name, code, grade, place, message)], _ = found(change)

    assert (name, code, grade, place) == ("第0村", "HEADS_SWAPPED", "核实", f"{AREA} E7")
    assert "表头对调" in message


def test_last_year_typed_over_is_noted_in_one_sentence_and_the_figures_count(found):
    def change(readings):
        for one in of(readings["第0村"], AREA)[:3]:
            one.last = str(int(one.last or 0) + 7)

    [(name, code, grade, place, message)], states = found(change)

    assert (name, code, grade, place) == ("第0村", "LAST_YEAR_CHANGED", "提示", f"{AREA} F7")
    assert all(f"{AREA} F{row}" in message for row in (7, 8, 9))
    assert set(states.values()) == {"accepted"}


def copy_of(other: str, area: str | None = None):
    def change(readings):
        for mine, theirs in zip(of(readings["第0村"], area), of(readings[other], area), strict=True):
            put(mine, theirs.raw)

    return change


def test_form_of_another_village_is_asked_naming_it_and_that_one_is_left_alone(found):
    [(name, code, grade, place, message)], _ = found(copy_of("第3村"))

    assert (name, code, grade, place) == ("第0村", "SAME_AS_OTHER", "核实", "基本情况 E7")
    assert "整份报表" in message and "与第3村所报的完全相同" in message


def test_one_sheet_of_another_village_is_asked(found):
    said, _ = found(copy_of("第3村", "特色产业"))

    [(name, message)] = [(name, message) for name, code, *_, message in said if code == "SAME_AS_OTHER"]
    assert name == "第0村" and "“特色产业”表" in message and "第3村" in message


def test_the_same_figures_in_other_rows_are_not_the_other_villages(found):
    def change(readings):
        copy_of("第3村", "特色产业")(readings)
        one, other = [each for each in of(readings["第0村"], "特色产业") if each.raw not in ("", "0")][:2]
        assert one.raw != other.raw
        was = one.raw
        put(one, other.raw)
        put(other, was)

    assert "SAME_AS_OTHER" not in {code for _, code, *_ in found(change)[0]}


def test_without_a_last_year_both_of_two_equal_villages_are_asked(found):
    said, _ = found(copy_of("第3村"), years=YEARS[1:])

    assert {(name, code) for name, code, *_ in said} == {("第0村", "SAME_AS_OTHER"), ("第3村", "SAME_AS_OTHER")}


def test_figures_that_most_villages_give_tell_nothing_of_copying(found):
    def change(readings):
        for reading in readings.values():
            for one, theirs in zip(of(reading, AREA), of(readings["第0村"], AREA), strict=True):
                one.last = theirs.last
                put(one, theirs.raw)

    assert {code for _, code, *_ in found(change, years=YEARS[1:])[0]} & {"SAME_AS_OTHER"} == set()


def rows_down(raws: list[str], by: int) -> list[str]:
    return raws[-by:] + raws[:-by]


@pytest.mark.parametrize("order", ["sorted", "down", "up", "down from the middle"])
def test_figures_in_other_rows_are_said_once_instead_of_all_that_follows(found, order):
    def change(readings):
        here = of(readings["第0村"], "防贫监测")
        raws = [one.raw for one in here]
        if order == "sorted":
            raws = sorted(raws, key=lambda raw: float(raw or -1), reverse=True)
        elif order == "down from the middle":
            raws = [*raws[:8], "", *raws[8:-1]]
        else:
            raws = rows_down(raws, 1 if order == "down" else -1)
        for one, raw in zip(here, raws, strict=True):
            put(one, raw)

    said, states = found(change)

    assert [(name, code, grade) for name, code, grade, *_ in said] == [("第0村", "ROWS_MOVED", "核实")], said
    assert states["第0村"] == "returned"


def test_both_columns_sorted_with_the_codes_left_are_told_by_last_year(found):
    def change(readings):
        here = of(readings["第0村"], "防贫监测")
        pairs = sorted(((one.raw, one.last) for one in here), key=lambda pair: float(pair[0] or -1))
        for one, (raw, last) in zip(here, pairs, strict=True):
            put(one, raw)
            one.last = last

    [(name, code, _, _, message)], _ = found(change)

    assert (name, code) == ("第0村", "ROWS_MOVED")
    assert "上年数" in message


def test_what_followed_from_moved_rows_is_said_again_when_they_are_explained(found):
    def change(readings):
        here = of(readings["第0村"], "防贫监测")
        raws = sorted((one.raw for one in here), key=lambda raw: float(raw or -1), reverse=True)
        for one, raw in zip(here, raws, strict=True):
            put(one, raw)
        for one in here:
            one.explanation = f"{one.indicator} 经村两委逐户核对，名册和台账都与此一致"

    said, states = found(change)

    codes = {code for _, code, *_ in said}
    assert "ROWS_MOVED" in codes and codes - {"ROWS_MOVED"}
    assert states["第0村"] == "returned"


def test_correct_reports_are_not_found_fault_with(tmp_path):
    with Store(tmp_path / "cunhui.duckdb") as store:
        found = report(store, Villages(COUNT))

    assert not (found["grade"] == "强制").any()
    assert found.loc[found["code"].isin(TOGETHER), "unit_code"].nunique() < COUNT / 100
