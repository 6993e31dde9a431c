"""The catalogue: every indicator, list, check, target and office, declared once in the TOML files beside this one.

Grain of the records: one Indicator per figure, one Column per list column, one Relation per checking relation.
Everything else in the project (form, check, message, view, table, report slot, dictionary) is derived from here.
"""

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from schemas.expressions import Linear
from schemas.toml import InputError, convert, read_toml

HERE = Path(__file__).parent

Blank = Literal["zero", "missing", "not_applicable"]
Grade = Literal["强制", "核实"]
Reporter = Literal["village", "office", "derived"]
Totalling = Literal["sum", "ratio", "count", "names", "typical", "last", "text", "list", "units"]
Terrain = Literal["川区", "山区"]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A frozen record that refuses a key it does not know."""


class Area(Record, kw_only=True):
    """A work area: one sheet of the form, one Chinese view, one sheet of the summary workbook."""

    letter: str
    number: int
    name: str
    title: str


class Indicator(Record, kw_only=True):
    """One figure. `factor` base units make one printed unit; a derived one names what it is made of."""

    code: str
    area: str
    name: str
    definition: str
    unit: str
    reporter: Reporter = "village"
    office: str | None = None
    decimals: int = 0
    printed_unit: str | None = None
    factor: int = 1
    printed_decimals: int | None = None
    blank: Blank = "zero"
    total: Totalling = "sum"
    parent: str | None = None
    minimum: Decimal | None = Decimal(0)
    maximum: Decimal | None = None
    year_on_year: Decimal | None = None
    outlier_per: str | None = None
    also: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    # derived figures
    numerator: str | None = None
    denominator: str | None = None
    times: int = 1
    of: str | None = None
    terrain: Terrain | None = None
    list: str | None = None
    column: str | None = None
    aggregate: Literal["sum", "count", "units", "first"] | None = None
    where: dict[str, str] = {}

    @property
    def is_text(self) -> bool:
        """Whether its value is words: it has no number to add up."""
        return self.total in ("text", "names") or (
            self.total == "list" and (self.aggregate == "units" or (self.aggregate == "first" and self.unit == ""))
        )

    @property
    def printed_in(self) -> str:
        """The unit that tables and report print."""
        return self.printed_unit or self.unit

    @property
    def places(self) -> int:
        """Decimals that tables and report print."""
        return self.decimals if self.printed_decimals is None else self.printed_decimals

    def in_force(self, year: int) -> bool:
        """Whether the figure is collected for that year."""
        return (self.since or year) <= year <= (self.until or year)


class Relation(Record, kw_only=True):
    """A checking relation between linear expressions over codes, as `01 >= 02 + 03` on a printed form.

    `at = "total"` holds an office's figure against the township total of the villages'.
    """

    id: str
    left: str
    relation: Literal[">=", "<=", "==", "requires"]
    right: str
    words: str
    grade: Grade = "强制"
    at: Literal["unit", "total"] = "unit"

    @cached_property
    def left_terms(self) -> Linear:
        """The left side, parsed."""
        return Linear.parse(self.left)

    @cached_property
    def right_terms(self) -> Linear:
        """The right side, parsed."""
        return Linear.parse(self.right)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code named on either side, in order."""
        return tuple(dict.fromkeys((*self.left_terms.codes, *self.right_terms.codes)))

    @property
    def printed(self) -> str:
        """As a form prints it: `I02≥I01`."""
        sign = {">=": "≥", "<=": "≤", "==": "＝", "requires": "有数则须有"}[self.relation]
        return f"{self.left_terms.words({})}{sign}{self.right_terms.words({})}"


class Column(Record, kw_only=True):
    """A column of a line list; a `choice` takes one of its choices, word for word."""

    code: str
    name: str
    definition: str
    type: Literal["text", "number", "choice"] = "text"
    unit: str = ""
    decimals: int = 0
    printed_unit: str | None = None
    factor: int = 1
    required: bool = False
    minimum: Decimal | None = Decimal(0)
    maximum: Decimal | None = None
    choices: tuple[str, ...] = ()
    blank: Blank = "not_applicable"


class LineList(Record, kw_only=True):
    """A table whose rows the filler adds: one row per project or facility."""

    code: str
    name: str
    area: str
    definition: str
    reporter: Literal["village", "office"]
    office: str | None = None
    rows: int = 15
    columns: tuple[Column, ...]
    relations: tuple[Relation, ...] = ()

    @cached_property
    def by_code(self) -> dict[str, Column]:
        """Columns by code."""
        return {column.code: column for column in self.columns}


class Office(Record, kw_only=True):
    """A township office; its unit code is the township's nine digits and this suffix."""

    suffix: str
    name: str
    duties: str


class Target(Record, kw_only=True):
    """A figure planned for next year; `actual` is the indicator that will show whether it was reached."""

    code: str
    name: str
    area: str
    unit: str
    definition: str
    decimals: int = 0
    actual: str | None = None


class Text(Record, kw_only=True):
    """A piece of the report's fixed wording that the township sets in township.toml."""

    key: str
    name: str
    definition: str


