"""An inbox at a URL: what has come there is taken once two listings say the same of it."""

import threading
from pathlib import Path
from types import SimpleNamespace

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from flows.serving import elsewhere as looking
from flows.serving.collector import Said
from flows.serving.elsewhere import Elsewhere, settled
from flows.serving.serve import _elsewhere
from flows.serving.watch import Watch
from schemas.errors import InputError
from tests.serving.people import Desk, without_patience

URL, ONE, TWO = "memory://county/示例镇", (1, 1, 0), (2, 2, 0)


@pytest.mark.parametrize(
    ("listed", "before", "known", "agreed"),
    [
        ({"a": ONE}, {}, {}, {}),  # new
        ({"a": ONE}, {"a": ONE}, {}, {"a": ONE}),  # and still
        ({"a": TWO}, {"a": ONE}, {"a": ONE}, {"a": ONE}),  # changed
        ({"a": TWO, "b": ONE}, {"a": ONE, "b": ONE}, {}, {"b": ONE}),  # one grows, which holds up no other
        ({}, {"a": ONE}, {"a": ONE}, {"a": ONE}),  # gone
        ({}, {}, {"a": ONE}, {}),  # and still gone
    ],
)
def test_only_what_two_listings_agree_on_counts(listed, before, known, agreed):
    assert settled(listed, before, known) == agreed


class Store(Desk):
    """A desk whose inbox is a store in memory; its folder is not there."""

    def __init__(self, folder: Path) -> None:
        self.store = fsspec.filesystem("memory")
        self.put("readme.md")
        self.elsewhere = Elsewhere(URL, 2023, folder / "outputs")
        super().__init__(Watch(folder, 2023, folder / "kept", self.elsewhere))

    def put(self, name: str, data: bytes = b"x") -> None:
        self.store.pipe_file(f"/county/示例镇/2023/{name}", data)

    def lists(self, times: int) -> None:
        for _ in range(times):
            self.elsewhere.look()
            self.looks()


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Store:
    monkeypatch.setattr(MemoryFileSystem, "store", {})
    monkeypatch.setattr(MemoryFileSystem, "pseudo_dirs", [""])
    without_patience(monkeypatch)
    return Store(tmp_path)


def test_object_is_taken_when_it_was_listed_twice_alike_and_once_only(desk):
    desk.lists(2)
    desk.put("三湾村.xlsx")
    desk.put("三湾村.xlsx.part")
    desk.lists(1)
    assert desk.said == []
    desk.lists(1)
    desk.shift._ran(Said("ran"))
    desk.put("三湾村.xlsx", b"xx")
    desk.lists(3)
    assert desk.said == [
        "收件夹和设置里有 1 处变动，开始汇总。",
        "汇总做完了。",
        "收件夹和设置里有 1 处变动，开始汇总。",
    ]


def test_store_that_cannot_be_reached_is_said_once_and_when_it_can_again_and_what_came_is_taken(desk, monkeypatch):
    desk.lists(2)
    with monkeypatch.context() as broken:
        broken.setattr(MemoryFileSystem, "ls", lambda *_, **__: 1 / 0)
        desk.lists(2)
        desk.put("三湾村.xlsx")
        desk.lists(2)
    desk.lists(3)
    assert desk.said == [
        f"收件夹 {URL} 现在看不到：连不上，或中途断了（ZeroDivisionError），请核对网络和地址。"
        "每 60 秒看一次，看到了接着收；已收到的文件和已入库的数都在。",
        "收件夹又在了，接着收。",
        "收件夹和设置里有 1 处变动，开始汇总。",
    ]


def test_what_was_taken_before_the_last_stop_needs_no_second_listing(desk):
    desk.put("三湾村.xlsx")
    desk.lists(2)
    taken, stopped = desk.elsewhere.seen(), threading.Event()
    desk.elsewhere._listed = desk.elsewhere._known = {}
    stopped.set()
    desk.elsewhere.begin({**taken, "/inputs/units.csv": ONE}, threading.Event(), stopped)
    assert desk.elsewhere.look() and desk.elsewhere.seen() == taken


def test_listing_goes_on_in_a_thread_until_stopped(desk, monkeypatch):
    monkeypatch.setattr(looking, "SOON", 0.01)
    desk.put("三湾村.xlsx")
    heard, stop = threading.Event(), threading.Event()
    desk.elsewhere.begin({}, heard, stop)
    while not desk.elsewhere.seen():
        assert heard.wait(30)
        heard.clear()
    stop.set()


def test_url_that_no_store_can_be_had_for_is_refused_and_none_is_no_store(tmp_path):
    def inbox(url: str) -> SimpleNamespace:
        return SimpleNamespace(collection=SimpleNamespace(inbox=url))

    with pytest.raises(InputError, match="不认识这种网址"):
        _elsewhere(inbox("nowhere://x/y"), 2023, tmp_path)
    assert _elsewhere(inbox(""), 2023, tmp_path) is None
