"""The log for an administrator: what each step did, what became of each submission, nothing that was filled in."""

import hashlib
import json
import logging.config

import pytest

from flows import logs
from flows.job import open_job
from flows.logs import STEPS, VERBOSE, kept, step
from flows.steps import take_in
from tests.office import small_inputs
from tests.returning import edit

YEAR = 2023


def lines(outputs):
    return [json.loads(line) for line in (outputs / "log" / "cunhui.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run for two units, one with a fault: its lines, and the inbox."""
    folder = tmp_path_factory.mktemp("office")
    inputs = small_inputs(folder, ["三湾村", "大湾村"])
    inbox = inputs / str(YEAR) / "submissions"
    edit(inbox / "大湾村.xlsx", {"I01": "若干户"})
    with open_job(str(inputs), str(folder / "outputs"), YEAR) as job:
        take_in(job, YEAR)
    return lines(folder / "outputs"), inbox


def test_every_submission_has_a_line_with_its_hash_its_unit_its_state_and_its_findings(run):
    told, inbox = run
    mine = {one["unit"]: one for one in told if one["event"] == "submission"}
    [good] = [one for one in mine.values() if one["state"] == "accepted"]
    [back] = [one for one in mine.values() if one["state"] == "returned"]
    assert good["sha256"] == hashlib.sha256((inbox / "三湾村.xlsx").read_bytes()).hexdigest()
    assert back["sha256"] == hashlib.sha256((inbox / "大湾村.xlsx").read_bytes()).hexdigest()
    assert (good["must_correct"], good["revision"], good["year"]) == (0, 1, YEAR)
    assert back["must_correct"] >= 1 and back["findings"] >= back["must_correct"]
    assert 0 < good["seconds"] < 600


def test_every_step_has_a_line_with_its_counts(run):
    told, _ = run
    steps = {one["step"]: one for one in told if one["event"] == "step"}
    assert list(steps) == ["collect", "read", "store", "compare", "total"]
    assert (steps["collect"]["to_read"], steps["read"]["files"], steps["store"]["submissions"]) == (2, 2, 2)
    assert steps["total"]["totals"] > 100
    assert all(one["seconds"] >= 0 and one["at"].endswith("+00:00") for one in steps.values())


def test_nothing_that_was_filled_in_is_logged(run):
    assert "若干户" not in json.dumps(run[0], ensure_ascii=False)
    known = {"at", "event", "step", "seconds", "to_read", "to_judge", "files", "submissions", "totals"} | {
        "sha256", "part", "year", "unit", "revision", "state", "must_correct", "must_explain", "findings", "number"
    }  # fmt: skip
    assert {key for one in run[0] for key in one} <= known


def test_step_that_fails_says_what_by_and_the_failure_goes_on(tmp_path):
    @step("emit", lambda _: {})
    def fail():
        raise ZeroDivisionError("secret")

    with kept(tmp_path), pytest.raises(ZeroDivisionError):
        fail()
    [line] = lines(tmp_path)
    assert (line["step"], line["error"]) == ("emit", "ZeroDivisionError")
    assert "secret" not in str(line)


def test_log_is_rotated_and_the_earlier_ones_stay_within_bounds(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "LARGEST", 400)
    with kept(tmp_path):
        for number in range(100):
            STEPS.info("%s", number, extra={"figures": {"event": "step", "number": number}})
    files = list((tmp_path / "log").iterdir())
    assert len(files) == logs.KEPT + 1 and all(path.stat().st_size <= 400 for path in files)
    assert lines(tmp_path)[-1]["number"] == 99


def test_library_that_configures_logging_does_not_silence_it(tmp_path):
    logging.config.dictConfig({"version": 1})
    with kept(tmp_path):
        STEPS.info("x", extra={"figures": {"event": "step"}})
    assert len(lines(tmp_path)) == 1


def test_folder_that_cannot_be_written_stops_nothing(tmp_path, capsys):
    (tmp_path / "log").write_text("")
    with kept(tmp_path):
        STEPS.info("x")
    assert capsys.readouterr().err == ""


def test_verbose_says_the_same_in_words_on_stderr(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(VERBOSE, "1")
    before = list(STEPS.handlers)
    with kept(tmp_path):
        step("read", lambda done: {"files": done})(lambda: 3)()
    assert "读取：文件 3，0.0 秒" in capsys.readouterr().err
    assert STEPS.handlers == before
