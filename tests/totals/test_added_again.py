"""Adding up again: only of units of which something has changed, and to what adding up from nothing gives."""

import pytest

from flows.store.mirror import mirror
from flows.totals.add_up import add_up
from tests.office import CATALOGUE, TOWNSHIP, open_store, submit, units_of

ROSTER = "南川村 川区\n三湾村 山区\n紫云村 川区\n西岭村 山区"
UNITS = units_of(ROSTER)
ANSWERS = {"I01": 42, "A07": 3, "C05": 1234.5, "C06": 617.3, "D01": 4444.4, "D27": 77}
EVERY = "SELECT * FROM base.total ORDER BY ALL"
MOVED = "SELECT * FROM base.adjustment ORDER BY ALL"


def filled(folder, answers=({},) * 4):
    store = open_store(folder, UNITS)
    for number, (unit, changed) in enumerate(zip(UNITS, answers, strict=True), start=1):
        submit(store, unit, {code: value * number for code, value in ANSWERS.items()} | changed)
    return store


@pytest.fixture
def store(tmp_path):
    with filled(tmp_path / "first") as store:
        add_up(store, 2023, "allocate", "rules")
        yield store


def afresh(store, rules="rules"):
    """Adds up; whose own totals were made."""
    add_up(store, 2023, "allocate", rules)
    names = {int(unit.code): unit.name for unit in UNITS}
    return {names[code] for (code,) in store.rows("SELECT own FROM afresh")}


def test_nothing_changed_leaves_every_units_totals(store):
    before = store.rows(EVERY), store.rows(MOVED)
    assert afresh(store) == set() and (store.rows(EVERY), store.rows(MOVED)) == before


def test_corrected_unit_alone_is_added_up_to_what_all_from_nothing_give(store, tmp_path):
    submit(store, UNITS[1], {code: value * 2 for code, value in ANSWERS.items()} | {"C05": 999.9, "A07": 0})
    assert afresh(store) == {"三湾村"}
    with filled(tmp_path / "again", ({}, {"C05": 999.9, "A07": 0}, {}, {})) as other:
        add_up(other, 2023, "allocate")
        assert (store.rows(EVERY), store.rows(MOVED)) == (other.rows(EVERY), other.rows(MOVED))
    assert store.rows(MOVED)


@pytest.mark.parametrize(
    ("statement", "whose"),
    [
        ("UPDATE base.total SET value = value + 1 WHERE code = {} AND value = 84", {"三湾村"}),
        ("UPDATE base.total SET printed = printed + 1 WHERE code = {} AND value = 84", {"三湾村"}),
        ("DELETE FROM base.total WHERE code = {}", {"三湾村"}),
        ("UPDATE base.unit SET terrain = '川区' WHERE code = {}", {"三湾村"}),
        ("UPDATE base.unit SET name = '三湾新村' WHERE code = {}", {"三湾村"}),
        ("UPDATE base.submission SET state = 'returned' WHERE unit_code = {}", {"三湾村"}),
        ("UPDATE base.indicator SET factor = 100 WHERE code = 'I01'", {unit.name for unit in UNITS}),
        ("INSERT INTO base.indicator_where VALUES (1, 'L301', '甲')", {unit.name for unit in UNITS}),
    ],
)
def test_whatever_a_units_totals_follow_from_makes_them_anew(store, statement, whose):
    store.db.execute(statement.format(UNITS[1].code))
    assert afresh(store) == whose


def test_other_rules_make_all_anew(store):
    assert afresh(store, "other rules") == {unit.name for unit in UNITS}


def test_unit_that_left_the_roster_has_no_totals_left(store):
    mirror(store, CATALOGUE, UNITS[:3], 2023, TOWNSHIP)
    add_up(store, 2023, "allocate", "rules")
    assert store.rows("SELECT DISTINCT code FROM base.total WHERE level = 'village' ORDER BY 1") == [
        (int(unit.code),) for unit in UNITS[:3]
    ]
