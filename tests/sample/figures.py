"""The sample township's figures: the model in figures.toml, worked out the same way every time.

Values travel as whole ten-thousandths, as everywhere in the project; texts as text.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from schemas.catalogue import Catalogue
from schemas.expressions import SCALE, Linear
from schemas.findings import KINDS
from schemas.records import Record
from schemas.roster import Unit
from schemas.toml import load

YEARS = (2022, 2023)
MODEL = Path(__file__).with_name("figures.toml")
SEED = "示例镇 2023"
TOWNSHIP_CODE, TOWNSHIP_NAME = "990101101", "示例镇"
_SURNAMES = "马罗魏柳董贺汪常牛康蒲"
_GIVEN = ("建平", "秀兰", "永强", "晓霞", "志明", "玉梅", "世忠", "丽娟", "文斌", "海燕", "国栋", "彩霞", "小军")


class Village(Record, kw_only=True):
    """What everything else of a village follows from: its terrain, households and arable land in 亩."""

    terrain: str
    households: int
    land: int


class Rule(Record, kw_only=True):
    """How one figure comes about in every village; the keys are explained at the head of figures.toml."""

    per: str = ""
    rate: Decimal = Decimal(1)
    spread: Decimal = Decimal(0)
    drift: Decimal = Decimal(0)
    growth: Decimal = Decimal(1)
    carry: str = ""
    step: Decimal | None = None
    where: str | tuple[str, ...] = ""
    given: dict[str, tuple[Decimal, Decimal]] = msgspec.field(default_factory=dict)
    text: str = ""


class Reason(Record, kw_only=True):
    """A doubtful figure put there on purpose; `note` is the filler's explanation, `finding` what must be found."""

    year: int
    unit: str
    code: str
    value: Decimal
    note: str = ""
    finding: str = ""


class Row(Record, kw_only=True):
    """A line list's row in the forms of those years; `cells` by column code."""

    years: tuple[int, ...]
    unit: str
    cells: dict[str, Any]


class Model(Record, kw_only=True):
    """The whole of figures.toml."""

    villages: dict[str, Village]
    figures: dict[str, Rule]
    offices: dict[str, dict[str, tuple[Decimal, Decimal]]]
    targets: dict[str, tuple[Decimal, Decimal]]
    texts: dict[str, str]
    rows: dict[str, tuple[Row, ...]]
    reasons: tuple[Reason, ...]


@dataclass
class Answers:
    """What one unit answers for one year; `rows` by line list. None is a cell left blank."""

    values: dict[str, int | str | None] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


