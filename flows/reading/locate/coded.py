"""Which indicator each coded row of a table is: several tables of a form may number their rows alike."""

from collections import Counter
from collections.abc import Iterator, Sequence

from flows.reading.grid import Sheet
from flows.reading.locate.pages import Mark, Page, Table
from flows.reading.locate.vocabulary import Role, Words, bare_name, plain
from schemas.names import is_figure


def coded_rows(page: Page, table: Table, asked: set[str], words: Words) -> Iterator[Mark]:
    """The marks of a table's codes with the indicators they stand for.

    A code that several tables print is told by the row's name, then by the table that it stands in. A row that may
    still be either is left out: its figure is said to be no part of the form.
    """
    columns, names = set(table.heads.get("code", ())), table.heads.get("name", ())
    rows = [
        (mark, _asked(mark[2].what, asked, words), printed_name(page.sheet, mark[0], names)) for mark in table.codes
    ]
    area = _area(page.sheet, rows, words)
    for (row, column, role), codes, name in rows:
        if is_figure(role.what) and columns and column not in columns:
            continue
        if code := _told(codes, name, area, words, free=not is_figure(role.what)):
            yield row, column, Role("code", code)


def printed_name(sheet: Sheet, row: int, names: Sequence[int]) -> str:
    """The indicator's name as the row prints it, bare."""
    for column in names:
        printed = bare_name(sheet.cell(row, column)[0])
        if printed:
            return printed
    return ""


def _asked(key: str, asked: set[str], words: Words) -> list[str]:
    codes = words.codes[key]
    return [code for code in codes if code in asked] or list(codes[:1])


def _area(sheet: Sheet, rows: Sequence[tuple[Mark, list[str], str]], words: Words) -> str:
    """The table of the form that these rows are of: as the sheet is called, else as most of the names say."""
    called = plain(sheet.name)
    if called in words.sheets:
        return called
    votes = Counter(
        plain(words.wanted.indicators[code].sheet)
        for _, codes, name in rows
        for code in codes
        if code in words.named.get(name, ())
    )
    return votes.most_common(1)[0][0] if votes else ""


def _told(codes: Sequence[str], name: str, area: str, words: Words, free: bool) -> str:
    """The one indicator that is meant; '' where it may be several. A `free` code is no figure: alone, it is itself."""
    if free and len(codes) == 1:
        return codes[0]
    by_name = [code for code in codes if code in words.named.get(name, ())]
    here = [code for code in by_name or codes if not area or plain(words.wanted.indicators[code].sheet) == area]
    found = by_name if len(by_name) == 1 else here
    return found[0] if len(found) == 1 else ""
