"""What was checked elsewhere, file by file, is what checking all of them here together gives."""

import zlib
from dataclasses import replace
from datetime import date

import msgspec
import pytest

from flows.inbox.owner import owner_of
from flows.inbox.submission import Submission
from flows.judging import elsewhere
from flows.judging.check import check
from flows.judging.elsewhere import Elsewhere, Terms, checked, read_and_check
from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.parcel import Parcel
from flows.reading.wanted import wanted_of
from schemas.corrections import Written, placed
from schemas.findings import Finding
from schemas.roster_file import load_units
from tests.office import CATALOGUE, SAMPLE, TOWNSHIP
from tests.returning import edit

YEAR = 2023
WANTED = wanted_of(CATALOGUE, YEAR)
SENT = ("三湾村", "大湾村", "小岔口村", "示例镇党建工作办公室", "示例镇民政和社会事务办公室")
SPOILT = {
    "三湾村": {"I01": "若干户", "A07": -3, "C07": 10**9},
    "大湾村": {"D36": "约12只", "B27": None},
}


@pytest.fixture(scope="module")
def units():
    return load_units(SAMPLE, TOWNSHIP.code, CATALOGUE)


@pytest.fixture(scope="module")
def readings(tmp_path_factory):
    """Right forms and wrong ones, a village's and an office's, and a file that is none."""
    folder, words = tmp_path_factory.mktemp("sent"), Words(WANTED)
    found = []
    for number, name in enumerate(SENT):
        path = folder / f"{name}.xlsx"
        path.write_bytes((SAMPLE / str(YEAR) / "submissions" / path.name).read_bytes())
        if name in SPOILT:
            edit(path, SPOILT[name])
        found.append(read_inside(path.read_bytes(), words, path.name, f"{number:064x}"))
    return [*found, read_inside(b"no workbook", words, "x.xlsx", "f" * 64)]


def submissions(readings, units):
    """As the ledger places them, in another order than they were read."""
    numbers = range(71, 71 + len(readings))
    return [
        Submission(n, reading, owner_of(reading, units, YEAR), 1)
        for n, reading in zip(numbers, reversed(readings), strict=True)
    ]


@pytest.fixture(scope="module")
def answers(readings, units):
    """What two workers send of a parcel each."""
    terms, found = Terms(CATALOGUE, tuple(units), YEAR).packed(), {}
    with pytest.MonkeyPatch.context() as worker:
        for some in (readings[:3], readings[3:]):
            answer = zlib.compress(msgspec.msgpack.encode(some))
            worker.setattr(elsewhere.cluster, "read_parcel", lambda _, answer=answer: answer)
            found[answer] = read_and_check(Parcel((), (), WANTED, {}), terms)
    return found


@pytest.fixture
def back(answers):
    found = Elsewhere()
    assert [found.taken(answer) for answer in answers.values()] == list(answers)
    return found


def rows(frames):
    return {
        name: sorted(map(str, frame.astype("object").where(frame.notna(), None).itertuples(index=False)))
        for name, frame in frames.items()
    }


def test_files_checked_elsewhere_come_out_as_if_checked_here_and_are_not_checked_again(
    readings, units, back, monkeypatch
):
    chunk = submissions(readings, units)
    here = check(chunk, CATALOGUE, YEAR)
    assert len(here["finding"]) > 4 and here["list_cell"]["sub_id"].nunique() > 0
    monkeypatch.setattr(elsewhere, "check", None)
    there = checked(chunk, CATALOGUE, YEAR, back)
    assert rows(there) == rows(here)
    assert {name: list(frame.columns) for name, frame in there.items()} == {n: list(f.columns) for n, f in here.items()}


def test_what_only_this_pc_knows_is_checked_here(readings, units, back):
    chunk = submissions(readings, units)
    written = Written(
        unit="三湾村", indicator="低保户数", expect="若干户", value="12", reason="笔误", agreed_with="会计",
        date=date(2024, 1, 5),
    )  # fmt: skip
    [corrected] = [item for item in chunk if item.owner.unit and item.owner.unit.name == "三湾村"]
    corrected.corrections = (placed(written, YEAR, CATALOGUE, units),)
    chunk[-1].owner = replace(
        chunk[-1].owner, findings=(Finding("UNIT_ENDED", details={"until": "2022", "successor": "甲"}),)
    )
    there = checked(chunk, CATALOGUE, YEAR, back)
    assert rows(there) == rows(check(chunk, CATALOGUE, YEAR))
    assert list(there["correction"]["value"]) == ["12"]
    assert "UNIT_ENDED" in set(there["finding"]["code"])
