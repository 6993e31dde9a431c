"""Closing and reopening a year: the last of them holds, and the year keeps the settings that it was closed with."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from flows.store.events import Event, closed_by, in_words, keep_settings, kept_settings, known, note, record
from flows.store.journal import Happened
from tests.books import settings
from tests.office import open_store, units_of

YEAR = 2023
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path, units_of("南川村 川区")) as store:
        yield store


def test_last_of_closing_and_reopening_holds_and_both_stay_known(store):
    assert closed_by(store, YEAR) is None
    closed = record(store, YEAR, "close", "王敏", "年报结束", "大湾村")
    assert closed_by(store, YEAR) == closed and closed_by(store, YEAR - 1) is None
    record(store, YEAR, "reopen", "李四", "补报")
    assert closed_by(store, YEAR) is None
    assert {what for _, what in known(store)} == {"close", "reopen"}
    lines = [line for line in store.journal.read() if isinstance(line, Happened)]
    assert [(line.what, line.who, line.why, line.details) for line in lines] == [
        ("close", "王敏", "年报结束", "大湾村"), ("reopen", "李四", "补报", "")
    ]  # fmt: skip


def test_closing_is_told_with_who_when_there_why_and_whom_it_excepts(store):
    record(store, YEAR, "close", "王敏", "年报结束", "大湾村")
    kept = closed_by(store, YEAR)
    assert kept is not None
    moment = kept.happened_at.astimezone(SHANGHAI)
    assert in_words(kept, SHANGHAI) == f"2023 年已由王敏于 {moment:%Y-%m-%d %H:%M} 封存（年报结束），大湾村除外"
    late = Event(datetime(2024, 1, 31, 17, tzinfo=UTC), YEAR, "close", None, "王敏", "", "")
    assert in_words(late, SHANGHAI) == "2023 年已由王敏于 2024-02-01 01:00 封存"


def test_what_the_journal_says_of_one_unit_is_noted_with_its_number(store):
    happened = Happened(record(store, YEAR, "close", "王敏", "").happened_at, YEAR, "restore", "王敏", "误报",
                        "第 1 版", "990101101201", 1)  # fmt: skip
    assert note(store, happened).unit_code == 990101101201
    assert store.rows("SELECT unit_code, details FROM base.event WHERE what = 'restore'") == [(990101101201, "第 1 版")]
    assert closed_by(store, YEAR) is not None, "restoring reopens nothing"


def test_settings_of_a_closed_year_are_those_it_was_closed_with_until_it_is_reopened(store):
    own = settings(paper="A4")
    keep_settings(store, YEAR, own, "1")
    assert kept_settings(store, YEAR) is None, "it is not closed yet"
    record(store, YEAR, "close", "王敏", "")
    assert kept_settings(store, YEAR) == own and kept_settings(store, YEAR + 1) is None
    keep_settings(store, YEAR, settings(paper="A3"), "2")
    assert kept_settings(store, YEAR) == settings(paper="A3") != own
    record(store, YEAR, "reopen", "王敏", "")
    assert kept_settings(store, YEAR) is None
