"""The words by which a form is recognised: codes, table heads, labels, foot lines; tolerant of how they are typed."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from flows.reading.records import Wanted
from schemas.names import LONGEST, bare_name, code_key, is_figure, plain

GLOSSARY = "指标解释"
"""The form's own sheet of definitions; it is not read."""
MOST_KNOWN = 1 << 15
"""Texts remembered by a reading process before it forgets them all; the sample's 25 files hold 762 (2026-11)."""

LABELS = (
    "填报单位", "单位名称", "单位代码", "年度", "填表人", "审核人", "联系电话", "填表日期", "单位负责人", "统计负责人",
    "报出日期",
)  # fmt: skip
IDENTITY_KEYS = ("unit_code", "unit_name", "year", "form_version", "kind", "codes")
_HEADS = {
    "code": re.compile(r"(指标)?代码"),
    "value": re.compile(r"本年(度)?(实际)?(完成)?(数|数量|数据|数值)?([(\[].*[)\]])?"),
    "last": re.compile(r"上年.{0,20}"),
    "name": re.compile(r"指标(名称)?"),
    "unit": re.compile(r"(计量)?单位"),
    "note": re.compile(r"(情况)?(说明|备注)([(\[].*[)\]])?"),
    "number": re.compile(r"序号|行次|编号"),
    "definition": re.compile(r"(填报|指标)?(口径|解释|定义).{0,20}"),
}
_FOOT = re.compile(
    r"(审核关系|填表说明)[:：]|(说明|注|备注)[:：]$|单位负责人|统计负责人|审核人|填表人|联系电话|填表日期|报出日期"
)
_TOTAL = re.compile(r"(合|总|小|共)计(数)?([:：(\[].*)?|其中[:：].*")
_YEAR = re.compile(r"((?:19|20)\d\d)年?(度)?")
_TITLE = re.compile(r"((?:19|20)\d\d)年度?.{0,40}(?:年报|表)")
_SIZED = re.compile(r"([十百千]?[万亿]?)(.+)")
_SAID = re.compile(r"(?<![报名])单位[:：]([^()\[\]]+)")
_BEHIND = re.compile(r".+[(\[（【]([^()\[\]（）【】]+)[)\]）】]")
_SAME_UNIT = {"平方米": "m2", "平米": "m2", "公里": "km", "千米": "km", "公顷": "ha", "公斤": "千克", "kg": "千克"}

_AKIN = (
    frozenset({"亩", "ha", "m2", "平方km"}), frozenset({"吨", "千克", "斤", "克"}), frozenset({"km", "米", "里"}),
)  # fmt: skip
"""Units of the same thing, as compared: figures in one of them are another size in the other."""
_WHOLE = frozenset().union(*_AKIN)


class Role(NamedTuple):
    """What a cell's text is to the form: the kind of mark, and which one."""

    kind: str
    what: str
    of: str = ""


def bare_unit(text: str) -> str:
    """A unit of measure as compared."""
    return _bare_unit(text[:LONGEST])


@lru_cache(1 << 10)
def _bare_unit(text: str) -> str:
    unit = re.sub(r"^(计量)?单位:?", "", plain(text))
    whole = re.fullmatch(r"[(\[](.*)[)\]]", unit)
    unit = whole[1] if whole else re.split(r"[(\[]", unit)[0]
    return _SAME_UNIT.get(unit.lower(), unit)


@lru_cache(1 << 12)
def unit_behind(text: str) -> str:
    """What stands in brackets at the end of a name or a head, where people write the unit: 收入（万元）."""
    match = _BEHIND.fullmatch(plain(text))
    return match[1] if match else ""


def year_of(text: str) -> str:
    """The year that the text is, with or without 年."""
    match = _YEAR.fullmatch(text)
    return match[1] if match else ""


@lru_cache(1 << 4)
def label_pattern(labels: tuple[str, ...]) -> re.Pattern[str]:
    """Where one of the labels stands, whatever spaces are between its characters."""
    longest_first = sorted(set(labels), key=len, reverse=True)
    spaced = "|".join(r"\s*".join(map(re.escape, label)) for label in longest_first)
    return re.compile(rf"(?<![^\s、；;，,])({spaced})\s*(?:[(（][^()（）\n]{{1,8}}[)）]\s*)?(?:[:：]|$)", re.MULTILINE)


