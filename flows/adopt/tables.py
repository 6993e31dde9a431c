"""The tables of a page: where the heads end and the foot begins, which columns name rows and which are filled in."""

import re
from collections.abc import Iterator

import msgspec

from flows.adopt import words
from flows.adopt.pages import Page, Place

FOOT = re.compile(
    r"^(填表|填报|编制|统计|补充)?(说明|要求|须知)[:：]?\d?|^(备\s*)?注\s*[\d]?[:：]|^备注[:：]|^(表内|表间|逻辑|审核|平衡|校验|勾稽|主要|指标|行|列|栏)*"
    r"(审核|平衡|逻辑|校验|勾稽|钩稽)?关系|^(单位|村|部门|站所)?(主要)?(负责人|领导)(\(?签[字章]\)?)?[:：]|^(统计负责人|填表人|填报人|审核人|制表人?|经办人|复核人)"
    r"[:：]|^(报出|填报|填表)日期[:：]|^(指标解释|补充资料|附注|附[:：])|^〔|^(注意|特别说明)[:：]|^(单位)?\(?(公章|盖章)"
)
_ANOTHER = re.compile(r"^表号[:：]|^制[定表]机关[:：]")
"""What the head of a registered form begins with: the one before it has ended."""
_LABEL = re.compile(r"(?<!其中)[:：]")
_ORDINAL = re.compile(r"[甲乙丙丁戊己庚辛壬癸]")
_NUMBER = re.compile(r"\(?\[?\d{1,3}\]?\)?(?:\s*[=＝≥≤].*)?")
_CODE = re.compile(r"[A-Za-z]{0,3}\d{1,5}(?:[-.]\d{1,3})?[A-Za-z]?")
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


def tables_of(page: Page) -> list[Table]:
    """The tables of a page from the top."""
    found: list[Table] = []
    rows = [row for row in page.rows() if _printed(page, row)]
    start = 0
    while start < len(rows):
        at = next((n for n in range(start, len(rows)) if _begins(page, rows[n])), None)
        if at is None:
            break
        table = _table(page, rows[at])
        if table is None:
            start = at + 1
            continue
        found.append(table)
        last = table.body[-1] if table.body else table.head_bottom
        start = next((n for n in range(at + 1, len(rows)) if rows[n] > last), len(rows))
    return found


def head_roles(page: Page, row: int) -> dict[int, str]:
    """What each head cell of the row says of its column; unknown words are ""."""
    return {column: words.role_of(text) for (_, column), text in texts(page, row)}


def texts(page: Page, row: int) -> list[tuple[Place, str]]:
    """The texts that begin in a row, without those that hold the items of lists or lie outside what is printed."""
    return [(place, text) for place, text in page.row_texts(row) if _within(page, *place)]


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


def _printed(page: Page, row: int) -> bool:
    return page.printed is None or page.printed[0] <= row <= page.printed[2] or bool(page.row_texts(row))


def _within(page: Page, row: int, column: int) -> bool:
    if (row, column) in page.sources:
        return False
    return page.printed is None or page.printed[1] <= column <= page.printed[3]


def _vertical(roles: dict[int, str]) -> bool:
    kinds = set(roles.values())
    told = len(kinds & {"unit", "code", "value", "choice", "order"})
    if "name" in kinds:
        return bool(kinds & {"unit", "code", "value", "choice"})
    named = [role for role in roles.values() if role not in ("order", "code")][:1] == [""]
    return told >= 2 and bool(kinds & {"unit", "code"}) and "value" in kinds and named


def _begins(page: Page, row: int) -> bool:
    """Whether heads begin in the row."""
    found = texts(page, row)
    if len(found) < 2 or FOOT.match(words.plain(found[0][1])):
        return False
    if _vertical(head_roles(page, row)):
        return True
    short = [text for _, text in found if len(text) < LONG and not _LABEL.search(text)]
    if len(short) < len(found) or len(short) < 3 or _is_card(page, row, found):
        return False
    return not all(_CODE.fullmatch(words.plain(text)) for _, text in found) and _boxed(
        page, [place for place, _ in found], unless=len(found) >= 4
    )


