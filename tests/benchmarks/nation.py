"""A nation's villages from Parquet parts to the totals of all levels, against the bare DuckDB statements for the same.

Usage: python -m tests.benchmarks.nation [villages, 66666]. 200 indicators, 16 villages to a township, 20 townships to a
county; the parts are packages' tables, one part to 40,000 villages. Prints CPU-seconds of each stage, the ratio (at
most 3), and each one's peak memory, in processes of their own; 666655 is the nation: some minutes and 6 GB of disk.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from flows.packing.combine import combined
from flows.store.store import run

YEAR, INDICATORS, PER_PART = 2023, 200, 40_000
CODE = """(11 + n // 35200) * 10000000000 + (1 + n // 3200 % 11) * 100000000 + (1 + n // 320 % 10) * 1000000
          + (100 + n // 16 % 20) * 1000 + 201 + n % 16"""
UNITS = f"""
SELECT CAST({CODE} AS VARCHAR) AS code, '村' || n AS name, '村' AS kind, NULL::VARCHAR AS office,
       CASE n % 2 WHEN 0 THEN '川区' ELSE '山区' END AS terrain, true AS expected, NULL::DATE AS valid_from,
       NULL::DATE AS valid_to, NULL::VARCHAR AS merged_into, NULL::VARCHAR AS forms FROM range($first, $last) AS r(n)"""
INDICATOR = """
SELECT 'N' || lpad(CAST(k AS VARCHAR), 3, '0') AS code, '指标' || k AS name, '村情' AS area, 1::TINYINT AS area_number,
       '' AS definition, '户' AS unit, '户' AS printed_unit, 1 AS factor, 0::TINYINT AS places, 0::TINYINT AS decimals,
       'village' AS reporter, 'zero' AS blank, 'sum' AS total, false AS is_text, 0::SMALLINT AS conditions,
       []::STRUCT(list_column VARCHAR, value VARCHAR)[] AS conditions_of FROM range($count) AS r(k)"""
SUBMISSIONS = f"""
SELECT CAST({CODE} AS VARCHAR) AS unit_code, 1 AS revision, 'accepted' AS state,
       lpad(CAST(n AS VARCHAR), 64, '0') AS sha256, n || '.xlsx' AS file, 1 AS size, 'xlsx' AS format,
       TIMESTAMPTZ '2024-01-01' AS received_at, '' AS form_version, '' AS rules_version, NULL::VARCHAR AS form
FROM range($first, $last) AS r(n)"""
FACTS = f"""
SELECT CAST({CODE} AS VARCHAR) AS unit_code, 'N' || lpad(CAST(k AS VARCHAR), 3, '0') AS indicator,
       CAST(hash(n * 200 + k) % 100000 AS DECIMAL(18, 4)) AS value, NULL::VARCHAR AS text, NULL::VARCHAR AS raw
FROM range($first, $last) AS a(n), range($count) AS b(k)"""
ROWS = """
SELECT '' AS unit_code, '' AS list, 0 AS row_no, '' AS list_column, NULL::DECIMAL(18, 4) AS value,
       NULL::VARCHAR AS text, NULL::VARCHAR AS raw WHERE false"""
PARTS = {"units": UNITS, "indicators": INDICATOR, "submissions": SUBMISSIONS, "facts": FACTS, "list_rows": ROWS}
BARE = {
    "load": """
CREATE TABLE fact AS
SELECT CAST(f.unit_code AS BIGINT) AS unit, CAST(right(f.indicator, 3) AS SMALLINT) AS indicator, f.value
FROM read_parquet($parts) f""",
    "all levels": """
CREATE TABLE total AS
SELECT unit // 1000 AS township, unit // 1000000 AS county, unit // 100000000 AS city, unit // 10000000000 AS province,
       indicator, sum(value) AS value, count(value) AS units
FROM fact
GROUP BY GROUPING SETS ((township, indicator), (county, indicator), (city, indicator), (province, indicator))""",
}


def make_parts(folder: Path, villages: int) -> list[Path]:
    """One folder of tables to a part."""
    folders = []
    with duckdb.connect() as db:
        for first in range(0, villages, PER_PART):
            folders.append(folder / str(first))
            folders[-1].mkdir(parents=True)
            given = {"first": first, "last": min(first + PER_PART, villages), "count": INDICATORS}
            for table, query in PARTS.items():
                for key, value in given.items():
                    query = query.replace(f"${key}", str(value))
                db.execute(f"COPY ({query}) TO '{folders[-1] / table}.parquet' (FORMAT parquet, COMPRESSION zstd)")
    return folders


@contextmanager
def lap(laps: dict[str, float], name: str) -> Iterator[None]:
    before = time.process_time()
    yield
    laps[name] = time.process_time() - before


def bare(folders: list[Path], scratch: Path) -> dict[str, float]:
    """The same by the fewest statements: no catalogue, no roster, nothing counted as missing, nothing kept."""
    laps: dict[str, float] = {}
    with duckdb.connect(str(scratch / "bare.duckdb")) as db:
        db.execute("SET preserve_insertion_order = false")
        for name, statement in BARE.items():
            with lap(laps, name):
                run(db, statement, {"parts": [str(folder / "facts.parquet") for folder in folders]})
    return laps


def ours(folders: list[Path], scratch: Path) -> dict[str, float]:
    laps: dict[str, float] = {}
    with lap(laps, "all"), combined(folders, YEAR, scratch) as store:
        levels = store.rows("SELECT level, count(*), sum(value) FROM base.total GROUP BY 1 ORDER BY 2")
    assert len({total for *_, total in levels}) == 1, levels
    return laps


def _apart(work: Callable[..., dict[str, float]], folders: list[Path], scratch: Path, said: object) -> None:
    laps = work(folders, scratch)
    said.send((laps, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))


def measured(work: Callable[..., dict[str, float]], folders: list[Path]) -> float:
    """CPU-seconds in a process of its own; prints its stages and its peak memory."""
    with tempfile.TemporaryDirectory() as scratch:
        here, there = multiprocessing.Pipe(duplex=False)
        given = work, folders, Path(scratch), there
        process = multiprocessing.get_context("spawn").Process(target=_apart, args=given)
        process.start()
        there.close()
        laps, peak = here.recv()
        process.join()
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in laps.items())
    print(f"{work.__name__:6} {sum(laps.values()):7.1f} s ({stages}), peak {peak} MB")
    return sum(laps.values())


def main() -> None:
    villages = int(sys.argv[1]) if sys.argv[1:] else 66_666
    with tempfile.TemporaryDirectory() as name:
        folders = make_parts(Path(name), villages)
        least, taken = measured(bare, folders), measured(ours, folders)
    print(f"ratio  {taken / least:7.2f}  (at most 3), {villages} villages, {villages * INDICATORS} facts")


if __name__ == "__main__":
    main()
