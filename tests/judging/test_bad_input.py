"""Bad input: each kind ends in one clear finding for its unit, and everybody else is accepted."""

import shutil
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest

from flows.commands.cli import main
from flows.store.standing import Standing
from schemas.catalogue import Catalogue
from tests.office import SAMPLE, findings_of, judge_steps, run_steps, small_inputs

GOOD, BAD = "南川村", "三湾村"
CATALOGUE = Catalogue()
WRONG = {
    "三湾村": ({"I01": "不详"}, "NOT_A_NUMBER", "I01"),
    "东风村": ({"I01": -5}, "NEGATIVE", "I01"),
    "大岔村": ({"J01": None}, "MISSING", "J01"),
    "大湾村": ({"H04": 999}, "RELATION", "H04"),
    "太平村": ({"J02": 30, "J03": 20, "J05": 10}, "RELATION", "J02"),
    "将台村": ({"I01": 12.5}, "TOO_PRECISE", "I01"),
}
"""Each village's mistake, and the finding and indicator that come of it."""
NO_WORKBOOK = {
    "山林村": (lambda path: path.write_bytes(b""), "FILE_EMPTY"),
    "张沟村": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 500), "FILE_NOT_WORKBOOK"),
    "御风村": (lambda path: path.write_bytes(path.read_bytes()[:3000]), "FILE_DAMAGED"),
}
WITH_A_BLANK, TWICE, OF_LAST_YEAR, SILENT = "小岔口村", "花岔村", "紫云村", "罗川村"
VILLAGES = [GOOD, *WRONG, *NO_WORKBOOK, WITH_A_BLANK, TWICE, OF_LAST_YEAR, SILENT]


def edit(path: Path, changes: dict[str, object], column: str = "本年数") -> None:
    """Put values beside indicator codes, as a filler would."""
    book = openpyxl.load_workbook(path)
    for sheet in book:
        for row in sheet.iter_rows():
            heads = {cell.value: cell.column for cell in row}
            if {"代码", column} <= set(heads):
                place = heads
            for cell in row:
                if cell.value in changes and cell.column == place["代码"]:
                    sheet.cell(cell.row, place[column]).value = changes[cell.value]
    book.save(path)


def states(standing: Standing) -> dict[str, str]:
    return {arrival.name: arrival.state for arrival in standing.arrivals}


def asked(outputs: Path, sql: str, *values: object) -> list[tuple]:
    with duckdb.connect(str(outputs / "cunhui.duckdb"), read_only=True) as db:
        return db.execute(sql, values).fetchall()


# ---- a township of which hardly anybody does it right


class Spoilt:
    """One collection in which every village but two has its own kind of mistake."""

    def __init__(self, folder: Path) -> None:
        self.inputs, self.outputs = small_inputs(folder, VILLAGES), folder / "outputs"
        self.inbox = self.inputs / "2023" / "submissions"
        for village, (changes, *_) in WRONG.items():
            edit(self.inbox / f"{village}.xlsx", changes)
        for village, (make, _) in NO_WORKBOOK.items():
            make(self.inbox / f"{village}.xlsx")
        zero = next(i for i in CATALOGUE.reported(2023) if i.blank == "zero" and i.area == "生态环境")
        edit(self.inbox / f"{WITH_A_BLANK}.xlsx", {zero.code: None})
        shutil.copy(self.inbox / f"{TWICE}.xlsx", self.inbox / f"{TWICE}（改）.xlsx")
        edit(self.inbox / f"{TWICE}（改）.xlsx", {"I04": 9, "I05": 9})
        shutil.copy(SAMPLE / "2022" / "submissions" / f"{OF_LAST_YEAR}.xlsx", self.inbox)
        (self.inbox / f"{SILENT}.xlsx").unlink()
        self.states = states(judge_steps(self.inputs, self.outputs))
        self.findings = findings_of(self.outputs)

    def of(self, village: str) -> pd.DataFrame:
        return self.findings[self.findings["unit_name"] == village]


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory) -> Spoilt:
    return Spoilt(tmp_path_factory.mktemp("spoilt"))


def test_whoever_made_no_mistake_is_accepted_beside_those_who_did(spoilt):
    assert {village: state for village, state in spoilt.states.items() if state != "returned"} == {
        GOOD: "accepted", WITH_A_BLANK: "accepted", SILENT: "missing", **dict.fromkeys(NO_WORKBOOK, "unreadable")
    }  # fmt: skip


@pytest.mark.parametrize("village", WRONG)
def test_wrong_answer_returns_its_village(spoilt, village):
    _, code, indicator = WRONG[village]
    assert spoilt.states[village] == "returned"
    found = spoilt.of(village)
    hit = found[(found["code"] == code) & (found["indicator"] == indicator)].iloc[0]
    assert hit["message"].startswith(f"{village} {CATALOGUE.indicators[indicator].area} {hit['cell']}：")


def test_blank_that_means_zero_is_accepted(spoilt):
    assert spoilt.states[WITH_A_BLANK] == "accepted"


@pytest.mark.parametrize("village", NO_WORKBOOK)
def test_file_that_is_no_workbook_is_said_so_with_its_unit(spoilt, village):
    assert spoilt.states[village] == "unreadable"
    assert list(spoilt.of(village)["code"]) == [NO_WORKBOOK[village][1]]


def test_last_years_form_is_refused_by_year(spoilt):
    assert spoilt.states[OF_LAST_YEAR] == "returned"
    assert list(spoilt.of(OF_LAST_YEAR)["code"]) == ["YEAR_MISMATCH"]


def test_missing_unit_makes_totals_provisional(spoilt):
    assert spoilt.states[SILENT] == "missing"
    assert asked(
        spoilt.outputs,
        "SELECT units_counted, units_expected, provisional FROM totals WHERE level = 'township' AND indicator = 'J01'",
    ) == [(2, len(VILLAGES), True)]


