"""The log for an administrator: JSON lines in `outputs/log/cunhui.jsonl`, what each step did and what became of files.

Of a submission it names the SHA-256, the unit's code and the outcome, and nothing that was filled in. Standard logging:
whoever wants the steps elsewhere (Prefect's own log does, in a served run) adds a handler to their logger.
"""

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import wraps
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

STEPS, SUBMISSIONS = logging.getLogger("cunhui.steps"), logging.getLogger("cunhui.submissions")
for _logger in STEPS, SUBMISSIONS:
    _logger.setLevel(logging.INFO)
    _logger.propagate = False  # a library that configures the root logger would print them
    _logger.addHandler(logging.NullHandler())
VERBOSE = "CUNHUI_VERBOSE"
"""The environment variable by which a process, and those that it starts, say the same on stderr."""
LARGEST, KEPT = 5 << 20, 5
"""Bytes of one file, and how many earlier ones stay: a line takes 250, so some 100,000 submissions."""
_P = ParamSpec("_P")
_R = TypeVar("_R")
_WORDS = {
    "collect": "收件", "read": "读取", "store": "审核入库", "compare": "比对", "total": "合计", "emit": "出表",
    "publish": "发布", "files": "文件", "to_read": "待读", "to_judge": "待重审", "submissions": "报表",
    "totals": "合计数", "units": "单位", "accepted": "采用",
}  # fmt: skip


class Line(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """`at` in UTC, what happened, and its figures."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"at": at, **getattr(record, "figures", {})}, ensure_ascii=False)


class _File(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """A disk that is full stops the collection elsewhere, in words; not here."""


@contextmanager
def kept(outputs: Path) -> Iterator[None]:
    """Meanwhile lines are written; by one process at a time, which holds the outputs."""
    with suppress(OSError):
        (outputs / "log").mkdir(exist_ok=True)
    path = outputs / "log" / "cunhui.jsonl"
    handlers: list[logging.Handler] = [_File(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", delay=True)]
    handlers[0].setFormatter(Line())
    if os.environ.get(VERBOSE):
        handlers.append(logging.StreamHandler())
        handlers[1].setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    for logger in STEPS, SUBMISSIONS:
        logger.disabled = False  # a library that configures logging disables all that there is already
        for handler in handlers:
            logger.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            STEPS.removeHandler(handler)
            SUBMISSIONS.removeHandler(handler)
            handler.close()


def step(name: str, count: Callable[[Any], Mapping[str, int]]) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Log a step when it has ended: `count` says how many of what, by its result; of one that failed, by what."""

    def of(work: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(work)
        def logged(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            started = time.monotonic()
            try:
                result = work(*args, **kwargs)
            except BaseException as error:
                _tell_step(name, started, {}, type(error).__name__)
                raise
            _tell_step(name, started, count(result))
            return result

        return logged

    return of


def _tell_step(name: str, started: float, counts: Mapping[str, int], error: str = "") -> None:
    seconds = round(time.monotonic() - started, 3)
    figures = {"event": "step", "step": name, "seconds": seconds, **counts, **({"error": error} if error else {})}
    said = [f"{_WORDS[key]} {number}" for key, number in counts.items()] or ([f"没有做完（{error}）"] if error else [])
    words = f"{_WORDS[name]}：{'，'.join([*said, f'{seconds:.1f} 秒'])}"
    STEPS.log(logging.ERROR if error else logging.INFO, "%s", words, extra={"figures": figures})


def tell_submissions(outcomes: Iterator[Mapping[str, Any]]) -> None:
    """One line for each."""
    for one in outcomes:
        words = f"{one['unit'] or '单位不明'} {one['state']} 须改正 {one['must_correct']} 须说明 {one['must_explain']}"
        SUBMISSIONS.info("%s %s", one["sha256"][:12], words, extra={"figures": {"event": "submission", **one}})
