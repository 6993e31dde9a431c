"""A figure written as text, to an exact value in the field's unit, or to the reason why not."""

import re
from dataclasses import replace
from fractions import Fraction

from flows.values.characters import tidy
from flows.values.fields import Field, Parsed, absent, finding, neither_words_nor_figures, refused, says_nothing, shown
from flows.values.measures import MAGNITUDES, is_unit, ratio, worth
from flows.values.numerals import Numeral, Unclear, read
from schemas.expressions import LIMIT, SCALE

FIGURES = 15
"""Significant figures that spreadsheet programs keep; a text with more (an identity number) is no figure."""
_LONGEST = 64
"""Characters of a figure, unit and currency and all: in Chinese numerals twenty digits take forty."""
_FAR_TOO_LONG = 4 * _LONGEST
"""Characters beyond which a cell is not even searched: some searches take their time by its square."""
_CURRENCY = re.compile(r"^(?:人民币|RMB|CNY|¥)\s*:?\s*", re.IGNORECASE)
_ROUGH = re.compile(
    r"^(?:大约|大概|约计|约|将近|接近|近|差不多)\s*|\s*(?:左右|上下|余|多)$"
    r"|(?<=[0-9零〇一二两三四五六七八九十百千万亿])\s*(?:余|多|来)(?=[^0-9零〇一二两三四五六七八九十])"
)


def written(raw: str, field: Field) -> Parsed:
    """Read a text cell of a figure. A change of size or an approximate figure is a finding beside the value."""
    text, notes = tidy(raw)
    if refusal := neither_words_nor_figures(text, raw, field):
        return refusal
    if not text or says_nothing(text):
        return absent(text or (raw and " "), field)
    plain, rough, currency = (text, False, False) if len(text) > _FAR_TOO_LONG else _core(text)
    if len(plain) > _LONGEST:
        return refused("TOO_LONG" if plain.isdecimal() else "NUMBER_UNCLEAR", raw, field, why="写的内容太长")
    numeral = read(plain)
    if isinstance(numeral, Unclear):
        return refused("NOT_A_NUMBER" if numeral.numberless else "NUMBER_UNCLEAR", raw, field, why=numeral.why)
    notes += _of_numeral(plain, numeral)
    if currency:
        notes.append("去掉货币符号")
        numeral = replace(numeral, tail=numeral.tail + "元") if _is_bare(numeral.tail) else numeral
    return _sized(plain, numeral, rough, notes, raw, field)


def _core(text: str) -> tuple[str, bool, bool]:
    """The text without 约, 左右 and the like and without a currency sign; whether there was either."""
    exact = _ROUGH.sub("", text).strip()
    bare = _CURRENCY.sub("", exact).strip()
    plain = _ROUGH.sub("", bare).strip()
    return plain, (exact, plain) != (text, bare), bare != exact


def _sized(plain: str, numeral: Numeral, rough: bool, notes: list[str], raw: str, field: Field) -> Parsed:
    """A number with what stands behind it, in the field's unit."""
    times = _times(numeral, field)
    if isinstance(times, Unclear):
        return refused("NUMBER_UNCLEAR", raw, field, why=times.why)
    if times is None:
        return refused("WRONG_UNIT", raw, field)
    value = numeral.number * times * SCALE
    if value % field.step:
        code = "WRONG_UNIT" if times != 1 and is_unit(numeral.tail) else "TOO_PRECISE"
        return refused(code, raw, field, allowed=str(field.decimals))
    if numeral.figures > FIGURES or abs(value) >= LIMIT:
        return refused("TOO_LONG", raw, field)
    value = int(value)
    own = _is_own_unit(numeral, field)
    resized = not own and (numeral.compound or times != 1)
    notes += _of_unit(plain, numeral, resized or (own and times != 1), shown(value), field)
    if rough:
        notes.append(f"约数，按 {shown(value)} 计")
    code = "APPROXIMATE" if rough else "UNIT_CONVERTED" if resized else None
    doubt = finding(code, raw, field, value=shown(value)) if code else None
    return Parsed(value, note="；".join(notes) or "文本改为数字", finding=doubt)


def _times(numeral: Numeral, field: Field) -> Fraction | Unclear | None:
    """What to multiply by for the field's unit; None when the unit written is another."""
    tail, unit = numeral.tail, field.unit
    if _is_bare(tail):
        own = unit[0] if len(unit) > 1 and unit[0] in MAGNITUDES else ""
        large = tail or numeral.compound or any(character in own + "万亿萬億" for character in numeral.chinese)
        return Unclear(f"分不清这里的“万”等字是不是{unit}的“{own}”") if own and large else Fraction(worth(tail))
    times = ratio(tail, unit)
    if times is None and not (unit and is_unit(tail)):
        return Unclear(f"数字后面还有“{tail[:10]}”")
    return times


def _is_bare(tail: str) -> bool:
    """No unit stands there, at most 万 and the like."""
    return all(character in MAGNITUDES for character in tail)


def _is_own_unit(numeral: Numeral, field: Field) -> bool:
    """十二万元 against 万元: the Chinese numeral ends in what begins the field's own unit, so nothing was resized."""
    return bool(numeral.chinese) and ratio(numeral.chinese[-1] + numeral.tail, field.unit) == 1


def _of_numeral(plain: str, numeral: Numeral) -> list[str]:
    notes = []
    if plain[0] in "+负":
        notes.append("去掉正号" if plain[0] == "+" else "“负”改为负号")
    if numeral.grouped:
        notes.append("去掉千分号")
    if numeral.chinese:
        notes.append(f"“{numeral.chinese}”读作 {shown(int(abs(numeral.number) * SCALE))}")
    return notes


def _of_unit(plain: str, numeral: Numeral, resized: bool, value: str, field: Field) -> list[str]:
    if resized:
        return [f"“{plain}”折合 {value} {field.unit}".rstrip()]
    if not numeral.tail or not plain.endswith(numeral.tail):
        return []
    if numeral.tail == field.unit:
        return [f"去掉单位“{numeral.tail}”"]
    return [f"单位“{numeral.tail}”视同“{field.unit}”"]
