"""What a cell is asked for, and what was made of it: the records between a workbook's cells and typed values."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from flows.values.characters import tidy_text
from schemas.expressions import SCALE
from schemas.findings import Finding
from schemas.records import Blank, Column, Holds, Indicator

_ABSENT = re.compile(r"无|没有|暂无|未发生|[-—–_/\\]+")
_SAME = re.compile(
    r"[同仝](上|前|左)?(行|栏|格|面|一行)?|[同与和](去年|上年|往年|前年)(一样|相同|一致)?|同第?[0-9]+行?|[〃″”“\"'′´`々]{1,2}|ditto|do\.",
    re.IGNORECASE,
)
_VACANT = re.compile(r"[(（]?(空缺|暂缺|缺|缺位|待定|待选|未定|不详|未配备?)[)）]?")
_NUMBER_NOT_NAME = re.compile(r"[0-9０-９+()（）\-—\s./:]+[Xx]?")
_LONG_NUMBER = re.compile(r"[0-9０-９]{7}")
_PICTURE = re.compile(r"=?\s*(?:_xlfn\.)?DISPIMG\s*\(", re.IGNORECASE)
_ERROR = re.compile(r"#(?:REF!|DIV/0!|N/A|NAME\?|NULL!|NUM!|VALUE!|SPILL!|CALC!)|Err:[0-9]{3}")
_LONGEST_SHOWN = 40
"""Characters quoted of a cell, so that a finding stays a sentence."""


class Field(NamedTuple):
    """What must be known of an indicator, or of a column of a line list, to read its cells."""

    code: str
    name: str
    unit: str = ""
    decimals: int = 0
    blank: Blank = "zero"
    is_text: bool = False
    choices: tuple[str, ...] = ()
    holds: Holds = ""
    numbered: bool = False
    """Whether its form prints its choices with their numbers."""

    @classmethod
    def of(cls, item: Indicator | Column) -> "Field":
        """From the catalogue's own record."""
        if isinstance(item, Column):
            words = item.type != "number"
            return cls(item.code, item.name, item.unit, item.decimals, item.blank, words, item.choices, item.holds)
        words = item.is_text
        asked = (item.unit, item.decimals, item.blank, words, item.choices, item.holds)
        return cls(item.code, item.name, *asked, numbered=bool(item.choices))

    @property
    def step(self) -> int:
        """The smallest value it may hold, in ten-thousandths; everything is a multiple of it."""
        return SCALE // 10 ** min(self.decimals, 4)


@dataclass(frozen=True, slots=True)
class Parsed:
    """One answer: ten-thousandths of the field's unit, or words; what was changed; what is wrong or doubtful."""

    value: int | None = None
    text: str | None = None
    note: str = ""
    finding: Finding | None = None


def refused(code: str, raw: str, field: Field, **details: str) -> Parsed:
    """No answer but a finding."""
    return Parsed(finding=finding(code, raw, field, **details))


def finding(code: str, raw: str, field: Field, **details: str) -> Finding:
    """A finding at a cell whose place is not known here; its message shows the cell's text cut to one short line."""
    words = {"name": field.name, "unit": field.unit or "（不写单位）", **details}
    line = " ".join(tidy_text(raw)[0].split())
    if line != raw or len(line) > _LONGEST_SHOWN:
        words["raw"] = line if len(line) <= _LONGEST_SHOWN else line[:_LONGEST_SHOWN] + "…"
    return Finding(code, indicator=field.code, raw=raw, details=words)


def neither_words_nor_figures(text: str, raw: str, field: Field) -> Parsed | None:
    """Refusal of what else stands in text cells: a picture put in by WPS, the name of an error."""
    if _PICTURE.match(text):
        return refused("PICTURE", raw, field)
    return refused("FORMULA_ERROR", raw, field) if _ERROR.fullmatch(text) else None


def says_the_same(text: str) -> bool:
    """Whether the text stands for what is written above it or beside it: 同上, 〃."""
    return bool(_SAME.fullmatch(text))


def no_name(text: str) -> str:
    """Why the text can be nobody's name; '' when it can."""
    if says_nothing(text) or _VACANT.fullmatch(text):
        return f"填的是“{text}”"
    if _NUMBER_NOT_NAME.fullmatch(text):
        return f"填的是“{text}”，不像人名，像是号码"
    return f"填的是“{text}”，里面有号码" if _LONG_NUMBER.search(text) else ""


def says_nothing(text: str) -> bool:
    """Whether the text is one of the ways of writing that there is nothing: 无, 没有, /, —."""
    return bool(_ABSENT.fullmatch(text))


def absent(text: str, field: Field) -> Parsed:
    """A figure that is not there, by what the field declares a blank to mean.

    An explicit 无 is an answer of 0 even where a figure is due; a stroke or dash there stays missing (no finding:
    the completeness check raises it).
    """
    words = f"填的是“{text.strip()}”" if text.strip() else "只有空格" if text else "没有填"
    if field.blank == "zero" or (field.blank == "missing" and text in ("无", "没有")):
        return Parsed(0, note=f"{words}，按 0 计")
    if not text:
        return Parsed()
    return Parsed(note=f"{words}，按{'不适用' if field.blank == 'not_applicable' else '没有填'}处理")


def shown(value: int) -> str:
    """Ten-thousandths as people write them: 35000, 0.5, -12.25."""
    whole, fraction = divmod(abs(value), SCALE)
    return f"{'-' if value < 0 else ''}{whole}" + f".{fraction:04}".rstrip("0").rstrip(".")
