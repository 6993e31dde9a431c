"""What follows from the declarations without being written: names that tell everything apart, what relations mean."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from itertools import count

import msgspec

from schemas.expressions import RowsError, bracketed
from schemas.names import code_key, plain
from schemas.records import TOWNSHIP_ROLE, Indicator, LineList, Office, Relation

BETWEEN = "·"
"""What stands between a section's heading and the name under it."""
TOWNSHIP_OFFICE = "乡镇本级"
COUNTED = "个"
"""In what the villages are counted that gave an answer."""
_TAKEN = ("年度", "单位代码", "单位", "地形", "序")
"""Columns that every area's view has besides its figures."""


def completed(indicators: Mapping[str, Indicator]) -> dict[str, Indicator]:
    """The indicators as they are meant: how words total and what a blank of them means; after every one that is
    answered by choice, how many villages chose each. A code that is taken is not taken again: `wrongs` says so.
    """
    found: dict[str, Indicator] = {}
    for code, item in indicators.items():
        found[code] = _as_meant(item, indicators)
        if found[code].total == "choice":
            found |= {other: count for other, count in _counts(found[code]).items() if other not in indicators}
    return found


def township_office(items: Iterable[Indicator | LineList]) -> dict[str, Office]:
    """The township's own office, by its role, where something is asked of it."""
    asked = any(item.office == TOWNSHIP_ROLE for item in items)
    return {TOWNSHIP_ROLE: Office(suffix=TOWNSHIP_ROLE, name=TOWNSHIP_OFFICE)} if asked else {}


def code_of_choice(item: Indicator, place: int) -> str:
    """The code of the count of an indicator's choice, by its place from 1."""
    return f"{item.code}C{place:02}"


def _as_meant(item: Indicator, indicators: Mapping[str, Indicator]) -> Indicator:
    if item.row in indicators:
        row = indicators[item.row or ""]
        item = msgspec.structs.replace(item, form_code=row.printed_code, section=row.section)
    if item.reporter == "township":
        item = msgspec.structs.replace(item, reporter="office", office=TOWNSHIP_ROLE)
    if item.type == "number":
        return item
    counted = item.type == "choice" and item.reporter == "village"
    total = ("choice" if counted else "text") if item.total == "sum" else item.total
    blank = "not_applicable" if item.blank == "zero" else item.blank
    return msgspec.structs.replace(item, total=total, blank=blank)


def _counts(item: Indicator) -> dict[str, Indicator]:
    shared = {key: getattr(item, key) for key in ("area", "section", "also", "since", "until")}
    counts = (
        Indicator(code=code_of_choice(item, place), name=f"{item.name}：{choice}", unit=COUNTED, reporter="derived",
                  definition=f"“{item.name}”填“{choice}”的村（社区）个数。", total="count", of=item.code, choice=choice,
                  **shared)
        for place, choice in enumerate(item.choices, start=1)
    )  # fmt: skip
    return {count.code: count for count in counts}


def named(indicators: Mapping[str, Indicator]) -> dict[str, Indicator]:
    """The indicators, each with a name of its own: where several share one, as few headings before it as are needed.

    What its row prints stays in `row_name`. Those that nothing tells apart keep their name, for `wrongs` to refuse.
    """
    alike = defaultdict(list)
    for item in indicators.values():
        alike[_key(item.name)].append(item)
    taken = {key for key, items in alike.items() if len(items) == 1} | set(map(_key, _TAKEN))
    found = dict(indicators)
    for key, items in alike.items():
        if len(items) > 1 or key in map(_key, _TAKEN):
            labels = _labels(items, taken)
            taken |= set(map(_key, labels))
            for item, label in zip(items, labels, strict=True):
                row_name = item.row_name or item.name
                found[item.code] = msgspec.structs.replace(item, name=label, row_name=row_name)
    return found


def _labels(items: Iterable[Indicator], taken: set[str]) -> list[str]:
    items = list(items)
    most = max(len(item.section) for item in items) + 1
    for depth in count(1):
        labels = [BETWEEN.join((*(item.area, *item.section)[-depth:], item.name)) for item in items]
        keys = {_key(label) for label in labels}
        if depth >= most or (len(keys) == len(items) and not keys & taken):
            return labels
    raise AssertionError


def _key(name: str) -> str:
    return plain(name).casefold()


class Meaning:
    """What codes and ranges of rows mean in the relations of one area's file."""

    def __init__(self, area: str, indicators: Mapping[str, Indicator]) -> None:
        self.area, self.indicators = area, indicators
        self._here = [item for item in indicators.values() if item.area == area and item.reporter != "derived"]

    def code_of(self, written: str) -> str:
        """An indicator's code; or that which the area's form prints, where no indicator has it for its own."""
        if written in self.indicators:
            return written
        found = [item.code for item in self._here if not item.row and code_key(item.printed_code) == code_key(written)]
        return found[0] if len(found) == 1 else written

    def rows_of(self, first: str, last: str) -> tuple[str, ...]:
        """The codes of the figures from one row of a form to another. Raises RowsError for no such rows."""
        ends = [self.code_of(code) for code in (first, last)]
        for code, written in zip(ends, (first, last), strict=True):
            if code not in self.indicators:
                raise RowsError(f"[{first}:{last}] 用到没有声明的指标 {written}")
        start, end = (self.indicators[code] for code in ends)
        if start.area != end.area:
            raise RowsError(f"[{first}:{last}] 从{start.area}到{end.area}，首尾应在一张表里")
        whose = start.reporter, start.office
        here = [i for i in self.indicators.values() if i.area == start.area and not i.row]
        rows = [i.code for i in here if (i.reporter, i.office) == whose]
        if not set(ends) <= set(rows):
            raise RowsError(f"[{first}:{last}] 首尾不由同一家填报，应在一张表里")
        places = [rows.index(code) for code in ends]
        if places[0] > places[1]:
            raise RowsError(f"[{first}:{last}] 首尾颠倒，应为 [{last}:{first}]")
        return tuple(code for code in rows[places[0] : places[1] + 1] if not self.indicators[code].is_text)

    def shown(self, relation: Relation) -> dict[str, str]:
        """Its codes as the form prints them, with the table before them where another one's could be meant."""
        whose = next((self.indicators[c].area for c in relation.codes if c in self.indicators), self.area)
        found = {}
        for item in (self.indicators[code] for code in relation.codes if code in self.indicators):
            alone = item.area == whose or self._keys[code_key(item.printed_code)] == 1
            printed = bracketed(item.printed_code) if alone else f"{item.area}[{item.printed_code}]"
            found[item.code] = printed + item.period
        return found

    @cached_property
    def _keys(self) -> Counter[str]:
        """How many rows of all forms print each code."""
        rows = (item for item in self.indicators.values() if item.reporter != "derived" and not item.row)
        return Counter(code_key(item.printed_code) for item in rows)


def bind(relation: Relation, meaning: Meaning) -> None:
    """Give the relation its meaning in the catalogue; one that has none is left, for `wrongs` to refuse."""
    with suppress(ValueError):
        relation.bind(meaning.code_of, meaning.rows_of, {})
        relation.bind(meaning.code_of, meaning.rows_of, meaning.shown(relation))
