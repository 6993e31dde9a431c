"""上报/<表名>.xlsx: the county's own form, the same blank, filled with the township's totals.

Its formulas, formats and pictures stay; remembered results of formulas are dropped, so that they are worked out anew.
A wide form has a row for each village and the total, a list all the entries of all units. A form of an old format goes
up as .xlsx, where LibreOffice is installed. What a cell holds is told in 上报/出处.csv, so that each can be followed
with `cunhui trace`.
"""

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from flows.emit.forms.others import identify, kept_file
from flows.emit.workbook.made_room import Room, make_room
from flows.emit.workbook.patched import NotPatchable, Patched, Place, Sheet
from flows.emit.writing import write_changed
from flows.reading.grid import address
from flows.reading.office import converted
from flows.store.figures import Book, ListRow
from flows.store.figures import Place as Unit
from schemas.adopted import BLANK, AdoptedAnswer, AdoptedBlock, AdoptedForm, AdoptedSheet
from schemas.catalogue import Catalogue
from schemas.levels import totals_sheets
from schemas.outputs import UPWARD

SOURCES = "出处.csv"
_HEADS = ("文件", "工作表", "单元格", "单位", "指标", "指标名称", "数")
_TOTAL = "合计"
_TOTALS = (_TOTAL, "总计", *totals_sheets())
ZIP = b"PK"
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


class Cell(NamedTuple):
    """A cell that was filled in, and with whose figure."""

    sheet: str
    place: Place
    unit: str
    code: str
    value: Decimal | str


def write_upward(folder: Path, book: Book, catalogue: Catalogue) -> tuple[list[Path], list[str]]:
    """Fill every adopted form; returns the files and what is to be said: which could not be made, what is missing."""
    written: list[Path] = []
    notes: list[str] = []
    rows: list[tuple[str, ...]] = []
    for form in catalogue.forms_of(book.year):
        path = folder / UPWARD / f"{_UNSAFE.sub('_', form.name)[:80] or form.sha256[:8]}.xlsx"
        path = path if path not in written else path.with_stem(f"{path.stem}-{form.sha256[:8]}")
        kept = kept_file(catalogue, form)
        if (blank := _as_xlsx(kept)) is None:
            notes.append(f"“{form.name}”的原表是 {kept.suffix}，要装 LibreOffice 才能生成上报表")
            continue
        try:
            data, cells = filled_in(blank, form, book, catalogue)
        except NotPatchable:
            notes.append(f"“{form.name}”的原表（{form.file}）不是常见写法的 .xlsx，没有生成上报表")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        written.append(write_changed(path, data))
        rows += [_source(path.name, cell, catalogue) for cell in cells]
        if lacking := _lacking(form, book):
            notes.append(f"上报表“{path.name}”：{lacking}")
    if written:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\r\n").writerows([_HEADS, *rows])
        written.append(write_changed(folder / UPWARD / SOURCES, buffer.getvalue().encode("utf-8-sig")))
    return written, notes


def _as_xlsx(path: Path) -> bytes | None:
    """The blank's bytes as .xlsx; None where there is nothing to make them so."""
    data = path.read_bytes()
    return data if data.startswith(ZIP) and path.suffix == ".xlsx" else converted(data, path.suffix, "xlsx")


def filled_in(data: bytes, form: AdoptedForm, book: Book, catalogue: Catalogue) -> tuple[bytes, list[Cell]]:
    """The blank's bytes with the figures, and where each is. Raises NotPatchable."""
    patched = Patched(data)
    cells: list[Cell] = []
    for sheet in form.sheets:
        identify(patched, sheet, {"unit_name": book.township.name, "year": str(book.year)})
        cells += _filled(patched, sheet, book)
    patched.recalculate()
    return patched.save(), cells


def _filled(patched: Patched, sheet: AdoptedSheet, book: Book) -> list[Cell]:
    """A sheet's cells by its blocks; filled from below, for a block that grows moves those under it."""
    done: list[list[Cell]] = []
    for block in sorted(reversed(sheet.blocks), key=lambda each: -each.first_row):
        room = _room(sheet, block, book)
        if room:
            make_room(patched, room)
            done = [[cell._replace(place=room.under(cell.place)) for cell in cells] for cells in done]
        into, added = patched.sheet(sheet.name), room.added if room else 0
        match block.orientation:
            case "wide":
                done.append(list(_wide(into, sheet, block, book, added)))
            case "list":
                done.append(list(_list(into, sheet, block, book)))
            case "sentence":
                done.append(list(_sentence(into, sheet, block, book)))
            case _:
                done.append(list(_single(into, sheet, block, book)))
    return [cell for cells in reversed(done) for cell in cells]


def _room(sheet: AdoptedSheet, block: AdoptedBlock, book: Book) -> Room | None:
    """The rows to put in: there are fewer than needed above the total, or than were prepared."""
    if block.orientation not in ("wide", "list"):
        return None
    total = _total_row(sheet, block)
    needed = len(_units(block, book)) + (total is None) if block.orientation == "wide" else len(_entries(block, book))
    last = total - 1 if total and total > block.first_row else block.last_row
    lacking = needed - (last + 1 - block.first_row)
    return Room(sheet.name, block.first_row, last, lacking) if lacking > 0 else None


def _units(block: AdoptedBlock, book: Book) -> list[Unit]:
    return [place for place in (*book.villages, *book.offices) if _has_any(place, block, book)]


def _entries(block: AdoptedBlock, book: Book) -> list[ListRow]:
    return [row for row in book.rows if row.list == block.list_code]


