"""Looking at what was published, and holding the outputs folder: reading takes no lock and writes nothing."""

import os
import stat

import duckdb
import pandas as pd
import pytest

from flows.store.lineage import cell_key, load_lineage
from flows.store.lock import hold, is_held
from flows.store.published import publish
from flows.store.reader import in_memory, is_roster, published
from flows.store.returned import load_returned
from schemas.errors import InputError
from tests.office import CATALOGUE, open_store, submit, units_of

YEAR = 2023
UNITS = units_of("南川村 川区\n紫云村 川区\n904")


@pytest.fixture
def outputs(tmp_path):
    """Two villages and an office as published: 紫云村's second form goes back."""
    with open_store(tmp_path, UNITS) as store:
        submit(store, UNITS[0], {"I01": 30, "I02": 61})
        submit(store, UNITS[1], {"I01": 20})
        wrong = submit(store, UNITS[1], {"I01": 21, "I02": 7}, rows=[{"L301": "示范园", "L305": 5}])
        store.db.execute(
            "INSERT INTO base.finding BY NAME SELECT ? AS sub_id, 'read' AS stage, 1 AS number, 'NEGATIVE' AS code, "
            "'强制' AS grade, 'I02' AS indicator",
            [wrong],
        )
        store.doubt(YEAR, pd.DataFrame())
    publish(store.path, tmp_path)
    return tmp_path


def test_published_store_answers_and_cannot_be_written(outputs):
    with published(outputs) as store:
        assert store.rows("SELECT count(*) FROM facts WHERE indicator = 'I01'") == [(2,)]
        with pytest.raises(duckdb.Error, match="read-only"):
            store.db.execute("DELETE FROM base.fact")


def test_what_is_tried_is_tried_in_memory_only(outputs):
    with published(outputs, trying=True) as store:
        store.db.execute("DELETE FROM base.fact")
    with published(outputs) as store:
        assert store.rows("SELECT count(*) > 0 FROM base.fact") == [(True,)]


def test_store_that_is_not_there_or_is_none_is_said_in_a_line(tmp_path, outputs):
    with pytest.raises(InputError, match="还没有汇总过"), published(tmp_path / "none"):
        pass
    next((outputs / "published").glob("*.duckdb")).write_bytes(b"no database")
    with pytest.raises(InputError, match="cunhui"), published(outputs):
        pass


def test_roster_is_told_from_another_by_any_of_its_columns(outputs):
    with published(outputs) as store:
        assert is_roster(store, UNITS, YEAR)
        assert not is_roster(store, UNITS[:2], YEAR)
        assert not is_roster(store, units_of("南川村 山区\n紫云村 川区\n904"), YEAR)
    with in_memory() as empty:
        assert is_roster(empty, [], YEAR)


def test_lineage_has_every_accepted_cell_and_only_those(outputs):
    with published(outputs) as store:
        lineage = load_lineage(store, YEAR)
    assert lineage[UNITS[0].code, "I02"].raw == "61"
    assert lineage[UNITS[1].code, "I01"][:4] == ("紫云村.xlsx", "表", "E5", "20")
    assert (UNITS[1].code, cell_key("L301", 1)) not in lineage


def test_what_goes_back_carries_all_that_was_sent_in_it(outputs):
    with published(outputs) as store:
        [back] = load_returned(store, CATALOGUE, YEAR)
    assert (back.unit.name, back.revision, back.accepted_before) == ("紫云村", 2, True)
    assert back.answers == {"I01": "21", "I02": "7"}
    assert [(cell.column, cell.row, cell.raw) for cell in back.cells] == [("L301", 0, "示范园"), ("L305", 0, "5")]
    assert [found.code for found in back.findings] == ["NEGATIVE"]


def test_folder_is_held_by_one_who_is_named_to_the_other_and_let_go_whatever_happens(tmp_path):
    with pytest.raises(OSError, match="disk"), hold(tmp_path):
        assert is_held(tmp_path)
        with pytest.raises(InputError, match=f"进程号 {os.getpid()}"), hold(tmp_path):
            pass
        raise OSError("disk")
    assert not is_held(tmp_path)
    with hold(tmp_path):
        (tmp_path / "own").write_text("", encoding="utf-8")
        assert stat.S_IMODE((tmp_path / "own").stat().st_mode) == 0o600
