"""Totals: every totalling kind, with the terrain split, exact, provisional while somebody is missing."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from flows.store.area_views import make_views
from flows.store.book import load_book
from flows.store.store import Store
from flows.totals.add_up import add_up
from schemas.township import load_settings
from tests.office import CATALOGUE, SAMPLE, open_store, submit, units_of

ROSTER = """
南川村 川区
紫云村 川区
大岔村 山区
三湾村 山区
张沟村 山区
903
904
905
"""
ANSWERS = {
    "南川村": {"I01": 30, "I02": 61, "J03": 1000, "C05": 4150, "D04": 9000, "D05": 1, "F04": "1.25", "A07": 12},
    "紫云村": {"I01": 20, "I02": 39, "J03": 800, "C05": "3850", "D04": 2000, "D05": 1, "F04": "0", "A07": 10},
    "大岔村": {"I01": 10, "I02": 10, "J03": 900, "C05": 1, "D04": 5, "D08": 1, "D09": 300, "F04": "7.5", "A07": 4},
    "三湾村": {"I01": 0, "I02": 0, "J03": 700, "C05": 1, "D08": 1, "D09": 300, "F04": "7.5", "A07": 4},
    "张沟村": {"I01": 5, "I02": 7, "J03": 600, "C05": 1, "D08": 2, "D09": 500, "F04": "0.01", "A07": 4},
}


@pytest.fixture(scope="module")
def sent(tmp_path_factory) -> Path:
    """The store with what everybody sent."""
    units = units_of(ROSTER)
    with open_store(tmp_path_factory.mktemp("sent"), units) as store:
        for unit in units:
            if unit.name in ANSWERS:
                submit(store, unit, ANSWERS[unit.name])
        submit(store, units[5], {"C01": 500, "C03": 620})
        rows = [
            {"L301": "设施农业一期", "L302": "一期大棚", "L303": "甲公司", "L305": 300},
            {"L301": "设施农业一期", "L302": "一期管网", "L303": "乙公司", "L305": 20},
            {"L301": "示范园", "L302": "园", "L303": "丙公司", "L305": 5},
        ]
        submit(store, units[6], {}, rows=rows)
    return store.path


@pytest.fixture
def store(sent, tmp_path):
    with Store(Path(shutil.copy(sent, tmp_path))) as store:
        yield store


def total(store, code, level="township", column="value"):
    rows = store.rows(f"SELECT {column} FROM totals WHERE indicator = ? AND level = ? AND year = 2023", [code, level])
    return [row[0] for row in rows] if level == "village" else rows[0][0]


def test_sum_is_exact(store):
    add_up(store, 2023, "none")
    assert total(store, "I01") == 65
    assert total(store, "F04") == Decimal("16.26")


def test_printed_unit_is_rounded_half_up_only_at_print(store):
    add_up(store, 2023, "none")
    assert (total(store, "C05"), total(store, "C05", column="printed")) == (8003, Decimal("0.80"))


def test_ratio_divides_totals_and_prints_from_them(store):
    add_up(store, 2023, "none")
    assert total(store, "I03", column="numerator") == 117
    assert total(store, "I03", column="denominator") == 4000
    assert total(store, "I03", column="printed") == Decimal("2.93")  # 2.925 half up
    assert sorted(total(store, "I03", "village", "printed"))[-1] == Decimal("6.10")


def test_ratio_over_nothing_is_blank_not_infinite(store):
    add_up(store, 2023, "none")
    assert total(store, "F15") is None


def test_count_and_names_and_terrain(store):
    add_up(store, 2023, "none")
    assert total(store, "F07") == 4
    assert total(store, "F06", column="text") == "大岔村、三湾村、南川村、张沟村"  # 7.5 twice: the lower code first
    assert total(store, "D06") == 2
    assert total(store, "D07") == 11000, "only 川区 villages count"
    assert total(store, "D10", column="text") == "张沟村、大岔村、三湾村"


def test_typical_is_the_commonest_value_above_zero(store):
    add_up(store, 2023, "none")
    assert (total(store, "D11"), total(store, "D12")) == (1, 300)


def test_units_counts_the_roster(store):
    add_up(store, 2023, "none")
    assert total(store, "A12") == 5


def test_line_list_sums_counts_and_takes_the_first(store):
    add_up(store, 2023, "none")
    assert total(store, "E04") == 320
    assert total(store, "E01", column="text") == "甲公司"


def test_office_figure_is_the_townships(store):
    add_up(store, 2023, "none")
    assert (total(store, "C01"), total(store, "C03")) == (500, 620)
    assert total(store, "H22", column="provisional") is True, "its office has not reported"


def test_total_says_how_many_reported_and_is_provisional_until_all_have(tmp_path):
    units = units_of(ROSTER)
    with open_store(tmp_path, units) as store:
        submit(store, units[0], ANSWERS["南川村"])
        add_up(store, 2023, "none")
        [row] = store.rows(
            "SELECT value, units_counted, units_expected, provisional FROM totals WHERE indicator = 'I01' "
            "AND level = 'township'"
        )
        assert row == (30, 1, 5, True)
        for unit in units[1:5]:
            submit(store, unit, ANSWERS[unit.name])
        add_up(store, 2023, "none")
        assert total(store, "I01", column="provisional") is False


def test_balanced_parts_add_up_to_the_printed_total(store):
    add_up(store, 2023, "allocate")
    for (code,) in store.rows("SELECT DISTINCT indicator FROM totals t JOIN indicators i ON i.code = t.indicator "
                              "WHERE i.total = 'sum' AND i.reporter = 'village'"):  # fmt: skip
        parts = [part for part in total(store, code, "village", "printed") if part is not None]
        assert sum(parts) == (total(store, code, column="printed") or 0), code


def test_latest_accepted_revision_counts_and_a_returned_one_displaces_nothing(store):
    units = units_of(ROSTER)
    number = submit(store, units[0], {**ANSWERS["南川村"], "I01": 40})
    add_up(store, 2023, "none")
    assert total(store, "I01") == 75
    store.db.execute(
        "INSERT INTO base.finding VALUES (?, 'read', 1, 'MISSING', '强制', 'I01', '', '', '', '{}', '', false)",
        [number],
    )
    import pandas as pd

    store.doubt(2023, pd.DataFrame())
    add_up(store, 2023, "none")
    assert total(store, "I01") == 65
    assert store.rows("SELECT state FROM submissions WHERE unit_code = ? ORDER BY revision", [units[0].code]) == [
        ("accepted",), ("returned",)]  # fmt: skip


def test_chinese_area_view_has_a_row_per_unit_and_the_total(store):
    add_up(store, 2023, "none")
    make_views(store, CATALOGUE, 2023)
    rows = store.rows("SELECT 单位, 低保户数 FROM 民生保障 ORDER BY 2 DESC")
    assert rows[:3] == [("合计", 65), ("南川村", 30), ("紫云村", 20)]
    assert len(rows) == 6
    for area in CATALOGUE.areas:
        assert len(store.rows(f'SELECT * FROM "{area}"')) == 6, area


def test_views_carry_comments(store):
    add_up(store, 2023, "none")
    make_views(store, CATALOGUE, 2023)
    assert store.rows("SELECT count(*) FROM duckdb_views() WHERE NOT internal AND comment IS NULL") == [(0,)]
    words = store.rows(
        "SELECT comment FROM duckdb_columns() WHERE table_name = '民生保障' AND column_name = '低保户数'"
    )
    assert words[0][0].startswith("户：")


def test_adding_up_twice_changes_nothing(store):
    add_up(store, 2023, "allocate")
    once = store.rows("SELECT * FROM base.total ORDER BY ALL")
    add_up(store, 2023, "allocate")
    assert store.rows("SELECT * FROM base.total ORDER BY ALL") == once


def test_store_knows_which_parts_the_catalogue_says_make_up_a_whole(store):
    known = store.rows("SELECT whole, part FROM base.split ORDER BY ALL")
    assert known == [("H04", "H05"), ("H04", "H06"), ("H04", "H07")]


def test_parts_that_make_up_a_whole_sum_to_it_in_every_row_and_in_the_total(tmp_path):
    units = [unit for unit in units_of(ROSTER) if unit.name.endswith("村")]
    sown = {"南川村": (2540, 2450), "紫云村": (2450, 2430), "大岔村": (60, 20), "三湾村": (140, 0)}
    sown["张沟村"] = (1460, 850)
    with open_store(tmp_path, units) as store:
        for unit in units:
            potato, maize = sown[unit.name]
            submit(store, unit, {"D01": potato + maize, "C05": potato, "C06": maize})
        store.db.execute("INSERT INTO base.split VALUES ('D-0', 'D01', 'C05'), ('D-0', 'D01', 'C06')")
        add_up(store, 2023, "allocate")
        rows = store.rows("SELECT code, indicator, printed FROM totals WHERE year = 2023 AND printed IS NOT NULL")
        printed = {(code, indicator): figure for code, indicator, figure in rows}
        moved = store.rows("SELECT exact, plain, printed, forced FROM adjustments WHERE unit_code = '990101101'")
        book = load_book(store, load_settings(SAMPLE, CATALOGUE), 2023, {}, {})
    for code in ("990101101", *(str(unit.code) for unit in units)):
        assert printed[code, "D01"] == printed[code, "C05"] + printed[code, "C06"]
    for indicator in ("D01", "C05", "C06"):
        assert printed["990101101", indicator] == sum(printed[str(unit.code), indicator] for unit in units)
    assert [tuple(map(str, row[1:])) for row in moved] == [("0.670000", "0.660000", "False")]
    assert "示例镇" in {item.name for item in book.adjustments}
