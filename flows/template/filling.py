"""What a slot prints: a figure, its comparison, a name of a list, a target, a text; or the visible mark."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from flows.store.figures import Book, Figure
from flows.template.numbers import change_in_words, growth_in_words, in_unit, times_of, written
from schemas.catalogue import Catalogue
from schemas.records import Indicator, Target
from schemas.supplements import Supplement
from schemas.township import Wording

LAST, GROWTH, CHANGE, PLANNED, REACHED = "上年", "同比", "增减", "目标", "完成率"
MODES = (LAST, GROWTH, CHANGE, PLANNED, REACHED)
ADD, TAKE, SHARE_OF, NAMES_COUNTED = "加", "减", "占", "个数"
_RANK = re.compile(r"第([1-9]\d?)")
_PLACES = re.compile(r"([0-4])位小数")
_TERM = re.compile(rf"({ADD}|{TAKE}|{SHARE_OF})\s*(.+)")
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]+"
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a filled slot comes from: this or last year's figure, a target, a text of township.toml, the year, or a
    text or figure of the township's own, given by hand.
    """

    kind: Literal["figure", "last", "target", "last_target", "text", "word", "own_text", "supplement"]
    code: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures to draw, as they are printed in `unit`: this year's by name, and last year's where there are any."""

    title: str
    unit: str
    names: tuple[str, ...]
    now: tuple[Decimal | None, ...]
    last: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot's text. `missing`: it is the visible mark 【缺：…】. `empty`: zero, blank or no names, a condition fails.

    `unit` is what a bare number counts in, '' for words. `trailing` is a unit that the words already end with. `above`:
    the exact figure is larger than what is printed, so that a template's 余 behind it is true.
    `working` says how the text follows from its sources, where it is more than the printed figure. Over the words of a
    picture stands its `chart`.
    """

    text: str
    missing: bool = False
    empty: bool = False
    provisional: bool = False
    unit: str = ""
    trailing: str = ""
    above: bool = False
    working: str = ""
    sources: tuple[Source, ...] = ()
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A slot's modifiers, told apart: how to compare, which of a list's names, which unit; `others` are surplus.

    `terms` are the names of figures that are added (加) or taken away (减), `share_of` of what it is a share, with so
    many decimals; `counted`: how many names a list has.
    """

    mode: str = ""
    rank: int = 0
    unit: str = ""
    others: tuple[str, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()
    share_of: str = ""
    places: int | None = None
    counted: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the other figures that it is worked out of."""
        return (*(name for _, name in self.terms), *([self.share_of] if self.share_of else []))

    @classmethod
    def of(cls, modifiers: Sequence[str]) -> "Wish":
        """Read modifiers; the first of each sort counts."""
        modes = [each for each in modifiers if each in MODES]
        ranks, places, terms = ([match for each in modifiers if (match := sort.fullmatch(each))]
                                for sort in (_RANK, _PLACES, _TERM))  # fmt: skip
        counted = [each for each in modifiers if each == NAMES_COUNTED]
        told = {*modes, *counted, *(match[0] for match in (*ranks, *places, *terms))}
        units = [each for each in modifiers if each not in told]
        shares = [match for match in terms if match[1] == SHARE_OF]
        alone = [modes, ranks, terms, counted]
        clash = [each for each in modifiers if sum(map(bool, alone)) > 1 or (places and not shares)]
        surplus = (
            *modes[1:],
            *(match[0] for some in (ranks, places, shares) for match in some[1:]),
            *units[1:],
            *clash,
        )
        return cls(
            modes[0] if modes else "", int(ranks[0][1]) if ranks else 0, units[0] if units else "", surplus,
            tuple((match[1], match[2]) for match in terms if match[1] != SHARE_OF),
            shares[0][2] if shares else "", int(places[0][1]) if places else None, bool(counted),
        )  # fmt: skip


def clean(words: str) -> str:
    """What somebody typed, on one line and without characters that steer a reader's screen instead of being read."""
    return _UNSAFE.sub(" ", words).strip()


def mark(wanted: str, sources: tuple[Source, ...], empty: bool, provisional: bool = False) -> Filled:
    """The mark that stands where something is missing."""
    return Filled(f"【缺：{wanted}】", missing=True, empty=empty, provisional=provisional, sources=sources)


