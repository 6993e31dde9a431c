"""The store: one DuckDB file, one writer at a time, append-only submissions, every view made from the catalogue."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from flows.reading.records import Received
from flows.store.journal import Copied, Journal
from flows.store.mishaps import open_store
from flows.store.statements import sql_beside
from schemas.findings import BEHIND_ROWS_MOVED, KINDS, Finding
from schemas.levels import levels
from schemas.states import STATES

if TYPE_CHECKING:
    import pandas as pd

_SQL = sql_beside(__file__)
SQL = Path(__file__).parent
Connection = duckdb.DuckDBPyConnection
Copy = tuple[Received, str]
Notice = tuple[str, Finding]
_AT_A_TIME = 10_000
"""Rows of a large answer that are held as such at once."""
THREADS, PER_THREAD, PER_UNIT = 4, 96 << 20, 12 << 10
"""Most threads of the store, and what it holds in memory: by its own count at least so much for each, or for each unit
of the roster. Comparing and adding up 10,000 units did with 110 MB; the process took 481 MB where 256 were allowed, 416
with 192 and 370 with 144, all in the same time (2 threads, 2026-11-29). What does not fit goes to a folder beside the
file."""
LEVELS = tuple((key, level.digits) for key, level in levels().items())


def run(db: duckdb.DuckDBPyConnection, statement: str, values: dict[str, Any]) -> None:
    """Run a statement with those of the values that it names; DuckDB refuses the others."""
    db.execute(statement, {key: value for key, value in values.items() if f"${key}" in statement})


def each(
    db: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Sequence[Any] | dict[str, Any] = (),
    at_a_time: int = _AT_A_TIME,
) -> Iterator[tuple]:
    """A query's rows, some at a time: nothing else may be asked of the connection until all are taken."""
    result = db.execute(query, parameters)
    while some := result.fetchmany(at_a_time):
        yield from some


