"""What is asked seldom is still heard, and the names by which Prefect's parts are slowed down are still theirs."""

import asyncio
from datetime import timedelta
from queue import SimpleQueue
from types import ModuleType, SimpleNamespace

import pytest


@pytest.fixture
def slow() -> ModuleType:
    """Imported here: it loads docket, half a second for every process that collects tests."""
    from flows.serving import slow

    return slow


def test_next_message_comes_at_once_when_it_is_there_and_is_none_when_it_does_not_come(slow, monkeypatch):
    monkeypatch.setattr(slow, "SELDOM", timedelta(milliseconds=1))
    subscription = SimpleNamespace(_queue=SimpleQueue())
    subscription._queue.put("confirmed")

    async def ask() -> list[object]:
        first = await slow.next_message(subscription, None)
        never = [await slow.next_message(subscription, timeout) for timeout in (0.0, 0.01)]
        waiting = asyncio.create_task(slow.next_message(subscription, None))
        await asyncio.sleep(0.01)
        subscription._queue.put("later")
        return [first, *never, await waiting]

    assert asyncio.run(ask()) == ["confirmed", None, None, "later"]


def test_what_is_slowed_down_is_there_to_be(slow, monkeypatch):
    from burner_redis.pubsub import PubSub
    from docket import Docket, Worker

    monkeypatch.setattr(PubSub, "_queue_get", PubSub._queue_get)  # put back afterwards
    workers, api = SimpleNamespace(Worker=Worker), SimpleNamespace(Docket=Docket)
    slow.slow_down(workers, api)
    assert PubSub._queue_get is slow.next_message
    docket = api.Docket(name="here", url="memory://here")
    assert docket.heartbeat_interval == slow.ALIVE
    assert workers.Worker(docket).minimum_check_interval == slow.SELDOM
