"""A catalogue as it is written: rows by kind, each key as in its TOML file; nothing derived, no default filled in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from schemas.catalogue import FOLDERS, HEAD, HERE
from schemas.toml import Document, read_toml
from schemas.toml_text import Table

INDICATORS, LISTS = FOLDERS
OTHERS = ("offices", "targets", "texts", "fields")
"""Kinds that stand in others.toml, each under a table of its name; `roles` are offices too."""
KEY = {"areas": "name", "indicators": "code", "relations": "id", "lists": "code", "columns": "code",
       "offices": "suffix", "targets": "code", "texts": "key", "fields": "key", "terrains": "name",
       "measures": "unit"}  # fmt: skip
"""The kinds, in the order of their sheets, and the key that tells the rows of one apart."""
WITHIN = "within"
"""Where a row stands that is told apart only there: a relation's area or list, a column's list."""
TERRAINS, MEASURES = "terrains.toml", "measures.toml"

Row = dict[str, Any]
RowKey = tuple[str, str]


@dataclass
class Written:
    """Rows by kind, in order; the file in which an area or a list stood; what else the own measures.toml says."""

    rows: dict[str, dict[RowKey, Row]] = field(default_factory=lambda: {kind: {} for kind in KEY})
    files: dict[str, str] = field(default_factory=dict)
    spelt: dict[str, Any] = field(default_factory=dict)

    def put(self, kind: str, row: Row) -> None:
        """One more row; one of the same key takes its place."""
        self.rows[kind][key_of(kind, row)] = row

    def sort(self) -> None:
        """Areas by their number, and what stands within areas and lists in the order of these."""
        areas = self.rows["areas"] = dict(sorted(self.rows["areas"].items(), key=lambda item: item[1]["number"]))
        places = {name: number for number, (_, name) in enumerate((*areas, *self.rows["lists"]))}
        for kind, at in (("indicators", "area"), ("relations", WITHIN), ("columns", WITHIN)):
            self.rows[kind] = dict(sorted(self.rows[kind].items(), key=lambda item: places[item[1][at]]))

    def of(self, kind: str, within: str) -> Iterator[Row]:
        """The rows of a kind that stand within an area or a list."""
        at = "area" if kind == "indicators" else WITHIN
        return (row for row in self.rows[kind].values() if row.get(at) == within)


def key_of(kind: str, row: Mapping[str, Any]) -> RowKey:
    """What tells a row apart from others of its kind."""
    return str(row.get(WITHIN, "")), str(row.get(KEY[kind], ""))


def written_in(roots: Sequence[Path]) -> Written:
    """What these folders declare, the later on top of the earlier. Raises InputError for one that cannot be read."""
    found = Written()
    for root in roots:
        for path in sorted((root / INDICATORS).glob("*.toml")):
            _take_area(found, read_toml(path), path.name)
        for path in sorted((root / LISTS).glob("*.toml")):
            _take_list(found, read_toml(path), path.name)
        others = read_toml(root / HEAD) if (root / HEAD).exists() else {}
        for kind in OTHERS:
            for table in (kind, "roles") if kind == "offices" else (kind,):
                _take(found, kind, others.get(table, {}))
        _take(found, "terrains", read_toml(root / TERRAINS) if (root / TERRAINS).exists() else {})
        if root != HERE and (root / MEASURES).exists():
            _take_measures(found, read_toml(root / MEASURES))
    found.sort()
    return found


def _take(found: Written, kind: str, tables: Mapping[str, Any]) -> None:
    for key, body in tables.items():
        found.put(kind, {KEY[kind]: key, **body})


def _take_measures(found: Written, document: Document) -> None:
    """The units that a township adds; how it spells and converts others is no row and is kept as it is."""
    for words in document.get("others", {}).values():
        for word in words:
            found.put("measures", {"unit": word})
    found.spelt = {key: tables for key, tables in document.items() if key != "others"}


def _take_area(found: Written, document: Document, file: str) -> None:
    area = dict(document["area"])
    found.put("areas", area)
    found.files[area["name"]] = file
    for code, body in document.get("indicators", {}).items():
        found.put("indicators", {"area": area["name"], "code": code, **body})
    for id_, body in document.get("relations", {}).items():
        for key in [key for key in found.rows["relations"] if key[1] == id_]:
            del found.rows["relations"][key]
        found.put("relations", {WITHIN: area["name"], "id": id_, **body})


def _take_list(found: Written, document: Document, file: str) -> None:
    head = {key: value for key, value in document.items() if key not in ("columns", "relations")}
    code = head["code"]
    for kind in ("columns", "relations"):
        found.rows[kind] = {key: row for key, row in found.rows[kind].items() if key[0] != code}
        for name, body in document.get(kind, {}).items():
            found.put(kind, {WITHIN: code, KEY[kind]: name, **body})
    found.put("lists", head)
    found.files[code] = file


def documents(written: Written, base: str) -> dict[str, Table]:
    """The TOML files of a folder that declares this, by their name in it; `files` learns new ones."""
    files = {f"{INDICATORS}/{name}": table for name, table in _areas(written).items()}
    files |= {f"{LISTS}/{name}": table for name, table in _lists(written).items()}
    head = Table(catalogue=Table(base=base))
    for kind in OTHERS:
        if rows := written.rows[kind]:
            head[kind] = _bodies(rows.values(), kind)
    files[HEAD] = head
    if terrains := written.rows["terrains"]:
        files[TERRAINS] = _bodies(terrains.values(), "terrains")
    if units := [row["unit"] for row in written.rows["measures"].values()]:
        files[MEASURES] = Table({**_tables(written.spelt), "others": Table(own=units)})
    elif written.spelt:
        files[MEASURES] = Table(_tables(written.spelt))
    return files


def _tables(part: Mapping[str, Any]) -> dict[str, Any]:
    return {key: Table(_tables(value)) if isinstance(value, Mapping) else value for key, value in part.items()}


def _bodies(rows: Any, kind: str, *without: str) -> Table:
    """The rows as a table of tables, by their key."""
    left_out = {KEY[kind], WITHIN, *without}
    return Table({row[KEY[kind]]: Table({k: v for k, v in row.items() if k not in left_out}) for row in rows})


def _areas(written: Written) -> dict[str, Table]:
    files, taken = {}, set(written.files.values())
    for area in written.rows["areas"].values():
        name = written.files.get(area["name"]) or _free(f"area_{area.get('number', '')}", taken)
        table = Table(
            area=Table(area), indicators=_bodies(written.of("indicators", area["name"]), "indicators", "area")
        )
        if relations := _bodies(written.of("relations", area["name"]), "relations"):
            table["relations"] = relations
        files[name], written.files[area["name"]] = table, name
    return files


def _lists(written: Written) -> dict[str, Table]:
    files, taken = {}, set(written.files.values())
    for head in written.rows["lists"].values():
        name = written.files.get(head["code"]) or _free(f"list_{head['code'].lower()}", taken)
        table = Table(head)
        for kind in ("columns", "relations"):
            if rows := _bodies(written.of(kind, head["code"]), kind):
                table[kind] = rows
        files[name], written.files[head["code"]] = table, name
    return files


def _free(stem: str, taken: set[str]) -> str:
    """A file name that none has; whatever a name may not hold is left out."""
    stem = "".join(letter for letter in stem if letter.isalnum() or letter == "_")
    names = (f"{stem}{'' if number == 1 else f'_{number}'}.toml" for number in count(1))
    name = next(name for name in names if name not in taken)
    taken.add(name)
    return name
