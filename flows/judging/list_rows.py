"""Rows of a line list that are doubtful together: the same entry twice, a row that is the sum of those above it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import pandas as pd
from openpyxl.utils import get_column_letter

from flows.judging.finding_rows import Case
from flows.values.characters import tidy
from flows.values.sums import sum_above
from schemas.findings import Finding
from schemas.records import LineList

LEAST_DIGITS = 3
"""Significant figures of the sums that must agree before chance is out of the question.

Of 40,000 made-up lists of 3 to 10 entries, a third of their figures round, 0.02 % had such a row by chance, with one
column of figures as with two (November 2026); with two figures 0.2 %. The price: 100, 50 and 150 alone are not asked.
"""

Row = Mapping[str, "Cell"]
"""An entry's cells by column."""


class Cell(NamedTuple):
    """One cell of an entry: its column, where it stands, and what it says."""

    indicator: str
    row_no: int
    sheet: str
    row: int
    col: int
    value: int | None
    text: str | None
    raw: str | None


def doubtful_rows(of_list: pd.DataFrame, line_list: LineList) -> list[Case]:
    """What is to be asked about the entries of one list, of every submission that has more than one.

    `of_list` has a row per cell: sub_id, row_no, indicator (the column), sheet, row, col, value and text.
    """
    cases: list[Case] = []
    plain = of_list[["sub_id", *Cell._fields]].astype("object")
    rows: dict[int, dict[int, dict[str, Cell]]] = {}
    for sub, *said in plain.where(plain.notna(), None).itertuples(index=False, name=None):
        cell = Cell(*said)
        rows.setdefault(int(sub), {}).setdefault(cell.row, {})[cell.indicator] = cell
    for sub in sorted(rows):
        entries = [rows[sub][at] for at in sorted(rows[sub])]
        cases += [(sub, finding, subjects) for finding, subjects in _twice(entries, line_list)]
        cases += [(sub, finding, subjects) for finding, subjects in _sums(entries, line_list)]
    return cases


def _twice(entries: Sequence[Row], line_list: LineList) -> Iterator[tuple[Finding, tuple[str, ...]]]:
    """One finding for each entry that is an earlier one again."""
    told: set[int] = set()
    for (_, first), (later, second) in combinations(enumerate(entries), 2):
        if later not in told and _same(first, second, line_list):
            told.add(later)
            words = {"row": str(_number(second)), "places": f"第 {_number(first)} 行", "name": _name(second, line_list)}
            yield _finding("ROW_TWICE", second, line_list, words), _subjects(first) + _subjects(second)


def _same(first: Row, second: Row, line_list: LineList) -> bool:
    """Whether two entries have the same names, and the same choices or the same figures besides."""
    names = [(_squeezed(first, column.code), _squeezed(second, column.code)) for column in line_list.naming]
    if not names or any(not one or one != other for one, other in names):
        return False
    choices = [column.code for column in line_list.columns if column.type == "choice"]
    numbers = [column.code for column in line_list.columns if column.type == "number"]
    figures = [(_value(first, code), _value(second, code)) for code in numbers]
    equal = all(one == other for one, other in figures) and any(one for one, _ in figures)
    return equal or all(_squeezed(first, code) == _squeezed(second, code) for code in choices)


def _sums(entries: Sequence[Row], line_list: LineList) -> Iterator[tuple[Finding, tuple[str, ...]]]:
    """One finding for each entry that is the sum of all before it, or of those since the last such entry."""
    columns = [column for column in line_list.columns if column.type == "number"]
    since: list[int] = []
    every: list[int] = []
    figures = [[_value(entry, column.code) for column in columns] for entry in entries]
    for at, row in enumerate(figures):
        for above in (since, every):
            found = sum_above([figures[one] for one in above], row)
            if found and found.digits >= LEAST_DIGITS:
                words = {
                    "row": str(_number(entries[at])),
                    "names": "、".join(columns[place].name for place in found.columns),
                    "places": "、".join(str(_number(entries[one])) for one in above).join(("第 ", " 行")),
                }
                yield _finding("ROW_IS_SUM", entries[at], line_list, words), _subjects(entries[at])
                since = []
                break
        else:
            since.append(at)
            every.append(at)


def _finding(code: str, entry: Row, line_list: LineList, words: dict[str, str]) -> Finding:
    """At the entry's name."""
    column = next((one.code for one in line_list.naming if one.code in entry), next(iter(entry)))
    cell = entry[column]
    place = f"{get_column_letter(int(cell.col))}{cell.row}"
    return Finding(code, cell.sheet, place, column, cell.raw or "", words)


def _subjects(entry: Row) -> tuple[str, ...]:
    return tuple(f"{code} {cell.row_no}" for code, cell in entry.items())


def _name(entry: Row, line_list: LineList) -> str:
    said = (entry[one.code].text for one in line_list.naming if one.code in entry)
    return " ".join(text for text in said if text)


def _number(entry: Row) -> int:
    return next(iter(entry.values())).row_no


def _squeezed(entry: Row, code: str) -> str:
    return re.sub(r"\s", "", tidy((entry[code].text if code in entry else "") or "")[0])


def _value(entry: Row, code: str) -> int | None:
    value = entry[code].value if code in entry else None
    return None if value is None else int(value)
