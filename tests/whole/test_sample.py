"""The sample township: made again it is the same, it reads back as written, and it feeds every blank of the report."""

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from flows import steps
from flows.job import open_job
from schemas.catalogue import Catalogue
from schemas.checks import plain
from schemas.errors import InputError
from schemas.roster_file import load_units
from schemas.targets import load_targets
from schemas.township import load_settings
from tests.sample.figures import YEARS, Township
from tests.sample.make_sample import INPUTS, make_sample

CATALOGUE = Catalogue()
TOWNSHIP = Township(CATALOGUE)
BLANKS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "blanks.csv").open(encoding="utf-8")))
MADE = ("township.toml", "units.csv", "*/targets.toml", "*/submissions/*.xlsx")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    make_sample(folder)
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory):
    """Both years of the committed sample, collected as the main job does it."""
    with open_job(str(INPUTS), str(tmp_path_factory.mktemp("outputs")), YEARS[-1]) as job:
        for year in job.years_due():
            steps.take_in(job, year)
        yield job.store


@pytest.fixture(scope="module")
def totals(store) -> dict[str, tuple[Decimal | None, str | None]]:
    query = "SELECT indicator, value, text FROM totals WHERE year = ? AND level = 'township'"
    return {code: (value, text) for code, value, text in store.rows(query, [YEARS[-1]])}


def names_in(inputs: Path) -> set[str]:
    return {path.relative_to(inputs).as_posix() for pattern in MADE for path in inputs.glob(pattern)}


def cells(path: Path) -> dict[str, list]:
    """Every cell of every sheet; what says of which catalogue the form was made left out, for that may grow."""
    book = CalamineWorkbook.from_path(str(path))
    rows = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    return rows | {"_cunhui": [row for row in rows["_cunhui"] if row[0] not in ("form_version", "codes")]}


def test_sample_made_twice_has_the_same_bytes(made, tmp_path):
    make_sample(tmp_path)
    assert names_in(tmp_path) == names_in(made)
    assert [n for n in sorted(names_in(made)) if (tmp_path / n).read_bytes() != (made / n).read_bytes()] == []


def test_committed_sample_is_what_the_script_makes(made):
    """When this fails after a change of the model, the catalogue or the form: python -m tests.sample.make_sample."""
    assert names_in(INPUTS) == names_in(made)
    for name in sorted(names_in(made)):
        here, there = INPUTS / name, made / name
        if here.suffix == ".xlsx":
            assert here.read_bytes() == there.read_bytes() or cells(here) == cells(there), name
        else:
            assert here.read_text(encoding="utf-8") == there.read_text(encoding="utf-8"), name


def test_committed_sample_is_small():
    assert sum(path.stat().st_size for path in INPUTS.rglob("*") if path.is_file()) < 3_000_000


def test_sample_never_overwrites_another_township(made, tmp_path):
    settings = (made / "township.toml").read_text(encoding="utf-8").replace("990101101", "990101102")
    (tmp_path / "township.toml").write_text(settings, encoding="utf-8")
    with pytest.raises(InputError, match="不能用示例盖掉"):
        make_sample(tmp_path)
    assert (tmp_path / "township.toml").read_text(encoding="utf-8") == settings


def test_roster_has_fifteen_villages_and_every_office():
    units = load_units(INPUTS, "990101101", CATALOGUE)
    assert [unit.terrain for unit in units if not unit.office] == ["川区"] * 4 + ["山区"] * 11
    assert [unit.office for unit in units if unit.office] == list(CATALOGUE.offices)
    assert units == TOWNSHIP.units


def as_kept(code: str, value: int | str) -> str | None:
    """What the store keeps of an answer: text, or the number as people write it; None where there is nothing."""
    if isinstance(value, str):
        return value
    return None if value == 0 and CATALOGUE.indicators[code].blank == "not_applicable" else plain(value)


