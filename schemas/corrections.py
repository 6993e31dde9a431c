"""The clerk's corrections.toml: figures mended, and doubts waived, by word of mouth with the unit that sent them.

One Correction per unit and indicator (of a line list: per unit, column and row). It says what the clerk saw
(`expect`), so that it never touches a figure that has changed since.
"""

import difflib
import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.expressions import fits
from schemas.faults import Faults
from schemas.records import Column, Indicator, Record
from schemas.roster import Unit, find_unit
from schemas.toml import convert, read_toml

FILE = "corrections.toml"
Said = Decimal | int | str
"""A figure or words, as TOML has them."""


class Written(Record, frozen=True, kw_only=True):
    """One entry as the clerk wrote it; `value` mends the figure, `waiver = true` accepts it as it is.

    `expect` and `value` are Said; a converter cannot tell figures from words, so `placed` does.
    """

    unit: str
    indicator: str
    expect: Any
    reason: str
    agreed_with: str
    date: date
    value: Any = None
    waiver: bool = False
    row: int = 0


class _File(Record, frozen=True, kw_only=True):
    corrections: tuple[Written, ...] = ()


class Correction(Record, frozen=True, kw_only=True):
    """An entry that fits roster and catalogue. `unit` is a code, `subject` an indicator's, or a column's and a row."""

    unit: str
    item: Indicator | Column
    row: int
    written: Written

    @property
    def subject(self) -> str:
        """The indicator's code; of a line list the column's code and the row's number."""
        return f"{self.item.code} {self.row}" if self.row else self.item.code

    @property
    def agreement(self) -> str:
        """Why, with whom and when, in one phrase."""
        return f"{self.written.reason}（与{self.written.agreed_with}商定，{self.written.date.isoformat()}）"

    def fits(self, raw: str, value: Decimal | None) -> bool:
        """Whether what was sent is what the clerk saw: the same figure, or the same words."""
        expected = self.written.expect
        number = _number(expected)
        if number is not None and value is not None:
            return number == value
        return str(expected).strip() == raw.strip()


class Corrections:
    """All of a year's, by unit. An empty one for a year without the file."""

    def __init__(self, entries: Sequence[Correction] = ()) -> None:
        self.entries = tuple(entries)

    @cached_property
    def by_unit(self) -> dict[str, tuple[Correction, ...]]:
        """The entries of each unit's code."""
        units = dict.fromkeys(entry.unit for entry in self.entries)
        return {unit: tuple(entry for entry in self.entries if entry.unit == unit) for unit in units}

    def mark(self, unit: str | None) -> str:
        """Changes when what is declared of the unit does; '' for a unit of which nothing is."""
        entries = self.by_unit.get(unit or "", ())
        said = msgspec.json.encode([entry.written for entry in entries])
        return hashlib.sha256(said).hexdigest()[:8] if entries else ""


def load_corrections(inputs: Path, year: int, catalogue: Catalogue, units: Sequence[Unit]) -> Corrections:
    """Read inputs/<year>/corrections.toml. Raises InputError with a line for every entry that cannot be meant."""
    path = inputs / str(year) / FILE
    if not path.exists():
        return Corrections()
    document, faults = read_toml(path), Faults()
    if (written := faults.collect(convert, dict(document), _File, document)) is None:
        faults.refuse()
        return Corrections()
    entries: list[Correction] = []
    for place, one in enumerate(written.corrections):
        try:
            entry = placed(one, year, catalogue, units)
        except InputError as error:
            faults.lines += [
                document.fault(("corrections", place), f"第 {place + 1} 条：{line}") for line in error.lines
            ]
            continue
        if any((entry.unit, entry.subject) == (other.unit, other.subject) for other in entries):
            found = f"第 {place + 1} 条：{entry.written.unit}的{entry.item.name}前面已经有一条"
            faults.lines.append(document.fault(("corrections", place), found, "请合成一条"))
        entries.append(entry)
    faults.refuse()
    return Corrections(entries)


def placed(written: Written, year: int, catalogue: Catalogue, units: Sequence[Unit]) -> Correction:
    """The entry with its unit and its indicator. Raises InputError for one that cannot be meant."""
    unit = find_unit(written.unit, units)
    item = _item(written, year, catalogue, unit)
    for key, words in (("reason", written.reason), ("agreed_with", written.agreed_with)):
        if not words.strip():
            raise InputError(f"{key} 不能空着")
    for key, said in (("expect", written.expect), ("value", written.value)):
        if isinstance(said, bool) or not isinstance(said, Said | None):
            raise InputError(f"{key} 要写数字，或者写在引号里的文字")
    if (written.value is None) is not written.waiver:
        raise InputError("value（改成什么）和 waiver = true（不改，免于说明）要写一个，也只能写一个")
    if isinstance(item, Column) and written.row < 1:
        raise InputError(f"{item.name}在明细表里，要写 row（第几行）")
    if isinstance(item, Indicator) and written.row:
        raise InputError(f"{item.name}不在明细表里，不要写 row")
    _refuse_value(written.value, item)
    return Correction(unit=unit.code, item=item, row=written.row, written=written)


def _item(written: Written, year: int, catalogue: Catalogue, unit: Unit) -> Indicator | Column:
    """What the entry is about, among what the unit is asked."""
    lists = catalogue.reported_lists(unit.office)
    items = [*catalogue.reported(year, unit.office), *(column for one in lists for column in one.columns)]
    named = {item.name: item for item in reversed(items)} | {item.code: item for item in items}
    if found := named.get(written.indicator) or named.get(written.indicator.upper()):
        return found
    near = difflib.get_close_matches(written.indicator, named, n=1, cutoff=0.0)
    raise InputError(f"{unit.name}不填“{written.indicator}”这一项，是不是“{near[0]}”？")


def _refuse_value(value: Said | None, item: Indicator | Column) -> None:
    if value is None:
        return
    words = item.is_text if isinstance(item, Indicator) else item.type != "number"
    number = _number(value)
    if words:
        if item.choices and value not in item.choices:
            raise InputError(f"{item.name}只能从 {'、'.join(item.choices)} 里选")
        return
    if number is None:
        raise InputError(f"{item.name}要填数字，value 写的是“{value}”")
    if not fits(number):
        raise InputError(f"{item.name}登记不下这么大的数，value 写的是 {value}")
    if number != number.quantize(Decimal(1).scaleb(-item.decimals)):
        raise InputError(f"{item.name}最多 {item.decimals} 位小数，value 写的是 {value}")


def _number(said: Said | None) -> Decimal | None:
    """A number, also where it was written in quotes."""
    if said is None:
        return None
    try:
        number = Decimal(said)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None
