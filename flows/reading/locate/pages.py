"""Sheets to pages: the marks of the form on each sheet, and the tables of indicators that they make."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flows.reading.grid import Sheet
from flows.reading.locate.known import Known
from flows.reading.locate.list_heads import ListTable, find_lists
from flows.reading.locate.vocabulary import LABELS, Role, Words, bare_name, labelled, plain
from schemas.names import code_key, is_figure

Mark = tuple[int, int, Role]
"""Row, column, and what stands there."""

HEADS = ("number", "name", "unit", "code", "value", "last", "note")
HEAD_HEIGHT = 2
"""A table's head may stand in this many rows more than one."""
REASON_HEADS = {"number", "name", "note"}
"""The heads under which a returned form asks for reasons: 序号, 指标, 情况说明."""
_OWNER = ("填报单位", "单位名称", "单位代码", "年度")
_LONGEST_CODE = 20
"""Characters of a cell that may be a code; an indicator's own has as many at most."""
_EXPLAINS = ("解释", "说明", "口径", "字典", "目录", "须知")


@dataclass(slots=True)
class Table:
    """A table of indicators: the first and last row of its head, columns by head, the codes under it, and its end.

    `measures` are the units that its head of values, or a line above it, says for the whole table; `added` the columns
    of figures that are not the form's, with their heads; `unasked` what stands in a period's column on a row without.
    """

    first: int
    last: int
    heads: dict[str, list[int]]
    end: int = 0
    doubtful: bool = False
    codes: list[Mark] = field(default_factory=list)
    measures: list[tuple[int, int, str]] = field(default_factory=list)
    added: dict[int, str] = field(default_factory=dict)
    unasked: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def explains(self) -> bool:
        """Whether it explains the indicators and asks for nothing."""
        return "definition" in self.heads and "value" not in self.heads

    @property
    def clear(self) -> bool:
        """Whether its head names one column of codes, one of values (a merged head may span several), and names."""
        codes, values = self.heads.get("code", ()), self.heads.get("value", ())
        one = bool(values) and values[-1] - values[0] == len(values) - 1
        told = bool(codes) and "name" in self.heads and not self.doubtful
        return told and one and not set(codes).intersection(values)

    def column(self, head: str) -> int | None:
        """The column under that head, when there is exactly one."""
        columns = self.heads.get(head, ())
        return columns[0] if len(columns) == 1 else None


@dataclass(slots=True)
class Page:
    """One sheet with the marks found on it, by kind; `known` where another that prints the same was located before.

    `explaining` remembers `explains`, which is asked often.
    """

    sheet: Sheet
    marks: defaultdict[str, list[Mark]]
    labels: tuple[str, ...] = LABELS
    tables: list[Table] = field(default_factory=list)
    lists: list[ListTable] = field(default_factory=list)
    known: Known | None = None
    explaining: bool | None = field(default=None, compare=False, repr=False)

    @property
    def explains(self) -> bool:
        """Whether the sheet only explains what is asked elsewhere."""
        if self.explaining is None:
            self.explaining = self._only_explains()
        return self.explaining

    def _only_explains(self) -> bool:
        if any("value" in table.heads for table in self.tables) or "column" in self.marks:
            return False
        return self.defines or any(word in self.sheet.name for word in _EXPLAINS)

    @property
    def defines(self) -> bool:
        """Whether it is a glossary: a table of definitions, and none of values."""
        tables = self.tables
        return any(table.explains for table in tables) and not any("value" in table.heads for table in tables)

    @property
    def covers(self) -> bool:
        """Whether it says whose the form is and asks for no figures."""
        return not self.asks and any(
            labelled(role.what, self.labels)[0][0] in _OWNER for _, _, role in self.marks.get("label", ())
        )

    @property
    def tells(self) -> bool:
        """Whether it is the first sheet of a returned form, where reasons are written beside the findings."""
        return not self.asks and any(heads.keys() == REASON_HEADS for heads in self.head_rows().values())

    def head_rows(self) -> dict[int, dict[str, int]]:
        """By row, the columns of the heads that stand in it."""
        rows: dict[int, dict[str, int]] = {}
        for row, column, role in self.marks.get("head", ()):
            rows.setdefault(row, {})[role.what] = column
        return rows

    @property
    def asks(self) -> bool:
        """Whether answers may stand here."""
        return bool(self.tables or self.lists) and not self.explains

    @property
    def first_row(self) -> int:
        """Where its first table begins; what stands above are head lines."""
        rows = [table.first for table in self.tables] + [table.code_row for table in self.lists]
        return min(rows, default=self.sheet.bottom + 1)


def page_of(sheet: Sheet, words: Words) -> Page:
    """Every mark on a sheet, then its tables and lists."""
    page = Page(sheet, defaultdict(list), words.labels)
    marks, known, spans = page.marks, words.known, sheet.spans
    for row, values in enumerate(sheet.rows, start=sheet.top):
        for column, value in enumerate(values, start=sheet.left):
            if value.__class__ is str and value:
                role = known[value] if value in known else words.role(value)
                if role is not None and not (row in spans and sheet.covered(row, column)):
                    marks[role.kind].append((row, column, role))
    page.tables = _tables(page, words)
    numbered = any(role.what == "number" for _, _, role in marks.get("head", ()))
    if "column" in marks or (numbered and not page.tables):
        page.lists = find_lists(sheet, marks.get("column", ()), words)
    return page