@lru_cache(1 << 12)
def labelled(text: str, labels: tuple[str, ...] = LABELS) -> tuple[tuple[str, str], ...]:
    """`填表人：张三　联系电话：138…` as pairs; a label with nothing behind it has an empty value."""
    text = unicodedata.normalize("NFKC", text)
    marks = list(label_pattern(labels).finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return tuple((plain(mark[1]), text[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=True))


def shortened(names: Sequence[str], most: int = 12) -> str:
    """The first few names, and how many there are."""
    told = "、".join(names[:most])
    return f"{told}等 {len(names)} 项" if len(names) > most else told


def period_head(period: str) -> str:
    """The head of a period's column, as compared; a table's columns are found by it."""
    return plain(period)


class Words:
    """Every mark of the wanted forms; built once per process, remembers texts, for forms repeat each other.

    `codes` are the indicators by their code on the form, `named` by their bare name: several forms, and several tables
    of one, may number their rows alike. `periods` are, by the indicator whose row it is, the further columns' heads and
    the indicators that they ask. `sheets` are the form's tables as they are called, as compared. `in_figures` says that
    some of these codes could be any number on a sheet.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.codes: dict[str, tuple[str, ...]] = {}
        self.named: dict[str, tuple[str, ...]] = {}
        self.periods: dict[str, dict[str, str]] = {}
        for code, item in wanted.indicators.items():
            if item.row:
                self.periods.setdefault(item.row, {})[period_head(item.period)] = code
                continue
            for index, word in ((self.codes, code_key(item.printed or code)), (self.named, bare_name(item.name))):
                index[word] = (*index.get(word, ()), code)
        self.sheets = {plain(item.sheet) for item in wanted.indicators.values()}
        self.headings = {bare_name(word) for item in wanted.indicators.values() for word in item.section}
        self.in_figures = any(map(is_figure, self.codes))
        self.alike = self.in_figures or any(len(codes) > 1 for codes in self.codes.values())
        self._exact = {key: Role("code", key) for key in self.codes if not is_figure(key)}
        for list_code, line_list in wanted.lists.items():
            self._exact |= {plain(code): Role("column", code, list_code) for code in line_list.columns}
        self._exact |= {key: Role("key", key) for key in IDENTITY_KEYS}
        self._exact |= {head: Role("head", head) for heads in self.periods.values() for head in heads}
        self.fields = tuple(map(plain, wanted.fields))
        self.labels = (*LABELS, *self.fields)
        self._label = label_pattern(self.labels)
        self.without_reasons = set(map(plain, wanted.without_reasons))
        units = {item.unit for item in wanted.indicators.values()}
        units.update(unit for line_list in wanted.lists.values() for unit in line_list.units.values())
        self._bases = {self.sized(unit)[1] for unit in units if unit}
        self.known: dict[str, Role | None] = {}
        self.harmless: dict[str, bool] = {}
        self.owners: dict[tuple[str, str, str], bool] = {}
        self.layouts: list = []
        self.adopted: list = []

    def shown(self, code: str) -> str:
        """An indicator's code as its form prints it."""
        return self.wanted.indicators[code].printed or code

    def told(self, code: str) -> str:
        """What an indicator is called in words."""
        return self.wanted.indicators[code].label or self.wanted.indicators[code].name

    def sized(self, unit: str) -> tuple[str, str]:
        """A unit as its 万 or the like and what remains, as compared: 万元 is 万 and 元, 千克 is itself."""
        match = _SIZED.fullmatch(plain(unit))
        if match and bare_unit(match[1] + match[2]) in _WHOLE:
            return "", bare_unit(match[1] + match[2])
        return (match[1], bare_unit(match[2])) if match else ("", "")

    def unit_in(self, text: str) -> tuple[str, str] | None:
        """The unit of measure that the text is, sized, if it is one that the forms use or akin to one."""
        sized = self.sized(text) if text else ("", "")
        return sized if sized[1] in self._bases or sized[1] in _WHOLE else None

    def units_said(self, text: str) -> list[str]:
        """The units that a line or title says for what stands under it: 单位：元, 情况表（单位：公顷、万元）."""
        parts = (part for said in _SAID.findall(plain(text)) for part in re.split(r"[、,;/]", said))
        return [part for part in parts if self.unit_in(part)]

    def differ(self, said: str, unit: str) -> bool:
        """Whether figures in the units said are another size than in the form's: 元 for 万元, 公顷 for 亩."""
        wanted = self.sized(unit)
        sizes = [self.sized(one) for one in self.units_said(said) or [said]]
        akin = [one for one in sizes if one[1] == wanted[1] or any({one[1], wanted[1]} <= group for group in _AKIN)]
        return bool(akin) and wanted not in akin

    def role(self, text: str) -> Role | None:
        """What a cell of that text is, or None for an ordinary one; `known` remembers it."""
        if text in self.known:
            return self.known[text]
        if len(text) > LONGEST:
            return None
        if len(self.known) >= MOST_KNOWN:
            self.known.clear()
        self.known[text] = role = self._role(text)
        return role

    def _role(self, text: str) -> Role | None:
        short = plain(text)
        exact = self._exact.get(short) or self._exact.get(short.upper())
        if exact:
            return exact
        for kind, pattern in _HEADS.items():
            if pattern.fullmatch(short):
                return Role("head", kind, unit_behind(short) if kind == "value" else "")
        if self._label.match(unicodedata.normalize("NFKC", text).strip() if self.fields else text.strip()):
            return Role("label", text)
        if _TOTAL.fullmatch(short):
            return Role("total", short)
        if year := year_of(short):
            return Role("year", year)
        if _FOOT.match(short):
            return Role("foot", short)
        if "单位" in short and self.units_said(text):
            return Role("measure", text)
        title = _TITLE.fullmatch(short)
        return Role("year", title[1]) if title else None
