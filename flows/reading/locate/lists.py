"""Locate the rows of line lists, and say what is wrong with them or stands where nothing is asked."""

from collections.abc import Iterator, Sequence

from flows.reading.grid import address
from flows.reading.locate.edition import UNTOLD, Edition, form_old
from flows.reading.locate.list_heads import ListTable
from flows.reading.locate.list_rows import ListRows, numbers_of, rows_of
from flows.reading.locate.vocabulary import Words, bare_unit, plain, shortened, unit_behind
from flows.reading.records import ListCell, WantedForm, WantedList
from schemas.findings import Finding

MOST_ROWS = 2_000
"""Entries of one list; a township's longest has a few dozen, and row numbers are stored in 16 bits."""
_SHOWN = 40
"""Characters quoted of a cell, so that a finding stays a sentence."""


def read_lists(
    tables: Sequence[ListTable], form: WantedForm, words: Words, sheets: set[str], edition: Edition = UNTOLD
) -> tuple[list[ListCell], list[Finding]]:
    """The filled rows of the lists that the form asks for, and what is wrong with them."""
    cells: list[ListCell] = []
    findings: list[Finding] = []
    for code in form.lists:
        copies = []
        for table in (table for table in tables if table.code == code):
            if table.empty:
                copies.append((table, []))
                continue
            found = rows_of(table, words)
            findings += _struck(table, found)
            if len(found.rows) > MOST_ROWS:
                findings.append(_too_long(table, len(found.rows), words))
                found.rows = []
            copies.append((table, _cells(table, found.rows)))
            findings += _problems(table, found, edition, words)
        if not copies:
            findings.append(_list_missing(code, words.wanted.lists[code], edition, sheets))
            continue
        cells += copies[0][1]
        findings += _differing(copies, words)
    return cells, findings


def _too_long(table: ListTable, count: int, words: Words) -> Finding:
    details = {"count": str(count), "allowed": str(MOST_ROWS)}
    place = address(table.first, 1)
    return Finding("LIST_TOO_LONG", table.sheet.name, place, table.code, words.wanted.lists[table.code].name, details)


def _struck(table: ListTable, found: ListRows) -> Iterator[Finding]:
    """Entries that are struck out as a whole are none, and asked about."""
    for row in list(found.rows):
        answers = [table.sheet.answer(row, column) for column in table.columns.values()]
        filled = [raw.removeprefix("（划去：").removesuffix("）") for raw, kind in answers if kind != "blank"]
        if all(kind in ("struck", "blank") for _, kind in answers) and len(filled) > 1:
            found.rows.remove(row)
            place, words = address(row, min(table.columns.values())), shortened(filled, 3)
            yield Finding("ROW_STRUCK", table.sheet.name, place, table.code, words)


def _cells(table: ListTable, rows: Sequence[int]) -> list[ListCell]:
    sheet, cells = table.sheet, []
    for number, row in zip(numbers_of(table, rows), rows, strict=True):
        explanation = sheet.remark(row, table.note)
        for key, column in table.columns.items():
            raw, kind = sheet.answer(row, column)
            cells.append(ListCell(table.code, number, key, raw, kind, sheet.name, row, column, explanation))
    return cells


def _problems(table: ListTable, found: ListRows, edition: Edition, words: Words) -> Iterator[Finding]:
    wanted, sheet = words.wanted.lists[table.code], table.sheet
    newer = [key for key in table.missing if edition.newer(key)]
    if newer:
        told = [f"{key} {wanted.columns[key]}" for key in newer]
        yield form_old(sheet.name, table.code, wanted.name, told)
    if lost := [key for key in table.missing if key not in newer]:
        names = shortened([f"{key} {wanted.columns[key]}" for key in lost])
        details = {"names": names}
        yield Finding("LIST_COLUMN_MISSING", sheet.name, indicator=table.code, raw=wanted.name, details=details)
    if table.moved:
        place = address(table.names_row or table.first - 1, min(table.columns.values()))
        yield Finding("CODE_NAME_CONFLICT", sheet.name, place, table.code, details={"names": "；".join(table.moved)})
    else:
        yield from _wrong_units(table, wanted, words)
    yield from _merged(table, found.rows)
    yield from _set_apart(table, found)


def _set_apart(table: ListTable, found: ListRows) -> Iterator[Finding]:
    """One finding for the totals, one for the examples, one for what stands beside the table, one for what is under it.

    What looks like an entry, having a figure or several cells, is asked about; a remark is only said.
    """
    for code, rows in (("LIST_TOTAL", found.totals), ("LIST_EXAMPLE", found.examples)):
        if rows:
            told = [f"{address(row, column)}“{text[:_SHOWN]}”" for row, column, text in rows]
            place = address(*rows[0][:2])
            yield Finding(code, table.sheet.name, place, table.code, shortened(told, 3))
    for cells in (found.beside, found.under):
        if cells and not table.missing and not table.moved:
            told = [f"{address(row, column)}“{text[:_SHOWN]}”" for row, column, text, _ in cells]
            like_entry = any(kind != "text" for *_, kind in cells) or len({row for row, *_ in cells}) < len(cells)
            place, code = address(*cells[0][:2]), "LIST_OUTSIDE" if like_entry else "EXTRA_NOTE"
            yield Finding(code, table.sheet.name, place, table.code if like_entry else "", shortened(told, 8))


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
    at_names = table.names_row or table.first - 1
    behind = unit_behind(table.sheet.cell(at_names, table.columns[key])[0])
    if behind != unit_behind(name) and words.unit_in(behind) not in (None, words.sized(unit)):
        return at_names, behind
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


def _list_missing(code: str, wanted: WantedList, edition: Edition, sheets: set[str]) -> Finding:
    if edition.newer(code) or (edition.codes is None and edition.had_table(wanted.name) is False):
        return form_old("", code, wanted.name, [f"明细表“{wanted.name}”"])
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
    return f"填了 {len({cell.row_no for cell in cells})} 行"
