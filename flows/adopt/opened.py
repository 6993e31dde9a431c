"""Inside a process of its own: the bytes of a blank .xlsx to its pages, with everything that the looks can tell.

A workbook is first read by the guarded reader, which refuses what is not safe to parse; openpyxl sees it only then.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

from flows.adopt.pages import Cell, Page, Validation
from flows.reading.child import limit_time
from flows.reading.grid import address, read_book
from flows.reading.guard import Refused
from flows.reading.losses.lost import column_number

SECONDS = 30
MOST_CELLS = 60_000
"""Cells of a page that are looked at: a form that people fill in has some thousands."""
_LOOKS_OF_PLACES = re.compile(r"^[#,]*0(?:\.(0+))?(?:_\s?|%)?(?:;.*)?$")
_RANGE = re.compile(r"^=?(?:'?([^'!]+)'?!)?\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?$")

Opened = tuple[list[Page], str, dict[str, str]]
"""Pages; the code of the finding that says why there are none, and its details."""


def open_alone(data: bytes, looks: bool) -> Opened:
    """The pages of a workbook, or why it cannot be read. `looks` is for .xlsx: openpyxl reads no other."""
    limit_time(SECONDS)
    try:
        return (with_looks(data) if looks else _without_looks(data)), "", {}
    except Refused as refused:
        return [], refused.code, refused.details
    except MemoryError:
        return [], "FILE_TOO_BIG", {"why": "读取时内存不够"}


def _without_looks(data: bytes) -> list[Page]:
    """What the fast reader sees of any format: texts and merged cells."""
    pages = []
    for sheet in read_book(data).sheets:
        cells = {}
        for row in range(sheet.top, sheet.bottom + 1):
            for column in range(sheet.left, sheet.right + 1):
                raw, kind = sheet.cell(row, column)
                if kind == "formula_without_value":
                    cells[row, column] = Cell(formula="=")
                elif kind != "blank":
                    cells[row, column] = Cell(text=raw, number=kind == "number")
        merges = list(dict.fromkeys(merge for spans in sheet.spans.values() for merge in spans))
        pages.append(Page(sheet.name, sheet.visible, cells, merges))
    return pages


def with_looks(data: bytes) -> list[Page]:
    """The pages of an .xlsx with all that their looks tell. Raises Refused."""
    import openpyxl  # heavy: half a second, in the one process that reads a form

    read_book(data)
    book = openpyxl.load_workbook(io.BytesIO(data))
    pages = [_page(sheet, book) for sheet in book.worksheets]
    for name, places in [found for sheet in book.worksheets for found in _sources(sheet, book)]:
        for page in (page for page in pages if page.name == name):
            page.sources |= places
    return pages


def _page(sheet: Any, book: Any) -> Page:
    page = Page(sheet.title, sheet.sheet_state == "visible", protected=bool(sheet.protection.sheet))
    page.merges = [(m.min_row, m.min_col, m.max_row, m.max_col) for m in sheet.merged_cells.ranges]
    page.hidden_rows = {number for number, row in sheet.row_dimensions.items() if row.hidden or row.height == 0}
    for letters, column in sheet.column_dimensions.items():
        if column.hidden or column.width == 0:
            last = max(column.max or 0, column.min or 0)
            page.hidden_columns |= set(range(column.min or column_number(letters), min(last, 500) + 1))
    if sheet.print_area:
        found = re.findall(r"\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)", str(sheet.print_area))
        if len(found) == 1:
            left, top, right, bottom = found[0]
            page.printed = (int(top), column_number(left), int(bottom), column_number(right))
    for cell in list(sheet._cells.values())[:MOST_CELLS]:
        page.cells[cell.row, cell.column] = _cell(cell)
    page.validations = dict(_validations(sheet, book))
    return page


def _cell(cell: Any) -> Cell:
    value = cell.value
    formula = value if cell.data_type == "f" else ""
    formula = formula if isinstance(formula, str) else f"={getattr(formula, 'text', '') or ''}".replace("==", "=")
    font, fill, border, alignment = cell.font, cell.fill, cell.border, cell.alignment
    sides = sum(bool(side and side.style) for side in (border.left, border.right, border.top, border.bottom))
    colour = fill.fgColor.rgb if fill and fill.fill_type == "solid" and fill.fgColor else ""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return Cell(
        text="" if value is None or formula else _shown(value, cell),
        formula="" if formula == "=" and cell.data_type != "f" else formula,
        number=is_number,
        indent=int(alignment.indent or 0) if alignment else 0,
        bold=bool(font and font.b),
        fill=colour[-6:] if isinstance(colour, str) else "theme",
        boxed=sides >= 2,
        centred=bool(alignment and alignment.horizontal in ("center", "centerContinuous", "distributed")),
        locked=bool(cell.protection.locked) if cell.protection else True,
        barred=bool(border.diagonal and border.diagonal.style and (border.diagonalUp or border.diagonalDown)),
        places=_places(cell.number_format),
    )


def _shown(value: Any, cell: Any) -> str:
    """A value as the sheet shows it: `01` where 1 is formatted as `00`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and re.fullmatch("0{2,6}", cell.number_format or ""):
        return str(value).zfill(len(cell.number_format))
    return str(value)


