"""One written number, in figures or in Chinese, read exactly; or why it cannot be told which number is meant.

Works on text already tidied (half-width, no invisible characters). Chinese numerals are read by a grammar of our own:
the library for it, cn2an, is not strict (三两 is 32 to it, 三百五千二 is 5,500) and reads decimals as binary floats.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from flows.values.measures import MAGNITUDE, worth


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number and what stands behind it. `figures` counts significant ones; `chinese` is the numeral if it is one."""

    number: Fraction
    tail: str
    figures: int = 0
    grouped: bool = False
    compound: bool = False
    chinese: str = ""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why a text is not one number, in words for the filler; `numberless` when there is nothing like a number in it."""

    why: str
    numberless: bool = False


_BETWEEN = r"[^0-9]{0,4}?"
_HINTS = [
    (re.compile(pattern), why)
    for pattern, why in [
        (r"^=", "是没有算出结果的公式"),
        (r"^[+-]?[0-9.]+[eE][+-]?[0-9]+$", "是科学记数法，后几位可能已经丢了"),
        (r"(?:19|20)[0-9]{2}\s*[-/.年]\s*[0-9]{1,2}\s*(?:[-/.]\s*[0-9]{1,2}|月)", "像是日期"),
        (r"^(?:19|20)[0-9]{2}[-/][0-9]{1,2}$|[0-9]{1,2}月[0-9]{1,2}[日号]", "像是日期"),
        (r"[0-9]{1,2}[:：][0-9]{2}", "像是时间或比例"),
        (r"^1[3-9][0-9]{9}$|^0[0-9]{2,3}[- ]?[0-9]{7,8}$|^1[3-9][0-9][- ][0-9]{4}[- ][0-9]{4}$", "像是电话号码"),
        (r"[0-9].*[(（\[【].*[0-9].*[)）\]】]", "括号内外各有一个数"),
        (r"^[(\[【].*[0-9].*[)\]】]$", "数字写在括号里，分不清是不是负数"),
        (rf"[0-9]{_BETWEEN}(?:[-~～—–]+|至|到){_BETWEEN}[0-9]", "写的是一个范围"),
        (r"[0-9]\s*/\s*[0-9]", "用斜线隔开了两个数"),
        (rf"[0-9]{_BETWEEN}[+*×xX÷=]{_BETWEEN}[0-9]", "写的是算式"),
        (rf"[0-9]{_BETWEEN}(?:[、;；或和及与\n\t]){_BETWEEN}[0-9]", "写了不止一个数"),
        (r"[0-9]\s*[。·]\s*[0-9]", "小数点写成了别的符号，请用“.”"),
        (r"[0-9.,][oO]|[oO][0-9]|^[oO]$", "字母 O 不是数字 0"),
        (r"[0-9][lI|]|[lI|][0-9]", "字母 l 或 I 不是数字 1"),
        (r"超过|不到|不足|以上|以下|以内|至少|最多|不少于|不超过|大于|小于|[<>≥≤±]", "只写了界限，没有写准确数"),
        (r"[0-9].*半|[一二两三四五六七八九十百千万].*半", "“半”请写成 0.5"),
        (r"[十百千万]几|[几数][十百千万]|[.]{2,}", "没有写准确数"),
    ]
]
_ARABIC = re.compile(r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+")
_COMPOUND = re.compile(rf"((?:[0-9]+\s*{MAGNITUDE}\s*)+)([0-9]*)(.*)", re.DOTALL)
_COMPONENT = re.compile(rf"([0-9]+)\s*({MAGNITUDE})")
_FORMAL: dict[int, int | str] = {
    **str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬億貳參陸兩○", "一二三四五六七八九十百千万亿二三六两〇"),
    ord("廿"): "二十",
}
_CHINESE = re.compile(
    r"([零〇○一二两三四五六七八九十百千万亿廿壹贰叁肆伍陆柒捌玖拾佰仟萬億貳參陸兩]+)(?:点([零〇○一二三四五六七八九]+))?(.*)",
    re.DOTALL,
)
_VALUES = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_DIGITS = re.compile(r"[零〇一二三四五六七八九]+")
_D = "([一二两三四五六七八九])"
_SECTION = re.compile(f"(?:零?{_D}千)?(?:零?{_D}百)?(?:零?{_D}十)?(?:(?:零|(?<=十)|^){_D})?")
_SPOKEN = re.compile(r"([百千万])[一二三四五六七八九]$")


def read(text: str) -> Numeral | Unclear:
    """The number that stands first in the text, and its tail. Negative with - or 负. Anything doubtful is Unclear."""
    for pattern, why in _HINTS:
        if pattern.search(text):
            return Unclear(why)
    sign, rest = (-1 if text[:1] in ("-", "负") else 1), re.sub(r"^[-+负]\s*", "", text)
    found = _figures(rest) or _chinese(rest) or _prefixed(rest)
    if isinstance(found, Unclear):
        return found
    return Numeral(sign * found.number, found.tail, found.figures, found.grouped, found.compound, found.chinese)


def chinese_number(numeral: str) -> int | None:
    """A whole number in Chinese: 一百二十, 壹仟贰佰, 两千三, 十二万, 二〇二三. None for anything less than plain.

    Two figures side by side without a zero (三五) are usually a guess between them, and so are refused.
    """
    numeral = numeral.translate(_FORMAL)
    if _DIGITS.fullmatch(numeral):
        plain = len(numeral) == 1 or len(numeral) >= 3 or "零" in numeral or "〇" in numeral
        return int("".join(str(_VALUES[character]) for character in numeral)) if plain else None
    numeral = numeral.replace("〇", "零")
    if spoken := _SPOKEN.search(numeral):
        numeral += {"百": "十", "千": "百", "万": "千"}[spoken[1]]
    high, yi, low = numeral.rpartition("亿")
    if not yi:
        return _ten_thousands(low, first=True)
    above, below = _ten_thousands(high, first=True), _ten_thousands(low, first=False) if low else 0
    return None if above is None or below is None else above * 10**8 + below


def _ten_thousands(numeral: str, first: bool) -> int | None:
    high, wan, low = numeral.partition("万")
    if not wan:
        return _section(high, first)
    above, below = _section(high, first), _section(low, first=False) if low else 0
    return None if above is None or below is None else above * 10**4 + below


def _section(numeral: str, first: bool) -> int | None:
    """Up to 9,999. A lone figure after 万 or 亿 needs its 零: 三亿五 might be 三亿五千万."""
    match = _SECTION.fullmatch("一" + numeral if numeral.startswith("十") else numeral)
    if not numeral or not match or (numeral[0] == "零" if first else len(numeral) == 1):
        return None
    thousands, hundreds, tens, ones = (_VALUES[figure] if figure else 0 for figure in match.groups())
    return thousands * 1000 + hundreds * 100 + tens * 10 + ones


def _figures(text: str) -> Numeral | Unclear | None:
    match = _ARABIC.match(text)
    if not match:
        return None
    written, tail = match[0], text[match.end() :]
    if re.match(r"\s*[0-9.,]", tail):
        return Unclear(_ungrouped(text))
    if compound := _compound(text):
        return compound
    figures = written.replace(",", "")
    significant = (figures.rstrip("0") if "." in figures else figures).replace(".", "").lstrip("0")
    return Numeral(Fraction(figures), tail.strip(), len(significant), grouped=len(figures) != len(written))


def _ungrouped(text: str) -> str:
    if "," in text:
        return "逗号前后不是三位一节，分不清是千分号还是小数点"
    return "空格隔开了几组数字，分不清是一个数还是几个数" if " " in text else "小数点写得不对"


def _compound(text: str) -> Numeral | Unclear | None:
    """3万5千: figures and 万, 千 in turn, each part smaller than the one before has room for."""
    match = _COMPOUND.match(text)
    if not match:
        return None
    components = _COMPONENT.findall(match[1])
    if len(components) < 2 and not match[2]:
        return None
    number, room = 0, 10**20
    for figures, magnitude in components:
        size = worth(magnitude)
        if int(figures) * size >= room:
            return Unclear("“万”“千”等字的先后不对")
        number, room = number + int(figures) * size, size
    last, tail = components[-1][1], match[3].strip()
    if (match[2] and 10 ** len(match[2]) != room) or (not match[2] and last + tail in ("千克", "千米", "千瓦")):
        return Unclear("分不清零头是几位")
    number += int(match[2] or 0)
    return Numeral(Fraction(number), tail, len(str(number)), compound=True)


def _chinese(text: str) -> Numeral | Unclear | None:
    match = _CHINESE.match(text)
    if not match:
        return None
    whole = chinese_number(match[1])
    if whole is None:
        return Unclear(f"“{match[1]}”不是完整的汉字数字")
    decimals = "".join(str(_VALUES[character]) for character in (match[2] or "").translate(_FORMAL))
    numeral = match[1] + ("点" + match[2] if match[2] else "")
    number = Fraction(f"{whole}.{decimals or 0}")
    return Numeral(number, match[3].strip(), len((str(whole) + decimals).strip("0")), chinese=numeral)


def _prefixed(text: str) -> Unclear:
    found = re.search(r"[0-9]", text)
    if found:
        return Unclear(f"数字前面还有“{text[: found.start()].strip()[:10]}”")
    return Unclear("没有数字", numberless=True)
