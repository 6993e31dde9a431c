"""The whole job, as a clerk runs it: the sample township through `cunhui run`, recomputed from the workbooks alone."""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import duckdb
import openpyxl
import pytest

from schemas.catalogue import Catalogue
from tests.office import SAMPLE

ROOT = Path(__file__).parents[2]
CATALOGUE = Catalogue()
OFFICES = {f"990101101{suffix}" for suffix in CATALOGUE.offices}


def cunhui(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "flows.commands.cli", *arguments], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, **environment}, timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="module")
def outputs(tmp_path_factory, prefect_home):
    folder = tmp_path_factory.mktemp("outputs")
    done = cunhui("run", "--outputs", str(folder), PREFECT_HOME=prefect_home)
    assert done.returncode == 0, done.stderr
    assert "应报 25 个单位，已采用 25 个" in done.stdout
    assert "Traceback" not in done.stderr
    assert "leaked" not in done.stderr
    return folder


@pytest.fixture(scope="module")
def store(outputs, tmp_path_factory):
    copy = shutil.copy(outputs / "cunhui.duckdb", tmp_path_factory.mktemp("copy"))  # a reader would keep a writer out
    with duckdb.connect(str(copy), read_only=True) as db:
        yield db


@cache
def books(year: int) -> dict[str, openpyxl.Workbook]:
    """What was sent, by file, as openpyxl reads it: to be looked at only."""
    paths = sorted((SAMPLE / str(year) / "submissions").glob("*.xlsx"))
    return {path.name: openpyxl.load_workbook(path, data_only=True) for path in paths}


@cache
def answers(year: int) -> dict[str, dict[str, Decimal]]:
    """By openpyxl alone: file stem -> code -> number, from every sheet that has the columns 代码 and 本年数."""
    found: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for name, book in books(year).items():
        for sheet in book:
            columns = None
            for row in sheet.iter_rows(values_only=True):
                if "代码" in row and "本年数" in row:
                    columns = row.index("代码"), row.index("本年数")
                elif columns and isinstance(row[columns[0]], str) and isinstance(row[columns[1]], int | float):
                    found[Path(name).stem][row[columns[0]].strip()] = Decimal(repr(row[columns[1]]))
    return found


@pytest.mark.parametrize("year", [2022, 2023])
def test_every_summed_total_equals_an_independent_recomputation(store, year):
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for figures in answers(year).values():
        for code, value in figures.items():
            sums[code] += value
    reported = [i for i in CATALOGUE.indicators.values() if i.total == "sum" and i.reporter != "derived"]
    assert len(reported) > 120
    for item in reported:
        rows = store.execute(
            "SELECT value FROM totals WHERE year = ? AND level = 'township' AND indicator = ?", [year, item.code]
        ).fetchall()
        assert rows == [(sums[item.code],)], item.code


@pytest.mark.parametrize("year", [2022, 2023])
def test_every_ratio_equals_an_independent_recomputation(store, year):
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for figures in answers(year).values():
        for code, value in figures.items():
            sums[code] += value
    for item in [i for i in CATALOGUE.indicators.values() if i.total == "ratio"]:
        exact = sums[item.numerator] * item.times / sums[item.denominator]
        expected = (exact / item.factor).quantize(Decimal(1).scaleb(-item.places), ROUND_HALF_UP)
        [(printed,)] = store.execute(
            "SELECT printed FROM totals WHERE year = ? AND level = 'township' AND indicator = ?", [year, item.code]
        ).fetchall()
        assert printed == expected, item.code


def test_every_fact_points_to_the_very_cell(store):
    rows = store.execute("SELECT file, sheet, cell, raw, value FROM facts WHERE year = 2023 AND raw <> ''").fetchall()
    assert len(rows) > 1500
    for file, sheet, cell, raw, value in rows:
        stored = books(2023)[file][sheet][cell].value
        assert (Decimal(repr(stored)) == value) if value is not None else (stored == raw), (file, sheet, cell)


@pytest.fixture(scope="module")
def summary(outputs) -> openpyxl.Workbook:
    return openpyxl.load_workbook(outputs / "2023" / "汇总表.xlsx")


