"""The numbers of a finished report: what each says, in which unit, how exactly; and which are prose and no figures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from flows.template.audit import Constants
from flows.template.units import NONE, Unit, unit_after
from flows.values.numerals import Numeral, read

POWERS = {"": Decimal(1), "百": Decimal(100), "千": Decimal(1000), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_ARABIC = r"(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:[.．]\d+)?"
_CHINESE = "[一二三四五六七八九十百千万两零〇]+"
_NUMBER = re.compile(rf"(?P<arabic>{_ARABIC})|(?P<chinese>{_CHINESE})")
_WIDE = str.maketrans("０１２３４５６７８９．，％", "0123456789.,%")
_PROSE = re.compile(
    r"(?:(?:19|20)\d\d|[二一][〇○零一二三四五六七八九]{3})\s*年(?:度|代)?"
    r"|\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号])?|\d{1,2}\s*[日号时点](?!用|制)"
    r"|第\s*(?:\d+|[一二三四五六七八九十百]+)|[〔\[［【]\s*\d{4}\s*[〕\]］】]\s*\d*\s*号?|\d+\s*号(?:文|令|楼|院|线)?"
    r"|\d+\s*(?:周岁|岁|小时|分钟|个月|周年|年期|级|℃|度)|\d+[:：]\d+|[A-Za-z]+[-—]?\d+|\d+[A-Za-z]+|\d{7,}(?![\d,.万亿])"
    r"|^[\s\u3000]*(?:\d{1,2}[.．、](?!\d)|[（(]\d{1,2}[）)])|\d+\s*年(?:以上|以来|前|后|内|来)?"
    r"|一[\u4e00-\u9fff]{1,2}一[\u4e00-\u9fff]|[一二三四五六七八九十]+(?:是|季度|月|日|年)|[一二三四五六七八九十]+[届次](?=.{0,3}全会)"
)
"""Years, dates, ordinals, numbers of documents, ages, times, scores, names of roads: not this year's figures."""
_SAID = re.compile(
    r"\d+周?岁(?:及)?(?:以上|以下)?|[一二三四]季度|一[\u4e00-\u9fff]{1,2}一[\u4e00-\u9fff]|第[\d一二三四五六七八九十]+[\u4e00-\u9fff]"
)
"""Ways of speaking with numbers, whole: 80岁以上, 三季度, 一人一档, 第3稿."""
_FOLLOWING, _STOPS = 4, "，。；、：（）{}【】 \t0123456789０１２３４５６７８９\ufffc"
_ROUGH_BEFORE, _ROUGH_AFTER = re.compile(r"(?:近|将近|接近)\s*$"), re.compile(r"\s*[余多](?![额款粮种])")
_SMALL = Decimal(2)


@dataclass(frozen=True, slots=True)
class Written:
    """A number at start:end of a paragraph: `value` in its own unit, the step of its last digit, which way it is rough.

    `rough` is +1 where the exact figure is at or above it (余), -1 where it is at or below (近), 0 where it is rounded.
    `digits` counts those that tell it from another number.
    """

    start: int
    end: int
    value: Decimal
    step: Decimal
    unit: Unit
    rough: int = 0
    digits: int = 1
    words: str = ""

    @property
    def power(self) -> Decimal:
        """How many of its unit's base one is: 万 is 10,000."""
        return POWERS[self.unit.power]


def written_numbers(text: str, constants: Constants, unit_of_cell: Unit = NONE) -> tuple[list[Written], list[Written]]:
    """The numbers with a unit in one paragraph, and those that are prose or without one; constants are neither.

    `unit_of_cell` is that of a table's head, for a cell that has only a number in it.
    """
    plain = text.translate(_WIDE)
    prose = [match.span() for match in _PROSE.finditer(plain)]
    said = constants.covered(text, ())
    figures, others = list[Written](), list[Written]()
    for number in _numbers(plain, unit_of_cell):
        if all(at in said for at in range(number.start, number.end)):
            continue
        is_prose = any(start <= number.start < end for start, end in prose)
        (others if is_prose or not number.unit.unit else figures).append(number)
    return figures, others


def _numbers(text: str, unit_of_cell: Unit) -> Iterator[Written]:
    for match in _NUMBER.finditer(text):
        chinese = match["chinese"]
        value = _in_characters(chinese) if chinese else Decimal(re.sub("[,，]", "", match[0]).replace("．", "."))
        end, behind = match.end(), text[match.end() :]
        percent = text[: match.start()].endswith("百分之")
        unit = unit_after("%") if percent else unit_after(behind)
        if chinese and not unit.unit and chinese[-1] in "万亿" and len(chinese) > 1:
            continue
        if not unit.unit and unit_of_cell.unit and not text.replace(match[0], "", 1).strip():
            unit = unit_of_cell
        if value is None:
            continue
        places = -int(value.as_tuple().exponent) if not chinese else 0
        rough = 1 if _ROUGH_AFTER.match(behind) else -1 if _ROUGH_BEFORE.search(text[: match.start()]) else 0
        step = Decimal(1).scaleb(-places)
        digits = f"{value:f}".replace(".", "").lstrip("0")
        if rough and not places:
            step = Decimal(10) ** (len(digits) - len(digits.rstrip("0")))
        told = len(digits.rstrip("0")) or 1
        yield Written(match.start(), end, value, step, unit, rough, told, match[0])


def fits(number: Written, exact: Decimal) -> bool:
    """Whether an exact figure, in base units of the number's kind, is written so."""
    value, step = number.value * number.power, number.step * number.power
    if number.rough > 0:
        return value <= exact < value + step
    if number.rough < 0:
        return value - step < exact <= value
    return abs(exact - value) * 2 <= step


def is_small_word(number: Written) -> bool:
    """一个, 两座: as often a way of speaking as a figure."""
    return not number.words[:1].isdigit() and number.value <= _SMALL


def _in_characters(words: str) -> Decimal | None:
    number = read(words)
    whole = isinstance(number, Numeral) and not number.tail and number.number.denominator == 1
    return Decimal(int(number.number)) if whole else None  # type: ignore[union-attr]


def prose_at(text: str, start: int, end: int) -> str:
    """What to declare of a number that is a way of speaking: the whole of that, or it and what stands right behind."""
    for match in _SAID.finditer(text):
        if match.start() <= start < match.end():
            return match[0]
    following = text[end : end + _FOLLOWING]
    cut = next((at for at, character in enumerate(following) if character in _STOPS), len(following))
    return text[start : end + cut] if cut else text[max(0, start - 2) : end]
