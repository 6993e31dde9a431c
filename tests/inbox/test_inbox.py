"""The inbox: whatever lies there, the files that can be taken are taken and the others are told."""

import hashlib
import os
import struct
import zipfile
from pathlib import Path

import pytest

from flows.inbox import collect as collecting
from flows.inbox import unpack
from flows.inbox.archive import ASIDE
from flows.inbox.collect import Inbox, collect
from flows.reading.guard import LARGEST_UNPACKED, MOST_FILES
from tests.office import findings_of, judge_steps, run_steps, small_inputs
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
        "断链.xlsx": ("FILE_NOT_TAKEN", "是指向别处的链接，请放文件本身"),
        "别处": ("FILE_NOT_TAKEN", "是指向别处的文件夹"),
    }


@pytest.mark.parametrize(
    ("error", "why"),
    [(PermissionError(13, "x"), "没有权限，或正被别的程序占用"), (FileNotFoundError(2, "x"), "文件或文件夹已经不在")],
)
def test_file_that_cannot_be_opened_is_told(inbox, monkeypatch, error, why):
    (inbox / "大湾村.xlsx").write_bytes(BOOK)
    opened = collecting._not_elsewhere

    def refusing(path, flags):
        if Path(path).name == "大湾村.xlsx":
            raise error
        return opened(path, flags)

    monkeypatch.setattr(collecting, "_not_elsewhere", refusing)
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
    (inbox / "太多.zip").write_bytes(zipped({f"{number}.xlsx": b"" for number in range(MOST_FILES + 1)}))
    (inbox / "断.zip").write_bytes(zipped({"大湾村.xlsx": BOOK})[:-30])
    found = collected(inbox)
    assert files(found) == ["三湾村.xlsx", "全部.zip/大湾村.xlsx", "全部.zip/夹/南川村.xls", "太多.zip", "断.zip"]
    assert [Path(file.path).read_bytes() for file in found.files[:2]] == [BOOK, BOOK]


def test_zip_that_ends_its_process_is_kept_whole_and_the_next_is_taken_apart(inbox, monkeypatch):
    monkeypatch.setattr(unpack, "MEMORY", 512 << 20)
    (inbox / "全部.zip").write_bytes(zipped({"大湾村.xlsx": BOOK}))
    (inbox / "亿.zip").write_bytes(crowded(600_000))
    assert files(collected(inbox)) == ["三湾村.xlsx", "亿.zip", "全部.zip/大湾村.xlsx"]


def crowded(count: int) -> bytes:
    """A zip whose directory names the same empty part any number of times: a gigabyte of records for who reads it."""
    name, part = b"a.xlsx", zipped({"a.xlsx": b""})[:36]
    about = struct.pack("<5H3L5H2L", 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0)
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


def test_link_to_a_file_elsewhere_is_told_and_not_followed(inbox):
    elsewhere = inbox.parents[2] / "别处.xlsx"
    elsewhere.write_bytes(BOOK[:500])
    (inbox / "大湾村.xlsx").symlink_to(elsewhere)
    (inbox / "里面").mkdir()
    (inbox / "里面" / "山林村.xlsx").symlink_to(elsewhere)
    found = collected(inbox)
    assert files(found) == ["三湾村.xlsx"]
    assert set(notices(found)) == {"大湾村.xlsx", "里面/山林村.xlsx"}


def test_file_that_became_a_link_while_it_was_looked_at_is_not_followed(inbox):
    elsewhere = inbox.parents[2] / "别处.xlsx"
    elsewhere.write_bytes(BOOK)
    (inbox / "大湾村.xlsx").symlink_to(elsewhere)
    with pytest.raises(OSError):
        open(inbox / "大湾村.xlsx", "rb", opener=collecting._not_elsewhere)  # noqa: SIM115  nothing is to be opened


# ---- the archive


def archived(inbox: Path) -> Path:
    return Path(collected(inbox).files[0].path)


@pytest.mark.parametrize("left", [b"", BOOK[:200], BOOK[::-1]])
def test_archived_file_that_is_not_what_its_name_says_is_set_aside_and_kept_again(inbox, left):
    path = archived(inbox)
    path.write_bytes(left)
    found = collected(inbox)
    assert [code for code, _ in notices(found).values()] == ["ARCHIVE_REPLACED"]
    assert path.read_bytes() == BOOK
    assert [aside.read_bytes() for aside in (path.parents[1] / ASIDE).iterdir()] == [left]
    assert not collected(inbox).notices


