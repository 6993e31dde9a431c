"""What the store may hold in memory, and what it gives back."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from flows.store.reader import in_memory
from flows.store.store import PER_THREAD, PER_UNIT, THREADS, Store


def _limit(store: Store) -> int:
    [(words,)] = store.rows("SELECT current_setting('memory_limit')")
    number, unit = words.split()
    return round(float(number) * {"MiB": 1 << 20, "GiB": 1 << 30}[unit])


def test_a_store_holds_little_until_a_large_roster_needs_more(tmp_path: Path) -> None:
    with Store(tmp_path / "cunhui.duckdb") as store:
        assert _limit(store) <= THREADS * PER_THREAD
        store.allow(600_000)
        assert abs(_limit(store) - 600_000 * PER_UNIT) < 1 << 27  # said in GiB with one decimal


def test_who_only_looks_at_a_store_is_not_held_to_what_a_run_may_hold() -> None:
    with in_memory() as store:
        assert _limit(store) > THREADS * PER_THREAD


def test_what_memory_does_not_hold_lies_in_the_folder_given_until_it_is_closed(tmp_path: Path) -> None:
    with in_memory(tmp_path) as store:
        store.db.execute("SET memory_limit = '64MiB'")
        store.db.execute(
            "CREATE TEMP TABLE large AS SELECT hash(range) AS a, hash(range + 1) AS b FROM range(9_000_000)"
        )
        assert any(tmp_path.iterdir())
        assert store.rows("SELECT count(*) FROM large") == [(9_000_000,)]
    assert not any(tmp_path.iterdir())


def test_working_tables_are_dropped_and_others_stay() -> None:
    with in_memory() as store:
        before = store.rows("SELECT count(*) FROM base.state")
        store.db.execute("CREATE TEMP TABLE work AS FROM range(10)")
        store.clear()
        assert store.rows("SELECT count(*) FROM duckdb_tables() WHERE temporary") == [(0,)]
        assert store.rows("SELECT count(*) FROM base.state") == before


def test_of_submissions_that_come_some_at_a_time_all_are_stored_or_none() -> None:
    sheets = [{"sheet": pd.DataFrame({"sub_id": [n], "sheet_no": [0], "name": ["表"]})} for n in (1, 2)]

    def broken_off() -> Iterator[dict[str, pd.DataFrame]]:
        yield sheets[0]
        raise KeyboardInterrupt

    with in_memory() as store:
        with pytest.raises(KeyboardInterrupt):
            store.save_all(broken_off())
        assert store.rows("SELECT sub_id FROM base.sheet") == []
        store.save_all(sheets)
        assert store.rows("SELECT sub_id FROM base.sheet ORDER BY 1") == [(1,), (2,)]


def test_rows_some_at_a_time_are_all_the_rows() -> None:
    with in_memory() as store:
        asked = "SELECT range, CAST(range AS VARCHAR) FROM range(25000) ORDER BY 1"
        assert list(store.each(asked)) == store.rows(asked)
