"""The tables of a page: where each begins, its heads and its rows, and where its foot begins."""

import re

from flows.adopt import words
from flows.adopt.groups import groups_of, leaf_roles, stubbed, unheaded_names
from flows.adopt.heads import CODE, LONG, Table, boxed, deeper, head_roles, headed, mark_rows, texts, vertical
from flows.adopt.pages import Page, Place

FOOT = re.compile(
    r"^(填表|填报|编制|统计|补充)?(说明|要求|须知)[:：]?\d?|^(备\s*)?注\s*[\d]?[:：]|^备注[:：]|^(表内|表间|逻辑|审核|平衡|校验|勾稽|主要|指标|行|列|栏)*"
    r"(审核|平衡|逻辑|校验|勾稽|钩稽)?关系|^(单位|村|部门|站所)?(主要)?(负责人|领导)(\(?签[字章]\)?)?[:：]|^(统计负责人|填表人|填报人|审核人|制表人?|经办人|复核人)"
    r"[:：]|^(报出|填报|填表)日期[:：]|^(指标解释|补充资料|附注|附[:：])|^〔|^(注意|特别说明)[:：]|^(单位)?\(?(公章|盖章)"
)
_ANOTHER = re.compile(r"^表号[:：]|^制[定表]机关[:：]")
"""What the head of a registered form begins with: the one before it has ended."""
_LABEL = re.compile(r"(?<!其中)[:：]")


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


def _printed(page: Page, row: int) -> bool:
    return page.printed is None or page.printed[0] <= row <= page.printed[2] or bool(page.row_texts(row))


def _begins(page: Page, row: int) -> bool:
    """Whether heads begin in the row."""
    found = texts(page, row)
    if len(found) < 2 or FOOT.match(words.plain(found[0][1])):
        return False
    if vertical(head_roles(page, row)):
        return True
    short = [text for _, text in found if len(text) < LONG and not _LABEL.search(text)]
    if len(short) < len(found) or len(short) < 3 or _is_card(page, row, found):
        return False
    return not all(CODE.fullmatch(words.plain(text)) for _, text in found) and boxed(
        page, [place for place, _ in found], unless=len(found) >= 4
    )


def _is_card(page: Page, row: int, found: list[tuple[Place, str]]) -> bool:
    """Whether the row is one of labels with an empty cell behind each, and not one of heads."""
    behind = [(row, page.span(*place)[3] + 1) for place, _ in found]
    heads_follow = vertical(head_roles(page, row + 1))
    empty = [
        place
        for place in behind
        if page.at(*place).boxed and not page.text(*place) and (not page.text(row + 1, place[1]) or heads_follow)
    ]
    return len(empty) * 2 >= len(found)


def _table(page: Page, top: int) -> Table | None:
    bottom = max(page.span(*place)[2] for place, _ in texts(page, top))
    bottom = deeper(page, top, bottom)
    table = Table(top, bottom, [], [])
    mark_rows(page, table)
    table.columns = headed(page, table)
    roles = leaf_roles(page, table)
    if unnamed := unheaded_names(page, table, roles):
        table.columns, roles = [unnamed, *table.columns], {unnamed: "name"} | roles
    if vertical(roles) or (vertical(head_roles(page, top)) and top not in (table.unit_row, table.code_row)):
        table.groups = list(groups_of(page, table, roles))
    table.body = _body(page, table)
    if not table.body:
        return None
    if not table.groups:
        stubbed(page, table)
    return table


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
        if found and (vertical(head_roles(page, row)) and len(found) >= 3) and row > first:
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
