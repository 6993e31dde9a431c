"""The line lists' sheets: a long list has one of its own, small ones share one."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import zip_longest

from flows.emit.summary.edition import Edition, number_look
from flows.emit.summary.paper import set_breaks, set_up, spread
from flows.emit.workbook.styles import (
    BAND,
    HEAD,
    HEADING,
    MIDDLE,
    NOTE,
    SMALL_HEAD,
    TEXT,
    Pen,
    breadth,
    number_breadth,
    row_height,
)
from flows.store.figures import ListRow
from schemas.records import Column, LineList

SHARED = "明细表"
SMALL = 8
"""Rows up to which a list shares its page: the sample's four lists then fill one A3 page instead of four."""


def small_lists(edition: Edition) -> list[LineList]:
    """The lists that share a sheet; none when there is but one of them."""
    lists = edition.catalogue.lists.values()
    small = [one for one in lists if sum(row.list == one.code for row in edition.book.rows) <= SMALL]
    return small if len(small) > 1 else []


def draw_list(pen: Pen, edition: Edition, line_list: LineList, number: int) -> None:
    """One line list: every row with its unit, and a total of the columns that can be added."""
    table = _Table(edition, line_list)
    widths = [*table.widths[:2], *spread(table.widths[2:], [(0, len(table.widths) - 2)], _room(edition, table.widths))]
    pen.widths(widths)
    top = edition.head(pen, edition.table_name(f"{line_list.name}明细"), 1, len(widths), edition.marks(number))
    row = table.draw(pen, top, widths)
    edition.foot(pen, row, len(widths), sum(widths), [table.note, *edition.notes()[2:]])
    set_up(pen.sheet, edition.paper, (top, top + 1), 2, f"C{top + 2}")


def draw_lists(pen: Pen, edition: Edition, lists: Sequence[LineList], number: int) -> None:
    """Several small lists under each other, each with its heading, in columns wide enough for all of them."""
    tables = [_Table(edition, line_list) for line_list in lists]
    widths = [max(column) for column in zip_longest(*(table.widths for table in tables), fillvalue=0.0)]
    widths = [*widths[:2], *spread(widths[2:], [(0, len(widths) - 2)], _room(edition, widths))]
    pen.widths(widths)
    row = edition.head(pen, edition.table_name(SHARED.removesuffix("表")), 1, len(widths), edition.marks(number))
    headings: list[int] = []
    for order, table in enumerate(tables, start=1):
        headings += [row, row + 1, row + 2]
        pen.put(row, 1, f"{order}. {table.line_list.name}", HEADING, columns=len(widths))
        pen.height(row, 26)
        row = table.draw(pen, row + 1, widths)
        pen.put(row, 1, f"注：{table.note}", NOTE, columns=len(widths))
        pen.height(row, row_height([(table.note, sum(widths))], 9.5, 15))
        row += 1
    edition.foot(pen, row, len(widths), sum(widths), edition.notes()[2:])
    set_up(pen.sheet, edition.paper, None, 0)
    set_breaks(pen.sheet, edition.paper, sum(widths), (1, 1), headings)


def _room(edition: Edition, widths: Sequence[float]) -> float:
    return edition.paper.width - sum(widths[:2])


class _Table:
    """One list's rows, drawn wherever there is room."""

    def __init__(self, edition: Edition, line_list: LineList) -> None:
        self.edition, self.line_list = edition, line_list
        self.rows = [row for row in edition.book.rows if row.list == line_list.code]
        self.cells = [[_list_value(column, row) for column in line_list.columns] for row in self.rows]
        self.widths = _list_widths(line_list, self.rows, self.cells)

    @property
    def note(self) -> str:
        """What stands under it."""
        return f"合计 {len(self.rows)} 行。{self.line_list.definition}"

    def draw(self, pen: Pen, top: int, widths: Sequence[float]) -> int:
        """Heads, rows and total from row `top` on. Returns the row after it."""
        columns = self.line_list.columns
        _list_head(pen, self.line_list, top)
        row = top + 2
        looks = [MIDDLE, TEXT, *(number_look(_list_places(c)) if c.type == "number" else TEXT for c in columns)]
        for order, (item, values) in enumerate(zip(self.rows, self.cells, strict=True), start=1):
            line = [order, item.unit_name, *values]
            pen.line(row, line, looks)
            pen.height(row, row_height(list(zip(line, widths, strict=False)), least=20.0))
            row += 1
        return _list_total(pen, self.edition, self.line_list, row, self.cells)


def _list_head(pen: Pen, line_list: LineList, top: int) -> None:
    for column, name in enumerate(("序号", "填报单位"), start=1):
        pen.put(top, column, name, HEAD, rows=2)
    for column, item in enumerate(line_list.columns, start=3):
        pen.put(top, column, item.name, HEAD)
        pen.put(top + 1, column, item.printed_unit or item.unit, SMALL_HEAD)
    pen.height(top, 30)
    pen.height(top + 1, 16)


def _list_total(pen: Pen, edition: Edition, line_list: LineList, row: int, cells: list[list]) -> int:
    """The 合计 row; rates that an indicator takes from a single row are not added."""
    single = {
        item.column
        for item in edition.catalogue.indicators.values()
        if item.list == line_list.code and item.aggregate == "first"
    }
    pen.put(row, 1, "合计" if cells else "本年没有", BAND.but(across="center"), columns=2)
    for number, column in enumerate(line_list.columns):
        known = [line[number] for line in cells if line[number] is not None]
        adds = column.type == "number" and column.code not in single and known
        pen.put(row, number + 3, sum(known, Decimal(0)) if adds else None, number_look(_list_places(column), bold=True))
    pen.height(row, 20)
    return row + 1


def _list_value(column: Column, row: ListRow) -> Decimal | str | None:
    """A cell in the column's printed unit, not rounded: a list shows what was sent."""
    value = row.cells.get(column.code)
    if value is None or value == "":
        return None
    return Decimal(value) / column.factor if column.type == "number" else str(value)


def _list_places(column: Column) -> int:
    return column.decimals + (len(str(column.factor)) - 1 if column.factor > 1 else 0)


def _list_widths(line_list: LineList, rows: Sequence[ListRow], cells: list[list]) -> list[float]:
    widths = [5.5, max(10.0, *(min(24.0, breadth(row.unit_name) + 2) for row in rows), 10.0)]
    for number, column in enumerate(line_list.columns):
        values = [line[number] for line in cells if line[number] is not None]
        if column.type == "number":
            widest = number_breadth(sum(values, Decimal(0)), _list_places(column)) + 2
            unit = breadth(column.printed_unit or column.unit) + 1.5
            widths.append(max(9.0, widest, breadth(column.name) / 2 + 2, unit))
        else:
            widths.append(max(10.0, min(34.0, max((breadth(text) for text in values), default=0.0) + 2)))
    return widths
