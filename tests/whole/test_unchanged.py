"""Nothing changed, nothing done again; whatever changed, the end is that of a run from nothing."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flows import steps
from flows.emit.workbook.plain import part_name, parts_of
from flows.store.store import Store
from tests.golden import lines_of
from tests.office import SAMPLE, run_steps, small_inputs
from tests.returning import edit

VILLAGES = ["三湾村", "南川村"]


@pytest.fixture(scope="module")
def township(tmp_path_factory) -> Path:
    """Two villages and a report's template, added up."""
    folder = tmp_path_factory.mktemp("township")
    inputs = small_inputs(folder, VILLAGES)
    shutil.copy(Path(__file__).parents[2] / "inputs" / "年度工作总结模板.docx", inputs)
    run_steps(inputs, folder / "outputs")
    return folder


@pytest.fixture(scope="module")
def whole(township) -> dict[str, object]:
    return shown(township)


@pytest.fixture
def done(township, tmp_path, monkeypatch) -> list[str]:
    """Which of the steps are done from now on, in a copy of the township in tmp_path."""
    shutil.copytree(township, tmp_path / "here")
    did: list[str] = []
    for name in ("judge", "add_up", "_made"):
        real = getattr(steps, name)
        monkeypatch.setattr(steps, name, lambda *given, real=real, name=name: (did.append(name), real(*given))[1])
    return did


def shown(here: Path) -> dict[str, object]:
    """Totals, states, and what the emitted files say; revisions and the place of submissions aside."""
    outputs = here / "outputs"
    with duckdb.connect(str(outputs / "cunhui.duckdb"), read_only=True) as db:
        totals = db.execute("SELECT * FROM totals ORDER BY ALL").fetchall()
        states = db.execute("SELECT unit_name, state FROM unit_states ORDER BY ALL").fetchall()
    said = {name: lines_of(outputs / "2023" / name) for name in ("年度工作总结.docx", "年度工作总结.html")}
    return {"totals": totals, "states": states, "sheets": _sheets(outputs / "2023" / "汇总表.xlsx"), **said}


def _sheets(path: Path) -> dict[str, object]:
    """The parts of a workbook, but for the sheet that says how many times a unit has sent, and when."""
    parts = parts_of(path.read_bytes())
    parts.pop(part_name(openpyxl.load_workbook(path, read_only=True).sheetnames.index("收报情况")))
    return dict(parts)


def test_second_run_judges_adds_up_and_writes_nothing(done, tmp_path):
    here = tmp_path / "here"
    before = {path: path.stat().st_mtime_ns for path in (here / "outputs" / "2023").rglob("*")}
    standing = run_steps(here / "inputs", here / "outputs")
    assert done == []
    assert before == {path: path.stat().st_mtime_ns for path in (here / "outputs" / "2023").rglob("*")}
    assert standing.complete and any(name.endswith("汇总表.xlsx") for name in standing.emitted)
    assert standing == run_steps(here / "inputs", here / "outputs")


