"""Slots of a report template: `{{名称|修饰|修饰}}` and `{{若 名称}}……{{完}}` read from text, and filled from a Book."""

import difflib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from flows.store.figures import Book
from flows.template.charts import asked, chart_problem, fill_chart
from flows.template.computing import COUNTED, Amount, fill_computed, fill_count, is_amount
from flows.template.filling import (
    CHANGE,
    GROWTH,
    LAST,
    PLANNED,
    REACHED,
    Filled,
    Source,
    Wish,
    fill_indicator,
    fill_supplement,
    fill_target,
    fill_words,
    target_of,
)
from flows.template.numbers import times_of
from schemas.catalogue import Catalogue
from schemas.records import TOWNSHIP_NAME, Indicator, Target, Text
from schemas.supplements import NOTHING, Own, Supplement
from schemas.township import Settings

__all__ = ["COUNTED", "Filled", "Part", "SlotError", "Source", "meaning", "names", "parse", "problem_of", "resolve"]

YEARS = {"年度": 0, "上年度": -1, "下年度": 1}
DATE, DAYS, PERIOD = "报告日期", "全年天数", "时期"
WORDS = (*YEARS, DATE, DAYS, PERIOD)
"""Names of what follows from the year and the settings."""
UNSURE = ("？", "?")
"""What a name begins with that nobody has looked at yet; whoever refuses it does not say which it might be."""
Meant = Indicator | Target | Text | Supplement | str
_SLOT = re.compile(r"[{｛][ \u3000]?[{｛]([^{}｛｝]*)[}｝][ \u3000]?[}｝]")
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ％\u3000]")
_CONDITION = re.compile(r"(?:若|如果)[\s:：]*(\S.*)")


class SlotError(ValueError):
    """A slot that cannot mean anything: its text says in Chinese what is wrong and what is nearest."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of template text, `raw` at start:end. An `if` holds the slot it depends on; an `end` closes one."""

    kind: Literal["text", "slot", "if", "end"]
    raw: str
    start: int
    end: int
    name: str = ""
    modifiers: tuple[str, ...] = ()


@lru_cache(1 << 10)  # a paragraph is asked for many times: with each of its conditions failing, filled, and drawn
def parse(text: str) -> tuple[Part, ...]:
    """Split text into parts that together cover it; braces that close no slot stay text. Never fails."""
    parts, position = list[Part](), 0
    for match in _SLOT.finditer(text):
        if match.start() > position:
            parts.append(Part("text", text[position : match.start()], position, match.start()))
        parts.append(_part(match))
        position = match.end()
    if position < len(text):
        parts.append(Part("text", text[position:], position, len(text)))
    return tuple(parts)


def named(text: str) -> set[str]:
    """The names that a text's slots and conditions carry, and those of what they are worked out of."""
    return {name for part in parse(text) if part.name for name in (part.name, *Wish.of(part.modifiers).names)}


def _part(match: re.Match[str]) -> Part:
    where = (match[0], match.start(), match.end())
    name, *modifiers = (_plain(piece) for piece in re.split(r"[|｜]", match[1]))
    if name == "完":
        return Part("end", *where)
    kind: Literal["slot", "if"] = "slot"
    if condition := _CONDITION.fullmatch(name):
        kind, name = "if", condition[1]
    return Part(kind, *where, name, tuple(modifier for modifier in modifiers if modifier))


def _plain(piece: str) -> str:
    """A name as typed, full-width letters, digits and spaces made plain; units such as ㎡ keep their own sign."""
    return _WIDE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), piece).strip()


def meaning(name: str, catalogue: Catalogue, own: Own = NOTHING) -> Meant | None:
    """What a slot's name stands for: an indicator, a text of township.toml, a target, a figure given by hand, a word of
    the year; None for nothing.
    """
    if name in WORDS:
        return name
    known = _declared(name, catalogue)
    if known and not (isinstance(known, Indicator) and name in own.figures):  # one that begins in a later year
        return known
    if name in own.texts:
        return Text(key=name, name=name, definition="自己写的文字")
    return own.figures.get(name)


def _declared(name: str, catalogue: Catalogue) -> Indicator | Target | Text | None:
    if known := catalogue.find(name):
        return known
    texts = catalogue.texts | {text.name: text for text in catalogue.texts.values()}
    targets = catalogue.targets | {target.name: target for target in catalogue.targets.values()}
    return texts.get(name) or targets.get(name)


def names(catalogue: Catalogue, own: Own = NOTHING) -> list[str]:
    """Every name that a slot may carry, for suggestions; codes and keys are understood too."""
    texts = (text.name for text in catalogue.texts.values())
    targets = (target.name for target in catalogue.targets.values())
    return list(dict.fromkeys((*WORDS, *catalogue.by_name, *texts, *targets, *own.texts, *own.figures)))


def problem_of(slot: Part, catalogue: Catalogue, own: Own = NOTHING) -> str:
    """Why the slot cannot be filled whatever the figures are; '' when it can."""
    if wanted := asked(slot.name, slot.modifiers):
        return "图不能作条件" if slot.kind == "if" else chart_problem(wanted, catalogue)
    meant = meaning(slot.name, catalogue, own)
    if slot.name.startswith(UNSURE):
        return "这一处还没有核对：请在核对单的“处理”一栏选定，再运行 cunhui report bind 原报告 --apply 核对单"
    if meant is None:
        near = difflib.get_close_matches(slot.name, names(catalogue, own), n=1, cutoff=0.3)
        return f"没有“{slot.name}”这个名称" + (f"，是不是“{near[0]}”？" if near else "")
    wish = Wish.of(slot.modifiers)
    if wish.others:
        return f"“{slot.name}”的修饰互相矛盾：{'、'.join(slot.modifiers)}"
    return (
        _no_total(slot, meant)
        or _no_rank(slot, wish, meant)
        or _no_mode(slot, wish, meant, catalogue)
        or _not_worked_out(slot, wish, meant, catalogue, own)
        or _no_unit(slot, wish, meant)
    )


