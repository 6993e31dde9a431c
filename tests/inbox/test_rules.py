"""Rules have versions that tell the truth: what depends on what changed is judged or read again, and nothing else."""

import re
import shutil
from pathlib import Path

import pytest

from flows.inbox import rules
from flows.judging import check as checking
from flows.reading import read as reading
from flows.rebuild import rebuild
from flows.store.journal import Journal, places
from flows.store.store import Store
from schemas.findings import Finding
from tests.office import findings_of, judge_steps, run_steps, small_inputs

YEAR = 2023


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("first")
    standing = judge_steps(small_inputs(folder, ["三湾村", "大湾村"]), folder / "outputs")
    assert {one.state for one in standing.arrivals} == {"accepted"}
    return folder


@pytest.fixture
def collected(first, tmp_path) -> tuple[Path, Path]:
    """三湾村 and 大湾村, accepted."""
    folder = shutil.copytree(first, tmp_path / "office")
    return folder / "inputs", folder / "outputs"


def states(standing) -> dict[str, str]:
    return {one.name: one.state for one in standing.arrivals}


def without_files(inputs: Path, outputs: Path) -> None:
    """Whatever could be read is gone."""
    for path in [*(inputs / str(YEAR) / "submissions").iterdir(), *(outputs / "archive").rglob("*")]:
        if path.is_file():
            path.unlink()


def stricter(monkeypatch) -> None:
    """An upgrade whose checking finds something in every form of 三湾村."""
    before = checking._of_file

    def of_file(chunk):
        found = [(item.sub_id, Finding("YEAR_CLOSED", details={"file": "f", "year": "1", "who": "w", "when": "t"}), ())
                 for item in chunk if item.owner.unit and item.owner.unit.name == "三湾村"]  # fmt: skip
        return before(chunk) + found

    monkeypatch.setattr(checking, "_of_file", of_file)
    upgraded(monkeypatch, rules.JUDGING)


def upgraded(monkeypatch, part: tuple[str, ...]) -> None:
    """That part of the code has another version."""
    before = rules.code_of
    monkeypatch.setattr(rules, "code_of", lambda patterns: b"new" if patterns is part else before(patterns))


def test_changed_check_changes_a_stored_submissions_state_without_its_file_and_once(collected, monkeypatch):
    inputs, outputs = collected
    before = findings_of(outputs)
    without_files(inputs, outputs)
    monkeypatch.setattr(reading.Readers, "read", lambda *_: pytest.fail("a file was read"))
    stricter(monkeypatch)
    monkeypatch.setattr("flows.emit.returns.returns.archived_as", lambda archive, sha: Path(__file__))
    assert states(run_steps(inputs, outputs)) == {"三湾村": "returned", "大湾村": "accepted"}
    found = findings_of(outputs)
    assert set(found["code"]) - set(before["code"]) == {"YEAR_CLOSED"}
    assert set(found["revision"]) == {1}

    monkeypatch.setattr("flows.judging.elsewhere.check", lambda *_: pytest.fail("judged twice"))
    judge_steps(inputs, outputs)


@pytest.fixture
def judged(monkeypatch) -> list:
    """The submissions that are judged from here on."""
    found = []
    monkeypatch.setattr(
        "flows.judging.elsewhere.check", lambda chunk, *rest: found.extend(chunk) or checking.check(chunk, *rest)
    )
    return found


def test_changed_grade_and_changed_limit_judge_again_and_read_nothing_but_changed_words_do_not(
    collected, judged, monkeypatch
):
    from msgspec.structs import replace

    from schemas.findings import KINDS

    inputs, outputs = collected
    monkeypatch.setattr(reading.Readers, "read", lambda *_: pytest.fail("a file was read"))
    monkeypatch.setitem(KINDS, "MISSING", replace(KINDS["MISSING"], mend="请填写。"))
    assert set(states(judge_steps(inputs, outputs)).values()) == {"accepted"}
    assert not judged

    monkeypatch.setitem(KINDS, "MISSING", replace(KINDS["MISSING"], grade="核实"))
    judge_steps(inputs, outputs)
    assert len(judged) == 2

    path = inputs / "township.toml"
    path.write_text(path.read_text("utf-8").replace("outlier_times = 5", "outlier_times = 6"), "utf-8")
    judge_steps(inputs, outputs)
    assert len(judged) == 4


def test_changed_reading_reads_again_from_the_archive_what_has_left_the_inbox(collected, monkeypatch):
    inputs, outputs = collected
    for path in (inputs / str(YEAR) / "submissions").iterdir():
        path.unlink()
    upgraded(monkeypatch, rules.READING)
    read = []
    before = reading.Readers.read
    monkeypatch.setattr(
        reading.Readers, "read", lambda self, files, *rest: read.extend(files) or before(self, files, *rest)
    )
    assert set(states(judge_steps(inputs, outputs)).values()) == {"accepted"}
    assert sorted(file.file for file in read) == ["三湾村.xlsx", "大湾村.xlsx"]


def test_store_of_before_readings_were_kept_is_read_again(collected, monkeypatch):
    import duckdb

    inputs, outputs = collected
    with duckdb.connect(str(outputs / "cunhui.duckdb")) as db:
        db.execute("DROP TABLE base.reading")
        db.execute("ALTER TABLE base.submission DROP COLUMN reading_version")
        db.execute("DELETE FROM base.meta WHERE key = 'schema'")
    stricter(monkeypatch)
    assert states(judge_steps(inputs, outputs)) == {"三湾村": "returned", "大湾村": "accepted"}


