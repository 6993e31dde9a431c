"""Workbooks that failed when tried from outside: each in place of its village's own, with what must come of it.

The tables are tests/data/cases/expected.txt, for what the file alone tells, and compared.txt, for what is told by last
year and by the other units; one line a folder.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from flows.inbox.owner import owner_of
from flows.inbox.submission import Submission
from flows.job import open_job
from flows.judging.check import check
from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.wanted import wanted_of
from flows.steps import take_in
from flows.values.fields import shown
from schemas.roster_file import load_units
from tests.golden import KEPT
from tests.office import CATALOGUE, SAMPLE, TOWNSHIP

YEAR = 2023
CASES = Path(__file__).parents[1] / "data" / "cases"
WORDS = Words(wanted_of(CATALOGUE, YEAR))
SAID = "SELECT unit_name, code, grade, sheet, cell FROM findings WHERE year = ? AND unit_name IS NOT NULL ORDER BY ALL"
UNITS = load_units(SAMPLE, TOWNSHIP.code, CATALOGUE)


def table() -> Iterator[tuple[str, list[str], dict[str, str]]]:
    for line in (CASES / "expected.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            folder, findings, facts = (part.strip() for part in line.split("|"))
            told = sorted(one.strip() for one in findings.split(";") if one.strip())
            yield folder, told, dict(fact.split("=") for fact in facts.split())


@pytest.fixture(scope="module")
def judged() -> Callable[[Path], dict[str, pd.DataFrame]]:
    """What the file alone tells, of a case or of the sample's own workbook: all are judged at once, as in a run."""
    paths = [next((CASES / folder).iterdir()) for folder, *_ in table()]
    paths += sorted({own_workbook(path) for path in paths})
    readings = [read_inside(path.read_bytes(), WORDS, path.name) for path in paths]
    chunk = [Submission(n, one, owner_of(one, UNITS, YEAR), 1) for n, one in enumerate(readings)]
    frames = check(chunk, CATALOGUE, YEAR)
    return lambda path: {name: one[one["sub_id"] == paths.index(path)] for name, one in frames.items()}


def own_workbook(path: Path) -> Path:
    """What the village of a case really sent."""
    return SAMPLE / str(YEAR) / "submissions" / f"{path.stem}.xlsx"


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
def test_workbook_tried_from_outside_comes_out_right(folder, findings, facts, judged):
    path = next((CASES / folder).iterdir())
    frames = judged(path)
    own = findings_of(judged(own_workbook(path)))
    assert sorted(one for one in findings_of(frames) if one not in own) == findings
    found = facts_of(frames)
    assert {key: found.get(key) for key in facts} == facts


def compared() -> Iterator[tuple[str, list[str]]]:
    for line in (CASES / "compared.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            folder, findings = (part.strip() for part in line.split("|"))
            yield folder, sorted(one.strip() for one in findings.split(";"))


@pytest.fixture(scope="module")
def beside_the_others(tmp_path_factory) -> dict[str, list[str]]:
    """By folder: the findings of its village beyond those of its own workbook, the whole township being there.

    As many as concern different villages come into one collection; last year's is done once.
    """
    office = tmp_path_factory.mktemp("compared")
    shutil.copytree(SAMPLE, office / "inputs")
    with open_job(str(office / "inputs"), str(office / "outputs"), YEAR) as job:
        take_in(job, YEAR - 1)
    waiting, found = [next((CASES / folder).iterdir()) for folder, _ in compared()], {}
    while waiting:
        now = list({path.stem: path for path in reversed(waiting)}.values())
        waiting = [path for path in waiting if path not in now]
        said = said_of(shutil.copytree(office, tmp_path_factory.mktemp("collected") / "office"), now)
        found |= {path.parent.name: said.get(path.stem, []) for path in now}
    return found


def said_of(office: Path, workbooks: list[Path]) -> dict[str, list[str]]:
    """By village: code, grade and place of each finding that its own workbook of the sample does not have."""
    kept = (KEPT / "sample" / "findings.txt").read_text(encoding="utf-8").splitlines()
    known = {tuple(line.split("|")[at] for at in (1, 4, 7, 8)) for line in kept if line.startswith(str(YEAR))}
    for path in workbooks:
        shutil.copy(path, office / "inputs" / str(YEAR) / "submissions")
    said: dict[str, list[str]] = {}
    with open_job(str(office / "inputs"), str(office / "outputs"), YEAR) as job:
        job = take_in(job, YEAR)
        for name, code, grade, sheet, cell in job.store.rows(SAID, [YEAR]):
            if (name, code, sheet, cell) not in known:
                said.setdefault(name, []).append(" ".join(filter(None, (code, grade, sheet, cell))))
    return said


@pytest.mark.parametrize(("folder", "findings"), [pytest.param(*case, id=case[0]) for case in compared()])
def test_workbook_tried_from_outside_is_asked_about_beside_last_year_and_the_others(
    folder, findings, beside_the_others
):
    assert sorted(beside_the_others[folder]) == findings


def test_every_folder_has_its_line():
    assert {folder for folder, *_ in (*table(), *compared())} == {
        path.name for path in CASES.iterdir() if path.is_dir()
    }
