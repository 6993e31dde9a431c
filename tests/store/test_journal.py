"""Store and journal: what one has and the other lacks is brought together, and a closed year outlives its store."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from flows.store.catch_up import catch_up, refuse_lost
from flows.store.contested import CODE, remember, write_down
from flows.store.events import closed_by, record
from flows.store.frozen import folder_of, freeze, is_whole, thaw
from flows.store.journal import Contested, Happened, Sent
from flows.store.revisions import revisions_of
from schemas.errors import InputError
from tests.office import open_store, submit, units_of

YEAR = 2023
UNITS = units_of("南川村 川区\n紫云村 川区")


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path, UNITS) as store:
        submit(store, UNITS[0], {"I01": 30})
        submit(store, UNITS[0], {"I01": 31})
        store.db.execute("UPDATE base.submission SET size = 100")
        yield store


def at(hour: int) -> datetime:
    return datetime(2024, 2, 1, hour, tzinfo=UTC)


def test_submissions_that_the_journal_lacks_are_written_into_it_once(store):
    catch_up(store)
    first = store.journal.read()
    assert [(line.unit, line.revision) for line in first if isinstance(line, Sent)] == [
        (UNITS[0].code, 1), (UNITS[0].code, 2)
    ]  # fmt: skip
    catch_up(store)
    assert store.journal.read() == first


def test_closing_that_only_the_journal_says_counts_in_the_store(store):
    store.journal.write([Happened(at(1), YEAR, "close", "王敏", "")])
    catch_up(store)
    assert closed_by(store, YEAR).who == "王敏"
    catch_up(store)
    assert store.rows("SELECT count(*) FROM base.event") == [(1,)]


def test_restoring_that_only_the_journal_says_is_done_again(store):
    catch_up(store)
    store.journal.write([Happened(at(1), YEAR, "restore", "王敏", "误报", "第 1 版", UNITS[0].code, 1)])
    catch_up(store)
    store.doubt(YEAR, pd.DataFrame())
    assert [one.revision for one in revisions_of(store, YEAR, UNITS[0].code)] == [1, 2, 3]
    assert store.rows("SELECT raw FROM facts WHERE indicator = 'I01'") == [("30",)]


def test_store_that_is_lost_beside_a_journal_is_not_begun_anew(store, tmp_path):
    catch_up(store)
    refuse_lost(tmp_path)
    store.close()
    store.path.unlink()
    with pytest.raises(InputError, match="2 份报表：请先运行 cunhui rebuild"):
        refuse_lost(tmp_path)


def test_file_refused_as_one_of_two_is_written_down_when_it_is_new_and_refused_again_from_the_journal(store):
    found = pd.DataFrame([{"sub_id": 1, "code": CODE, "raw": "甲.xlsx、乙.xlsx"}])
    write_down(store, YEAR, found)
    [line] = [line for line in store.journal.read() if isinstance(line, Contested)]
    assert (line.sha256, line.files) == (f"{1:064x}", "甲.xlsx、乙.xlsx")
    remember(store, line)
    assert store.rows("SELECT sub_id, code FROM base.finding") == [(1, CODE)]
    write_down(store, YEAR, found)
    assert len([line for line in store.journal.read() if isinstance(line, Contested)]) == 1
    write_down(store, YEAR, pd.DataFrame())


def test_closed_year_comes_back_whole_into_a_store_that_has_nothing_of_it(store, tmp_path):
    record(store, YEAR, "close", "王敏", "")
    freeze(store, tmp_path, YEAR)
    assert is_whole(tmp_path, YEAR)
    facts = store.rows("SELECT * FROM base.fact ORDER BY ALL")
    (tmp_path / "new").mkdir()
    with open_store(tmp_path / "new", [], YEAR) as fresh:
        assert thaw(fresh, tmp_path, YEAR) == 2
        assert fresh.rows("SELECT * FROM base.fact ORDER BY ALL") == facts


def test_frozen_year_with_a_table_changed_or_gone_is_not_whole(store, tmp_path):
    freeze(store, tmp_path, YEAR)
    table = folder_of(tmp_path, YEAR) / "fact.parquet"
    data = table.read_bytes()
    table.write_bytes(data[:-1] + b"x")
    assert not is_whole(tmp_path, YEAR)
    table.unlink()
    assert not is_whole(tmp_path, YEAR)
    assert not is_whole(tmp_path, YEAR - 1)
