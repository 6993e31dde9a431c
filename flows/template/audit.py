"""No unbound number: every digit and Chinese numeral of the finished text is a slot's or a declared constant."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from flows.template.compose import Line, Piece, Problem
from flows.template.filling import Filled
from flows.values.measures import is_unit, ratio
from schemas.catalogue import HERE, Catalogue
from schemas.errors import InputError
from schemas.records import Record
from schemas.toml import load

CONSTANTS = "report_constants.toml"
SLOT = "\ufffc"
_FINANCIAL = "壹贰叁肆伍陆柒捌玖拾佰仟"
_CHINESE = "〇零一二三四五六七八九十百千万亿兆两俩廿卅" + _FINANCIAL
_DIGITS = re.compile(r"\d+(?:[.,．]\d+)*")
_NUMBERS = re.compile(rf"[{_CHINESE}]+|{_DIGITS.pattern}|[①-⓿㈠-㊿❶-➓Ⅰ-ↈ¼-¾⅐-⅞]+")
_BRACKETED = re.compile(r"[（(](?:单位[:：]\s*)?([十百千万亿]+[^（）()\d]{1,6})[）)]")
_ROUGHLY = re.compile(r"[余多来]?")
_LONGEST_UNIT = 6
"""Characters of a unit: 平方公里 is the longest declared, with 万 before it five."""


class _Pattern(Record, frozen=True, kw_only=True):
    name: str
    match: str


class _Declared(Record, frozen=True, kw_only=True):
    words: tuple[str, ...] = ()
    patterns: tuple[_Pattern, ...] = ()


@dataclass(frozen=True)
class Constants:
    """What a template may say with numerals of its own: whole words, and patterns over its own wording."""

    words: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]

    def and_names(self, names: Iterable[str]) -> "Constants":
        """The same, and the names of places: 三岔村 is no number."""
        return Constants((*self.words, *names), self.patterns)

    def covered(self, wording: str, after_numbers: Container[int]) -> set[int]:
        """The offsets that constants account for; slots stand in `wording` as U+FFFC and no constant spans one.

        A numeral right behind a number is part of that number, whatever word it begins: 5万一.
        """
        found = set[int]()
        for start, end in self._found(wording):
            if start not in after_numbers or wording[start] not in _CHINESE:
                found.update(range(start, end))
        return found

    @cached_property
    def _by_numeral(self) -> dict[str, list[str]]:
        """The words by their first numeral; one without any accounts for none."""
        found = dict[str, list[str]]()
        for word in self.words:
            if numeral := _NUMBERS.search(word):
                found.setdefault(numeral[0], []).append(word)
        return found

    def _found(self, wording: str) -> Iterator[tuple[int, int]]:
        """Where they stand; a county has thousands of names, so only those are looked for whose numeral is there."""
        longest = max(map(len, self._by_numeral), default=0)
        starts = ((run, start) for run in _NUMBERS.findall(wording) for start in range(len(run)))
        there = {run[start : start + length] for run, start in starts for length in range(1, longest + 1)}
        for word in (word for numeral in there for word in self._by_numeral.get(numeral, ())):
            start = wording.find(word)
            while start >= 0:
                yield start, start + len(word)
                start = wording.find(word, start + 1)
        for pattern in self.patterns:
            yield from (match.span() for match in pattern.finditer(wording))


def load_constants(*folders: Path) -> Constants:
    """The project's declared constants and those in `report_constants.toml` of the given folders.

    Raises InputError for an unknown key or a pattern that is none.
    """
    words, patterns = list[str](), list[re.Pattern[str]]()
    for path in [HERE / CONSTANTS, *(folder / CONSTANTS for folder in folders if (folder / CONSTANTS).exists())]:
        declared: _Declared = load(path, _Declared)
        words += [word for word in declared.words if word]
        for pattern in declared.patterns:
            try:
                patterns.append(re.compile(pattern.match))
            except re.error as error:
                raise InputError(f"{path}：“{pattern.name}”的 match 写法有误：{error}") from None
    return Constants(tuple(dict.fromkeys(words)), tuple(patterns))


def constants_of(catalogue: Catalogue, template: Path | None, places: Iterable[str]) -> Constants:
    """What holds for a template: what is declared, what the township's catalogue and the template's folder add, the
    names of its units, and those of what is collected: 六十岁以上老人 is no number. Raises InputError.
    """
    beside = [template.parent] if template else []
    constants = load_constants(*(root for root in catalogue.roots if root != HERE), *beside)
    return constants.and_names((*places, *_names(catalogue)))


def _names(catalogue: Catalogue) -> Iterator[str]:
    """Names in which a numeral is a part of the words."""
    kinds = (catalogue.areas, catalogue.indicators, catalogue.lists, catalogue.targets, catalogue.offices)
    names = {record.name for records in kinds for record in records.values()}
    names |= {item.printed_name for item in catalogue.indicators.values()}
    yield from sorted(name for name in names if _NUMBERS.search(name) and len(_NUMBERS.sub("", name)) > 1)


def audit(lines: Iterable[Line], constants: Constants) -> tuple[list[Problem], list[Problem]]:
    """What no slot and no constant accounts for, and wrong magnitudes; then units that merely look odd."""
    refused, doubts = list[Problem](), list[Problem]()
    for line in lines:
        if not line.kept:
            continue
        text, owner = line.text, [piece for piece in line.pieces for _ in piece.text]
        wording = "".join(SLOT if piece.filled else character for character, piece in zip(text, owner, strict=True))
        units = list(_units(line))
        covered = {at for at, character in enumerate(wording) if character == SLOT}
        covered |= constants.covered(wording, {start for start, *_ in units})
        for start, end, odd, what in units:
            if not odd:
                covered.update(range(start, end))
            if what:
                (doubts if odd else refused).append(Problem(line.number, line.near(start), what))
        refused += [Problem(line.number, line.near(at), what) for at, what in _unaccounted(text, covered)]
        refused += [Problem(line.number, line.near(at), what) for at, what in _run_together(text, owner)]
    return refused, doubts


def _unaccounted(text: str, covered: Container[int]) -> Iterator[tuple[int, str]]:
    yield from ((start, f"“{text[start:end]}”没有出处") for start, end in uncovered(text, covered))


def uncovered(text: str, covered: Container[int]) -> Iterator[tuple[int, int]]:
    """Where numerals stand of which not all is accounted for; a unit in brackets or by itself has none."""
    if is_unit(text.strip()):
        return
    units = [match.span() for match in _BRACKETED.finditer(text) if is_unit(match[1])]
    for match in _NUMBERS.finditer(text):
        if any(start < match.start() < end for start, end in units):
            continue
        if len(match[0]) == 1 and match[0] in _FINANCIAL:
            continue  # 队伍, 陆续: a numeral only among others
        if any(at not in covered for at in range(*match.span()) if text[at] not in ".,．"):
            yield match.span()


def _run_together(text: str, owner: list[Piece]) -> Iterator[tuple[int, str]]:
    """Digits of different origin that a reader takes for one number."""
    for match in _DIGITS.finditer(text):
        pieces = {id(owner[at]) for at in range(*match.span())}
        if len(pieces) > 1 and any(owner[at].filled for at in range(*match.span())):
            yield match.start(), f"“{match[0]}”是连在一起的两个数"


def _units(line: Line) -> Iterator[tuple[int, int, bool, str]]:
    """Where the wording after each number says its unit, if it does: start, end, whether merely odd, what is wrong."""
    offset, seen = 0, [piece for piece in line.pieces if piece.text]
    for piece, after in pairwise(seen):
        offset += len(piece.text)
        if piece.filled and (piece.filled.unit or piece.filled.missing) and not after.filled:
            skipped = len(_ROUGHLY.match(after.text)[0])  # type: ignore[index]
            unit = _unit_at(after.text[skipped:], piece.filled.unit)
            odd, what = _disagreement(unit, piece.filled) if unit else (False, "")
            yield offset, offset + (skipped + len(unit) if unit else 0), odd, what


def _unit_at(text: str, expected: str) -> str:
    """The unit that the text begins with: the expected one, or the longest known one."""
    if expected and text.startswith(expected):
        return expected
    starts = (text[:length] for length in range(min(_LONGEST_UNIT, len(text)), 0, -1))
    return next((start for start in starts if is_unit(start) and start[-1] not in _CHINESE), "")  # 两 is no weight here


def _disagreement(unit: str, filled: Filled) -> tuple[bool, str]:
    """Whether a unit is merely odd behind a number, and in what words; behind a mark any will do."""
    times = 1 if filled.missing or unit == filled.unit else ratio(unit, filled.unit)
    if times == 1:
        return False, ""
    return times is None, f"“{filled.text}”以{filled.unit}计，后面写的却是{unit}"
