"""Bad input: each kind ends in one clear finding for its unit, and everybody else is accepted."""

import shutil
from pathlib import Path

import openpyxl
import pytest

from flows.commands.cli import main
from schemas.catalogue import Catalogue
from tests.office import SAMPLE, findings_of, judge_steps, run_steps, small_inputs

GOOD, BAD = "南川村", "三湾村"
CATALOGUE = Catalogue()


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


@pytest.fixture
def office(tmp_path):
    inputs = small_inputs(tmp_path, [GOOD, BAD])
    return inputs, inputs / "2023" / "submissions", tmp_path / "outputs"


def states(standing) -> dict[str, str]:
    return {arrival.name: arrival.state for arrival in standing.arrivals}


@pytest.mark.parametrize(
    ("changes", "code", "indicator"),
    [
        ({"I01": "不详"}, "NOT_A_NUMBER", "I01"),
        ({"I01": -5}, "NEGATIVE", "I01"),
        ({"J01": None}, "MISSING", "J01"),
        ({"H04": 999}, "RELATION", "H04"),
        ({"J02": 30, "J03": 20, "J05": 10}, "RELATION", "J02"),
        ({"I01": 12.5}, "TOO_PRECISE", "I01"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_wrong_answer_returns_its_village_and_nobody_else(office, changes, code, indicator):
    inputs, inbox, outputs = office
    edit(inbox / f"{BAD}.xlsx", changes)
    standing = judge_steps(inputs, outputs)
    assert states(standing) == {GOOD: "accepted", BAD: "returned"}
    found = findings_of(outputs)
    hit = found[(found["code"] == code) & (found["indicator"] == indicator)].iloc[0]
    assert hit["unit_name"] == BAD
    assert hit["message"].startswith(f"{BAD} {CATALOGUE.indicators[indicator].area} {hit['cell']}：")


def test_blank_that_means_zero_is_accepted(office):
    inputs, inbox, outputs = office
    zero = next(i for i in CATALOGUE.reported(2023) if i.blank == "zero" and i.area == "生态环境")
    edit(inbox / f"{BAD}.xlsx", {zero.code: None})
    assert states(judge_steps(inputs, outputs))[BAD] == "accepted"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: path.write_bytes(b""), "FILE_EMPTY"),
        (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 500), "FILE_NOT_WORKBOOK"),
        (lambda path: path.write_bytes(path.read_bytes()[:3000]), "FILE_DAMAGED"),
    ],
    ids=["empty", "picture", "cut"],
)
def test_file_that_is_no_workbook_is_said_so_with_its_unit(office, make, code):
    inputs, inbox, outputs = office
    make(inbox / f"{BAD}.xlsx")
    standing = judge_steps(inputs, outputs)
    assert states(standing) == {GOOD: "accepted", BAD: "unreadable"}
    assert list(findings_of(outputs)["code"]) == [code]


def test_unit_not_on_the_roster_is_named_with_the_nearest(office):
    inputs, inbox, outputs = office
    shutil.copy(SAMPLE / "2023" / "submissions" / "大湾村.xlsx", inbox / "新来的.xlsx")
    standing = judge_steps(inputs, outputs)
    assert standing.complete
    [loose] = standing.loose
    assert (loose.file, loose.state) == ("新来的.xlsx", "unidentified")
    assert "大湾村" in loose.message
    assert "units.csv" in loose.message


def test_two_different_files_of_one_unit_are_both_returned_with_both_names(office):
    inputs, inbox, outputs = office
    shutil.copy(inbox / f"{BAD}.xlsx", inbox / f"{BAD}（改）.xlsx")
    edit(inbox / f"{BAD}（改）.xlsx", {"I04": 9, "I05": 9})
    standing = judge_steps(inputs, outputs)
    assert states(standing) == {GOOD: "accepted", BAD: "returned"}
    found = findings_of(outputs)
    assert set(found["code"]) == {"TWO_FILES"}
    assert all(f"{BAD}.xlsx" in words and f"{BAD}（改）.xlsx" in words for words in found["message"])
    assert all("有 2 个数不同，I04 特困供养户数" in words and "分别为" in words for words in found["message"])
    (inbox / f"{BAD}.xlsx").unlink()
    assert judge_steps(inputs, outputs).complete, "with one of them gone the other is taken"


