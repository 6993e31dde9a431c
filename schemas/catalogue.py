"""The catalogue: every indicator, list, check, target and office, declared once in TOML files.

The built-in ones lie in declared/; a township's own lie in inputs/catalogue and replace or extend them. Everything else
in the project (form, check, message, view, table column, report slot, dictionary) is derived from it.
"""

from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import msgspec

from schemas.adopted import FORMS, REST, SUFFIX, WHOLE, AdoptedForm, load_form
from schemas.declarations import wrongs
from schemas.errors import InputError
from schemas.expanded import Meaning, bind, completed, named, township_office
from schemas.expressions import bracketed
from schemas.faults import Faults, nearest
from schemas.measures import measures_of, use
from schemas.records import (
    Area,
    Column,
    CoverField,
    Head,
    Indicator,
    LineList,
    ListHead,
    Office,
    Relation,
    Target,
    Terrain,
    Text,
)
from schemas.rules import version_of
from schemas.toml import Document, Keys, convert, read_toml

HERE = Path(__file__).parent / "declared"
OWN, WAITING = "catalogue", ".catalogue.new"
"""The folder of a township's own catalogue, in its inputs; and a whole one that is about to take its place."""
FOLDERS, HEAD = ("indicators", "lists"), "others.toml"
FILES = (
    HEAD, "measures.toml", "terrains.toml", "report_constants.toml", "report_order.csv", "report_heads.csv",
    "findings.toml", "sheets.toml", "levels.toml",
)  # fmt: skip

_CODED = ("indicators", "relations", "columns")
"""Tables whose keys are of one kind: no code of a form is used twice. The others' keys may be any of them."""


