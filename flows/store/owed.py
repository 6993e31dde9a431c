"""The several forms that a unit owes: where each stands, and in words which of them lack."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.states import COUNTING, word_of


@dataclass(frozen=True, slots=True)
class Owed:
    """One of the several forms that a unit owes, and where it stands; `sub` is its newest submission's number, or 0."""

    name: str
    state: str
    file: str
    revision: int
    accepted: int
    sub: int


def owed_words(owed: Sequence[Owed]) -> str:
    """Which of its forms a unit has not sent or not mended, each with its state; '' where none."""
    return "，".join(f"《{one.name}》{word_of(one.state)}" for one in owed if one.state not in COUNTING)


def lacked_words(owed: Sequence[Owed]) -> str:
    """Which of its forms a unit has not sent, where it has sent others: 缺《经济表》."""
    names = "".join(f"《{one.name}》" for one in owed if one.state == "missing")
    return f"缺{names}" if names and any(one.state != "missing" for one in owed) else ""
