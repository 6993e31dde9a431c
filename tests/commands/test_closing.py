"""A year is closed when it is complete, refuses what comes later, and is reopened only with a name and a reason."""

import json
import shutil

import pytest

from flows.commands import cli
from tests.office import run_steps, small_inputs
from tests.returning import YEAR, edit

VILLAGE, OTHER = "三湾村", "大湾村"


@pytest.fixture
def office(tmp_path):
    inputs, outputs = small_inputs(tmp_path, [VILLAGE, OTHER]), tmp_path / "outputs"
    run_steps(inputs, outputs)
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
    run_steps(inputs, outputs)
    assert cli.main(["close", *where]) == 2
    assert OTHER in capsys.readouterr().err
    assert cli.main(["close", "--except", OTHER, *where]) == 2
    assert "--why" in capsys.readouterr().err
    assert cli.main(["close", "--except", OTHER, "--why", "整村搬迁，数归原乡", *where]) == 0
    assert f"{OTHER}除外" in capsys.readouterr().out
    assert not run_steps(inputs, outputs).complete


def test_year_with_files_nobody_collected_is_not_closed(office, capsys):
    inputs, _, where = office
    edit(path_of(inputs, VILLAGE), {"I01": 45})
    assert cli.main(["close", *where]) == 2
    assert "先运行 cunhui run" in capsys.readouterr().err


def test_closing_twice_reopening_an_open_year_and_restoring_in_a_closed_one_are_refused(office, capsys):
    *_, where = office
    assert cli.main(["close", "--reopen", "--why", "看看", *where]) == 2
    assert cli.main(["close", *where]) == 0
    assert cli.main(["close", *where]) == 2
    assert cli.main(["restore", VILLAGE, "1", *where]) == 2
    assert capsys.readouterr().err.count("错误：") == 3
