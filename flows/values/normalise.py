"""Normalise: what stands in a cell, to an exact value in the indicator's unit, or to the reason why not.

Nothing is guessed silently: every change is said in `note`, every change of size is a Finding besides, and whatever
could be read in two ways is refused with a hint. Ranges and missing answers are judged later, in `check`.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from flows.values.characters import tidy, tidy_text
from flows.values.fields import (
    Field,
    Parsed,
    absent,
    finding,
    neither_words_nor_figures,
    no_name,
    refused,
    says_nothing,
    says_the_same,
    shown,
)
from flows.values.figure_text import FIGURES, written
from schemas.expressions import SCALE
from schemas.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Field", "Parsed", "normalise", "parse"]

_NOISE = Decimal("1e-9")
"""How far, relative to itself or to 1, a binary float may be from the figure that it stands for."""
_LAST_BITS = Decimal("1e-14")
"""The same for a large figure: a double carries 53 bits, which are 1e-16, and a formula may lose some of them."""
_TYPED = "文本改为数字"
_NUMBER_BEFORE = re.compile(r"\(?(\d{1,2})(?:[.、:：)\-]+(\D.*)?)?")
_SHORTENED = re.compile(r"[0-9]\.[0-9]+E\+[0-9]{2}")
"""A long number as spreadsheet programs show it, kept so by whoever copied it or saved it as text."""


def parse(raw: str, kind: str, field: Field) -> Parsed:
    """Read one cell. `kind` is what the workbook says of it: number, text, blank, date, bool, error,
    formula_without_value, struck or shown_otherwise; `raw` is its value as written (a number in decimal notation).

    The finding names no sheet and cell: they are not known here. Raises KeyError for any other kind.
    """
    return _KINDS[kind](raw, field)


def normalise(answers: "pd.DataFrame", fields: Mapping[str, Field]) -> "tuple[pd.DataFrame, list[tuple[int, Finding]]]":
    """Read a frame of cells: one row per cell, with columns `indicator`, `raw`, `kind`; the others pass through.

    Adds `value` (Int64, ten-thousandths), `text` and `note` (str). Findings come with the index label of their row.
    Raises KeyError for an indicator that is not among the fields.
    """
    import pandas as pd  # heavy: pandas

    known: dict[tuple, Parsed] = {}
    plain: dict[tuple, int | None] = {}
    values: list[int | None] = []
    texts: list[str | None] = [None] * len(answers)
    notes = [""] * len(answers)
    findings: list[tuple[int, Finding]] = []
    rows = zip(answers["indicator"].tolist(), answers["raw"].tolist(), answers["kind"].tolist(), strict=True)
    for place, row in enumerate(rows):
        indicator, raw, kind = row
        field = fields[indicator]
        value = None
        if not field.is_text and (value := plain.get((raw, kind, field.decimals))) is None:
            plain[raw, kind, field.decimals] = value = _plain(raw, kind, field.decimals)
        if value is not None:
            values.append(value)
            notes[place] = "" if kind == "number" else _TYPED
            continue
        parsed = known.get(row)
        if parsed is None:
            parsed = known[row] = parse(raw if isinstance(raw, str) else "", kind, field)
        values.append(parsed.value)
        texts[place], notes[place] = parsed.text, parsed.note
        if parsed.finding:
            findings.append((answers.index[place], parsed.finding))
    added = {"value": pd.array(values, dtype="Int64"), "text": pd.array(texts, dtype="str")}
    return answers.assign(**added, note=pd.array(notes, dtype="str")), findings


def _plain(raw: object, kind: str, decimals: int) -> int | None:
    """The short way for plain figures within the allowed decimals, the same as `parse`; None for all others."""
    if not isinstance(raw, str) or raw[-1:] == "." or (kind != "number" and (kind != "text" or len(raw) > 10)):
        return None
    whole, _, fraction = raw.partition(".")
    fraction = fraction.rstrip("0")
    figures = whole.removeprefix("-") + fraction
    if len(fraction) > min(decimals, 4) or len(figures) >= FIGURES or not (figures.isascii() and figures.isdigit()):
        return None
    value = int(figures) * 10 ** (4 - len(fraction))
    return -value if raw[0] == "-" else value


def _number(raw: str, field: Field) -> Parsed:
    """A number cell: exact, save for the last bits of a binary float, which are rounded off and noted."""
    if field.is_text:
        words = re.sub(r"\.0+$", "", raw)
        return (
            refused("DIGITS_LOST", raw, field)
            if len(words.lstrip("-")) > FIGURES and _whole(words)
            else _words(words, field)
        )
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return written(raw, field)
    if not number.is_finite():
        return refused("NOT_A_NUMBER", raw, field)
    if number.adjusted() >= FIGURES - 1:
        return refused("TOO_LONG", raw, field)
    exact = number * SCALE
    value = int((exact / field.step).to_integral_value()) * field.step
    off = abs(exact - value)
    if off > max(SCALE, abs(exact)) * _NOISE or off > max(field.step * Decimal("1e-6"), abs(exact) * _LAST_BITS):
        return refused("TOO_PRECISE", raw, field, allowed=str(field.decimals))
    return Parsed(value, note=f"去掉计算误差，取 {shown(value)}" if off else "")


def _whole(words: str) -> bool:
    return words.removeprefix("-").isdecimal()


def _struck(raw: str, field: Field) -> Parsed:
    return refused("STRUCK_OUT", raw, field)


def _shown_otherwise(raw: str, field: Field) -> Parsed:
    return refused("SHOWN_OTHERWISE", raw, field)


def _text(raw: str, field: Field) -> Parsed:
    if field.is_text and _SHORTENED.fullmatch(raw.strip()):
        return refused("DIGITS_LOST", raw, field)
    return _words(raw, field) if field.is_text else written(raw, field)


def _blank(raw: str, field: Field) -> Parsed:
    return Parsed() if field.is_text else absent("", field)


def _date(raw: str, field: Field) -> Parsed:
    return _words(raw, field) if field.is_text else refused("DATE_IN_NUMBER", raw, field)


def _bool(raw: str, field: Field) -> Parsed:
    return _words(raw, field) if field.is_text else refused("TRUE_FALSE", raw, field)


def _formula_without_value(raw: str, field: Field) -> Parsed:
    return refused("FORMULA_WITHOUT_VALUE", raw, field)


def _error(raw: str, field: Field) -> Parsed:
    return refused("FORMULA_ERROR", raw, field)


def _words(raw: str, field: Field) -> Parsed:
    """A cell that asks for words: trimmed; one of the choices where there are any; None for 无 and the like.

    Where an answer is due, 无 is one and stays.
    """
    text, note = tidy_text(raw)
    if refusal := neither_words_nor_figures(text, raw, field):
        return refusal
    if not text:
        return Parsed(note=note)
    if choice := _choice(text, field):
        return Parsed(text=choice, note=note if choice == text else f"“{text}”改为“{choice}”")
    if says_the_same(text) and not field.choices:
        return refused("DITTO", raw, field)
    if field.holds == "person" and (why := no_name(text)):
        doubt = finding("NAME_DOUBT", raw, field, why=why)
        return Parsed(text=None if says_nothing(text) else text, note=note, finding=doubt)
    if says_nothing(text) and (field.choices or field.blank != "missing" or text not in ("无", "没有")):
        return Parsed(note=f"填的是“{text}”，按没有填处理")
    if field.choices:
        return refused("NOT_A_CHOICE", raw, field, allowed="、".join(field.choices))
    return Parsed(text=text, note=note)


def _choice(text: str, field: Field) -> str | None:
    """The choice meant: word for word, or but for spaces and the width of characters."""
    if text in field.choices:
        return text
    same = [choice for choice in field.choices if _squeezed(choice) == _squeezed(text)] or _numbered(text, field)
    return same[0] if len(same) == 1 else None


def _numbered(text: str, field: Field) -> list[str]:
    """The choices with that number before them, with those words behind it, or both: 1, 1.有, 有 of 1.有."""
    number, words = _split(text)
    parts = [_split(choice) for choice in field.choices]
    if field.numbered and not any(own for own, _ in parts):
        parts = [(str(place), choice) for place, (_, choice) in enumerate(parts, start=1)]
    both = zip(parts, field.choices, strict=True)
    return [choice for (own, rest), choice in both if number in ("", own) and words in ("", rest)]


def _split(text: str) -> tuple[str, str]:
    """A choice's number and words."""
    match = _NUMBER_BEFORE.fullmatch(_squeezed(text))
    return (match[1].lstrip("0"), match[2] or "") if match else ("", _squeezed(text))


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", tidy(text)[0])


_KINDS: dict[str, Callable[[str, Field], Parsed]] = {
    "number": _number,
    "text": _text,
    "blank": _blank,
    "date": _date,
    "bool": _bool,
    "formula_without_value": _formula_without_value,
    "error": _error,
    "struck": _struck,
    "shown_otherwise": _shown_otherwise,
}
