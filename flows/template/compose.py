"""A template's paragraphs with their slots filled: which stretch of the finished text comes from where."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from flows.template.filling import Filled
from flows.template.slots import Part, parse

Fill = Callable[[Part], Filled]
_ROUGHLY = re.compile(r"[余多](?![额款粮])")
_AND_OTHERS = re.compile(r"等[共计]?")
_BETWEEN_NAMES = ("", "、", "和", "及", "与", "，", ",")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a report is refused, and where: the paragraph's number in its part, and some of its words."""

    paragraph: int
    words: str
    what: str

    def __str__(self) -> str:
        return f"第 {self.paragraph} 段“{self.words}”：{self.what}"


@dataclass(frozen=True, slots=True)
class Piece:
    """What became of the template's text at start:end: itself when `part` is None, else what a slot left."""

    start: int
    end: int
    text: str
    part: Part | None = None
    filled: Filled | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph. `number` counts from 1. One that is not `kept` goes with the condition that failed."""

    number: int
    template: str
    pieces: tuple[Piece, ...]
    kept: bool = True

    @property
    def text(self) -> str:
        """The finished text."""
        return "".join(piece.text for piece in self.pieces)

    def near(self, offset: int) -> str:
        """Some of the finished words around an offset."""
        start, end = max(0, offset - 8), offset + 12
        return ("…" if start else "") + self.text[start:end] + ("…" if end < len(self.text) else "")


@dataclass
class Composition:
    """The finished paragraphs of one part of a document, what was left out, and what is wrong with the template."""

    lines: list[Line] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class _Condition:
    part: Part
    holds: bool
    paragraph: int
    words: str = ""


def compose(paragraphs: Sequence[str], fill: Fill) -> Composition:
    """Fill the paragraphs of one part; conditions may run over several. `fill` raises ValueError to complain."""
    done, open_conditions = Composition(), list[_Condition]()
    for number, text in enumerate(paragraphs, start=1):
        hidden = not all(condition.holds for condition in open_conditions)
        pieces = _without_others(list(_pieces(text, number, fill, open_conditions, done)))
        emptied = (hidden or any(piece.part for piece in pieces)) and not "".join(p.text for p in pieces).strip()
        done.lines.append(Line(number, text, pieces, kept=not emptied))
    for condition in open_conditions:
        done.problems.append(Problem(condition.paragraph, condition.part.raw, "后面没有对应的 {{完}}"))
    return done


def _pieces(text: str, number: int, fill: Fill, conditions: list[_Condition], done: Composition) -> Iterable[Piece]:
    position = 0
    for part in parse(text):
        if part.end <= position:
            continue  # taken along by the slot before it
        shown = all(condition.holds for condition in conditions)
        start, position = max(part.start, position), part.end
        match part.kind:
            case "if":
                filled = _filled(part, number, fill, done)
                conditions.append(_Condition(part, filled is None or not filled.empty, number))
                yield Piece(start, part.end, "", part)
            case "end":
                _close(part, number, conditions, done)
                yield Piece(start, part.end, "", part)
            case "slot":
                filled = _filled(part, number, fill, done) if shown else None
                if not shown:
                    _note_left_out(f"〔{part.name}〕", conditions)
                position += len(_taken_along(text, part.end, filled)) if filled else 0
                yield Piece(start, position, filled.text if filled else "", part, filled)
            case _:
                yield from _literal(text, start, part.end, number, shown, conditions, done)


def _taken_along(text: str, after: int, filled: Filled) -> str:
    """What the template says behind a slot that its words say already, or that is not true of its figure."""
    if filled.trailing and text.startswith(filled.trailing, after):
        return filled.trailing
    roughly = _ROUGHLY.match(text, after) if filled.unit and not filled.above and not filled.missing else None
    return roughly[0] if roughly else ""


def _without_others(pieces: list[Piece]) -> tuple[Piece, ...]:
    """The pieces without 等 between names and their number, where all of them are named: 甲村、乙村等2个村."""
    said = [at for at, piece in enumerate(pieces) if piece.text]
    for order, (at, then) in enumerate(pairwise(said), start=1):
        others, count = pieces[at], pieces[then].filled
        if others.part or not count or not count.unit or not _AND_OTHERS.fullmatch(others.text):
            continue
        if str(_named([pieces[before] for before in said[: order - 1]])) == count.text:
            pieces[at] = replace(others, text="", part=pieces[then].part)
    return tuple(pieces)


def _named(pieces: Sequence[Piece]) -> int:
    """How many names these pieces end with."""
    names = 0
    for piece in reversed(pieces):
        if piece.filled and not piece.filled.unit and not piece.filled.missing:
            names += len(piece.text.split("、"))
        elif piece.filled or piece.text not in _BETWEEN_NAMES:
            break
    return names


def _literal(
    text: str, start: int, end: int, number: int, shown: bool, conditions: list[_Condition], done: Composition
) -> Iterable[Piece]:
    words = text[start:end]
    for sign in ("{{", "}}", "｛｛", "｝｝", "{", "}", "｛", "｝"):
        if (at := words.find(sign)) >= 0:
            near = words[max(0, at - 12) : at + 12].strip()
            done.problems.append(Problem(number, near, f"有写得不完整的槽位（多了或少了 {sign}）"))
            break
    if not shown:
        _note_left_out(words, conditions)
    yield Piece(start, end, words if shown else "", None if shown else conditions[-1].part)


def _note_left_out(words: str, conditions: list[_Condition]) -> None:
    next(condition for condition in conditions if not condition.holds).words += words


def _filled(part: Part, number: int, fill: Fill, done: Composition) -> Filled | None:
    try:
        return fill(part)
    except ValueError as error:
        done.problems.append(Problem(number, part.raw, str(error)))
        return None


def _close(part: Part, number: int, conditions: list[_Condition], done: Composition) -> None:
    if not conditions:
        done.problems.append(Problem(number, part.raw, "前面没有对应的 {{若 …}}"))
        return
    condition = conditions.pop()
    if not condition.holds and all(outer.holds for outer in conditions):
        done.left_out.append(f"{condition.part.name}：{condition.words.strip()}")
