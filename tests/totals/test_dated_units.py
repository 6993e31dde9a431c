"""Villages merged, split or given another code between years: last year's figures follow the land."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from flows.job import open_job
from flows.store.book import last_year_of, load_book
from flows.totals.inherit import heirs
from schemas.catalogue import declared
from schemas.roster import Unit
from schemas.roster_file import load_units
from tests.office import SAMPLE, judge_steps
from tests.returning import YEAR, edit, read

NAMES = ["三湾村", "大湾村", "山林村"]
CODES = {"三湾村": "990101101208", "大湾村": "990101101207", "山林村": "990101101209"}


@pytest.fixture(scope="module")
def last_year(tmp_path_factory) -> Path:
    """The outputs when last year's three villages were collected, late: the roster knows already that one is gone."""
    folder = tmp_path_factory.mktemp("last")
    inputs = put(folder, merged(), {YEAR - 1: NAMES})
    judge_steps(inputs, folder / "outputs", YEAR - 1)
    return folder / "outputs"


def put(folder: Path, rows: list[str], sent: dict[int, list[str]]) -> Path:
    """Inputs whose roster is `rows`; by year, those who sent."""
    inputs = folder / "inputs"
    inputs.mkdir()
    for year, names in sent.items():
        inbox = inputs / str(year) / "submissions"
        inbox.mkdir(parents=True)
        for name in names:
            shutil.copy(SAMPLE / str(year) / "submissions" / f"{name}.xlsx", inbox)
    shutil.copy(SAMPLE / "township.toml", inputs)
    head = "code,name,kind,terrain,valid_from,valid_to,merged_into"
    (inputs / "units.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return inputs


def office(folder: Path, last_year: Path, rows: list[str], sent: list[str]) -> tuple[Path, Path]:
    """Last year's three villages have sent; this year's roster is `rows`, and `sent` are in."""
    return put(folder, rows, {YEAR: sent}), shutil.copytree(last_year, folder / "outputs")


def merged(into: str = "三湾村") -> list[str]:
    """大湾村 went into another village on the last day of last year."""
    ended = f"{CODES['大湾村']},大湾村,村,山区,,{YEAR}-06-30,{CODES[into]}"
    return [f"{CODES['三湾村']},三湾村,村,山区,,,", ended, f"{CODES['山林村']},山林村,村,山区,,,"]


def told_in(standing) -> list[str]:
    """Every message of a run, of units and of files of nobody."""
    return [
        *(words for of_unit in standing.messages.values() for words in of_unit),
        *(one.message for one in standing.loose),
    ]


def answers(name: str) -> dict[str, str]:
    found = read(SAMPLE / str(YEAR - 1) / "submissions" / f"{name}.xlsx").answers
    return {answer.indicator: answer.raw for answer in found if answer.kind == "number"}


@pytest.fixture(scope="module")
def after_merging(tmp_path_factory, last_year):
    """三湾村's potatoes are far from what it and 大湾村 had."""
    inputs, outputs = office(tmp_path_factory.mktemp("merged"), last_year, merged(), ["三湾村", "大湾村", "山林村"])
    edit(inputs / str(YEAR) / "submissions" / "三湾村.xlsx", {"C05": 1000})
    standing = judge_steps(inputs, outputs)
    return inputs, outputs, standing


def test_form_of_a_unit_that_is_gone_is_a_finding_that_names_its_successor(after_merging):
    *_, standing = after_merging
    assert [one.name for one in standing.arrivals] == ["三湾村", "山林村"]
    assert any("大湾村" in words and "请改由三湾村一并填报" in words for words in told_in(standing))


def test_last_years_column_of_a_merged_unit_is_the_sum_of_those_that_became_it(after_merging):
    inputs, outputs, _ = after_merging
    with open_job(str(inputs), str(outputs), YEAR) as job:
        job = job.of_year(YEAR)
        last = last_year_of(job.store, YEAR)
        book = load_book(job.store, job.settings, YEAR, {}, {})
    kept, gone, other = (answers(name) for name in ("三湾村", "大湾村", "山林村"))
    for code in ("I01", "I02", "C05", "J04"):
        assert last[CODES["三湾村"]][code] == Decimal(kept[code]) + Decimal(gone[code])
        assert last[CODES["山林村"]][code] == Decimal(other[code])
        assert book.last[CODES["三湾村"], code].value == Decimal(kept[code]) + Decimal(gone[code])
    assert CODES["大湾村"] not in last
    township = sum(Decimal(one["I01"]) for one in (kept, gone, other))
    assert book.last["990101101", "I01"].value == township


def test_ratio_of_a_merged_unit_is_that_of_its_added_totals(after_merging):
    inputs, outputs, _ = after_merging
    with open_job(str(inputs), str(outputs), YEAR) as job:
        job = job.of_year(YEAR)
        ratios = [i for i in job.catalogue.indicators.values() if i.total == "ratio"]
        rows = job.store.rows(
            "SELECT i.code, l.numerator, l.denominator FROM base.inherited l JOIN base.indicator i "
            "ON i.id = l.indicator_id WHERE l.unit_code = ? AND l.numerator IS NOT NULL",
            [int(CODES["三湾村"])])  # fmt: skip
    parts = {item.code: (item.numerator, item.denominator) for item in ratios}
    kept, gone = answers("三湾村"), answers("大湾村")
    told = [row for row in rows if set(parts[row[0]]) <= set(kept)]
    assert told
    for code, above, below in told:
        numerator, denominator = parts[code]
        assert above == Decimal(kept[numerator]) + Decimal(gone[numerator])
        assert below == Decimal(kept[denominator]) + Decimal(gone[denominator])


def test_merged_unit_is_compared_with_the_sum_and_not_with_its_own_last_year(after_merging):
    *_, standing = after_merging
    [doubt] = [words for words in standing.messages[CODES["三湾村"]] if "马铃薯种植面积" in words]
    total = Decimal(answers("三湾村")["C05"]) + Decimal(answers("大湾村")["C05"])
    assert f"上年 {total.normalize():f} 亩" in doubt


def test_unit_with_a_new_code_takes_over_its_own_figures(tmp_path, last_year):
    new = f"990101101320,三湾社区,社区,山区,{YEAR}-03-01,,"
    old = f"{CODES['三湾村']},三湾村,村,山区,,{YEAR}-02-28,990101101320"
    inputs, outputs = office(tmp_path, last_year, [new, old, *merged()[1:]], [])
    judge_steps(inputs, outputs)
    with open_job(str(inputs), str(outputs), YEAR) as job:
        last = last_year_of(job.of_year(YEAR).store, YEAR)
    # 大湾村 went to 三湾村, which itself became 三湾社区
    assert last["990101101320"]["I01"] == Decimal(answers("三湾村")["I01"]) + Decimal(answers("大湾村")["I01"])
    assert set(last) == {"990101101320", CODES["山林村"]}


def test_split_unit_names_both_successors_and_leaves_them_no_last_year(tmp_path, last_year):
    halves = [f"99010110132{n},三湾{part}村,村,山区,{YEAR}-03-01,," for n, part in enumerate("东西")]
    old = f"{CODES['三湾村']},三湾村,村,山区,,{YEAR}-02-28,990101101320、990101101321"
    inputs, outputs = office(tmp_path, last_year, [*halves, old], ["三湾村"])
    standing = judge_steps(inputs, outputs)
    assert any("三湾东村、三湾西村" in words for words in told_in(standing))
    with open_job(str(inputs), str(outputs), YEAR) as job:
        assert "990101101320" not in last_year_of(job.of_year(YEAR).store, YEAR)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([Unit("1", "甲", "村")], []),
        ([Unit("1", "甲", "村", valid_to="x", merged_into="2"), Unit("2", "乙", "村")], [("1", "2"), ("2", "2")]),
    ],
)
def test_heirs_are_told_from_dates(units, expected):
    from datetime import date

    units = [
        Unit(u.code, u.name, u.kind, valid_to=date(YEAR, 5, 1) if u.valid_to else None, merged_into=u.merged_into)
        for u in units
    ]
    assert list(heirs(units, YEAR)) == expected


def test_circle_of_mergers_has_no_heir(tmp_path):
    from datetime import date

    gone = date(YEAR, 5, 1)
    units = [
        Unit("1", "甲", "村", valid_to=gone, merged_into="2"),
        Unit("2", "乙", "村", valid_to=gone, merged_into="1"),
    ]
    assert list(heirs(units, YEAR)) == []


def test_roster_with_an_unknown_successor_is_refused(tmp_path):
    from schemas.errors import InputError

    inputs = put(tmp_path, [f"{CODES['三湾村']},三湾村,村,山区,,{YEAR}-02-28,990101101320、1"], {})
    with pytest.raises(InputError, match="merged_into 990101101320 不在名册里"):
        load_units(inputs, "990101101", declared())