def _places(number_format: str | None) -> int | None:
    found = _LOOKS_OF_PLACES.match((number_format or "").replace('"', ""))
    return len(found[1] or "") if found else None


def _validations(sheet: Any, book: Any) -> Iterator[tuple[tuple[int, int], Validation]]:
    for rule in sheet.data_validations.dataValidation:
        choices = tuple(_choices(rule.formula1, sheet, book)) if rule.type == "list" else ()
        found = Validation(rule.type or "", rule.operator or "", rule.formula1 or "", rule.formula2 or "", choices)
        areas = list(rule.sqref.ranges)
        base = min((area.min_row for area in areas), default=1), min((area.min_col for area in areas), default=1)
        for area in areas:
            for row in range(area.min_row, min(area.max_row, area.min_row + 2000) + 1):
                for column in range(area.min_col, min(area.max_col, area.min_col + 200) + 1):
                    yield (row, column), _moved(found, base, (row, column))


def _moved(rule: Validation, base: tuple[int, int], to: tuple[int, int]) -> Validation:
    """A rule as it holds for another cell of its area: the cells that it names move along."""
    if rule.kind == "list" or to == base or not re.search(r"[A-Z]\$?\d", rule.first + rule.second):
        return rule
    from openpyxl.formula.translate import Translator  # heavy: openpyxl, see above

    def moved(formula: str) -> str:
        if not re.search(r"[A-Z]\$?\d", formula):
            return formula
        start, end = address(*base), address(*to)
        return Translator(f"={formula.lstrip('=')}", origin=start).translate_formula(end)

    return Validation(rule.kind, rule.operator, moved(rule.first), moved(rule.second), rule.choices)


def _choices(formula: str | None, sheet: Any, book: Any) -> list[str]:
    """The items of a list: typed in, in a range of this or another sheet, or under a defined name."""
    formula = (formula or "").strip()
    if formula.startswith('"'):
        return [item.strip() for item in formula.strip('"').split(",") if item.strip()]
    where, places = _range(formula, sheet, book)
    values = (where.cell(*place).value for place in places) if where is not None else ()
    return [str(value).strip() for value in values if value is not None and str(value).strip()]


def _range(formula: str, sheet: Any, book: Any) -> tuple[Any, list[tuple[int, int]]]:
    """The sheet and cells that a range or a defined name stands for; (None, []) where that cannot be said."""
    name = formula.lstrip("=")
    for names in (sheet.defined_names, book.defined_names):
        if name in names:
            formula = names[name].attr_text or ""
    found = _RANGE.match(formula.strip())
    where = sheet if found and not found[1] else None
    if found and found[1]:
        where = next((one for one in book.worksheets if one.title == found[1]), None)
    if not found or where is None:
        return None, []
    left, right = column_number(found[2]), min(column_number(found[4] or found[2]), column_number(found[2]) + 100)
    rows = range(int(found[3]), min(int(found[5] or found[3]), int(found[3]) + 500) + 1)
    return where, [(row, column) for row in rows for column in range(left, right + 1)]


def _sources(sheet: Any, book: Any) -> Iterator[tuple[str, set[tuple[int, int]]]]:
    for rule in sheet.data_validations.dataValidation:
        if rule.type == "list" and not (rule.formula1 or "").startswith('"'):
            where, places = _range(rule.formula1 or "", sheet, book)
            if where is not None:
                yield where.title, set(places)
