"""Bytes to sheets with exact addresses: every cell's raw text and kind, merged cells, nothing silently empty.

One `Sheet` per worksheet, hidden ones too. Rows and columns count from 1 and are those of the archived file.
"""

import csv
import datetime
import io
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any

import python_calamine as calamine

from flows.reading.guard import MOST_CELLS, MOST_MERGES, Refused, open_package, sniff
from flows.reading.losses.lost import Lost, refuse_area, refuse_filled
from flows.reading.losses.workbook import Losses, OdsLosses, XlsbLosses, XlsLosses, XlsxLosses

Merge = tuple[int, int, int, int]
"""Top, left, bottom, right."""

INVISIBLE = " \t\r\n\v\f\xa0\u3000\u200b\u200c\u200d\u2060\ufeff"
"""Characters that a cell may hold and still look empty."""
BLANK = ("", "blank")
MOST_MERGED = 200_000
"""Rows of all merged areas of a sheet."""
_FEW_MERGED = 32
"""Merged areas of a form's sheet, and more; those of the last sheets are remembered by row (2026-11)."""
_SHORT = 16
"""Characters, the point among them, of a number that cannot have more than 15 digits."""
_STRUCK = re.compile("（划去：.*?）", re.DOTALL)
PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,15})?")
_LOSSES = {"xlsx": XlsxLosses, "xlsb": XlsbLosses, "ods": OdsLosses}


def address(row: int, column: int) -> str:
    """As `AB7`."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


class Sheet:
    """One worksheet. `rows` begins at row `top` and column `left`; use `cell` for what a cell holds."""

    __slots__ = (
        "_cells",
        "_filled",
        "_lost",
        "_said",
        "left",
        "looks",
        "lost",
        "name",
        "rows",
        "spans",
        "top",
        "visible",
    )

    def __init__(self, name: str, visible: bool, top: int, left: int, rows: list[list], lost: Lost) -> None:
        self.name, self.visible, self.top, self.left, self.rows = name, visible, top, left, rows
        self.lost: dict[tuple[int, int], tuple[str, str]] = {
            place: content for place, content in lost.blank.items() if self.value(*place) == ""
        }
        self.lost.update(lost.always)
        self.looks = lost
        self._cells: dict[int, dict[int, tuple[str, str]]] = {}
        self._said: dict[int, list[tuple[int, str, str]]] = {}
        self._filled: list[int] | None = None
        self._lost: dict[int, set[int]] = {}
        for row, column in self.lost:
            self._lost.setdefault(row, set()).add(column)
        merged = tuple(lost.merges)
        self.spans = (_few_spans if len(merged) <= _FEW_MERGED else _spans)(merged, top, top + len(rows), name)

    @property
    def bottom(self) -> int:
        """The last row with content; `top - 1` when there is none."""
        return self.top + len(self.rows) - 1

    @property
    def right(self) -> int:
        """The last column with content."""
        return self.left + (len(self.rows[0]) if self.rows else 0) - 1

    def filled(self, first: int, end: int) -> Iterator[int]:
        """The rows from `first` to before `end` that hold anything: no empty one is asked cell by cell."""
        if self._filled is None:
            self._filled = [
                row
                for row, values in enumerate(self.rows, start=self.top)
                if row in self._lost or values.count("") < len(values)
            ]
        yield from self._filled[bisect_left(self._filled, first) : bisect_left(self._filled, end)]

    def said(self, row: int) -> list[tuple[int, str, str]]:
        """Column, raw text and kind of the cells of a row that are not blank; each row is looked through once."""
        found = self._said.get(row)
        if found is None:
            cells = self._cells_of(row) if self.top <= row <= self.bottom else {}
            found = [(column, *cell) for column, cell in cells.items() if cell[1] != "blank"]
            if row in self._lost:
                found = sorted(cell for cell in found if self.left <= cell[0] <= self.right)
            self._said[row] = found
        return found

    def _cells_of(self, row: int) -> dict[int, tuple[str, str]]:
        """Raw text and kind by column of what a row holds and does not cover; made of each row once."""
        found = self._cells.get(row)
        if found is None:
            values = self.rows[row - self.top] if self.top <= row <= self.bottom else ()
            found = {at: raw_and_kind(value) for at, value in enumerate(values, start=self.left) if value != ""}
            for column in self._lost.get(row, ()):
                found[column] = self.lost[row, column]
            if row in self.spans:
                found = {column: cell for column, cell in found.items() if not self.covered(row, column)}
            self._cells[row] = found
        return found

    def beyond(self, row: int, column: int) -> Iterator[tuple[int, str]]:
        """Column and raw text of the cells to the right of a cell that hold anything, within the sheet, in order.

        A row is not looked through as a whole for the first of them.
        """
        if row in self._lost or not self.top <= row <= self.bottom:
            cells = self._cells_of(row)
            yield from ((other, cells[other][0]) for other in sorted(cells) if column < other <= self.right)
            return
        values, merged = self.rows[row - self.top], row in self.spans
        for other in range(column + 1, self.right + 1):
            value = values[other - self.left]
            if value != "" and not (merged and self.covered(row, other)):
                yield other, raw_and_kind(value)[0]

    def value(self, row: int, column: int) -> object:
        """What the fast reader says, "" for a blank."""
        down, across = row - self.top, column - self.left
        if down < 0 or across < 0:
            return ""
        try:
            return self.rows[down][across]
        except IndexError:
            return ""

    def merge(self, row: int, column: int) -> Merge | None:
        """The merged area that holds the cell, if there is one."""
        for merge in self.spans.get(row, ()):
            if merge[1] <= column <= merge[3]:
                return merge
        return None

    def covered(self, row: int, column: int) -> bool:
        """Whether the cell lies under a merged area's first cell: nobody sees what it holds."""
        merge = self.merge(row, column)
        return merge is not None and merge[:2] != (row, column)

    def cell(self, row: int, column: int) -> tuple[str, str]:
        """Raw text and kind of a cell (see `reading.Answer`); a covered cell is blank."""
        cells = self._cells.get(row)
        return (self._cells_of(row) if cells is None else cells).get(column, BLANK)

    def answer(self, row: int, column: int) -> tuple[str, str]:
        """The same of a cell that is to be filled in: one that is struck out, or shows another figure, says so."""
        raw, kind = self.cell(row, column)
        place, looks = (row, column), self.looks
        if kind == "blank" or kind in ("error", "formula_without_value"):
            return raw, kind
        if place in looks.partly:
            return raw, "struck"
        if place in looks.struck:
            return f"（划去：{raw.strip()}）", "struck"
        if place in looks.otherwise:
            return looks.otherwise[place]
        return looks.worded[place].of_text(raw) if kind == "text" and place in looks.worded else (raw, kind)

    def remark(self, row: int, column: int | None) -> str:
        """What is written beside an answer, without what is struck out there."""
        if column is None or (row, column) in self.looks.struck:
            return ""
        shown = self.shown(row, column)
        return _STRUCK.sub("", shown).strip() if (row, column) in self.looks.partly else shown

    def shown(self, row: int, column: int | None) -> str:
        """What a cell shows, stripped; a covered cell shows what its merged area does; no column, nothing."""
        if column is None:
            return ""
        merge = self.merge(row, column) if row in self.spans else None
        raw, _ = self.cell(*merge[:2]) if merge else self.cell(row, column)
        return raw.strip()


