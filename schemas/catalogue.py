"""The catalogue: every indicator, list, check, target and office, declared once in the TOML files beside this one.

Everything else in the project (form, check, message, view, table column, report slot, dictionary) is derived from it.
"""

from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

from schemas.errors import InputError
from schemas.records import Area, Indicator, LineList, Office, Relation, Target, Text
from schemas.rules import version_of
from schemas.toml import convert, read_toml

HERE = Path(__file__).parent / "declared"


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
        return version_of(self.root)

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
            if item.list and (
                item.list not in self.lists or (item.column and item.column not in self.lists[item.list].by_code)
            ):
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


@cache
def declared() -> Catalogue:
    """The project's own catalogue, read once in a process."""
    return Catalogue()


def _keyed(raw: dict, into: type, key: str, source: str) -> dict:
    return {name: convert({**body, key: name}, into, f"others.toml [{source}.{name}]") for name, body in raw.items()}
