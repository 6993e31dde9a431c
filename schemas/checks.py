"""Checks: one object each, that says what pandera must find, words the finding, and prints in form and dictionary.

A check gives a residual, a figure for each submission that must hold against zero as `holds` says, so that a failure
is one case per check and submission. A blank anywhere makes the residual blank, and a blank passes but where an answer
is required: what is missing or unreadable is found once, where it happened, and not again by every check that uses it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from schemas.catalogue import Catalogue
from schemas.columns import Columns, Masked
from schemas.expressions import SCALE, Part, Side
from schemas.findings import Finding
from schemas.records import Column, Indicator, LineList, Relation

EQUAL, REQUIRES = "==", "requires"
_FAILED_SIGN = {">=": "小于", "<=": "大于", "==": "不等于", ">": "不大于", "<": "不小于", "!=": "等于"}
HOLDS = {">=": "ge", "<=": "le", "==": "eq", ">": "gt", "<": "lt", "!=": "ne", "requires": "ge"}
"""How pandera calls what the residual of a relation must be to zero."""
FILLED = "filled"
"""What an answer must be that may not be left out."""
_EVEN = 1e-9
"""What a share in floating point may lie above its bound and still be at it."""
_PLACES = 4
"""Decimals of a quotient in words; more where it would read like the other side."""


def plain(value: int | Decimal | None) -> str:
    """A scaled value as people write it: no exponent, no trailing zeros."""
    if value is None:
        return "（空）"
    exact = Decimal(int(value)) / SCALE if isinstance(value, int) or hasattr(value, "item") else value
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Required:
    """An answer that may not be left out."""

    indicator: Indicator
    grade = "强制"
    holds = FILLED

    @property
    def id(self) -> str:
        """The check's number."""
        return f"{self.indicator.code}-必填"

    codes = property(lambda self: (self.indicator.code,))
    printed = property(lambda self: f"{self.indicator.code} 必填")

    def residual(self, values: Columns) -> Masked:
        """The answer itself."""
        return values[self.indicator.code]

    def finding(self, row: Mapping[str, Any]) -> Finding:
        """What to say when it fails."""
        return Finding("MISSING", indicator=self.indicator.code, details={"name": self.indicator.name})


@dataclass(frozen=True)
class Within:
    """A declared least or greatest value of an indicator or of a list's column."""

    indicator: Indicator | Column
    bound: Decimal
    upper: bool
    grade = "强制"

    @property
    def id(self) -> str:
        """The check's number."""
        return f"{self.indicator.code}{'≤' if self.upper else '≥'}{self.bound}"

    holds = property(lambda self: "le" if self.upper else "ge")
    codes = property(lambda self: (self.indicator.code,))
    printed = property(lambda self: self.id)

    def residual(self, values: Columns) -> Masked:
        """How far above the bound."""
        return values[self.indicator.code] - int(self.bound * SCALE)

    def finding(self, row: Mapping[str, Any]) -> Finding:
        """What to say when it fails."""
        details = {"name": self.indicator.name, "allowed": f"{self.bound} {self.indicator.unit}"}
        value = plain(row[self.indicator.code])
        return Finding(
            "TOO_LARGE" if self.upper else "NEGATIVE", indicator=self.indicator.code, raw=value, details=details
        )