def _is_card(page: Page, row: int, found: list[tuple[Place, str]]) -> bool:
    """Whether the row is one of labels with an empty cell behind each, and not one of heads."""
    behind = [(row, page.span(*place)[3] + 1) for place, _ in found]
    heads_follow = _vertical(head_roles(page, row + 1))
    empty = [
        place
        for place in behind
        if page.at(*place).boxed and not page.text(*place) and (not page.text(row + 1, place[1]) or heads_follow)
    ]
    return len(empty) * 2 >= len(found)


def _boxed(page: Page, places: list[Place], unless: bool = False) -> bool:
    """Whether the cells have borders; `unless` holds where the page draws none at all."""
    if all(page.at(*place).boxed for place in places):
        return True
    return unless and not any(cell.boxed for cell in page.cells.values())


def _table(page: Page, top: int) -> Table | None:
    bottom = max(page.span(*place)[2] for place, _ in texts(page, top))
    bottom = _deeper(page, top, bottom)
    table = Table(top, bottom, [], [])
    _marks(page, table)
    table.columns = _headed(page, table)
    roles = _leaf_roles(page, table)
    if unnamed := _unnamed(page, table, roles):
        table.columns, roles = [unnamed, *table.columns], {unnamed: "name"} | roles
    if _vertical(roles) or (_vertical(head_roles(page, top)) and top not in (table.unit_row, table.code_row)):
        table.groups = list(_groups(page, table, roles))
    table.body = _body(page, table)
    if not table.body:
        return None
    if not table.groups:
        _stubbed(page, table)
    return table


def _deeper(page: Page, top: int, bottom: int) -> int:
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