class Catalogue:
    """All that is declared in a folder, cross-checked when loaded; alone, or on top of the built-in declarations."""

    def __init__(self, root: Path = HERE) -> None:
        """Read all of it. Raises InputError with every fault of every file, each with its line.

        `written` are the indicators as the files declare them: without the counts that follow from choices, each by the
        name on its row.
        """
        self.root = root
        self.areas: dict[str, Area] = {}
        self.indicators: dict[str, Indicator] = {}
        self.relations: dict[str, Relation] = {}
        self.lists: dict[str, LineList] = {}
        self.offices: dict[str, Office] = {}
        self.targets: dict[str, Target] = {}
        self.texts: dict[str, Text] = {}
        self.terrains: dict[str, Terrain] = {}
        self.fields: dict[str, CoverField] = {}
        self.forms: dict[str, AdoptedForm] = {}
        self._faults, self._places = Faults(), dict[tuple[str, str], tuple[Document, Keys]]()
        self._of_area = dict[str, str]()
        self.head = self._head()
        self.roots = (HERE, root) if self.head.base == "extend" and root != HERE else (root,)
        for each in self.roots:
            self._read_folder(each)
        self.areas = dict(sorted(self.areas.items(), key=lambda item: item[1].number))
        ordered = dict(sorted(self.indicators.items(), key=lambda item: self.areas[item[1].area].number))
        self.written = ordered
        self.indicators = named(completed(ordered))
        self.offices = township_office([*self.indicators.values(), *self.lists.values()]) | self.offices
        meanings = self.meanings()
        for relation in self.relations.values():
            bind(relation, meanings[relation.id])
        self.measures = self._faults.collect(measures_of, root) or measures_of(HERE)
        self._faults.refuse()
        for wrong in wrongs(self):
            made_of = self.indicators[wrong.subject].of if wrong.subject in self.indicators else None
            document, keys = self._places.get((wrong.kind, wrong.subject)) or self._places["", made_of or ""]
            self._faults.lines.append(document.fault((*keys, wrong.key), wrong.found, wrong.allowed))
        self._faults.refuse()

    @cached_property
    def version(self) -> str:
        """Changes when any rule changes: submissions read under another version are read again."""
        return version_of(*self.roots)

    @cached_property
    def by_name(self) -> dict[str, Indicator]:
        """Indicators by their Chinese name; names are unique, if need be with a heading before them."""
        return {indicator.name: indicator for indicator in self.indicators.values()}

    def find(self, words: str) -> Indicator | None:
        """The indicator of that code or name, or the only one that forms print under that code, if there is one."""
        found = self.indicators.get(words.upper()) or self.by_name.get(words)
        printed = [] if found else [i for i in self.indicators.values() if i.form_code == words and not i.row]
        return printed[0] if len(printed) == 1 else found

    def reported(self, year: int, office: str | None = None) -> list[Indicator]:
        """What a village (or the office of that role, or of several with 、 between) fills in, in printed order."""
        return [item for item in self.indicators.values() if _asks(item, office) and item.in_force(year)]

    def reported_lists(self, office: str | None = None) -> list[LineList]:
        """The line lists a village (or the office of that role, or of several) fills in."""
        return [item for item in self.lists.values() if _asks(item, office)]

    def forms_of(self, year: int) -> list[AdoptedForm]:
        """The adopted forms of that year: not those that a later one has taken the place of, nor that one before."""
        begun = [form for form in self.forms.values() if form.since <= year]
        followed = {form.follows for form in begun}
        return [form for form in begun if form.sha256 not in followed]

    def forms_due(self, year: int, office: str | None = None) -> tuple[str, ...]:
        """What a village (or the office of these roles) owes, a file each: adopted forms, and ours for the rest."""
        asked = {item.code for item in self.reported(year, office)}
        asked |= {column.code for one in self.reported_lists(office) for column in one.columns}
        forms = [form for form in self.forms_of(year) if form.codes & asked]
        rest = asked - frozenset().union(*(form.codes for form in forms))
        return (*(form.sha256 for form in forms), *([REST] if rest else [])) if forms else (WHOLE,)

    def held(self, year: int, office: str | None = None) -> frozenset[str]:
        """The codes that our form does not ask, where a unit is asked the rest in it: they stand in adopted forms."""
        due = self.forms_due(year, office)
        return (
            frozenset().union(*(self.forms[key].codes for key in due if key in self.forms))
            if REST in due
            else frozenset()
        )

    def of_area(self, area: str, year: int) -> list[Indicator]:
        """What the area's table and view show: its own indicators and those of other areas it also prints."""
        return [i for i in self.indicators.values() if (i.area == area or area in i.also) and i.in_force(year)]

    def meanings(self) -> dict[str, Meaning]:
        """What codes mean in each relation: it stands in one area's file."""
        of_area = {area: Meaning(area, self.indicators) for area in set(self._of_area.values())}
        return {relation: of_area[area] for relation, area in self._of_area.items()}

    def depth(self, indicator: Indicator) -> int:
        """How many parents stand above it: the indent under 其中."""
        return 1 + self.depth(self.indicators[indicator.parent]) if indicator.parent else 0

    def file(self, name: str) -> Path | None:
        """The nearest file of that name: the folder's own, or that of the declarations it extends."""
        return next((root / name for root in reversed(self.roots) if (root / name).exists()), None)

    def _head(self) -> Head:
        """Whether it replaces the built-in declarations or extends them, as its head says."""
        document: Any = Faults().collect(read_toml, self.root / HEAD) or {}
        if "catalogue" not in document:
            return Head()
        return self._typed(document["catalogue"], Head, document, "catalogue") or Head()

    def _read_folder(self, root: Path) -> None:
        """One folder's declarations on top of what is there: what has the same code or key takes its place."""
        if root != HERE:
            self._refuse_files(root)
        self._here = set[str]()
        for path in sorted((root / "indicators").glob("*.toml")):
            self._read(path, self._add_area)
        for path in sorted((root / "lists").glob("*.toml")):
            self._read(path, self._add_list)
        for name, add in ((HEAD, self._add_others), ("terrains.toml", self._add_terrains)):
            if (root / name).exists():
                self._read(root / name, add)
        for path in sorted((root / FORMS).glob(f"*{SUFFIX}")):
            if (form := self._faults.collect(load_form, path)) is not None:
                self.forms[form.sha256] = form

    def _refuse_files(self, root: Path) -> None:
        """Files that nobody would read: a misspelt name must not lose what it declares."""
        for path in sorted(root.iterdir()):
            if path.name not in (*FILES, *FOLDERS, FORMS) and not path.name.startswith((".", "~")):
                self._faults.add(path, 0, "目录里没有这样的文件", nearest(path.name, (*FILES, *FOLDERS)))
        for path in (path for folder in FOLDERS for path in sorted((root / folder).glob("*"))):
            if path.suffix != ".toml" and not path.name.startswith((".", "~")):
                self._faults.add(path, 0, "不是 .toml 文件", "指标和明细表每个文件的名称应以 .toml 结尾")
        if not list((root / "indicators").glob("*.toml")) and self.head.base == "replace":
            self._faults.add(root, 0, "没有一个指标", "指标应写在 indicators 文件夹的 .toml 文件里")

    def _read(self, path: Path, add: Callable[[Document], None]) -> None:
        if (document := self._faults.collect(read_toml, path)) is None:
            return
        if document:
            add(document)
        elif path.parent.name in FOLDERS:
            self._faults.add(path, 0, "文件是空的", "不要的文件请删去")

    def _again(self, kind: str, name: str) -> bool:
        """Whether this folder has declared it before."""
        again, self._here = f"{kind} {name}" in self._here, self._here | {f"{kind} {name}"}
        return again

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
        kind = "" if table in _CODED else table
        self._places |= {(kind, name): (document, (table, name)) for name in tables}
        return {name: record for name, record in found.items() if record is not None}

    def _refuse_tables(self, document: Document, *known: str) -> None:
        for key in (key for key in document if key not in known):
            self._faults.add(document.path, document.line((key,)), f"有不认识的表 {key}", nearest(key, known))

    def _add_area(self, document: Document) -> None:
        self._refuse_tables(document, "area", "indicators", "relations")
        area = self._typed(document.get("area", {}), Area, document, "area")
        if area is None:
            return
        if self._again("area", area.name):
            self._faults.add(document.path, document.line(("area", "name")), f"类别 {area.name} 在别的文件里写过")
        self.areas[area.name], self._places["areas", area.name] = area, (document, ("area",))
        given = {"area": area.name}
        tables = document.get("indicators", {})
        document["indicators"] = {
            code: {**body, **given} if isinstance(body, dict) else body for code, body in tables.items()
        }
        for code, item in self._keyed(document, "indicators", Indicator, "code").items():
            before = self.indicators.get(code)
            if self._again("indicator", code) and before:
                place = document.line(("indicators", code))
                self._faults.add(document.path, place, f"指标代码 {code} 在{before.area}里用过")
            if before:
                self.relations.pop(f"{code}-{before.parent}", None)
            self.indicators[code] = item
        self._add_relations(self._keyed(document, "relations", Relation, "id"), document)
        for item in [self.indicators[code] for code in document["indicators"] if code in self.indicators]:
            if item.parent in self.indicators:
                self._add_part(item, self.indicators[item.parent or ""], document)

    def _add_part(self, item: Indicator, parent: Indicator, document: Document) -> None:
        """The relation that follows from a parent."""
        words = f"{item.name}是{parent.name}的其中项，不得大于{parent.name}"
        key = f"{item.code}-{parent.code}"
        self._places.setdefault(("", key), (document, ("indicators", item.code)))
        relation = Relation(id=key, left=bracketed(parent.code), relation=">=", right=bracketed(item.code), words=words)
        self._add_relations({key: relation}, document)

    def _add_relations(self, relations: dict[str, Relation], document: Document) -> None:
        for key, relation in relations.items():
            if self._again("relation", key):
                self._faults.add(document.path, document.line(self._places["", key][1]), f"审核关系编号 {key} 重复")
            self.relations[key], self._of_area[key] = relation, document["area"]["name"]

    def _add_list(self, document: Document) -> None:
        for table in ("columns", "relations"):
            tables = document.get(table, {})
            self._places |= {("", f"{document.get('code')}.{name}"): (document, (table, name)) for name in tables}
            self._places |= {("", name): (document, (table, name)) for name in tables if table == "relations"}
        columns = self._keyed(document, "columns", Column, "code")
        relations = self._keyed(document, "relations", Relation, "id")
        whole = {key: value for key, value in document.items() if key not in ("columns", "relations")}
        if (head := self._typed(whole, ListHead, document)) is None:
            return
        if self._again("list", head.code):
            self._faults.add(document.path, document.line(("code",)), f"明细表代码 {head.code} 在别的文件里用过")
        self._places["", head.code] = (document, ())
        parts: dict[str, Any] = {"columns": tuple(columns.values()), "relations": tuple(relations.values())}
        self.lists[head.code] = LineList(**msgspec.structs.asdict(head), **parts)

    def _add_others(self, document: Document) -> None:
        self._refuse_tables(document, "catalogue", "offices", "roles", "targets", "texts", "fields")
        for table in ("offices", "roles"):
            self.offices |= self._keyed(document, table, Office, "suffix")
        self.targets |= self._keyed(document, "targets", Target, "code")
        self.texts |= self._keyed(document, "texts", Text, "key")
        self.fields |= self._keyed(document, "fields", CoverField, "key")

    def _add_terrains(self, document: Document) -> None:
        for name, body in document.items():
            if (terrain := self._typed(body, Terrain, document, name, name=name)) is not None:
                self.terrains[name] = terrain


def _asks(item: Indicator | ListHead, office: str | None) -> bool:
    """Whether it is a village's, or that of an office of these roles."""
    if not office:
        return item.reporter == "village" and item.office is None
    return item.reporter == "office" and item.office in office.split("、")


@cache
def declared() -> Catalogue:
    """The project's own catalogue, read once in a process."""
    return Catalogue()


def catalogue_of(inputs: Path) -> Catalogue:
    """The catalogue that a township works with: its own in inputs/catalogue, else the built-in one.

    Its units of measure are in hand from here on. Raises InputError with every fault of every file, each with its line.
    """
    own = inputs / OWN
    if own.exists() and not own.is_dir():
        raise InputError(f"{own} 应是一个文件夹")
    if not own.exists() and (inputs / WAITING).exists():
        raise InputError(f"上次导入目录没有做完，没有 {own}：请把 {inputs / WAITING} 改名为 {OWN}")
    catalogue = Catalogue(own) if own.is_dir() else declared()
    use(catalogue.measures)
    return catalogue
