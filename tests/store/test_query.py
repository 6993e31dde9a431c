"""`cunhui sql`: answers from the published copy; nothing a query says reaches a file, another database or the store."""

import csv
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest

from flows.commands.cli import main
from flows.commands.sql_formats import to_csv, to_json, to_xlsx
from flows.store.area_views import make_views
from flows.store.parquet import to_parquet
from flows.store.published import Answer, publish, query
from flows.totals.add_up import add_up
from schemas.errors import InputError
from schemas.outputs import PUBLISHED
from tests.office import CATALOGUE, open_store, submit, units_of
from tests.store.asking import answered

FURTHER = [
    "SELECT * FROM read_text('{folder}/secret.txt')",
    "SELECT * FROM '{folder}/secret.txt'",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "ATTACH '{folder}/cunhui.duckdb' AS store",
    "ATTACH '{folder}/new.duckdb'",
    "EXPORT DATABASE '{folder}/dump'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET memory_limit = '8GB'",
    "CREATE TABLE t (x INT)",
    "DELETE FROM base.fact",
    "UPDATE base.submission SET state = 'accepted'",
    "SELECT * FROM glob('/*')",
    "SELECT getenv('HOME')",
    "PRAGMA enable_profiling; SET profiling_output = '{folder}/profile.json'; SELECT 1",
    "EXPORT DATABASE '{folder}/published/cunhui.duckdb.tmp/dump'",
    "COPY (SELECT 1) TO '{folder}/published/cunhui.duckdb.tmp/out.csv'",
    "COPY (SELECT 1) TO '.tmp/out.csv'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/out.csv'",
    "IMPORT DATABASE '{folder}'",
    "WITH gone AS (DELETE FROM base.fact RETURNING *) SELECT * FROM gone",
    "CREATE TEMP TABLE t AS SELECT 1",
    "PREPARE p AS SELECT 1",
    "CALL pragma_version()",
    "PRAGMA database_list",
    "CHECKPOINT",
    "USE memory",
    "BEGIN",
    "EXPLAIN SELECT 1",
    "SELECT 1; SELECT 2",
    "FROM units) UNION ALL FROM read_text('{folder}/secret.txt'",
    "SET VARIABLE a = 1",
    "DETACH cunhui",
]
"""What a query may not do, to the folder of the outputs or beyond it."""
READING = [
    "SELECT 1",
    "WITH a AS (SELECT 1) FROM a",
    "FROM 民生保障",
    "DESCRIBE 民生保障",
    "SUMMARIZE 民生保障",
    "SHOW TABLES",
    "VALUES (1)",
    "PIVOT (SELECT unit_name, value FROM facts) ON unit_name USING sum(value)",
    "PIVOT (SELECT unit_name, value FROM facts) ON unit_name USING sum(value);",
    "-- 先说明一下\nSELECT 1;",
]
WRONG = {
    "SELECT * FROM 没有的表": "没有叫 没有的表 的表",
    "SELECT 低保户 FROM 民生保障": "没有叫 低保户 的栏",
    "SELEC 1": "语句在“SELEC”附近写得不对",
    "SELECT * FROM 民生保障 WHERE": "语句在“WHERE”附近写得不对",
    "SELECT 'a FROM 民生保障": "引号没有成对",
    "SELECT CAST('a' AS INT)": "“a”换算不成数",
    "SELECT 不知道(1)": "没有叫 不知道 的函数",
    "SELECT 单位, sum(低保户数) FROM 民生保障": "单位 没有写进 GROUP BY",
    "DROP TABLE base.fact": "一次只能写一条查询语句",
}
"""Query and what is said of it."""
VIEWS = ("facts", "totals", "submissions", "findings", "units")


@dataclass
class Said:
    """Outcomes by query as it is written here, and every file of the outputs with its time, before and after."""

    of: dict[str, Answer | str | InputError]
    before: dict[str, int]
    after: dict[str, int]


@pytest.fixture(scope="module")
def said(outputs) -> Said:
    before = stamps(outputs)
    written = [*FURTHER, *READING, *WRONG, *map(all_of, VIEWS)]
    found = answered(outputs, (sql.format(folder=outputs) for sql in written))
    return Said(dict(zip(written, found.values(), strict=True)), before, stamps(outputs))


def stamps(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*")}


def all_of(view: str) -> str:
    return f"SELECT * FROM {view}"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outputs")
    units = units_of("南川村 川区\n=三湾村 山区")
    with open_store(folder, units) as store:
        for number, unit in enumerate(units, start=1):
            submit(store, unit, {"I01": number * 10, "I02": number * 25, "F04": "1.25"})
        add_up(store, 2023, "none")
        make_views(store, CATALOGUE, 2023)
    publish(folder / "cunhui.duckdb", folder)
    (folder / "secret.txt").write_text("机密 4711", encoding="utf-8")
    return folder


def test_answer_has_columns_and_rows(outputs):
    answer = query(outputs, "SELECT 单位, 低保户数 FROM 民生保障 ORDER BY 2 DESC")
    assert answer.columns == ("单位", "低保户数")
    assert [row[0] for row in answer.rows] == ["合计", "=三湾村", "南川村"]


@pytest.mark.parametrize("sql", FURTHER)
def test_query_that_reaches_further_is_refused_in_one_line(said, sql):
    told = said.of[sql]
    assert isinstance(told, str | InputError)
    assert "\n" not in str(told)
    assert "4711" not in str(told)


def test_no_query_leaves_a_file_or_changes_one(said):
    assert said.after == said.before


@pytest.mark.parametrize("sql", READING)
def test_every_statement_that_reads_is_answered(said, sql):
    assert said.of[sql].rows


@pytest.mark.parametrize("sql", WRONG)
def test_wrong_query_is_told_in_chinese_and_in_one_line(said, sql):
    told = str(said.of[sql])
    assert WRONG[sql] in told and "\n" not in told


def test_query_that_never_ends_is_stopped(outputs):
    with pytest.raises(InputError, match="秒没有"):
        query(
            outputs,
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT (n + 1) % 7 FROM t) SELECT sum(n) FROM t",
            seconds=3,
        )


