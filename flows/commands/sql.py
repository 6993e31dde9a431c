"""`cunhui sql`: show a query's answer in the form asked for, or converse."""

import io
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from flows.commands.screen import words
from flows.commands.sql_formats import as_rows, to_csv, to_json, to_xlsx
from flows.files import write_atomically
from flows.store.published import Answer, query
from flows.values.characters import printable, printable_json
from schemas.errors import InputError

SCREEN_ROWS = 1000
"""Rows that a terminal keeps to scroll back to, about; the whole answer is had by --format."""
WIDEST = 30
"""Columns of the terminal that one column of an answer takes at most; longer texts fold."""
_AROUND = 3
"""What a table puts around a column."""
HELP = """输入 SQL，以分号结束；.t 列出可查的表，.q 退出。例：
SELECT code, name, kind FROM units WHERE expected ORDER BY code;"""
TABLES = """SELECT view_name AS 名称, comment AS 内容 FROM duckdb_views() WHERE NOT internal ORDER BY 1"""


def answer(outputs: Path, sql: str, form: str, out: str | None) -> int:
    """Run one query and show or write its result. Returns the exit status."""
    if form == "table" and not out:
        _show(outputs, sql)
        return 0
    found = query(outputs, sql)
    if form in ("xlsx", "parquet"):
        path = Path(out or f"查询结果.{form}")
        _write(found, path, form)
        print(f"已写入 {path}")
    elif out:
        text = io.StringIO(newline="")
        text.write(to_json(found)) if form == "json" else to_csv(found, text)
        data = text.getvalue().encode("utf-8-sig" if form == "csv" else "utf-8")
        print(f"已写入 {write_atomically(Path(out), data)}")
    elif form == "json":
        print(printable_json(to_json(found)))
    else:
        to_csv(found, sys.stdout)
    return 0


def _write(found: Answer, path: Path, form: str) -> None:
    if form == "xlsx":
        to_xlsx(found, path)
    else:
        from flows.store.parquet import to_parquet  # heavy: DuckDB and pandas

        to_parquet(found, path)


def converse(outputs: Path) -> int:
    """Read queries from the terminal until the end of input; a wrong one is said and the next awaited."""
    with suppress(ImportError):
        import readline  # noqa: F401  # optional: line editing and history where the platform has it
    print(HELP)
    lines: list[str] = []
    while True:
        try:
            line = input("村汇> " if not lines else "   …> ")
        except EOFError:
            print()
            return 0
        if not lines and line.strip() in (".q", ".quit", "exit", "quit"):
            return 0
        if not lines and line.strip() in (".t", ".tables"):
            line = TABLES + ";"
        lines.append(line)
        if line.rstrip().endswith((";", "；")):
            _try(outputs, "\n".join(lines).rstrip().rstrip(";；"))
            lines = []


def _try(outputs: Path, sql: str) -> None:
    try:
        _show(outputs, sql)
    except InputError as error:
        print(printable(f"错误：{error}"))


def _show(outputs: Path, sql: str) -> None:
    found, console = query(outputs, sql, limit=SCREEN_ROWS), Console()
    rows = as_rows(found)
    strips = in_strips(found.columns, rows, console.width)
    for strip in strips:
        console.print(_table(found.columns, rows, strip))
    if len(strips) > 1:
        print(f"共 {len(found.columns)} 栏，屏幕放不下，分成上面 {len(strips)} 段；整张表请用 --format xlsx")
    print(f"共 {len(found.rows)} 行" + ("（只显示前面这些，全部请用 --format csv）" if found.cut else ""))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], strip: Sequence[int]) -> Any:
    """Some of an answer's columns, as a table of the terminal."""
    table = Table(box=SIMPLE_HEAD)
    for column in strip:
        table.add_column(words(columns[column]), overflow="fold", max_width=WIDEST)
    for row in rows:
        table.add_row(*(words(row[column]) for column in strip))
    return table


def in_strips(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[list[int]]:
    """The columns, by number, in strips that fit the width, each led by the column that tells the rows apart."""

    def wide(column: int) -> int:
        cells = (printable(row[column]) for row in rows)
        return min(max([cell_len(printable(columns[column])), *map(cell_len, cells)]), WIDEST) + _AROUND

    widths = [wide(column) for column in range(len(columns))]
    if sum(widths) <= width:
        return [list(range(len(columns)))]
    told = [c for c in range(len(columns)) if len({row[c] for row in rows}) == len(rows)]
    key = min(told, key=lambda c: (all(row[c].replace(".", "").isdigit() for row in rows), c)) if told else None
    lead = [key] if key is not None else []
    strips, left = [], 0
    for column in (column for column in range(len(columns)) if column != key):
        if not strips or widths[column] > left:
            strips.append([*lead])
            left = width - sum(widths[one] for one in lead)
        strips[-1].append(column)
        left -= widths[column]
    return strips
