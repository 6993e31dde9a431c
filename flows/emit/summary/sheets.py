"""The sheets of the whole: its totals (全镇合计) with last year beside it, one per line list, and 目标完成."""

from decimal import Decimal

from flows.emit.summary.charts import Run
from flows.emit.summary.edition import Edition, half_up, in_tree, indented, number_look
from flows.emit.summary.paper import A4_UPRIGHT, set_breaks, set_up
from flows.emit.workbook.styles import (
    BAND,
    HEAD,
    MIDDLE,
    TEXT,
    Pen,
    breadth,
    code_width,
    number_breadth,
    places_format,
    row_height,
)
from flows.store.figures import Figure
from flows.template.plans import plans_of
from schemas.levels import totals_sheet
from schemas.records import Indicator

_POINTS = '" 百分点"'
_SUMMARY = [
    ("代码", 6.0), ("指标名称", 27.0), ("计量单位", 8.5), ("本年", 10.5),
]  # fmt: skip
_COMPARED = [("上年", 10.5), ("增减", 13.0), ("增减%", 8.5)]
_COUNTED = ("已报/应报", 9.0)
_LIKE_NOTE = "“上年”“增减”同口径：没有收齐的指标只与这些已报单位的上年数相比，已报几个见“已报/应报”一栏。"


def draw_township(pen: Pen, edition: Edition, number: int) -> dict[str, Run]:
    """The whole's totals: every indicator once, in its own area, against last year. Returns where both years are."""
    columns = [*_SUMMARY, *(_COMPARED if edition.book.last else ()), *((_COUNTED,) if edition.missing else ())]
    widths = _township_widths(edition, [width for _, width in columns])
    pen.widths(widths)
    top = edition.head(
        pen, edition.table_name(totals_sheet(edition.words.whole)), 1, len(columns), edition.marks(number)
    )
    pen.line(top, [name for name, _ in columns], [HEAD] * len(columns))
    pen.height(top, 24)
    row, headings, runs = top + 1, [], {}
    for area in edition.catalogue.areas.values():
        headings.append(row)
        items = edition.catalogue.of_area(area.name, edition.book.year)
        own = [i for i in items if i.area == area.name and (i.total != "none" or i.reporter != "village")]
        pen.put(row, 1, area.title, BAND, columns=len(columns))
        pen.height(row, 20)
        for item, name, indent in indented(in_tree(own, edition.catalogue)):
            row += 1
            _township_row(pen, edition, row, (item, name, indent), widths)
            if edition.book.last and not item.is_text:
                runs[item.code] = Run(pen.sheet, (4, row, 5, row), (4, top, 5, top))
        row += 1
    notes = edition.notes()
    if edition.book.last:
        if edition.book.like:
            notes.append(_LIKE_NOTE)
        notes.append("增减％按换算、取舍前的准确数计算；百分比指标的增减为百分点。")
    edition.foot(pen, row, len(columns), sum(widths), notes)
    set_up(pen.sheet, A4_UPRIGHT, (top, top), 0, f"D{top + 1}")
    set_breaks(pen.sheet, A4_UPRIGHT, sum(widths), (top, top), headings)
    return runs


def _township_widths(edition: Edition, widths: list[float]) -> list[float]:
    """Wide enough for codes, and for the widest figure of either year; without last year figures in words take what
    the page has left. Differences get a sign and the growth of a small base."""
    code = edition.book.township.code
    items = edition.catalogue.indicators.values()
    now, last = (
        max(number_breadth(book[code, i.code].printed if (code, i.code) in book else None, i.places) for i in items)
        for book in (edition.book.figures, edition.book.last)
    )
    needs = {0: code_width((item.printed_code for item in items), 0.0), 3: now + 1.5}
    if not edition.book.last:
        needs[3] = max(needs[3], min(_longest_text(edition) + 2, A4_UPRIGHT.width - sum(widths) + widths[3]))
    else:
        needs |= {4: last + 1.5, 5: max(now, last) + 2.5, 6: now + 0.5}
    return [max(width, needs.get(number, 0.0)) for number, width in enumerate(widths)]


def _longest_text(edition: Edition) -> float:
    """How wide the longest figure in words is."""
    figures = (edition.figure(edition.book.township, i) for i in edition.catalogue.indicators.values() if i.is_text)
    return max((breadth(figure.text) for figure in figures if figure), default=0.0)


def _township_row(pen: Pen, edition: Edition, row: int, named: tuple[Indicator, str, int], widths: list[float]) -> None:
    item, name, indent = named
    pen.line(row, (item.printed_code, name, item.printed_in), (MIDDLE, TEXT.but(indent=indent), MIDDLE))
    value, look = edition.shown(edition.book.township, item)
    texts: list[tuple[object, float]] = [(name, widths[1] - indent * 1.2)]
    if item.is_text:
        wide = 4 if edition.book.last else 1
        pen.put(row, 4, value, look, columns=wide)
        texts.append((value, sum(widths[3 : 3 + wide])))
    else:
        pen.put(row, 4, value, look)
    if edition.book.last and not item.is_text:
        now = edition.figure(edition.book.township, item)
        last = edition.book.before(item.code)
        before = last.printed if last else None
        pen.put(row, 5, before, number_look(item.places, bool(last and last.printed == 0 and last.value)))
        pen.put(row, 6, *_difference(item, value if isinstance(value, Decimal) else None, before))
        pen.put(row, 7, _growth(item, now, last) if value is not None else None, number_look(1))
    if edition.missing:
        figure = edition.figure(edition.book.township, item)
        pen.put(row, len(widths), f"{figure.units_counted}/{figure.units_expected}" if figure else None, MIDDLE)
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


def draw_targets(pen: Pen, edition: Edition) -> None:
    """目标完成: what was planned for this year beside what the tables show."""
    names = ("工作类别", "目标", "计量单位", "目标数", "完成数", "完成率%")
    widths = [11.0, 28.0, 9.5, 12.0, 12.0, 10.0]
    pen.widths(widths)
    top = edition.head(pen, edition.table_name("目标完成"), 1, len(names), [])
    pen.line(top, names, [HEAD] * len(names))
    pen.height(top, 24)
    row = top + 1
    for plan in plans_of(edition.book, edition.catalogue):
        target, number = plan.target, number_look(plan.target.decimals)
        looks = (MIDDLE, TEXT, MIDDLE, number, number, number_look(1))
        pen.line(row, (target.area, target.name, target.unit, plan.planned, plan.done, plan.per_cent), looks)
        pen.height(row, 20)
        row += 1
    notes = [f"目标数取自上年所定的 {edition.book.year} 年目标；完成数空着的，没有对应的统计指标。"]
    edition.foot(pen, row, len(names), sum(widths), notes)
    set_up(pen.sheet, A4_UPRIGHT, (top, top), 0, f"A{top + 1}")
