"""What is dropped, as it comes into the inbox: whole or not at all, however it comes and whatever fails on the way."""

import asyncio
import errno
import io
import os
import time
from pathlib import Path

import pytest

from flows.web import saving
from flows.web.keep import Page
from flows.web.saving import ABANDONED, DEEPEST, clear_away, lying, safe_folder, save, withdraw
from schemas.errors import InputError
from tests.office import small_inputs


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "submissions"
    folder.mkdir()
    return folder


def pieces(*parts, between=lambda: None):
    async def come():
        for part in parts:
            yield part
            between()

    return come()


def saved(inbox, stream, name="三湾村.xlsx", **given):
    return asyncio.run(save(stream, name, inbox, inbox.parent / "archive", **given))


def test_file_that_says_it_is_too_large_is_refused_before_any_of_it_comes(inbox):
    came = []
    with pytest.raises(InputError, match="超过 300 MB，没有存"):
        saved(inbox, pieces(b"x", between=lambda: came.append(1)), declared=str(2 << 30))
    assert came == [] == list(inbox.iterdir())


@pytest.mark.parametrize("declared", [None, "", "3", "-1", "9e9", "٩٩٩٩٩٩٩٩٩٩٩"])
def test_file_that_does_not_say_how_large_it_is_or_lies_is_refused_at_the_limit(inbox, declared):
    came = []

    async def endless():
        while True:
            came.append(1)
            yield bytes(100)

    with pytest.raises(InputError, match="没有存"):
        saved(inbox, endless(), largest=1000, declared=declared)
    assert len(came) == 11
    assert list(inbox.iterdir()) == []


def left(folder: Path, name: str, before: float = ABANDONED + 1) -> Path:
    """A file that nobody has written to for so many seconds."""
    path = folder / name
    path.write_bytes(b"PK")
    os.utime(path, (time.time() - before,) * 2)
    return path


def test_what_a_killed_page_was_saving_is_removed_and_nothing_else(inbox):
    left(inbox, f".{'0a' * 8}.part")
    kept = [left(inbox, name) for name in ("三湾村.xlsx", "三湾村.xlsx.part", ".下载.part", f"{'0a' * 8}.part")]
    kept.append(left(inbox, f".{'1b' * 8}.part", before=ABANDONED - 60))  # another page's, which goes on
    clear_away(inbox)
    assert set(inbox.iterdir()) == set(kept)
    clear_away(inbox / "gone")


def test_page_that_starts_clears_away_what_a_killed_one_left(tmp_path):
    inbox = small_inputs(tmp_path, ["三湾村"]) / "2023" / "submissions"
    partial = left(inbox, f".{'0a' * 8}.part")
    page = Page(tmp_path / "inputs", tmp_path / "outputs", None, idle=0.0, port=0)
    serving = page.serve()
    end = time.monotonic() + 60
    while partial.exists() and time.monotonic() < end:
        time.sleep(0.02)
    page.stop()
    serving.join(10)
    assert [path.name for path in inbox.iterdir()] == ["三湾村.xlsx"]


class Full(io.BytesIO):
    def write(self, _):
        raise OSError(errno.ENOSPC, "No space left on device")


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("owner", "name", "instead"),
    [(Path, "open", full), (Path, "open", lambda *_: Full()), (saving.os, "fsync", full), (Path, "mkdir", full),
     (saving.os, "link", full)],
    ids=["made", "written", "flushed", "its folder", "its name"],
)  # fmt: skip
def test_disk_that_is_full_at_any_step_is_said_and_leaves_nothing(inbox, monkeypatch, owner, name, instead):
    with monkeypatch.context() as failing, pytest.raises(InputError, match="没有存：磁盘满了，请腾出空间"):
        failing.setattr(owner, name, instead)
        saved(inbox, pieces(b"x" * 10), within=Path("南片"))
    assert lying(inbox) == []
    assert [path for path in inbox.rglob("*") if path.is_file()] == []
    assert saved(inbox, pieces(b"x"), within=Path("南片")) == ("南片/三湾村.xlsx", True)


def test_inbox_that_goes_away_while_a_file_comes_is_said(inbox):
    away = inbox.with_name("unmounted")
    with pytest.raises(InputError, match="没有存：文件或文件夹已经不在"):
        saved(inbox, pieces(b"x", b"y", between=lambda: inbox.exists() and inbox.rename(away)))
    assert not inbox.exists()


def test_file_that_is_still_coming_is_none_yet_and_hinders_no_other_of_its_name(inbox):
    seen = []

    async def both():
        whole = asyncio.Event()

        async def slow():
            yield b"half "
            seen.append(lying(inbox))
            await whole.wait()
            yield b"whole"

        first = asyncio.create_task(save(slow(), "三湾村.xlsx", inbox, inbox))
        await asyncio.sleep(0)
        second = await save(pieces(b"other"), "三湾村.xlsx", inbox, inbox)
        seen.append(lying(inbox))
        whole.set()
        return await first, second

    first, second = asyncio.run(both())
    assert seen == [[], ["三湾村.xlsx"]]
    assert (first, second) == (("三湾村 (2).xlsx", True), ("三湾村.xlsx", True))
    assert (inbox / "三湾村 (2).xlsx").read_bytes() == b"half whole"


@pytest.mark.parametrize(
    ("said", "kept"),
    [("", "."), ("南片/三湾村", "南片/三湾村"), ("../../../etc", "etc"), ("/etc/../..", "etc"), ("C:\\x\\y", "C_/x/y"),
     (".git/hooks", "git/hooks"), ("con/a\x00b", "_con/ab"), ("a" * 300, "a" * saving.LONGEST_FOLDER),
     ("/".join("abcdefgh"), "e/f/g/h"), ("'\"<b>&", "'__b_&"), (" . / .. /~$x", "~$x")],
)  # fmt: skip
def test_folder_that_is_dropped_stays_one_within_the_inbox(inbox, said, kept):
    assert safe_folder(said) == Path(kept)
    assert len(safe_folder(said).parts) <= DEEPEST
    name, _ = saved(inbox, pieces(b"x"), within=safe_folder(said))
    assert lying(inbox) == [name] == [str(Path(kept) / "三湾村.xlsx")]


def test_files_of_one_name_in_several_folders_are_several_and_each_takes_its_own_place(inbox):
    archive = inbox.parent / "archive"
    for unit in "三湾村", "大湾村":
        saved(inbox, pieces(unit.encode()), "年报.xlsx", within=Path(unit))
        digest = saving._digest(inbox / unit / "年报.xlsx")
        (archive / digest[:2]).mkdir(parents=True)
        (archive / digest[:2] / f"{digest}.xlsx").write_bytes(unit.encode())
    saved(inbox, pieces(b"mended"), "年报.xlsx", within=Path("大湾村"))
    assert lying(inbox) == ["三湾村/年报.xlsx", "大湾村/年报.xlsx"]
    assert (inbox / "三湾村/年报.xlsx").read_bytes() == "三湾村".encode()
    assert withdraw("三湾村/年报.xlsx", inbox, archive) == inbox.with_name("撤下") / "年报.xlsx"
    assert lying(inbox) == ["大湾村/年报.xlsx"]
    with pytest.raises(InputError, match="收件夹里没有"):
        withdraw("三湾村/../../township.toml", inbox, archive)


def test_nothing_lies_in_an_inbox_that_is_not_there(tmp_path):
    assert lying(tmp_path / "nowhere") == []
