"""What has come into the inbox is taken once it is whole and still, and once only."""

import shutil
import threading

import pytest

from flows.serving.watch import CLOSELY, PATIENCE, STILL, Stillness, Watch, listen, snapshot

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
        assert watch.new(watch.now()) == 2
        shutil.rmtree(inbox)
        assert watch.now() is None


def test_system_tells_of_a_file_at_once(tmp_path):
    heard, stop = threading.Event(), threading.Event()
    listening = listen(tmp_path, heard, stop)
    for number in range(100):
        (tmp_path / f"{number}.xlsx").write_bytes(b"x")
        if heard.wait(CLOSELY):
            break
    stop.set()
    listening.join()
    assert heard.is_set()
