"""Headings numbered by hand, 一、 and （一）: what is left out of a report leaves no gap in their numbers."""

import re
from collections.abc import Sequence
from dataclasses import replace

from flows.template.compose import Line, Piece
from flows.template.slots import Part

_DIGITS = "零一二三四五六七八九"
_NUMERAL = "[一二三四五六七八九十]+"
_CONDITIONS = r"(?:[ \u3000\t]*[{｛]{2}\s*(?:若|如果)[^{}｛｝]*[}｝]{2})*"
"""A heading that stands only where something holds begins behind its conditions."""
_HEADING = re.compile(rf"{_CONDITIONS}[ \u3000\t]*(?:(?P<top>{_NUMERAL})(?=、)|[（(](?P<below>{_NUMERAL})(?=[）)]))")


def renumbered(lines: Sequence[Line]) -> list[Line]:
    """The same lines, with the numbers of kept headings counting on without gaps.

    A run of headings is of one level, its numbers rising; those below begin anew under each heading above.
    """
    new: dict[int, tuple[int, int, str]] = {}
    for run in _runs(lines):
        kept = [at for at in run if lines[at[0]].kept]
        for count, (at, start, end, _) in enumerate(kept, start=1):
            new[at] = (start, end, in_characters(count))
    return [_with(line, *new[at]) if at in new else line for at, line in enumerate(lines)]


_Heading = tuple[int, int, int, int]
"""Which line, where its numeral stands in it, and the number."""


def _runs(lines: Sequence[Line]) -> list[list[_Heading]]:
    done: list[list[_Heading]] = []
    running: dict[str, list[_Heading]] = {}
    for at, line in enumerate(lines):
        match = _HEADING.match(line.template)
        if match is None or not match.lastgroup:
            continue
        level = match.lastgroup
        number = as_number(match[level])
        run = running.get(level)
        if run is None or number <= run[-1][3]:
            run = running[level] = []
            done.append(run)
        run.append((at, *match.span(level), number))
        if level == "top":
            running.pop("below", None)
    return [run for run in done if len(run) > 1 or run[0][3] == 1]


def _with(line: Line, start: int, end: int, numeral: str) -> Line:
    """The line with another numeral, if the template's is not that already."""
    if line.template[start:end] == numeral:
        return line
    pieces: list[Piece] = []
    for piece in line.pieces:
        if piece.part is None and piece.start <= start and end <= piece.end:
            before, behind = piece.text[: start - piece.start], piece.text[end - piece.start :]
            pieces.append(replace(piece, end=start, text=before))
            pieces.append(Piece(start, end, numeral, Part("text", line.template[start:end], start, end)))
            pieces.append(Piece(end, piece.end, behind))
        else:
            pieces.append(piece)
    return replace(line, pieces=tuple(piece for piece in pieces if piece.end > piece.start))


def in_characters(number: int) -> str:
    """1 to 99 as headings write them: 一, 十, 十二, 二十."""
    tens, ones = divmod(number, 10)
    said = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return said + (_DIGITS[ones] if ones else "")


def as_number(words: str) -> int:
    """The reverse: 十二 is 12."""
    tens, ten, ones = words.rpartition("十")
    return (_DIGITS.find(tens) if tens else 1) * 10 * bool(ten) + (_DIGITS.find(ones) if ones else 0)
