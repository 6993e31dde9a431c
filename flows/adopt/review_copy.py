"""The copies of forms in 核对表.xlsx: each sheet as it came, its cells coloured by how well they were understood."""

from collections.abc import Mapping
from typing import Any

from flows.adopt.blank import Blank
from flows.adopt.found import FoundSheet, address
from flows.adopt.pages import Page, Place


def draw_copy(sheet: Any, one: FoundSheet, blank: Blank, colours: Mapping[str, Any], plain: Any) -> None:
    """The form as it came, its cells coloured by evidence."""
    page = next(page for page in blank.pages if page.name == one.name)
    levels = _levels(one)
    unread = {place for place, _ in one.unread}
    _, _, bottom, right = page.bounds
    bottom = max(bottom, *(row for row, _ in levels)) if levels else bottom
    _set_widths(sheet, page, right)
    covered = set()
    for top, left, low, far in page.merges:
        covered |= {(r, c) for r in range(top, low + 1) for c in range(left, far + 1)} - {(top, left)}
        level = levels.get((top, left))
        text = page.cells[top, left].text if (top, left) in page.cells else ""
        sheet.merge_range(top - 1, left - 1, low - 1, far - 1, text, colours[level] if level else plain)
    for row in range(1, bottom + 1):
        for column in range(1, right + 1):
            place = (row, column)
            if place in covered or page.span(*place) != (row, column, row, column):
                continue
            level = levels.get(place) or ("red" if address(place) in unread else "")
            cell = page.cells.get(place)
            if level or (cell and (cell.text or cell.boxed)):
                sheet.write_string(row - 1, column - 1, cell.text if cell else "", colours[level] if level else plain)
    for row in page.hidden_rows:
        sheet.set_row(row - 1, None, None, {"hidden": True})
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _levels(one: FoundSheet) -> dict[Place, str]:
    """The evidence of each cell to fill in, in every row that is meant for entries."""
    levels: dict[Place, str] = {answer.place: answer.level for answer in one.answers}
    for block in one.blocks:
        if block.orientation in ("wide", "list"):
            for answer in block.answers:
                for row in range(block.first_row, block.last_row + 1):
                    levels.setdefault((row, answer.place[1]), answer.level)
    return levels


def _set_widths(sheet: Any, page: Page, right: int) -> None:
    """Columns as wide as their longest text that is not merged over several, within bounds."""
    for column in range(1, right + 1):
        texts = [
            cell.text for (r, c), cell in page.cells.items() if c == column and page.span(r, c)[1] == page.span(r, c)[3]
        ]
        sheet.set_column(column - 1, column - 1, min(40, max([8, *(len(text) * 2 for text in texts)])))