def fill_words(words: str, wanted: str, sources: tuple[Source, ...], unsure: bool = False) -> Filled:
    """Words, or their mark; `unsure` where somebody who might add to them has not reported."""
    words = clean(words)
    return Filled(words, provisional=unsure, sources=sources) if words else mark(wanted, sources, not unsure, unsure)


def fill_target(target: Target, wish: Wish, book: Book) -> Filled:
    """Next year's target, or with 上年 the one that was set for this year."""
    kind: Literal["target", "last_target"] = "last_target" if wish.mode else "target"
    value = (book.last_targets if wish.mode else book.targets).get(target.code)
    source = (Source(kind, target.code),)
    if value is None:
        return mark(target.name + ("上年数" if wish.mode else ""), source, True)
    unit = wish.unit or target.unit
    times = times_of(unit, target.unit) or Fraction(1)
    shown = written(in_unit(value, times, target.decimals) if times != 1 else value)
    working = f"{written(value)}{target.unit}，折合 {shown}{unit}" if times != 1 else ""
    above = is_above(Fraction(value) / times, shown)
    return Filled(shown, empty=value == 0, unit=unit, above=above, working=working, sources=source)


def is_above(exact: Fraction, shown: str) -> bool:
    """Whether an exact figure is larger than what is shown of it, in the same unit."""
    return exact > Fraction(shown)


def fill_supplement(given: Supplement, wish: Wish, say: Wording) -> Filled:
    """A figure given by hand, as the wish has it; its mark while anything of it is missing."""
    source = (Source("supplement", given.name),)
    if wish.mode != LAST and (given.lacks or given.value is None):
        return mark(given.name, source, empty=False)
    if wish.mode and given.last is None:
        return mark(f"{given.name}上年数", source, empty=True)
    unit = wish.unit or given.unit
    times = times_of(unit, given.unit) or Fraction(1)
    now, last = (
        value if value is None or times == 1 else in_unit(value, times, max(0, -int(value.as_tuple().exponent)))
        for value in (given.value, given.last)
    )
    if wish.mode in ("", LAST):
        value, exact = (last, given.last) if wish.mode else (now, given.value)
        assert value is not None and exact is not None
        working = f"{written(exact)}{given.unit}，折合 {written(value)}{unit}" if times != 1 else ""
        above = is_above(Fraction(exact) / times, written(value))
        return Filled(
            written(value), empty=exact == 0, unit=unit, above=above, working=working, sources=source
        )  # fmt: skip
    assert now is not None and last is not None
    change = change_in_words(now, last, unit)
    sides = f"本年 {written(now)}{unit}，上年 {written(last)}{unit}，{change}"
    if wish.mode == CHANGE:
        return Filled(change, trailing=unit, working=sides, sources=source)
    words = growth_in_words(now, last, unit, say)
    return Filled(words, working=f"{sides}；{words}", sources=source)


def fill_indicator(item: Indicator, wish: Wish, book: Book, catalogue: Catalogue, say: Wording) -> Filled:
    """A township figure as the wish has it."""
    match wish.mode:
        case "":
            return fill_figure(item, wish, book)
        case "上年":
            last = fill_figure(item, wish, book, last=True)
            if last.missing:
                return mark(f"{item.name}上年数", last.sources, True)
            return replace(last, text=book.basis(item.code) + last.text)
        case "同比" | "增减":
            return _compared(item, wish, book, say)
        case _:
            return _planned(item, wish, book, catalogue)


def target_of(item: Indicator, catalogue: Catalogue) -> Target | None:
    """The target that this indicator's figure is held against, if there is one."""
    return next((target for target in catalogue.targets.values() if target.actual == item.code), None)


def fill_figure(item: Indicator, wish: Wish, book: Book, last: bool = False) -> Filled:
    """A township figure of this or last year by itself, or one of a list's names; its mark where there is none."""
    figure = book.before(item.code) if last else book.figures.get((book.township.code, item.code))
    sources = (_source(item, book, last),)
    unheard = figure is None or (figure.units_counted == 0 and figure.units_expected > 0)
    if figure is None or unheard:
        return mark(item.name, sources, empty=False, provisional=True)
    if item.is_text:
        return _names(item, wish, figure, sources)
    if figure.value is None or figure.printed is None:
        return mark(item.name, sources, empty=True, provisional=figure.provisional)
    unit = wish.unit or item.printed_in
    shown = written(_number(item, figure, unit))
    working = "" if unit == item.unit else f"{written(figure.value)}{item.unit}，折合 {shown}{unit}"
    above = is_above(Fraction(figure.value) / (times_of(unit, item.unit) or item.factor), shown)
    return Filled(
        shown, False, figure.value == 0, figure.provisional, unit, above=above, working=working, sources=sources
    )


