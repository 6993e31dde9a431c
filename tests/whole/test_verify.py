"""`cunhui verify`: what does not agree is said with what mends it, and mending it makes all agree again."""

import json
import shutil
from pathlib import Path

import duckdb
import openpyxl
import pytest

from flows.commands import cli
from flows.verify import verify
from tests.office import run_steps, small_inputs
from tests.returning import edit

YEAR = 2023


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    """Two villages, one returned; everything agrees."""
    folder = tmp_path_factory.mktemp("good")
    inputs = small_inputs(folder, ["三湾村", "大湾村"])
    edit(inputs / str(YEAR) / "submissions" / "大湾村.xlsx", {"I01": "若干户"})
    run_steps(inputs, folder / "outputs")
    return folder


@pytest.fixture
def office(good, tmp_path) -> Path:
    shutil.copytree(good, tmp_path / "office")
    return tmp_path / "office"


def first_original(outputs: Path) -> Path:
    return sorted((outputs / "archive").glob("??/*.xlsx"))[0]


def changed_total(outputs: Path) -> None:
    with duckdb.connect(str(outputs / "cunhui.duckdb")) as db:
        db.execute("UPDATE base.total SET value = value + 1 WHERE indicator_id = (SELECT id FROM base.indicator "
                   "WHERE code = 'I01') AND level = 'township'")  # fmt: skip


def changed_by_hand(outputs: Path) -> None:
    path = outputs / str(YEAR) / "汇总表.xlsx"
    book = openpyxl.load_workbook(path)
    book["全镇合计"]["D6"] = 1
    book.save(path)


def lines_lost(outputs: Path) -> None:
    path = outputs / "journal.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:1]))


SPOILT = {
    "original overwritten": (lambda o: first_original(o).write_bytes(b"x"), {"archive"}),
    "original lost": (lambda o: first_original(o).unlink(), {"archive"}),
    "total changed": (changed_total, {"totals", "published", "outputs"}),
    "published lost": (lambda o: (o / "published" / "cunhui.duckdb").unlink(), {"published"}),
    "table lost": (lambda o: (o / str(YEAR) / "汇总表.xlsx").unlink(), {"outputs"}),
    "table changed by hand": (changed_by_hand, {"outputs"}),
    "returned file lost": (lambda o: (o / str(YEAR) / "退回" / "大湾村.xlsx").unlink(), {"outputs"}),
    "journal cut": (lines_lost, {"journal"}),
}


def test_what_agrees_is_said_to_agree_and_nothing_is_written(good, capsys):
    before = {path: path.read_bytes() for path in good.rglob("*") if path.is_file()}
    assert cli.main(["verify", "--outputs", str(good / "outputs")]) == 0
    assert "都相符" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in good.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", SPOILT)
def test_what_does_not_agree_is_said_and_a_run_mends_it(name, office, capsys):
    spoil, kinds = SPOILT[name]
    outputs = office / "outputs"
    spoil(outputs)
    assert cli.main(["verify", "--json", "--outputs", str(outputs)]) == 3
    found = json.loads(capsys.readouterr().out)
    assert {one["kind"] for one in found} == kinds and all(one["mend"] for one in found)
    if name == "table changed by hand":
        (outputs / str(YEAR) / "汇总表.xlsx").unlink()
    run_steps(office / "inputs", outputs)
    left = [one for one in verify(outputs) if one.where != "坏件"]
    assert left == []


def test_without_a_store_it_says_how_to_make_it(office):
    (office / "outputs" / "cunhui.duckdb").unlink()
    [one] = verify(office / "outputs")
    assert (one.kind, one.mend) == ("store", "cunhui rebuild")


def test_closed_year_is_held_against_its_frozen_figures(office):
    folders = ["--inputs", str(office / "inputs"), "--outputs", str(office / "outputs")]
    assert cli.main(["close", "--by", "张三", "--why", "不等了", "--except", "大湾村", *folders]) == 0
    assert verify(office / "outputs") == []
    (office / "outputs" / "closed" / str(YEAR) / "fact.parquet").write_bytes(b"x")
    assert {one.kind for one in verify(office / "outputs")} == {"closed"}
