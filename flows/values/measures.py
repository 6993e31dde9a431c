"""Units that people write behind a number: which mean the same, which convert exactly. Declared in measures.toml."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from schemas.measures import Measures, in_hand

MAGNITUDES = {"十": 10, "百": 100, "千": 1_000, "万": 10**4, "亿": 10**8}
MAGNITUDE = r"(?:[十百千]?万亿|[十百千]?亿|[十百千]?万|[十百千])"
_BRACKETED = re.compile(r"^[(\[](.*)[)\]]$")
_SPLIT = re.compile(rf"({MAGNITUDE})(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit as `factor` times a base unit: 万元 is 10,000 元. Units of one base convert exactly."""

    base: str
    factor: Fraction


def worth(magnitude: str) -> int:
    """How much a word such as 万 or 千万 multiplies by."""
    product = 1
    for character in magnitude:
        product *= MAGNITUDES[character]
    return product


def ratio(word: str, unit: str) -> Fraction | None:
    """How many of `unit` one `word` is, exactly; None when it cannot be said. Counting words may stand in (家, 户)."""
    written, wanted = measure(word), measure(unit)
    if written.base == wanted.base or frozenset((written.base, wanted.base)) in _interchangeable(in_hand()):
        return written.factor / wanted.factor
    return None


def is_unit(word: str) -> bool:
    """Whether the word is known to be a unit, with or without 万 before it."""
    return measure(word).base in _known(in_hand())


def measure(word: str) -> Measure:
    """A unit's base and size. A word that is not declared is its own base, 万 and the like taken off."""
    return _measure(word, in_hand())


@cache
def _measure(word: str, table: Measures) -> Measure:
    word = _BRACKETED.sub(r"\1", re.sub(r"\s", "", word).lower())
    known = _known(table)
    if word in known:
        return known[word]
    match = _SPLIT.fullmatch(word)
    if not match or not match[2]:
        return Measure(word, Fraction(1))
    rest = known.get(match[2], Measure(match[2], Fraction(1)))
    return Measure(rest.base, rest.factor * worth(match[1]))


@cache
def _known(table: Measures) -> dict[str, Measure]:
    known = {word: Measure(word, Fraction(1)) for words in table.others.values() for word in words}
    for word, stand_ins in table.interchangeable.items():
        known |= {each: Measure(each, Fraction(1)) for each in (word, *stand_ins)}
    for word in table.spellings:
        known[word] = Measure(word, Fraction(1))
    for sizes in table.convertible.values():
        base = next(iter(sizes))
        known |= {word: Measure(base, Fraction(size)) for word, size in sizes.items()}
    for word, spellings in table.spellings.items():
        known |= {spelling: known[word] for spelling in spellings}
    return known


@cache
def _interchangeable(table: Measures) -> frozenset[frozenset[str]]:
    known = _known(table)
    return frozenset(
        frozenset((known[word].base, known[other].base))
        for word, others in table.interchangeable.items()
        for other in others
    )
