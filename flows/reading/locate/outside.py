"""What stands where the form asks for nothing: above, beside, between and under tables, on the cover, on own sheets.

Nothing of it is taken, so it is said with its cells; what the form prints itself is no entry.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from flows.reading.grid import Merge, Sheet, address
from flows.reading.locate.edition import SIZE
from flows.reading.locate.lines import accounted
from flows.reading.locate.list_heads import ListTable
from flows.reading.locate.list_rows import says_nothing
from flows.reading.locate.pages import Page, Table, beside
from flows.reading.locate.vocabulary import Words, bare_unit, plain, shortened
from flows.reading.records import WantedForm
from schemas.findings import Finding
from schemas.names import code_key

MOST_TOLD = 100
"""Cells of one sheet that are kept: enough to name the first few and to say how many."""
_SHOWN = 40
_PRINTED = re.compile(r"(审核关系|填表说明|填报须知|填报说明)[:：]?|[〔\[].*|\([0-9]+\).*|[0-9]+\..*")
"""What a form prints over its whole width, or on its cover, as compared."""
_TITLE = re.compile(r".*(表|年报)(\(.{1,8}\))?")
_CODE = re.compile(r"[A-Z]{0,4}-?[0-9]{1,5}", re.ASCII)
_MARK = re.compile("〔(强制|核实|提示)〕")
"""How a returned form's own comments begin."""
_RESERVED = ("WpsReserved_", "_xltb_storage_")
"""Sheets that office programs keep for themselves."""

Cell = tuple[int, int, str]
"""Row, column and text."""


@dataclass
class Outside:
    """What is outside on one sheet, and the rows that look like the form's but of which this year asks nothing."""

    cells: list[Cell] = field(default_factory=list)
    rows: list[Cell] = field(default_factory=list)


def outside(pages: Sequence[Page], form: WantedForm, words: Words) -> Iterator[Finding]:
    """One finding per sheet for what is no part of the form, and one for rows that this year's form does not have."""
    for page in pages:
        found = _of(page, set(form.indicators), words)
        if found.rows:
            yield _finding("ROW_NOT_ASKED", page.sheet, found.rows)
        if found.cells:
            yield _finding("EXTRA_NOTE", page.sheet, found.cells)
        if comments := _comments(page):
            yield _finding("COMMENT", page.sheet, comments)


def _finding(code: str, sheet: Sheet, cells: Sequence[Cell]) -> Finding:
    told = [f"{address(row, column)}“{' '.join(text.split())[:_SHOWN]}”" for row, column, text in cells]
    figures = (cell for cell in cells if code != "COMMENT" and sheet.cell(*cell[:2])[1] != "text")
    return Finding(code, sheet.name, address(*next(figures, cells[0])[:2]), raw=shortened(told, 8))


def _comments(page: Page) -> list[Cell]:
    """What somebody wrote into comments: not the marks of a returned form, nor what explains the form."""
    if page.marks.get("key") or page.defines or page.tells:
        return []
    said = sorted(page.sheet.looks.comments.items())
    return [(*place, text) for place, text in said if text and not _MARK.search(text)]


def _of(page: Page, asked: set[str], words: Words) -> Outside:
    found = Outside()
    if page.marks.get("key") or page.defines or page.tells or page.sheet.name.startswith(_RESERVED):
        return found
    rows = list(_not_asked(page, asked, words))
    found.rows = [row for row in rows if row[2]]
    found.cells = sorted(islice(_cells(page, {row for row, _, _ in rows}, words), MOST_TOLD))
    return found


def _not_asked(page: Page, asked: set[str], words: Words) -> Iterator[Cell]:
    """A row with a code that the form does not have, removed since or somebody's own: its values, "" where blank."""
    sheet = page.sheet
    for table in page.tables:
        values, codes = table.heads.get("value", ()), table.heads.get("code", ())
        known = {row for row, column, role in table.codes if role.what in asked or column not in codes}
        coded = {row for row, _, _ in table.codes}
        for row in sheet.filled(table.last + 1, table.end) if values and table.clear else ():
            said = next((text for at in codes if (text := plain(sheet.cell(row, at)[0]).upper())), "")
            if row in known or not (row in coded or (_CODE.fullmatch(said) and code_key(said) not in words.codes)):
                continue
            filled = [at for at in values if sheet.cell(row, at)[1] != "blank"]
            told = [said, _name(sheet, table, row), *(sheet.cell(row, at)[0].strip() for at in filled)]
            yield row, filled[0] if filled else next(iter(values)), " ".join(filter(None, told)) if filled else ""


def _name(sheet: Sheet, table: Table, row: int) -> str:
    return next((text for at in table.heads.get("name", ()) if (text := sheet.cell(row, at)[0].strip())), "")


