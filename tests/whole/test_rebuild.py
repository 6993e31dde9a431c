"""Deleting the store loses nothing: it is made anew from journal, archive, inbox and settings, and says the same."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from flows.commands import cli
from flows.rebuild import rebuild, together
from flows.steps import judge
from flows.store.journal import Journal, Sent
from tests.office import judge_steps, small_inputs
from tests.returning import edit

YEAR = 2023
MOMENT = datetime(2024, 1, 1, tzinfo=UTC)
NAMES = ["三湾村", "大湾村", "山林村", "南川村"]
INTERNAL = {"submission", "number", "sub_id"}
"""Columns whose numbers may differ: in which order something was stored."""


def views(outputs: Path) -> dict[str, list[str]]:
    """Every row of every view, without internal numbers, in an order of its own."""
    with duckdb.connect(str(outputs / "cunhui.duckdb"), read_only=True) as db:
        names = db.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'"
        ).fetchall()
        found = {}
        for (name,) in names:
            columns = [column for column, *_ in db.execute(f'DESCRIBE "{name}"').fetchall() if column not in INTERNAL]
            chosen = ", ".join(f'"{column}"' for column in columns)
            found[name] = sorted(map(str, db.execute(f'SELECT {chosen} FROM "{name}"').fetchall()))
    return found


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> tuple[Path, Path]:
    """Returned, mended, corrected, restored, two files of one unit, a copy, a file of nobody, closed and reopened."""
    folder = tmp_path_factory.mktemp("history")
    inputs, outputs = small_inputs(folder, NAMES), folder / "outputs"
    inbox = inputs / str(YEAR) / "submissions"
    places = ["--inputs", str(inputs), "--outputs", str(outputs)]
    shutil.copy(inbox / "南川村.xlsx", inbox / "南川村(1).xlsx")
    edit(inbox / "三湾村.xlsx", {"I01": "若干户"})
    judge_steps(inputs, outputs)
    edit(inbox / "三湾村.xlsx", {"I01": 42})
    edit(inbox / "大湾村.xlsx", {"A07": 13})
    shutil.copy(inbox / "山林村.xlsx", inbox / "山林村又一份.xlsx")
    edit(inbox / "山林村又一份.xlsx", {"A07": 14})
    (inbox / "说明.csv").write_text("请查收\n", "utf-8")
    judge_steps(inputs, outputs)
    (inbox / "山林村又一份.xlsx").unlink()
    correction = (
        '[[corrections]]\nunit = "大湾村"\nindicator = "A07"\nexpect = 13\nvalue = 12\nreason = "多记一次"\n'
        'agreed_with = "村文书"\ndate = 2024-01-03\n'
    )
    (inputs / str(YEAR) / "corrections.toml").write_text(correction, "utf-8")
    judge_steps(inputs, outputs)
    assert cli.main(["restore", "大湾村", "1", "--by", "张三", "--why", "还是原来的对", *places]) in (0, 3)
    assert cli.main(["close", "--by", "张三", "--why", "年报结束", "--except", "山林村", *places]) == 0
    assert cli.main(["close", "--reopen", "--by", "李四", "--why", "补报", *places]) == 0
    judge_steps(inputs, outputs)
    return inputs, outputs


@pytest.fixture(scope="module")
def before(history) -> dict[str, list[str]]:
    """What its store says."""
    return views(history[1])


def test_history_is_what_the_test_needs(before):
    assert len(before["submissions"]) >= 8 and len(before["events"]) == 3 and before["corrections"]
    states = " ".join(before["submissions"])
    assert all(state in states for state in ("superseded", "duplicate", "returned", "unreadable")), states


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    """Two villages, taken in."""
    folder = tmp_path_factory.mktemp("collected")
    judge_steps(small_inputs(folder, ["三湾村", "大湾村"]), folder / "outputs")
    return folder


@pytest.fixture(scope="module")
def closed(collected, tmp_path_factory) -> Path:
    """The same, closed."""
    folder = shutil.copytree(collected, tmp_path_factory.mktemp("closed") / "office")
    places = ["--inputs", str(folder / "inputs"), "--outputs", str(folder / "outputs")]
    assert cli.main(["close", "--by", "张三", "--why", "年报结束", *places]) == 0
    return folder


def copied(folder: Path, to: Path) -> tuple[Path, Path]:
    """Inputs and outputs of a copy that goes on."""
    here = shutil.copytree(folder, to / "here")
    return here / "inputs", here / "outputs"


@pytest.mark.parametrize(("loss", "at_a_time"), [("deleted", 500), ("zeroed", 2), ("there", 1)])
def test_rebuilt_store_says_what_the_old_one_said_and_a_run_after_it_changes_nothing(
    history, before, loss, at_a_time, tmp_path, monkeypatch
):
    monkeypatch.setattr("flows.rebuild.CHUNK", at_a_time)
    inputs, outputs = history[0], tmp_path / "outputs"
    shutil.copytree(history[1], outputs)
    store = outputs / "cunhui.duckdb"
    {"deleted": store.unlink, "zeroed": lambda: store.write_bytes(b""), "there": lambda: None}[loss]()
    journal = (outputs / "journal.jsonl").read_bytes()
    done = rebuild(str(inputs), str(outputs))
    assert not done.lost
    after = views(outputs)
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    assert set(after) == set(before)
    assert (outputs / "journal.jsonl").read_bytes() == journal
    judge_steps(inputs, outputs)
    assert views(outputs) == before


@pytest.mark.parametrize("loss", ["deleted", "zeroed"])
def test_run_without_the_store_begins_nothing_and_names_rebuild(history, loss, tmp_path, capsys):
    inputs, outputs = history[0], tmp_path / "outputs"
    shutil.copytree(history[1], outputs)
    store = outputs / "cunhui.duckdb"
    {"deleted": store.unlink, "zeroed": lambda: store.write_bytes(b"")}[loss]()
    assert cli.main(["forms", "--inputs", str(inputs), "--outputs", str(outputs)]) == 2
    assert "cunhui rebuild" in capsys.readouterr().err
    assert not store.exists() or not store.stat().st_size


def test_what_one_original_says_of_many_units_is_read_once_and_not_divided(monkeypatch):
    monkeypatch.setattr("flows.rebuild.CHUNK", 2)
    sent = [
        Sent(MOMENT, YEAR, None, 0, sha256, "表.xlsx", 9, part=part)
        for sha256, part in zip("aaabc", "1234 ", strict=True)
    ]
    assert [[line.sha256 for line in some] for some in together(sent)] == [["c"], ["a", "a", "a", "b"]]


def test_rebuilding_compares_a_year_once_unless_something_befell_it(collected, tmp_path, monkeypatch):
    judged = []
    for place in ("flows.rebuild.judge", "flows.steps.judge"):
        monkeypatch.setattr(place, lambda job, real=judge: judged.append(job.year) or real(job))
    inputs, outputs = copied(collected, tmp_path)
    before = views(outputs)
    rebuild(str(inputs), str(outputs))
    assert judged == [YEAR] and views(outputs) == before


def test_lost_original_is_named_and_the_rest_rebuilt(history, tmp_path, capsys):
    inputs, outputs = tmp_path / "inputs", tmp_path / "outputs"
    shutil.copytree(history[1], outputs)
    shutil.copytree(history[0], inputs)
    gone = next(
        line for line in Journal(outputs).read() if getattr(line, "file", "") == "大湾村.xlsx" and line.revision == 2
    )
    [path] = (outputs / "archive" / gone.sha256[:2]).glob(f"{gone.sha256}*")
    path.unlink()
    (inputs / str(YEAR) / "submissions" / "大湾村.xlsx").unlink()
    (outputs / "cunhui.duckdb").unlink()
    assert cli.main(["rebuild", "--inputs", str(inputs), "--outputs", str(outputs)]) == 3
    assert "原件丢失，没有重建：大湾村.xlsx" in capsys.readouterr().out
    assert len(views(outputs)["units"]) == 4


def test_without_a_journal_nothing_is_touched(tmp_path, capsys):
    inputs, outputs = small_inputs(tmp_path, ["三湾村"]), tmp_path / "outputs"
    assert cli.main(["rebuild", "--inputs", str(inputs), "--outputs", str(outputs)]) == 2
    assert "没有流水账" in capsys.readouterr().err
    assert not (outputs / "cunhui.duckdb").exists()


def test_closed_year_comes_back_as_it_was_closed_whatever_became_of_its_files(closed, tmp_path):
    inputs, outputs = copied(closed, tmp_path)
    before = views(outputs)
    for file in [*(outputs / "archive").rglob("*"), *(inputs / str(YEAR) / "submissions").iterdir()]:
        file.unlink() if file.is_file() else None
    roster = (inputs / "units.csv").read_text("utf-8").replace("大湾村", "大弯村")
    (inputs / "units.csv").write_text(roster, "utf-8")
    (outputs / "cunhui.duckdb").unlink()
    rebuild(str(inputs), str(outputs))
    assert views(outputs) == before


def test_closed_year_whose_frozen_figures_were_changed_is_read_again(closed, tmp_path):
    inputs, outputs = copied(closed, tmp_path)
    before = views(outputs)
    (outputs / "closed" / str(YEAR) / "total.parquet").write_bytes(b"PAR1")
    (outputs / "cunhui.duckdb").unlink()
    rebuild(str(inputs), str(outputs))
    assert views(outputs) == before


# ---- the journal


def test_line_that_was_cut_off_is_no_line_and_the_next_one_is_whole(history, tmp_path):
    shutil.copy(history[1] / "journal.jsonl", tmp_path)
    journal = Journal(tmp_path)
    before = journal.read()
    with journal.path.open("ab") as file:
        file.write(b'{"kind":"event","at":"2024-')
    assert journal.read() == before
    journal.write(before[:1])
    assert journal.read() == [*before, before[0]]
    assert journal.broken() == [len(before) + 1]


def test_every_line_is_json_that_any_program_reads(history):
    lines = (history[1] / "journal.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["kind"] for line in lines} == {"submission", "copy", "contested", "event"}


def test_closing_that_reached_the_journal_counts_though_the_store_never_got_it(collected, tmp_path, monkeypatch):
    from flows.job import open_job

    inputs, outputs = copied(collected, tmp_path)
    monkeypatch.setattr("flows.store.events.note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt), open_job(str(inputs), str(outputs), YEAR) as job:
        from flows.store.events import record

        record(job.store, YEAR, "close", "张三", "")
    monkeypatch.undo()
    with open_job(str(inputs), str(outputs), YEAR) as job:
        assert job.closing and job.closing.who == "张三"


def test_store_of_before_there_was_a_journal_is_written_down_and_rebuilt(collected, tmp_path):
    inputs, outputs = copied(collected, tmp_path)
    edit(inputs / str(YEAR) / "submissions" / "三湾村.xlsx", {"A07": 13})
    judge_steps(inputs, outputs)
    before = views(outputs)
    (outputs / "journal.jsonl").unlink()
    judge_steps(inputs, outputs)
    (outputs / "cunhui.duckdb").unlink()
    rebuild(str(inputs), str(outputs))
    assert views(outputs) == before
