"""Slots worked out of several figures: sums and differences, shares, how many a list names. Exact until printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flows.store.figures import Book
from flows.template.filling import Filled, Source, Wish, clean, fill_figure, fill_supplement, is_above, mark
from flows.template.numbers import PERCENT, places_in, times_of, written
from schemas.records import Indicator
from schemas.supplements import Supplement
from schemas.township import Wording

Amount = Indicator | Supplement
SHARE_PLACES = 1
"""Decimals of a share where its slot asks for no others, as of growth."""
COUNTED = "个"
"""In what the names of a list are counted."""
_SIGNS = {"加": "＋", "减": "－"}
_NO_AMOUNTS = ("ratio", "weighted", "typical", "none")
"""Totals that cannot be added up: worked out of others, what is usual, none at all."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One figure of a sum: exact, in its own unit, with so many decimals."""

    name: str
    exact: Decimal
    unit: str
    decimals: int
    provisional: bool
    sources: tuple[Source, ...]

    @property
    def said(self) -> str:
        """As the working has it."""
        return f"{self.name} {written(self.exact)}{self.unit}"


def is_amount(meant: object) -> bool:
    """Whether a slot's meaning can be added to others, or be a share of one."""
    if isinstance(meant, Indicator):
        return not meant.is_text and meant.total not in _NO_AMOUNTS and meant.unit != "%"
    return isinstance(meant, Supplement) and meant.unit != "%"


def fill_count(item: Indicator, book: Book) -> Filled:
    """How many names a list has; its mark where there is none."""
    listed = fill_figure(item, Wish(), book)
    if listed.missing:
        return listed
    count = len([name for name in clean(listed.text).split("、") if name.strip()])
    return Filled(str(count), False, count == 0, listed.provisional, COUNTED, working=f"{item.name}：{listed.text}",
                  sources=listed.sources)  # fmt: skip


def fill_computed(
    meant: Amount, wish: Wish, terms: Sequence[tuple[str, Amount]], whole: Amount | None, book: Book
) -> Filled:
    """A sum of `meant` and `terms`, each added (加) or taken away (减); with a `whole`, what share of that it is.

    The mark of the first figure that is missing, if one is.
    """
    found = [_part(each, book) for each in (meant, *(each for _, each in terms), *([whole] if whole else []))]
    parts = [part for part in found if isinstance(part, _Part)]
    if missing := next((part for part in found if isinstance(part, Filled)), None):
        return missing
    added, base = parts[: len(terms) + 1], parts[-1] if whole else None
    total, working = _added(added, [sign for sign, _ in terms])
    if base is not None and base.exact == 0:
        return mark(base.name, base.sources, empty=True)
    if base is None:
        unit = wish.unit or _printed_in(meant)
        value = total / (times_of(unit, meant.unit) or 1)
        places = _places(meant, unit, value, max(part.decimals for part in added))
    else:
        unit, places = "%", SHARE_PLACES if wish.places is None else wish.places
        value = total * Fraction(PERCENT) / (Fraction(base.exact) * (times_of(base.unit, meant.unit) or 1))
        working = f"{f'（{working}）' if terms else working}÷{base.said}"
    shown = written(_rounded(value, places))
    sources = tuple(dict.fromkeys(source for part in parts for source in part.sources))
    return Filled(shown, empty=value == 0, provisional=any(part.provisional for part in parts), unit=unit,
                  above=is_above(value, shown), working=f"{working}＝{shown}{unit}", sources=sources)  # fmt: skip


def _part(meant: Amount, book: Book) -> _Part | Filled:
    """One figure, or its mark."""
    if isinstance(meant, Supplement):
        given, value = fill_supplement(meant, Wish(), Wording()), meant.value
        decimals = max(0, -int(value.as_tuple().exponent)) if value is not None else 0
    else:
        given, figure = fill_figure(meant, Wish(), book), book.figures.get((book.township.code, meant.code))
        value, decimals = figure.value if figure else None, meant.decimals
    if given.missing or value is None:
        return given
    return _Part(meant.name, value, meant.unit, decimals, given.provisional, given.sources)


def _added(parts: Sequence[_Part], signs: Sequence[str]) -> tuple[Fraction, str]:
    """The sum in the first one's unit, and how it comes about."""
    first = parts[0]
    total, said = Fraction(first.exact), first.said
    for sign, part in zip(signs, parts[1:], strict=True):
        amount = Fraction(part.exact) * (times_of(part.unit, first.unit) or 1)
        total += amount if sign == "加" else -amount
        said += _SIGNS[sign] + part.said
    return total, said


def _printed_in(meant: Amount) -> str:
    return meant.printed_in if isinstance(meant, Indicator) else meant.unit


def _places(meant: Amount, unit: str, value: Fraction, decimals: int) -> int:
    """As a figure has them in that unit: the indicator's own in the one it is printed in, if that is a larger one."""
    times = times_of(unit, meant.unit) or Fraction(1)
    if isinstance(meant, Indicator) and unit == meant.printed_in and times > 1:
        return meant.places
    return places_in(value, times, decimals)


def _rounded(value: Fraction, places: int) -> Decimal:
    """Half up, away from nought."""
    whole = int(abs(value) * 10**places + Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)