@dataclass(slots=True)
class Book:
    """A workbook: its sheets in order, and the custom properties that carry its identity."""

    format: str
    sheets: list[Sheet] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)


def _spans(merges: Sequence[Merge], top: int, end: int, name: str) -> Mapping[int, Sequence[Merge]]:
    """The merged areas over each row from `top` to before `end`. Raises Refused where these are too many."""
    found: dict[int, list[Merge]] = {}
    most = MOST_MERGED
    for merge in merges:
        merged = range(max(merge[0], top), min(merge[2] + 1, end))
        most -= len(merged)
        if most < 0:
            raise Refused("FILE_SUSPICIOUS", why=f"“{name}”的合并单元格占了太多行")
        for row in merged:
            found.setdefault(row, []).append(merge)
    return found


_few_spans = lru_cache(64)(_spans)
"""Of sheets with a few merged areas, which forms have alike."""


def read_book(data: bytes, skip: Collection[str] = ()) -> Book:
    """Read any accepted format, told by content, but not the sheets of the names in `skip`.

    Raises Refused with the finding that the village gets.
    """
    found = sniff(data)
    if found == "text":
        return _read_csv(data)
    package = open_package(data) if found == "package" else None
    if package and package.format == "zip":
        raise Refused("FILE_NOT_WORKBOOK", looks_like="压缩包，请解压后再报")
    losses = _LOSSES[package.format](package, skip) if package else XlsLosses(data)
    properties = losses.properties()
    workbook = _opened(package.verified() if package else data)
    if len(set(workbook.sheet_names)) != len(workbook.sheet_names):
        raise Refused("FILE_SUSPICIOUS", why="有重名的工作表")
    book = Book(package.format if package else "xls", properties=properties, names=workbook.sheet_names)
    cells = filled = 0
    for number, about in enumerate(workbook.sheets_metadata):
        if about.typ == calamine.SheetTypeEnum.WorkSheet and about.name not in skip:
            sheet, here = _read_sheet(workbook, about, losses, number)
            filled += here
            refuse_filled(filled)
            cells += len(sheet.rows) * (sheet.right + 1 - sheet.left)
            if cells > MOST_CELLS:
                raise Refused("FILE_TOO_BIG", why="用到的单元格太多")
            book.sheets.append(sheet)
    return book


