"""Number formats that show another figure than is stored: 85% is 0.85 inside, and 3.5万元 may be 35000 or 3.5.

The fast reader says what is stored; the filler sees and means what is shown. Where the format says in words what it
does, the cell is read as it is shown; where it hides, shortens or adds to a figure without a word, both are told and
nobody's guess is taken. Source: ECMA-376 18.8.31, and the formats that WPS offers for 万元 (`0!.0,"万元"`).
"""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

BUILT_IN = {9: "0%", 10: "0.00%", **dict.fromkeys((*range(14, 23), *range(45, 48)), "yyyy-mm-dd")}
"""The formats of percentages and of dates that need no declaration."""
_TOKEN = re.compile(
    r'"([^"]*)"|[\\!](.)|\[\$([^-\]]*)[^\]]*\]|(\[[^\]]*\]|_.|\*.)|(General|G/通用格式|[0#?]+|@)|(.)', re.DOTALL
)
_SECTIONS = re.compile(r'((?:"[^"]*"|[\\!].|\[[^\]]*\]|[^;])*)(?:;|$)', re.DOTALL)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]*)?)\]")
_DATES = re.compile(r"[ymdhsYMDHSeE]")
_ELAPSED = re.compile(r"\[[hmsHMS]+\]")
_SAYS = re.compile(r"[^\W\d_]|[%‰]")
_SIGNS = ("-", "−", "－", "–", "负", "(", "（", "△", "▲")
_MONEY = re.compile(r"[¥￥$€£\s]*")
_NUMERALS = re.compile(r"-?[〇零一二三四五六七八九十百千万亿点壹贰叁肆伍陆柒捌玖拾佰仟萬億負负]+")
_NOTHING = re.compile(r"[-—–－/\s]*|无|没有")
_SHOWN = re.compile(r"-?([0-9,]+(?:\.([0-9]+))?)(.*)", re.DOTALL)
_FIGURE = re.compile(r"(.*?)([0-9]+(?:[, \u00a0][0-9]{3})*(?:[.,][0-9]+)?)(?:[Ee]([-+]?[0-9]+))?(.*)", re.DOTALL)
_FRACTION = re.compile(r"-?(?:[0-9]+\s+)?[0-9]+\s*/\s*[0-9]+")
_SHIFTS = {"%": 2, "‰": 3, "百": -2, "千": -3, "万": -4, "亿": -8}

_LONGEST_CODE = 255
"""Characters of a number format that [MS-XLS] (2.4.126 Format) has room for; what stands beyond them is not read."""
_LONGEST_SHOWN = 200
"""Characters of a figure with its unit; what is longer is a text."""
_MOST_DECIMALS = 10
"""More than any form asks for: a value has at most four."""
_HALF_UP = Context(prec=2000, rounding=ROUND_HALF_UP)
"""Room for the largest number that the longest code makes larger still."""
_LARGEST = 400
"""Places before the point; no spreadsheet program has a number of more than 308."""

Content = tuple[str, str]
"""Raw text and kind, as of an answer."""


class Shown(NamedTuple):
    """How a format shows a number: the decimal point moved so far to the right, and words around it."""

    shift: int
    words: str
    before: str = ""

    def text(self, value: str) -> str:
        """`0.85` as `85%`, all figures of it; what is no number as it is."""
        number = _number(value)
        return value if number is None else self.before + _plain(number.scaleb(self.shift)) + self.words


class Section(NamedTuple):
    """One of a format's sections: what stands before and behind the figure, and what becomes of the figure."""

    before: str = ""
    after: str = ""
    shift: int = 0
    decimals: int = 0
    figures: bool = False
    broken: bool = False
    dated: bool = False
    condition: tuple[str, Decimal] | None = None

    @property
    def hides(self) -> bool:
        """Whether nothing at all is shown."""
        return not self.figures and not self.before.strip()


