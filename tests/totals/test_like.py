"""Like for like: a provisional total is compared with last year's of the same units, a whole one with all of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from flows.store.book import load_book
from flows.store.mirror import mirror
from flows.store.store import Store
from flows.totals.add_up import add_up
from flows.totals.inherit import inherit
from flows.totals.like import like
from schemas.roster import Unit
from tests.books import settings
from tests.office import CATALOGUE, TOWNSHIP, open_store, submit, units_of

UNITS = units_of("""
    南川村 川区
    大岔村 山区
    三湾村 山区
    906
""")
LAST: dict[str, dict[str, object]] = {
    "南川村": {"I01": 10, "I02": 40},
    "大岔村": {"I01": 20, "I02": 50},
    "三湾村": {"I01": 300, "I02": 900},
}


def compared(folder: Path, now: dict[str, dict[str, object]], units: list[Unit] = UNITS) -> Store:
    """A store in which all sent their figures last year, and only some this year."""
    folder.mkdir(exist_ok=True)
    store = open_store(folder, units, 2022)
    for unit in units:
        if unit.name in LAST and unit.expected_in(2022):
            submit(store, unit, LAST[unit.name], 2022)
    add_up(store, 2022, "none")
    mirror(store, CATALOGUE, units, 2023, TOWNSHIP)
    inherit(store, units, 2023)
    for unit in units:
        if unit.name in now:
            submit(store, unit, now[unit.name], 2023)
    add_up(store, 2023, "none")
    like(store, 2023)
    return store


def figures(store: Store, code: str) -> tuple[Decimal | None, str]:
    """What the township's figure is compared with, and what the comparison says of itself."""
    book = load_book(store, settings(), 2023, {}, {})
    before = book.before(code)
    return before and before.value, book.basis(code)


@pytest.mark.parametrize(
    ("now", "value", "basis"),
    [
        ({"南川村": {"I01": 11}, "大岔村": {"I01": 22}}, 30, "同口径（2 个已报单位）"),
        ({"三湾村": {"I01": 330}}, 300, "同口径（1 个已报单位）"),
        ({name: {"I01": 1} for name in LAST}, 330, ""),
    ],
)
def test_total_is_compared_with_last_years_of_the_units_that_are_in(tmp_path, now, value, basis):
    with compared(tmp_path, now) as store:
        assert figures(store, "I01") == (value, basis)


def test_office_that_is_in_is_compared_with_all_of_its_last_year(tmp_path):
    item = next(i for i in CATALOGUE.indicators.values() if i.office == "906" and not i.is_text)
    with compared(tmp_path, {"南川村": {"I01": 11}, "站所906": {item.code: 5}}) as store:
        assert figures(store, item.code)[1] == ""


def test_number_of_villages_is_compared_as_a_whole(tmp_path):
    item = next(i for i in CATALOGUE.indicators.values() if i.total == "units" and not i.terrain)
    with compared(tmp_path, {"南川村": {"I01": 11}}) as store:
        assert figures(store, item.code) == (3, "")


def test_merged_village_brings_the_last_year_of_those_it_took_over(tmp_path):
    gone = replace(UNITS[0], valid_to=date(2022, 12, 31), merged_into=UNITS[1].code)
    units = [gone, *UNITS[1:]]
    with compared(tmp_path / "in", {"大岔村": {"I01": 33}}, units) as store:
        assert figures(store, "I01") == (30, "同口径（1 个已报单位）")
    with compared(tmp_path / "out", {"三湾村": {"I01": 330}}, units) as store:
        assert figures(store, "I01") == (300, "同口径（1 个已报单位）")


def test_new_village_alone_has_nothing_to_be_compared_with(tmp_path):
    new = Unit(f"{TOWNSHIP.code}250", "新设村", "村", "川区", valid_from=date(2023, 1, 1))
    with compared(tmp_path, {"新设村": {"I01": 7}}, [*UNITS, new]) as store:
        assert figures(store, "I01") == (None, "同口径（1 个已报单位）")


def test_stored_totals_of_last_year_stay_as_they_are(tmp_path):
    with compared(tmp_path, {"南川村": {"I01": 11}}) as store:
        query = "SELECT value, units_counted FROM totals WHERE year = 2022 AND level = 'township' AND indicator = 'I01'"
        assert store.rows(query) == [(330, 3)]
        like(store, 2023)
        assert figures(store, "I01") == (10, "同口径（1 个已报单位）")
