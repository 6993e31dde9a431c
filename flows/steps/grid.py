"""Bytes to sheets with exact addresses: every cell's raw text and kind, merged cells, nothing silently empty.

One `Sheet` per worksheet, hidden ones too. Rows and columns count from 1 and are those of the archived file.
"""

import csv
import datetime
import io
import posixpath
import re
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from xml.etree import ElementTree

import python_calamine as calamine

from flows.steps.guard import MOST_CELLS, MOST_SHEETS, Package, Refused, open_package, sniff
from flows.steps.lost_cells import Lost, lost_in_full, lost_in_ods, lost_in_xlsx, refuse_area

Merge = tuple[int, int, int, int]
"""Top, left, bottom, right."""

_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_PROPERTY = "cunhui_"
BLANK = ("", "blank")
INVISIBLE = " \t\r\n\v\f\xa0\u3000\u200b\u200c\u200d\u2060\ufeff"
"""Characters that a cell may hold and still look empty."""


def address(row: int, column: int) -> str:
    """`D12`."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


class Sheet:
    """One worksheet. `rows` begins at row `top` and column `left`; use `cell` for what a cell holds."""

    __slots__ = ("name", "visible", "top", "left", "rows", "lost", "spans")

    def __init__(self, name: str, visible: bool, top: int, left: int, rows: list[list], lost: Lost) -> None:
        self.name, self.visible, self.top, self.left, self.rows = name, visible, top, left, rows
        self.lost: dict[tuple[int, int], tuple[str, str]] = {
            place: content for place, content in lost.blank.items() if self.value(*place) == ""
        }
        self.lost.update(lost.always)
        self.spans: dict[int, list[Merge]] = {}
        for merge in lost.merges:
            for row in range(max(merge[0], top), min(merge[2], self.bottom) + 1):
                self.spans.setdefault(row, []).append(merge)

    @property
    def bottom(self) -> int:
        """The last row with content; `top - 1` when there is none."""
        return self.top + len(self.rows) - 1

    @property
    def right(self) -> int:
        """The last column with content."""
        return self.left + (len(self.rows[0]) if self.rows else 0) - 1

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
        if row in self.spans and self.covered(row, column):
            return BLANK
        if self.lost and (row, column) in self.lost:
            return self.lost[row, column]
        value = self.value(row, column)
        return raw_and_kind(value) if value != "" else BLANK

    def shown(self, row: int, column: int) -> str:
        """What a cell shows, stripped; a covered cell shows what its merged area does."""
        merge = self.merge(row, column) if row in self.spans else None
        raw, _ = self.cell(*merge[:2]) if merge else self.cell(row, column)
        return raw.strip()


@dataclass(slots=True)
class Book:
    """A workbook: its sheets in order, and the custom properties that carry its identity."""

    format: str
    sheets: list[Sheet] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)


def read_book(data: bytes) -> Book:
    """Read any accepted format, told by content. Raises Refused with the finding that the village gets."""
    found = sniff(data)
    if found == "text":
        return _read_csv(data)
    package = open_package(data) if found == "package" else Package("xls", {})
    if package.format == "zip":
        raise Refused("FILE_NOT_WORKBOOK", looks_like="压缩包，请解压后再报")
    lost = _Losses(package, data)
    workbook = _opened(data)
    if len(workbook.sheets_metadata) > MOST_SHEETS:
        raise Refused("FILE_SUSPICIOUS", why=f"有 {len(workbook.sheets_metadata)} 张工作表，最多 {MOST_SHEETS} 张")
    if len(set(workbook.sheet_names)) != len(workbook.sheet_names):
        raise Refused("FILE_SUSPICIOUS", why="有重名的工作表")
    book, cells = Book(package.format, properties=_properties(package)), 0
    for number, about in enumerate(workbook.sheets_metadata):
        if about.typ == calamine.SheetTypeEnum.WorkSheet:
            sheet = _read_sheet(workbook, about, lost, number)
            cells += len(sheet.rows) * (sheet.right + 1 - sheet.left)
            if cells > MOST_CELLS:
                raise Refused("FILE_TOO_BIG", why="用到的单元格太多")
            book.sheets.append(sheet)
    return book


def raw_and_kind(value: object) -> tuple[str, str]:
    """A reader's value as raw text and kind; numbers as Excel shows them, in full and without exponent."""
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
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat(" ") if type_ is datetime.datetime else value.isoformat(), "date"
    return str(value), "date"


def _decimal(value: float) -> str:
    """The shortest decimal that is the same number; 15 digits where binary noise shows, as spreadsheets do."""
    shortest = Decimal(repr(value))
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


