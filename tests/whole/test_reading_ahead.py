"""A run reads one chunk of files while it stores the one before, so that however many come, two are held."""

from types import SimpleNamespace
from typing import Any

import pytest


class Reads:
    """Stands for the task that reads: each chunk is read when its result is asked for."""

    def __init__(self, told: list[str]) -> None:
        self.told = told

    def submit(self, chunk: str, wanted: object) -> Any:
        self.told.append(f"read {chunk}")
        return SimpleNamespace(result=lambda: chunk)


@pytest.mark.parametrize("chunks", [[], ["1"], ["1", "2", "3"]])
def test_reading_is_one_chunk_ahead_of_storing(chunks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import annual  # heavy: Prefect, which every process that collects tests would load

    told: list[str] = []
    monkeypatch.setattr(annual, "read", Reads(told))
    due: Any = SimpleNamespace(chunks=chunks)
    job: Any = SimpleNamespace(wanted=None)
    for chunk in annual.read_here(due, job):
        told.append(f"store {chunk}")
    ahead = {0: [], 1: ["read 1", "store 1"], 3: ["read 1", "read 2", "store 1", "read 3", "store 2", "store 3"]}
    assert told == ahead[len(chunks)]
