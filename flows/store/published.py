"""SQL from the clerk: in a child process, on the published copy, with everything locked that could reach further."""

import multiprocessing
import os
import shutil
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.reading.orphan import deaf, end_with_parent
from flows.store.query_errors import in_chinese
from schemas.errors import InputError
from schemas.outputs import PUBLISHED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SECONDS, MEMORY = 60, 2 << 30
"""Of one query, by the clock, and the address space of its process: DuckDB's own limit of 1 GB, and as much again for
code and threads. How long a query may need was not measured; nobody waits longer at a screen."""
ONE_READ = (
    "一次只能写一条查询语句（SELECT、WITH、FROM、DESCRIBE、SUMMARIZE、PIVOT、SHOW、VALUES），不能改动、导出或设置"
)
# The order matters: the last one locks the others.
LOCKS = (
    "SET memory_limit = '1GB'",
    "SET threads = 2",
    "SET temp_directory = ''",
    "SET max_temp_directory_size = '0B'",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


@dataclass(frozen=True)
class Answer:
    """A query's result: column names, rows, the columns' types; `cut` when there were more rows than asked for."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    cut: bool = False
    types: tuple[str, ...] = ()


def publish(store: Path, outputs: Path) -> Path:
    """Copy the closed store to where queries read it, whole or not at all; a reader keeps the copy it opened.

    Call it while the outputs are held: nobody else may be writing either file.
    """
    target = outputs / PUBLISHED
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.part")
    try:
        shutil.copyfile(store, partial)
        _replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _replace(partial: Path, target: Path) -> None:
    """Put the copy in place. On Windows no file can be replaced while it is open: a reader is waited for."""
    until = time.monotonic() + 2 * SECONDS
    while True:
        try:
            os.replace(partial, target)
            return
        except PermissionError:
            if time.monotonic() > until:
                raise InputError(f"{target} 一直被别的程序打开着，请关掉正在查询的窗口后再运行") from None
            time.sleep(0.2)


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
    with deaf():
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
    if isinstance(outcome, InputError):
        raise outcome
    if isinstance(outcome, str):
        raise InputError(f"查询有误：{outcome}")
    return outcome


def _answer(sender: Connection, database: str, sql: str, limit: int | None) -> None:
    """In the child: answer, or send the error's words."""
    end_with_parent()
    try:
        import resource  # optional: Windows has none

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except ImportError:
        pass  # Windows has no address-space limit; DuckDB's own and the time limit hold there
    import duckdb  # heavy: DuckDB

    from flows.store.mishaps import AGAIN, in_words  # heavy: DuckDB

    try:
        with duckdb.connect(database, read_only=True) as db:
            for statement in LOCKS:
                db.execute(statement)
            if not _only_reads(db, sql):
                sender.send(ONE_READ)
                return
            result = db.execute(sql)
            columns = tuple(column[0] for column in result.description or ())
            types = tuple(str(column[1]) for column in result.description or ())
            rows = (result.fetchmany(limit + 1) if limit else result.fetchall()) if columns else []
        sender.send(Answer(columns, rows[:limit], cut=limit is not None and len(rows) > limit, types=types))
    except (duckdb.Error, MemoryError) as error:
        said = in_words(error, database, AGAIN)
        unusable = said and not isinstance(error, duckdb.OutOfMemoryException)
        sender.send(InputError(said[0].rstrip("。")) if said and unusable else in_chinese(str(error)))


def _only_reads(db: "DuckDBPyConnection", sql: str) -> bool:
    """Whether DuckDB's own parser sees one statement that reads.

    A PIVOT is several to it, as an import is; but only what reads may stand in a FROM.
    """
    from duckdb import Error, StatementType  # heavy: DuckDB

    statements = db.extract_statements(sql)
    if len(statements) != 1:
        return False
    if statements[0].type == StatementType.MULTI:
        try:
            return len(db.extract_statements(f"FROM ({statements[0].query.strip().rstrip(';')}\n)")) == 1
        except Error:
            return False
    return statements[0].type == StatementType.SELECT