def test_closed_year_is_left_alone(collected, monkeypatch, capsys):
    from flows.commands import cli

    inputs, outputs = collected
    folders = ["--inputs", str(inputs), "--outputs", str(outputs)]
    assert cli.main(["close", "--by", "张三", "--why", "年报结束", *folders]) == 0
    stricter(monkeypatch)
    assert set(states(judge_steps(inputs, outputs)).values()) == {"accepted"}


ELSEWHERE = {"flows.reading.orphan", "schemas.errors", "schemas.faults", "schemas.toml", "schemas.toml_words"}
"""What reading imports and what no file's answers depend on."""


@pytest.mark.parametrize(
    ("patterns", "entry", "elsewhere"),
    [
        (
            rules.READING,
            "flows.reading.child",
            ELSEWHERE,
        ),
        (rules.JUDGING, "flows.judging.check", {"flows.reading.records"}),
    ],
)
def test_versions_cover_every_module_that_reading_and_judging_depend_on(patterns, entry, elsewhere):
    import grimp

    graph = grimp.build_graph("flows", "schemas")
    needed = {entry, *graph.find_upstream_modules(entry)} - elsewhere
    paths = {path.relative_to(rules.ROOT) for pattern in patterns for path in rules.ROOT.glob(pattern)}
    covered = {path.with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__") for path in paths}
    assert needed - covered == set()


def test_restored_revision_is_judged_again_from_its_reading(collected, monkeypatch):
    from flows.commands import cli
    from tests.returning import edit

    inputs, outputs = collected
    edit(inputs / str(YEAR) / "submissions" / "三湾村.xlsx", {"A07": 13})
    judge_steps(inputs, outputs)
    folders = ["--inputs", str(inputs), "--outputs", str(outputs)]
    assert cli.main(["restore", "三湾村", "1", "--by", "张三", "--why", "报错了", *folders]) == 0
    stricter(monkeypatch)
    assert states(judge_steps(inputs, outputs))["三湾村"] == "returned"


def test_unit_added_to_the_roster_owns_its_file_at_the_next_run_without_reading(tmp_path, monkeypatch):
    inputs, outputs = small_inputs(tmp_path, ["三湾村", "大湾村"]), tmp_path / "outputs"
    roster = inputs / "units.csv"
    whole = roster.read_text("utf-8")
    roster.write_text("\n".join(line for line in whole.splitlines() if "大湾村" not in line) + "\n", "utf-8")
    standing = judge_steps(inputs, outputs)
    assert states(standing) == {"三湾村": "accepted"} and len(standing.loose) == 1
    roster.write_text(whole, "utf-8")
    monkeypatch.setattr(reading.Readers, "read", lambda *_: pytest.fail("a file was read"))
    standing = judge_steps(inputs, outputs)
    assert states(standing) == {"三湾村": "accepted", "大湾村": "accepted"} and not standing.loose


SWAPPED = {"三湾村": "大湾村", "大湾村": "三湾村"}


def swapped(words):
    return "".join(SWAPPED.get(word, word) for word in re.split("(三湾村|大湾村)", words))


@pytest.mark.parametrize("way", ["code and name", "back again", "rebuilt", "left the inbox"])
def test_file_that_another_roster_gives_to_another_counts_for_nobody_twice(tmp_path, monkeypatch, way):
    """Two villages' names stood beside each other's code: what they sent contradicts the roster that is right."""
    inputs, outputs = small_inputs(tmp_path, ["三湾村", "大湾村", "东风村"]), tmp_path / "outputs"
    roster = inputs / "units.csv"
    whole = roster.read_text("utf-8")
    assert set(states(judge_steps(inputs, outputs)).values()) == {"accepted"}
    roster.write_text(swapped(whole), "utf-8")
    if way == "left the inbox":
        (inputs / str(YEAR) / "submissions" / "三湾村.xlsx").unlink()
    monkeypatch.setattr(reading.Readers, "read", lambda *_: pytest.fail("a file was read"))
    standing = judge_steps(inputs, outputs)
    assert states(standing) == {"三湾村": "missing", "大湾村": "missing", "东风村": "accepted"}
    assert len(standing.loose) == (1 if way == "left the inbox" else 2)
    assert {one for (one,) in figures(outputs)} == {"东风村"}
    if way == "rebuilt":
        monkeypatch.undo()
        rebuild(str(inputs), str(outputs), YEAR)
        assert {one for (one,) in figures(outputs)} == {"东风村"}
    if way == "back again":
        roster.write_text(whole, "utf-8")
        standing = judge_steps(inputs, outputs)
        assert set(states(standing).values()) == {"accepted"} and not standing.loose
        assert {one for (one,) in figures(outputs)} == {"三湾村", "大湾村", "东风村"}
        sent = places(Journal(outputs).read())
        assert len({one.unit for one in sent if one.unit}) == 3


def figures(outputs):
    with Store(outputs / "cunhui.duckdb") as store:
        return store.rows("SELECT DISTINCT unit_name FROM facts WHERE year = ?", [YEAR])
