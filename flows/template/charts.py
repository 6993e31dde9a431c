"""A slot that draws: `{{图：甲、乙}}` this year beside last, `{{图：甲|各村}}` the villages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flows.store.figures import Book, Figure, Place
from flows.template.filling import Chart, Filled, Source, mark
from schemas.catalogue import Catalogue
from schemas.records import Indicator

_CHART = re.compile(r"图\s*[:：]\s*(.+)")
BY_VILLAGE = "各村"
HEAD, WHOSE, COMPARED, LARGEST = "图：", "各村（社区）", "，与上年比", "，最大的{}个"
"""What stands under a picture besides its names and unit."""
MOST = 30
"""Villages drawn: as many lying bars as fill a page of A4. The largest ones, and the words say so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a slot wants drawn: the names as they stand in it, and whether of each village."""

    names: tuple[str, ...]
    by_village: bool
    others: tuple[str, ...]


def asked(name: str, modifiers: Sequence[str]) -> Asked | None:
    """What a slot of that name wants drawn; None of one that only says something."""
    match = _CHART.fullmatch(name)
    if not match:
        return None
    names = tuple(filter(None, (each.strip() for each in re.split("[、,，]", match[1]))))
    return Asked(names, BY_VILLAGE in modifiers, tuple(each for each in modifiers if each != BY_VILLAGE))


def chart_problem(wanted: Asked, catalogue: Catalogue) -> str:
    """Why it cannot be drawn whatever the figures are; '' when it can."""
    if wanted.others:
        return f"图不认识修饰“{wanted.others[0]}”，只有“{BY_VILLAGE}”"
    items = [catalogue.find(name) for name in wanted.names]
    for name, item in zip(wanted.names, items, strict=True):
        if item is None:
            return f"图里的“{name}”不是指标"
        if item.is_text or item.total in ("none", "names", "units", "choice"):
            return f"图里的“{name}”不是数，画不出来"
    if len({item.printed_in for item in items if item}) > 1:
        return "一张图里的指标计量单位要一样"
    if wanted.by_village and len(items) != 1:
        return f"“{BY_VILLAGE}”的图只画一项指标"
    reporters = {item.reporter for item in items if item}
    return f"“{wanted.names[0]}”不是各村填报的，不能按村画" if wanted.by_village and reporters != {"village"} else ""


def fill_chart(wanted: Asked, book: Book, catalogue: Catalogue) -> Filled:
    """The words under the picture, and its figures as they are printed; the mark where there is none at all."""
    items = [item for name in wanted.names if (item := catalogue.find(name))]
    sources = tuple(Source("figure", item.code) for item in items)
    rows = _of_villages(items[0], book) if wanted.by_village else _of_township(items, book)
    said = "、".join(item.name for item in items)
    shown = [row for row in rows if row[1] is not None]
    if not shown:
        return mark(f"图：{said}", sources, empty=True)
    if len(shown) > MOST:
        shown = sorted(shown, key=lambda row: row[1] or 0, reverse=True)[:MOST]
    names, now, last = zip(*shown, strict=True)
    unit = items[0].printed_in
    whose = WHOSE if wanted.by_village else ""
    some = LARGEST.format(MOST) if len(rows) > len(shown) == MOST else ""
    compared = COMPARED if any(value is not None for value in last) else ""
    words = f"{HEAD}{whose}{said}（{unit}）{compared}{some}"
    unsure = any(_figure(book, book.township, item, last=False).provisional for item in items)
    chart = Chart(words.removeprefix(HEAD), unit, names, now, last)
    return Filled(words, provisional=unsure, sources=sources, chart=chart)


Row = tuple[str, Decimal | None, Decimal | None]
_NONE = Figure(None, None)


def _figure(book: Book, place: Place, item: Indicator, last: bool) -> Figure:
    if last and place is book.township:
        return book.before(item.code) or _NONE
    return (book.last if last else book.figures).get((place.code, item.code)) or _NONE


def _of_township(items: Sequence[Indicator], book: Book) -> list[Row]:
    return [_row(item.name, book.township, item, book) for item in items]


def _of_villages(item: Indicator, book: Book) -> list[Row]:
    return [_row(one.name, one, item, book) for one in book.villages]


def _row(name: str, place: Place, item: Indicator, book: Book) -> Row:
    now, last = (_figure(book, place, item, last).printed for last in (False, True))
    return name, now, last
