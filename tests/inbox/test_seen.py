"""A file of the inbox that the disk says is the same as last time is not read again, and any other is."""

import os
import time
from pathlib import Path

import pytest

from flows.inbox import collect as collecting
from flows.inbox.archive import ASIDE
from flows.inbox.collect import Inbox, collect
from flows.inbox.seen import SETTLED, mark_of
from tests.reading.test_guard import BOOK, zipped

YEAR, LATER = 2023, 60


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch) -> Path:
    """An inbox with one form, looked at a minute after all that a test writes."""
    monkeypatch.setattr(time, "time_ns", lambda now=time.time_ns: now() + LATER * 10**9)
    folder = tmp_path / "inputs" / str(YEAR) / "submissions"
    folder.mkdir(parents=True)
    (folder / "三湾村.xlsx").write_bytes(BOOK)
    return folder


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """The names of the files that are read from now on."""
    names, real = list[str](), collecting._kept

    def kept(path, name, taking):
        names.append(name)
        return real(path, name, taking)

    monkeypatch.setattr(collecting, "_kept", kept)
    return names


def collected(inbox: Path) -> Inbox:
    return collect(inbox.parents[1], inbox.parents[2] / "outputs", YEAR)


def test_file_that_is_the_same_is_taken_without_being_read(inbox, read):
    first, second = collected(inbox), collected(inbox)
    assert read == ["三湾村.xlsx"]
    assert (second.files, second.notices) == (first.files, [])
    assert (len(first.new), second.new) == (1, [])


def test_file_with_other_bytes_of_the_same_length_and_age_is_read_again(inbox, read):
    path = inbox / "三湾村.xlsx"
    collected(inbox)
    before = path.stat()
    path.write_bytes(BOOK[:-1] + bytes([BOOK[-1] ^ 1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    new = collected(inbox).new
    assert read == ["三湾村.xlsx"] * 2
    assert [file.size for file in new] == [len(BOOK)]


def test_file_that_changed_just_before_it_was_read_is_read_again(inbox, read, monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: max(mark_of(inbox / "三湾村.xlsx")[-2:]) + SETTLED - 1)
    assert collected(inbox).files == collected(inbox).files
    assert read == ["三湾村.xlsx"] * 2


def test_archived_copy_with_other_bytes_is_set_aside_and_one_that_is_gone_kept_again(inbox, read):
    path = Path(collected(inbox).files[0].path)
    path.write_bytes(BOOK[::-1])
    assert [finding.code for _, finding in collected(inbox).notices] == ["ARCHIVE_REPLACED"]
    assert [aside.read_bytes() for aside in (path.parents[1] / ASIDE).iterdir()] == [BOOK[::-1]]
    path.unlink()
    assert [file.path for file in collected(inbox).new] == [str(path)]
    assert path.read_bytes() == BOOK
    assert read == ["三湾村.xlsx"] * 3


def test_zip_of_several_is_taken_apart_once_unless_it_held_anything_else(inbox, read):
    (inbox / "各村.zip").write_bytes(zipped({"大湾村.xlsx": BOOK, "山林村.xlsx": BOOK[:500]}))
    (inbox / "另报.zip").write_bytes(zipped({"罗川村.xlsx": BOOK[:600], "照片.png": b"\x89PNG"}))
    first, second = collected(inbox), collected(inbox)
    assert sorted(read) == sorted(["三湾村.xlsx", "另报.zip", "各村.zip", "另报.zip"])
    assert [file.file for file in second.files] == [file.file for file in first.files]
    assert [name for name, _ in second.notices] == [name for name, _ in first.notices] == ["另报.zip"]


def test_zip_that_could_not_be_taken_apart_is_tried_again(inbox, read):
    (inbox / "坏的.xlsx").write_bytes(zipped({"大湾村.txt": b"\x89PNG"})[:-30])
    assert collected(inbox).files == collected(inbox).files
    assert read.count("坏的.xlsx") == 2


def test_file_that_became_a_link_or_lost_its_rights_is_told(inbox, read):
    path = inbox / "三湾村.xlsx"
    collected(inbox)
    path.rename(inbox.parent / "别处.xlsx")
    path.symlink_to(inbox.parent / "别处.xlsx")
    assert [finding.code for _, finding in collected(inbox).notices] == ["FILE_NOT_TAKEN"]
    assert read == ["三湾村.xlsx"]
    assert mark_of(path) == mark_of(inbox) == mark_of(inbox / "没有") == ()


@pytest.mark.parametrize("left", [b"", b"{", b'{"\\u4e09": [1]}', b"[]"])
def test_what_is_remembered_may_be_lost_or_spoilt(inbox, read, left):
    first = collected(inbox)
    (inbox.parents[2] / "outputs" / f".cunhui.inbox-{YEAR}.json").write_bytes(left)
    assert collected(inbox).files == first.files
    assert collected(inbox).files == first.files
    assert read == ["三湾村.xlsx"] * 2
