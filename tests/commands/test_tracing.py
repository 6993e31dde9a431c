"""`cunhui trace`: words and JSON that lead from a printed figure to the cell, and every revision of it."""

import json

import openpyxl
import pytest

from flows.commands.cli import main
from tests.judging.test_bad_input import edit
from tests.office import judge_steps, small_inputs


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trace")
    inputs, outputs = small_inputs(folder, ["南川村", "三湾村"]), folder / "outputs"
    judge_steps(inputs, outputs)
    edit(inputs / "2023" / "submissions" / "三湾村.xlsx", {"I04": 9, "I05": 9})
    judge_steps(inputs, outputs, publish=True)
    return inputs, outputs


def traced(office, capsys, *words):
    inputs, outputs = office
    assert main(["trace", *words, "--inputs", str(inputs), "--outputs", str(outputs)]) == 0
    return capsys.readouterr().out


def test_figure_leads_to_the_cell_and_shows_both_revisions(office, capsys):
    found = json.loads(traced(office, capsys, "特困供养户数", "三湾村", "--json"))
    [cell] = found["cells"]
    book = openpyxl.load_workbook(office[0] / "2023" / "submissions" / cell["文件"])
    assert book[cell["工作表"]][cell["单元格"]].value == 9 == int(cell["数值"].split(".")[0])
    assert [(r["版次"], r["状态"]) for r in found["revisions"]] == [(1, "superseded"), (2, "accepted")]
    assert found["total"]["units_expected"] == 2


def test_ratio_is_told_with_both_totals(office, capsys):
    words = traced(office, capsys, "I03")
    assert "算法：低保人口" in words
    assert "÷ 农村人口" in words
    assert "三湾村.xlsx / 民生保障 / " in words


def test_list_figure_leads_to_the_rows_behind_it(office, capsys):
    found = json.loads(traced(office, capsys, "A27", "--json"))
    assert found["indicator"] == "A27"
    assert {cell["工作表"] for cell in found["cells"]} <= {"村集体经济项目"}


@pytest.mark.parametrize(
    ("words", "nearest"), [(["低保户"], "低保户数"), (["低保户数", "三湾"], None), (["I01", "四湾村"], "三湾村")]
)
def test_wrong_name_is_one_line_with_the_nearest(office, capsys, words, nearest):
    inputs, outputs = office
    status = main(["trace", *words, "--inputs", str(inputs), "--outputs", str(outputs)])
    said = capsys.readouterr()
    assert status == 2
    assert said.err.count("\n") == 1
    assert nearest is None or nearest in said.err
