"""What was planned for the year beside what came in: last year's targets, as tables and board show them."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from flows.store.figures import Book
from flows.values.measures import ratio
from schemas.catalogue import Catalogue
from schemas.records import Target


class Plan(NamedTuple):
    """One target of the year. `done` in its unit; `per_cent` of exact figures, one decimal; None where none is known.

    `provisional` while units that count towards it are not in.
    """

    target: Target
    planned: Decimal
    done: Decimal | None
    per_cent: Decimal | None
    provisional: bool


def plans_of(book: Book, catalogue: Catalogue) -> list[Plan]:
    """The targets that were set for the book's year, in the catalogue's order."""
    return list(_plans(book, catalogue))


def _plans(book: Book, catalogue: Catalogue) -> Iterator[Plan]:
    for code, target in catalogue.targets.items():
        if code in book.last_targets:
            planned, exact, provisional = book.last_targets[code], *_reached(target, book, catalogue)
            done = None if exact is None else _rounded(exact, target.decimals)
            per_cent = _rounded(exact * 100 / Fraction(planned), 1) if exact is not None and planned > 0 else None
            yield Plan(target, planned, done, per_cent, provisional)


def _reached(target: Target, book: Book, catalogue: Catalogue) -> tuple[Fraction | None, bool]:
    """The exact figure that shows whether the target was reached, in the target's unit, and whether units are out."""
    item = catalogue.indicators.get(target.actual or "")
    figure = book.figures.get((book.township.code, item.code)) if item else None
    if item is None or figure is None or figure.value is None or (figure.units_expected and not figure.units_counted):
        return None, False
    times = ratio(item.unit, target.unit)
    return (None if times is None else Fraction(figure.value) * times), figure.provisional


def _rounded(value: Fraction, places: int) -> Decimal:
    """Half up, away from zero."""
    scaled = Fraction(value) * 10**places
    whole = (Decimal(scaled.numerator) / scaled.denominator).to_integral_value(ROUND_HALF_UP)
    return whole.scaleb(-places)