def test_second_wrong_file_does_not_overwrite_the_first_set_aside(inbox):
    path = archived(inbox)
    for left in (b"1", b"2"):
        path.write_bytes(left)
        collected(inbox)
    assert sorted(aside.read_bytes() for aside in (path.parents[1] / ASIDE).iterdir()) == [b"1", b"2"]


def test_zero_byte_leftover_of_a_crash_does_not_make_a_good_return_empty(tmp_path):
    inputs, outputs = small_inputs(tmp_path, ["三湾村"]), tmp_path / "outputs"
    data = (inputs / str(YEAR) / "submissions" / "三湾村.xlsx").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    leftover = outputs / "archive" / digest[:2] / f"{digest}.xlsx"
    leftover.parent.mkdir(parents=True)
    leftover.touch()
    standing = judge_steps(inputs, outputs)
    assert [one.state for one in standing.arrivals] == ["accepted"]
    assert leftover.read_bytes() == data


def test_file_lost_from_the_archive_is_said_and_taken_again(tmp_path):
    inputs, outputs = small_inputs(tmp_path, ["三湾村"]), tmp_path / "outputs"
    judge_steps(inputs, outputs)
    [path] = (outputs / "archive").rglob("*.xlsx")
    path.unlink()
    judge_steps(inputs, outputs)
    assert "ARCHIVE_LOST" in set(findings_of(outputs)["code"])
    assert path.exists()


def test_write_that_fails_leaves_nothing_under_the_name(inbox, monkeypatch):
    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flows.inbox.archive.os.fsync", full)
    with pytest.raises(OSError):
        collected(inbox)
    assert not [path for path in (inbox.parents[2] / "outputs" / "archive").rglob("*") if path.is_file()]


@pytest.mark.skipif(os.name != "posix", reason="Windows inherits the folder's rights")
def test_what_a_run_writes_is_readable_by_its_owner_alone(tmp_path):
    inputs, outputs = small_inputs(tmp_path, ["三湾村"]), tmp_path / "outputs"
    before = os.umask(0o022)
    try:
        judge_steps(inputs, outputs)
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    written = [path for path in outputs.rglob("*") if not path.name.startswith(".cunhui")]
    assert written and not [path for path in written if path.stat().st_mode & 0o077]


# ---- a zip with other things in it


def test_foreign_files_in_a_zip_are_one_notice_and_the_reports_are_taken(inbox):
    parts = {f"照片/{n}.jpg": b"\xff\xd8\xff" + bytes([n]) * 50 for n in range(200)}
    (inbox / "大湾村材料.zip").write_bytes(zipped({**parts, "说明.txt": "请查收".encode(), "大湾村.xlsx": BOOK[:500]}))
    found = collected(inbox)
    assert files(found) == ["三湾村.xlsx", "大湾村材料.zip/大湾村.xlsx"]
    assert [(name, one.code, one.details["count"]) for name, one in found.notices] == [
        ("大湾村材料.zip", "ZIP_FOREIGN", "201")
    ]
    assert list((inbox.parents[2] / "outputs" / "archive").rglob("*.zip"))


def test_zip_without_any_report_is_kept_whole_and_told_once(inbox):
    (inbox / "照片.zip").write_bytes(zipped({f"{n}.jpg": b"\xff\xd8\xff" + bytes([n]) * 50 for n in range(50)}))
    assert files(collected(inbox)) == ["三湾村.xlsx", "照片.zip"]


def test_identity_that_nobody_sees_never_says_alone_whose_a_file_is(tmp_path):
    from flows.inbox.owner import owner_of
    from flows.reading.records import Reading
    from schemas.roster import Unit

    units = [Unit("990101101208", "三湾村", "村"), Unit("990101101207", "大湾村", "村")]

    def judged(file, **identity):
        return owner_of(Reading(file=file, sha256="", identity=identity, years={"封面": ["2023"]}), units, 2023)

    for source in ("隐藏表", "文件属性"):
        alone = judged("报表.xlsx", **{source: ["990101101208"]})
        assert alone.unit is None
        assert [finding.code for finding in alone.findings] == ["UNIT_UNCLEAR"]
        assert f"只有看不见的{source}写着三湾村" in alone.findings[0].message("")
        for seen in ({"封面": ["三湾村"]}, {"表头": ["三湾村"]}):
            assert judged("报表.xlsx", **{source: ["990101101208"]}, **seen).unit == units[0]
            asked = judged("报表.xlsx", **{source: ["990101101207"]}, **seen)
            assert asked.unit is None
            assert all(name in asked.findings[0].message("") for name in ("三湾村", "大湾村"))
        assert judged("三湾村.xlsx", **{source: ["990101101208"]}).unit == units[0]
