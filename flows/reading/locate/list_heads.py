"""The heads of line lists: columns by their codes (or, where the row of codes was deleted, by their names)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from flows.reading.grid import Sheet
from flows.reading.locate.vocabulary import Role, Words, bare_name, bare_unit
from flows.reading.records import WantedList

_HEAD_HEIGHT = 3
"""The rows of names and of units stand at most this many rows from the row of codes, above it or below."""
_HINTS = {"文字", "文本", "数字", "选一项", "单选", "选择", "日期"}
"""What a row of units says of columns that have none."""
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_LEAST_NUMBERED = 3
"""Columns; two cells 1 and 2 side by side are as likely to be figures."""


@dataclass(slots=True)
class ListTable:
    """One line list found on a sheet: the columns it has, and the rows between its head and the next table.

    `empty` where it is known that nothing is filled in, and nothing wrong.
    """

    sheet: Sheet
    code: str
    code_row: int
    columns: dict[str, int]
    first: int
    end: int
    names_row: int | None = None
    number: int | None = None
    note: int | None = None
    units: dict[str, tuple[int, str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    measures: list[tuple[int, str]] = field(default_factory=list)
    empty: bool = False

    @property
    def top(self) -> int:
        """The first row of its head."""
        rows = [self.code_row, self.names_row or self.code_row, *(row for row, _ in self.units.values())]
        return min(rows)


def find_lists(sheet: Sheet, marks: Sequence[tuple[int, int, Role]], words: Words) -> list[ListTable]:
    """Every line list on a sheet, by its row of column codes; without any, by a row with most of its names."""
    heads: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for row, column, role in marks:
        heads.setdefault((row, role.of), []).append((column, role.what))
    if not heads:
        heads = _heads_by_name(sheet, words)
    tables = [_table(sheet, code, row, columns, words) for (row, code), columns in sorted(heads.items())]
    for table, following in pairwise(tables):
        table.end = min(table.end, following.top)
    return tables


def _heads_by_name(sheet: Sheet, words: Words) -> dict[tuple[int, str], list[tuple[int, str]]]:
    """Rows that hold most of the names of one list, as if its codes stood above them."""
    for row in sheet.filled(sheet.top, sheet.bottom + 1):
        names = {bare_name(text): column for column, text in texts_of(sheet, row)}
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
    first = _first_entry(sheet, max(row, names_row or row) + 1, columns, wanted, words)
    table = ListTable(sheet, code, row, columns, first, sheet.bottom + 1, names_row, _leftmost(sheet, columns))
    for column, text in texts_of(sheet, names_row) if names_row else ():
        _name(table, column, text, wanted, words)
    table.units = _units(sheet, row, first, columns, words)
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
    elif role and role.kind == "head" and role.what == "number":
        table.number = column
    elif here and bare and bare != bare_name(wanted.columns[here]):
        table.moved.append(f"{here} 栏写的是“{bare}”")
    elif key and not here:
        table.columns.setdefault(key, column)


def _leftmost(sheet: Sheet, columns: dict[str, int]) -> int | None:
    """The column of row numbers where no head says which: the first one, when it is none of the list's."""
    return sheet.left if sheet.left < min(columns.values()) else None


def _first_entry(sheet: Sheet, row: int, columns: dict[str, int], wanted: WantedList, words: Words) -> int:
    """The first row under the head that belongs to it no more: rows of units or of column numbers do."""
    while _says_units(sheet, row, columns, wanted, words) or _numbers_columns(sheet, row, columns):
        row += 1
    return row


def _says_units(sheet: Sheet, row: int, columns: dict[str, int], wanted: WantedList, words: Words) -> bool:
    """Whether a row says the columns' units of measure: it is labelled so, or nothing else stands in it."""
    texts = {column: text for column, text in texts_of(sheet, row)}
    first = words.role(texts[min(texts)]) if texts else None
    if first and first.kind == "head" and first.what == "unit" and not set(texts).issubset(columns.values()):
        return True
    filled = {key: column for key, column in columns.items() if sheet.cell(row, column)[1] != "blank"}
    said = {key: bare_unit(texts.get(column, "")) for key, column in filled.items()}
    in_units = [key for key, unit in said.items() if key in wanted.units and words.unit_in(unit)]
    return bool(in_units) and all(key in in_units or unit in _HINTS for key, unit in said.items())


def _numbers_columns(sheet: Sheet, row: int, columns: dict[str, int]) -> bool:
    """Whether a row numbers the columns, as printed tables do: 甲 乙 1 2 3."""
    said = [sheet.cell(row, column)[0].strip() for column in sorted(columns.values())]
    if len(said) < _LEAST_NUMBERED:
        return False
    stems = [text for text in said if len(text) == 1 and text in _STEMS]
    figures = said[len(stems) :]
    if not all(re.fullmatch("[0-9]{1,3}", text) for text in figures) or "".join(stems) not in _STEMS:
        return False
    numbers = [int(text) for text in figures]
    return all(after == before + 1 for before, after in pairwise(numbers)) and (bool(stems) or numbers[0] <= 2)


def _units(sheet: Sheet, row: int, first: int, columns: dict[str, int], words: Words) -> dict[str, tuple[int, str]]:
    """The row and words of the unit of measure printed above or below each column's code, within the head."""
    for at in (*range(row - 1, row - 1 - _HEAD_HEIGHT, -1), *range(row + 1, first)):
        texts = dict(texts_of(sheet, at))
        if any((role := words.role(text)) and role.what == "unit" for text in texts.values()):
            return {key: (at, texts[column]) for key, column in columns.items() if column in texts}
    return {}


def _measures(sheet: Sheet, row: int, words: Words) -> list[str]:
    """What a line above the table says of the unit of all its figures: 单位：元."""
    return [text for _, text in texts_of(sheet, row) if "单位" in text and words.units_said(text)]


def _names_row(sheet: Sheet, row: int, columns: dict[str, int], wanted: WantedList) -> int | None:
    names = {bare_name(name) for name in wanted.columns.values()}
    for at in (*range(row + 1, row + 1 + _HEAD_HEIGHT), *range(row - 1, row - 1 - _HEAD_HEIGHT, -1)):
        if any(bare_name(sheet.cell(at, column)[0]) in names for column in columns.values()):
            return at
    return None


def texts_of(sheet: Sheet, row: int) -> Iterator[tuple[int, str]]:
    """The columns and texts of a row's cells that hold text."""
    return ((column, raw) for column, raw, kind in sheet.said(row) if kind == "text")