def _cells(page: Page, own: set[int], words: Words) -> Iterator[Cell]:
    """The filled cells that belong to nothing, table by table and then line by line; `own` rows are told already."""
    sheet = page.sheet
    for table in page.tables:
        own.update(row for row, _, _ in table.codes)
        yield from table.unasked
        if table.heads.get("value"):
            yield from (cell for cell in beside(sheet, table) if cell[1] not in table.added)
    for table in page.lists:
        own.update(range(table.top, table.end))
        yield from _of_list_head(table)
    heads = {row: table for table in page.tables for row in range(table.first, table.last + 1)}
    for row in sheet.filled(sheet.top, sheet.bottom + 1):
        if row in own:
            continue
        if row in heads:
            yield from _of_head(sheet, heads[row], row)
        else:
            yield from _of_line(page, row, words)


def _of_head(sheet: Sheet, table: Table, row: int) -> Iterator[Cell]:
    """What is written beside a table's heads."""
    known = {column for columns in table.heads.values() for column in columns} | table.added.keys()
    for column, raw, _ in sheet.said(row):
        if column not in known and not says_nothing(raw):
            yield row, column, raw.strip()


def _of_list_head(table: ListTable) -> Iterator[Cell]:
    """What is written beside a list's heads; where columns were moved or deleted that is said instead."""
    sheet, known = table.sheet, {*table.columns.values(), table.number, table.note}
    for row in sheet.filled(table.top, table.first) if not (table.missing or table.moved) else ():
        for column in range(min(table.columns.values()), sheet.right + 1):
            raw, kind = sheet.cell(row, column) if column not in known else ("", "blank")
            if kind != "blank" and not says_nothing(raw):
                yield row, column, raw.strip()


def _of_line(page: Page, row: int, words: Words) -> Iterator[Cell]:
    """What is written in a line that is no table's row."""
    sheet = page.sheet
    texts = {column: raw for column, raw, _ in sheet.said(row)}
    filled = list(texts)
    table = next((table for table in reversed(page.tables) if table.last < row < table.end), None)
    known = accounted(texts, words)
    if table is None:
        known |= _contents(texts)
    if table:
        known |= _numbering(sheet, table, row, filled, words)
    for column in filled:
        if column not in known and not says_nothing(texts[column]) and not _printed(page, row, column, words):
            yield row, column, texts[column].strip()


def _contents(texts: dict[int, str]) -> set[int]:
    """The cells of a line of the cover's list of tables, or of that list's heads."""
    size = next((at for at, text in texts.items() if SIZE.fullmatch(plain(text))), 0)
    size = size or (len(texts) and plain(next(iter(texts.values()))).startswith("表名") and max(texts))
    return {at for at in texts if at <= size}


def _is_unit(text: str, words: Words) -> bool:
    """Whether a text only says units of measure: 元, （元/亩）."""
    return all(words.unit_in(part) for part in re.split(r"[/、,]", bare_unit(text)))


def _numbering(sheet: Sheet, table: Table, row: int, filled: Sequence[int], words: Words) -> set[int]:
    """The row's number, its unit of measure, and a heading alone in its line between the rows of a table."""
    codes = [at for at, _, _ in table.codes]
    numbers = {at for at in table.heads.get("number", ()) if sheet.cell(row, at)[0].strip().isdigit()}
    cells = {column: sheet.cell(row, column) for column in filled}
    known = numbers | {column for column, (raw, kind) in cells.items() if kind == "text" and _is_unit(raw, words)}
    texts = [column for column in filled if column not in numbers]
    inside = bool(codes) and table.last < row < max(codes)
    heading = inside and len(texts) == 1 and sheet.cell(row, texts[0])[1] == "text"
    if heading and texts[0] in (sheet.left, *table.heads.get("name", ())):
        known.add(texts[0])
    return known


def _printed(page: Page, row: int, column: int, words: Words) -> bool:
    """Whether the form prints this itself: titles over the whole width, and numbered sentences under a table."""
    sheet = page.sheet
    raw, kind = sheet.cell(row, column)
    if kind != "text" or column != sheet.left or not (page.asks or page.covers):
        return False
    merge, text, foot = sheet.merge(row, column), plain(raw), words.role(raw)
    if foot and foot.kind == "foot":
        return True
    if row < page.first_row:
        return bool(_PRINTED.fullmatch(text) or _TITLE.fullmatch(text))
    below = (merge for at, spans in sheet.spans.items() if at > page.first_row for merge in spans)
    return bool(_PRINTED.fullmatch(text)) and (_wide(merge, sheet) or not any(_wide(other, sheet) for other in below))


def _wide(merge: Merge | None, sheet: Sheet) -> bool:
    """Whether an area is merged from the left edge over several columns, as a form's printed lines are."""
    return merge is not None and merge[1] == sheet.left < merge[3]