def changed_text(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(here: Path) -> None:
        path = here / "inputs" / name
        text = path.read_text(encoding="utf-8-sig")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def tampered(statement: str) -> Callable[[Path], object]:
    def change(here: Path) -> None:
        with Store(here / "outputs" / "cunhui.duckdb") as store:
            store.db.execute(statement)

    return change


JUDGED, WRITTEN = ["judge", "add_up", "_made"], ["_made"]
CHANGES = {
    "what lies in the inbox": [
        (lambda here: (here / "inputs/2023/submissions/说明.txt").write_text("请查收"), JUDGED),
        (lambda here: edit(here / "inputs/2023/submissions/三湾村.xlsx", {"A07": 13}), JUDGED),
    ],
    "what is set": [
        (changed_text("township.toml", 'rounding = "allocate"', 'rounding = "none"'), JUDGED),
        (lambda here: (here / "inputs/2023/targets.toml").write_text("T01 = 3\n"), WRITTEN),
    ],
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES.keys())
def test_what_changed_is_done_again_and_ends_as_a_run_from_nothing(done, tmp_path, changes):
    here = tmp_path / "here"
    for change, expected in changes:
        done.clear()
        change(here)
        run_steps(here / "inputs", here / "outputs")
        assert done == expected
    ended = shown(here)
    shutil.rmtree(here / "outputs")
    run_steps(here / "inputs", here / "outputs")
    assert ended == shown(here)


def sent_wrong(here: Path) -> None:
    edit(here / "inputs/2023/submissions/南川村.xlsx", {"I01": "若干户"})


def sent_right(here: Path) -> None:
    shutil.copy(SAMPLE / "2023/submissions/南川村.xlsx", here / "inputs/2023/submissions")


STEPS = {
    "a figure": lambda here: edit(here / "inputs/2023/submissions/三湾村.xlsx", {"A07": 13}),
    "another area's figure": lambda here: edit(here / "inputs/2023/submissions/三湾村.xlsx", {"I01": 41}),
    "a wrong form": sent_wrong,
    "a right form": sent_right,
    "a strange file": lambda here: (here / "inputs/2023/submissions/说明.txt").write_text("请查收"),
    "a target": lambda here: (here / "inputs/2023/targets.toml").write_text("T01 = 3\n"),
    "a table lost": lambda here: (here / "outputs/2023/汇总表.xlsx").unlink(missing_ok=True),
    "nothing": lambda here: None,
}


@settings(
    max_examples=1,  # a history takes seconds; every run of the tests tries another
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.generate,),
)
@given(history=st.permutations([*STEPS]).map(lambda names: names[:4]))
def test_after_any_history_every_emitted_byte_is_that_of_writing_all_anew(township, tmp_path, history):
    here = tmp_path / "here"
    shutil.copytree(township, here)
    for name in history:
        STEPS[name](here)
        run_steps(here / "inputs", here / "outputs")
    shutil.copytree(here, tmp_path / "anew")
    shutil.rmtree(tmp_path / "anew/outputs/2023")
    run_steps(tmp_path / "anew/inputs", tmp_path / "anew/outputs")
    ended, anew = (emitted(tmp_path / folder / "outputs/2023") for folder in ("here", "anew"))
    assert ended.keys() == anew.keys()
    assert [name for name in ended if ended[name] != anew[name]] == []


def emitted(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


HARMED = {
    "a table lost": (lambda here: (here / "outputs/2023/汇总表.xlsx").unlink(), WRITTEN),
    "a page edited": (lambda here: (here / "outputs/2023/年度工作总结.html").write_text("x"), WRITTEN),
    "a total changed by hand": (
        tampered("UPDATE base.total SET value = value + 1 WHERE level = 'township'"),
        ["judge", "add_up"],  # then all is as it was, and the files are from that
    ),
    "a state changed by hand": (tampered("UPDATE base.submission SET state = 'returned'"), ["judge"]),
}


@pytest.mark.parametrize(("harm", "expected"), HARMED.values(), ids=HARMED.keys())
def test_what_somebody_harmed_is_made_as_it_was(done, whole, tmp_path, harm, expected):
    here = tmp_path / "here"
    harm(here)
    run_steps(here / "inputs", here / "outputs")
    assert done == expected
    assert shown(here) == whole


def test_a_table_without_its_report_is_tried_again_at_every_run(done, tmp_path):
    here = tmp_path / "here"
    (here / "inputs" / "年度工作总结模板.docx").write_bytes(b"no document")
    assert [run_steps(here / "inputs", here / "outputs").lacking != () for _ in range(2)] == [True, True]
    assert done == [*WRITTEN, *WRITTEN]


def test_another_day_writes_the_pages_again(done, tmp_path, monkeypatch):
    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=1)

    here = tmp_path / "here"
    monkeypatch.setattr(steps, "datetime", Tomorrow)
    run_steps(here / "inputs", here / "outputs")
    assert done == WRITTEN
