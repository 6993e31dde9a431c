"""The catalogue: every indicator, list, check, target and office, declared once in the TOML files beside this one.

Everything else in the project (form, check, message, view, table column, report slot, dictionary) is derived from it.
"""

from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import msgspec

from schemas.declarations import wrongs
from schemas.faults import Faults, nearest
from schemas.measures import measures_of
from schemas.records import Area, Column, Indicator, LineList, ListHead, Office, Relation, Target, Terrain, Text
from schemas.rules import version_of
from schemas.toml import Document, Keys, convert, read_toml

HERE = Path(__file__).parent / "declared"


class Catalogue:
    """All that is declared under `schemas/`, cross-checked when loaded."""

    def __init__(self, root: Path = HERE) -> None:
        """Read all of it. Raises InputError with every fault of every file, each with its line."""
        self.root = root
        self.areas: dict[str, Area] = {}
        self.indicators: dict[str, Indicator] = {}
        self.relations: dict[str, Relation] = {}
        self.lists: dict[str, LineList] = {}
        self._faults, self._places = Faults(), dict[str, tuple[Document, Keys]]()
        for path in sorted((root / "indicators").glob("*.toml")):
            self._read(path, self._add_area)
        self.areas = dict(sorted(self.areas.items(), key=lambda item: item[1].number))
        self.indicators = dict(sorted(self.indicators.items(), key=lambda item: self.areas[item[1].area].number))
        for path in sorted((root / "lists").glob("*.toml")):
            self._read(path, self._add_list)
        self.offices: dict[str, Office] = {}
        self.targets: dict[str, Target] = {}
        self.texts: dict[str, Text] = {}
        self._read(root / "others.toml", self._add_others)
        self.terrains: dict[str, Terrain] = {}
        self._read(self._beside("terrains.toml"), self._add_terrains)
        self.measures = self._faults.collect(measures_of, self._beside("measures.toml").parent)
        self._faults.refuse()
        for wrong in wrongs(self):
            document, keys = self._places[wrong.subject]
            self._faults.lines.append(document.fault((*keys, wrong.key), wrong.found, wrong.allowed))
        self._faults.refuse()

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

    def _beside(self, name: str) -> Path:
        """A file of this catalogue, or the project's own where it has none."""
        path = self.root / name
        return path if path.exists() else HERE / name

    def _read(self, path: Path, add: Callable[[Document], None]) -> None:
        if (document := self._faults.collect(read_toml, path)) is not None:
            add(document)

    def _typed(self, body: Any, into: type, document: Document, *keys: str, **given: str) -> Any:
        """A table of a file as a record, or None with its faults noted."""
        if not isinstance(body, dict):
            self._faults.add(document.path, document.line(keys), f"{'.'.join(keys)} 不是一节", "应为 [名称] 开头的一节")
            return None
        return self._faults.collect(convert, {**body, **given}, into, document, keys)

    def _keyed(self, document: Document, table: str, into: type, key: str) -> dict[str, Any]:
        """The records of a table of tables, by their key; those at fault are left out and noted."""
        tables = document.get(table, {})
        if not isinstance(tables, dict):
            self._typed(tables, into, document, table)
            return {}
        found = {name: self._typed(body, into, document, table, name, **{key: name}) for name, body in tables.items()}
        self._places |= {name: (document, (table, name)) for name in tables}
        return {name: record for name, record in found.items() if record is not None}

    def _refuse_tables(self, document: Document, *known: str) -> None:
        for key in (key for key in document if key not in known):
            self._faults.add(document.path, document.line((key,)), f"有不认识的表 {key}", nearest(key, known))

    def _add_area(self, document: Document) -> None:
        self._refuse_tables(document, "area", "indicators", "relations")
        area = self._typed(document.get("area", {}), Area, document, "area")
        if area is None:
            return
        if area.name in self.areas:
            self._faults.add(document.path, document.line(("area", "name")), f"类别 {area.name} 在别的文件里写过")
        self.areas[area.name], self._places[area.name] = area, (document, ("area",))
        given = {"area": area.name}
        tables = document.get("indicators", {})
        document["indicators"] = {
            code: {**body, **given} if isinstance(body, dict) else body for code, body in tables.items()
        }
        for code, item in self._keyed(document, "indicators", Indicator, "code").items():
            if code in self.indicators:
                place = document.line(("indicators", code))
                self._faults.add(document.path, place, f"指标代码 {code} 在{self.indicators[code].area}里用过")
            self.indicators[code] = item
        self._add_relations(self._keyed(document, "relations", Relation, "id"), document)
        for item in [i for i in self.indicators.values() if i.area == area.name and i.parent in self.indicators]:
            self._add_part(item, self.indicators[item.parent or ""], document)

    def _add_part(self, item: Indicator, parent: Indicator, document: Document) -> None:
        """The relation that follows from a parent."""
        words = f"{item.name}是{parent.name}的其中项，不得大于{parent.name}"
        key = f"{item.code}-{parent.code}"
        self._places.setdefault(key, (document, ("indicators", item.code)))
        relation = Relation(id=key, left=parent.code, relation=">=", right=item.code, words=words)
        self._add_relations({key: relation}, document)

    def _add_relations(self, relations: dict[str, Relation], document: Document) -> None:
        for key, relation in relations.items():
            if key in self.relations:
                self._faults.add(document.path, document.line(self._places[key][1]), f"审核关系编号 {key} 重复")
            self.relations[key] = relation

    def _add_list(self, document: Document) -> None:
        for table in ("columns", "relations"):
            tables = document.get(table, {})
            self._places |= {f"{document.get('code')}.{name}": (document, (table, name)) for name in tables}
            self._places |= {name: (document, (table, name)) for name in tables if table == "relations"}
        columns = self._keyed(document, "columns", Column, "code")
        relations = self._keyed(document, "relations", Relation, "id")
        whole = {key: value for key, value in document.items() if key not in ("columns", "relations")}
        if (head := self._typed(whole, ListHead, document)) is None:
            return
        if head.code in self.lists:
            self._faults.add(document.path, document.line(("code",)), f"明细表代码 {head.code} 在别的文件里用过")
        self._places[head.code] = (document, ())
        parts: dict[str, Any] = {"columns": tuple(columns.values()), "relations": tuple(relations.values())}
        self.lists[head.code] = LineList(**msgspec.structs.asdict(head), **parts)

    def _add_others(self, document: Document) -> None:
        self._refuse_tables(document, "offices", "targets", "texts")
        self.offices = self._keyed(document, "offices", Office, "suffix")
        self.targets = self._keyed(document, "targets", Target, "code")
        self.texts = self._keyed(document, "texts", Text, "key")

    def _add_terrains(self, document: Document) -> None:
        for name, body in document.items():
            if (terrain := self._typed(body, Terrain, document, name, name=name)) is not None:
                self.terrains[name] = terrain


@cache
def declared() -> Catalogue:
    """The project's own catalogue, read once in a process."""
    return Catalogue()
