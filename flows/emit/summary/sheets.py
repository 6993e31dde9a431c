"""The sheets of the whole township: 全镇合计 with last year beside it, one per line list, and 目标完成."""

from collections.abc import Sequence
from decimal import Decimal

from flows.emit.summary.edition import Edition, half_up, in_tree, indented, number_look
from flows.emit.summary.paper import A4_UPRIGHT, set_breaks, set_up, spread
from flows.emit.summary.styles import (
    BAND,
    HEAD,
    MIDDLE,
    SMALL_HEAD,
    TEXT,
    Pen,
    breadth,
    number_breadth,
    places_format,
    row_height,
)
from flows.store.figures import Figure, ListRow
from schemas.records import Column, Indicator, LineList, Target

_POINTS = '" 百分点"'
_SUMMARY = [
    ("代码", 6.0), ("指标名称", 27.0), ("计量单位", 8.5), ("本年", 10.5), ("上年", 10.5), ("增减", 13.0),
    ("增减%", 8.5),
]  # fmt: skip
_COUNTED = ("已报/应报", 9.0)


def draw_township(pen: Pen, edition: Edition, number: int) -> None:
    """全镇合计: every indicator once, in its own area, against last year."""
    columns = [*_SUMMARY, _COUNTED] if edition.missing else _SUMMARY
    widths = _township_widths(edition, [width for _, width in columns])
    pen.widths(widths)
    top = edition.head(pen, edition.table_name("全镇合计"), 1, len(columns), edition.marks(number))
    pen.line(top, [name for name, _ in columns], [HEAD] * len(columns))
    pen.height(top, 24)
    row, headings = top + 1, []
    for area in edition.catalogue.areas.values():
        headings.append(row)
        own = [item for item in edition.catalogue.of_area(area.name, edition.book.year) if item.area == area.name]
        pen.put(row, 1, area.title, BAND, columns=len(columns))
        pen.height(row, 20)
        for item, name, indent in indented(in_tree(own, edition.catalogue)):
            row += 1
            _township_row(pen, edition, row, (item, name, indent), widths)
        row += 1
    notes = [*edition.notes(), "增减％按换算、取舍前的准确数计算；百分比指标的增减为百分点。"]
    edition.foot(pen, row, len(columns), sum(widths), notes)
    set_up(pen.sheet, A4_UPRIGHT, (top, top), 0, f"D{top + 1}")
    set_breaks(pen.sheet, A4_UPRIGHT, sum(widths), (top, top), headings)


def _township_widths(edition: Edition, widths: list[float]) -> list[float]:
    """Wide enough for the widest figure of either year; differences get a sign and the growth of a small base."""
    code = edition.book.township.code
    items = edition.catalogue.indicators.values()
    now, last = (
        max(number_breadth(book[code, i.code].printed if (code, i.code) in book else None, i.places) for i in items)
        for book in (edition.book.figures, edition.book.last)
    )
    needs = {3: now + 1.5, 4: last + 1.5, 5: max(now, last) + 2.5, 6: now + 0.5}
    return [max(width, needs.get(number, 0.0)) for number, width in enumerate(widths)]


def _township_row(pen: Pen, edition: Edition, row: int, named: tuple[Indicator, str, int], widths: list[float]) -> None:
    item, name, indent = named
    pen.line(row, (item.code, name, item.printed_in), (MIDDLE, TEXT.but(indent=indent), MIDDLE))
    value, look = edition.shown(edition.book.township, item)
    texts = [(name, widths[1] - indent * 1.2)]
    if item.is_text:
        pen.put(row, 4, value, look, columns=4)
        texts.append((value, sum(widths[3:7])))
    else:
        now = edition.figure(edition.book.township, item)
        last = edition.book.last.get((edition.book.township.code, item.code))
        before = last.printed if last else None
        pen.put(row, 4, value, look)
        pen.put(row, 5, before, number_look(item.places, bool(last and last.printed == 0 and last.value)))
        pen.put(row, 6, *_difference(item, value, before))
        pen.put(row, 7, _growth(item, now, last) if value is not None else None, number_look(1))
    if edition.missing:
        figure = edition.figure(edition.book.township, item)
        pen.put(row, 8, f"{figure.units_counted}/{figure.units_expected}" if figure else None, MIDDLE)
    pen.height(row, row_height(texts, least=16.5))


def _difference(item: Indicator, value: Decimal | None, before: Decimal | None):
    """This year's printed figure less last year's, so that the row adds up as printed."""
    difference = None if value is None or before is None else value - before
    if item.total == "ratio" and item.printed_in == "%":
        return difference, number_look(item.places).but(number=places_format(item.places) + _POINTS)
    return difference, number_look(item.places)


