"""Checks and splits made of the catalogue's declarations, and the frames that pandera judges by them."""

from decimal import Decimal

import pandas as pd
import pytest

from schemas.checks import Outlier, Related, Required, Within, YearOnYear, checks_of, doubts_of
from schemas.columns import Columns
from schemas.frames import check_values, failures
from schemas.records import Relation
from schemas.splits import splits_of
from tests.office import CATALOGUE, scaled

YEAR = 2023
NAMES = {code: item.name for code, item in CATALOGUE.indicators.items()}


def relation(words: str, at: str = "unit", grade: str = "强制") -> Relation:
    left, sign, right = words.split(" ", 2)
    return Relation(id=words, left=left, relation=sign, right=right, words=words, grade=grade, at=at)


def failed(check, residual) -> list[int]:
    return [place for place, _ in failures([check], [residual])]


def columns(**figures: list) -> Columns:
    cells = [(row, code, scaled(each)) for code, column in figures.items() for row, each in enumerate(column)]
    row, code, value = zip(*cells, strict=True)
    rows = range(max(row) + 1)
    return Columns.of(rows, list(figures), pd.Series(row), pd.Series(code), pd.Series(value, dtype="Int64"))


@pytest.mark.parametrize(
    ("words", "wrong"), [("I01 <= I02", [0]), ("I01 >= I02", [1]), ("I01 == I02", [0, 1]), ("I01 requires I02", [3])]
)
def test_relation_fails_where_its_sign_does_not_hold_and_passes_where_a_figure_is_blank(words, wrong):
    frame = columns(I01=[85, 10, 5, 7, None], I02=[62, 12, 5, None, 3])
    check = Related(relation(words), NAMES)
    assert failed(check, check.residual(frame)) == wrong


def test_relation_that_fails_says_both_sides_and_the_difference():
    told = Related(relation("I01 <= I02"), NAMES).finding({"I01": scaled(112), "I02": scaled(85)})
    assert told.code == "RELATION"
    assert NAMES["I01"] in told.details["found"] and "112" in told.details["found"] and "85" in told.details["found"]
    assert told.details["difference"] == "（相差 27）"


def test_year_on_year_asks_beyond_its_rate_but_not_of_small_numbers_nor_without_last_year():
    check = YearOnYear(CATALOGUE.indicators["I01"], Decimal("0.5"), 10)
    now, last = columns(I01=[100, 160, 20, 50, 40]), columns(I01=[100, 100, 11, None, 100])
    assert failed(check, check.residual(now, last)) == [1, 4]
    assert check.finding(scaled(160), scaled(100)).details["change"] == "增长 60.0%"


def test_outlier_is_told_by_the_median_of_enough_villages_above_and_below():
    item, base = CATALOGUE.indicators["I01"], CATALOGUE.indicators["J03"]
    check = Outlier(item, base, 5)
    each = check.each(columns(I01=[10, 11, 9, 10, 100, 1, 0], J03=[100] * 7))
    median = check.median(each)
    assert median == pytest.approx(0.1) and check.median(each[:4]) is None
    assert failed(check, check.residual(each, median)) == [4, 5]


def test_every_village_check_of_the_catalogue_finds_its_own_kind_in_one_call():
    codes = [item.code for item in CATALOGUE.reported(YEAR) if not item.is_text]
    found = check_values(columns(**{code: [None, -1] for code in codes}), CATALOGUE, YEAR, None)
    missing = {check.indicator.code for sub, check in found if sub == 0 and isinstance(check, Required)}
    negative = {check.indicator.code for sub, check in found if sub == 1 and isinstance(check, Within)}
    assert missing == {code for code in codes if CATALOGUE.indicators[code].blank == "missing"}
    assert negative == {code for code in codes if (CATALOGUE.indicators[code].minimum or 0) >= 0}


def test_checks_of_a_form_ask_only_for_what_the_form_asks():
    asked = {item.code for item in CATALOGUE.reported(YEAR)}
    assert all(set(check.codes) <= asked for check in checks_of(CATALOGUE, YEAR))
    assert all(check.grade == "核实" for check in doubts_of(CATALOGUE, YEAR, 10, 5))


def test_split_is_what_an_equality_of_one_unit_makes_up_without_remainder():
    found = splits_of([relation("A01 == A02+A03"), relation("B02+B03 == B01"), relation("C01 >= C02+C03"),
                       relation("D01 == D02+D03", at="township")])  # fmt: skip
    assert [(split.whole, split.parts) for split in found] == [("A01", ("A02", "A03")), ("B01", ("B02", "B03"))]


def test_figure_is_part_of_one_split_only_and_no_whole_is_within_itself():
    twice = splits_of([relation("A01 == A02+A03"), relation("A09 == A02+A04")])
    assert [split.whole for split in twice] == ["A01"]
    assert splits_of([relation("A01 == A02+A03"), relation("A02 == A01+A04")]) == []
