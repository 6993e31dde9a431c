"""Numbers as a report writes them: in a unit, without idle zeros, and compared in words. Exact decimals throughout."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from flows.values.measures import ratio
from schemas.township import Wording

PERCENT = Decimal(100)


def written(value: Decimal, places: int | None = None) -> str:
    """A number in text: rounded half up where places are given, no zeros after the last decimal that says something."""
    if places is not None:
        value = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = str(value)  # half as long as a format takes, of which a county's tables have a million
    text = f"{value:f}" if "E" in text else text
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def times_of(unit: str, base: str) -> Fraction | None:
    """How many `base` one `unit` is, where that is a power of ten; None where a report may not print it in `unit`."""
    times = Fraction(1) if unit == base else ratio(unit, base)
    if times is None or times <= 0:
        return None
    power = times if times >= 1 else 1 / times
    return times if power.denominator == 1 and set(str(power)) <= {"0", "1"} and str(power).count("1") == 1 else None


def in_unit(exact: Decimal, times: Fraction, decimals: int) -> Decimal:
    """An exact figure of `decimals` places in a unit `times` as large.

    A smaller or equal unit keeps every place; a larger one is rounded to two, or three below one.
    """
    value = exact * times.denominator / times.numerator
    return value.quantize(Decimal(1).scaleb(-places_in(Fraction(value), times, decimals)), ROUND_HALF_UP)


def places_in(value: Fraction, times: Fraction, decimals: int) -> int:
    """How many places a value has in a unit `times` as large as the one in which it has `decimals`."""
    return max(0, decimals if times <= 1 else 2 if abs(value) >= 1 else 3)


def growth(now: Decimal, last: Decimal) -> Decimal | None:
    """By how many per cent `now` is above `last`, to one decimal; None when last year had none."""
    if last <= 0:
        return None
    return ((now - last) * PERCENT / last).quantize(Decimal("0.1"), ROUND_HALF_UP)


def growth_in_words(now: Decimal, last: Decimal, unit: str, say: Wording) -> str:
    """同比增长3.2%, 同比下降1%, 与上年持平; shares change by 百分点, and what was nothing last year by its number."""
    if now == last:
        return say.same
    if unit == "%":
        return f"{say.growth}{'提高' if now > last else '下降'}{written(abs(now - last))}个百分点"
    percent = growth(now, last)
    if percent is None:
        return f"{say.against}{change_in_words(now, last, unit)}"
    if percent == 0:
        return say.nearly_same
    return f"{say.growth}{'增长' if percent > 0 else '下降'}{written(abs(percent))}%"


def change_in_words(now: Decimal, last: Decimal, unit: str) -> str:
    """增加12户, 减少3户, 持平: with the unit, so that nothing is left over when it is 持平."""
    if now == last:
        return "持平"
    return f"{'增加' if now > last else '减少'}{written(abs(now - last))}{'个百分点' if unit == '%' else unit}"
