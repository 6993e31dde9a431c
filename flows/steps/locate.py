"""Locate: a workbook's sheets to identity, cover, raw answers, list rows and problems.

Everything is found by codes and words, never by position. What cannot be told for certain is a finding at the cell
and gives no answer; nothing is guessed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flows.steps.grid import Book, Sheet, address
from flows.steps.locate_lists import ListTable, find_lists, read_lists
from flows.steps.reading import Answer, Reading, Wanted, WantedForm
from flows.steps.words import IDENTITY_KEYS, Role, Words, bare_name, bare_unit, labelled, plain, shortened
from schemas.findings import Finding

HEAD_HEIGHT = 2
"""A table's head may stand in this many rows more than one."""
_EXPLAINS = ("解释", "说明", "口径", "字典", "目录", "填报须知")
_SHOWN_NOTE = 40
_PEOPLE = ("填表人", "审核人", "联系电话", "填表日期", "单位负责人", "统计负责人", "报出日期")


@dataclass(slots=True)
class Page:
    """One sheet with the marks found on it."""

    sheet: Sheet
    codes: list[tuple[int, int, str]] = field(default_factory=list)
    columns: list[tuple[int, int, Role]] = field(default_factory=list)
    heads: list[tuple[int, int, str]] = field(default_factory=list)
    labels: list[tuple[int, int]] = field(default_factory=list)
    others: list[tuple[int, int, Role]] = field(default_factory=list)
    tables: list["Table"] = field(default_factory=list)
    lists: list[ListTable] = field(default_factory=list)

    @property
    def first_row(self) -> int:
        """Where its first table begins; what stands above are head lines."""
        rows = [table.first for table in self.tables] + [table.code_row for table in self.lists]
        return min(rows, default=self.sheet.bottom + 1)


@dataclass(slots=True)
class Table:
    """A table of indicators: its head's rows and columns, and the codes under it."""

    first: int
    last: int
    heads: dict[str, list[int]]
    codes: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def explains(self) -> bool:
        """Whether it explains the indicators and asks for nothing."""
        return "definition" in self.heads and "value" not in self.heads

    def column(self, head: str) -> int | None:
        """The column under that head, when there is exactly one."""
        columns = self.heads.get(head, ())
        return columns[0] if len(columns) == 1 else None


@dataclass(slots=True)
class Occurrence:
    """One place where an indicator's row was found: its answer, or what is wrong there."""

    answer: Answer | None
    code: str
    row: int
    col: int
    sheet: str
    finding: Finding | None = None


def locate(book: Book, words: Words, reading: Reading) -> Reading:
    """Fill in the reading of one workbook. A workbook without any code gives one finding and nothing else."""
    pages = [_scan(sheet, words) for sheet in book.sheets]
    form_kind = _kind(pages, book, words.wanted)
    reading.sheets = [sheet.name for sheet in book.sheets]
    reading.format = book.format
    if form_kind is None:
        reading.findings = [Finding("FILE_NOT_A_FORM", details={"file": reading.file})]
        return reading
    reading.kind, form = form_kind, words.wanted.forms[form_kind]
    _identify(pages, book, reading)
    _answer(pages, form, words, reading)
    cells, findings = read_lists(
        [table for page in pages for table in page.lists], form, words, {plain(name) for name in reading.sheets}
    )
    reading.list_cells = cells
    reading.findings += findings
    reading.findings += _notes(pages)
    return reading


# ---- marks


def _scan(sheet: Sheet, words: Words) -> Page:
    """Every mark on a sheet, then its tables."""
    page, role_of, spans = Page(sheet), words.role, sheet.spans
    for row, values in enumerate(sheet.rows, start=sheet.top):
        for column, value in enumerate(values, start=sheet.left):
            if type(value) is str and value:
                role = role_of(value)
                if role is not None and not (row in spans and sheet.covered(row, column)):
                    _file_mark(page, row, column, role)
    page.tables = _tables(page)
    if page.columns or not page.tables and not page.others:
        page.lists = find_lists(sheet, page.columns, words) if not _is_glossary(page) else []
    return page


def _file_mark(page: Page, row: int, column: int, role: Role) -> None:
    if role.kind == "code":
        page.codes.append((row, column, role.what))
    elif role.kind == "column":
        page.columns.append((row, column, role))
    elif role.kind == "head":
        page.heads.append((row, column, role.what))
    elif role.kind == "label":
        page.labels.append((row, column))
    else:
        page.others.append((row, column, role))


