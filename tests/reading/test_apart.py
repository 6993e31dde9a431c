"""A call in a process of its own: what it says comes back, what it does to itself harms nobody."""

import os
import time

import pytest

from flows.reading import apart, child
from flows.reading.apart import Apart, Died


def doubled(number: int) -> int:
    return 2 * number


def refused(number: int) -> int:
    raise ValueError(str(number))


def crashed(number: int) -> int:
    os._exit(number)


def busy(seconds: float) -> None:
    child.limit_time(seconds)
    while True:
        pass


def greedy(size: int) -> int:
    return len(bytearray(size))


def test_what_the_work_says_or_raises_comes_back_call_after_call():
    with Apart(5) as one:
        assert [one(doubled, number) for number in (1, 2)] == [2, 4]
        with pytest.raises(ValueError, match="7"):
            one(refused, 7)
        assert one(os.getpid) != os.getpid()


def test_a_crash_too_much_time_or_memory_is_said_and_the_next_call_goes_on():
    with Apart(5, memory=1 << 30) as one:
        for work, given in ((crashed, 3), (busy, 1), (greedy, 2 << 30)):
            with pytest.raises(Died):
                one(work, given)
        assert one(doubled, 4) == 8


def test_one_that_only_waits_is_ended_by_the_wall(monkeypatch):
    monkeypatch.setattr(apart, "PATIENCE", 2)
    with Apart(0.5) as one, pytest.raises(Died):
        one(time.sleep, 60)


def test_nothing_is_started_where_nothing_is_asked():
    with Apart(5) as one:
        assert one._pool is None
