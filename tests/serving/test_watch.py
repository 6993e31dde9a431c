"""What has come into the inbox is taken once it is whole and still, and once only."""

import shutil
import threading
from pathlib import Path

import pytest

from flows.serving import watch as watching
from flows.serving.collector import ARRIVED, MADE_UP, Said
from flows.serving.server import Server
from flows.serving.watch import CLOSELY, PATIENCE, STILL, Stillness, Watch, listen, news, snapshot
from tests.serving.people import Desk, without_patience

ONE, TWO = {"a": (1, 1, 1)}, {"a": (1, 1, 1), "b": (1, 1, 2)}


def told(looks, taken=None):
    """At which moments it is time, by what is seen at each."""
    stillness, found = Stillness(taken), []
    for now, seen in looks:
        if stillness.look(seen, now):
            found.append((now, stillness.take()))
    return found


def test_file_is_taken_once_when_it_has_lain_still():
    assert told([(0, ONE), (STILL - 0.1, ONE), (STILL, ONE), (STILL + 1, ONE), (99, ONE)]) == [(STILL, ONE)]


def test_file_that_grows_is_waited_for_and_one_that_never_rests_does_not_hold_the_others_up_for_ever():
    growing = [(now, {"a": (now, now, 1)}) for now in range(60)]
    assert told([*growing, (61, growing[-1][1])]) == [(61, growing[-1][1])]
    for_ever = [(now, {"a": (now, now, 1), "b": (1, 1, 2)}) for now in range(int(PATIENCE) + 1)]
    assert [now for now, _ in told(for_ever)] == [PATIENCE]


def test_arrivals_in_quick_succession_are_one_taking_and_a_later_one_is_another():
    assert told([(0, ONE), (1, TWO), (1 + STILL, TWO), (9, TWO)]) == [(1 + STILL, TWO)]
    assert [now for now, _ in told([(0, ONE), (2, ONE), (5, TWO), (7, TWO)])] == [2, 7]


@pytest.mark.parametrize("seen", [None, {}, TWO])
def test_inbox_that_is_not_there_or_all_at_once_empty_or_as_it_was_starts_nothing(seen):
    assert told([(0, seen), (10, seen)], taken=TWO) == []


def test_removed_and_changed_files_count_as_news():
    assert told([(0, ONE), (STILL, ONE)], taken=TWO) == [(STILL, ONE)]
    assert told([(0, {"a": (1, 2, 1)}), (STILL, {"a": (1, 2, 1)})], taken=ONE)


def test_what_programs_leave_beside_workbooks_is_not_seen(tmp_path):
    for name in ("三湾村.xlsx", "~$三湾村.xlsx", ".~lock.a#", "大湾村.xlsx.part", "b.crdownload", "c.TMP", "Thumbs.db"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "夹").mkdir()
    (tmp_path / "夹" / "南川村.et").write_bytes(b"x")
    assert {path.rpartition("/")[2] for path in snapshot(tmp_path)} == {"三湾村.xlsx", "南川村.et"}
    assert snapshot(tmp_path / "没有") is None


def test_watch_remembers_over_a_restart_what_a_run_took_and_tells_only_news(tmp_path):
    inbox, kept = tmp_path / "2023" / "submissions", tmp_path / "kept"
    inbox.mkdir(parents=True)
    (inbox / "a.xlsx").write_bytes(b"x")
    with Watch(tmp_path, 2023, kept) as watch:
        assert watch.since is None
        watch.keep(watch.now())
    (inbox / "b.xlsx").write_bytes(b"x")
    (tmp_path / "2023" / "corrections.toml").write_text("")
    with Watch(tmp_path, 2023, kept) as watch:
        assert watch.since is not None
        assert news(watch.now(), watch.before) == 2
        shutil.rmtree(inbox)
        assert watch.now() is None


def is_told_of(folder, heard) -> bool:
    """Whether a file is heard of; the first may come before anybody listens."""
    for number in range(100):
        (folder / f"{number}.xlsx").write_bytes(b"x")
        if heard.wait(CLOSELY):
            break
    return heard.is_set()


def test_system_tells_of_a_file_at_once(tmp_path):
    heard, stop = threading.Event(), threading.Event()
    listening = listen(tmp_path, heard, stop)
    assert is_told_of(tmp_path, heard)
    stop.set()
    listening.join()


