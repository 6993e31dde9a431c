"""Small plots of the figures that stand far from the other villages': one per indicator, in times the median."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import ceil, floor, log10
from statistics import median
from typing import NamedTuple

from markupsafe import Markup

from flows.emit.board.rows import listed
from flows.emit.pictures.svg import Dot, Tick, dots
from flows.store.figures import Book, Figure, column
from flows.store.findings import Told
from flows.store.pending import Pending
from schemas.catalogue import Catalogue
from schemas.records import Indicator

FAR, SLIPPED = "OUTLIER", "UNIT_SLIP"
MOST = 12
"""Plots; the rest are in 问题清单."""
_PEERS, _FEWEST = 60, 3
"""Dots of the others that are drawn, evenly out of all, and how few of them show nothing."""
_TALL = 62


class Odd(NamedTuple):
    """A unit's figure that stands out: the unit's place among the page's rows, and the words of its finding."""

    number: int
    unit: str
    problem: str
    standing: str


class Plot(NamedTuple):
    """An indicator's dots on one line, and in words who stands out."""

    name: str
    drawn: Markup
    odd: Sequence[Odd]


def outliers(units: Sequence[Pending], book: Book, catalogue: Catalogue) -> tuple[list[Plot], int]:
    """The plots, those with the most of the page's rows who stand out first; and how many indicators were left out."""
    found: dict[tuple[str, str], list[tuple[int, Pending, Told]]] = defaultdict(list)
    rows = listed(units)
    for number, one in enumerate(rows):
        for told in one.findings:
            if told.code in (FAR, SLIPPED) and told.indicator in catalogue.indicators:
                found[told.indicator, told.code].append((number, one, told))
    numbers = {one.code: number for number, one in enumerate(rows)}
    plots, ordered = list[Plot](), sorted(found.items(), key=lambda entry: -len(entry[1]))
    for drawn, ((indicator, code), cases) in enumerate(ordered):
        if len(plots) == MOST:
            return plots, len(ordered) - drawn
        plot = _plot(catalogue.indicators[indicator], code, cases, numbers, book, catalogue)
        plots += [plot] if plot else []
    return plots, 0


def _plot(
    item: Indicator,
    code: str,
    cases: Sequence[tuple[int, Pending, Told]],
    numbers: Mapping[str, int],
    book: Book,
    catalogue: Catalogue,
) -> Plot | None:
    base = catalogue.indicators.get(item.outlier_per or "") if code == FAR else None
    odd_ones = {one.code for _, one, _ in cases}
    villages = [place for place in book.villages if place.code not in odd_ones]
    others = {
        place.name: (each, f"#r{numbers[place.code]}" if place.code in numbers else "")
        for place, each in zip(villages, _each([place.code for place in villages], item, base, book), strict=True)
        if each
    }
    if len(others) < _FEWEST:
        return None
    middle = median(each for each, _ in others.values())
    peers = sorted((log10(each / middle), name, link) for name, (each, link) in others.items())
    step = max(1, ceil(len(peers) / _PEERS))
    usual = [Dot(x, 0, name, link) for x, name, link in peers[::step]]
    far = [Dot(log10(told_each / middle), 0, f"{one.name}：{told.problem}", f"#r{number}", "far")
           for number, one, told in cases if (told_each := _told_each(told)) > 0]  # fmt: skip
    if not far:
        return None
    places = [dot.x for dot in (*usual, *far)]
    low, high = floor(min(-1, *places)), ceil(max(1, *places))
    across = [Tick(at, _times(at) if at in (low, 0, high) else "") for at in range(low, high + 1)]
    drawn = dots([usual, far], across, [Tick(-1, ""), Tick(1, "")], _TALL)
    name = f"{item.name}（按{base.name}平均）" if base else item.name
    return Plot(name, drawn, [Odd(number, one.name, told.problem, told.standing) for number, one, told in cases])


def _each(places: Sequence[str], item: Indicator, base: Indicator | None, book: Book) -> list[float]:
    """Each place's figure, for each of its base where there is one; nothing where it has none."""
    figures = map(_positive, column(book.figures, item.code, places, alone=True))
    if base is None:
        return [float(figure) for figure in figures]
    under = map(_positive, column(book.figures, base.code, places, alone=True))
    return [float(figure / each) if each else 0.0 for figure, each in zip(figures, under, strict=True)]


def _positive(figure: Figure | None) -> Decimal:
    return figure.value if figure and figure.value is not None and figure.value > 0 else Decimal(0)


def _told_each(told: Told) -> float:
    """The figure that a finding speaks of, as far from its place in a drawing as it needs to be."""
    try:
        return float(told.values.get("each" if told.code == FAR else "value", ""))
    except ValueError:
        return 0.0


def _times(power: int) -> str:
    """What a place of the axis is called: so many times the median."""
    if power == 0:
        return "中位数"
    return f"{10**power} 倍" if power > 0 else f"1/{10**-power}"
