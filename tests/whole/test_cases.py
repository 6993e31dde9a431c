"""Workbooks that failed when tried from outside: each in place of its village's own, with what must come of it.

The table is tests/data/cases/expected.txt, one line a folder.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from flows.inbox.owner import owner_of
from flows.inbox.submission import Submission
from flows.judging.check import check
from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.read import wanted_of
from flows.values.fields import shown
from schemas.township import load_units
from tests.office import CATALOGUE, SAMPLE, TOWNSHIP

YEAR = 2023
CASES = Path(__file__).parents[1] / "data" / "cases"
WORDS = Words(wanted_of(CATALOGUE, YEAR))
UNITS = load_units(SAMPLE, TOWNSHIP.code, CATALOGUE)


def table() -> Iterator[tuple[str, list[str], dict[str, str]]]:
    for line in (CASES / "expected.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            folder, findings, facts = (part.strip() for part in line.split("|"))
            told = sorted(one.strip() for one in findings.split(";") if one.strip())
            yield folder, told, dict(fact.split("=") for fact in facts.split())


def judged(path: Path) -> dict[str, pd.DataFrame]:
    reading = read_inside(path.read_bytes(), WORDS, path.name)
    return check([Submission(1, reading, owner_of(reading, UNITS, YEAR), 1)], CATALOGUE, YEAR)


def findings_of(frames: dict[str, pd.DataFrame]) -> list[str]:
    return [" ".join(filter(None, (row.code, row.sheet, row.cell))) for row in frames["finding"].itertuples()]


def facts_of(frames: dict[str, pd.DataFrame]) -> dict[str, str]:
    """The rows of each list, by number, and every value: of an indicator, or of a list column and row."""
    cells = frames["list_cell"].assign(key=lambda f: f["list_column"] + "." + f["row_no"].astype("str"))
    facts = {code: "0" for code in CATALOGUE.lists}
    for code, numbers in cells.groupby("list")["row_no"]:
        facts[code] = ",".join(map(str, sorted(numbers.unique())))
    both = pd.concat([cells, frames["fact"].assign(key=frames["fact"]["indicator"])])
    return facts | {row.key: row.text if pd.isna(row.value) else shown(int(row.value)) for row in both.itertuples()}


@pytest.mark.parametrize(("folder", "findings", "facts"), [pytest.param(*case, id=case[0]) for case in table()])
def test_workbook_tried_from_outside_comes_out_right(folder, findings, facts):
    path = next((CASES / folder).iterdir())
    frames = judged(path)
    own = findings_of(judged(SAMPLE / str(YEAR) / "submissions" / f"{path.stem}.xlsx"))
    assert sorted(one for one in findings_of(frames) if one not in own) == findings
    found = facts_of(frames)
    assert {key: found.get(key) for key in facts} == facts


def test_every_folder_has_its_line():
    assert {folder for folder, *_ in table()} == {path.name for path in CASES.iterdir() if path.is_dir()}