@pytest.mark.parametrize("year", YEARS)
def test_every_answer_reads_back_as_it_was_written(store, year):
    query = """SELECT unit_code, indicator, coalesce(text, CAST(value AS VARCHAR)), raw, sheet, cell FROM facts
               WHERE year = ?"""
    facts = {(unit, code): rest for unit, code, *rest in store.rows(query, [year])}
    worked = {unit.code: TOWNSHIP.worked(unit, year) for unit in TOWNSHIP.units}
    assert set(facts) == {(unit, code) for unit, values in worked.items() for code in values}
    for (unit, code), (kept, _, sheet, cell) in facts.items():
        number = kept is not None and not isinstance(worked[unit][code], str)
        assert (plain(Decimal(kept)) if number else kept) == as_kept(code, worked[unit][code]), (unit, code)
        assert (sheet, cell[0]) == (CATALOGUE.indicators[code].area, "E")
    assert {raw == "" for _, raw, *_ in facts.values()} == {True, False}, "some leave a zero blank"


@pytest.mark.parametrize("year", YEARS)
def test_every_list_row_reads_back_as_it_was_written(store, year):
    query = """SELECT unit_code, list, row_no, list_column, coalesce(text, CAST(value AS VARCHAR)) FROM list_rows
               WHERE year = ? AND raw <> ''"""
    written = {
        (unit.code, name, number, column): value
        for unit in TOWNSHIP.units
        for name, rows in TOWNSHIP.answers(unit, year).rows.items()
        for number, row in enumerate(rows, start=1)
        for column, value in row.items()
    }
    found = {tuple(where): kept for *where, kept in store.rows(query, [year])}
    assert set(found) == set(written)
    for where, kept in found.items():
        assert (kept if isinstance(written[where], str) else Decimal(kept)) == written[where], where


def test_last_years_figures_stand_in_this_years_forms():
    unit = TOWNSHIP.units[0]
    rows = [row for sheet in cells(INPUTS / "2023/submissions" / f"{unit.name}.xlsx").values() for row in sheet]
    last = {row[3]: row[5] for row in rows if len(row) == 7 and row[3] in CATALOGUE.indicators}
    worked = TOWNSHIP.worked(unit, 2022)
    assert set(last) == set(worked)
    for code, value in last.items():
        kept = as_kept(code, worked[code])
        assert (plain(Decimal(str(value))) if isinstance(value, float) else value) == (kept or ""), code


@pytest.mark.parametrize("year", YEARS)
def test_findings_are_those_put_there_and_all_are_explained(store, year):
    query = """SELECT u.name, f.indicator, f.code, f.grade, f.explanation, f.explained
               FROM base.finding f JOIN base.submission s USING (sub_id)
               JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year WHERE s.year = ?"""
    reasons = [reason for reason in TOWNSHIP.model.reasons if reason.year == year and reason.finding]
    meant = {(reason.unit, reason.code, reason.finding, "核实", reason.note, True) for reason in reasons}
    assert set(store.rows(query, [year])) == meant
    states = dict(store.rows("SELECT state, count(*) FROM base.submission WHERE year = ? GROUP BY ALL", [year]))
    units = len({unit for unit, *_ in meant})
    assert states == {"accepted": len(TOWNSHIP.units) - units, "accepted with explanations": units}


@pytest.mark.parametrize(
    ("code", "least", "most"),
    [
        ("J01", 4_800, 5_200), ("J02", 19_000, 21_000), ("J04", 95_000, 105_000), ("I01", 550, 650), ("I03", 5, 8),
        ("A15", 60, 75), ("B07", 50, 80), ("D02", 60, 80), ("D07", 10_000, 13_000), ("G12", 95, 100),
        ("A12", 15, 15), ("D06", 4, 4), ("D11", 1, 1), ("D12", 300, 300), ("F18", 1_500, 2_500), ("F15", 5, 12),
        ("D22", 2, 2), ("D24", 1, 2), ("D26", 1, 1), ("I16", 1, 1), ("A27", 3, 4),
    ],
)  # fmt: skip
def test_township_has_a_plausible_size(totals, code, least, most):
    assert least <= totals[code][0] <= most


@pytest.mark.parametrize("row", BLANKS, ids=lambda row: row["no"])
def test_every_blank_of_the_report_has_a_value(totals, row):
    source, _, key = row["feeds"].rpartition(":")
    if source == "setting":
        assert load_settings(INPUTS, CATALOGUE).report[key]
    elif source == "target":
        assert load_targets(INPUTS, YEARS[-1], CATALOGUE)[key] > 0
    else:
        code, rank = re.fullmatch(r"(\w+?)(?:\[(\d)\])?", key).groups()
        value, text = totals[code]
        assert len(text.split("、")) >= int(rank or 1) if CATALOGUE.indicators[code].is_text else value > 0