class Township:
    """The sample: its units, and what each of them answers in each year."""

    def __init__(self, catalogue: Catalogue, path: Path = MODEL) -> None:
        self.catalogue = catalogue
        self.model: Model = load(path, Model)
        self._worked: dict[tuple[str, int], dict[str, int | str]] = {}
        self._refuse_gaps()

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Its villages, then its offices, in the order of their codes."""
        villages = (
            Unit(f"{TOWNSHIP_CODE}{number}", name, "村", village.terrain)
            for number, (name, village) in enumerate(self.model.villages.items(), start=201)
        )
        offices = (
            Unit(f"{TOWNSHIP_CODE}{suffix}", f"{TOWNSHIP_NAME}{office.name}", "站所")
            for suffix, office in self.catalogue.offices.items()
        )
        return (*villages, *offices)

    def cover(self, unit: Unit, year: int) -> dict[str, str]:
        """Who filled the form in, who checked it, a telephone number that exists nowhere, and the date."""
        place = self.units.index(unit)
        return {
            "填表人": _person(2 * place + 1),
            "审核人": _person(2 * place),
            "联系电话": f"0000-12{unit.code[-3:]}{place:02}",
            "填表日期": f"{year + 1}-01-{(3, 4, 5, 9)[place % 4]:02}",
        }

    def answers(self, unit: Unit, year: int) -> Answers:
        """What the unit writes into its form of that year."""
        of_unit = unit.office or unit.name
        rows = {
            name: [row.cells for row in rows if row.unit == of_unit and year in row.years]
            for name, rows in self.model.rows.items()
        }
        notes = {r.code: r.note for r in self.model.reasons if r.note and (r.year, r.unit) == (year, unit.name)}
        values = {
            code: None if value == 0 and self._left_blank(unit, code, year) else value
            for code, value in self.worked(unit, year).items()
        }
        return Answers(values, notes, {name: kept for name, kept in rows.items() if kept})

    def worked(self, unit: Unit, year: int) -> dict[str, int | str]:
        """Every figure that the unit reports for that year, by code, zeros included."""
        key = (unit.code, year)
        if key not in self._worked:
            self._worked[key] = dict(self._office(unit, year) if unit.office else self._village(unit, year))
        return self._worked[key]

    def _office(self, unit: Unit, year: int) -> Iterator[tuple[str, int]]:
        for code, values in self.model.offices[unit.office or ""].items():
            yield code, int(values[YEARS.index(year)] * SCALE)

    def _village(self, unit: Unit, year: int) -> Iterator[tuple[str, int | str]]:
        village = self.model.villages[unit.name]
        known: dict[str, int | str] = {"HOUSEHOLDS": village.households * SCALE, "LAND": village.land * SCALE}
        instead = {r.code: int(r.value * SCALE) for r in self.model.reasons if (r.year, r.unit) == (year, unit.name)}
        for code, rule in self.model.figures.items():
            if rule.text:
                known[code] = self.cover(unit, year)[rule.text]
            else:
                known[code] = instead[code] if code in instead else self._figure(unit, year, code, rule, known)
            yield code, known[code]

    def _figure(self, unit: Unit, year: int, code: str, rule: Rule, known: Mapping) -> int:
        if rule.given:
            return int(rule.given.get(unit.name, (Decimal(0),) * 2)[YEARS.index(year)] * SCALE)
        if rule.where and unit.terrain != rule.where and unit.name not in rule.where:
            return 0
        if rule.carry and year != YEARS[0]:
            return self.worked(unit, year - 1)[code] + known[rule.carry]
        differs = 1 + rule.spread * _chance(unit.name, code)
        moves = 1 + rule.drift * _chance(unit.name, code, str(year))
        exact = Linear.parse(rule.per).of(known) * rule.rate * differs * moves
        step = (rule.step or Decimal(10) ** -self.catalogue.indicators[code].decimals) * SCALE
        return int(round(exact * rule.growth ** YEARS.index(year) / step) * step)

    def _left_blank(self, unit: Unit, code: str, year: int) -> bool:
        """Some write 0, some leave the cell empty, where the form says that this means the same or is allowed."""
        blank = self.catalogue.indicators[code].blank
        return blank == "not_applicable" or (blank == "zero" and _chance(unit.name, code, str(year), "blank") > 0)

    def _refuse_gaps(self) -> None:
        """The catalogue has grown or shrunk and the model has not: say which codes, rather than file half a form."""
        for office, given in ((None, self.model.figures), *self.model.offices.items()):
            asked = {item.code for year in YEARS for item in self.catalogue.reported(year, office)}
            if asked != set(given):
                raise ValueError(f"figures.toml {office or 'figures'}: {sorted(asked ^ set(given))}")
        unknown = {r.finding for r in self.model.reasons if r.finding} - set(KINDS)
        if unknown or set(self.model.offices) != set(self.catalogue.offices):
            raise ValueError(f"figures.toml: offices or findings that do not exist {sorted(unknown)}")


def _chance(*words: str) -> Decimal:
    """A number between -1 and 1 that depends on these words alone: no figure moves when another is added."""
    return Decimal(random.Random("|".join((SEED, *words))).getrandbits(20)) / 2**19 - 1


def _person(number: int) -> str:
    return _SURNAMES[number % len(_SURNAMES)] + _GIVEN[number % len(_GIVEN)]
