"""Expressions over indicator codes, as checking relations use them: `X1 - 2 * [103] + 0.5`, `[101:105]`, `X1 / X2`.

A code that does not begin with a capital letter stands in brackets, so that it is no number; two codes with a colon
between them are the form's rows from the one to the other.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

SCALE = 10_000
"""Values travel as whole ten-thousandths (int64), so that sums and comparisons are exact."""
LIMIT = 10**18
"""A value of this many ten-thousandths no longer fits DECIMAL(18,4)."""

_CODE = r"[^\s\[\]:+*/]+"
_TERM = re.compile(
    rf"\s*([+-])?\s*(?:(\d+)\s*\*\s*)?(?:([A-Z]\w*)|\[\s*({_CODE})\s*(?:[:：]\s*({_CODE})\s*)?\]|(\d+(?:\.\d{{1,4}})?))\s*"
)

CodeOf = Callable[[str], str]
"""The indicator's code that a code as written stands for."""
RowsOf = Callable[[str, str], tuple[str, ...]]
"""The codes of a form's rows from one code as written to another. Raises RowsError with what is wrong with them."""


def fits(number: Decimal) -> bool:
    """Whether the store can keep it; it is compared only, for what 1e999999999 is nobody works out."""
    return number.copy_abs() < LIMIT // SCALE


class RowsError(ValueError):
    """A range that is none, with what is wrong with it in Chinese."""


Part = tuple[int, tuple[str, ...]]
"""A whole multiple of a code, or of the sum of several rows."""


def bracketed(code: str) -> str:
    """A code as an expression names it."""
    return code if re.fullmatch(r"[A-Z]\w*", code) else f"[{code}]"


def as_written(code: str) -> str:
    """A code that stands for itself."""
    return code


def no_rows(first: str, last: str) -> tuple[str, ...]:
    """Where there is no form, there are no rows between two codes."""
    raise RowsError(f"[{first}:{last}] 只能用在指标的审核关系里")


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of whole multiples of codes and a constant of at most four decimals.

    Parsed from text; raises ValueError on anything else.
    """

    parts: tuple[Part, ...]
    constant: Decimal = Decimal(0)

    @classmethod
    def parse(cls, text: str, code_of: CodeOf = as_written, rows_of: RowsOf = no_rows) -> "Linear":
        """Read an expression; the first term needs no sign, every other does."""
        parts: list[Part] = []
        constant, position = Decimal(0), 0
        while position < len(text) or not (parts or constant or position):
            match = _TERM.match(text, position)
            if not match or (position and not match[1]):
                raise ValueError(f"not a linear expression: {text!r}")
            factor = (-1 if match[1] == "-" else 1) * int(match[2] or 1)
            if match[5]:
                parts.append((factor, rows_of(match[4], match[5])))
            elif code := match[3] or match[4]:
                parts.append((factor, (code_of(code),)))
            else:
                constant += factor * Decimal(match[6])
            position = match.end()
        return cls(tuple(parts), constant)

    @property
    def terms(self) -> tuple[tuple[int, str], ...]:
        """Each code that it names, or that is among its rows, with its multiple."""
        return tuple((factor, code) for factor, codes in self.parts for code in codes)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its terms, in order."""
        return tuple(code for _, code in self.terms)

    def of(self, values: Mapping[str, Any]) -> Any:
        """Evaluate over scaled values: a row's ints, or columns of many rows (blank in, blank out)."""
        result: Any = int(self.constant * SCALE)
        for factor, code in self.terms:
            result = result + factor * values[code]
        return result

    def narrowed(self, asked: Collection[str]) -> "Linear":
        """Without those of its rows that the form does not ask for this year; rows of which none is left stay."""
        parts = ((factor, tuple(code for code in codes if code in asked) or codes) for factor, codes in self.parts)
        return replace(self, parts=tuple(parts))

    def words(self, names: Mapping[str, str], total: Callable[[tuple[str, ...]], str] = lambda codes: "") -> str:
        """The expression with each code replaced by its name (or by its code, for a printed relation).

        Rows are told by the first and the last of them, and by what `total` says of their sum.
        """
        parts = []
        for factor, codes in self.parts:
            times = "" if abs(factor) == 1 else f"{abs(factor)}×"
            first, last = (names.get(code, bracketed(code)) for code in (codes[0], codes[-1]))
            said = first if len(codes) == 1 else f"（{first}至{last}各行之和）{total(codes)}"
            parts.append(("-" if factor < 0 else "+" if parts else "") + times + said)
        if self.constant or not parts:
            parts.append(f"{self.constant:+f}" if parts else f"{self.constant:f}")
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a relation: a linear expression, or the quotient of two."""

    above: Linear
    below: Linear | None = None

    @classmethod
    def parse(cls, text: str, code_of: CodeOf = as_written, rows_of: RowsOf = no_rows) -> "Side":
        """Read `A` or `A / B`. Raises ValueError on anything else."""
        above, *below = text.split("/")
        if len(below) > 1 or not all(part.strip() for part in below):
            raise ValueError(f"no quotient: {text!r}")
        given = code_of, rows_of
        return cls(Linear.parse(above, *given), Linear.parse(below[0], *given) if below else None)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code of it, in order."""
        return (*self.above.codes, *(self.below.codes if self.below else ()))

    def narrowed(self, asked: Collection[str]) -> "Side":
        """The same without those rows that are not asked for this year."""
        return Side(self.above.narrowed(asked), self.below.narrowed(asked) if self.below else None)

    def exact(self, values: Mapping[str, Any]) -> Fraction | None:
        """Its value over a row's scaled values, as a fraction; None where a divisor is zero."""
        above = Fraction(int(self.above.of(values)), 1 if self.below else SCALE)
        if self.below is None:
            return above
        below = int(self.below.of(values))
        return above / below if below else None

    def words(self, names: Mapping[str, str], total: Callable[[tuple[str, ...]], str] = lambda codes: "") -> str:
        """The side with names for codes."""
        if self.below is None:
            return self.above.words(names, total)
        return "÷".join(_grouped(part, part.words(names, total)) for part in (self.above, self.below))


def _grouped(part: Linear, words: str) -> str:
    return f"（{words}）" if len(part.parts) + bool(part.constant) > 1 else words
