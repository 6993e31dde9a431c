"""A township's own list of its units, as it keeps it: found among titles, merged cells and notes. Pure.

In: the sheets of a workbook or CSV. Out: one `Entry` per unit, what was left out and why, and what is at fault.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flows.reading.grid_of_table import Grid
from flows.reading.records import Table
from flows.starting.heads import head_of, kind_in, plain
from schemas.faults import Faults

KEYS = ("code", "name", "kind", "terrain", "role", "valid_from", "valid_to", "merged_into")
_TOTAL = re.compile("[合总小共]计|(全[镇乡县市]|全街道|各村)?(合计|总计|小计)|总数")
_NOTE = re.compile(
    "(附?注|说明|备注|附件|填表|制表|审核|审批|单位负责人|负责人|联系人|联系电话|日期|填报|截至|来源)[:：人日时]?"
)
_SECTION = re.compile(r"(第?[一二三四五六七八九十]+|[(（][一二三四五六七八九十]+[)）]|\d+)[、.．)）]?")
LONGEST_NAME = 30
"""Characters: what is longer is no unit's name. The longest among 666,655 village names of a public list has 23."""


class Entry(NamedTuple):
    """One line of the roster as written, spaces taken out of names; `hint` is the kind its heading or sheet names."""

    place: str
    row: int
    hint: str
    code: str
    name: str
    kind: str
    terrain: str
    role: str
    valid_from: str
    valid_to: str
    merged_into: str


@dataclass
class Listed:
    """What a roster says. `skipped`: rows below its heads that are no unit, each with its reason."""

    entries: list[Entry] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)


class _Block(NamedTuple):
    """Where the columns of one list of units stand, and from where to where the head of its names reaches.

    A page may carry two lists, side by side.
    """

    columns: dict[str, int]
    width: tuple[int, int]


def list_units(file: object, tables: Sequence[Table]) -> Listed:
    """The units of every sheet that has a head for their names; of a workbook where none has, a fault."""
    found, headed = Listed(), False
    for table in tables:
        grid = Grid(table)
        blocks, first = _heads(grid)
        if not blocks or not table.visible:
            continue
        headed = True
        place = f"{file} “{table.name}”" if table.name else f"{file}"
        hint = kind_in(table.name)
        for row in (row for row in grid.filled if row >= first):
            for block in blocks:
                hint = _take(grid, row, block, hint, place, found)
    found.entries = _once(found)
    if not any(table.cells for table in tables):
        found.faults.add(file, 0, "是空的，一个单位也没有")
    elif not headed:
        found.faults.add(file, 0, "找不到表头", "应有一行写着 村名（或 名称、单位名称），其下每行一个单位")
    elif not found.entries and not found.faults.lines:
        found.faults.add(file, 0, "表头下面一个单位也没有")
    return found


def _heads(grid: Grid) -> tuple[list[_Block], int]:
    """The row with the most heads, as columns by key, and the row where the units begin."""
    best: dict[str, list[int]] = {}
    at = 0
    for row in grid.filled[:60]:
        keys = _keys(grid, row)
        if "name" in keys and len(keys) > len(best):
            best, at = keys, row
    if not best:
        return [], 0
    first = next((row for row in grid.filled if row > at and "name" not in _keys(grid, row)), at + 1)
    first = max([first, *(grid.area(at, column)[2] + 1 for columns in best.values() for column in columns)])
    names = best["name"]
    blocks = []
    for number, name in enumerate(names):
        columns = {key: places[number] if len(places) == len(names) else places[0] for key, places in best.items()}
        _, left, _, right = grid.area(at, name)
        blocks.append(_Block(columns, (left, right)))
    return blocks, first


def _keys(grid: Grid, row: int) -> dict[str, list[int]]:
    """The columns of the row's heads by key; one head over several columns counts at its first."""
    said = [
        (head_of(grid.text(row, column)), column) for column in grid.columns(row) if len(grid.text(row, column)) < 40
    ]
    heads = [key for key, _ in said if key]
    if len(heads) > 1 or (len(heads) == 1 and len(said) == 1 and heads != ["bare"]):
        words = {column: plain(grid.text(row, column)) for _, column in said}
        found: dict[str, list[int]] = {}
        for key, column in said:
            found.setdefault(key, []).append(column)
        if "name" not in found and "bare" in found:
            found["name"] = found["bare"]
        names = found.get("name", [])
        found["name"] = [column for column in names if words[column] == words[names[0]]]
        return {key: columns for key, columns in found.items() if key in KEYS and columns}
    return {}


def _take(grid: Grid, row: int, block: _Block, hint: str, place: str, found: Listed) -> str:
    """Take the row's unit, if it is one. Gives the kind that holds for the rows below."""
    at = block.columns["name"]
    written, name = grid.text(row, at), re.sub(r"\s+", "", grid.text(row, at))
    area = grid.area(row, at)
    cells = {key: grid.text(row, column) for key, column in block.columns.items()}
    if struck := grid.struck(row, at):
        found.skipped.append(f"第 {row} 行“{struck}”被划去")
    if area[0] < row:
        return hint  # under a name that is merged over several rows
    if not name:
        if cells.get("code") and not struck:
            found.faults.add(place, row, f"有代码 {cells['code']}，没有名称")
        return hint
    if area[1] < area[3] and (area[1], area[3]) != block.width:
        return _heading(written, row, found, hint)
    if head_of(name) in ("name", "bare") or _is_total(grid, row) or name.isdigit():
        return hint
    if not cells.get("code") and (len(name) > LONGEST_NAME or _NOTE.match(name) or _numbered(name)):
        return _heading(written, row, found, hint)
    for column in block.columns.values():
        if why := grid.wrong(row, column):
            found.faults.add(place, row, why, "请改成写好的文字")
            return hint
    own = {key: cells.get(key, "") for key in KEYS} | {"name": name}
    found.entries.append(Entry(place, row, hint, **own))
    return hint


def _is_total(grid: Grid, row: int) -> bool:
    """Whether any of the row's cells calls it a total: often the one under 序号, with a count under the names."""
    return any(_TOTAL.fullmatch(re.sub(r"\s+", "", grid.text(row, column))) for column in grid.columns(row))


def _numbered(name: str) -> bool:
    """Whether it is a heading such as 一、村 within the list."""
    begins = _SECTION.match(name)
    return bool(begins and re.search(r"[、.．)）]$", begins[0]))


def _heading(written: str, row: int, found: Listed, hint: str) -> str:
    if len(written) <= LONGEST_NAME and not _NOTE.match(written) and (kind := kind_in(written)):
        return kind
    found.skipped.append(f"第 {row} 行“{written[:20]}{'…' if len(written) > 20 else ''}”看来是说明")
    return hint


def _once(found: Listed) -> list[Entry]:
    """The entries without those that another sheet has as well."""
    kept: dict[str, Entry] = {}
    entries = []
    for entry in found.entries:
        before = kept.setdefault(entry.name, entry)
        if before is not entry and before.place != entry.place and (not entry.code or entry.code == before.code):
            continue
        entries.append(entry)
    return entries