def _single(into: Sheet, sheet: AdoptedSheet, block: AdoptedBlock, book: Book) -> Iterator[Cell]:
    """The township's figures, each in its answer's cell."""
    for answer in block.answers:
        if (cell := _put(into, sheet, answer, answer.place, book.township, book)) is not None:
            yield cell


def _sentence(into: Sheet, sheet: AdoptedSheet, block: AdoptedBlock, book: Book) -> Iterator[Cell]:
    """The township's figures in the blanks of a cell's words; what there is none of stays blank."""
    first = block.answers[0]
    asked = {answer.slot: answer for answer in block.answers}
    said = ""
    for slot, part in enumerate(BLANK.split(first.holds)):
        answer = asked.get(slot)
        value = _figure(book, book.township, answer.code) if answer else None
        said += ("" if slot == 0 else "____" if value is None else f"{value}") + part
        if answer and value is not None:
            yield Cell(sheet.name, answer.place, book.township.name, answer.code, value)
    into.put(first.place, said)


def _put(into: Sheet, sheet: AdoptedSheet, answer: AdoptedAnswer, place: Place, unit: Unit, book: Book) -> Cell | None:
    """Put a unit's figure into a cell, unless a formula works it out there."""
    value = _figure(book, unit, answer.code)
    if value is None or into.holds_formula(place):
        return None
    into.put(place, value)
    return Cell(sheet.name, place, unit.name, answer.code, value)


def _figure(book: Book, unit: Unit, code: str) -> Decimal | str | None:
    """A unit's figure as a form shows it."""
    figure = book.figures.get((unit.code, code))
    if figure is None:
        return None
    return figure.text or None if figure.value is None else _short(figure.value)


def _short(value: Decimal) -> Decimal:
    """Without zeros behind the point."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _begin(into: Sheet, block: AdoptedBlock, row: int, number: int | None, name: str, code: str) -> None:
    """Whose row it is, and its number where the form numbers them."""
    _name(into, block, row, name, code)
    if number:
        into.put((row, number), row - block.first_row + 1)


def _wide(into: Sheet, sheet: AdoptedSheet, block: AdoptedBlock, book: Book, added: int) -> Iterator[Cell]:
    """A row per village in the order of the roster, then the total: in the row that the form prints for it, if any."""
    units, printed = _units(block, book), _total_row(sheet, block)
    printed = printed and printed + (added if printed > block.first_row else 0)
    number = _number_column(sheet, block)
    for row, unit in enumerate(units, start=block.first_row):
        _begin(into, block, row, number, unit.name, unit.code)
        for answer in block.answers:
            if (cell := _put(into, sheet, answer, (row, answer.place[1]), unit, book)) is not None:
                yield cell
    total = printed or block.first_row + len(units)
    if printed is None:
        _name(into, block, total, _TOTAL, "")
    for answer in block.answers:
        if (cell := _put(into, sheet, answer, (total, answer.place[1]), book.township, book)) is not None:
            yield cell


def _list(into: Sheet, sheet: AdoptedSheet, block: AdoptedBlock, book: Book) -> Iterator[Cell]:
    """The entries of all units, one after the other, numbered where the form numbers them."""
    number = _number_column(sheet, block)
    for row, entry in enumerate(_entries(block, book), start=block.first_row):
        _begin(into, block, row, number, entry.unit_name, entry.unit_code)
        for answer in block.answers:
            said, place = entry.cells.get(answer.code), (row, answer.place[1])
            if said not in (None, "") and not into.holds_formula(place):
                value = _short(said) if isinstance(said, Decimal) else said
                into.put(place, value)
                yield Cell(sheet.name, place, entry.unit_name, answer.code, value)


def _number_column(sheet: AdoptedSheet, block: AdoptedBlock) -> int | None:
    """The column in which the form numbers its rows."""
    return next((at for row, at, text in sheet.printed if row == block.first_row and text.strip() == "1"), None)


def _has_any(unit: Unit, block: AdoptedBlock, book: Book) -> bool:
    return unit.kind != "站所" or any((unit.code, answer.code) in book.figures for answer in block.answers)


def _name(into: Sheet, block: AdoptedBlock, row: int, name: str, code: str) -> None:
    said = {"unit_name": name, "unit_code": code}
    for one in block.unit_columns:
        if said.get(one.key):
            into.put((row, one.column), said[one.key])


def _total_row(sheet: AdoptedSheet, block: AdoptedBlock) -> int | None:
    """The row that the form itself prints for the total: among its rows, right under them, or above them."""
    rows = [row for row, _, text in sheet.printed if "".join(text.split()) in _TOTALS]
    within = range(block.head_rows[1] + 1, block.last_row + 2)
    return next((row for row in rows if row in within and row != block.first_row), None)


def _source(file: str, cell: Cell, catalogue: Catalogue) -> tuple[str, ...]:
    """Where a figure stands and what it is; a text is not repeated, for a table program may take it for a formula."""
    named = {code: column for one in catalogue.lists.values() for code, column in one.by_code.items()}
    item = catalogue.indicators.get(cell.code) or named.get(cell.code)
    name = item.name if item else ""
    value = str(cell.value) if isinstance(cell.value, Decimal) else ""
    return file, cell.sheet, address(*cell.place), cell.unit, cell.code, name, value


def _lacking(form: AdoptedForm, book: Book) -> str:
    """That its figures are not complete yet."""
    figures = [book.figures.get((book.township.code, code)) for code in form.codes]
    units = max((one.units_expected - one.units_counted for one in figures if one), default=0)
    return f"还有 {units} 个单位没有收齐，填的是暂定数" if units else ""
