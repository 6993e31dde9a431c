"""Whatever came in which order, and however it was run: the end equals a full run from nothing."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flows import steps
from flows.job import open_job
from flows.reading.child import read_inside
from flows.reading.records import Received
from tests.office import small_inputs
from tests.returning import WORDS, YEAR, edit

UNITS = ("三湾村", "大湾村", "山林村")
SENDS = {
    "as it was": {},
    "another figure": {"I01": 45, "A07": 14},
    "doubtful": {"I01": "约42户"},
    "explained": {"I01": ("约42户", "按镇民政办十二月名册逐户核对")},
    "weakly explained": {"I01": ("约42户", "属实")},
    "wrong": {"I01": "若干户"},
}
BROKEN = b"PK\x03\x04 not a workbook"


@pytest.fixture(scope="module")
def post(tmp_path_factory) -> tuple[Path, dict[tuple[str, str], bytes]]:
    """An office with an empty inbox, and what each unit may send."""
    folder = tmp_path_factory.mktemp("post")
    inputs = small_inputs(folder, list(UNITS))
    letters = {(unit, "broken"): BROKEN + unit.encode() for unit in UNITS}
    for unit in UNITS:
        path = inputs / str(YEAR) / "submissions" / f"{unit}.xlsx"
        whole = path.read_bytes()
        for what, answers in SENDS.items():
            path.write_bytes(whole)
            letters[unit, what] = (edit(path, answers) if answers else path).read_bytes()
        path.unlink()
    return inputs, letters


@cache
def reading_of(path: str, sha256: str, file: str):
    return read_inside(Path(path).read_bytes(), WORDS, file, sha256)


def run(inputs: Path, outputs: Path, only: tuple[str, ...] = (), retry: bool = False) -> dict[str, object]:
    """The steps of a run without its emitted files; what it leaves in the store, without revisions and moments."""
    with open_job(str(inputs), str(outputs), YEAR, only, retry) as job:
        job = steps.take_in(job, YEAR)
        rows = job.store.rows
        return {
            "facts": rows("SELECT * EXCLUDE (revision) FROM facts ORDER BY ALL"),
            "totals": rows("SELECT * FROM totals ORDER BY ALL"),
            "findings": rows(
                "SELECT f.unit_code, f.code, f.grade, f.cell, f.message, f.explanation, f.explained, f.state "
                "FROM findings f JOIN submissions s USING (submission) SEMI JOIN base.inbox i USING (sha256) "
                "WHERE f.code <> 'UNCHANGED' "
                "QUALIFY rank() OVER (PARTITION BY f.unit_code ORDER BY f.revision DESC) = 1 ORDER BY ALL"
            ),
            "current": rows("SELECT unit_name, sha256 FROM submissions WHERE state LIKE 'accepted%'"),
        }


step = st.tuples(
    st.sampled_from(UNITS), st.sampled_from([*SENDS, "broken", "gone"]), st.sampled_from(["full", "retry", "only"])
)


def sends_nothing_twice(history: list[tuple[str, str, str]]) -> bool:
    """Whether no unit sends again what it sent before: that is asked about, and from nothing there is no before."""
    sent = [(unit, what) for unit, what, _ in history if what != "gone"]
    return len(sent) == len(set(sent))


@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.generate),  # a history takes seconds: one that fails is told as it is
)
@given(history=st.lists(step, min_size=4, max_size=6).filter(sends_nothing_twice))
def test_any_history_of_runs_ends_as_a_full_run_from_nothing(post, monkeypatch, history):
    inputs, letters = post
    inbox = inputs / str(YEAR) / "submissions"

    def read_here(files: list[Received], *_, **__):
        return [reading_of(file.path, file.sha256, file.file) for file in files]

    monkeypatch.setattr(steps, "read_files", read_here)
    with tempfile.TemporaryDirectory() as name:
        outputs, fresh = Path(name) / "outputs", Path(name) / "fresh"
        for path in inbox.iterdir():
            path.unlink()
        for unit, what, how in history:
            path = inbox / f"{unit}.xlsx"
            path.unlink(missing_ok=True)
            if what != "gone":
                path.write_bytes(letters[unit, what])
            run(inputs, outputs, (unit,) if how == "only" else (), how == "retry")
        ended = run(inputs, outputs, retry=True)

        final = Path(name) / "final"
        shutil.copytree(inbox, final)
        for unit, sha256 in ended.pop("current"):
            [kept] = (outputs / "archive" / sha256[:2]).glob(f"{sha256}*")
            shutil.copy(kept, inbox / f"{unit}.xlsx")
        run(inputs, fresh)
        shutil.rmtree(inbox)
        shutil.copytree(final, inbox)
        again = run(inputs, fresh)
        again.pop("current")
        assert ended == again
