"""Packages added up together: what every place above the villages has, straight from the packages' figures."""

from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest

from flows.commands.cli import main
from flows.packing.combine import combine, combined
from flows.totals.add_up import add_up_within
from schemas.errors import InputError
from tests.packing.test_county import townships  # noqa: F401  a fixture
from tests.packing.test_package import changed, rewritten
from tests.returning import YEAR


@pytest.fixture(scope="module")
def packages(townships) -> list[Path]:  # noqa: F811  it is that fixture
    return [folder / "包.zip" for folder in townships]


def said(capsys, packages, out: Path) -> tuple[int, str]:
    status = main(["package", "totals", *map(str, packages), "--out", str(out)])
    heard = capsys.readouterr()
    return status, heard.out + heard.err


def test_totals_of_two_packages_are_each_townships_own_and_their_sums_above(packages, tmp_path, capsys):
    out = tmp_path / "合计.parquet"
    status, words = said(capsys, packages, out)
    assert status == 0 and f"已写好 {YEAR} 年各级合计" in words and "2 个包，应报 4 个单位，采用 4 个" in words
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE found AS FROM read_parquet('{out}')")
        assert db.execute("SELECT DISTINCT level FROM found ORDER BY 1").fetchall() == [
            ("city",), ("county",), ("province",), ("township",)
        ]  # fmt: skip
        columns = "code, indicator, value, text, units_counted, units_expected"
        for package in packages:
            db.execute(f"ATTACH '{package.parent / 'outputs' / 'cunhui.duckdb'}' AS own (READ_ONLY)")
            own = f"FROM own.totals WHERE year = {YEAR} AND level = 'township'"
            found = f"SELECT {columns} FROM found WHERE code = (SELECT any_value(code) {own}) ORDER BY ALL"
            theirs = db.execute(f"SELECT {columns} {own} ORDER BY ALL").fetchall()
            assert len(theirs) > 100 and db.execute(found).fetchall() == theirs
            db.execute("DETACH own")
        summed = """
            SELECT p.indicator FROM found p JOIN found t ON t.indicator = p.indicator AND t.level = 'township'
            WHERE p.level = $level AND p.indicator IN ('I01', 'A07', 'C07') GROUP BY p.indicator, p.value
            HAVING p.value = sum(t.value)"""
        for level in ("county", "province"):
            assert len(db.execute(summed, {"level": level}).fetchall()) == 3, level


PLAIN = """
CREATE OR REPLACE TABLE now_fact AS
SELECT i.id AS indicator_id, n.own, n.code AS unit_code, n.terrain, s.received_at, f.value, f.text
FROM packed_facts f
JOIN now_unit n ON n.own = CAST(f.unit_code AS BIGINT) JOIN now_sub s USING (own)
JOIN base.indicator i ON i.code = f.indicator"""
"""Every figure by itself, as a store has them."""


def test_every_level_is_to_the_digit_what_each_figure_by_itself_adds_up_to(packages, tmp_path):
    folders = [tmp_path / str(number) for number in range(len(packages))]
    for folder, package in zip(folders, packages, strict=True):
        with ZipFile(package) as archive:
            archive.extractall(folder)
    with combined(folders, YEAR, tmp_path) as store:
        found = store.rows("FROM base.total ORDER BY ALL")
        [(summed,)] = store.rows("SELECT count(*) FROM now_fact WHERE unit_code % 1000 = 0")
        add_up_within(store.db, YEAR, "none", least="township", facts=PLAIN)
        assert summed > 100 and store.rows("FROM base.total ORDER BY ALL") == found


def test_packages_that_cannot_be_added_up_together_are_refused_in_one_line(packages, tmp_path):
    first, second = packages
    dearer = rewritten(tmp_path, "SELECT * REPLACE (CASE code WHEN 'I01' THEN '万户' ELSE unit END AS unit) FROM old")
    otherwise = changed(second, tmp_path / "b.zip", "indicators.parquet", dearer, honest=True)
    spoilt = changed(second, tmp_path / "c.zip", "facts.parquet", lambda data: data[:-9] + b"x" * 9)
    strange = changed(second, tmp_path / "d.zip", "facts.parquet", lambda _: b"PAR1", honest=True)
    away = rewritten(tmp_path, "SELECT * REPLACE ('990101999201' AS code) FROM old LIMIT 1")
    stray = changed(second, tmp_path / "f.zip", "units.parquet", away, honest=True)
    none = tmp_path / "e.zip"
    none.write_bytes(b"PK")
    for other, words in (
        (first, "几个包里都有单位"), (otherwise, "几个包的指标目录不同：代码 I01"),
        (spoilt, "facts.parquet 与清单的指纹不符"), (stray, "f.zip 里有不属于[0-9]+的单位：.+ 990101999201"),
        (strange, "数据表读不进来"), (none, "不是 cunhui package 做的报送包"), (tmp_path / "没有.zip", "找不到报送包"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words) as refused:
            combine([first, other], tmp_path / "o.parquet")
        assert "\n" not in str(refused.value)
    assert not (tmp_path / "o.parquet").exists()
