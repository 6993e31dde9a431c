"""A process is started whole or not at all, whenever a signal comes."""

import multiprocessing
import os
import signal
import threading

import pytest

from flows.reading.orphan import deaf


class Stopped(BaseException):
    pass


class Cutting:
    """Whoever sends it to a process is told to stop, in the midst of starting that."""

    def __init__(self, number):
        self.number = number

    def __reduce__(self):
        os.kill(os.getpid(), self.number)
        return int, ()


@pytest.fixture(params=[signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def number(request):
    def stop(*_):
        raise Stopped

    before = signal.signal(request.param, stop)
    waiting, ear = threading.Event(), threading.Thread(target=lambda: waiting.wait(60))
    ear.start()  # a thread that the signal may be told to, whatever this one blocks
    yield request.param
    waiting.set()
    ear.join()
    signal.signal(request.param, before)


def test_process_in_whose_starting_a_signal_comes_has_begun_when_it_is_heard(number, capfd):
    child = multiprocessing.get_context("spawn").Process(target=print, args=(Cutting(number),))
    with pytest.raises(Stopped), deaf():
        child.start()
    child.join(60)
    assert child.exitcode == 0
    assert capfd.readouterr() == ("0\n", "")


def test_ears_are_as_they_were_afterwards(number):
    handler, mask = signal.getsignal(number), signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with deaf():
        assert signal.getsignal(number) != handler
    assert (signal.getsignal(number), signal.pthread_sigmask(signal.SIG_BLOCK, ())) == (handler, mask)
    with pytest.raises(Stopped):
        os.kill(os.getpid(), number)


def test_thread_that_hears_nothing_leaves_the_ears_alone(number):
    handler, seen = signal.getsignal(number), []

    def start():
        with deaf():
            seen.append(signal.getsignal(number))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert seen == [handler]
