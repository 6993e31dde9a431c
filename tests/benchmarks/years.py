"""What a year's run costs in a store of ten years against one of two: the sample's township, 25 units, Prefect aside.

Usage: python -m tests.benchmarks.years [rounds 5]. Prints CPU seconds step by step, reading processes included, the
medians of runs that take turns, and their ratio (goal: at most 1.2). The years before are the sample's last year
again, with numbers of its own for each submission.
"""

import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from flows import steps
from flows.job import open_job
from schemas.outputs import STORE
from tests.benchmarks.correction import Laps, collection
from tests.office import SAMPLE
from tests.returning import YEAR

YEARS = (2, 10)


def before(inputs: Path, outputs: Path) -> None:
    """A store of the year before alone."""
    with open_job(str(inputs), str(outputs), YEAR - 1) as job:
        steps.take_in(job, YEAR - 1)
        steps.publish_store(job)


def aged(outputs: Path, years: Sequence[int]) -> None:
    """Give a store its one year again as other years."""
    with duckdb.connect(str(outputs / STORE)) as db:
        [(step,)] = db.execute("SELECT max(sub_id) FROM base.submission").fetchall()
        columns: dict[str, list[str]] = {}
        for table, column in db.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'base' AND table_name IN "
            "(SELECT table_name FROM duckdb_tables()) ORDER BY table_name, column_index"
        ).fetchall():
            columns.setdefault(table, []).append(column)
        for table, names in columns.items():
            if not {"sub_id", "year"} & set(names):
                continue
            db.execute(f"CREATE TEMP TABLE one AS FROM base.{table}")
            for number, year in enumerate(years, start=1):
                changed = {"sub_id": f"sub_id + {step * number}", "year": str(year)}
                told = ", ".join(f"{changed.get(name, name)} AS {name}" for name in names)
                db.execute(f"INSERT INTO base.{table} SELECT {told} FROM one")
            db.execute("DROP TABLE one")


def main() -> None:
    rounds = int(sys.argv[1]) if sys.argv[1:] else 5
    with tempfile.TemporaryDirectory() as name:
        folder, taken = Path(name), dict[int, list[Laps]]()
        shutil.copytree(SAMPLE, folder / "inputs")
        for years in YEARS:
            before(folder / "inputs", folder / f"{years}")
            aged(folder / f"{years}", range(YEAR - years, YEAR - 1))
            (folder / f"{years}" / "journal.jsonl").unlink()  # it is told of the years at the next opening
            with open_job(str(folder / "inputs"), str(folder / f"{years}"), YEAR):
                pass
        for number in range(rounds):
            for years in YEARS:
                outputs = folder / f"{years} {number}"
                shutil.copytree(folder / f"{years}", outputs)
                taken.setdefault(years, []).append(collection(folder / "inputs", outputs))
                shutil.rmtree(outputs)
        few, many = ({step: statistics.median(laps[step] for laps in taken[years]) for step in taken[years][0]}
                     for years in YEARS)  # fmt: skip
        for step in few:
            print(f"{step:16} {few[step]:7.2f} s {many[step]:7.2f} s")
        all_few, all_many = sum(few.values()), sum(many.values())
        print(f"{'all':16} {all_few:7.2f} s {all_many:7.2f} s, ratio {all_many / all_few:.3f} (goal 1.2)")


if __name__ == "__main__":
    main()
