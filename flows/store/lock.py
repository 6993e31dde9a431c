"""One run at a time: the outputs folder is held alone, on Windows too, and whoever waits is told by whom."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from schemas.errors import InputError

_HOLDER = ".cunhui.pid"


def is_held(outputs: Path) -> bool:
    """Whether somebody holds the outputs folder, or held it and was killed. Takes no lock."""
    return (outputs / _HOLDER).exists()


@contextmanager
def hold(outputs: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the outputs folder alone. Raises InputError saying who has it when it stays taken for `wait` seconds.

    What this process writes meanwhile (store, archive, what goes back to villages) its owner alone can read.
    """
    outputs.mkdir(parents=True, exist_ok=True)
    holder = outputs / _HOLDER
    lock = FileLock(outputs / ".cunhui.lock")
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        who = holder.read_text(encoding="utf-8").strip() if holder.exists() else "未知"
        raise InputError(f"另一个汇总正在使用 {outputs}（进程号 {who}），请等它结束后再运行") from None
    try:
        holder.write_text(str(os.getpid()), encoding="utf-8")
        others = os.umask(0o077)
        try:
            yield
        finally:
            os.umask(others)
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