def raw_and_kind(value: Any) -> tuple[str, str]:
    """A reader's value as raw text and kind; numbers as spreadsheets show them, in full and without exponent."""
    type_ = type(value)
    if type_ is str:
        return value, "text" if value.strip(INVISIBLE) else "blank"
    if type_ is float:
        if value.is_integer() and -1e15 < value < 1e15:
            return str(int(value)), "number"
        return (_decimal(value), "number") if isfinite(value) else (str(value), "error")
    if type_ is bool:
        return ("TRUE" if value else "FALSE"), "bool"
    if type_ is int:
        return str(value), "number"
    if type_ is datetime.datetime:
        return value.isoformat(" "), "date"
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat(), "date"
    return str(value), "date"


def _decimal(value: float) -> str:
    """The shortest decimal that is the same number; 15 digits where binary noise shows, as spreadsheets do."""
    written = repr(value)
    if len(written) <= _SHORT and "e" not in written:
        return written
    shortest = Decimal(written)
    if len(shortest.as_tuple().digits) > 15:
        shortest = Decimal(f"{value:.15g}")
    text = format(shortest, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _opened(data: bytes) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError:
        raise Refused("FILE_PASSWORD") from None
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise Refused("FILE_DAMAGED", why="内部结构读不通") from error


def _read_sheet(
    workbook: calamine.CalamineWorkbook, about: calamine.SheetMetadata, losses: Losses, number: int
) -> tuple[Sheet, int]:
    """One sheet: read, then what the fast reader lost is put back; and how many cells the fast reader found filled."""
    try:
        sheet = workbook.get_sheet_by_name(about.name)
        start, end, merges = sheet.start or (0, 0), sheet.end, sheet.merged_cell_ranges or []
        if end is not None:
            refuse_area(end[0] + 1, end[1] + 1, about.name)
        rows = sheet.to_python() if end is not None else []
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise Refused("FILE_DAMAGED", why=f"“{about.name}”{_reason(error)}") from error
    if len(merges) > MOST_MERGES:
        raise Refused("FILE_SUSPICIOUS", why=f"“{about.name}”有太多合并单元格")
    filled = _filled(rows)
    lost = losses.of(number, about.name, filled)
    merges = losses.merges(about.name, merges, filled)
    lost.merges += [(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in merges]
    visible = about.visible == calamine.SheetVisibleEnum.Visible
    return Sheet(about.name, visible, start[0] + 1, start[1] + 1, rows, lost), filled


def _filled(rows: list[list]) -> int:
    return sum([len(row) - row.count("") for row in rows])


def _reason(error: Exception) -> str:
    """In Chinese where a village can do something about it."""
    value = re.search(r"Unsupported cell error value '([^']*)'", str(error))
    return f"含有出错的公式 {value[1]}" if value else "的内部结构有错"


def _read_csv(data: bytes) -> Book:
    """A form saved as text, the last resort: one sheet, everything text except plain numbers."""
    text = _decoded(data)
    separator = max("\t,;", key=text.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        raise Refused("FILE_NOT_WORKBOOK", looks_like="文本") from None
    width = max(map(len, rows), default=0)
    refuse_area(len(rows), width, "CSV")
    refuse_filled(_filled(rows))
    padded = [[_typed(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
    return Book("csv", [Sheet("", True, 1, 1, padded, Lost())], names=[""])


def _typed(cell: str) -> object:
    if PLAIN_NUMBER.fullmatch(cell):
        return float(cell) if "." in cell else int(cell)
    return cell


def _decoded(data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("FILE_NOT_WORKBOOK", looks_like="不认识的文字编码")