def _tables(page: Page) -> list[Table]:
    """Tables from their heads; codes above every head form a table without one."""
    tables: list[Table] = []
    for row, _, kind in page.heads:
        if kind in ("code", "value"):
            if tables and row - tables[-1].last <= HEAD_HEIGHT:
                tables[-1].last = row
            else:
                tables.append(Table(row, row, {}))
    for row, column, kind in page.heads:
        table = next((t for t in tables if t.first - HEAD_HEIGHT <= row <= t.last + HEAD_HEIGHT), None)
        if table:
            merge = page.sheet.merge(row, column) or (row, column, row, column)
            table.heads.setdefault(kind, []).extend(range(column, min(merge[3], page.sheet.right) + 1))
    for table in tables:
        table.heads = {kind: sorted(set(columns)) for kind, columns in table.heads.items()}
    headless = Table(0, 0, {})
    if len(tables) == 1 and page.codes and tables[0].last < page.codes[0][0]:
        tables[0].codes = page.codes
        return tables
    for row, column, code in page.codes:
        table = next((t for t in reversed(tables) if t.last < row), headless)
        table.codes.append((row, column, code))
    return [headless, *tables] if headless.codes else tables


def _is_glossary(page: Page) -> bool:
    values = any("value" in table.heads for table in page.tables)
    explains = any(table.explains for table in page.tables) or any(w in page.sheet.name for w in _EXPLAINS)
    return explains and not values


def _kind(pages: Sequence[Page], book: Book, wanted: Wanted) -> str | None:
    """Which form it is: as its hidden identity says when any of its codes are there, else by most of its codes."""
    found = {code for page in pages if not _is_glossary(page) for _, _, code in page.codes}
    found |= {table.code for page in pages for table in page.lists}
    share = {
        kind: len(found.intersection(form.indicators)) + len(found.intersection(form.lists))
        for kind, form in wanted.forms.items()
    }
    for claimed in (*_hidden(pages, "kind"), book.properties.get("kind", "")):
        if share.get(claimed):
            return claimed
    best = max(share, key=lambda kind: share[kind], default=None)
    return best if best is not None and share[best] else None


# ---- whose it is


def _hidden(pages: Sequence[Page], key: str) -> list[str]:
    """What the hidden identity sheet says under that key; a copied sheet says it twice."""
    return [
        page.sheet.cell(row, column + 1)[0].strip()
        for page in pages
        for row, column, role in page.others
        if role.kind == "key" and role.what == key and not page.tables
    ]


def _identify(pages: Sequence[Page], book: Book, reading: Reading) -> None:
    """Collect every claim about unit and year with its source, and the cover's people."""
    hidden = {key: [value for value in _hidden(pages, key) if value] for key in IDENTITY_KEYS}
    named = {key: [book.properties[key]] for key in IDENTITY_KEYS if book.properties.get(key)}
    for source, claims in (("隐藏表", hidden), ("文件属性", named)):
        _claim(reading.identity, source, claims.get("unit_code", []) + claims.get("unit_name", []))
        _claim(reading.years, source, claims.get("year", []))
    reading.form_version = next(iter(hidden["form_version"] + named.get("form_version", [])), "")
    for page in sorted(pages, key=lambda page: bool(page.tables or page.lists)):
        source = "表头" if page.tables or page.lists else "封面"
        for row, label, value in _pairs(page):
            if label in _PEOPLE:
                reading.cover.setdefault(label, value)
            elif row < page.first_row and not _is_glossary(page):
                _claim(reading.years if label == "年度" else reading.identity, source, [value])


def _claim(claims: dict[str, list[str]], source: str, values: Sequence[str]) -> None:
    for value in values:
        if value not in claims.setdefault(source, []):
            claims[source].append(value)
    if not claims.get(source, True):
        del claims[source]


def _pairs(page: Page) -> Iterator[tuple[int, str, str]]:
    """Labels with their values: behind the label in its cell, or in the first filled cell to its right."""
    labels = set(page.labels)
    for row, column in page.labels:
        pairs = labelled(page.sheet.cell(row, column)[0])
        for number, (label, value) in enumerate(pairs, start=1):
            if not value and number == len(pairs):
                value = _to_the_right(page.sheet, row, column, labels)
            if value:
                yield row, label, value
    for row, _, role in page.others:
        if role.kind == "year":
            yield row, "年度", role.what


def _to_the_right(sheet: Sheet, row: int, column: int, labels: set[tuple[int, int]]) -> str:
    for other in range(column + 1, sheet.right + 1):
        if (row, other) in labels:
            return ""
        raw = sheet.cell(row, other)[0].strip()
        if raw:
            return raw
    return ""


# ---- answers


