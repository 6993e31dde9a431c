"""No process outlives the one that started it, and Ctrl-C is heard by that one alone."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_PR_SET_PDEATHSIG = 1
"""Of Linux (prctl(2)): which signal a process gets when the one that forked it ends."""


def end_with_parent() -> None:
    """In a process that `multiprocessing` started: end when whoever started it has, even by a kill; nothing elsewhere.

    The system tells by the end of a pipe or a process handle, so that nothing is polled.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def be_killed_with_forker() -> None:
    """On Linux: be killed with the process that forked this one, even while a library lets no thread run."""
    if sys.platform == "linux":
        import ctypes  # optional: for Linux alone

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def deaf() -> Iterator[None]:
    """Threads and processes started meanwhile do not hear Ctrl-C, which a terminal sends to all: we end them ourselves.

    A signal that comes meanwhile is heard afterwards, here too: a process that was started half would say so.
    """
    with _heard_later():
        if not hasattr(signal, "pthread_sigmask"):  # Windows has no such thing
            yield
            return
        from multiprocessing import resource_tracker  # optional: Windows has none of it

        resource_tracker.ensure_running()  # it would open our ears again when it started later
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _heard_later() -> Iterator[None]:
    """What Python does at a signal it does afterwards; only its main thread ever does, whichever thread was told."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    ours = [number for number in (signal.SIGINT, signal.SIGTERM) if callable(signal.getsignal(number))]
    before = {number: signal.signal(number, lambda number, _: heard.append(number)) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in heard[:1]:
            signal.raise_signal(number)
