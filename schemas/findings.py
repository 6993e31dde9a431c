"""Findings: what is wrong with what somebody sent, in words a village accountant understands.

The registry is closed: a finding's code is declared in declared/findings.toml with its grade, what is wrong and how
to mend it. A finding itself is data; its words are made here, from its kind's templates, wherever it is shown.
Grain of a Finding: one per cause; it names the cell where the filler should look first.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from string import Formatter
from typing import Literal

import msgspec

from schemas.errors import InputError
from schemas.toml import convert, read_toml

Level = Literal["强制", "核实", "提示"]
Piece = tuple[str, str]
"""A stretch of a template and the name of the value that follows it; '' where none does."""
SAID = "said"
"""Holds the words of a finding of which nothing else is known: one that was stored as a sentence."""


class FindingKind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A registered kind. 强制 must be corrected, 核实 corrected or explained, 提示 asks for nothing.

    `problem` says what is wrong, `mend` what to do about it; {names} in both stand for a finding's own values.
    """

    code: str
    grade: Level
    problem: str
    mend: str

    @cached_property
    def problem_pieces(self) -> tuple[Piece, ...]:
        """What is wrong, taken apart."""
        return _pieces(self.problem)

    @cached_property
    def mend_pieces(self) -> tuple[Piece, ...]:
        """How to mend it, taken apart."""
        return _pieces(self.mend)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The whole sentence, taken apart."""
        return (*self.problem_pieces, ("。", ""), *self.mend_pieces)

    @property
    def values(self) -> set[str]:
        """The values that its sentence speaks of."""
        return {name for _, name in self.pieces if name}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `where` fields are empty when the whole file is meant; `details` fill the kind's sentence."""

    code: str
    sheet: str = ""
    cell: str = ""
    indicator: str = ""
    raw: str = ""
    details: dict[str, str] = field(default_factory=dict)
    grade: Level | None = None

    @property
    def kind(self) -> FindingKind:
        """Its registered kind; an unregistered code is a bug and raises KeyError."""
        return KINDS[self.code]

    @property
    def level(self) -> Level:
        """Its grade: that of the check that raised it, or of its kind."""
        return self.grade or self.kind.grade

    @property
    def problem(self) -> str:
        """What is wrong."""
        return _compose(self.kind.problem_pieces, self.values)

    @property
    def mend(self) -> str:
        """How to mend it."""
        return _compose(self.kind.mend_pieces, self.values)

    def message(self, who: str) -> str:
        """Where, what is wrong, how to mend it: one sentence to send to the unit."""
        place = " ".join(part for part in (who, self.sheet, self.cell) if part)
        return f"{place}：{self.problem}。{self.mend}" if place else f"{self.problem}。{self.mend}"

    @property
    def values(self) -> dict[str, str]:
        """What its sentence is filled with."""
        return {"raw": self.raw, **self.details}

    @property
    def kept(self) -> str:
        """Its details as the store keeps them, in JSON. One that its sentence lacks is a bug and raises KeyError."""
        if lacking := self.kind.values - self.values.keys():
            raise KeyError(f"{self.code} without {sorted(lacking)}")
        return msgspec.json.encode(self.details).decode()


def values_of(raw: str, kept: str) -> dict[str, str]:
    """What the sentence of a stored finding is filled with; `kept` is its details in JSON."""
    return {"raw": raw, **msgspec.json.decode(kept, type=dict[str, str])}


def spoken(code: str, raw: str, kept: str) -> tuple[str, str]:
    """What is wrong and how to mend it, of a stored finding in today's words.

    It may be older than the registry: a kind that is no longer declared says its code, a value it lacks is left out.
    """
    values = defaultdict(str, values_of(raw, kept))
    if SAID in values or code not in KINDS:
        return values.get(SAID, code), ""
    return _compose(KINDS[code].problem_pieces, values), _compose(KINDS[code].mend_pieces, values)


def load_kinds(path: Path) -> dict[str, FindingKind]:
    """The registry of that file, by code. Raises InputError for an unknown key or a value that is not declared."""
    raw = read_toml(path)
    declared = raw.pop("values", {})
    kinds = {code: convert({**body, "code": code}, FindingKind, raw, (code,)) for code, body in raw.items()}
    for kind in kinds.values():
        try:
            unknown = sorted(kind.values - declared.keys())
        except ValueError as error:
            raise InputError(f"{path} [{kind.code}]：花括号写法有误：{error}") from None
        if unknown:
            raise InputError(f"{path} [{kind.code}]：{{{unknown[0]}}} 没有在 [values] 里列出")
    return kinds


def _compose(pieces: tuple[Piece, ...], values: Mapping[str, str]) -> str:
    """A template filled in one pass: what a value says is never taken for a template again."""
    return "".join(text + (values[name] if name else "") for text, name in pieces)


def _pieces(template: str) -> tuple[Piece, ...]:
    return tuple(_parsed(template))


def _parsed(template: str) -> Iterator[Piece]:
    for text, name, shape, conversion in Formatter().parse(template):
        if name == "" or shape or conversion:
            raise ValueError("只能写 {名称}")
        yield text, name or ""


KINDS = load_kinds(Path(__file__).parent / "declared" / "findings.toml")

BEHIND_ROWS_MOVED = ("RELATION", "RELATION_DOUBT", "TOO_PRECISE", "TOO_LARGE", "NEGATIVE", "MISSING")
"""What figures in other rows than their own bring with them: not said beside ROWS_MOVED while that is unexplained."""
