"""The lines of a table: each unit once, among those of its place, whose subtotal stands before or behind them."""

from types import SimpleNamespace
from typing import Any

import pytest

from flows.emit.summary.grids import TOTAL, _lines, _within, has_parts
from flows.store.figures import Place
from tests.office import CATALOGUE

CITY, EAST, WEST = (
    Place("6605", "云市", "city"), Place("660505", "东县", "county"), Place("660506", "西县", "county"),
)  # fmt: skip
TOWNS = [Place(f"{county.code}50{n}", f"{county.name[0]}镇{n}", "township") for county in (EAST, WEST) for n in (1, 2)]
UNITS = [Place(f"{town.code}201", f"{town.name}村", "village", "村") for town in TOWNS]


def edition(total_first: bool, *places: Place) -> Any:
    return SimpleNamespace(
        subtotalled=places, total_first=total_first, terrains=["川区"], book=SimpleNamespace(villages=UNITS)
    )


@pytest.mark.parametrize("total_first", [False, True])
def test_every_unit_stands_once_within_its_places_and_subtotals_where_the_settings_put_totals(total_first):
    lines = list(_within(edition(total_first, EAST, WEST, *TOWNS), UNITS, ["county", "township"]))
    units = [line.of for line in lines if isinstance(line.of, Place)]
    assert units == UNITS
    names = [line.name for line in lines]
    before = ["东县小计", "东镇1小计", "东镇1村", "东镇2小计", "东镇2村"]
    behind = ["东镇1村", "东镇1小计", "东镇2村", "东镇2小计", "东县小计"]
    assert names[:5] == (before if total_first else behind)
    assert [line.bold for line in lines[:5]] == [not name.endswith("村") for name in names[:5]]


def test_place_without_units_has_no_subtotal_and_without_places_there_are_units_alone():
    of_east = [unit for unit in UNITS if unit.code.startswith(EAST.code)]
    assert [line.name for line in _within(edition(False, EAST, WEST), of_east, ["county"])][-1] == "东县小计"
    assert [line.of for line in _within(edition(False), UNITS, [])] == UNITS


@pytest.mark.parametrize("total_first", [False, True])
def test_total_and_terrains_stand_at_one_end(total_first):
    names = [line.name for line in _lines(edition(total_first))]
    ends = [TOTAL, "川区合计"] if total_first else ["川区合计", TOTAL]
    assert (names[:2] if total_first else names[-2:]) == ends and len(names) == len(UNITS) + 2


def test_figure_has_parts_where_villages_report_it_or_list_it_and_not_where_an_office_does():
    items = CATALOGUE.indicators.values()
    assert all(has_parts(item, CATALOGUE) for item in items if item.reporter == "village")
    offices = [item for item in items if item.reporter == "office"]
    assert offices and not any(has_parts(item, CATALOGUE) for item in offices)
    listed = [item for item in items if item.list and item.reporter not in ("village", "office")]
    of_villages = {item.code for item in listed if CATALOGUE.lists[item.list or ""].reporter == "village"}
    adding = {item.code for item in listed if item.aggregate in ("sum", "count")}
    assert {item.code for item in listed if has_parts(item, CATALOGUE)} == of_villages & adding != of_villages