def _no_total(slot: Part, meant: Meant) -> str:
    untotalled = isinstance(meant, Indicator) and meant.total == "none" and meant.reporter == "village"
    return f"“{slot.name}”是各村自己的数，不合计，报告里没有" if untotalled else ""


def _no_rank(slot: Part, wish: Wish, meant: Meant) -> str:
    listed = isinstance(meant, Indicator) and meant.is_text
    return f"“{slot.name}”不是名单，不能取第{wish.rank}个" if wish.rank and not listed else ""


def _no_mode(slot: Part, wish: Wish, meant: Meant, catalogue: Catalogue) -> str:
    if not wish.mode or (isinstance(meant, Supplement) and wish.mode in (LAST, GROWTH, CHANGE)):
        return ""
    if isinstance(meant, Indicator):
        if wish.mode in (PLANNED, REACHED) and target_of(meant, catalogue) is None:
            return f"“{slot.name}”没有对应的目标，不能用“{wish.mode}”"
        return f"“{slot.name}”不是数，不能用“{wish.mode}”" if meant.is_text and wish.mode != LAST else ""
    return "" if isinstance(meant, Target) and wish.mode == LAST else f"“{slot.name}”不能用“{wish.mode}”"


def _not_worked_out(slot: Part, wish: Wish, meant: Meant, catalogue: Catalogue, own: Own) -> str:
    """Why it cannot be a sum, a share or a count."""
    if wish.counted:
        is_list = isinstance(meant, Indicator) and meant.is_text and meant.aggregate != "first"
        return "" if is_list else f"“{slot.name}”不是名单，没有个数"
    if not wish.names:
        return ""
    if wish.share_of and wish.unit:
        return f"“{slot.name}”占“{wish.share_of}”印成百分数，不能再写“{wish.unit}”"
    for name in (slot.name, *wish.names):
        other = meaning(name, catalogue, own)
        if other is None:
            near = difflib.get_close_matches(name, names(catalogue, own), n=1, cutoff=0.3)
            return f"没有“{name}”这个名称" + (f"，是不是“{near[0]}”？" if near else "")
        if not is_amount(other):
            return f"“{name}”不能加减，也不能算占比"
        if times_of(unit_in(other), unit_in(meant)) is None:
            return f"“{name}”以{unit_in(other)}计，“{slot.name}”以{unit_in(meant)}计，不能一起算"
    return ""


def unit_in(meant: Meant | None) -> str:
    """The unit that a figure is kept in; '' for words."""
    return meant.unit if isinstance(meant, Indicator | Target | Supplement) else ""


def _no_unit(slot: Part, wish: Wish, meant: Meant) -> str:
    unit = unit_in(meant)
    if not wish.unit or (unit and times_of(wish.unit, unit) is not None):
        return ""
    return f"“{slot.name}”不认识修饰“{wish.unit}”" + (f"，计量单位是{unit}或它的十倍、百倍、万倍" if unit else "")


def resolve(slot: Part, book: Book, catalogue: Catalogue, settings: Settings) -> Filled:
    """The slot's text, or its visible mark. A condition is resolved like the slot it names.

    Raises SlotError where `problem_of` has something to say.
    """
    if problem := problem_of(slot, catalogue, book.own):
        raise SlotError(problem)
    if wanted := asked(slot.name, slot.modifiers):
        return fill_chart(wanted, book, catalogue)
    meant, wish = meaning(slot.name, catalogue, book.own), Wish.of(slot.modifiers)
    if wish.counted and isinstance(meant, Indicator):
        return fill_count(meant, book)
    if wish.names and isinstance(meant, Indicator | Supplement):
        terms = [(sign, _amount(name, catalogue, book.own)) for sign, name in wish.terms]
        whole = _amount(wish.share_of, catalogue, book.own) if wish.share_of else None
        return fill_computed(meant, wish, terms, whole, book)
    match meant:
        case Indicator():
            return fill_indicator(meant, wish, book, catalogue, settings.wording)
        case Target():
            return fill_target(meant, wish, book)
        case Supplement():
            return fill_supplement(meant, wish, settings.wording)
        case Text() if meant.key in book.own.texts:
            return fill_words(book.own.texts[meant.key], meant.name, (Source("own_text", meant.key),))
        case Text():
            return fill_words(text_of(meant, settings), meant.name, (Source("text", meant.key),))
    return Filled(word_of_year(slot.name, book.year, settings), sources=(Source("word", slot.name),))


def _amount(name: str, catalogue: Catalogue, own: Own) -> Amount:
    meant = meaning(name, catalogue, own)
    assert isinstance(meant, Indicator | Supplement), "problem_of lets no such slot through"
    return meant


def text_of(text: Text, settings: Settings) -> str:
    """A fixed text as the settings have it; the township's own name where they say no other."""
    said = settings.report.get(text.key)
    return said if isinstance(said, str) and said else settings.township.name if text.key == TOWNSHIP_NAME else ""


def word_of_year(name: str, year: int, settings: Settings) -> str:
    """A year, the report's date, its period, how many days the year has."""
    if name in YEARS:
        return str(year + YEARS[name])
    if name == PERIOD:
        return settings.wording.period
    if name == DAYS:
        return str((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    day = settings.dated(year)
    return f"{day.year}年{day.month}月{day.day}日"
