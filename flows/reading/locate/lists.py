"""Locate the rows of line lists: columns by their codes (or, where the row of codes was deleted, by their names)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from flows.reading.grid import Sheet, address
from flows.reading.locate.vocabulary import Role, Words, bare_name, bare_unit, plain, shortened, unit_behind
from flows.reading.records import ListCell, WantedForm, WantedList
from schemas.findings import Finding

_NONE = {"无", "没有", "本年无", "本村无", "无项目", "/", "-", "—", "--", "——", "0"}
MOST_ROWS = 2_000
"""Entries of one list; a township's longest has a few dozen, and row numbers are stored in 16 bits."""
_UNITS_ABOVE = 3
_NAMES_BELOW = 3
"""The row of names stands at most this many rows under the row of codes."""


@dataclass(slots=True)
class ListTable:
    """One line list found on a sheet: the columns it has, and the rows between its head and the next table."""

    sheet: Sheet
    code: str
    code_row: int
    columns: dict[str, int]
    first: int
    end: int
    note: int | None = None
    units: dict[str, tuple[int, str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    measures: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class ListRows:
    """The filled rows of one table, and what is wrong or left out there."""

    rows: list[int] = field(default_factory=list)
    left_out: list[tuple[int, int, str]] = field(default_factory=list)


def find_lists(sheet: Sheet, marks: Sequence[tuple[int, int, Role]], words: Words) -> list[ListTable]:
    """Every line list on a sheet, by its row of column codes; without any, by a row with most of its names."""
    heads: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for row, column, role in marks:
        heads.setdefault((row, role.of), []).append((column, role.what))
    if not heads:
        heads = _heads_by_name(sheet, words)
    tables = [_table(sheet, code, row, columns, words) for (row, code), columns in sorted(heads.items())]
    for table, following in pairwise(tables):
        table.end = min(table.end, following.code_row)
    return tables


def _heads_by_name(sheet: Sheet, words: Words) -> dict[tuple[int, str], list[tuple[int, str]]]:
    """Rows that hold most of the names of one list, as if its codes stood above them."""
    for row in sheet.filled(sheet.top, sheet.bottom + 1):
        names = {bare_name(text): column for column, text in _texts(sheet, row)}
        for code, line_list in words.wanted.lists.items():
            bare = {column: bare_name(name) for column, name in line_list.columns.items()}
            found = [(names[name], column) for column, name in bare.items() if name in names]
            if len(found) >= max(2, 0.6 * len(line_list.columns)):
                return {(row - 1, code): found}
    return {}


def _table(sheet: Sheet, code: str, row: int, found: Sequence[tuple[int, str]], words: Words) -> ListTable:
    """A table from its row of codes: columns without a code are taken by name, moved names are told."""
    wanted = words.wanted.lists[code]
    columns = {name: column for column, name in found}
    twice = {name for column, name in found if columns[name] != column}
    names_row = _names_row(sheet, row, columns, wanted)
    table = ListTable(sheet, code, row, columns, (names_row or row) + 1, sheet.bottom + 1)
    for column, text in _texts(sheet, names_row) if names_row else ():
        _name(table, column, text, wanted, words)
    table.units = _units(sheet, row, columns, words)
    table.measures = [(at, text) for at in range(sheet.top, row) for text in _measures(sheet, at, words)]
    table.missing = [key for key in wanted.columns if key not in columns or key in twice]
    return table


def _name(table: ListTable, column: int, text: str, wanted: WantedList, words: Words) -> None:
    """What a printed name says of its column: it is the explanations', it is another's, or its code was lost."""
    role, bare = words.role(text), bare_name(text)
    key = next((key for key, name in wanted.columns.items() if bare_name(name) == bare), None)
    here = next((name for name, place in table.columns.items() if place == column), None)
    if role and role.kind == "head" and role.what == "note":
        table.note = column
    elif here and bare and bare != bare_name(wanted.columns[here]):
        table.moved.append(f"{here} 栏写的是“{bare}”")
    elif key and not here:
        table.columns.setdefault(key, column)


def _units(sheet: Sheet, row: int, columns: dict[str, int], words: Words) -> dict[str, tuple[int, str]]:
    """The row and words of the unit of measure printed above each column."""
    for above in range(row - 1, row - 1 - _UNITS_ABOVE, -1):
        texts = dict(_texts(sheet, above))
        if any((role := words.role(text)) and role.what == "unit" for text in texts.values()):
            return {key: (above, texts[column]) for key, column in columns.items() if column in texts}
    return {}


def _measures(sheet: Sheet, row: int, words: Words) -> list[str]:
    """What a line above the table says of the unit of all its figures: 单位：元."""
    return [text for _, text in _texts(sheet, row) if "单位" in text and words.units_said(text)]


def _names_row(sheet: Sheet, row: int, columns: dict[str, int], wanted: WantedList) -> int | None:
    names = {bare_name(name) for name in wanted.columns.values()}
    for below in range(row + 1, row + 1 + _NAMES_BELOW):
        if any(bare_name(sheet.cell(below, column)[0]) in names for column in columns.values()):
            return below
    return None


def _texts(sheet: Sheet, row: int) -> Iterator[tuple[int, str]]:
    for column in range(sheet.left, sheet.right + 1):
        raw, kind = sheet.cell(row, column)
        if kind == "text":
            yield column, raw


def read_lists(
    tables: Sequence[ListTable], form: WantedForm, words: Words, sheets: set[str]
) -> tuple[list[ListCell], list[Finding]]:
    """The filled rows of the lists that the form asks for, and what is wrong with them."""
    cells: list[ListCell] = []
    findings: list[Finding] = []
    for code in form.lists:
        copies = []
        for table in (table for table in tables if table.code == code):
            found = _rows(table, words)
            if len(found.rows) > MOST_ROWS:
                findings.append(_too_long(table, len(found.rows), words))
                found.rows = []
            copies.append((table, _cells(table, found.rows)))
            findings += _problems(table, found, words)
        if not copies:
            findings.append(_list_missing(code, words.wanted.lists[code], sheets))
            continue
        cells += copies[0][1]
        findings += _differing(copies, words)
    return cells, findings


def _too_long(table: ListTable, count: int, words: Words) -> Finding:
    details = {"count": str(count), "allowed": str(MOST_ROWS)}
    place = address(table.first, 1)
    return Finding("LIST_TOO_LONG", table.sheet.name, place, table.code, words.wanted.lists[table.code].name, details)


def _rows(table: ListTable, words: Words) -> ListRows:
    """Which rows are entries: not the foot lines, not a total, not a lone 无."""
    found, below_foot = ListRows(), False
    for row in table.sheet.filled(table.first, table.end):
        filled = [column for column in table.columns.values() if table.sheet.cell(row, column)[1] != "blank"]
        role, column = _first_role(table, row, words)
        if role and (role.kind == "label" or (role.kind == "foot" and len(filled) < 3)):
            below_foot = True
        elif role and role.kind == "total" and filled:
            texts = (table.sheet.cell(row, other)[0] for other in dict.fromkeys((column, *filled)))
            found.left_out.append((row, column, " ".join(texts)))
        elif len(filled) == 1 and plain(table.sheet.cell(row, filled[0])[0]) in _NONE:
            continue
        elif filled and (len(filled) > 1 or not below_foot):
            found.rows.append(row)
    return found


def _first_role(table: ListTable, row: int, words: Words) -> tuple[Role | None, int]:
    """What the row's first text is: an entry begins with its number or a name, a foot line with a label."""
    for column, text in _texts(table.sheet, row):
        return words.role(text), column
    return None, 0


def _cells(table: ListTable, rows: Sequence[int]) -> list[ListCell]:
    sheet, cells = table.sheet, []
    for number, row in enumerate(rows, start=1):
        explanation = sheet.shown(row, table.note) if table.note else ""
        for key, column in table.columns.items():
            raw, kind = sheet.cell(row, column)
            cells.append(ListCell(table.code, number, key, raw, kind, sheet.name, row, column, explanation))
    return cells


def _problems(table: ListTable, found: ListRows, words: Words) -> Iterator[Finding]:
    wanted, sheet = words.wanted.lists[table.code], table.sheet
    if table.missing:
        names = shortened([f"{key} {wanted.columns[key]}" for key in table.missing])
        details = {"names": names}
        yield Finding("LIST_COLUMN_MISSING", sheet.name, indicator=table.code, raw=wanted.name, details=details)
    if table.moved:
        place = address(table.first - 1, min(table.columns.values()))
        yield Finding("CODE_NAME_CONFLICT", sheet.name, place, table.code, details={"names": "；".join(table.moved)})
    else:
        yield from _wrong_units(table, wanted, words)
    yield from _merged(table, found.rows)
    if found.left_out:
        row, column, text = found.left_out[0]
        yield Finding("EXTRA_NOTE", sheet.name, address(row, column), raw=text)


def _wrong_units(table: ListTable, wanted: WantedList, words: Words) -> Iterator[Finding]:
    """The unit printed above a column of numbers was changed, or another one is written behind the column's name."""
    for key, unit in wanted.units.items():
        other = _other_unit(table, key, unit, wanted.columns[key], words) if key in table.columns else None
        if other:
            details = {"name": wanted.columns[key], "unit": unit}
            said = f"计量单位改成了“{other[1].strip()}”"
            yield Finding("WRONG_UNIT", table.sheet.name, address(other[0], table.columns[key]), key, said, details)


def _other_unit(table: ListTable, key: str, unit: str, name: str, words: Words) -> tuple[int, str] | None:
    """The row and words of another unit than the form's."""
    row, printed = table.units.get(key, (0, ""))
    if bare_unit(printed) not in ("", bare_unit(unit)):
        return row, printed
    behind = unit_behind(table.sheet.cell(table.first - 1, table.columns[key])[0])
    if behind != unit_behind(name) and words.unit_in(behind) not in (None, words.sized(unit)):
        return table.first - 1, behind
    return next(((at, text) for at, text in table.measures if words.differ(text, unit)), None)


def _merged(table: ListTable, rows: Sequence[int]) -> Iterator[Finding]:
    """A merged area over two entries, or over two columns of one: whose value it is, nobody can tell."""
    told, rows_set = set(), set(rows)
    columns = {column: key for key, column in table.columns.items()}
    for row in rows:
        for column in columns:
            merge = table.sheet.merge(row, column)
            if merge is None or merge in told:
                continue
            across = [columns[c] for c in range(merge[1], merge[3] + 1) if c in columns]
            down = rows_set.intersection(range(merge[0], merge[2] + 1))
            if len(across) > 1 or len(down) > 1:
                told.add(merge)
                place = address(merge[0], merge[1])
                yield Finding("VALUES_MERGED", table.sheet.name, place, across[0], details={"names": "、".join(across)})


def _list_missing(code: str, wanted: WantedList, sheets: set[str]) -> Finding:
    if plain(wanted.name) in sheets:
        names = shortened([f"{key} {name}" for key, name in wanted.columns.items()])
        return Finding("LIST_COLUMN_MISSING", wanted.name, indicator=code, raw=wanted.name, details={"names": names})
    return Finding("SHEET_MISSING", indicator=code, raw=wanted.name, details={"count": str(len(wanted.columns))})


def _differing(copies: Sequence[tuple[ListTable, list[ListCell]]], words: Words) -> Iterator[Finding]:
    """A second copy of a list that says something else."""
    said = [[(cell.row_no, cell.column, cell.raw) for cell in cells] for _, cells in copies]
    for (table, cells), words_said in list(zip(copies, said, strict=True))[1:]:
        if words_said != said[0]:
            first = copies[0][0]
            places = f"“{first.sheet.name}”{_count(copies[0][1])}，“{table.sheet.name}”{_count(cells)}"
            details = {"name": words.wanted.lists[table.code].name, "indicator": table.code, "places": places}
            yield Finding("INDICATOR_TWICE", table.sheet.name, address(table.first, 1), table.code, details=details)


def _count(cells: Sequence[ListCell]) -> str:
    return f"填了 {max((cell.row_no for cell in cells), default=0)} 行"