class NumberFormat(NamedTuple):
    """A number format that shows some numbers or texts otherwise than they are stored."""

    code: str
    sections: tuple[Section, ...]

    def of_number(self, value: str) -> tuple[bool, Content] | None:
        """What a number cell says, and whether that is what its filler means; None where it shows what is stored."""
        number = _number(value)
        if number is None:
            return None
        section, bare = self._section(number)
        if section.dated:
            return (True, (_plain(number), "date")) if number < 0 else None
        if not section.figures:
            return self._without_figures(section, number)
        if section.broken:
            return False, (f"{_plain(number)}（格式 {self.code}）", "shown_otherwise")
        before, after = section.before.strip(), section.after.strip()
        if _hides_sign(number, bare, before) or not _fits(section.shift, after) or _touches(before, after):
            return (False, self._otherwise(number, section, bare)) if number or _touches(before, after) else None
        if _SAYS.search(before) and not any(before.endswith(sign) for sign in _SIGNS):
            return True, (Shown(section.shift, after, before).text(_plain(abs(number) if bare else number)), "text")
        return (True, (Shown(section.shift, after).text(value), "text")) if _SAYS.search(after) else None

    def of_text(self, text: str) -> Content:
        """What a cell of text says."""
        last = self.sections[-1]
        if len(self.sections) < 4 and "@" not in self.code:
            return text, "text"
        if "@" not in self.code.rpartition(";")[2]:
            return (
                f"{text}（显示为“{last.before}”）" if last.before.strip() else f"{text}（显示为空白）",
                "shown_otherwise",
            )
        return last.before + text + last.after, "text"

    def _section(self, number: Decimal) -> tuple[Section, bool]:
        """The section that shows the number, and whether it shows it without a sign of its own."""
        numbers = self.sections[:3]
        for section in numbers:
            if section.condition and _meets(number, *section.condition):
                return section, False
        if any(section.condition for section in numbers):
            return next((section for section in reversed(numbers) if not section.condition), numbers[-1]), False
        if number < 0 and len(numbers) > 1:
            return numbers[1], True
        return numbers[2 if number == 0 and len(numbers) > 2 else 0], False

    def _without_figures(self, section: Section, number: Decimal) -> tuple[bool, Content] | None:
        if number == 0 and _NOTHING.fullmatch(section.before.strip()) and not self.sections[0].hides:
            return None
        told = f"“{section.before.strip()}”" if section.before.strip() else "空白"
        return False, (f"{_plain(number)}（显示为{told}）", "shown_otherwise")

    def _otherwise(self, number: Decimal, section: Section, bare: bool) -> Content:
        places = Decimal(1).scaleb(-min(section.decimals, _MOST_DECIMALS))
        figure = abs(number).scaleb(section.shift).quantize(places, context=_HALF_UP)
        sign = "-" if number < 0 and not bare else ""
        shown = f"{sign}{section.before.strip()}{figure:f}{section.after.strip()}"
        return f"{_plain(number)}（显示为“{shown}”）", "shown_otherwise"


@lru_cache(256)
def number_format(code: str) -> NumberFormat | None:
    """What a format does; None for one that shows every number and text as it is stored."""
    sections = tuple(_section(part) for part in _split(code[:_LONGEST_CODE] or "General"))
    shows = NumberFormat(code, sections)
    probes = ("12345", "-12345", "0", *(str(one.condition[1]) for one in sections if one.condition))
    if not any(shows.of_number(probe) for probe in probes) and shows.of_text("字") == ("字", "text"):
        return None
    return shows


def _split(code: str) -> list[str]:
    """The sections of a code, at most four; at least one."""
    found = [match[1] for match in _SECTIONS.finditer(code)]
    return (found[:-1] if len(found) > 1 and not code.endswith(";") else found)[:4] or [""]


def _section(code: str) -> Section:
    condition = _CONDITION.search(code)
    before = between = after = ""
    figures = pending = scaled = decimals = behind = percents = 0
    point = real = fraction = False
    for quoted, escaped, money, aside, places, other in _TOKEN.findall(code):
        if _ELAPSED.fullmatch(aside):
            return Section(dated=True)
        if places:
            broken_by, after, pending = after, "", 0
            if figures and broken_by.strip() == "." and not (point or real):
                point = True
            elif figures:
                between += broken_by
            figures += 1
            decimals += len(places) if real and not fraction else 0
            behind += len(places) if point else 0
        elif other == "," and figures and not after:
            pending += 3
        elif other == "." and figures and not after:
            real, scaled, pending = True, scaled + pending, 0
        elif other == "/" and figures:
            fraction = True
        elif other in ("E", "e") and figures:
            return Section(figures=True)
        elif other and _DATES.match(other):
            return Section(dated=True)
        elif not aside:
            words = quoted or escaped or money or other
            percents += other == "%"
            before, after = (before, after + words) if figures else (before + words, after)
    shift = 2 * percents - scaled - pending - behind
    bound = (condition[1], Decimal(condition[2])) if condition else None
    broken = bool(between.strip()) and not fraction
    return Section(before, after, shift, decimals + behind, figures > 0, broken, False, bound)


