"""Many queries answered in one process of their own, each as `cunhui sql` answers it: a process takes longer to start
than a query to answer."""

import multiprocessing
from collections.abc import Iterable
from multiprocessing.connection import Connection
from pathlib import Path

from flows.store import published
from flows.store.published import Answer
from schemas.errors import InputError
from schemas.outputs import PUBLISHED


def answered(outputs: Path, queries: Iterable[str]) -> dict[str, Answer | str | InputError]:
    """By query: its answer, or the words of why there is none."""
    asked = list(queries)
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_answer_each, args=(sender, str(outputs / PUBLISHED), asked), daemon=True)
    child.start()
    sender.close()
    try:
        return {sql: receiver.recv() for sql in asked}
    finally:
        child.kill()
        child.join()


def _answer_each(sender: Connection, database: str, queries: list[str]) -> None:
    for sql in queries:
        published._answer(sender, database, sql, None)