def _source(item: Indicator, book: Book, last: bool) -> Source:
    if not last:
        return Source("figure", item.code)
    key, given = (book.township.code, item.code), book.own.before.get(item.code)
    by_hand = given and key not in book.last and key not in book.like
    return Source("supplement", given.name) if given and by_hand else Source("last", item.code)


def _number(item: Indicator, figure: Figure, unit: str) -> Decimal:
    """The printed figure, or the exact one in another unit."""
    assert figure.value is not None and figure.printed is not None
    times = times_of(unit, item.unit)
    if unit == item.printed_in or times is None or times == item.factor:
        return figure.printed
    return in_unit(figure.value, times, item.places if item.total == "ratio" else item.decimals)


def _names(item: Indicator, wish: Wish, figure: Figure, sources: tuple[Source, ...]) -> Filled:
    words = clean(figure.text)
    if not wish.rank:
        return fill_words(words, item.name, sources, figure.provisional)
    listed = [name.strip() for name in words.split("、") if name.strip()]
    name = listed[wish.rank - 1] if len(listed) >= wish.rank else ""
    return fill_words(name, f"{item.name}第{wish.rank}个", sources, figure.provisional)


def _compared(item: Indicator, wish: Wish, book: Book, say: Wording) -> Filled:
    now, last = fill_figure(item, wish, book), fill_figure(item, wish, book, last=True)
    sources, unsure = (*now.sources, *last.sources), now.provisional or last.provisional
    if now.missing:
        return mark(item.name, sources, now.empty, unsure)
    if last.missing:
        return mark(f"{item.name}上年数", sources, True, unsure)
    change = change_in_words(Decimal(now.text), Decimal(last.text), now.unit)
    basis = book.basis(item.code)
    sides = f"{basis}本年 {now.text}{now.unit}，上年 {last.text}{now.unit}，{change}"
    if wish.mode == CHANGE:
        return Filled(basis + change, provisional=unsure, trailing=now.unit, working=sides, sources=sources)
    words = basis + growth_in_words(*_to_compare(item, now, last, book), now.unit, say)
    return Filled(words, provisional=unsure, working=f"{sides}；{words}", sources=sources)


def _to_compare(item: Indicator, now: Filled, last: Filled, book: Book) -> tuple[Decimal, Decimal]:
    """Growth is worked out from exact figures; points of a share, and growth from nothing, from the printed ones."""
    before, exact = book.before(item.code), book.figures[book.township.code, item.code].value
    if item.unit == "%" or not before or not before.value or exact is None:
        return Decimal(now.text), Decimal(last.text)
    return exact, before.value


def _planned(item: Indicator, wish: Wish, book: Book, catalogue: Catalogue) -> Filled:
    """This year's target for the figure, or how far it was reached, in per cent of it."""
    target = target_of(item, catalogue)
    assert target is not None, "problem_of lets no such slot through"
    planned = fill_target(target, Wish(LAST, unit=wish.unit), book)
    if planned.missing or wish.mode == PLANNED:
        return planned
    now = fill_figure(item, Wish(), book)
    sources, value = (*now.sources, *planned.sources), book.last_targets[target.code]
    if now.missing or value == 0:
        return mark(item.name if now.missing else f"{target.name}目标", sources, now.empty or not now.missing)
    exact = book.figures[book.township.code, item.code].value
    assert exact is not None
    per = times_of(target.unit, item.unit) or Fraction(1)
    reached = exact * 100 * per.denominator / (value * per.numerator)
    shown = written(reached, 1)
    working = f"完成 {now.text}{now.unit}，目标 {written(value)}{target.unit}；完成数÷目标＝{shown}%"
    above = is_above(Fraction(reached), shown)
    return Filled(shown, False, reached == 0, now.provisional, "%", above=above, working=working, sources=sources)