def _growth(item: Indicator, now: Figure | None, last: Figure | None) -> Decimal | None:
    """Per cent above last year, from exact values; none for percentages, nor where last year is not above zero."""
    if item.total == "ratio" and item.printed_in == "%":
        return None
    if now is None or last is None or now.value is None or last.value is None or last.value <= 0:
        return None
    return half_up((now.value - last.value) * 100 / last.value, 1)


def draw_list(pen: Pen, edition: Edition, line_list: LineList, number: int) -> None:
    """One line list: every row with its unit, and a total of the columns that can be added."""
    rows = [row for row in edition.book.rows if row.list == line_list.code]
    cells = [[_list_value(column, row) for column in line_list.columns] for row in rows]
    widths = _list_widths(edition, line_list, rows, cells)
    pen.widths(widths)
    top = edition.head(pen, edition.table_name(f"{line_list.name}明细"), 1, len(widths), edition.marks(number))
    _list_head(pen, line_list, top)
    row = top + 2
    looks = [MIDDLE, TEXT, *(number_look(_list_places(c)) if c.type == "number" else TEXT for c in line_list.columns)]
    for order, (item, values) in enumerate(zip(rows, cells, strict=True), start=1):
        line = [order, item.unit_name, *values]
        pen.line(row, line, looks)
        pen.height(row, row_height(list(zip(line, widths, strict=True)), least=20.0))
        row += 1
    row = _list_total(pen, edition, line_list, row, cells)
    notes = [f"合计 {len(rows)} 行。" + line_list.definition, *edition.notes()[2:]]
    edition.foot(pen, row, len(widths), sum(widths), notes)
    set_up(pen.sheet, edition.paper, (top, top + 1), 2, f"C{top + 2}")


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


def _list_widths(edition: Edition, line_list: LineList, rows: Sequence[ListRow], cells: list[list]) -> list[float]:
    widths = [5.5, max(10.0, *(min(24.0, breadth(row.unit_name) + 2) for row in rows), 10.0)]
    for number, column in enumerate(line_list.columns):
        values = [line[number] for line in cells if line[number] is not None]
        if column.type == "number":
            widest = number_breadth(sum(values, Decimal(0)), _list_places(column)) + 2
            unit = breadth(column.printed_unit or column.unit) + 1.5
            widths.append(max(9.0, widest, breadth(column.name) / 2 + 2, unit))
        else:
            widths.append(max(10.0, min(34.0, max((breadth(text) for text in values), default=0.0) + 2)))
    return [*widths[:2], *spread(widths[2:], [(0, len(widths) - 2)], edition.paper.width - sum(widths[:2]))]


def draw_targets(pen: Pen, edition: Edition) -> None:
    """目标完成: what was planned for this year beside what the tables show."""
    names = ("工作类别", "目标", "计量单位", "目标数", "完成数", "完成率%")
    widths = [11.0, 28.0, 9.5, 12.0, 12.0, 10.0]
    pen.widths(widths)
    top = edition.head(pen, edition.table_name("目标完成"), 1, len(names), [])
    pen.line(top, names, [HEAD] * len(names))
    pen.height(top, 24)
    row = top + 1
    for code, target in edition.catalogue.targets.items():
        if code not in edition.book.last_targets:
            continue
        planned, done = edition.book.last_targets[code], _achieved(edition, target)
        rate = half_up(done * 100 / planned, 1) if done is not None and planned > 0 else None
        number = number_look(target.decimals)
        looks = (MIDDLE, TEXT, MIDDLE, number, number, number_look(1))
        pen.line(row, (target.area, target.name, target.unit, planned, done, rate), looks)
        pen.height(row, 20)
        row += 1
    notes = [f"目标数取自上年所定的 {edition.book.year} 年目标；完成数空着的，没有对应的统计指标。"]
    edition.foot(pen, row, len(names), sum(widths), notes)
    set_up(pen.sheet, A4_UPRIGHT, (top, top), 0, f"A{top + 1}")


def _achieved(edition: Edition, target: Target) -> Decimal | None:
    """The figure that shows whether a target was reached, in the target's unit."""
    if target.actual is None:
        return None
    item = edition.catalogue.indicators[target.actual]
    figure = edition.figure(edition.book.township, item)
    if figure is None or figure.value is None:
        return None
    if target.unit == item.unit:
        return half_up(figure.value, target.decimals)
    return figure.printed if target.unit == item.printed_in else None
