"""The inbox: whatever lies there, the files that can be taken are taken and the others are told."""

import os
import struct
import zipfile
from pathlib import Path

import pytest

from flows.inbox import collect as collecting
from flows.inbox import unpack
from flows.inbox.collect import Inbox, collect
from flows.reading.guard import LARGEST_UNPACKED, MOST_PARTS
from tests.office import findings_of, run_steps, small_inputs
from tests.reading.test_guard import BOOK, zipped

YEAR = 2023


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inputs" / str(YEAR) / "submissions"
    folder.mkdir(parents=True)
    (folder / "三湾村.xlsx").write_bytes(BOOK)
    return folder


def collected(inbox: Path) -> Inbox:
    return collect(inbox.parents[1], inbox.parents[2] / "outputs", YEAR)


def files(found: Inbox) -> list[str]:
    return [file.file for file in found.files]


def notices(found: Inbox) -> dict[str, tuple[str, str]]:
    return {name: (finding.code, finding.details.get("why", "")) for name, finding in found.notices}


def test_name_in_gbk_bytes_is_read_as_gbk(inbox):
    (inbox / os.fsdecode("大湾村.xlsx".encode("gbk"))).write_bytes(BOOK[:500])
    assert files(collected(inbox)) == ["三湾村.xlsx", "大湾村.xlsx"]


def test_name_that_would_command_a_terminal_is_made_printable(inbox):
    (inbox / "a\x1b[31m\n\u202eb.xlsx").write_bytes(BOOK[:500])
    assert files(collected(inbox)) == ["a�[31m��b.xlsx", "三湾村.xlsx"]


def test_what_is_no_file_is_told(inbox):
    os.mkfifo(inbox / "管道.xlsx")
    (inbox / "断链.xlsx").symlink_to(inbox / "没有")
    (inbox / "别处").symlink_to(inbox.parent)
    found = collected(inbox)
    assert files(found) == ["三湾村.xlsx"]
    assert notices(found) == {
        "管道.xlsx": ("FILE_NOT_TAKEN", "不是文件"),
        "断链.xlsx": ("FILE_NOT_TAKEN", "不是文件"),
        "别处": ("FILE_NOT_TAKEN", "是指向别处的文件夹"),
    }


@pytest.mark.parametrize(
    ("error", "why"),
    [(PermissionError(13, "x"), "没有权限，或正被别的程序占用"), (FileNotFoundError(2, "x"), "文件已经不在")],
)
def test_file_that_cannot_be_opened_is_told(inbox, monkeypatch, error, why):
    (inbox / "大湾村.xlsx").write_bytes(BOOK)
    opened = Path.open

    def refusing(path, *arguments, **named):
        if path.name == "大湾村.xlsx":
            raise error
        return opened(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", refusing)
    found = collected(inbox)
    assert files(found) == ["三湾村.xlsx"]
    assert notices(found) == {"大湾村.xlsx": ("FILE_NOT_TAKEN", why)}


def test_folder_that_cannot_be_looked_into_is_told(inbox, monkeypatch):
    walk = os.walk

    def refusing(top, onerror):
        onerror(PermissionError(13, "x", str(inbox / "锁着")))
        return walk(top)

    monkeypatch.setattr(collecting.os, "walk", refusing)
    assert notices(collected(inbox)) == {"锁着": ("FILE_NOT_TAKEN", "没有权限，或正被别的程序占用")}


def test_file_that_is_still_being_written_is_told(inbox, monkeypatch):
    monkeypatch.setattr(collecting, "digest_of", lambda stream: "0" * 64)
    found = collected(inbox)
    assert not found.files
    assert notices(found) == {"三湾村.xlsx": ("FILE_NOT_TAKEN", "正在被改写")}
    assert not [path for path in (inbox.parents[2] / "outputs").rglob("*") if path.is_file()]


def test_enormous_file_is_told_by_its_size_alone(inbox):
    with (inbox / "视频.xlsx").open("wb") as file:
        file.truncate(LARGEST_UNPACKED + (200 << 20))
    found = collected(inbox)
    assert files(found) == ["三湾村.xlsx"]
    assert notices(found) == {"视频.xlsx": ("FILE_TOO_BIG", "文件 500 MB，最多 300 MB")}


def test_zip_is_taken_apart_and_what_is_no_such_zip_is_kept_whole(inbox):
    (inbox / "全部.zip").write_bytes(zipped({"大湾村.xlsx": BOOK, "夹/../../南川村.xls": b"1"}))
    (inbox / "太多.zip").write_bytes(zipped({f"{number}.xlsx": b"" for number in range(MOST_PARTS + 1)}))
    (inbox / "断.zip").write_bytes(zipped({"大湾村.xlsx": BOOK})[:-30])
    found = collected(inbox)
    assert files(found) == ["三湾村.xlsx", "全部.zip/大湾村.xlsx", "全部.zip/夹/南川村.xls", "太多.zip", "断.zip"]
    assert [Path(file.path).read_bytes() for file in found.files[:2]] == [BOOK, BOOK]


def test_zip_that_ends_its_process_is_kept_whole_and_the_next_is_taken_apart(inbox, monkeypatch):
    monkeypatch.setattr(unpack, "MEMORY", 512 << 20)
    (inbox / "全部.zip").write_bytes(zipped({"大湾村.xlsx": BOOK}))
    (inbox / "亿.zip").write_bytes(crowded(1_500_000))
    assert files(collected(inbox)) == ["三湾村.xlsx", "亿.zip", "全部.zip/大湾村.xlsx"]


def crowded(count: int) -> bytes:
    """A zip whose directory names the same empty part any number of times: a gigabyte of records for who reads it."""
    name, part = b"a.xlsx", zipped({"a.xlsx": b""})[:36]
    about = struct.pack("<4HLLL5HLL", 20, 0, 0, 33, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0)
    directory = (b"PK\1\2" + struct.pack("<H", 20) + about + name) * count
    end64 = b"PK\6\6" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, count, count, len(directory), len(part))
    locator = b"PK\6\7" + struct.pack("<LQL", 0, len(part) + len(directory), 1)
    end = b"PK\5\6" + struct.pack("<4HLLH", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)
    return part + directory + end64 + locator + end


def test_run_over_odd_names_accepts_the_good_and_returns_each_odd_file(tmp_path):
    inputs = small_inputs(tmp_path, ["三湾村"])
    folder = inputs / str(YEAR) / "submissions" / "=夹"
    folder.mkdir()
    odd = ["=cmd.xlsx", "x.xlsx", "X.xlsx", "x-原件.xlsx", "x-原件-原件.xlsx", "'; DROP TABLE x;--.xlsx",
           "x" * 250 + ".xls", "[red]x.xlsx", "CON.xlsx", " .xlsx", "a\nb.xlsx",
           "%s{file}{0}.xlsx", "无后缀"]  # fmt: skip
    for number, name in enumerate(odd):
        (folder / name).write_bytes(b"%PDF" + bytes([number]))
    (folder / os.fsdecode(b"\xff\xfe.xlsx")).write_bytes(b"%PDF!")
    standing = run_steps(inputs, tmp_path / "outputs")
    assert standing.complete
    assert len(standing.loose) == len(odd) + 1
    assert set(findings_of(tmp_path / "outputs")["code"]) == {"FILE_NOT_WORKBOOK"}
    back = sorted((tmp_path / "outputs" / str(YEAR) / "退回").iterdir())
    assert len(back) == 2 * (len(odd) + 1)
    notes = [path for path in back if "-原件" not in path.stem]
    assert len(notes) == len(odd) + 1
    assert all(zipfile.is_zipfile(path) for path in notes)