def test_second_file_beside_an_accepted_one_does_not_displace_it(office):
    inputs, inbox, outputs = office
    judge_steps(inputs, outputs)
    shutil.copy(inbox / f"{BAD}.xlsx", inbox / f"{BAD}（改）.xlsx")
    edit(inbox / f"{BAD}（改）.xlsx", {"I04": 9, "I05": 9})
    standing = judge_steps(inputs, outputs)
    assert standing.complete, "what was accepted stays"
    assert "TWO_FILES" in set(findings_of(outputs)["code"])
    (inbox / f"{BAD}（改）.xlsx").unlink()
    judge_steps(inputs, outputs)
    import duckdb

    with duckdb.connect(str(outputs / "cunhui.duckdb"), read_only=True) as db:
        assert db.execute("SELECT DISTINCT file FROM facts WHERE unit_name = ?", [BAD]).fetchall() == [(f"{BAD}.xlsx",)]


def test_same_file_twice_counts_once(office):
    inputs, inbox, outputs = office
    shutil.copy(inbox / f"{BAD}.xlsx", inbox / "副本.xlsx")
    standing = judge_steps(inputs, outputs)
    assert standing.complete
    assert [loose.state for loose in standing.loose] == ["duplicate"]
    once = findings_of(outputs)
    judge_steps(inputs, outputs)
    assert findings_of(outputs).equals(once)


def test_last_years_form_is_refused_by_year(office):
    inputs, inbox, outputs = office
    shutil.copy(SAMPLE / "2022" / "submissions" / f"{BAD}.xlsx", inbox / f"{BAD}.xlsx")
    assert states(judge_steps(inputs, outputs)) == {GOOD: "accepted", BAD: "returned"}
    assert list(findings_of(outputs)["code"]) == ["YEAR_MISMATCH"]


def test_lock_file_of_an_open_workbook_is_noted_and_not_read(office):
    inputs, inbox, outputs = office
    (inbox / f"~${BAD}.xlsx").write_bytes(b"\5user" * 10)
    standing = judge_steps(inputs, outputs)
    assert standing.complete
    assert f"~${BAD}.xlsx" in standing.loose[0].message
    (inbox / f"~${BAD}.xlsx").unlink()
    assert not judge_steps(inputs, outputs).loose


def test_changed_file_becomes_a_revision_and_running_twice_changes_nothing(office):
    inputs, inbox, outputs = office
    run_steps(inputs, outputs)
    first = (outputs / "2023" / "汇总表.xlsx").read_bytes()
    assert run_steps(inputs, outputs).complete
    assert (outputs / "2023" / "汇总表.xlsx").read_bytes() == first
    edit(inbox / f"{BAD}.xlsx", {"I04": 9, "I05": 9})
    standing = run_steps(inputs, outputs)
    assert {a.name: a.revision for a in standing.arrivals} == {GOOD: 1, BAD: 2}


def test_missing_unit_makes_totals_provisional(office):
    inputs, inbox, outputs = office
    (inbox / f"{BAD}.xlsx").unlink()
    standing = judge_steps(inputs, outputs)
    assert states(standing) == {GOOD: "accepted", BAD: "missing"}
    import duckdb

    with duckdb.connect(str(outputs / "cunhui.duckdb"), read_only=True) as db:
        assert db.execute(
            "SELECT units_counted, units_expected, provisional FROM totals "
            "WHERE level = 'township' AND indicator = 'J01'"
        ).fetchall() == [(1, 2, True)]


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
