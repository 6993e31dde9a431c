"""The pictures of the page 收报情况: each with a table of the same figures, each mark leading to its unit or file."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from flows.emit.board.matrix import SHORT, matrix_of
from flows.emit.board.outliers import outliers
from flows.emit.board.rows import ROWS, listed
from flows.emit.moments import in_words
from flows.emit.page.markup import markup_beside
from flows.emit.pictures.svg import Dot, Pair, Tick, dots, pairs
from flows.store.figures import Book
from flows.store.pending import Pending
from flows.template.numbers import growth, written
from schemas.catalogue import Catalogue
from schemas.outputs import PROBLEMS, SUMMARY
from schemas.states import STATES

_HEADINGS = {
    "matrix": "各单位各类别的问题", "arrivals": "收报进度", "plots": "和别的村差得远的数",
    "totals": "各类别合计数与上年比",
}  # fmt: skip
_OF_AN_AREA = 5
"""Totals drawn of one work area, its first; all of them are in 汇总表."""
_LISTED = 6
"""Units named under a plot at once; the others unfold, so that the plots stay beside each other."""
_TALL, _TICKS = 170, 4
POINTS = 200
"""Arrivals drawn where there are more than the page has rows: the picture is 340 wide and 170 tall, so that two of them
cannot be told apart anyway, and each costs 0.4 ms (2026-11-29)."""


class Total(NamedTuple):
    """A township figure beside last year's, as printed; `change` in per cent, '' where there is none."""

    name: str
    unit: str
    now: str
    last: str
    change: str
    basis: str


class Totals(NamedTuple):
    """A work area's first totals."""

    area: str
    drawn: Markup
    rows: Sequence[Total]


class Pictures(NamedTuple):
    """All pictures as markup, and where their headings are: (place, words)."""

    markup: Markup
    headings: Sequence[tuple[str, str]]


NONE = Pictures(Markup(""), ())


def pictures(units: Sequence[Pending], book: Book, catalogue: Catalogue, deadline: datetime) -> Pictures:
    """All of them; the page's rows are the units that are `listed`. What has nothing to show is left out."""
    plots, left_out = outliers(units, book, catalogue)
    rows = listed(units)
    shown = {
        "matrix": matrix_of(rows, catalogue) if rows else None,
        "arrivals": _arrivals(units, deadline),
        "plots": plots,
        "totals": list(filter(None, (_totals(area, book, catalogue) for area in catalogue.areas))),
    }
    markup = markup_beside(
        __file__,
        **shown,
        headings=_HEADINGS,
        meanings=SHORT,
        days=_days(units, deadline),
        deadline=in_words(deadline),
        left_out=left_out,
        few=_LISTED,
        taken=STATES["accepted"].word,
        summary=quote(SUMMARY),
        problems=quote(PROBLEMS),
    )
    return Pictures(markup, [(place, words) for place, words in _HEADINGS.items() if shown[place]])


def _days(units: Sequence[Pending], deadline: datetime) -> list[tuple[str, int, int, int]]:
    """Per day on which something came: the day, how many came, how many till then, how many of the day too late."""
    came = sorted(one.received_at for one in units if one.received_at)
    per_day, late = Counter(at.date() for at in came), Counter(at.date() for at in came if at > deadline)
    rows, till = [], 0
    for day, count in per_day.items():
        till += count
        rows.append((f"{day.year}年{day.month}月{day.day}日", count, till, late[day]))
    return rows


def _arrivals(units: Sequence[Pending], deadline: datetime) -> Markup | None:
    """One point per unit that has sent, at the moment its newest file came, as high as how many had come by then.

    Of very many units some points are left out, evenly.
    """
    came = sorted((one.received_at, number) for number, one in enumerate(units) if one.received_at)
    links = {id(one): f"#r{row}" for row, one in enumerate(listed(units))}
    every = 1 if len(came) <= ROWS else ceil(len(came) / POINTS)
    if not came:
        return None
    first = min(came[0][0], deadline).replace(hour=0, minute=0, second=0, microsecond=0)
    last = max(came[-1][0], deadline)
    taken, back = list[Dot](), list[Dot]()
    for height, (at, number) in enumerate(came, start=1):
        if height % every and height < len(came):
            continue
        one = units[number]
        words = f"{one.name}：{at:%Y-%m-%d %H:%M} 收到，{STATES[one.state].word}"
        group, kind = (taken, "in") if STATES[one.state].counts else (back, "out")
        group.append(Dot(_day(at, first), height, words, links.get(id(one), ""), kind))
    days = max(1.0, _day(last, first))
    step = max(1, round(days / _TICKS))
    across = [Tick(at, _date(first, at)) for at in range(0, max(1, int(days - step / 2)), step)]
    across.append(Tick(days, _date(first, days)))
    up = [Tick(0, "0"), *([Tick(len(units) // 2, str(len(units) // 2))] if len(units) > 3 else []),
          Tick(len(units), str(len(units)))]  # fmt: skip
    return dots([taken, back], across, up, _TALL, lines=[_day(deadline, first)])


def _day(at: datetime, first: datetime) -> float:
    return (at - first) / timedelta(days=1)


def _date(first: datetime, at: float) -> str:
    day = first + timedelta(days=at)
    return f"{day.month}月{day.day}日"


def _totals(area: str, book: Book, catalogue: Catalogue) -> Totals | None:
    """The area's first totals of which there is last year's figure too."""
    bars, rows = list[Pair](), list[Total]()
    for item in catalogue.of_area(area, book.year):
        if item.area != area or item.total not in ("sum", "list") or item.is_text or len(rows) == _OF_AN_AREA:
            continue
        now, last = book.figures.get((book.township.code, item.code)), book.before(item.code)
        if not now or not last or now.printed is None or last.printed is None or not (now.printed or last.printed):
            continue
        change = None if now.value is None or last.value is None else growth(now.value, last.value)
        unit, basis = item.printed_in, book.basis(item.code)
        words = written(now.printed), written(last.printed)
        rows.append(Total(item.name, unit, *words, "" if change is None else f"{change:+}", basis))
        bars.append(Pair(item.name, float(now.printed), words[0] + unit, float(last.printed), words[1] + unit,
                         quote(SUMMARY)))  # fmt: skip
    return Totals(area, pairs(bars), rows) if rows else None