def insert(db: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Add rows of a table's columns in their order: as a frame, for `executemany` takes a millisecond a row."""
    if rows:
        import pandas as pd  # heavy: pandas

        db.register("incoming", pd.DataFrame(rows, dtype="object"))
        db.execute(f"INSERT INTO base.{table} SELECT * FROM incoming")
        db.unregister("incoming")


class Known(NamedTuple):
    """A file's newest submission, or that of one of its parts where it is of several units.

    `contested`: refused because another file of its unit lay beside it.
    """

    sub_id: int
    sha256: str
    file: str
    size: int
    unit_code: int | None
    revision: int
    state: str
    reading_version: str | None
    rules_version: str
    received_at: datetime
    restored_from: int | None
    contested: bool
    part: str = ""
    form: str = ""

    @property
    def unit(self) -> str | None:
        """Its unit's code as written."""
        return None if self.unit_code is None else str(self.unit_code)


class Store:
    """A connection to outputs/cunhui.duckdb. Use under `hold`; close before the file is copied or hashed."""

    def __init__(self, path: Path, db: Connection | None = None) -> None:
        """Open the file, or take a connection that holds the contents of one; tables and views become those of now."""
        self.path, self.journal = path, Journal(path.parent, silent=db is not None)
        self.db: Connection = db or open_store(path)
        self.db.execute("SET TimeZone = 'UTC'")
        if db is None:  # who only looks, or adds up elsewhere, has what its own connection allows
            self.allow(0)
        self.once("schema", _schema())
        self._mirror_templates()

    def allow(self, units: int) -> None:
        """Let it hold in memory what the year of so many units takes, and no more."""
        threads = min(THREADS, os.cpu_count() or 1)
        self.db.execute(f"SET threads = {threads}")
        self.db.execute(f"SET memory_limit = '{max(PER_THREAD * threads, PER_UNIT * units) >> 20}MiB'")

    def close(self, agrees: bool = True) -> None:
        """Write everything back into the one file and let go of it; once is enough.

        `agrees` says that all that the journal was told is in the store too: where not, the next opening looks.
        """
        if not hasattr(self, "db"):
            return
        if agrees:
            self.db.execute("INSERT OR REPLACE INTO base.meta VALUES ('journal', ?)", [str(self.journal.size)])
        self.db.execute("CHECKPOINT")
        self.db.close()
        del self.db  # a closed connection kept alive by a task's record would be complained about at exit

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close(agrees=kind is None)

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """All of it or nothing of it."""
        self.db.begin()
        try:
            yield self.db
        except BaseException:
            self.db.rollback()
            raise
        self.db.commit()

    def once(self, name: str, statements: Sequence[str]) -> None:
        """Run the statements in one transaction, unless these very ones were the last that ran under the name."""
        mark = _mark(statements)
        with self.transaction() as db:
            db.execute("CREATE SCHEMA IF NOT EXISTS base")
            db.execute("CREATE TABLE IF NOT EXISTS base.meta (key VARCHAR PRIMARY KEY, value VARCHAR)")
            if db.execute("SELECT value FROM base.meta WHERE key = ?", [name]).fetchone() != (mark,):
                for statement in statements:
                    db.execute(statement)
                db.execute("INSERT OR REPLACE INTO base.meta VALUES (?, ?)", [name, mark])

    @contextmanager
    def what_if(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Try something and take it back whatever happens."""
        self.db.begin()
        try:
            yield self.db
        finally:
            self.db.rollback()

    @contextmanager
    def beside(self, path: Path, name: str) -> Iterator[None]:
        """Another store to read, under that name, while this is open."""
        self.db.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS {name} (READ_ONLY)")
        try:
            yield
        finally:
            self.db.execute(f"DETACH {name}")

    def frame(self, query: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> "pd.DataFrame":
        """A query's result as a frame."""
        return self.db.execute(query, parameters).df()

    def records(self, query: str) -> list[dict[str, Any]]:
        """A query's result, one dict per row."""
        result = self.db.execute(query)
        columns = [column[0] for column in result.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]

    def rows(self, query: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[tuple]:
        """A query's result as tuples, DECIMAL kept exact."""
        return self.db.execute(query, parameters).fetchall()

    def each(self, query: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Iterator[tuple]:
        """The same, some at a time: nothing else may be asked until all are taken."""
        return each(self.db, query, parameters)

    def clear(self) -> None:
        """Drop the tables that steps have worked with: they take memory until the store is closed."""
        for (name,) in self.rows("SELECT table_name FROM duckdb_tables() WHERE temporary"):
            self.db.execute(f'DROP TABLE temp."{name}"')

    def _mirror_templates(self) -> None:
        """Write how each kind of finding is told as it is now: every sentence in SQL is made of it."""
        if not _has_templates(self.db):
            with self.transaction() as db:
                db.execute("DELETE FROM base.template")
                insert(db, "template", _templates())

    def latest(self, year: int) -> dict[tuple[str, str], "Known"]:
        """Each known file's newest submission for the year, by SHA-256 and part."""
        known = (Known(*row) for row in self.rows(_SQL["latest"], [year]))
        return {(one.sha256, one.part): one for one in known}

    def of_unit(self, year: int, one: Known) -> list[int]:
        """The numbers of all submissions that a file, or a part of one, is as that unit's."""
        return [number for (number,) in self.rows(_SQL["of_unit"], [year, one.sha256, one.part, one.unit_code])]

    def owed(self, year: int) -> dict[int, tuple[str, ...]]:
        """The forms that each unit owes for the year."""
        found: dict[int, tuple[str, ...]] = {}
        for unit, form in self.rows(_SQL["owed"], [year]):
            found[unit] = (*found.get(unit, ()), form)
        return found

    def next_id(self) -> int:
        """The next submission's number."""
        return self.rows("SELECT coalesce(max(sub_id), 0) + 1 FROM base.submission")[0][0]

    def next_revisions(self, year: int) -> dict[int, int]:
        """The next revision number of every unit that has sent something for the year."""
        return dict(self.rows(_SQL["next_revisions"], [year]))

    def save(self, tables: "dict[str, pd.DataFrame]", replaced: Sequence[int] = ()) -> None:
        """Store whole submissions, all their rows in one transaction; `replaced` (read under old rules) go first."""
        self.save_all((tables,), replaced)

    def save_all(self, batches: "Iterable[dict[str, pd.DataFrame]]", replaced: Sequence[int] = ()) -> None:
        """The same of many, whose rows come some at a time: all of them or none."""
        with self.transaction() as db:
            if replaced:
                self._take_out(replaced)
            for tables in batches:
                for name, select in _INSERTS.items():
                    if len(tables.get(name, ())):
                        db.register("incoming", tables[name])
                        db.execute(f"INSERT INTO base.{name} BY NAME {select}")
                        db.unregister("incoming")

    def forget(self, submissions: Sequence[int]) -> None:
        """Take out submissions that are none any more, with all their rows."""
        with self.transaction():
            self._take_out(submissions)

    def _take_out(self, submissions: Sequence[int]) -> None:
        for name in (*_INSERTS, "finding_behind"):
            self.db.execute(f"DELETE FROM base.{name} WHERE sub_id IN (SELECT unnest(?))", [list(submissions)])

    def doubt(self, year: int, findings: "pd.DataFrame") -> None:
        """Replace what comparing found for the year's submissions, and judge every submission anew."""
        with self.transaction() as db:
            db.execute(_SQL["forget_compared"], [year])
            db.execute(_SQL["bring_back"], [year])
            db.execute(_SQL["leave_none_behind"], [year])
            if len(findings):
                db.register("incoming", findings)
                db.execute("INSERT INTO base.finding BY NAME SELECT * FROM incoming")
                db.unregister("incoming")
            for statement in (SQL / "judge.sql").read_text(encoding="utf-8").split(";\n"):
                if statement.strip():
                    run(db, statement, {"year": year, "behind": list(BEHIND_ROWS_MOVED)})

    def record_inbox(
        self, year: int, files: Sequence[Received], copies: Sequence[Copy], notices: Sequence[Notice]
    ) -> None:
        """Remember what lies in the inbox now: files, copies of files, and files that are no submission."""
        held = [[year, file.file, file.sha256] for file in files]
        noted = [[year, name, f.code, f.level, f.kept] for name, f in notices]
        with self.transaction() as db:
            for table, rows in (("inbox", held), ("notice", noted)):
                db.execute(f"DELETE FROM base.{table} WHERE year = ?", [year])
                insert(db, table, rows)
            known = set(db.execute(_SQL["copies"], [year]).fetchall())
            new = [(copy, original) for copy, original in copies if (copy.sha256, copy.file) not in known]
            now = datetime.now(UTC)
            self.journal.write(Copied(now, year, copy.sha256, copy.file) for copy, _ in new)
            for copy, original in new:
                self.note_copy(copy, original, year, now)

    def note_copy(self, copy: Received, original: str, year: int, at: datetime) -> None:
        """A second file with the same bytes, pointing to the submission that counts."""
        finding = Finding("FILE_DUPLICATE", details={"file": copy.file, "other": original})
        given = {"file": copy.file, "year": year, "sha": copy.sha256, "at": at}
        said = {"code": finding.code, "grade": finding.level, "details": finding.kept}
        for (number,) in self.db.execute(_SQL["note_copy"], given).fetchall():
            self.db.execute(_SQL["finding_of_copy"], {"sub": number, **said})


_INSERTS = {
    "submission": "SELECT * FROM incoming",
    "sheet": "SELECT * FROM incoming",
    "fact": _SQL["fact"],
    "list_cell": "SELECT * REPLACE (from_ten_thousandths(value) AS value) FROM incoming",
    "finding": "SELECT * FROM incoming",
    "correction": "SELECT * FROM incoming",
    "cover": "SELECT * FROM incoming",
    "reading": "SELECT * FROM incoming",
}
TABLES = tuple(_INSERTS)
"""What holds a submission: one row in the first, any number in the others."""


def is_current(db: Connection) -> bool:
    """Whether the tables, the views and the words of findings are as this version makes them."""
    try:
        found = db.execute("SELECT value FROM base.meta WHERE key = 'schema'").fetchone()
    except duckdb.CatalogException:
        return False
    return found == (_mark(_schema()),) and _has_templates(db)


def _has_templates(db: Connection) -> bool:
    """Whether every kind of finding is told as it is now."""
    return db.execute("SELECT * FROM base.template ORDER BY code, number").fetchall() == _templates()


def _templates() -> list[tuple]:
    return sorted((kind.code, number, *piece) for kind in KINDS.values() for number, piece in enumerate(kind.pieces))


def _schema() -> list[str]:
    files = ("schema.sql", "views.sql", "comments.sql")
    tables, *views = ((SQL / name).read_text(encoding="utf-8") for name in files)
    return [tables, "DELETE FROM base.state", _states(), *views]


def _mark(statements: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(statements).encode()).hexdigest()


def _states() -> str:
    """The words for states, for the views."""
    rows = (f"({n}, '{state.key}', '{state.word}', '{state.meaning}')" for n, state in enumerate(STATES.values()))
    return f"INSERT INTO base.state VALUES {', '.join(rows)}"
