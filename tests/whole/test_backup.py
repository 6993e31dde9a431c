"""`cunhui backup`: one file holds all that cannot be made again, and another computer goes on from it."""

import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from flows import backup
from flows.commands import cli
from schemas.errors import InputError
from tests.office import judge_steps, small_inputs
from tests.returning import edit
from tests.whole.test_rebuild import views

YEAR = 2023


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Path:
    """Two villages with a revision, closed."""
    folder = tmp_path_factory.mktemp("office")
    inputs, outputs = small_inputs(folder, ["三湾村", "大湾村"]), folder / "outputs"
    judge_steps(inputs, outputs)
    edit(inputs / str(YEAR) / "submissions" / "三湾村.xlsx", {"A07": 13})
    judge_steps(inputs, outputs, publish=True)
    assert cli.main(["close", "--by", "张三", "--why", "年报结束", *folders(folder)]) == 0
    return folder


def folders(folder: Path) -> list[str]:
    return ["--inputs", str(folder / "inputs"), "--outputs", str(folder / "outputs")]


@pytest.fixture
def file(office, tmp_path) -> Path:
    assert cli.main(["backup", str(tmp_path / "村汇.zip"), *folders(office)]) == 0
    return tmp_path / "村汇.zip"


def test_other_computer_goes_on_from_one_file(office, file, tmp_path, capsys):
    other = tmp_path / "other"
    assert cli.main(["backup", "--restore", str(file), *folders(other)]) == 0
    assert "已重建：3 份报表" in capsys.readouterr().out
    assert views(other / "outputs") == views(office / "outputs")
    assert cli.main(["close", "--reopen", "--by", "李四", "--why", "补报", *folders(other)]) == 0


def test_backup_says_what_it_holds_and_its_owner_alone_reads_it(file):
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.testzip() is None
        names = set(archive.namelist())
    assert (manifest["year"], manifest["township"]) == (2023, "990101101") and manifest["cunhui"]
    assert names - {"manifest.json"} == set(manifest["files"])
    assert {"inputs/units.csv", "inputs/township.toml", "outputs/journal.jsonl"} <= names
    assert sum(name.startswith("outputs/archive/") for name in names) == 3
    assert any(name.startswith("outputs/closed/2023/") for name in names)
    assert not any("duckdb" in name or "汇总表" in name for name in names)
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0


def test_earlier_backup_stays_until_the_new_one_is_verified(office, file, monkeypatch):
    before = file.read_bytes()

    def unreadable(path):
        raise InputError("读不回来")

    monkeypatch.setattr(backup, "checked", unreadable)
    assert cli.main(["backup", str(file), *folders(office)]) == 2
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_full_disk_leaves_the_earlier_backup_and_no_piece(office, file, monkeypatch):
    before = file.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_add", full)
    with pytest.raises(OSError):
        backup.back_up(office / "inputs", office / "outputs", file, "x", YEAR)
    assert file.read_bytes() == before and [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("inside", ["outputs/b.zip", "inputs/b.zip", "outputs/2023/b.zip"])
def test_backup_inside_what_is_backed_up_is_refused(office, inside, capsys):
    assert cli.main(["backup", str(office / inside), *folders(office)]) == 2
    assert "备份不能放在" in capsys.readouterr().err
    assert not (office / inside).exists()


def test_existing_folder_is_not_touched_without_being_told(office, file, tmp_path, capsys):
    other = tmp_path / "other"
    shutil.copytree(office, other)
    (other / "inputs" / "units.csv").write_text("mine", "utf-8")
    assert cli.main(["backup", "--restore", str(file), *folders(other)]) == 2
    assert "--replace" in capsys.readouterr().err
    assert (other / "inputs" / "units.csv").read_text("utf-8") == "mine"
    assert cli.main(["backup", "--restore", str(file), "--replace", *folders(other)]) == 0
    [aside] = other.glob("inputs-替换前-*")
    assert (aside / "units.csv").read_text("utf-8") == "mine"
    assert views(other / "outputs") == views(office / "outputs")


def spoilt(file: Path, name: str, data: bytes | None) -> Path:
    """The backup with one entry replaced, added or left out."""
    with zipfile.ZipFile(file) as source:
        entries = {entry.filename: source.read(entry) for entry in source.infolist()}
    entries = {key: value for key, value in (entries | {name: data}).items() if value is not None}
    other = file.with_name("spoilt.zip")
    with zipfile.ZipFile(other, "w") as target:
        for key, value in entries.items():
            target.writestr(key, value)
    return other


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("inputs/units.csv", b"changed"),
        ("inputs/units.csv", None),
        ("inputs/more.csv", b"added"),
        ("manifest.json", b"{}"),
        ("manifest.json", None),
    ],
)
def test_backup_that_is_not_what_it_says_is_refused_before_anything_is_put_back(file, tmp_path, name, data, capsys):
    other = tmp_path / "other"
    assert cli.main(["backup", "--restore", str(spoilt(file, name, data)), *folders(other)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not other.exists()


def test_path_that_leads_out_is_refused(file, tmp_path, capsys):
    with zipfile.ZipFile(file) as source:
        manifest = json.loads(source.read("manifest.json"))
    name = "outputs/../../out.txt"
    manifest["files"][name] = "0" * 64
    with_path = spoilt(spoilt(file, "manifest.json", json.dumps(manifest).encode()), name, b"x")
    assert cli.main(["backup", "--restore", str(with_path), *folders(tmp_path / "other")]) == 2
    assert not (tmp_path / "out.txt").exists()


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut"])
def test_no_backup_at_all_is_one_line(tmp_path, content, capsys):
    (tmp_path / "x.zip").write_bytes(content)
    assert cli.main(["backup", "--restore", str(tmp_path / "x.zip"), *folders(tmp_path / "o")]) == 2
    assert cli.main(["backup", "--restore", str(tmp_path / "没有.zip"), *folders(tmp_path / "o")]) == 2
    assert cli.main(["backup", "--restore", *folders(tmp_path / "o")]) == 2
    assert capsys.readouterr().err.count("\n") == 3


def test_backup_of_which_a_packed_part_was_changed_is_one_line(file, tmp_path, capsys):
    data = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as source:
        part = next(entry for entry in source.infolist() if entry.compress_type == zipfile.ZIP_DEFLATED)
    begins = part.header_offset + 30 + len(part.filename.encode())
    data[begins : begins + part.compress_size] = b"\xff" * part.compress_size
    (tmp_path / "x.zip").write_bytes(data)
    assert cli.main(["backup", "--restore", str(tmp_path / "x.zip"), *folders(tmp_path / "o")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_piece_of_an_interrupted_restore_is_in_nobodys_way(file, tmp_path):
    other = tmp_path / "other"
    (other / ".inputs.restoring").mkdir(parents=True)
    (other / ".inputs.restoring" / "units.csv").write_text("half", "utf-8")
    assert cli.main(["backup", "--restore", str(file), *folders(other)]) == 0
    assert not list(other.glob(".*.restoring"))
