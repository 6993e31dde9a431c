"""Ctrl-C and SIGTERM: whatever a command is doing, it ends soon and in one line, and its children with it.

The first signal is raised where the program is, so that what is open is closed in order. Whoever swallows that, or is
so deep in a library that it never arrives, is ended by a thread that hears the signal all the same.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType, TracebackType

LATE = 5.0
"""Seconds after which the program ends without having closed everything; it may, for a kill loses nothing either."""
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name))
_AGAIN = "再运行一次即可"
_KEPT = {
    "run": f"收到的文件和已入库的数都在，{_AGAIN}接着做",
    "setup": "没有建成的不算数，再运行一次即可",
    "forms": f"已生成的空白报表都是完整的，{_AGAIN}补齐",
    "close": "收到的文件和已入库的数都在；封存没有记下的话，再运行一次 cunhui close",
    "restore": "收到的文件和已入库的数都在；再运行一次 cunhui run，看恢复的是否作数",
    "catalogue": f"目录要么没有改动，要么已经改好，{_AGAIN}",
    "rebuild": f"存档、记录和原来的库都在，{_AGAIN}",
    "package": f"原来的报送包和各表都在，{_AGAIN}",
    "backup": f"原来的备份和文件都在，{_AGAIN}",
    "serve": "值守停了，收到的文件和已入库的数都在，再运行 cunhui serve 即可继续",
    "web": "网页停了，收到的文件和已入库的数都在，再运行 cunhui web 即可继续",
    "links": "链接要么没有改动，要么已经改好，用 cunhui links 查看",
    "report": f"原来的报告没有改动，{_AGAIN}",
}
_LOOKED = f"只是查看，什么都没有改动，{_AGAIN}"


class Stopped(BaseException):
    """The signal, raised in the main thread; no handler of faults takes it for one."""


_heard: list[int] = []
_late = [LATE]
_told = threading.Lock()


def listen() -> None:
    """From now on the first of the signals raises Stopped, and LATE seconds later the process has ended."""
    if sys.excepthook is _uncaught:
        return
    sys.excepthook = _uncaught
    ears, mouth = os.pipe()
    os.set_blocking(mouth, False)
    signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
    threading.Thread(target=_end_late, args=(ears,), daemon=True).start()
    for number in SIGNALS:
        signal.signal(number, _stop)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A signal between two lines of ours, or while we load, and what comes of it; everything else as ever."""
    if heard() or issubclass(kind, Stopped):
        os._exit(told_stopped(sys.argv[1:]))
    sys.__excepthook__(kind, error, trace)


def _stop(number: int, frame: FrameType | None) -> None:
    """Raise Stopped once; a second signal must not disturb the closing."""
    del frame
    first = not getattr(_stop, "raised", False)
    _stop.raised = True  # type: ignore[attr-defined]
    _hear(number)
    if first:
        raise Stopped


def _hear(number: int) -> None:
    """Note the signal. From here on nothing complains of being cut off.

    Nothing is imported here: the signal may have come in the midst of an import, whose lock knows one wait a thread.
    """
    if number not in _heard:
        _heard.append(number)
    if logging := sys.modules.get("logging"):
        logging.raiseExceptions = False  # type: ignore[attr-defined]
    sys.unraisablehook = threading.excepthook = lambda *_: None


def allow(seconds: float) -> None:
    """Give the command so long to close in order."""
    _late[:] = [seconds]


def _end_late(ears: int) -> None:
    while (number := os.read(ears, 1)[0]) not in SIGNALS:
        pass
    _hear(number)
    time.sleep(_late[0])
    os._exit(told_stopped(sys.argv[1:]))


def heard() -> bool:
    """Whether a signal has come."""
    return bool(_heard)


def ignore() -> None:
    """From now on it is too late to stop anything."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def told_stopped(arguments: Sequence[str], number: int = signal.SIGINT) -> int:
    """Say once what is kept and how to go on. Returns the exit status: 128 and the signal's number."""
    if _told.acquire(blocking=False):
        command = next((word for word in arguments if not word.startswith("-")), "")
        lead = "\n" if sys.stderr.isatty() else ""  # behind the ^C that a terminal shows
        print(f"{lead}已中断：{_KEPT.get(command, _LOOKED)}。", file=sys.stderr, flush=True)
    return 128 + (_heard[0] if _heard else number)
