"""SQL from the clerk: in a child process, on the published copy, with everything locked that could reach further."""

import multiprocessing
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from flows.values.characters import printable
from schemas.toml import InputError

PUBLISHED = Path("published") / "cunhui.duckdb"
SECONDS, MEMORY = 60, 2 << 30
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
"""How a text begins that some spreadsheet program takes for a formula when it opens a CSV (OWASP, CSV Injection)."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
# The order matters: the last one locks the others.
LOCKS = (
    "SET memory_limit = '1GB'",
    "SET threads = 2",
    "SET max_temp_directory_size = '0B'",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


@dataclass(frozen=True)
class Answer:
    """A query's result: column names and rows; `cut` when there were more rows than asked for."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    cut: bool = False


def publish(store: Path, outputs: Path) -> Path:
    """Copy the closed store to where queries read it, whole or not at all; a reader keeps the copy it opened.

    Call it while the outputs are held: nobody else may be writing either file.
    """
    target = outputs / PUBLISHED
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.part")
    shutil.copyfile(store, partial)
    os.replace(partial, target)
    return target


def query(outputs: Path, sql: str, limit: int | None = None, seconds: float = SECONDS) -> Answer:
    """Run one query on the published copy. Raises InputError, in one line, for whatever goes wrong with it."""
    database = outputs / PUBLISHED
    if not sql.strip(" ;\n\t；"):
        raise InputError("没有写查询语句")
    if not database.exists():
        raise InputError(f"还没有可查询的数据（{database}），请先运行 cunhui run")
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(sender, str(database), sql, limit), daemon=True)
    child.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            raise InputError(f"查询超过 {seconds:.0f} 秒没有结束，已停止；请缩小范围后再查")
        outcome = receiver.recv()
    except EOFError:
        raise InputError("查询占用内存过多，已停止；请缩小范围后再查") from None
    finally:
        child.kill()
        child.join()
    if isinstance(outcome, str):
        raise InputError(f"查询有误：{outcome}")
    return outcome


def _answer(sender: Connection, database: str, sql: str, limit: int | None) -> None:
    """In the child: answer, or send the error's words."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except ImportError:
        pass  # Windows has no address-space limit; DuckDB's own and the time limit hold there
    import duckdb

    try:
        with duckdb.connect(database, read_only=True) as db:
            for statement in LOCKS:
                db.execute(statement)
            result = db.execute(sql)
            columns = tuple(column[0] for column in result.description or ())
            rows = (result.fetchmany(limit + 1) if limit else result.fetchall()) if columns else []
        sender.send(Answer(columns, rows[:limit], cut=limit is not None and len(rows) > limit))
    except (duckdb.Error, MemoryError) as error:
        sender.send(" ".join(str(error).partition("\n\nLINE")[0].split())[:300] or "内存不足")


def to_csv(answer: Answer, out: Any) -> None:
    """Write as CSV. A text that a spreadsheet program would take for a formula gets an apostrophe in front."""
    import csv

    writer = csv.writer(out)
    writer.writerow(map(_harmless, answer.columns))
    writer.writerows([_harmless(value) for value in row] for row in answer.rows)


def _harmless(value: Any) -> str:
    text = printable(shown(value))
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def to_json(answer: Answer) -> str:
    """As a JSON array of objects; decimals stay exact numbers."""
    import msgspec

    rows = [dict(zip(answer.columns, map(_json, row), strict=True)) for row in answer.rows]
    return msgspec.json.format(msgspec.json.Encoder(decimal_format="number").encode(rows), indent=2).decode()


def to_xlsx(answer: Answer, path: Path) -> None:
    """Write as a workbook; text stays text whatever it begins with."""
    from decimal import Decimal

    import xlsxwriter

    from flows.emit.workbook.canvas import cell_text

    with xlsxwriter.Workbook(str(path), {"nan_inf_to_errors": True}) as book:
        sheet = book.add_worksheet("查询结果")
        head = book.add_format({"bold": True, "bottom": 1})
        for column, name in enumerate(answer.columns):
            sheet.write_string(0, column, cell_text(name), head)
        for number, row in enumerate(answer.rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, int | float | Decimal):
                    sheet.write(number, column, value)
                else:
                    sheet.write_string(number, column, cell_text(shown(value)))
        sheet.freeze_panes(1, 0)
        sheet.autofit()


def shown(value: Any) -> str:
    """A value as people read it: decimals without trailing zeros, nothing for NULL."""
    from decimal import Decimal

    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _json(value: Any) -> Any:
    from decimal import Decimal

    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value.normalize()
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)


def as_rows(answer: Answer) -> Sequence[Sequence[str]]:
    """The rows as words, for a table on the terminal."""
    return [[shown(value) for value in row] for row in answer.rows]