def _answer(pages: Sequence[Page], form: WantedForm, words: Words, reading: Reading) -> None:
    """Answers of the form's indicators, and findings for those that have none that is certain."""
    asked = set(form.indicators)
    found: dict[str, list[Occurrence]] = {}
    unclear: dict[str, Page] = {}
    for page in pages:
        for table in page.tables if not _is_glossary(page) else ():
            if _columns_clear(table):
                for occurrence in _occurrences(page.sheet, table, asked, words):
                    found.setdefault(occurrence.code, []).append(occurrence)
            elif not table.explains:
                unclear |= {code: page for _, _, code in table.codes if code in asked}
    for code in form.indicators:
        _settle(found.get(code, []), words, reading)
    for page in {id(page): page for code, page in unclear.items() if code not in found}.values():
        reading.findings.append(Finding("COLUMN_UNCLEAR", sheet=page.sheet.name))
    reading.findings = _grouped(reading.findings)
    reading.findings += _missing(form, found.keys() | unclear.keys(), pages, words.wanted)


def _columns_clear(table: Table) -> bool:
    """Whether its head names one column of codes and one of this year's values (a merged head may span several)."""
    codes, values = table.heads.get("code", []), table.heads.get("value", [])
    return bool(codes) and bool(values) and values == list(range(values[0], values[-1] + 1)) and not set(codes) & set(values)


def _occurrences(sheet: Sheet, table: Table, asked: set[str], words: Words) -> Iterator[Occurrence]:
    """Every row of a table that carries an asked code in the code column."""
    code_columns = set(table.heads["code"])
    rows = [(row, code) for row, column, code in table.codes if column in code_columns and code in asked]
    at_row = Counter(row for row, _ in rows)
    name, unit, note = table.column("name"), table.column("unit"), table.column("note")
    for row, code in rows:
        place = Occurrence(None, code, row, table.heads["value"][0], sheet.name)
        place.finding = _wrong_row(sheet, row, code, at_row[row], name, words) or _merged(sheet, table, place, rows)
        if place.finding is None:
            raw, kind = _value(sheet, table, place, words)
            explanation = sheet.shown(row, note) if note else ""
            if place.finding is None:
                place.finding = _wrong_unit(sheet, place, unit, raw, words)
            if place.finding is None:
                place.answer = Answer(code, raw, kind, sheet.name, place.row, place.col, explanation)
        yield place


def _wrong_row(sheet: Sheet, row: int, code: str, codes: int, name: int | None, words: Words) -> Finding | None:
    """The row's printed name is another indicator's: codes or names were moved, and no one can tell which."""
    printed = bare_name(sheet.cell(row, name)[0]) if name else ""
    other = words.code_of.get(printed, code)
    if other == code and codes == 1:
        return None
    said = f"{code} 行写的是“{printed}”" if other != code else f"一行里有 {codes} 个代码"
    return Finding("CODE_NAME_CONFLICT", sheet.name, address(row, name or sheet.left), code, details={"names": said})


def _merged(sheet: Sheet, table: Table, place: Occurrence, rows: Sequence[tuple[int, str]]) -> Finding | None:
    """The value cell is merged with another indicator's, or with a column to its left: whose value it is, is unclear."""
    merge = sheet.merge(place.row, place.col)
    if merge is None:
        return None
    sharing = [code for row, code in rows if merge[0] <= row <= merge[2]]
    if len(set(sharing)) == 1 and merge[1] == place.col:
        place.row = merge[0]
        return None
    names = "、".join(sharing)
    return Finding("VALUES_MERGED", sheet.name, address(merge[0], merge[1]), place.code, details={"names": names})


def _value(sheet: Sheet, table: Table, place: Occurrence, words: Words) -> tuple[str, str]:
    """The value under a head that may span several columns: the only filled one, else the first."""
    columns = table.heads["value"]
    filled = [column for column in columns if sheet.cell(place.row, column)[1] != "blank"] if columns[1:] else columns
    if len(filled) > 1:
        places = "、".join(address(place.row, column) for column in filled)
        details = {"name": words.wanted.indicators[place.code].name, "places": places}
        place.finding = Finding("VALUE_UNCLEAR", sheet.name, address(place.row, filled[0]), place.code, details=details)
    place.col = (filled or columns)[0]
    return sheet.cell(place.row, place.col)


