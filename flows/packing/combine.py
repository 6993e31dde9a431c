"""Packages added up together: from their tables straight to the totals of every level above the villages.

For a county, a province or the whole country that wants the totals, and not each village's form judged again, which is
what a package in its inbox is for. The figures stay in the packages' Parquet and are read once; what the packages hold
is taken as checked, and each can be checked by itself. All of it in a process of its own, as for one package.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from flows.files import put_in_place
from flows.packing.check import LOADING, opened, wrong_files
from flows.packing.manifest import table_file
from flows.reading import child
from flows.reading.apart import Apart, Died
from flows.store.reader import scratch_store
from flows.store.statements import sql_beside
from flows.store.store import LEVELS, Store, run
from flows.totals.add_up import add_up_within
from schemas.errors import InputError

_SQL = sql_beside(__file__)
_LOADED = ("units", "indicators", "submissions", "facts", "list_rows")
SECONDS = 3600
"""Processor time of all of them: the villages of a whole country take a few minutes (`tests/benchmarks/nation.py`)."""
MEMORY = 16 << 30
"""Address space; DuckDB reserves far more of it than the 6 GB that it may fill."""


class Combined(msgspec.Struct, frozen=True):
    """What was added up: the year, how many units there are and how many of them are in, and how many totals."""

    year: int
    units: int
    accepted: int
    totals: int


def combine(packages: Sequence[Path], target: Path) -> Combined:
    """Write the totals of the packages' places and of all above them as Parquet, one row per level, code and indicator.

    Raises InputError, in one line, for what is no package or not whole, for packages of several years, two of which
    have one unit, one of which has a unit of another place, or whose catalogues mean different things by one code.
    """
    if missing := next((path for path in packages if not path.is_file()), None):
        raise InputError(f"找不到报送包：{missing}")
    with TemporaryDirectory() as scratch:
        try:
            with Apart(SECONDS, MEMORY) as apart:
                said = apart(_combined, [str(path) for path in packages], scratch)
        except Died:
            raise InputError("这些包合不起来：内容过大或者有问题，请逐个用 cunhui package check 核对") from None
        if isinstance(said, str):
            raise InputError(said)
        totals = (Path(scratch) / "totals.parquet").read_bytes()
        put_in_place(target, lambda partial: partial.write_bytes(totals))
    return said


def _combined(packages: list[str], scratch: str) -> Combined | str:
    """In the child: the totals into totals.parquet; or why they are not to be had."""
    child.limit_time(SECONDS)
    folders, years, codes = list[Path](), dict[int, str](), list[str]()
    for path in packages:
        found = opened(path)
        if isinstance(found, str):
            return f"{path} {found}"
        parts, manifest = found
        if faults := list(wrong_files(parts, manifest)):
            return f"{path} {faults[0].details['why']}"
        years.setdefault(manifest.year, path)
        codes.append(manifest.code)
        folders.append(Path(scratch) / str(len(folders)))
        folders[-1].mkdir()
        for name in map(table_file, _LOADED):
            (folders[-1] / name).write_bytes(parts[name])
    if len(years) > 1:
        return "；".join(f"{path} 是 {year} 年的" for year, path in years.items()) + "，不能合在一起"
    try:
        with combined(folders, min(years), Path(scratch)) as store:
            units = [str(folder / table_file("units")) for folder in folders]
            given = {"files": units, "packages": packages, "codes": codes}
            if strangers := store.rows(_SQL["strangers"], given):
                return "；".join(f"{path} 里有不属于{code}的单位：{unit}" for path, code, unit in strangers[:5])
            store.db.execute(_SQL["write"].replace("$target", f"'{scratch}/totals.parquet'"))
            [counts] = store.rows(_SQL["counts"], {"year": min(years)})
            return Combined(min(years), *counts)
    except InputError as error:
        return str(error)
    except Exception:  # whatever DuckDB says, in English, of tables that are not what they should be
        return "数据表读不进来，请逐个用 cunhui package check 核对"


@contextmanager
def combined(folders: Sequence[Path], year: int, scratch: Path) -> Iterator[Store]:
    """A store of the totals from the townships upwards, while it is open; each folder holds one package's tables.

    Raises InputError where two packages have one unit, or mean different things by one code.
    """
    with scratch_store(scratch, [scratch, *folders]) as store:
        for table in _LOADED:
            files = [str(folder / table_file(table)) for folder in folders]
            what = ("VIEW" if table == "facts" else "TABLE"), ("DISTINCT" if table == "indicators" else "")
            store.db.execute(_SQL["take"].format(*what, table=table, files=files))
        for query, told in ((_SQL["twice"], "几个包里都有单位"), (_SQL["differing"], "几个包的指标目录不同：代码")):
            if found := [code for (code,) in store.rows(query)]:
                raise InputError(f"{told} {'、'.join(found[:5])}，不能合在一起")
        for statement in LOADING:
            if "packed_facts" not in statement:
                run(store.db, statement, {"year": year, "code": 0, "level": LEVELS[-1][0], "name": ""})
        add_up_within(store.db, year, "none", least=LEVELS[1][0], facts=_SQL["facts"])
        yield store