@dataclass(frozen=True)
class Related:
    """A checking relation of the catalogue, over figures of one submission."""

    relation: Relation
    names: Mapping[str, str]

    id = property(lambda self: self.relation.id)
    holds = property(lambda self: HOLDS[self.relation.relation])
    codes = property(lambda self: self.relation.codes)
    grade = property(lambda self: self.relation.grade)
    printed = property(lambda self: self.relation.printed)

    def residual(self, values: Columns) -> Masked:
        """Left minus right; for `requires`, -1 where the right side is missing its figure."""
        if not self.relation.is_linear:
            return self._signs(values)
        left, right = self.relation.left_side.above.of(values), self.relation.right_side.above.of(values)
        if self.relation.relation == REQUIRES:
            import numpy as np  # heavy: numpy

            unmet = (left > 0) & (np.ma.filled(right, 0) <= 0)  # a blank on the right is a figure not given
            return -unmet.astype("int64")
        return left - right

    def _signs(self, values: Columns) -> Masked:
        """-1, 0 or 1 as the left side is less than, within the tolerance of, or more than the right one, exactly.

        Blank where a figure is, or where a quotient's divisor is zero.
        """
        import numpy as np  # heavy: numpy

        rows = (values.at(place) for place in range(len(values.rows)))
        signs = [None if any(row[code] is None for code in self.codes) else self._sign(row) for row in rows]
        return np.ma.MaskedArray([sign or 0 for sign in signs], [sign is None for sign in signs], dtype="int64")

    def _sign(self, row: Mapping[str, Any]) -> int | None:
        left, right = (side.exact(row) for side in (self.relation.left_side, self.relation.right_side))
        if left is None or right is None:
            return None
        apart = left - right
        return 0 if abs(apart) <= Fraction(self.relation.tolerance) else 1 if apart > 0 else -1

    def finding(self, row: Mapping[str, Any]) -> Finding:
        """What to say when it fails: both sides with their figures, the rule, the difference."""
        left, right = self.relation.left_side, self.relation.right_side
        difference = ""
        if self.relation.relation == REQUIRES:
            found = f"{self._side(left, row)}，而{self._side(right, row)}"
        else:
            found = f"{self._side(left, row)}，{_FAILED_SIGN[self.relation.relation]}{self._side(right, row)}"
            difference = self._difference(left.exact(row), right.exact(row))
        details = {"found": found, "rule": self.relation.words, "difference": difference}
        code = "RELATION" if self.grade == "强制" else "RELATION_DOUBT"
        return Finding(code, indicator=self.codes[0], grade=self.grade, details=details)

    def _side(self, side: Side, row: Mapping[str, Any]) -> str:
        values = {code: f"{self.names[code]} {plain(row[code])}" for code in side.codes}
        values |= {codes[n]: self.names[codes[n]] for _, codes in _ranges(side) for n in (0, -1)}
        words = side.words(values, lambda codes: f" {plain(sum(int(row[code]) for code in codes))}")
        if side.below is None:
            return words if len(side.above.parts) < 2 else f"{words}＝{plain(side.above.of(row))}"
        value = side.exact(row)
        return words if value is None else f"{words}＝{fraction(value)}"

    def _difference(self, left: Fraction | None, right: Fraction | None) -> str:
        if left is None or right is None or left == right:
            return ""
        allowed = f"，可相差 {self.relation.tolerance.normalize():f}" if self.relation.tolerance else ""
        return f"（相差 {fraction(abs(left - right))}{allowed}）"


def _ranges(side: Side) -> list[Part]:
    parts = (*side.above.parts, *(side.below.parts if side.below else ()))
    return [part for part in parts if len(part[1]) > 1]


def fraction(value: Fraction) -> str:
    """A quotient as people write it: exact where four decimals say it, else rounded half up, with enough to be told."""
    places = _PLACES
    while value and abs(value) * 10**places < 1:
        places += _PLACES
    whole = (2 * abs(value.numerator) * 10**places + value.denominator) // (2 * value.denominator)
    said = f"{Decimal(whole).scaleb(-places):f}"
    said = said.rstrip("0").rstrip(".") if "." in said else said
    return ("" if Fraction(said) == abs(value) else "约 ") + ("-" if value < 0 else "") + said


@dataclass(frozen=True)
class YearOnYear:
    """A figure may not move further from last year's than its declared rate without a reason."""

    indicator: Indicator
    rate: Decimal
    least: int
    grade = "核实"

    holds = "le"
    id = property(lambda self: f"{self.indicator.code}-同比")
    codes = property(lambda self: (self.indicator.code,))
    printed = property(lambda self: f"{self.indicator.code} 与上年相差超过 {self.rate:.0%} 的须说明原因")

    def residual(self, values: Columns, last: Columns) -> Masked:
        """How far beyond the allowed rate, as a share of last year's; blank where either is, or the move small."""
        import numpy as np  # heavy: numpy

        now, before = (year[self.indicator.code].astype("float64") for year in (values, last))
        moved = abs(now - before)
        beyond = moved / np.ma.masked_less_equal(before, 0) - float(self.rate) - _EVEN
        return np.ma.masked_where(moved <= self.least * SCALE, beyond)

    def finding(self, value: int, last: int) -> Finding:
        """What to say when it fails."""
        share = (Decimal(value) - last) / last * 100
        details = {
            "name": self.indicator.name,
            "value": f"{plain(value)} {self.indicator.unit}",
            "last": f"{plain(last)} {self.indicator.unit}",
            "change": f"{'增长' if share > 0 else '下降'} {abs(share):.1f}%",
            "allowed": f"{self.rate:.0%}",
            "past": "",
        }
        return Finding("YEAR_ON_YEAR", indicator=self.indicator.code, details=details)


