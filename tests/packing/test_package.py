"""A year as one file: what it holds, and that whatever was changed on the way is seen."""

import hashlib
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import msgspec
import pytest

from flows.commands.cli import main
from flows.packing import check, units
from flows.packing.check import check_package
from flows.packing.manifest import MANIFEST, TABLES, Manifest, table_file
from flows.packing.pack import pack
from flows.packing.signing import Signer, new_keys
from flows.packing.units import Asked, units_of
from flows.reading.folded import unfolded
from flows.store.reader import in_memory
from schemas.errors import InputError
from tests.office import run_steps, small_inputs

VILLAGES = ["三湾村", "南川村", "紫云村"]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with inputs and outputs of three villages, added up, and packed unsigned and signed."""
    folder = tmp_path_factory.mktemp("year")
    inputs = small_inputs(folder, VILLAGES)
    run_steps(inputs, folder / "outputs")
    new_keys(folder / "keys")
    pack(folder / "outputs", 2023, folder / "包.zip")
    pack(folder / "outputs", 2023, folder / "签名.zip", Signer(folder / "keys" / "cunhui.key"))
    return folder


def codes(path: Path, *keys: Path) -> list[str]:
    return sorted({finding.code for finding in check_package(path, keys).findings})


def changed(package: Path, target: Path, name: str, change: Callable[[bytes], bytes], honest: bool = False) -> Path:
    """The package with one file changed; `honest` puts the new fingerprint into the manifest."""
    with zipfile.ZipFile(package) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    parts[name] = change(parts[name])
    if honest:
        manifest = msgspec.json.decode(parts[MANIFEST])
        manifest["files"][name] = {"sha256": hashlib.sha256(parts[name]).hexdigest(), "size": len(parts[name])}
        parts[MANIFEST] = msgspec.json.encode(manifest)
    with zipfile.ZipFile(target, "w") as archive:
        for each, data in parts.items():
            archive.writestr(each, data)
    return target


def rewritten(folder: Path, select: str) -> Callable[[bytes], bytes]:
    """A Parquet file with its rows as `select` makes them of `old`."""

    def change(data: bytes) -> bytes:
        before, after = folder / "before.parquet", folder / "after.parquet"
        before.write_bytes(data)
        with duckdb.connect() as db:
            db.execute(f"CREATE TABLE old AS FROM '{before}'")
            db.execute(f"COPY ({select}) TO '{after}' (FORMAT parquet)")
        return after.read_bytes()

    return change


def test_package_holds_what_counts_and_says_whose_it_is(year: Path) -> None:
    checked = check_package(year / "包.zip", asked=Asked(["I01"], []))
    assert checked.sound and checked.manifest.provisional
    only_looked_at = check_package(year / "包.zip")
    assert len(checked.units) == 3 and only_looked_at.units == [] and only_looked_at.roster == checked.roster
    assert [[each.indicator for each in unfolded(unit).answers] for unit in checked.units] == [["I01"]] * 3
    assert (checked.manifest.name, checked.manifest.year, checked.manifest.units_accepted) == ("示例镇", 2023, 3)
    with zipfile.ZipFile(year / "包.zip") as archive:
        assert set(archive.namelist()) >= {MANIFEST, "汇总表.xlsx", *map(table_file, TABLES)}
        archive.extract("facts.parquet", year / "seen")
        archive.extract("totals.parquet", year / "seen")
    with duckdb.connect(str(year / "outputs" / "cunhui.duckdb"), read_only=True) as db:
        for table, columns in (("facts", "unit_code, indicator, value, raw, sheet, cell"),
                               ("totals", "level, code, indicator, value, printed, text")):  # fmt: skip
            here = db.execute(f"SELECT {columns} FROM {table} WHERE year = 2023 ORDER BY ALL").fetchall()
            there = db.execute(f"SELECT {columns} FROM '{year}/seen/{table}.parquet' ORDER BY ALL").fetchall()
            assert here == there and here


def test_what_its_units_say_is_the_same_however_many_are_held_at_once(
    year: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(year / "包.zip") as archive:
        archive.extractall(tmp_path)
        manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    with in_memory() as store:
        check.load(store, manifest, tmp_path)
        codes, lists, facts, cells = (
            [each for (each,) in store.rows(f"SELECT {what}")]
            for what in (
                "code FROM packed_indicators",
                "DISTINCT list FROM packed_list_rows",
                "count(*) FROM packed_facts GROUP BY unit_code ORDER BY unit_code",
                "count(*) FROM packed_list_rows",
            )
        )
        together = list(units_of(store, 2023, Asked(codes, lists)))
        monkeypatch.setattr(units, "TOGETHER", 1)
        assert list(units_of(store, 2023, Asked(codes, lists))) == together
    whole = [unfolded(one) for one in together]
    assert [len(one.answers) for one in whole] == facts and [sum(len(one.list_cells) for one in whole)] == cells
    assert not any(one.answers or one.list_cells for one in together)


def test_nothing_personal_of_the_cover_leaves_the_township(year: Path) -> None:
    with zipfile.ZipFile(year / "包.zip") as archive:
        archive.extract("submissions.parquet", year / "seen")
    with duckdb.connect() as db:
        said = db.execute(f"SELECT * FROM '{year}/seen/submissions.parquet'")
        assert not {"preparer", "reviewer", "phone"} & {column[0] for column in said.description}


def test_signature_names_its_key_and_a_foreign_key_is_refused(year: Path, tmp_path: Path) -> None:
    new_keys(tmp_path)
    own, foreign = year / "keys" / "cunhui.pub", tmp_path / "cunhui.pub"
    assert check_package(year / "签名.zip", [foreign, own]).signed_by == "cunhui.pub"
    assert codes(year / "签名.zip", foreign) == ["PACKAGE_SIGNATURE"]
    assert codes(year / "包.zip", own) == ["PACKAGE_UNSIGNED"]


def test_a_signed_package_whose_figures_were_changed_with_their_fingerprints_is_refused(
    year: Path, tmp_path: Path
) -> None:
    change = rewritten(tmp_path, "SELECT * REPLACE (coalesce(value, 0) + 1 AS value) FROM old")
    forged = changed(year / "签名.zip", tmp_path / "forged.zip", "facts.parquet", change, honest=True)
    assert "PACKAGE_SIGNATURE" in codes(forged, year / "keys" / "cunhui.pub")


@pytest.mark.parametrize("name", [table_file("facts"), "汇总表.xlsx"])
def test_a_file_other_than_the_manifest_says_is_refused(year: Path, tmp_path: Path, name: str) -> None:
    assert "PACKAGE_DAMAGED" in codes(changed(year / "包.zip", tmp_path / "x.zip", name, lambda data: data + b" "))


@pytest.mark.parametrize(
    ("table", "select"),
    [
        ("totals", "SELECT * REPLACE (CASE WHEN level = 'township' THEN value + 1 ELSE value END AS value) FROM old"),
        ("totals", "SELECT * FROM old WHERE level <> 'township'"),
        ("totals", "SELECT * REPLACE (units_counted + 1 AS units_counted) FROM old"),
        ("facts", "SELECT * FROM old WHERE rowid > 5"),
        ("submissions", "SELECT * FROM old LIMIT 2"),
    ],
    ids=["a total raised", "a level left out", "units counted", "facts left out", "a village left out"],
)
def test_totals_that_do_not_follow_from_the_facts_are_refused_though_fingerprints_agree(
    year: Path, tmp_path: Path, table: str, select: str
) -> None:
    forged = changed(year / "包.zip", tmp_path / "x.zip", table_file(table), rewritten(tmp_path, select), honest=True)
    found = codes(forged)
    assert "PACKAGE_TOTALS" in found or "PACKAGE_DAMAGED" in found


def test_a_village_of_another_township_is_refused_by_name(year: Path, tmp_path: Path) -> None:
    select = "SELECT * REPLACE ('880' || substr(code, 4) AS code) FROM old WHERE name = '南川村' UNION ALL " \
             "SELECT * FROM old WHERE name <> '南川村'"  # fmt: skip
    forged = changed(year / "包.zip", tmp_path / "x.zip", "units.parquet", rewritten(tmp_path, select), honest=True)
    findings = [each for each in check_package(forged).findings if each.code == "PACKAGE_UNIT"]
    assert findings and "南川村" in findings[0].message("")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "报送包"),
        (b"PK\x03\x04 cut", "报送包"),
        (b"no zip at all", "报送包"),
    ],
)
def test_what_is_no_package_is_one_line(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    with pytest.raises(InputError, match=said):
        check_package(path)


def with_parts(path: Path, *parts: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts:
            archive.writestr(name, data)
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_of_something_else_of_a_part_twice_or_larger_than_any_package_is_none(
    year: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(year / "包.zip") as archive:
        manifest = archive.read(MANIFEST)
    other = manifest.replace(b'"cunhui-package"', b'"cunhui-receipt"')
    for number, parts in enumerate((
        [("readme.txt", b"")], [(MANIFEST, b"{")], [(MANIFEST, other)], [(MANIFEST, other), (MANIFEST, manifest)],
    )):  # fmt: skip
        assert check.opened(str(with_parts(tmp_path / f"{number}.zip", *parts))) == check._FOREIGN
    monkeypatch.setattr(check, "LARGEST_UNPACKED", 1000)
    assert check.opened(str(year / "包.zip")) == check._FOREIGN


def test_parts_that_the_manifest_does_not_name_or_that_are_no_package_without_are_damage(year: Path) -> None:
    found = check.opened(str(year / "包.zip"))
    assert isinstance(found, tuple)
    parts, manifest = found
    without = dict(manifest.files)
    del without["facts.parquet"]
    assert not list(check.wrong_files(parts, manifest))
    for given, said in (
        ({**parts, "more.txt": b""}, manifest),
        ({name: data for name, data in parts.items() if name != "汇总表.xlsx"}, manifest),
        ({name: data for name, data in parts.items() if name != "facts.parquet"},
         msgspec.structs.replace(manifest, files=without)),
    ):  # fmt: skip
        [finding] = check.wrong_files(given, said)
        assert "里面的文件与清单对不上" in finding.message("")


def test_a_key_that_is_none_is_said_beside_the_package(year: Path, tmp_path: Path) -> None:
    (tmp_path / "county.pub").write_bytes(b"no key")
    with pytest.raises(InputError, match=r"签名.zip .*county.pub 不是公钥"):
        check_package(year / "签名.zip", [tmp_path / "county.pub"])


def test_a_year_without_figures_is_not_packed(year: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2022 年还没有采用的数，没有可以报送的，请先运行 cunhui run"):
        pack(year / "outputs", 2022, tmp_path / "包.zip")
    assert not (tmp_path / "包.zip").exists()


def test_a_full_disk_is_no_fault_of_the_package(year: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(check.child, "limit_time", lambda seconds: None)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        check._checked(str(year / "包.zip"), (), None)


def test_a_package_of_a_newer_program_says_so(year: Path, tmp_path: Path) -> None:
    def newer(data: bytes) -> bytes:
        return msgspec.json.encode(msgspec.structs.replace(msgspec.json.decode(data, type=Manifest), format=9))

    with pytest.raises(InputError, match="先升级"):
        check_package(changed(year / "包.zip", tmp_path / "x.zip", MANIFEST, newer))


def test_a_package_stands_whole_and_not_among_the_outputs(year: Path) -> None:
    with pytest.raises(InputError, match="不能放在"):
        pack(year / "outputs", 2023, year / "outputs" / "包.zip")
    assert not list(year.glob(".*.part"))


def test_tables_that_are_not_from_the_figures_of_now_are_not_packed(year: Path, tmp_path: Path) -> None:
    shutil.copytree(year / "outputs", tmp_path / "outputs")
    os.remove(tmp_path / "outputs" / "2023" / "汇总表.xlsx")
    with pytest.raises(InputError, match="先运行 cunhui run"):
        pack(tmp_path / "outputs", 2023, tmp_path / "包.zip")
    assert not (tmp_path / "包.zip").exists()


def test_what_may_not_be_taken_is_told_so_and_gives_no_roster(
    year: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoilt = changed(year / "包.zip", tmp_path / "x.zip", "facts.parquet", lambda data: data + b" ")
    assert not check_package(spoilt).sound
    assert main(["package", "check", str(spoilt)]) == 3
    said = capsys.readouterr().out
    assert "这个包不能收" in said and "相符" not in said
    assert main(["package", "check", str(spoilt), "--json"]) == 3
    assert msgspec.json.decode(capsys.readouterr().out)["sound"] is False
    assert main(["package", "roster", str(year / "签名.zip"), str(spoilt), "--out", str(tmp_path / "r.csv")]) == 2
    assert "x.zip 不能收：报送包不完整" in capsys.readouterr().err and not (tmp_path / "r.csv").exists()


def test_a_total_that_differs_is_told_by_its_place_and_without_empty_decimals(year: Path, tmp_path: Path) -> None:
    select = "SELECT * REPLACE (CASE indicator WHEN 'I01' THEN value + 1 ELSE value END AS value) FROM old"
    forged = changed(year / "包.zip", tmp_path / "x.zip", "facts.parquet", rewritten(tmp_path, select), honest=True)
    said = [each.message("") for each in check_package(forged).findings if each.indicator == "I01"]
    assert said and re.match("示例镇低保户数的合计写的是 [0-9]+，照各村的数算是 [0-9]+。", said[0]), said


def test_commands_make_check_and_sign(year: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--inputs", str(year / "inputs"), "--outputs", str(year / "outputs")]
    assert main(["package", "keys", str(tmp_path)]) == 0
    assert main(["package", str(tmp_path / "a.zip"), "--key", str(tmp_path / "cunhui.key"), *where]) == 3  # provisional
    assert main(["package", "check", str(tmp_path / "a.zip"), "--pub", str(tmp_path / "cunhui.pub")]) == 0
    said = capsys.readouterr().out
    assert "暂定数" in said and "应报 3 个，采用 3 个" in said and "签名是 cunhui.pub 的" in said
    assert main(["package", "check", str(year / "签名.zip")]) == 0
    assert "有签名，没有核对" in capsys.readouterr().out
    assert main(["package", "check", str(year / "none.zip")]) == 2
    assert main(["package", "keys", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 2