def _marks(page: Page, table: Table) -> None:
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
        said[1:] if head in ("unit", "code", "order", "name") or not _CODE.fullmatch(said[0] if said else "") else said
    )
    if len(said) < 2:
        return False
    if table.number_row is None and _is_number_row(found):
        table.number_row = row
    elif len(rest) >= 2 and (_measures(rest) or (head == "unit" and len(rest) < len(said) and _is_list_units(rest))):
        table.unit_row = row
    elif (len(rest) >= 3 and head in ("code", "order") and all(_CODE.fullmatch(one) for one in rest)) or (
        len(said) >= 3 and all(_CODE.fullmatch(one) for one in said) and len(set(said)) == len(said)
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


def _headed(page: Page, table: Table) -> list[int]:
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
        if _vertical(roles):
            kept += run
    return kept


def _leaf_roles(page: Page, table: Table) -> dict[int, str]:
    """The role of each column by its lowest head that says something, the upper ones where it says nothing."""
    found = {}
    for column in table.columns:
        path = [text for _, text in head_path(page, table, column)]
        found[column] = words.role_of(path[-1]) if path else ""
        if not found[column] and len(path) > 1:
            found[column] = next((role for text in path[::-1] if (role := words.role_of(text)) == "value"), "")
    return found


def _unnamed(page: Page, table: Table, roles: dict[int, str]) -> int | None:
    """A column of names at the left whose head is left empty."""
    if not table.columns or "name" in roles.values() or "code" not in roles.values():
        return None
    column, below = table.columns[0] - 1, range(table.head_bottom + 1, table.head_bottom + 7)
    named = [text for row in below if (text := page.text(row, column)) and len(text) < LONG and column > 0]
    drawn = _boxed(page, [(table.head_bottom + 1, column)], unless=True)
    return column if len(named) > 1 and drawn else None


def _groups(page: Page, table: Table, roles: dict[int, str]) -> Iterator[Group]:
    """The columns cut where names, codes or numbers begin anew: halves side by side."""
    names = {column for column, role in roles.items() if role == "name"}
    if not names:
        unknown = next(column for column, role in roles.items() if role == "")
        roles[unknown] = "name"
        origin = page.origin(table.head_top, unknown)
        for column in table.columns:
            if page.origin(table.head_top, column) == origin:
                roles[column] = "name"
    cut: list[list[int]] = [[]]
    for column in table.columns:
        group = cut[-1]
        role, held = roles[column], {roles[one] for one in group}
        same = group and page.origin(table.head_top, column) == page.origin(table.head_top, group[-1])
        if (
            role in ("name", "order", "code", "section")
            and role in held
            and "name" in held
            and not same
            and (held & {"value", "choice", ""})
        ):
            cut.append([])
        cut[-1].append(column)
    for columns in cut:
        group = Group([column for column in columns if roles[column] == "name"])
        for column in columns:
            role = roles[column]
            if role in ("value", "change", ""):
                group.values.append(column)
            elif role == "section":
                group.section.append(column)
            elif role != "name" and getattr(group, role) is None:
                setattr(group, role, column)
        if group.name_columns:
            if group.code is None and group.order is not None:
                group.code = group.order
            yield group


def _body(page: Page, table: Table) -> list[int]:
    """The rows under the heads as far as the table goes: to its foot, to other heads, to where its borders end."""
    _, _, bottom, _ = page.bounds
    last = max(bottom, max((row for (row, _), cell in page.cells.items() if cell.boxed), default=0))
    first, rows = table.head_bottom + 1, []
    drawn = any(page.at(table.head_top, column).boxed for column in table.columns)
    for row in range(first, last + 1):
        if row in page.hidden_rows:
            continue
        found = [(place, text) for place, text in texts(page, row)]
        said = words.plain(found[0][1]) if found else ""
        if FOOT.match(said) or _ANOTHER.match(said):
            break
        if found and (_vertical(head_roles(page, row)) and len(found) >= 3) and row > first:
            break
        boxed = any(page.at(row, column).boxed for column in table.columns)
        if drawn and not boxed and (not found or not _goes_on(page, table, row)):
            break
        if not drawn and not found:
            if not _goes_on(page, table, row):
                break
            continue
        if len(found) == 1 and len(found[0][1]) > LONG * 2:
            break
        rows.append(row)
    return rows


def _goes_on(page: Page, table: Table, row: int) -> bool:
    """Whether a row that looks like the end is only a gap: the next two rows still have texts in several columns."""
    ahead = [texts(page, one) for one in (row + 1, row + 2)]
    return any(
        sum(place[1] in table.columns for place, _ in found) >= 2 and not FOOT.match(words.plain(found[0][1]))
        for found in ahead
        if found
    )


def _stubbed(page: Page, table: Table) -> None:
    """A table whose heads name figures, and whose rows are named at the left, has rows and columns that cross."""
    labelled: list[int] = []
    for column in table.columns:
        leaf = head_path(page, table, column)
        head = leaf[-1][1] if leaf else ""
        role = words.role_of(head)
        said = [page.text(row, column) for row in table.body]
        measures = any(said) and all(words.known_unit(text) for text in said if text)
        if ((words.is_org(head) and not measures) or words.is_entry(head)) and role != "name":
            return
        filled = [row for row in table.body if page.text(row, column) and not words.is_dash(page.text(row, column))]
        named = [row for row in filled if not re.fullmatch(r"[\d.]+|…+|\.{3,}", page.text(row, column))]
        if (role in ("order", "code", "unit") and filled) or len(named) >= max(2, len(table.body) * 0.6):
            labelled.append(column)
        elif labelled or len(named) < 2:
            break
    names = [
        column for column in labelled if words.role_of(_leaf(page, table, column)) not in ("order", "code", "unit")
    ]
    if not names:
        return
    group = Group(names)
    for column in labelled:
        role = words.role_of(_leaf(page, table, column))
        if role in ("order", "code", "unit"):
            setattr(group, role, column)
    for column in [column for column in table.columns if column not in labelled]:
        role = words.role_of(_leaf(page, table, column))
        if role in ("unit", "code", "reason", "note") and getattr(group, role) is None:
            setattr(group, role, column)
        else:
            group.values.append(column)
    if group.values:
        group.code = group.order if group.code is None else group.code
        table.groups = [group]


def _leaf(page: Page, table: Table, column: int) -> str:
    path = head_path(page, table, column)
    return path[-1][1] if path else ""
