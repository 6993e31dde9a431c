"""Faults in the files that clerks write: collected over all of them, then said at once, each with its line."""

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from schemas.errors import InputError

Loaded = TypeVar("Loaded")
ALIKE = 0.4
"""How alike (difflib's ratio) a word and an allowed one are at least, to be asked whether it was meant."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend: in which file and line (0 where a whole file is meant), what stands there, what may."""

    file: object
    line: int
    found: str
    allowed: str = ""

    def __str__(self) -> str:
        place = f"{self.file} 第 {self.line} 行" if self.line else f"{self.file}"
        return f"{place}：{self.found}" + (f"，{self.allowed}" if self.allowed else "")


class Faults:
    """What is wrong so far. Loaders add to it and go on, so that one run says everything."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, file: object, line: int, found: str, allowed: str = "") -> None:
        """One more fault."""
        self.lines.append(str(Fault(file, line, found, allowed)))

    def collect(self, load: Callable[..., Loaded], *arguments: Any) -> Loaded | None:
        """What a loader gives; None where it was refused, and its lines are kept."""
        try:
            return load(*arguments)
        except InputError as error:
            self.lines += error.lines
            return None

    def refuse(self) -> None:
        """Raise InputError with every fault, each once, unless there is none."""
        if self.lines:
            raise InputError(*dict.fromkeys(self.lines))


def nearest_of(word: str, allowed: Iterable[str]) -> str:
    """The allowed word that was probably meant; '' where nothing is allowed."""
    return next(iter(difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.0)), "")


def nearest(word: str, allowed: Iterable[str]) -> str:
    """The same as a question; all that is allowed, where nothing is like it."""
    known = list(allowed)
    if near := difflib.get_close_matches(word, known, n=1, cutoff=ALIKE):
        return f"是不是想写 {near[0]}？"
    return f"可以写的有 {'、'.join(known)}" if known else ""
