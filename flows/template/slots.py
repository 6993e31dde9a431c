"""Slots of a report template: `{{名称|修饰|修饰}}` and `{{若 名称}}……{{完}}` read from text, and filled from a Book."""

import difflib
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from flows.store.figures import Book
from flows.template.filling import (
    LAST,
    PLANNED,
    REACHED,
    Filled,
    Source,
    Wish,
    fill_indicator,
    fill_target,
    fill_words,
    target_of,
)
from flows.template.numbers import times_of
from schemas.catalogue import Catalogue
from schemas.records import TOWNSHIP_NAME, Indicator, Target, Text
from schemas.township import Settings

__all__ = ["Filled", "Part", "SlotError", "Source", "meaning", "names", "parse", "problem_of", "resolve"]

WORDS = {"年度": 0, "上年度": -1, "下年度": 1}
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


def parse(text: str) -> list[Part]:
    """Split text into parts that together cover it; braces that close no slot stay text. Never fails."""
    parts, position = [], 0
    for match in _SLOT.finditer(text):
        if match.start() > position:
            parts.append(Part("text", text[position : match.start()], position, match.start()))
        parts.append(_part(match))
        position = match.end()
    if position < len(text):
        parts.append(Part("text", text[position:], position, len(text)))
    return parts


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


def meaning(name: str, catalogue: Catalogue) -> Indicator | Target | Text | str | None:
    """What a slot's name stands for: an indicator, a text of township.toml, a target, a year word; None for nothing."""
    if name in WORDS:
        return name
    texts = catalogue.texts | {text.name: text for text in catalogue.texts.values()}
    targets = catalogue.targets | {target.name: target for target in catalogue.targets.values()}
    return catalogue.find(name) or texts.get(name) or targets.get(name)


def names(catalogue: Catalogue) -> list[str]:
    """Every name that a slot may carry, for suggestions; codes and keys are understood too."""
    texts = (text.name for text in catalogue.texts.values())
    targets = (target.name for target in catalogue.targets.values())
    return list(dict.fromkeys((*WORDS, *catalogue.by_name, *texts, *targets)))


def problem_of(slot: Part, catalogue: Catalogue) -> str:
    """Why the slot cannot be filled whatever the figures are; '' when it can."""
    meant = meaning(slot.name, catalogue)
    if meant is None:
        near = difflib.get_close_matches(slot.name, names(catalogue), n=1, cutoff=0.3)
        return f"没有“{slot.name}”这个名称" + (f"，是不是“{near[0]}”？" if near else "")
    wish = Wish.of(slot.modifiers)
    if wish.others:
        return f"“{slot.name}”的修饰互相矛盾：{'、'.join(slot.modifiers)}"
    return _no_rank(slot, wish, meant) or _no_mode(slot, wish, meant, catalogue) or _no_unit(slot, wish, meant)


def _no_rank(slot: Part, wish: Wish, meant: Indicator | Target | Text | str) -> str:
    listed = isinstance(meant, Indicator) and meant.is_text
    return f"“{slot.name}”不是名单，不能取第{wish.rank}个" if wish.rank and not listed else ""


def _no_mode(slot: Part, wish: Wish, meant: Indicator | Target | Text | str, catalogue: Catalogue) -> str:
    if not wish.mode:
        return ""
    if isinstance(meant, Indicator):
        if wish.mode in (PLANNED, REACHED) and target_of(meant, catalogue) is None:
            return f"“{slot.name}”没有对应的目标，不能用“{wish.mode}”"
        return f"“{slot.name}”不是数，不能用“{wish.mode}”" if meant.is_text and wish.mode != LAST else ""
    return "" if isinstance(meant, Target) and wish.mode == LAST else f"“{slot.name}”不能用“{wish.mode}”"


def _no_unit(slot: Part, wish: Wish, meant: Indicator | Target | Text | str) -> str:
    unit = meant.unit if isinstance(meant, Indicator | Target) else ""
    if not wish.unit or (unit and times_of(wish.unit, unit) is not None):
        return ""
    return f"“{slot.name}”不认识修饰“{wish.unit}”" + (f"，计量单位是{unit}或它的十倍、百倍、万倍" if unit else "")


def resolve(slot: Part, book: Book, catalogue: Catalogue, settings: Settings) -> Filled:
    """The slot's text, or its visible mark. A condition is resolved like the slot it names.

    Raises SlotError where `problem_of` has something to say.
    """
    if problem := problem_of(slot, catalogue):
        raise SlotError(problem)
    meant, wish = meaning(slot.name, catalogue), Wish.of(slot.modifiers)
    match meant:
        case Indicator():
            return fill_indicator(meant, wish, book, catalogue)
        case Target():
            return fill_target(meant, wish, book)
        case Text():
            words = settings.report.get(meant.key) or (settings.township.name if meant.key == TOWNSHIP_NAME else "")
            return fill_words(words, meant.name, (Source("text", meant.key),))
    return Filled(str(book.year + WORDS[slot.name]), sources=(Source("word", slot.name),))
