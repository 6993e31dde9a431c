"""A catalogue's workbook read back: rows by kind, the cell that each value stood in, and every fault of it at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flows.exchange.draw import place_of
from flows.exchange.sheets import GUIDE, STAND_IN, Sheet, meant, sheets, stand_in, why_not
from flows.exchange.written import INDICATORS, KEY, WITHIN, RowKey, Written, key_of
from flows.reading.grid_of_table import Grid
from flows.reading.records import Table
from schemas.faults import Faults, nearest

Cells = dict[tuple[str, RowKey, str], str]
"""The cell of a value by kind, row and key; that of a whole row under the key ''."""
_FIRST_ROWS = 10
"""Rows among which the heads are looked for: somebody may have put a title above them."""


@dataclass
class Taken:
    """What a workbook declares. `ignored`: its sheets that are none of a catalogue's; `headless`: heads are wrong.

    What is at fault in a cell stands in `written` as something that will do, so that the rest can be judged as well.
    """

    written: Written = field(default_factory=Written)
    headless: bool = False
    cells: Cells = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)


def take_back(file: object, tables: Sequence[Table]) -> Taken:
    """The rows of every sheet; what can be told of a cell without the rest of the catalogue is a fault here."""
    found, by_name = Taken(), {table.name.strip(): table for table in tables}
    for sheet in sheets():
        if table := by_name.pop(sheet.name, None):
            _take_sheet(found, sheet, Grid(table), f"{file} “{sheet.name}”")
        elif sheet.kind == INDICATORS:
            found.headless = True
            found.faults.add(file, 0, f"没有工作表“{sheet.name}”", "请用 cunhui catalogue export 导出的工作簿来改")
    found.ignored = [name for name in by_name if name != GUIDE]
    _refuse_homeless(found, file)
    found.written.sort()
    return found


def _take_sheet(found: Taken, sheet: Sheet, grid: Grid, place: str) -> None:
    at = next((row for row in grid.filled[:_FIRST_ROWS] if _is_head(sheet, grid, row)), None)
    if at is None:
        if grid.filled:
            found.headless = True
            found.faults.add(place, 0, f"找不到栏名（应有一行写着 {sheet.key.head} 等）")
        return
    told = len(found.faults.lines)
    columns = dict(_columns(found, sheet, grid, at, place))
    if len(found.faults.lines) > told:
        found.headless = True
        return
    first: dict[RowKey, int] = {}
    for row in (row for row in grid.filled if row > at):
        _take_row(found, sheet, grid, row, columns, place, first)


def _is_head(sheet: Sheet, grid: Grid, row: int) -> bool:
    known = [sheet.field(grid.text(row, column)) for column in grid.columns(row)]
    return sheet.key in known


def _columns(found: Taken, sheet: Sheet, grid: Grid, row: int, place: str) -> Iterator[tuple[str, int]]:
    """Where each key's column is; a head that is none's, twice there or lacking is a fault."""
    seen: dict[str, int] = {}
    for column in grid.columns(row):
        text, known = grid.text(row, column), sheet.field(grid.text(row, column))
        where = f"{place} {place_of(row, column)}"
        if known is None:
            heads = [one.head for one in sheet.fields]
            found.faults.add(where, 0, f"不认识的栏名“{text[:20]}”", nearest(text, heads))
        elif known.key in seen:
            found.faults.add(where, 0, f"栏名“{known.head}”写了两次")
        else:
            seen[known.key] = column
    for one in (one for one in sheet.fields if one.required and one.key not in seen):
        found.faults.add(place, row, f"缺少“{one.head}”一栏")
    yield from seen.items()


def _take_row(
    found: Taken, sheet: Sheet, grid: Grid, row: int, columns: dict[str, int], place: str, first: dict[RowKey, int]
) -> None:
    struck = [column for column in columns.values() if grid.struck(row, column)]
    texts = {key: grid.text(row, column) for key, column in columns.items()}
    if struck:
        found.faults.add(f"{place} {place_of(row, struck[0])}", 0, "被划去", "停用的写“止于”，不要的删去整行")
    if not any(texts.values()):
        return
    for column in columns.values():
        if why := grid.wrong(row, column):
            found.faults.add(f"{place} {place_of(row, column)}", 0, why, "请改成写好的文字或数字")
    key = KEY[sheet.kind]
    if not texts[key]:
        found.faults.add(f"{place} {place_of(row, columns[key])}", 0, f"这一行没有{sheet.key.head}")
        return
    values = {}
    for one in (one for one in sheet.fields if one.key in columns):
        where, text = f"{place} {place_of(row, columns[one.key])}", texts[one.key]
        if text or one.required:
            if wrong := why_not(text, one):
                found.faults.add(where, 0, *wrong)
            if text and not wrong:
                values[one.key] = meant(text, one)
            elif one.required:
                values[one.key] = stand_in(one)
    told = key_of(sheet.kind, values)
    if told in first:
        at = place_of(row, columns[key])
        found.faults.add(f"{place} {at}", 0, f"{sheet.key.head} {texts[key]} 重复", f"第 {first[told]} 行已经用过")
        return
    first[told] = row
    found.written.put(sheet.kind, values)
    found.cells[sheet.kind, told, ""] = f"{place} {place_of(row, columns[key])}"
    for one, column in columns.items():
        found.cells[sheet.kind, told, one] = f"{place} {place_of(row, column)}"


def _refuse_homeless(found: Taken, file: object) -> None:
    """Rows of an area or a list that is not there: nothing would read them."""
    rows = found.written.rows
    areas, lists = {name for _, name in rows["areas"]}, {code for _, code in rows["lists"]}
    if not rows["areas"] and not found.faults.lines:
        found.faults.add(file, 0, "一个类别也没有", "应在“类别”表里写")
    homes = (("indicators", "area", areas), ("relations", WITHIN, areas | lists), ("columns", WITHIN, lists))
    heads = {(sheet.kind, one.key): one.head for sheet in sheets() for one in sheet.fields}
    for kind, at, known in homes:
        lost: dict[str, list[str]] = {}
        for told, row in list(rows[kind].items()):
            if row[at] not in known:
                lost.setdefault(row[at], []).append(found.cells[kind, told, at])
                del rows[kind][told]
        for home, places in lost.items():
            more = f"（共 {len(places)} 行）" if len(places) > 1 else ""
            if home != STAND_IN:
                found.faults.add(places[0], 0, f"{heads[kind, at]}写的是“{home}”{more}", nearest(home, known))
