"""Linear expressions over indicator codes, as checking relations use them: `X1 + X2 - 2 * [103] + 5`.

A code that does not begin with a capital letter stands in brackets, so that it is no number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCALE = 10_000
"""Values travel as whole ten-thousandths (int64), so that sums and comparisons are exact."""

_TERM = re.compile(r"\s*([+-])?\s*(?:(\d+)\s*\*\s*)?(?:([A-Z]\w*)|\[\s*(\w+)\s*\]|(\d+))\s*")


def bracketed(code: str) -> str:
    """A code as an expression names it."""
    return code if re.fullmatch(r"[A-Z]\w*", code) else f"[{code}]"


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of whole multiples of codes and a constant. Parsed from text; raises ValueError on anything else."""

    terms: tuple[tuple[int, str], ...]
    constant: int = 0

    @classmethod
    def parse(cls, text: str) -> "Linear":
        """Read an expression; the first term needs no sign, every other does."""
        terms, constant, position = [], 0, 0
        while position < len(text) or not (terms or constant or position):
            match = _TERM.match(text, position)
            if not match or (position and not match[1]):
                raise ValueError(f"not a linear expression: {text!r}")
            factor = (-1 if match[1] == "-" else 1) * int(match[2] or 1)
            if code := match[3] or match[4]:
                terms.append((factor, code))
            else:
                constant += factor * int(match[5])
            position = match.end()
        return cls(tuple(terms), constant)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes it names, in order."""
        return tuple(code for _, code in self.terms)

    def of(self, values: Mapping[str, Any]) -> Any:
        """Evaluate over scaled values: a row's ints, or a frame's Int64 columns (blank in, blank out)."""
        result: Any = self.constant * SCALE
        for factor, code in self.terms:
            result = result + factor * values[code]
        return result

    def words(self, names: Mapping[str, str]) -> str:
        """The expression with each code replaced by its name (or by its code, for a printed relation)."""
        parts = []
        for factor, code in self.terms:
            times = "" if abs(factor) == 1 else f"{abs(factor)}×"
            parts.append(("-" if factor < 0 else "+" if parts else "") + times + names.get(code, bracketed(code)))
        if self.constant or not parts:
            parts.append(f"{self.constant:+d}" if parts else str(self.constant))
        return "".join(parts)
