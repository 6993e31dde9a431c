"""`cunhui sql`: show a query's answer in the form asked for, or converse."""

import sys
from pathlib import Path

from flows.commands.sql_formats import as_rows, to_csv, to_json, to_xlsx
from flows.store.published import query
from flows.values.characters import printable, printable_json
from schemas.errors import InputError

SCREEN_ROWS = 1000
HELP = """输入 SQL，以分号结束；.t 列出可查的表，.q 退出。例：
SELECT 单位, 低保户数 FROM 民生保障 ORDER BY 2 DESC;"""
TABLES = """SELECT view_name AS 名称, comment AS 内容 FROM duckdb_views() WHERE NOT internal ORDER BY 1"""


def answer(outputs: Path, sql: str, form: str, out: str | None) -> int:
    """Run one query and show or write its result. Returns the exit status."""
    if form == "table" and not out:
        _show(outputs, sql)
        return 0
    found = query(outputs, sql)
    if form == "xlsx":
        path = Path(out or "查询结果.xlsx")
        to_xlsx(found, path)
        print(f"已写入 {path}")
    elif out:
        with open(out, "w", encoding="utf-8-sig" if form == "csv" else "utf-8", newline="") as file:
            file.write(to_json(found)) if form == "json" else to_csv(found, file)
        print(f"已写入 {out}")
    elif form == "json":
        print(printable_json(to_json(found)))
    else:
        to_csv(found, sys.stdout)
    return 0


def converse(outputs: Path) -> int:
    """Read queries from the terminal until the end of input; a wrong one is said and the next awaited."""
    try:
        import readline  # noqa: F401  line editing and history where the platform has it
    except ImportError:
        pass
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
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from flows.commands.screen import words

    found = query(outputs, sql, limit=SCREEN_ROWS)
    table = Table(box=SIMPLE_HEAD)
    for name in found.columns:
        table.add_column(words(name))
    for row in as_rows(found):
        table.add_row(*(words(cell) for cell in row))
    Console().print(table)
    print(f"共 {len(found.rows)} 行" + ("（只显示前面这些，全部请用 --format csv）" if found.cut else ""))
