"""The Chinese views over the years: each year with the indicators that it had, whatever became of them since."""

import copy

import pytest
from msgspec.structs import replace

from flows.store.area_views import make_views
from flows.store.events import record
from flows.store.mirror import mirror
from flows.totals.add_up import add_up
from tests.office import CATALOGUE, TOWNSHIP, open_store, submit, units_of

UNITS = units_of("南川村 川区\n紫云村 川区")


def changed(**changes):
    """The catalogue without an indicator (None), or with other words for it."""
    catalogue = copy.copy(CATALOGUE)
    catalogue.__dict__.pop("by_name", None)
    kept = {code: item for code, item in CATALOGUE.indicators.items() if changes.get(code, item) is not None}
    catalogue.indicators = kept | {code: replace(kept[code], **words) for code, words in changes.items() if words}
    return catalogue


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path, UNITS, 2022) as store:
        for unit, families in zip(UNITS, (30, 20), strict=True):
            submit(store, unit, {"I01": families, "I06": 5}, 2022)
        add_up(store, 2022, "none")
        record(store, 2022, "close", "李四", "收齐")
        mirror(store, CATALOGUE, UNITS, 2022, TOWNSHIP)
        yield store


@pytest.mark.parametrize(
    ("changes", "column", "now"),
    [
        ({}, "低保户数", "低保户数"),
        ({"I01": {"name": "低保家庭数"}}, "低保户数", "低保家庭数"),
        ({"I01": {"unit": "家"}}, "低保户数（户）", "低保户数"),
    ],
    ids=["unchanged", "renamed", "in another unit"],
)
def test_closed_year_keeps_its_columns_beside_those_of_now(store, changes, column, now):
    catalogue = changed(I06=None, **changes)
    mirror(store, catalogue, UNITS, 2023, TOWNSHIP)
    submit(store, UNITS[0], {"I01": 28}, 2023)
    add_up(store, 2023, "none")
    store.db.execute("INSERT OR REPLACE INTO base.meta VALUES ('year', '2023')")
    make_views(store, catalogue, 2023)
    gone, asked = CATALOGUE.indicators["I06"].name, f'"{column}", "{now}"'
    rows = store.rows(f"SELECT 年度, 单位, {asked}, \"{gone}\" FROM 民生保障历年 WHERE 单位 <> '紫云村' ORDER BY ALL")
    same = column == now
    assert rows == [
        (2022, "南川村", 30, 30 if same else None, 5),
        (2022, "合计", 50, 50 if same else None, 10),
        (2023, "南川村", 28 if same else None, 28, None),
        (2023, "合计", 28 if same else None, 28, None),
    ]
    columns = {row[0] for row in store.rows("DESCRIBE 民生保障")}
    assert now in columns and gone not in columns and (same or column not in columns)


def test_area_that_the_catalogue_no_longer_has_leaves_no_view(store):
    """Its indicators are in another one now, as an area that is called otherwise is."""
    make_views(store, CATALOGUE, 2023)
    catalogue = changed(
        **{code: {"area": "乡村治理"} for code, item in CATALOGUE.indicators.items() if item.area == GONE}
    )
    catalogue.areas = {
        "乡村治理" if name == GONE else name: replace(area, name="乡村治理") if name == GONE else area
        for name, area in CATALOGUE.areas.items()
    }
    kept = views_of(store) - {GONE, f"{GONE}历年"}
    make_views(store, catalogue, 2023)
    assert views_of(store) == kept | {"乡村治理", "乡村治理历年"}


GONE = "民生保障"


def views_of(store):
    return {
        name
        for (name,) in store.rows("SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'")
    }
