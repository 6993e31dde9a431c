"""The heads of a table: how far down they go, which of their rows number, measure or code, and what is under each."""

import re

import msgspec

from flows.adopt import words
from flows.adopt.pages import Page, Place

_ORDINAL = re.compile(r"[甲乙丙丁戊己庚辛壬癸]")
_NUMBER = re.compile(r"\(?\[?\d{1,3}\]?\)?(?:\s*[=＝≥≤].*)?")
CODE = re.compile(r"[A-Za-z]{0,3}\d{1,5}(?:[-.]\d{1,3})?[A-Za-z]?")
"""What a column or row may be coded by."""
LONG = 40
"""A head's words are shorter than this; a longer text is a remark."""


class Group(msgspec.Struct):
    """Columns of one vertical or cross table, by what they hold."""

    name_columns: list[int]
    code: int | None = None
    order: int | None = None
    unit: int | None = None
    section: list[int] = []
    choice: int | None = None
    note: int | None = None
    reason: int | None = None
    values: list[int] = []

    @property
    def columns(self) -> list[int]:
        """All of them."""
        single = (self.code, self.order, self.unit, self.choice, self.note, self.reason)
        return sorted([*self.name_columns, *self.section, *self.values, *(one for one in single if one is not None)])


class Table(msgspec.Struct):
    """A table's head and body. `groups` are of vertical and cross tables; `columns` have a head, left to right."""

    head_top: int
    head_bottom: int
    body: list[int]
    columns: list[int]
    groups: list[Group] = []
    number_row: int | None = None
    unit_row: int | None = None
    code_row: int | None = None


def texts(page: Page, row: int) -> list[tuple[Place, str]]:
    """The texts that begin in a row, without those that hold the items of lists or lie outside what is printed."""
    return [(place, text) for place, text in page.row_texts(row) if _within(page, *place)]


def head_roles(page: Page, row: int) -> dict[int, str]:
    """What each head cell of the row says of its column; unknown words are ""."""
    return {column: words.role_of(text) for (_, column), text in texts(page, row)}


def head_path(page: Page, table: Table, column: int) -> list[tuple[Place, str]]:
    """The heads over a column, from the top; a merged one once, number, unit and code rows left out."""
    found: list[tuple[Place, str]] = []
    for row in range(table.head_top, table.head_bottom + 1):
        if row in (table.number_row, table.unit_row, table.code_row) or row in page.hidden_rows:
            continue
        place, text = page.origin(row, column), page.text(row, column)
        if text and place not in [one for one, _ in found]:
            found.append((place, text))
    return found


def leaf(page: Page, table: Table, column: int) -> str:
    """The lowest head of a column."""
    path = head_path(page, table, column)
    return path[-1][1] if path else ""


def _within(page: Page, row: int, column: int) -> bool:
    if (row, column) in page.sources:
        return False
    return page.printed is None or page.printed[1] <= column <= page.printed[3]


def vertical(roles: dict[int, str]) -> bool:
    """Whether heads of these roles stand over rows that are named at the left, a figure or more in each."""
    kinds = set(roles.values())
    told = len(kinds & {"unit", "code", "value", "choice", "order"})
    if "name" in kinds:
        return bool(kinds & {"unit", "code", "value", "choice"})
    named = [role for role in roles.values() if role not in ("order", "code")][:1] == [""]
    return told >= 2 and bool(kinds & {"unit", "code"}) and "value" in kinds and named


def boxed(page: Page, places: list[Place], unless: bool = False) -> bool:
    """Whether the cells have borders; `unless` holds where the page draws none at all."""
    if all(page.at(*place).boxed for place in places):
        return True
    return unless and not any(cell.boxed for cell in page.cells.values())


def deeper(page: Page, top: int, bottom: int) -> int:
    """Heads go on under a head that spans several columns, as long as there are texts under it."""
    _, _, last, _ = page.bounds
    while bottom < last:
        below = bottom + 1
        spanning = [
            page.span(row, column)
            for row in range(top, bottom + 1)
            for (_, column), _ in texts(page, row)
            if page.span(row, column)[3] > page.span(row, column)[1] and page.span(row, column)[2] == bottom
        ]
        under = [(place, text) for place, text in texts(page, below)]
        inside = [1 for (_, column), _ in under if any(s[1] <= column <= s[3] for s in spanning)]
        if len(inside) < 2 or len(inside) < len(under) or _is_number_row(under):
            break
        bottom = max(page.span(*place)[2] for place, _ in under)
    return bottom


