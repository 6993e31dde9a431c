"""A year is closed when it is complete, refuses what comes later, and is reopened only with a name and a reason."""

import json
import re
import shutil

import duckdb
import pytest

from flows.commands import cli, close
from flows.job import open_job
from flows.store import frozen
from flows.store.published import query
from schemas.catalogue import HERE, Catalogue
from schemas.outputs import PUBLISHED
from tests.office import judge_steps, rows_of, run_steps, small_inputs
from tests.returning import YEAR, edit

VILLAGE, OTHER = "三湾村", "大湾村"


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    run_steps(small_inputs(folder, [VILLAGE, OTHER]), folder / "outputs")
    return folder


@pytest.fixture
def office(first, tmp_path):
    folder = shutil.copytree(first, tmp_path / "office")
    inputs, outputs = folder / "inputs", folder / "outputs"
    return inputs, outputs, ["--inputs", str(inputs), "--outputs", str(outputs)]


def path_of(inputs, name):
    return inputs / str(YEAR) / "submissions" / f"{name}.xlsx"


def test_closed_year_keeps_its_figures_whatever_arrives_and_takes_it_once_reopened(office, capsys):
    inputs, outputs, where = office
    assert cli.main(["close", "--by", "李四", *where]) == 0
    assert "封存" in capsys.readouterr().out
    table = outputs / str(YEAR) / "汇总表.xlsx"
    frozen = table.read_bytes()
    edit(path_of(inputs, VILLAGE), {"I01": 45})
    text = (inputs / "units.csv").read_text(encoding="utf-8")
    (inputs / "units.csv").write_text(text + "990101101299,新村,村,山区,,,\n", encoding="utf-8")

    standing = run_steps(inputs, outputs)
    assert standing.complete and len(standing.arrivals) == 2
    assert "李四" in standing.notes[0] and "封存" in standing.notes[0]
    [late] = standing.loose
    assert late.file == f"{VILLAGE}.xlsx" and "--reopen" in late.message and "李四" in late.message
    assert table.read_bytes() == frozen
    assert list((outputs / "archive").rglob("*.xlsx"))

    (inputs / "units.csv").write_text(text, encoding="utf-8")
    assert cli.main(["close", "--reopen", *where]) == 2
    assert "--why" in capsys.readouterr().err
    assert cli.main(["close", "--reopen", "--by", "张三", "--why", "三湾村补报", *where]) == 0
    standing = run_steps(inputs, outputs)
    assert standing.complete and not standing.loose
    assert table.read_bytes() != frozen

    capsys.readouterr()
    assert cli.main(["sql", "SELECT what, who, why FROM events", "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"what": "close", "who": "李四", "why": ""}, {"what": "reopen", "who": "张三", "why": "三湾村补报"}
    ]  # fmt: skip


def test_incomplete_year_is_closed_only_with_its_exceptions_named_and_explained(office, capsys):
    inputs, outputs, where = office
    path_of(inputs, OTHER).unlink()
    shutil.rmtree(outputs)
    judge_steps(inputs, outputs)
    assert cli.main(["close", *where]) == 2
    assert OTHER in capsys.readouterr().err
    assert cli.main(["close", "--except", OTHER, *where]) == 2
    assert "--why" in capsys.readouterr().err
    assert cli.main(["close", "--except", OTHER, "--why", "整村搬迁，数归原乡", *where]) == 0
    assert f"{OTHER}除外" in capsys.readouterr().out
    assert not judge_steps(inputs, outputs).complete


def test_year_with_files_nobody_collected_is_not_closed(office, capsys):
    inputs, _, where = office
    edit(path_of(inputs, VILLAGE), {"I01": 45})
    assert cli.main(["close", *where]) == 2
    assert "先运行 cunhui run" in capsys.readouterr().err


class Cut(BaseException):
    """What ends the work in its midst."""


@pytest.mark.parametrize("step", ["keep_settings", "mirror", "keep_catalogue", "freeze", "record"])
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_closing_cut_short_at_any_step_leaves_a_year_that_is_open_or_closed_whole(office, step, done, monkeypatch):
    inputs, outputs, where = office
    real = getattr(close, step)

    def cut(*given):
        if done:
            real(*given)
        elif step == "freeze":  # half of its tables are written
            (frozen.folder_of(outputs, YEAR).with_name(f".{YEAR}.new")).mkdir(parents=True)
        raise Cut

    monkeypatch.setattr(close, step, cut)
    with pytest.raises(Cut):
        cli.main(["close", "--by", "李四", *where])
    monkeypatch.undo()
    recorded = step == "record" and done
    with open_job(str(inputs), str(outputs), YEAR) as job:
        assert bool(job.closing) == recorded and job.of_year(YEAR).settings == job.settings
    assert cli.main(["close", "--by", "李四", *where]) == (2 if recorded else 0)
    assert query(outputs, "SELECT what FROM events").rows == [("close",)], "also who only says it is closed publishes"
    with open_job(str(inputs), str(outputs), YEAR) as job:
        assert job.closing and frozen.is_whole(outputs, YEAR)
        assert job.store.rows("SELECT count(*) FROM base.closed_settings") == [(1,)]
        [(kept, known)] = job.store.rows(
            "SELECT (SELECT count(*) FROM base.closed_indicator), (SELECT count(*) FROM base.indicator)"
        )
        assert kept == known
    assert [path.name for path in (outputs / "closed").iterdir()] == [str(YEAR)]


def test_closing_twice_reopening_an_open_year_and_restoring_in_a_closed_one_are_refused(office, capsys):
    *_, where = office
    assert cli.main(["close", "--reopen", "--why", "看看", *where]) == 2
    assert cli.main(["close", *where]) == 0
    assert cli.main(["close", *where]) == 2
    assert cli.main(["restore", VILLAGE, "1", *where]) == 2
    assert capsys.readouterr().err.count("错误：") == 3


def changed_catalogue(folder, change):
    """The catalogue with a change to 民生保障's file, from its text to its text."""
    root = folder / "declared"
    shutil.copytree(HERE, root, dirs_exist_ok=True)
    path = root / "indicators" / "i_livelihood.toml"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    return Catalogue(root)


def without(code):
    """Take an indicator out of a file, with the relations that name it."""

    def change(text):
        parts = re.split(r"(?m)^(?=\[)", text)
        return "".join(
            part for part in parts if not part.startswith(f"[indicators.{code}]") and f'"{code}"' not in part
        )

    return change


def figures(outputs):
    """All that the store says of the year's figures."""
    asked = ("facts", "totals", "adjustments", "findings", "units")
    return [published_rows(outputs, f"SELECT * FROM {view} WHERE year = {YEAR} ORDER BY ALL") for view in asked]


def published_rows(outputs, sql):
    """What the published copy says."""
    with duckdb.connect(str(outputs / PUBLISHED), read_only=True) as db:
        return db.execute(sql).fetchall()


def without_one_and_with_another_renamed(text):
    renamed = text.replace('name = "低保户数"', 'name = "低保家庭数"').replace('unit = "户"', 'unit = "家"', 1)
    assert renamed != text
    return without("I06")(renamed)


def test_closed_year_carries_the_catalogue_settings_and_roster_it_was_closed_with(office, monkeypatch, capsys):
    inputs, outputs, where = office
    assert cli.main(["close", "--by", "李四", *where]) == 0
    before = figures(outputs)
    assert any(row[3] == "I06" for row in before[0]) and any(row[4] == "低保户数" for row in before[0])

    changed = changed_catalogue(inputs, without_one_and_with_another_renamed)
    monkeypatch.setattr("schemas.inputs.catalogue_of", lambda _: changed)
    settings = inputs / "township.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("2024-01-10", "2023-12-02"), encoding="utf-8")
    standing = run_steps(inputs, outputs)
    assert "没有重新汇总" in standing.notes[0]
    assert figures(outputs) == before
    for words, said in (("I06", "I06"), ("低保户数", "I01 低保户数")):
        capsys.readouterr()
        assert cli.main(["trace", words, *where]) == 0
        told = capsys.readouterr().out
        assert said in told and VILLAGE in told
    with open_job(str(inputs), str(outputs), YEAR) as job:
        assert job.of_year(YEAR).settings.deadline.isoformat() == "2024-01-10T18:00:00+08:00"
        assert job.of_year(YEAR + 1).settings.deadline.isoformat() == "2023-12-02T18:00:00+08:00"


def test_reopened_year_goes_by_the_catalogue_of_now_again(office, monkeypatch):
    inputs, outputs, where = office
    assert cli.main(["close", *where]) == 0
    renamed = changed_catalogue(inputs, lambda text: text.replace('name = "低保户数"', 'name = "低保家庭数"'))
    monkeypatch.setattr("schemas.inputs.catalogue_of", lambda _: renamed)
    assert cli.main(["close", "--reopen", "--by", "张三", "--why", "再看", *where]) == 0
    judge_steps(inputs, outputs)
    names = {name for (name,) in rows_of(outputs, "SELECT DISTINCT name FROM facts")}
    assert "低保家庭数" in names and "低保户数" not in names


def test_indicator_with_figures_of_an_open_year_is_not_lost_but_ended_with_until(office, monkeypatch, capsys):
    inputs, outputs, where = office
    before = figures(outputs)
    monkeypatch.setattr("schemas.inputs.catalogue_of", lambda _: gone)
    gone = changed_catalogue(inputs, without("I06"))
    assert cli.main(["forms", *where]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "指标 I06" in line and f"库里还有它 {YEAR} 年的数" in line and f"until = {YEAR}" in line
    assert figures(outputs) == before

    ended = changed_catalogue(
        inputs, lambda _: (HERE / "indicators" / "i_livelihood.toml").read_text(encoding="utf-8").replace(
            "[indicators.I06]\n", f"[indicators.I06]\nuntil = {YEAR}\n")
    )  # fmt: skip
    monkeypatch.setattr("schemas.inputs.catalogue_of", lambda _: ended)
    assert cli.main(["forms", *where]) == 0
