"""A returned submission as its form's fill: what was sent, as it was sent, and what is wrong at each cell."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from flows.emit.forms.drawing import NOTE, Fill, Mark
from flows.emit.forms.layout import GLOSSARY, FormLayout
from flows.emit.forms.places import Places
from flows.emit.forms.words import prompt_of, takes_words
from flows.emit.returns.notice import Entry
from flows.emit.workbook.prepared import Value
from flows.store.findings import GRADES, OPEN, Told
from flows.store.returned import Returned, SentCell
from schemas.records import Column, Indicator

_PLAIN = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_DIGITS = 15
"""What a spreadsheet's number holds exactly; anything longer goes back as text."""
_CODE = re.compile(r"\b[0-9A-Z]+\b", re.ASCII)
_LONGEST_COMMENT = 1000
"""Characters of a note; a cell holds 32,767, but nobody reads a note that covers the sheet."""


def entries_of(case: Returned, places: Places | None) -> list[Entry]:
    """The findings with their cells in the rebuilt form, found by code; without a form, with none."""
    cells = {cell.place: cell for cell in case.cells}
    entries = []
    for told in case.findings:
        cell = cells.get(told.place)
        row = cell.row + 1 if cell else 0
        if places is None:
            entries.append(Entry(told, None, row))
        elif cell:
            entries.append(Entry(told, places.of_row(cell.column, cell.row), row))
        else:
            spot = places.of_code.get(told.indicator) or places.page_of(told.indicator, told.raw, told.sheet)
            entries.append(Entry(told, spot))
    return sorted(entries, key=lambda entry: _order(entry, places))


def _order(entry: Entry, places: Places | None) -> tuple[int, ...]:
    """Grade by grade, what concerns the whole file first, then as the form is printed."""
    grade = (GRADES.index(entry.told.grade), entry.told.explained)
    if places is None or entry.spot is None:
        return *grade, -1
    return *grade, list(places.pages).index(entry.spot.sheet), entry.spot.row, entry.spot.column


def fill_of(case: Returned, layout: FormLayout, places: Places, entries: Iterable[Entry]) -> Fill:
    """Everything that was sent, in its form again, with the marks. Raises ValueError for a case without a unit."""
    if case.unit is None:
        raise ValueError(f"{case.file} has no unit, so no form")
    items = {item.code: item for item in layout.indicators}
    columns = {column.code: column for page in layout.lists for column in page.line_list.columns}
    marks, row_marks = _marks(case, places, entries)
    broken = _uncalculated(case)
    return Fill(
        unit_name=case.unit.name,
        unit_code=case.unit.code,
        cover=case.cover,
        values={c: as_sent(raw, items[c], c in broken) for c, raw in case.answers.items() if c in items},
        last_year=case.last_year,
        notes=case.notes,
        prompts={code: prompt_of(items[code], said) for code, said in case.past_reasons.items() if code in items},
        marks=marks,
        rows=_rows(case, columns),
        row_marks=row_marks,
        hidden=sound_pages(layout, entries),
    )


def sound_pages(layout: FormLayout, entries: Iterable[Entry]) -> list[str]:
    """The sheets in which nothing is to be mended, in their order; none while something concerns the whole file."""
    open_ones = [entry for entry in entries if entry.told.standing in OPEN]
    if not all(entry.spot for entry in open_ones):
        return []
    faulty = {entry.spot.sheet for entry in open_ones if entry.spot}
    names = [page.name for page in layout.pages if page.name not in faulty]
    return [*names, GLOSSARY] if layout.areas else names


def as_sent(raw: str, item: Indicator | Column, uncalculated: bool = False) -> Value:
    """A plain number as a number; anything else as the text that was sent, which is read as it was before.

    A formula without a value goes back as text too; where words are asked that text would be taken for an answer, so
    there it is an error's name.
    """
    words = takes_words(item)
    if words and uncalculated:
        return "#VALUE!"
    if not words and _PLAIN.fullmatch(raw) and sum(map(str.isdigit, raw)) <= _DIGITS:
        return Decimal(raw)
    return raw if raw.strip() else None