def _is_number_row(found: list[tuple[Place, str]]) -> bool:
    said = [words.plain(text) for _, text in found]
    known = [one for one in said if _ORDINAL.fullmatch(one) or _NUMBER.fullmatch(one)]
    return len(said) >= 2 and len(known) == len(said) and any(one[:1] in "甲1(" or one == "1" for one in said)


def mark_rows(page: Page, table: Table) -> None:
    """Rows under the heads that number the columns, or give their units or codes."""
    named = False
    for row in range(table.head_top, table.head_bottom + 1):
        named |= not _mark(page, table, row)
    row = table.head_bottom + 1
    while row in page.hidden_rows or _mark(page, table, row) or (not named and len(texts(page, row)) > 1):
        if row > page.bounds[2]:
            break
        named |= row not in (table.number_row, table.unit_row, table.code_row)
        table.head_bottom = row
        row += 1


def _covered(page: Page, table: Table) -> set[int]:
    """The columns under the heads, and the one before them: what stands elsewhere is no part of the table."""
    spans = [page.span(*p) for row in range(table.head_top, table.head_bottom + 1) for p, _ in texts(page, row)]
    covered = {column for span in spans for column in range(span[1], span[3] + 1)}
    return covered | {min(covered, default=1) - 1}


def _mark(page: Page, table: Table, row: int) -> bool:
    found = [(place, text) for place, text in texts(page, row) if place[1] in _covered(page, table)]
    said = [words.plain(text) for _, text in found]
    head = words.role_of(said[0]) if said else ""
    rest = (
        said[1:] if head in ("unit", "code", "order", "name") or not CODE.fullmatch(said[0] if said else "") else said
    )
    if len(said) < 2:
        return False
    if table.number_row is None and _is_number_row(found):
        table.number_row = row
    elif len(rest) >= 2 and (_measures(rest) or (head == "unit" and len(rest) < len(said) and _is_list_units(rest))):
        table.unit_row = row
    elif (len(rest) >= 3 and head in ("code", "order") and all(CODE.fullmatch(one) for one in rest)) or (
        len(said) >= 3 and all(CODE.fullmatch(one) for one in said) and len(set(said)) == len(said)
    ):
        table.code_row = row
    else:
        return False
    return True


def _measures(said: list[str]) -> bool:
    known = [words.known_unit(words.unit_and_places(one)[0]) for one in said]
    return sum(known) >= 2 and all(is_unit or words.is_dash(one) for is_unit, one in zip(known, said, strict=True))


def _is_list_units(said: list[str]) -> bool:
    """Whether the texts are units, or say that words or a choice are wanted."""
    bare = [re.sub(r"\((必填|选填)\)$", "", one) for one in said]
    return all(words.known_unit(one) or words.is_dash(one) or one in ("文字", "选一项", "日期", "数字") for one in bare)


def headed(page: Page, table: Table) -> list[int]:
    """The columns that have a head, those behind a gap only where another table's heads stand there."""
    _, left, _, right = page.bounds
    headed = [
        column
        for column in range(left, right + 1)
        if page.seen(table.head_top, column)
        and any(
            page.text(row, column) and _within(page, *page.origin(row, column))
            for row in range(table.head_top, table.head_bottom + 1)
            if row not in (table.number_row, table.unit_row, table.code_row)
        )
    ]
    runs: list[list[int]] = []
    for column in headed:
        gap = runs and any(one not in page.hidden_columns for one in range(runs[-1][-1] + 1, column))
        if not runs or gap:
            runs.append([])
        runs[-1].append(column)
    if not runs:
        return []
    kept = list(runs[0])
    for run in runs[1:]:
        roles = {column: words.role_of(page.text(table.head_top, column)) for column in run}
        if vertical(roles):
            kept += run
    return kept
