"""When a year counts as worked out: not a cell of the store may differ, whatever the order of its rows."""

import pytest

from flows.store.settled import fingerprint, settle, settled
from tests.office import open_store, submit, units_of

UNITS = units_of("南川村 川区\n三湾村 山区")


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path, UNITS) as store:
        submit(store, UNITS[0], {"I01": 42, "A07": 3})
        submit(store, UNITS[1], {"I01": 17})
        settle(store, 2023, fingerprint(store, b"rules"))
        yield store


def test_year_is_settled_until_a_cell_a_rule_or_the_year_is_another(store):
    assert settled(store, 2023) == fingerprint(store, b"rules")
    assert settled(store, 2022) != fingerprint(store, b"rules")
    assert settled(store, 2023) != fingerprint(store, b"other rules")
    assert settled(store, 2023) != fingerprint(store, b"rule", b"s")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE base.fact SET value = value + 0.0001 WHERE raw = '42'",
        "UPDATE base.fact SET note = NULL WHERE raw = '42'",
        "DELETE FROM base.fact WHERE raw = '17'",
        "UPDATE base.unit SET name = '南川' WHERE name = '南川村'",
        "UPDATE base.submission SET state = 'returned' WHERE sub_id = 1",
        "INSERT INTO base.inbox VALUES (2023, 'a.xlsx', 'x')",
    ],
)
def test_whatever_changes_in_the_store_unsettles_it(store, statement):
    store.db.execute(statement)
    assert settled(store, 2023) != fingerprint(store, b"rules")


def test_rows_written_again_in_another_order_settle_as_before(store):
    store.db.execute("CREATE TEMP TABLE kept AS FROM base.fact ORDER BY raw DESC")
    store.db.execute("DELETE FROM base.fact")
    store.db.execute("INSERT INTO base.fact FROM kept")
    assert settled(store, 2023) == fingerprint(store, b"rules")