def _uncalculated(case: Returned) -> set[str]:
    """Indicators, and the sender's places of list cells, that hold a formula without a value."""
    found = [told for told in case.findings if told.code == "FORMULA_WITHOUT_VALUE"]
    return {told.indicator for told in found} | {told.place for told in found}


def _rows(case: Returned, columns: Mapping[str, Column]) -> dict[str, list[dict[str, Value]]]:
    """Entries of the form's lists, in the order sent."""
    lists: dict[str, list[dict[str, Value]]] = {}
    broken = _uncalculated(case)
    for cell in case.cells:
        if cell.column in columns:
            rows = lists.setdefault(cell.list, [])
            rows.extend({} for _ in range(cell.row + 1 - len(rows)))
            rows[cell.row][cell.column] = as_sent(cell.raw, columns[cell.column], cell.place in broken)
            rows[cell.row][NOTE] = max(str(rows[cell.row].get(NOTE) or ""), cell.explanation, key=len)
    return lists


def _marks(
    case: Returned, places: Places, entries: Iterable[Entry]
) -> tuple[dict[str, Mark], dict[str, dict[tuple[int, str], Mark]]]:
    """What is wrong at each cell, the gravest grade's colour; an explained doubt is no longer marked."""
    at: dict[str, list[Told]] = {}
    in_rows: dict[str, dict[tuple[int, str], list[Told]]] = {}
    cells = {cell.place: cell for cell in case.cells}
    for entry in entries:
        told = entry.told
        if told.standing == "已说明" or entry.spot is None:
            continue
        if cell := cells.get(told.place):
            for column in _columns(told, cell, case, places):
                in_rows.setdefault(cell.list, {}).setdefault((cell.row, column), []).append(told)
            continue
        for code in _codes(told, case, places):
            at.setdefault(code, []).append(told)
    marks = {code: _mark(found) for code, found in at.items()}
    return marks, {name: {key: _mark(found) for key, found in rows.items()} for name, rows in in_rows.items()}


def _codes(told: Told, case: Returned, places: Places) -> list[str]:
    """The indicators whose cells it colours: its own, and those that it names or whose rows it misses."""
    codes = [told.indicator] if told.indicator in places.of_code else []
    if codes and told.indicator not in case.answers:
        page = places.of_code[told.indicator].sheet
        lost = [code for code, spot in places.of_code.items() if spot.sheet == page and code not in case.answers]
        named = set(_CODE.findall(" ".join(told.values.values())))
        shown = {item.code: item.printed_code for item in places.layout.indicators}
        codes += [code for code in lost if told.code == "INDICATOR_MISSING_ROW" or shown[code] in named]
    return list(dict.fromkeys(codes))


def _columns(told: Told, cell: SentCell, case: Returned, places: Places) -> list[str]:
    """The columns of an entry that it colours: the cell's own, or all that the entry lacks."""
    if told.code != "ROW_INCOMPLETE":
        return [cell.column]
    names = {column.code: column.name for page in places.layout.lists for column in page.line_list.columns}
    lacking = told.values.get("name", "").split("、")
    row = [one for one in case.cells if (one.list, one.row) == (cell.list, cell.row) and not one.raw.strip()]
    return [one.column for one in row if names.get(one.column) in lacking] or [cell.column]


def _mark(found: list[Told]) -> Mark:
    """One comment for all that is wrong at a cell: what was found, what is allowed, the difference, how to mend it."""
    told = sorted(found, key=lambda one: GRADES.index(one.grade))
    words = dict.fromkeys(f"〔{one.grade}〕{one.problem}。\n怎样改：{one.mend}" for one in told)
    return Mark(told[0].grade, "\n\n".join(words)[:_LONGEST_COMMENT])
