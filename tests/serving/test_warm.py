"""A spare process: does what it is given, once, and holds nothing up when it is not there."""

import os
import time

import pytest

from flows.serving import warm
from flows.serving.warm import Spares


@pytest.fixture
def spares(monkeypatch):
    monkeypatch.setattr(warm, "NEEDED", ())
    kept = Spares()
    kept.keep()
    yield kept
    for process in kept._ready, kept._taken:
        if process and process.is_alive():
            process.kill()
            process.join()


def test_work_is_done_by_the_process_that_has_waited_for_it(spares):
    waiting = spares._ready.pid
    process = spares.take(os._exit, (7,))
    process.start()
    process.join()
    assert (process.pid, process.exitcode) == (waiting, 7)


def test_next_one_waits_only_when_the_work_has_ended(spares):
    process = spares.take(time.sleep, (600,))
    process.start()
    spares.keep()
    assert spares._ready is None
    process.terminate()
    process.join()
    spares.keep()
    assert spares._ready.is_alive() and spares._ready.pid != process.pid


def test_work_is_done_without_a_spare_and_without_the_one_that_ended(spares):
    spares._ready.kill()
    spares._ready.join()
    for status in 5, 6:  # one has ended, none is there
        process = spares.take(os._exit, (status,))
        process.start()
        process.join()
        assert process.exitcode == status


def test_spare_ends_with_whoever_kept_it(spares):
    process = spares._ready
    process._orders.close()
    process.join(30)
    assert process.exitcode == 0


def test_what_is_imported_ahead_is_there():
    assert not [name for name in warm.NEEDED if not warm.import_module(name)]


def test_runner_of_prefect_takes_its_processes_here_and_only_as_long_as_it_is_told(spares):
    import multiprocessing

    from prefect import flow_engine

    with spares.used_by(flow_engine):
        assert flow_engine.multiprocessing.get_context("spawn").Process == spares.take
    assert flow_engine.multiprocessing is multiprocessing