class Catalogue:
    """All that is declared under `schemas/`, cross-checked when loaded."""

    def __init__(self, root: Path = HERE) -> None:
        self.root = root
        self.areas: dict[str, Area] = {}
        self.indicators: dict[str, Indicator] = {}
        self.relations: dict[str, Relation] = {}
        self.lists: dict[str, LineList] = {}
        for path in sorted((root / "indicators").glob("*.toml")):
            self._add_area(path, read_toml(path))
        self.areas = dict(sorted(self.areas.items(), key=lambda item: item[1].number))
        self.indicators = dict(sorted(self.indicators.items(), key=lambda item: self.areas[item[1].area].number))
        for path in sorted((root / "lists").glob("*.toml")):
            self._add_list(path, read_toml(path))
        others = read_toml(root / "others.toml")
        self.offices = _keyed(others["offices"], Office, "suffix", "offices")
        self.targets = _keyed(others["targets"], Target, "code", "targets")
        self.texts = _keyed(others["texts"], Text, "key", "texts")
        self._refuse_dangling_names()

    @cached_property
    def version(self) -> str:
        """Changes when any rule changes: submissions read under another version are read again."""
        digest = hashlib.sha256()
        for path in sorted(self.root.rglob("*.toml")):
            digest.update(path.name.encode() + path.read_bytes().replace(b"\r\n", b"\n"))
        return digest.hexdigest()[:12]

    @cached_property
    def by_name(self) -> dict[str, Indicator]:
        """Indicators by their Chinese name; names are unique."""
        return {indicator.name: indicator for indicator in self.indicators.values()}

    def find(self, words: str) -> Indicator | None:
        """The indicator of that code or name, if there is one."""
        return self.indicators.get(words.upper()) or self.by_name.get(words)

    def reported(self, year: int, office: str | None = None) -> list[Indicator]:
        """What a village (or the office of that suffix) fills in for that year, in printed order."""
        reporter = "office" if office else "village"
        return [
            item
            for item in self.indicators.values()
            if item.reporter == reporter and item.office == office and item.in_force(year)
        ]

    def reported_lists(self, office: str | None = None) -> list[LineList]:
        """The line lists a village (or the office of that suffix) fills in."""
        reporter = "office" if office else "village"
        return [item for item in self.lists.values() if item.reporter == reporter and item.office == office]

    def of_area(self, area: str, year: int) -> list[Indicator]:
        """What the area's table and view show: its own indicators and those of other areas it also prints."""
        return [i for i in self.indicators.values() if (i.area == area or area in i.also) and i.in_force(year)]

    def depth(self, indicator: Indicator) -> int:
        """How many parents stand above it: the indent under 其中."""
        return 1 + self.depth(self.indicators[indicator.parent]) if indicator.parent else 0

    def _add_area(self, path: Path, raw: dict) -> None:
        area = convert(raw.pop("area"), Area, path)
        self.areas[area.name] = area
        for code, body in raw.pop("indicators").items():
            self.indicators[code] = convert({**body, "code": code, "area": area.name}, Indicator, f"{path} {code}")
        for key, body in raw.pop("relations", {}).items():
            self._add_relation(key, body, path)
        if raw:
            raise InputError(f"{path}：有不认识的表 {next(iter(raw))}")
        for indicator in [i for i in self.indicators.values() if i.area == area.name and i.parent]:
            parent = self.indicators.get(indicator.parent)
            if parent is None:
                raise InputError(f"{path} {indicator.code}：parent {indicator.parent} 不在同一文件里")
            words = f"{indicator.name}是{parent.name}的其中项，不得大于{parent.name}"
            self._add_relation(
                f"{indicator.code}-{parent.code}",
                {"left": parent.code, "relation": ">=", "right": indicator.code, "words": words},
                path,
            )

    def _add_relation(self, key: str, body: dict, path: Path) -> None:
        if key in self.relations:
            raise InputError(f"{path}：审核关系编号 {key} 重复")
        self.relations[key] = convert({**body, "id": key}, Relation, f"{path} {key}")

    def _add_list(self, path: Path, raw: dict) -> None:
        columns = [{**body, "code": code} for code, body in raw.pop("columns").items()]
        relations = [{**body, "id": key} for key, body in raw.pop("relations", {}).items()]
        line_list = convert({**raw, "columns": columns, "relations": relations}, LineList, path)
        self.lists[line_list.code] = line_list

    def _refuse_dangling_names(self) -> None:
        """A code that is named but not declared, a name used twice: the catalogue is wrong, nothing can run."""
        for place, code in self._named_codes():
            if code not in self.indicators:
                raise InputError(f"目录有误：{place} 用到没有声明的指标 {code}")
        if len(self.by_name) != len(self.indicators):
            names = [item.name for item in self.indicators.values()]
            raise InputError(f"目录有误：指标名称重复 {sorted({n for n in names if names.count(n) > 1})}")
        for item in self.indicators.values():
            if item.office and item.office not in self.offices:
                raise InputError(f"目录有误：{item.code} 的填报站所 {item.office} 没有声明")
            if item.list and (item.list not in self.lists or (item.column and item.column not in self.lists[item.list].by_code)):
                raise InputError(f"目录有误：{item.code} 用到没有声明的明细表 {item.list} {item.column}")
            for area in item.also:
                if area not in self.areas:
                    raise InputError(f"目录有误：{item.code} 的 also 写了没有的类别 {area}")

    def _named_codes(self) -> Iterator[tuple[str, str]]:
        for relation in self.relations.values():
            yield from ((f"审核关系 {relation.id}", code) for code in relation.codes)
        for item in self.indicators.values():
            named = (item.numerator, item.denominator, item.of, item.outlier_per)
            yield from ((item.code, code) for code in named if code)
        for target in self.targets.values():
            if target.actual:
                yield target.code, target.actual


def _keyed(raw: dict, into: type, key: str, source: str) -> dict:
    return {name: convert({**body, key: name}, into, f"others.toml [{source}.{name}]") for name, body in raw.items()}
