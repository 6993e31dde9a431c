"""The correction cycle as three villages and the clerk live it, with an office suite in the village."""

import shutil
from pathlib import Path

import pytest

from flows.commands import cli
from tests.libreoffice import saved_as
from tests.office import SAMPLE, judge_steps, run_steps, small_inputs
from tests.returning import YEAR, edit, write_reason

NAMES = ("三湾村", "大湾村", "山林村")


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Three faulty files of different kinds; two are mended in LibreOffice in what came back, one is explained."""
    folder = tmp_path_factory.mktemp("story")
    inputs, outputs = small_inputs(folder, list(NAMES)), folder / "outputs"
    inbox, back = inputs / str(YEAR) / "submissions", outputs / str(YEAR) / "退回"
    edit(inbox / "三湾村.xlsx", {"I01": "若干户"})
    [old] = saved_as("xls", folder / "old", [edit(inbox / "大湾村.xlsx", {"I02": 3})])
    (inbox / "大湾村.xlsx").unlink()
    shutil.copy(old, inbox / "大湾村最终版(2).xls")
    edit(inbox / "山林村.xlsx", {"C05": "约2500亩"})
    first = run_steps(inputs, outputs)
    returned = {name: (back / f"{name}.xlsx").exists() for name in NAMES}

    answers = {
        "三湾村": ({"I01": 42},),
        "大湾村": ({"I02": 120, "I01": 60},),
        "山林村": ({}, write_reason("C05", "村内土地确权未结束，按合作社台账估算")),
    }
    mended = [edit(Path(shutil.copy(back / f"{name}.xlsx", folder)), *said) for name, said in answers.items()]
    for path in inbox.iterdir():
        path.unlink()
    for path in saved_as("xlsx", folder / "village", mended):
        shutil.copy(path, inbox)
    second = run_steps(inputs, outputs, retry=True)
    return inputs, outputs, first, returned, second


def test_all_three_are_returned_each_with_its_own_workbook(story):
    _, _, first, returned, _ = story
    assert {one.name: one.state for one in first.arrivals} == dict.fromkeys(NAMES, "returned")
    assert all(returned.values())


def test_after_two_corrections_and_an_explanation_all_are_accepted_and_nothing_is_left_returned(story):
    _, outputs, _, _, second = story
    states = {one.name: one.state for one in second.arrivals}
    assert states == {"三湾村": "accepted", "大湾村": "accepted", "山林村": "accepted with explanations"}, (
        second.messages
    )
    assert not list((outputs / str(YEAR) / "退回").glob("*.xlsx"))


def test_trace_of_one_figure_shows_both_revisions_with_their_cells(story, capsys):
    inputs, outputs, *_ = story
    assert cli.main(["trace", "低保户数", "三湾村", "--inputs", str(inputs), "--outputs", str(outputs)]) == 0
    told = capsys.readouterr().out
    assert "第 1 版（" in told and "“若干户”" in told and "第 2 版（已采用" in told and "：42，三湾村.xlsx" in told


def test_a_run_with_nothing_new_rewrites_no_file(story):
    inputs, outputs, *_ = story
    files = [path for path in (outputs / str(YEAR)).rglob("*") if path.is_file()]
    before = {path: path.stat().st_mtime_ns for path in files}
    run_steps(inputs, outputs)
    assert {path: path.stat().st_mtime_ns for path in files} == before and len(files) >= 3


def test_reason_is_shown_again_where_the_figure_is_asked_next_year(story):
    from flows.job import open_job
    from flows.store.book import explanations_of

    inputs, outputs, *_ = story
    with open_job(str(inputs), str(outputs), YEAR + 1) as job:
        reasons = explanations_of(job.of_year(YEAR + 1).store, YEAR + 1)
    assert reasons["990101101209"]["C05"] == "村内土地确权未结束，按合作社台账估算"


def test_reason_of_last_year_stands_beside_this_years_doubt(tmp_path):
    inputs, outputs = small_inputs(tmp_path, ["三湾村"]), tmp_path / "outputs"
    last = inputs / str(YEAR - 1) / "submissions"
    last.mkdir(parents=True)
    shutil.copy(SAMPLE / str(YEAR - 1) / "submissions" / "三湾村.xlsx", last)
    edit(last / "三湾村.xlsx", {"C05": ("约2746亩", "合作社流转面积按合同估算")})
    edit(inputs / str(YEAR) / "submissions" / "三湾村.xlsx", {"C05": 1000})
    [doubt] = [words for words in judge_steps(inputs, outputs).messages["990101101208"] if "上年 2746 亩" in words]
    assert "（上年说明：合作社流转面积按合同估算）。请核对" in doubt