def test_two_different_files_of_one_unit_are_both_returned_with_both_names(spoilt):
    assert spoilt.states[TWICE] == "returned"
    found = spoilt.of(TWICE)
    assert set(found["code"]) == {"TWO_FILES"}
    assert all(f"{TWICE}.xlsx" in words and f"{TWICE}（改）.xlsx" in words for words in found["message"])
    assert all("有 2 个数不同，I04 特困供养户数" in words and "分别为" in words for words in found["message"])
    (spoilt.inbox / f"{TWICE}.xlsx").unlink()
    now = states(judge_steps(spoilt.inputs, spoilt.outputs))
    assert now == {**spoilt.states, TWICE: "accepted"}, "with one of them gone the other is taken"


# ---- an office where all is well, and what lies about in its inbox


@pytest.fixture
def office(tmp_path):
    inputs = small_inputs(tmp_path, [GOOD, BAD])
    return inputs, inputs / "2023" / "submissions", tmp_path / "outputs"


@pytest.fixture(scope="module")
def orderly(tmp_path_factory) -> tuple[Path, Standing]:
    """Two villages that did all right; a stranger's file, a copy and a lock file besides."""
    folder = tmp_path_factory.mktemp("orderly")
    inbox = small_inputs(folder, [GOOD, BAD]) / "2023" / "submissions"
    shutil.copy(SAMPLE / "2023" / "submissions" / "大湾村.xlsx", inbox / "新来的.xlsx")
    shutil.copy(inbox / f"{BAD}.xlsx", inbox / "副本.xlsx")
    (inbox / f"~${BAD}.xlsx").write_bytes(b"\5user" * 10)
    return folder, run_steps(folder / "inputs", folder / "outputs")


@pytest.fixture
def collected(orderly, tmp_path) -> tuple[Path, Path, Path]:
    """A copy of it that goes on."""
    folder = shutil.copytree(orderly[0], tmp_path / "here")
    return folder / "inputs", folder / "inputs" / "2023" / "submissions", folder / "outputs"


def test_what_else_lies_in_the_inbox_keeps_nothing_from_being_complete(orderly):
    _, standing = orderly
    assert standing.complete
    assert {one.file: one.state for one in standing.loose} == {
        "新来的.xlsx": "unidentified", "副本.xlsx": "duplicate", f"~${BAD}.xlsx": "notice"
    }  # fmt: skip


def test_unit_not_on_the_roster_is_named_with_the_nearest(orderly):
    [message] = [one.message for one in orderly[1].loose if one.state == "unidentified"]
    assert "大湾村" in message
    assert "units.csv" in message


def test_second_run_over_the_same_files_finds_the_same(collected, orderly):
    inputs, _, outputs = collected
    once = findings_of(outputs)
    assert judge_steps(inputs, outputs).loose == orderly[1].loose
    assert findings_of(outputs).equals(once)


def test_lock_file_of_an_open_workbook_is_noted_and_not_read(collected, orderly):
    inputs, inbox, outputs = collected
    assert any(f"~${BAD}.xlsx" in one.message for one in orderly[1].loose)
    (inbox / f"~${BAD}.xlsx").unlink()
    assert {one.file for one in judge_steps(inputs, outputs).loose} == {"新来的.xlsx", "副本.xlsx"}


def test_second_file_beside_an_accepted_one_does_not_displace_it(collected):
    inputs, inbox, outputs = collected
    (inbox / "副本.xlsx").unlink()
    shutil.copy(inbox / f"{BAD}.xlsx", inbox / f"{BAD}（改）.xlsx")
    edit(inbox / f"{BAD}（改）.xlsx", {"I04": 9, "I05": 9})
    standing = judge_steps(inputs, outputs)
    assert standing.complete, "what was accepted stays"
    assert "TWO_FILES" in set(findings_of(outputs)["code"])
    (inbox / f"{BAD}（改）.xlsx").unlink()
    judge_steps(inputs, outputs)
    files = asked(outputs, "SELECT DISTINCT file FROM facts WHERE unit_name = ?", BAD)
    assert files == [(f"{BAD}.xlsx",)]


def test_changed_file_becomes_a_revision_and_running_twice_changes_nothing(collected):
    inputs, inbox, outputs = collected
    first = (outputs / "2023" / "汇总表.xlsx").read_bytes()
    assert run_steps(inputs, outputs).complete
    assert (outputs / "2023" / "汇总表.xlsx").read_bytes() == first
    edit(inbox / f"{BAD}.xlsx", {"I04": 9, "I05": 9})
    standing = judge_steps(inputs, outputs)
    assert {a.name: a.revision for a in standing.arrivals} == {GOOD: 1, BAD: 2}


def test_only_reads_the_units_asked_for(office):
    inputs, _, outputs = office
    assert states(judge_steps(inputs, outputs, only=[BAD])) == {GOOD: "missing", BAD: "accepted"}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda inputs: shutil.rmtree(inputs), "找不到输入文件夹"),
        (lambda inputs: shutil.rmtree(inputs / "2023"), "找不到收件夹"),
        (lambda inputs: (inputs / "units.csv").unlink(), "找不到单位名册"),
        (lambda inputs: _replace(inputs / "township.toml", "deadline", "deadlin"), "deadlin，是不是想写 deadline"),
    ],
    ids=["no folder", "no inbox", "no roster", "misspelt key"],
)
def test_wrong_input_files_are_one_line_and_exit_2(office, capsys, spoil, words):
    inputs, _, outputs = office
    spoil(inputs)
    assert main(["run", "--inputs", str(inputs), "--outputs", str(outputs)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert words in said


def _replace(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