def _read_sheet(workbook: calamine.CalamineWorkbook, about: calamine.SheetMetadata, lost: "_Losses", number: int) -> Sheet:
    """One sheet: measured first, then read, then what the fast reader lost is put back."""
    found = lost.of(number, about.name)
    try:
        sheet = workbook.get_sheet_by_name(about.name)
        start, end = sheet.start, sheet.end
        if start is None or end is None:
            rows, start = [], (0, 0)
        else:
            refuse_area(end[0] + 1, end[1] + 1, about.name)
            rows = sheet.to_python()
        merges = sheet.merged_cell_ranges or []
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise Refused("FILE_DAMAGED", why=f"“{about.name}”读不通：{_reason(error)}") from error
    if found.filled is not None:
        found = lost.recounted(found, number, about.name, sum(len(row) - row.count("") for row in rows))
    found.merges += [(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in merges]
    visible = about.visible == calamine.SheetVisibleEnum.Visible
    return Sheet(about.name, visible, start[0] + 1, start[1] + 1, rows, found)


def _reason(error: Exception) -> str:
    """In Chinese where a village can do something about it."""
    value = re.search(r"Unsupported cell error value '([^']*)'", str(error))
    return f"含有出错的公式 {value[1]}" if value else "内部结构有错"


class _Losses:
    """What the fast reader will lose of each sheet of a workbook, found before it may open the sheet."""

    def __init__(self, package: Package, data: bytes) -> None:
        self.package, self.uncalculated = package, False
        if package.format == "xlsx":
            self.targets = self._xlsx_targets()
        elif package.format == "xlsb":
            self.targets = self._xlsb_targets()
        elif package.format == "ods":
            self.by_name = lost_in_ods(self._part("content.xml"))
        else:
            from flows.steps.lost_records import lost_in_xls

            self.in_order = lost_in_xls(data)

    def of(self, number: int, name: str) -> Lost:
        """What the sheet of that place and name loses. Raises Refused where this cannot be told."""
        if self.package.format == "xlsx":
            commented = self.targets[number][1].lower() in self.package.commented if number < len(self.targets) else True
            return lost_in_xlsx(self._sheet_part(number, name), self.uncalculated, name, commented)
        if self.package.format == "xlsb":
            from flows.steps.lost_records import lost_in_xlsb

            return lost_in_xlsb(self._sheet_part(number, name), name)
        if self.package.format == "ods" and name in self.by_name:
            return self.by_name[name]
        if self.package.format == "xls" and number < len(self.in_order):
            return self.in_order[number]
        raise Refused("FILE_DAMAGED", why=f"找不到“{name}”的内容")

    def recounted(self, found: Lost, number: int, name: str, filled: int) -> Lost:
        """The same by a full parse, when the values that the quick look counted are not all there."""
        part = self._sheet_part(number, name)
        if found.filled == filled or found.filled + part.count(b"<is") == filled:
            return found
        return lost_in_full(part, self.uncalculated, name)

    def _sheet_part(self, number: int, name: str) -> bytes:
        if number >= len(self.targets) or self.targets[number][0] != name:
            raise Refused("FILE_DAMAGED", why=f"找不到“{name}”的内容")
        return self._part(self.targets[number][1])

    def _part(self, path: str) -> bytes:
        part = self.package.part(path)
        if part is None:
            raise Refused("FILE_DAMAGED", why=f"缺少内部部分 {posixpath.basename(path)}")
        return part

    def _xlsx_targets(self) -> list[tuple[str, str]]:
        folder = self._workbook_folder()
        relations = self._relations(f"{folder}_rels/workbook.xml.rels")
        targets = []
        for element in _tree(self._part(f"{folder}workbook.xml")).iter():
            tag = element.tag.rpartition("}")[2]
            if tag == "sheet":
                relation = next((value for key, value in element.items() if key.rpartition("}")[2] == "id"), "")
                target = relations.get(relation, "")
                path = target[1:] if target.startswith("/") else folder + target
                targets.append((element.get("name", ""), path))
            elif tag == "calcPr":
                self.uncalculated = element.get("fullCalcOnLoad") in ("1", "true")
        return targets

    def _workbook_folder(self) -> str:
        """Where the fast reader will look for the workbook part."""
        folder = ""
        for element in _tree(self._part("_rels/.rels")).iter():
            if element.get("Type", "").endswith("/relationships/officeDocument"):
                folder = posixpath.dirname(element.get("Target", "")).lstrip("/")
        return folder + "/" if folder else ""

    def _xlsb_targets(self) -> list[tuple[str, str]]:
        from flows.steps.lost_records import bundled_sheets

        relations = self._relations("xl/_rels/workbook.bin.rels")
        sheets = bundled_sheets(self._part("xl/workbook.bin"))
        return [(name, "xl/" + relations.get(relation, "")) for name, relation in sheets if relation in relations]

    def _relations(self, path: str) -> dict[str, str]:
        found = [(element.get("Id"), element.get("Target", "")) for element in _tree(self._part(path)) if element.get("Id")]
        if len(dict(found)) != len(found):
            raise Refused("FILE_SUSPICIOUS", why="内部关系有重名")
        return dict(found)


def _tree(part: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(part)
    except ElementTree.ParseError:
        raise Refused("FILE_DAMAGED", why="内部结构读不通") from None


def _properties(package: Package) -> dict[str, str]:
    """Custom document properties of ours, without their prefix."""
    found = {}
    for path, attribute in (("docprops/custom.xml", "name"), ("meta.xml", "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}name")):
        part = package.part(path)
        for element in _tree(part).iter() if part and _PROPERTY.encode() in part else ():
            name = element.get(attribute) or ""
            if name.startswith(_PROPERTY):
                found[name.removeprefix(_PROPERTY)] = "".join(element.itertext()).strip()
    return found


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
    padded = [[_typed(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
    return Book("csv", [Sheet("", True, 1, 1, padded, Lost())])


def _typed(cell: str) -> object:
    if _PLAIN_NUMBER.fullmatch(cell) and len(cell) <= 15:
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