@dataclass(frozen=True)
class Outlier:
    """A figure per household (or another base) far from the other villages' median needs a reason."""

    indicator: Indicator
    base: Indicator
    times: int
    grade = "核实"

    holds = "le"
    id = property(lambda self: f"{self.indicator.code}-离群")
    codes = property(lambda self: (self.indicator.code,))
    printed = property(
        lambda self: f"{self.indicator.code} 按{self.base.name}平均，与各村中位数相差 {self.times} 倍以上的须说明原因"
    )

    def each(self, values: Columns) -> Masked:
        """The figure per unit of its base; blank for zero and blank."""
        import numpy as np  # heavy: numpy

        value, base = (np.ma.masked_less_equal(values[item.code], 0) for item in (self.indicator, self.base))
        return value / base

    def median(self, each: Masked, enough: int = 5) -> float | None:
        """What is usual of the figures above zero; None with too few of them to tell."""
        import numpy as np  # heavy: numpy

        return float(np.median(each.compressed())) if each.count() >= enough else None

    def residual(self, each: Masked, median: float) -> Masked:
        """By how many more times than allowed it is above the median, or below it."""
        import numpy as np  # heavy: numpy

        share = each / median
        return np.ma.maximum(share, 1 / share) - self.times

    def finding(self, value: int, each: float, median: float) -> Finding:
        """What to say when it fails."""
        share = each / median
        details = {
            "name": self.indicator.name,
            "value": f"{plain(value)} {self.indicator.unit}",
            "base": self.base.name,
            "each": f"{each:.3g}",
            "median": f"{median:.3g}",
            "times": f"{share:.1f} 倍" if share >= 1 else f"1/{1 / share:.1f}",
            "past": "",
        }
        return Finding("OUTLIER", indicator=self.indicator.code, details=details)


def checks_of(catalogue: Catalogue, year: int, office: str | None = None) -> list[Any]:
    """Every check on the answers of one form, in the order in which findings are listed."""
    reported = catalogue.reported(year, office)
    asked = {item.code: item for item in reported if not item.is_text}
    names = {code: item.name for code, item in catalogue.indicators.items()}
    checks: list[Any] = [Required(item) for item in reported if item.is_answered_in_words and item.blank == "missing"]
    for item in asked.values():
        if item.blank == "missing":
            checks.append(Required(item))
        checks += _bounds(item)
    among = (one for one in catalogue.relations.values() if one.at == "unit" and not asked.keys().isdisjoint(one.codes))
    related = (relation.narrowed(asked) for relation in among)
    checks.extend(Related(one, names) for one in related if one.codes and all(code in asked for code in one.codes))
    return checks


def list_checks(line_list: LineList) -> list[Within | Related]:
    """The checks on each row of a line list: bounds of its number columns, relations between them."""
    names = {column.code: column.name for column in line_list.columns}
    bounds = [check for column in line_list.columns if column.type == "number" for check in _bounds(column)]
    return [*bounds, *(Related(relation, names) for relation in line_list.relations)]


def _bounds(item: Indicator | Column) -> list[Within]:
    bounds = ((item.minimum, False), (item.maximum, True))
    return [Within(item, bound, upper) for bound, upper in bounds if bound is not None]


def doubts_of(catalogue: Catalogue, year: int, least: int, times: int) -> list[YearOnYear | Outlier]:
    """The checks that need other submissions: last year's, and the other villages'."""
    doubts: list[YearOnYear | Outlier] = []
    for item in catalogue.indicators.values():
        if item.reporter == "derived" or not item.in_force(year):
            continue
        if item.year_on_year is not None:
            doubts.append(YearOnYear(item, item.year_on_year, least))
        if item.outlier_per:
            doubts.append(Outlier(item, catalogue.indicators[item.outlier_per], times))
    return doubts
