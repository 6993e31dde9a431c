"""Which totals a revision moves, tried in the store and taken back."""

from decimal import Decimal

from flows.totals.add_up import add_up
from flows.totals.moved import moved_totals
from tests.office import open_store, submit, units_of

YEAR = 2023


def test_totals_with_either_revision_are_compared_and_the_store_stays_as_it_was(tmp_path):
    units = units_of("南川村 川区\n三湾村 山区")
    with open_store(tmp_path, units) as store:
        earlier = submit(store, units[0], {"I01": 30, "I02": 61})
        submit(store, units[1], {"I01": 5, "I02": 9})
        later = submit(store, units[0], {"I01": 33, "I02": 61})
        add_up(store, YEAR, "none")
        before = store.rows("SELECT * FROM base.total ORDER BY ALL")
        moved = moved_totals(store, YEAR, "none", units[0].code, earlier, later)
        assert store.rows("SELECT * FROM base.total ORDER BY ALL") == before
    found = {one.indicator: (one.level, one.before.value, one.after.value) for one in moved}
    assert found["I01"] == ("township", Decimal(35), Decimal(38))
    assert "I02" not in found
