"""Rows: whether the figures of one sheet stand in other rows than their own. Pure; figures in whole ten-thousandths."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from openpyxl.utils import get_column_letter

SORTED, DISTINCT = 8, 6
"""So many figures one above the other in order, so many of them different: one chance in 40,000 for a sheet, and only
sheets with several figures at fault are looked at."""
FARTHEST = 5
"""Rows by which a column is thought to have slipped."""
SLIPPED, NEAR, HITS, IN_PLACE = 6, 0.15, 0.75, 0.35
"""A column has slipped when so many figures stand beside such of last year's that this share of them lies this near to
those of the row from which they came, and no more than this share to those of their own rows. From year to year two
thirds of the sample's figures lie within 0.15, and of a row's neighbours one in ten."""
SHUFFLED = 0.8
"""The column 上年数 was moved when this share of its figures is last year's, and half of these in other rows."""


class Row(NamedTuple):
    """An indicator's row: where it stands, this year's figure, what stands under 上年数, what was sent last year."""

    indicator: str
    sheet: str
    row_no: int
    col_no: int
    last_col: int | None
    value: int | None
    last: int | None
    before: int | None

    @property
    def cell(self) -> str:
        """The cell of this year's figure."""
        return f"{get_column_letter(self.col_no)}{self.row_no}"

    @property
    def last_cell(self) -> str:
        """The cell under 上年数."""
        return f"{get_column_letter(self.last_col or self.col_no)}{self.row_no}"


def why_moved(rows: Sequence[Row], many_odd: bool) -> tuple[str, Row] | None:
    """In words why the rows were moved, and the first of them; None when nothing shows it.

    `many_odd`: many of their figures are at fault, without which a figure's size alone proves nothing.
    """
    if found := _shuffled(rows):
        return found
    return (_sorted(rows) or _slipped(rows)) if many_odd else None


def _shuffled(rows: Sequence[Row]) -> tuple[str, Row] | None:
    """上年数 holds last year's figures, but beside other names."""
    both = [row for row in rows if row.last and row.before]
    astray = [row for row in both if row.last != row.before]
    shown, sent = (Counter(filter(None, figures)) for figures in zip(*((r.last, r.before) for r in rows), strict=True))
    known = (shown & sent).total() >= SHUFFLED * shown.total()
    if known and len(astray) >= SLIPPED and 2 * len(astray) >= len(both):
        return "“上年数”一栏是上年所报的数，却不在各自的行里，像是数值挪动或排序时代码没有跟着动", astray[0]
    return None


def _sorted(rows: Sequence[Row]) -> tuple[str, Row] | None:
    figures = [row.value for row in rows if row.value is not None]
    if len(figures) < SORTED or len(set(figures)) < DISTINCT:
        return None
    for order, words in ((sorted(figures), "从小到大"), (sorted(figures, reverse=True), "从大到小")):
        if figures == order:
            first = next(row for row in rows if row.value is not None)
            return f"“本年数”一栏正好{words}，像是数值排了序而代码没有跟着动", first
    return None


def _slipped(rows: Sequence[Row]) -> tuple[str, Row] | None:
    """The column, or the end of it, stands some rows away from where last year's figures say that it belongs."""
    before = [row.before if row.before is not None else row.last for row in rows]
    own = [_near(row.value, last) for row, last in zip(rows, before, strict=True)]
    best: tuple[int, str, Row] | None = None
    for by in (step * sign for step in range(1, FARTHEST + 1) for sign in (1, -1)):
        theirs = [_near(rows[n].value, before[n - by]) if 0 <= n - by < len(rows) else None for n in range(len(rows))]
        for start in reversed(range(len(rows))):
            hits = _hits(theirs[start:])
            if hits and (_hits_share(own[start:]) or 0) <= IN_PLACE and (best is None or hits > best[0]):
                way = f"往{'下' if by > 0 else '上'}错了 {abs(by)} 行"
                best = hits, f"“本年数”从 {rows[start].cell} 起与上年数相比，像是{way}", rows[start]
    return best and best[1:]


def _near(value: int | None, last: int | None) -> bool | None:
    """Whether a figure is about last year's; None where there is nothing to compare."""
    if not value or not last:
        return None
    return abs(value - last) <= NEAR * max(abs(value), abs(last))


def _hits(near: Sequence[bool | None]) -> int:
    """How many are near, when enough of enough are."""
    share = _hits_share(near)
    return sum(bool(one) for one in near) if share is not None and share >= HITS else 0


def _hits_share(near: Sequence[bool | None]) -> float | None:
    known = [one for one in near if one is not None]
    return sum(known) / len(known) if len(known) >= SLIPPED else None
