"""A small office for the tests: a store filled straight from a text table, without workbooks."""

import shutil
import tempfile
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd

from flows import steps
from flows.job import open_job
from flows.store.book import arrivals
from flows.store.mirror import mirror
from flows.store.standing import Standing, standing_of
from flows.store.store import Store
from schemas.catalogue import Catalogue
from schemas.expressions import SCALE
from schemas.outputs import STORE
from schemas.roster import Unit
from schemas.township import Who

CATALOGUE = Catalogue()
TOWNSHIP = Who(code="990101101", name="示例镇")


def units_of(table: str) -> list[Unit]:
    """`南川村 川区` a line; 站所 by their suffix, as `901`."""
    units = []
    for number, line in enumerate(filter(None, map(str.strip, table.splitlines())), start=201):
        name, _, terrain = line.partition(" ")
        if name.isdigit():
            units.append(Unit(f"{TOWNSHIP.code}{name}", f"站所{name}", "站所"))
        else:
            units.append(Unit(f"{TOWNSHIP.code}{number}", name, "村", terrain))
    return units


def open_store(folder: Path, units: list[Unit], year: int = 2023) -> Store:
    """A store with these units and no submission."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "cunhui.duckdb"
    path.write_bytes(_empty_store(tuple(units), year))
    return Store(path)


@cache
def _empty_store(units: tuple[Unit, ...], year: int) -> bytes:
    """Its file: to make the tables and views of one takes longer than most tests that look at it."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "cunhui.duckdb") as store:
        mirror(store, CATALOGUE, units, year, TOWNSHIP)
        store.close(agrees=False)  # it has not seen the journal yet that will lie beside it
        return store.path.read_bytes()


def scaled(value: str | int | Decimal | None) -> int | None:
    return None if value in (None, "") else int(Decimal(str(value)) * SCALE)


def submit(store: Store, unit: Unit, answers: dict[str, object], year: int = 2023, rows: list[dict] = ()) -> int:
    """Store one submission with these answers; texts as str in `text:` values. Returns its number."""
    number = store.next_id()
    revision = store.next_revisions(year).get(int(unit.code), 1)
    facts = _typed(
        [
            {
                "sub_id": number, "indicator": code, "raw": str(value),
                "value": None if str(value).startswith("text:") else scaled(value),
                "text": str(value)[5:] if str(value).startswith("text:") else None,
                "sheet_no": 0, "row_no": 5 + n, "col_no": 5, "note": "", "explanation": "", "last": None,
            }
            for n, (code, value) in enumerate(answers.items())
        ]
    )  # fmt: skip
    cells = _typed(
        [
            {
                "sub_id": number, "list": CATALOGUE_LIST[column], "row_no": n, "list_column": column,
                "value": None if isinstance(value, str) else scaled(value),
                "text": value if isinstance(value, str) else None, "raw": str(value),
                "sheet_no": 0, "sheet_row": 5 + n, "sheet_col": 1,
            }
            for n, row in enumerate(rows, start=1)
            for column, value in row.items()
        ]
    )  # fmt: skip
    submission = pd.DataFrame(
        [{"sub_id": number, "year": year, "unit_code": int(unit.code), "revision": revision, "sha256": f"{number:064x}",
          "file": f"{unit.name}.xlsx", "received_at": pd.Timestamp("2024-01-01", tz="UTC"), "rules_version": "t"}]
    )  # fmt: skip
    sheet = pd.DataFrame([{"sub_id": number, "sheet_no": 0, "name": "表"}])
    nothing = pd.DataFrame()
    store.save(
        {
            "submission": submission,
            "fact": facts,
            "list_cell": cells,
            "finding": nothing,
            "sheet": sheet,
            "correction": nothing,
            "reading": nothing,
        }
    )
    store.doubt(year, nothing)
    return number


def _typed(rows: list[dict]) -> pd.DataFrame:
    return (
        pd.DataFrame(rows).astype({"value": "Int64", **({"last": "Int64"} if "last" in rows[0] else {})})
        if rows
        else pd.DataFrame()
    )


CATALOGUE_LIST = {column: name for name, one in CATALOGUE.lists.items() for column in one.by_code}


def run_steps(
    inputs: Path, outputs: Path, year: int | None = None, only: list[str] = (), retry: bool = False
) -> Standing:
    """What the flow does, in its order, without Prefect."""
    with open_job(str(inputs), str(outputs), year, only, retry) as job:
        for each in job.years_due():
            job = steps.take_in(job, each)
        standing = steps.emit_year(job)
        steps.publish_store(job)
    return standing


def judge_steps(
    inputs: Path,
    outputs: Path,
    year: int | None = None,
    only: list[str] = (),
    retry: bool = False,
    publish: bool = False,
) -> Standing:
    """The same without workbooks and pages, which are half the work: for tests that ask who stands how, and why; of
    the store, or by commands that only read what was published."""
    with open_job(str(inputs), str(outputs), year, only, retry) as job:
        for each in job.years_due():
            job = steps.take_in(job, each)
        standing = standing_of(job.store, job.settings, job.year, arrivals(job.store, job.settings, job.year))
        if publish:
            steps.publish_store(job)
    return standing


SAMPLE = Path(__file__).parents[1] / "inputs"


def small_inputs(folder: Path, names: list[str], year: int = 2023) -> Path:
    """The sample's inputs with only these units on the roster and in the inbox, and no history."""
    inputs = folder / "inputs"
    inbox = inputs / str(year) / "submissions"
    inbox.mkdir(parents=True)
    shutil.copy(SAMPLE / "township.toml", inputs)
    head, *lines = (SAMPLE / "units.csv").read_text(encoding="utf-8-sig").splitlines()
    kept = [line for line in lines if line.split(",")[1] in names]
    (inputs / "units.csv").write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    for name in names:
        shutil.copy(SAMPLE / str(year) / "submissions" / f"{name}.xlsx", inbox)
    return inputs


def rows_of(outputs: Path, sql: str) -> list[tuple]:
    """What the store of a finished run says; to open a job for it would take its catalogue in again."""
    import duckdb

    with duckdb.connect(str(outputs / STORE), read_only=True) as db:
        return db.execute(sql).fetchall()


def findings_of(outputs: Path, year: int = 2023) -> pd.DataFrame:
    """The findings view after a run."""
    import duckdb

    with duckdb.connect(str(outputs / STORE), read_only=True) as db:
        return db.execute("SELECT * FROM findings WHERE year = ? ORDER BY unit_code, stage DESC, number", [year]).df()
