"""The rows of tables to answers: one entry for each asked indicator whose row is there, or what is wrong with it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from flows.reading.grid import Sheet, address
from flows.reading.locate.coded import coded_rows, printed_name
from flows.reading.locate.doubts import doubted, reworded
from flows.reading.locate.pages import Page, Table
from flows.reading.locate.vocabulary import Words, plain
from flows.reading.records import Answer
from schemas.findings import Finding

_NOTHING = ("-", "—", "–", "/", "\\", "×", "x", "X")
"""What people write into a cell that asks for nothing."""

Found = dict[str, list[Answer | Finding]]
"""By indicator: one entry per place where its row was found, its answer or what is wrong there."""


def read_page(page: Page, asked: set[str], words: Words, found: Found, unclear: dict[str, str]) -> list[Finding]:
    """Put what the rows of a page's tables say into `found`; what is wrong with a table as a whole is given.

    The indicators of a table without clear heads go into `unclear`, each with its sheet.
    """
    wrong: list[Finding] = []
    for table in page.tables if page.asks else ():
        table.codes = list(coded_rows(page, table, asked, words))
        if table.clear:
            _read_table(page.sheet, table, asked, words, found)
            rows = [(row, role.what) for row, _, role in table.codes if role.what in asked]
            wrong += _added(page.sheet, table, asked)
            wrong += reworded(page.sheet, table, rows, table.heads["name"], words)
        elif not table.explains:
            unclear |= {role.what: page.sheet.name for _, _, role in table.codes if role.what in asked}
    return wrong


def _read_table(sheet: Sheet, table: Table, asked: set[str], words: Words, found: Found) -> None:
    """Every row of a table that carries an asked code in the code column."""
    columns, names = set(table.heads["code"]), table.heads["name"]
    beside = table.column("note"), table.column("last")
    rows = [(row, role.what) for row, column, role in table.codes if column in columns and role.what in asked]
    crowded = {row for row, codes in Counter(row for row, _ in rows).items() if codes > 1}
    for row, code in rows:
        printed = printed_name(sheet, row, names)
        named = words.named.get(printed, (code,)) if printed else ()
        if code in named and row not in crowded:
            columns = {code: (table.heads["value"], *beside)}
            columns |= {
                other: (place, beside[0], None) for other, place in _periods(sheet, table, row, code, asked, words)
            }
            for one, (under, *rest) in columns.items():
                place = _value_place(sheet, table, row, one, under, rows, words)
                if isinstance(place, tuple):
                    answer = doubted(sheet, table, row, one, place, words) or _answered(sheet, one, row, place, *rest)
                else:
                    answer = place
                found.setdefault(one, []).append(answer)
        else:
            conflict = _conflict(sheet, row, names[0], code, printed, row in crowded, words)
            here = {other for _, other in rows} if len(named) > 1 else ()
            for one in {code, *(other for other in named if other not in here), *words.periods.get(code, {}).values()}:
                found.setdefault(one, []).append(conflict)
    for finding in _uncoded(sheet, table, asked, words):
        found.setdefault(finding.indicator, []).append(finding)


def _periods(
    sheet: Sheet, table: Table, row: int, code: str, asked: set[str], words: Words
) -> Iterator[tuple[str, list[int]]]:
    """What the row asks in columns of further periods. What stands in one that it does not ask is noted."""
    of_row = words.periods.get(code, {})
    for head in {head for heads in words.periods.values() for head in heads} & table.heads.keys():
        if of_row.get(head) in asked:
            yield of_row[head], table.heads[head]
            continue
        for column in table.heads[head]:
            raw, kind = sheet.cell(row, column)
            if kind != "blank" and plain(raw) not in _NOTHING:
                table.unasked.append((row, column, raw))


def _answered(sheet: Sheet, code: str, row: int, place: tuple[int, int], note: int | None, last: int | None) -> Answer:
    raw, kind = sheet.answer(*place)
    shown = sheet.cell(row, last)[0] if last else ""
    return Answer(code, raw, kind, sheet.name, *place, sheet.remark(row, note), shown, last or 0)


def _added(sheet: Sheet, table: Table, asked: set[str]) -> Iterator[Finding]:
    """One finding for each column that somebody added, at its head and about the first row."""
    first = next((role.what for _, _, role in table.codes if role.what in asked), "")
    for column, head in table.added.items():
        count = sum(sheet.cell(row, column)[1] == "number" for row in {row for row, _, _ in table.codes})
        details = {"head": head, "column": address(1, column)[:-1], "count": str(count)}
        yield Finding("COLUMN_ADDED", sheet.name, address(table.last, column), first, head, details)


def _conflict(sheet: Sheet, row: int, name: int, code: str, printed: str, crowded: bool, words: Words) -> Finding:
    """Code and printed name disagree: either was moved, and no one can tell which."""
    shown = words.shown(code)
    told = f"{shown} 行写的是“{printed}”" if printed else f"{shown} 行没有指标名称"
    details = {"names": f"第 {row} 行不止一个代码" if crowded else told}
    return Finding("CODE_NAME_CONFLICT", sheet.name, address(row, name), code, details=details)


def _uncoded(sheet: Sheet, table: Table, asked: set[str], words: Words) -> Iterator[Finding]:
    """Rows of the table that carry an asked indicator's name and no code: its code was erased or moved."""
    names, coded = table.heads["name"], {row for row, _, _ in table.codes}
    here = {role.what for _, _, role in table.codes}
    for row in sheet.filled(table.last + 1, table.end):
        printed = printed_name(sheet, row, names) if row not in coded else ""
        codes = [code for code in words.named.get(printed, ()) if code in asked]
        if len(codes) > 1 or (printed in words.headings and _is_heading(sheet, table, row)):
            codes = [code for code in codes if code not in here][:1]
        for code in codes:
            details = {"names": f"“{printed}”行没有代码 {words.shown(code)}"}
            yield Finding("CODE_NAME_CONFLICT", sheet.name, address(row, names[0]), code, details=details)


