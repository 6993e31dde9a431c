"""A county's standing by township: who of each is in, sent back, missing."""

from datetime import UTC, datetime

import pytest

from flows.commands.tell import as_dict, finish
from flows.store.figures import Arrival
from flows.store.standing import Standing
from flows.store.townships import Subtotal, subtotals

UNITS = """
    990101101201 三湾村 示例镇 accepted   采用
    990101101202 南川村 示例镇 returned   采用
    990101102201 大湾村 别样镇 missing
    990101102202 山林村 别样镇 unreadable
    990101101601 民政办 示例镇 missing
"""
"""Villages, then offices: as the store gives them."""


def arrivals() -> list[Arrival]:
    found = []
    for line in UNITS.strip().splitlines():
        code, name, township, state, *counts = line.split()
        kind = "站所" if name.endswith("办") else "村"
        found.append(Arrival(code, name, kind, state, "", 1, None, 1, 0, 0, bool(counts), township=township))
    return found


def test_each_township_has_its_units_together_and_counts_them_by_state():
    one, other = subtotals(arrivals())
    assert one[0] == Subtotal("990101101", "示例镇", 3, accepted=2, returned=1, partial=0, missing=1)
    assert [unit.name for unit in one[1]] == ["三湾村", "南川村", "民政办"]
    assert other[0] == Subtotal("990101102", "别样镇", 2, accepted=0, returned=1, partial=0, missing=1)
    assert [unit.name for unit in other[1]] == ["大湾村", "山林村"]


def test_units_of_one_township_have_no_subtotals():
    assert subtotals(one for one in arrivals() if one.township == "示例镇") == []


def test_township_that_the_roster_does_not_name_is_told_by_its_code():
    nameless = [Arrival(code, code, "村", "missing", "", 0, None, 0, 0, 0) for code in ("990101101201", "990101102201")]
    assert [said.name for said, _ in subtotals(nameless)] == ["990101101", "990101102"]


def standing(units: list[Arrival]) -> Standing:
    return Standing(2023, datetime(2024, 1, 10, tzinfo=UTC), units, [], {"990101102202": ["山林村：打不开"]})


def test_county_is_told_township_by_township(capsys: pytest.CaptureFixture[str]):
    assert finish(standing(arrivals()), as_json=False) == 3
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[:8] == [
        "2023 年：应报 5 个单位，已采用 2 个（其中 0 个有说明），已退回 2 个，未报 2 个。",
        "示例镇：应报 3 个单位，已采用 2 个（其中 0 个有说明），已退回 1 个，未报 1 个。",
        "● 南川村：已退回（必须改正 1 处，需要说明 0 处，此前报的仍采用）",
        "未报：民政办",
        "别样镇：应报 2 个单位，已采用 0 个（其中 0 个有说明），已退回 1 个，未报 1 个。",
        "● 山林村：读不出（必须改正 1 处，需要说明 0 处）",
        "山林村：打不开",
        "未报：大湾村",
    ]
    assert [(each["name"], each["missing"]) for each in as_dict(standing(arrivals()))["townships"]] == [
        ("示例镇", 1), ("别样镇", 1)
    ]  # fmt: skip


def test_township_is_told_as_one(capsys: pytest.CaptureFixture[str]):
    own = [one for one in arrivals() if one.township == "示例镇"]
    finish(standing(own), as_json=False)
    assert capsys.readouterr().out.count("应报") == 1
    assert as_dict(standing(own))["townships"] == []