def _tables(page: Page, words: Words) -> list[Table]:
    """Tables from their heads; codes above every head form a table without one."""
    heads = page.marks.get("head", ())
    tables: list[Table] = []
    for row, _, role in heads:
        if role.what in ("code", "value"):
            if tables and row - tables[-1].last <= HEAD_HEIGHT:
                tables[-1].last = row
            else:
                tables.append(Table(row, row, {}))
    for number, table in enumerate(tables, start=1):
        table.end = tables[number].first if number < len(tables) else page.sheet.bottom + 1
        table.heads = _columns(page.sheet, table, heads)
        table.measures = _measures(page, table, tables[number - 2].last if number > 1 else 0, words)
    if words.in_figures:
        page.marks["code"] = sorted((*page.marks.get("code", ()), *_figure_codes(page.sheet, tables, words)))
    codes = page.marks.get("code", ())
    headless = Table(0, 0, {})
    if len(tables) == 1 and codes and tables[0].last < codes[0][0]:
        tables[0].codes = list(codes)
    else:
        for mark in codes:
            next((table for table in reversed(tables) if table.last < mark[0]), headless).codes.append(mark)
    for table in tables:
        table.doubtful = _doubtful(page.sheet, table, words)
        table.added = {} if table.doubtful else _added(page.sheet, table)
    return [headless, *tables] if headless.codes else tables


def _figure_codes(sheet: Sheet, tables: Sequence[Table], words: Words) -> Iterator[Mark]:
    """Codes that look like any figure: under a head of codes, or beside the name of the indicator that has them."""
    under = {row: table for table in tables if "code" in table.heads for row in range(table.last + 1, table.end)}
    for row in sheet.filled(sheet.top, sheet.bottom + 1):
        columns = under[row].heads["code"] if row in under else range(sheet.left, sheet.right + 1)
        texts = {column: sheet.cell(row, column)[0] for column in columns}
        keys = {column: code_key(text) for column, text in texts.items() if len(text) <= _LONGEST_CODE}
        found = {column: key for column, key in keys.items() if is_figure(key) and key in words.codes}
        if found and row not in under:
            names = set(map(bare_name, texts.values()))
            beside = {code for name in names for code in words.named.get(name, ())}
            found = {column: key for column, key in found.items() if beside.intersection(words.codes[key])}
        for column, key in found.items():
            yield row, column, Role("code", key)


def _measures(page: Page, table: Table, above: int, words: Words) -> list[tuple[int, int, str]]:
    """Units said for a whole table: 本年数（万元）, or a line 单位：万元 since the table above."""
    heads, lines = page.marks.get("head", ()), [*page.marks.get("measure", ()), *page.marks.get("label", ())]
    of_values = [(row, column, role.of) for row, column, role in heads if role.of and table.first <= row <= table.last]
    return of_values + [
        (row, column, role.what)
        for row, column, role in lines
        if above < row <= table.last and words.units_said(role.what)
    ]


def _doubtful(sheet: Sheet, table: Table, words: Words) -> bool:
    """Whether a head of the form is gone, and what is left of the heads shows that others were written over it."""
    heads = HEADS[:-1] if plain(sheet.name) in words.without_reasons else HEADS
    columns = [table.heads[head][0] for head in heads if head in table.heads]
    if len(columns) == len(heads):
        return False
    return columns != sorted(columns) or next(beside(sheet, table), None) is not None


def _added(sheet: Sheet, table: Table) -> dict[int, str]:
    """Columns with a head of their own and figures in half of the table's rows or more: somebody added them."""
    figures = Counter(column for row, column, _ in beside(sheet, table) if sheet.cell(row, column)[1] == "number")
    rows = len({row for row, _, _ in table.codes})
    heads = {column: _head_over(sheet, table, column) for column, count in figures.items() if 2 * count >= rows > 1}
    return {column: head for column, head in sorted(heads.items()) if head}


def _head_over(sheet: Sheet, table: Table, column: int) -> str:
    shown = (sheet.cell(row, column)[0].strip() for row in range(table.last, table.first - 1, -1))
    return next(filter(None, shown), "")


def beside(sheet: Sheet, table: Table) -> Iterator[tuple[int, int, str]]:
    """Filled cells of a table's rows in columns without a head of the form."""
    known = {column for columns in table.heads.values() for column in columns}
    for row in dict.fromkeys(row for row, _, _ in table.codes):
        yield from ((row, column, raw) for column, raw, _ in sheet.said(row) if column not in known)


def _columns(sheet: Sheet, table: Table, heads: Sequence[Mark]) -> dict[str, list[int]]:
    """The columns under each head of a table; a merged head stands over several."""
    columns: dict[str, list[int]] = {}
    for row, column, role in heads:
        if table.first - HEAD_HEIGHT <= row <= table.last + HEAD_HEIGHT:
            merge = sheet.merge(row, column) if row in sheet.spans else None
            under = range(column, min(merge[3], sheet.right) + 1) if merge else (column,)
            here = columns.setdefault(role.what, [])
            here += [other for other in under if other not in here]
    return {what: sorted(here) for what, here in columns.items()}