class Inbox(Desk):
    """A desk whose inbox is a folder with one file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Watch(folder, 2023, folder / "kept"))
        self.folder = folder / "2023" / "submissions"
        self.folder.mkdir(parents=True)
        self.put("a")

    def put(self, name: str) -> None:
        (self.folder / f"{name}.xlsx").write_bytes(b"x")


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Inbox:
    without_patience(monkeypatch)
    return Inbox(tmp_path)


def test_what_comes_while_a_run_goes_on_is_said_to_be_done_after_it_and_is_one_run(desk):
    desk.looks()
    for name in "bc":
        desk.put(name)
        desk.looks()
    desk.shift._ran(Said("ran", "应报 3 个。"))
    assert desk.shift.asked[1:] == []
    (desk.folder / "a.xlsx").unlink()
    desk.looks()
    for _ in range(2):
        desk.shift._ran(Said("ran", "应报 3 个。"))
    assert desk.said == [
        "收件夹和设置里有 1 处变动，开始汇总。",
        "收件夹和设置里有 1 处变动，这次汇总做完再收。",
        "收件夹和设置里有 1 处变动，这次汇总做完再收。",
        "汇总做完了。应报 3 个。",
        "收件夹和设置里有 1 处变动，这次汇总做完再收。",
        "汇总做完了。应报 3 个。",
        "汇总做完了。应报 3 个。",
    ]
    assert set(desk.shift.watch.before) == {str(desk.folder / f"{name}.xlsx") for name in "bc"}


def test_thousands_of_files_at_once_are_one_run(desk):
    for number in range(5_000):
        (desk.folder / f"{number}.xlsx").touch()
    desk.looks()
    assert (desk.asked, desk.said) == ([ARRIVED], ["收件夹和设置里有 5001 处变动，开始汇总。"])


def test_what_comes_while_a_scheduled_run_goes_on_is_not_said_to_begin(desk):
    desk.free = False
    desk.looks()
    desk.put("b")
    desk.looks()
    assert desk.said == [
        "收件夹和设置里有 1 处变动，另一次汇总正在进行，做完就收。",
        "收件夹和设置里有 1 处变动，这次汇总做完再收。",
    ]


def test_run_that_failed_is_tried_again_once_nothing_else_is_asked_for_and_said_to_wait_if_it_does(desk):
    desk.shift._make_up()
    desk.put("b")
    desk.looks()
    for free in True, False:
        desk.shift._ran(Said("ran", "磁盘满了", well=False))
        desk.shift.again, desk.free = 0.001, free
        desk.shift.watch.before = desk.shift.watch.now()
        desk.looks()
    desk.shift._ran(Said("ran", "磁盘满了", well=False))
    desk.shift.again, desk.free = 0.001, True
    desk.looks()
    assert desk.said == [
        "补上没有做完或错过的一次汇总。",
        "收件夹和设置里有 1 处变动，这次汇总做完再收。",
        "汇总没有做完：磁盘满了。60 秒后再试。",
        "汇总没有做完：磁盘满了。120 秒后再试。",
        "另一次汇总正在进行，做完再汇总一次。",
        "汇总没有做完：磁盘满了。240 秒后再试。",
        "再汇总一次。",
    ]


def test_how_a_scheduled_run_and_one_begun_elsewhere_ended_is_said(desk):
    desk.shift._hear(Said("scheduled", "应报 3 个。"), Server(""))
    desk.shift._hear(Said("other", "磁盘满了", well=False), Server(""))
    assert desk.said == ["定时的汇总做完了。应报 3 个。", "另一次汇总没有做完：磁盘满了。"]
    assert desk.asked == [], "the schedule comes again by itself"


def test_run_that_was_missed_while_the_pc_slept_is_made_up_for_and_its_end_is_heard(desk):
    desk.shift._hear(Said("missed"), Server(""))
    desk.looks()
    desk.shift._hear(Said("ran", "应报 3 个。"), Server(""))
    assert desk.asked == [MADE_UP]
    assert desk.said == ["补上没有做完或错过的一次汇总。", "汇总做完了。应报 3 个。"]
    assert desk.shift.watch.before == desk.shift.watch.now()


def test_what_lies_there_when_a_broken_run_is_made_up_for_is_not_run_for_again(desk):
    desk.shift._begin(Said("begun", owed=True), Server("http://127.0.0.1:9/api"))
    desk.looks()
    desk.shift._ran(Said("ran", "磁盘满了", well=False))
    desk.shift.again = 0.001
    desk.looks()
    assert desk.asked == [MADE_UP, ARRIVED]
    assert desk.said[1:] == [
        "补上没有做完或错过的一次汇总。",
        "汇总没有做完：磁盘满了。60 秒后再试。",
        "收件夹和设置里有 1 处变动，开始汇总。",
    ]


def test_inbox_that_goes_away_is_said_once_and_what_has_come_when_it_is_back_is_collected(desk):
    inbox, away = desk.folder, desk.folder.with_name("away")
    desk.looks()
    desk.shift._ran(Said("ran"))
    inbox.rename(away)
    desk.looks()
    (away / "b.xlsx").write_bytes(b"x")
    away.rename(inbox)
    desk.looks()
    assert desk.said == [
        "收件夹和设置里有 1 处变动，开始汇总。",
        "汇总做完了。",
        f"收件夹 {inbox} 不在了（网络盘断开了，或改了名），等它回来再收；已收到的文件和已入库的数都在。",
        "收件夹又在了，接着收。",
        "收件夹和设置里有 1 处变动，开始汇总。",
    ]
    assert desk.asked == [ARRIVED, ARRIVED]


def test_system_tells_of_a_file_in_a_folder_that_has_been_put_in_the_place_of_the_one_before(tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "POLL", 0.1)
    folder, heard, stop = tmp_path / "submissions", threading.Event(), threading.Event()
    folder.mkdir()
    listening = listen(folder, heard, stop)
    assert heard.wait(30)
    folder.rename(tmp_path / "away")
    folder.mkdir()
    heard.clear()
    assert heard.wait(30)  # it looks at the new one
    heard.clear()
    assert is_told_of(folder, heard)
    stop.set()
    listening.join()
