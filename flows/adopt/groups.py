"""What each column of a table holds, by its head or by what stands in it; tables side by side are told apart."""

import re
from collections.abc import Iterator

from flows.adopt import words
from flows.adopt.heads import LONG, Group, Table, boxed, head_path, leaf
from flows.adopt.pages import Page


def leaf_roles(page: Page, table: Table) -> dict[int, str]:
    """The role of each column by its lowest head that says something, the upper ones where it says nothing."""
    found = {}
    for column in table.columns:
        path = [text for _, text in head_path(page, table, column)]
        found[column] = words.role_of(path[-1]) if path else ""
        if not found[column] and len(path) > 1:
            found[column] = next((role for text in path[::-1] if (role := words.role_of(text)) == "value"), "")
    return found


def unheaded_names(page: Page, table: Table, roles: dict[int, str]) -> int | None:
    """A column of names at the left whose head is left empty."""
    if not table.columns or "name" in roles.values() or "code" not in roles.values():
        return None
    column, below = table.columns[0] - 1, range(table.head_bottom + 1, table.head_bottom + 7)
    named = [text for row in below if (text := page.text(row, column)) and len(text) < LONG and column > 0]
    drawn = boxed(page, [(table.head_bottom + 1, column)], unless=True)
    return column if len(named) > 1 and drawn else None


def groups_of(page: Page, table: Table, roles: dict[int, str]) -> Iterator[Group]:
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


def stubbed(page: Page, table: Table) -> None:
    """A table whose heads name figures, and whose rows are named at the left, has rows and columns that cross."""
    labelled: list[int] = []
    for column in table.columns:
        head = leaf(page, table, column)
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
    names = [column for column in labelled if words.role_of(leaf(page, table, column)) not in ("order", "code", "unit")]
    if not names:
        return
    group = Group(names)
    for column in labelled:
        role = words.role_of(leaf(page, table, column))
        if role in ("order", "code", "unit"):
            setattr(group, role, column)
    for column in [column for column in table.columns if column not in labelled]:
        role = words.role_of(leaf(page, table, column))
        if role in ("unit", "code", "reason", "note") and getattr(group, role) is None:
            setattr(group, role, column)
        else:
            group.values.append(column)
    if group.values:
        group.code = group.order if group.code is None else group.code
        table.groups = [group]