def test_query_that_eats_memory_is_stopped(outputs):
    with pytest.raises(InputError):
        query(outputs, "SELECT length(repeat('x', 2000000000) || repeat('y', 2000000000))", seconds=30)


@pytest.mark.parametrize("sql", ["SELECT 1; SELECT * FROM x", ""])
def test_command_with_a_wrong_query_says_one_line(outputs, sql, capsys):
    assert main(["sql", sql, "--outputs", str(outputs)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_formats_keep_numbers_exact_and_text_text(outputs, tmp_path):
    answer = query(outputs, "SELECT unit_name, value, printed, text FROM totals "
                            "JOIN (SELECT name AS unit_name, code FROM units) "
                            "USING (code) WHERE indicator = 'F04' ORDER BY code")  # fmt: skip
    rows = json.loads(to_json(answer), parse_float=Decimal)
    assert rows[0] == {"unit_name": "南川村", "value": Decimal("1.25"), "printed": Decimal("1.25"), "text": None}
    out = io.StringIO()
    to_csv(answer, out)
    assert list(csv.reader(io.StringIO(out.getvalue())))[2] == ["'=三湾村", "1.25", "1.25", ""]
    to_xlsx(answer, tmp_path / "a.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").active["A3"]
    assert (cell.value, cell.data_type) == ("=三湾村", "s")


def test_number_of_more_figures_than_a_cell_holds_is_text_in_a_workbook(tmp_path):
    row = (Decimal("12345678901234.5678"), 640221199001011234, 123456789012345, Decimal("0.1"), 10**18, True)
    to_xlsx(Answer(tuple("abcdef"), [row]), tmp_path / "a.xlsx")
    cells = openpyxl.load_workbook(tmp_path / "a.xlsx").active[2]
    assert [(cell.value, cell.data_type) for cell in cells] == [
        ("12345678901234.5678", "s"), ("640221199001011234", "s"), (123456789012345, "n"), (0.1, "n"), (10**18, "n"),
        (True, "b"),
    ]  # fmt: skip


def test_parquet_keeps_types_and_exact_decimals_of_every_view(said, tmp_path):
    for view in VIEWS:
        found = said.of[all_of(view)]
        to_parquet(found, tmp_path / "a.parquet")
        with duckdb.connect() as db:
            again = db.execute(f"FROM '{tmp_path}/a.parquet'")
            kinds = tuple(str(column[1]) for column in again.description)
            assert (kinds, again.fetchall()) == (found.types, found.rows)


def test_parquet_keeps_what_a_float_cannot_and_what_no_column_is(outputs, tmp_path):
    sql = """SELECT * FROM (VALUES
        (1::DECIMAL(18,4), NULL, NULL, [1, 2], DATE '2024-01-01', {'a': 'x'}, true, 'a'),
        (12345678901234.5678, 123456789012345678901234567890::HUGEINT, TIMESTAMPTZ '2024-01-01 08:00:00+08', [],
         NULL, {'a': NULL}, false, NULL)) AS t(a, b, c, d, e, f, g, h)"""
    found = query(outputs, sql)
    to_parquet(found, tmp_path / "a.parquet")
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        again = db.execute(f"FROM '{tmp_path}/a.parquet'").fetchall()
    assert again == found.rows


def test_parquet_of_no_row_and_of_columns_with_one_name_can_be_read(outputs, tmp_path):
    to_parquet(query(outputs, 'SELECT 1 AS a, 2 AS A, \'x\' AS "b""c" WHERE false'), tmp_path / "a.parquet")
    with duckdb.connect() as db:
        found = db.execute(f"FROM '{tmp_path}/a.parquet'")
        assert ([column[0] for column in found.description], found.fetchall()) == (["a", "A_2", 'b"c'], [])


def test_nothing_to_query_yet_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="cunhui run"):
        query(tmp_path, "SELECT 1")


def test_reader_keeps_the_copy_it_opened(outputs, tmp_path):
    import duckdb

    copy = tmp_path / "o"
    copy.mkdir()
    (copy / "cunhui.duckdb").write_bytes((outputs / "cunhui.duckdb").read_bytes())
    publish(copy / "cunhui.duckdb", copy)
    with duckdb.connect(str(copy / PUBLISHED), read_only=True) as reader:
        publish(copy / "cunhui.duckdb", copy)
        assert reader.execute("SELECT count(*) FROM facts").fetchone() == (6,)


def test_shell_answers_until_it_is_left(outputs, monkeypatch, capsys):
    lines = iter([".t", "SELECT 低保户数", "FROM 民生保障 WHERE 单位 = '合计';", "SELEC;", ".q"])
    monkeypatch.setattr("builtins.input", lambda _: next(lines))
    assert main(["sql", "--outputs", str(outputs)]) == 0
    said = capsys.readouterr().out
    assert "民生保障" in said
    assert "30" in said
    assert "错误：查询有误" in said