def test_summary_workbook_prints_the_totals(store, summary):
    printed = dict(store.execute(
        "SELECT indicator, printed FROM totals WHERE year = 2023 AND level = 'township' AND printed IS NOT NULL"
    ).fetchall())  # fmt: skip
    sheet = summary["全镇合计"]
    columns, seen = None, {}
    for row in sheet.iter_rows(values_only=True):
        if "代码" in row and "本年" in row:
            columns = row.index("代码"), row.index("本年")
        elif columns and row[columns[0]] in printed:
            seen[row[columns[0]]] = Decimal(str(row[columns[1]]))
    assert seen == {code: value for code, value in printed.items() if code in seen}
    assert len(seen) == len(printed)


def test_every_area_has_a_sheet_and_a_view(store, summary):
    for area in CATALOGUE.areas:
        assert area in summary.sheetnames
        assert len(store.execute(f'SELECT * FROM "{area}"').fetchall()) == 16


def test_received_files_are_in_the_archive(store, outputs):
    for sha, file in store.execute("SELECT sha256, file FROM submissions WHERE year = 2023").fetchall():
        [kept] = (outputs / "archive" / sha[:2]).glob(f"{sha}*")
        assert kept.read_bytes() == (SAMPLE / "2023" / "submissions" / file).read_bytes()


def test_running_again_reads_nothing_and_changes_nothing(outputs, prefect_home):
    def contents() -> dict:
        with duckdb.connect(str(outputs / "cunhui.duckdb"), read_only=True) as db:
            return {t: db.execute(f"SELECT * FROM base.{t} ORDER BY ALL").fetchall()
                    for t in ("submission", "fact", "list_cell", "finding", "total", "sheet")}  # fmt: skip

    before = contents(), {p.name: p.read_bytes() for p in (outputs / "2023").glob("*.xlsx")}
    done = cunhui("run", "--outputs", str(outputs), "--json", PREFECT_HOME=prefect_home)
    assert done.returncode == 0
    assert json.loads(done.stdout)["complete"] is True
    assert (contents(), {p.name: p.read_bytes() for p in (outputs / "2023").glob("*.xlsx")}) == before


def test_status_and_sql_answer_for_the_run(outputs):
    status = json.loads(cunhui("status", "--outputs", str(outputs), "--json").stdout)
    assert {unit["state"] for unit in status["units"]} == {"accepted", "accepted with explanations"}
    said = cunhui(
        "sql", "SELECT 单位, 低保户数 FROM 民生保障 ORDER BY 2 DESC", "--json", "--outputs", str(outputs)
    ).stdout
    rows = json.loads(said)
    assert rows[0]["单位"] == "合计"
    assert rows[0]["低保户数"] == sum(row["低保户数"] for row in rows[1:])


def test_blank_forms_show_last_years_figures_on_a_fresh_machine(tmp_path):
    done = cunhui("forms", "--outputs", str(tmp_path))
    assert "25 份" in done.stdout
    last = answers(2022)["三湾村"]
    [path] = (tmp_path / "2023" / "forms").glob("990101101208-*.xlsx")
    shown = {}
    for sheet in openpyxl.load_workbook(path):
        columns = None
        for row in sheet.iter_rows(values_only=True):
            if "代码" in row and "上年数" in row:
                columns = row.index("代码"), row.index("上年数"), row.index("本年数")
            elif columns and row[columns[0]] in last:
                shown[row[columns[0]]] = Decimal(repr(row[columns[1]]))
                assert row[columns[2]] is None
    assert shown == last


@pytest.mark.parametrize("command", ["run", "forms", "status", "sql", "trace", "serve"])
def test_every_command_has_chinese_help_and_is_in_the_readme(command):
    said = cunhui(command, "--help").stdout
    assert said.startswith(f"用法：cunhui {command}")
    assert "--outputs" in said
    assert "Options" not in said
    assert f"`cunhui {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--yea", "2023"], "没有选项 --yea，是不是 --year？"),
        (["rum"], "没有命令 rum，是不是 run？"),
        (["run", "--year", "今年"], "选项 --year 的值不对"),
        (["run", "--only", "三湾乡"], "是不是“三湾村”"),
        (["sql", "--format", "word", "SELECT 1"], "可选：table、csv、json、xlsx"),
    ],
)
def test_wrong_call_is_one_chinese_line_and_exit_2(arguments, words, tmp_path):
    done = cunhui(*arguments, "--outputs", str(tmp_path / "o"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert words in done.stderr