def _meets(number: Decimal, sign: str, bound: Decimal) -> bool:
    compared = {"<": number < bound, ">": number > bound, "=": number == bound}
    return (number != bound) if sign == "<>" else any(compared[one] for one in sign)


def _hides_sign(number: Decimal, bare: bool, before: str) -> bool:
    """Whether a negative number is shown as a positive one, or the other way round."""
    signed = any(sign in before for sign in _SIGNS)
    return signed if not bare else number < 0 and not signed


def _fits(shift: int, words: str) -> bool:
    """Whether the words behind a figure say by how much it is shortened."""
    if not shift:
        return True
    size = sum(_SHIFTS.get(character, 0) for character in words[:2] if character not in "%‰") or _SHIFTS.get(words[-1:])
    return shift == (_SHIFTS["%"] if "%" in words else size)


def _touches(before: str, after: str) -> bool:
    """Whether a digit of the format's own stands at the figure."""
    return before[-1:].isdigit() or after[:1].isdigit() or (after[:1] in (".", ",") and after[1:2].isdigit())


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(f"{Decimal(value):.15g}")
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _LARGEST else None


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Styles(NamedTuple):
    """By number, the cell styles of a workbook that show otherwise than is stored; those whose font is struck out."""

    formats: dict[int, NumberFormat]
    struck: frozenset[int]

    @property
    def any(self) -> set[int]:
        """All of them."""
        return {*self.formats, *self.struck}


def styles_of(used: Iterator[tuple[int, bool]], declared: dict[int, str]) -> Styles:
    """The styles by the number of each one's format and whether its font is struck out."""
    formats, struck = {}, set()
    codes = {**BUILT_IN, **declared}
    for number, (format_, out) in enumerate(used):
        shows = number_format(codes.get(format_, ""))
        if shows:
            formats[number] = shows
        if out:
            struck.add(number)
    return Styles(formats, frozenset(struck))


def as_shown(value: str, shown: str) -> tuple[bool, Content] | None:
    """The same of a number of which the file itself says how it is shown."""
    number, shown = _number(value), shown.strip()[:_LONGEST_SHOWN]
    if (
        number is None
        or _FRACTION.fullmatch(shown)
        or _NUMERALS.fullmatch(shown)
        or (number == 0 and _NOTHING.fullmatch(shown))
    ):
        return None
    match = _FIGURE.fullmatch(shown)
    if match and (text := _in_words(number, shown)):
        return True, (text, "text")
    if match and _same(number, *match.groups()):
        before, after = match[1].strip(), match[4].strip()
        bare = re.sub(r"[-−]", "", before).strip()
        if _MONEY.fullmatch(bare.strip("(（")) and not after.strip(")）"):
            return None
        if _SAYS.search(bare):
            return True, (("-" if number < 0 else "") + bare + _plain(abs(number)) + after, "text")
    told = f"“{shown}”" if shown else "空白"
    return False, (f"{_plain(number)}（显示为{told}）", "shown_otherwise")


def _in_words(number: Decimal, shown: str) -> str | None:
    """A figure with words behind it, of that size."""
    match = _SHOWN.fullmatch(shown)
    words = match[3].strip() if match else ""
    if not match or not _SAYS.match(words):
        return None
    half = Decimal(1).scaleb(-len(match[2] or "")) / 2
    figure = Decimal(match[1].replace(",", ""))
    shifts = (_SHIFTS.get(words[0], 0),) if "%" in words else (0, _SHIFTS.get(words[0], 0))
    fitting = [shift for shift in shifts if abs(abs(number).scaleb(shift) - figure) <= half]
    return Shown(fitting[0], words).text(str(number)) if fitting and shown.startswith("-") == (number < 0) else None


def _same(number: Decimal, before: str, figure: str, power: str | None, after: str) -> bool:
    """Whether a figure shown is the number, but for its rounding; its sign too."""
    if len(power or "") > len("+400"):
        return False
    signed = any(sign in before for sign in _SIGNS)
    plain = re.sub(r"[, \u00a0]", "", figure)
    for text in (plain, figure.replace(",", ".")) if figure.count(",") == 1 else (plain,):
        places = len(text.partition(".")[2])
        unit = Decimal(1).scaleb(int(power or 0) - places)
        if abs(Decimal(text).scaleb(int(power or 0)) - abs(number)) <= unit / 2:
            return signed == (number < 0) or (Decimal(text) == 0 and not signed)
    return False