def _is_heading(sheet: Sheet, table: Table, row: int) -> bool:
    """Whether a row is a heading of its section: it has neither unit nor figure."""
    columns = (*table.heads["value"], *table.heads.get("unit", ()))
    return all(sheet.cell(row, column)[1] == "blank" for column in columns)


def _value_place(
    sheet: Sheet,
    table: Table,
    row: int,
    code: str,
    columns: Sequence[int],
    rows: Sequence[tuple[int, str]],
    words: Words,
) -> tuple[int, int] | Finding:
    """The cell of the value: the first of a merged area that belongs to this row alone.

    A blank one that begins further up says nothing: whoever merged it may have lost what stood in this row. Under a
    head that spans several columns it is the only filled one of them.
    """
    merge = sheet.merge(row, columns[0]) if row in sheet.spans else None
    if merge:
        sharing = list(dict.fromkeys(other for at, other in rows if merge[0] <= at <= merge[2]))
        lost = merge[0] < row and sheet.cell(*merge[:2])[1] == "blank"
        if len(sharing) > 1 or merge[1] != columns[0] or merge[0] <= table.last or lost:
            place = address(merge[0], merge[1])
            names = "、".join(map(words.shown, sharing))
            return Finding("VALUES_MERGED", sheet.name, place, code, details={"names": names})
        row = merge[0]
    if len(columns) == 1:
        return row, columns[0]
    filled = [column for column in columns if sheet.cell(row, column)[1] != "blank"]
    if len(filled) > 1:
        places = "、".join(address(row, column) for column in filled)
        details = {"name": words.told(code), "places": places}
        return Finding("VALUE_UNCLEAR", sheet.name, address(row, filled[0]), code, details=details)
    return row, (filled or columns)[0]