def _wrong_unit(sheet: Sheet, place: Occurrence, column: int | None, raw: str, words: Words) -> Finding | None:
    """The printed unit of measure was changed, so the figure is in another unit."""
    wanted = words.wanted.indicators[place.code]
    printed = sheet.cell(place.row, column)[0] if column else ""
    if not raw or not plain(printed) or not wanted.unit or bare_unit(printed) == bare_unit(wanted.unit):
        return None
    said = f"{raw}（计量单位栏写的是“{printed.strip()}”）"
    details = {"name": wanted.name, "unit": wanted.unit}
    return Finding("WRONG_UNIT", sheet.name, address(place.row, place.col), place.code, said, details)


def _settle(places: Sequence[Occurrence], words: Words, reading: Reading) -> None:
    """One indicator's places to one answer, or to what is wrong; the same value twice is no fault."""
    answers = [place.answer for place in places if place.answer is not None]
    reading.findings += [place.finding for place in places if place.finding is not None]
    if len(answers) < len(places) or not answers:
        return
    if len({plain(answer.raw) for answer in answers}) == 1:
        reading.answers.append(answers[0])
        return
    told = "、".join(f"{a.sheet} {address(a.row, a.col)} 为“{a.raw}”" for a in answers)
    first = answers[0]
    details = {"name": words.wanted.indicators[first.indicator].name, "indicator": first.indicator, "places": told}
    second = answers[1]
    place = address(second.row, second.col)
    reading.findings.append(Finding("INDICATOR_TWICE", second.sheet, place, first.indicator, second.raw, details))


def _grouped(findings: Sequence[Finding]) -> list[Finding]:
    """One finding per sheet for moved codes, and one per merged area: each has one cause."""
    grouped: dict[tuple[str, str, str], Finding] = {}
    kept: list[Finding] = []
    for finding in findings:
        if finding.code not in ("CODE_NAME_CONFLICT", "VALUES_MERGED"):
            kept.append(finding)
            continue
        key = (finding.code, finding.sheet, finding.cell if finding.code == "VALUES_MERGED" else "")
        first = grouped.setdefault(key, finding)
        if first is finding:
            kept.append(finding)
        elif finding.code == "CODE_NAME_CONFLICT":
            first.details["names"] += "；" + finding.details["names"]
    return kept


def _missing(form: WantedForm, seen: set[str], pages: Sequence[Page], wanted: Wanted) -> Iterator[Finding]:
    """Rows and sheets of the form that are gone, grouped by sheet."""
    lost: dict[str, list[str]] = {}
    for code in form.indicators:
        if code not in seen:
            lost.setdefault(wanted.indicators[code].sheet, []).append(code)
    present = {plain(page.sheet.name) for page in pages if page.tables}
    for sheet, codes in lost.items():
        whole = sum(wanted.indicators[code].sheet == sheet for code in form.indicators)
        if len(codes) == whole and plain(sheet) not in present:
            yield Finding("SHEET_MISSING", raw=sheet, details={"count": str(whole)})
        else:
            names = shortened([f"{code} {wanted.indicators[code].name}" for code in codes])
            yield Finding("INDICATOR_MISSING_ROW", sheet, indicator=codes[0], raw=sheet, details={"names": names})


# ---- notes


def _notes(pages: Sequence[Page]) -> Iterator[Finding]:
    """Contents that are no part of the form, one finding per sheet, so that nobody thinks they were taken."""
    for page in pages:
        told = [] if _is_glossary(page) else list(_extra(page))
        if told:
            row, column, _ = told[0]
            words = shortened([text[:_SHOWN_NOTE] for _, _, text in told], 3)
            yield Finding("EXTRA_NOTE", page.sheet.name, address(row, column), raw=words)


def _extra(page: Page) -> Iterator[tuple[int, int, str]]:
    """Filled cells beside the table's columns, and values in rows without a code between rows that have one."""
    sheet = page.sheet
    for table in page.tables:
        rows = [row for row, _, _ in table.codes]
        values = table.heads.get("value", ())
        known = {column for columns in table.heads.values() for column in columns}
        unknown = [column for column in range(sheet.left, sheet.right + 1) if column not in known]
        if not rows or not values:
            continue
        coded = set(rows)
        for row in range(min(rows), max(rows) + 1):
            for column in unknown if row in coded else values:
                raw, kind = sheet.cell(row, column)
                if kind != "blank":
                    yield row, column, raw
    if not page.tables and not page.lists and not page.labels and sheet.visible and not page.others:
        yield from _first_cell(sheet)


def _first_cell(sheet: Sheet) -> Iterator[tuple[int, int, str]]:
    for row in range(sheet.top, sheet.bottom + 1):
        for column in range(sheet.left, sheet.right + 1):
            raw, kind = sheet.cell(row, column)
            if kind != "blank":
                yield row, column, raw
                return
