"""Figures added to a catalogue by name: written, checked, in force from a year on, refused where they cannot hold."""

from datetime import datetime
from pathlib import Path

import pytest

from flows.exchange.added import Wanted, add
from schemas.catalogue import HERE, Catalogue, catalogue_of
from schemas.errors import InputError
from schemas.roster_file import load_units
from tests.office import CATALOGUE, SAMPLE

NOW = datetime(2024, 1, 2, 3, 4, 5)
UNITS = load_units(SAMPLE, "990101101", CATALOGUE)
VISITS = Wanted("接待来访批次", "批次", "来镇反映问题的批次，按信访台账填报。", "民生保障", "民政和社会事务办公室")


def added(inputs: Path, *wanted: Wanted):
    return add(inputs, wanted, 2024, catalogue_of(inputs), UNITS, NOW)


@pytest.mark.parametrize(
    ("reporter", "told"),
    [
        ("各村", ("village", None)),
        ("村", ("village", None)),
        ("民政和社会事务办公室", ("office", "909")),
        ("909", ("office", "909")),
    ],
)
def test_figure_is_reported_by_whoever_was_named_from_that_year_on(tmp_path, reporter, told):
    done = added(tmp_path, VISITS.__class__("接待来访", "人次", "来访的人次。", "民生保障", reporter))
    (code,) = done.codes
    item = Catalogue(tmp_path / "catalogue").indicators[code]
    assert (item.reporter, item.office) == told
    assert (item.name, item.unit, item.area, item.blank, item.since) == (
        "接待来访",
        "人次",
        "民生保障",
        "missing",
        2024,
    )
    assert not item.in_force(2023)
    assert done.kept is None


def test_codes_go_on_from_the_areas_last_and_unknown_units_are_declared(tmp_path):
    last = max(code for code in CATALOGUE.indicators if code.startswith("I"))
    done = added(tmp_path, VISITS, Wanted("心理疏导", "人回", "疏导的。", "民生保障", "各村", decimals=1))
    assert done.codes == (f"I{int(last[1:]) + 1}", f"I{int(last[1:]) + 2}")
    own = Catalogue(tmp_path / "catalogue")
    assert own.head.base == "extend"
    assert own.measures.knows("人回") and own.indicators[done.codes[1]].decimals == 1


def test_putting_the_folder_back_takes_them_out_again(tmp_path):
    added(tmp_path, VISITS)
    before = {path.name: path.read_bytes() for path in (tmp_path / "catalogue").rglob("*.toml")}
    done = added(tmp_path, Wanted("心理疏导", "人次", "疏导的。", "民生保障", "各村"))
    assert done.kept and catalogue_of(tmp_path).find("心理疏导")
    (tmp_path / "catalogue").rename(tmp_path / "不要的")
    done.kept.rename(tmp_path / "catalogue")
    assert {path.name: path.read_bytes() for path in (tmp_path / "catalogue").rglob("*.toml")} == before
    assert not catalogue_of(tmp_path).find("心理疏导") and catalogue_of(tmp_path).find(VISITS.name)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted("低保户数", "户", "低保的。", "民生保障", "各村"), "目录里已有“低保户数”"),
        (Wanted("接待来访", "批次", "来访的。", "民生", "各村"), "是不是想写 民生保障"),
        (Wanted("接待来访", "批次", "来访的。", "民生保障", "信访办"), "由谁填报写的是“信访办”"),
        (Wanted("接待来访", "", "来访的。", "民生保障", "各村"), "没有计量单位"),
        (Wanted("办结率", "%", "办结的。", "民生保障", "各村"), "各村的数不能相加"),
        (Wanted("接待来访", "批次", "来访的。", "民生保障", "乡镇本级"), "没有应报的类别为乡镇的单位"),
    ],
)
def test_figure_that_cannot_be_collected_is_refused_and_nothing_is_written(tmp_path, wanted, words):
    with pytest.raises(InputError, match=words):
        added(tmp_path, wanted)
    assert list(tmp_path.iterdir()) == []
    assert catalogue_of(tmp_path).root == HERE
