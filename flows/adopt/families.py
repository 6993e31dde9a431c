"""Which figure is part of which: numbering, 其中, indentation and merged stubs, row after row.

Every row has an offset (how far it is indented, in half-width characters) and a rank (of its numbering, 0 for none).
A row belongs under the last row before it that ranks higher or is indented less; rows behind 其中 belong together.
"""

import re

import msgspec

from flows.adopt import words
from flows.values.measures import measure

ALIGNED, DEEPER = 2, 6
"""Half-width characters that a row may miss the words behind 其中 by, for typed spaces seldom meet them exactly; and
those from which on it is a part of that row. Between the two it is taken for a sibling, and unsure."""
STEP = 3
"""How far one step of a cell's own indentation prints: about three half-width characters."""


class Row(msgspec.Struct):
    """A row of a stub. `stub` are the headings merged over several rows at its left, outermost first."""

    text: str
    column: int = 0
    indent: int = 0
    unit: str = ""
    is_answer: bool = True
    stub: tuple[str, ...] = ()
    bold: bool = False
    # what is made of it
    name: str = ""
    rank: int = 0
    offset: int = 0
    behind: int = 0
    of_which: bool = False
    container: int | None = None
    parent: int | None = None
    section: tuple[str, ...] = ()
    how: str = ""
    unsure: str = ""


def ordered(rows: list[Row]) -> list[Row]:
    """The rows with names, containers, parents and sections."""
    for row in rows:
        _parse(row)
    open_: list[int] = []
    for at, row in enumerate(rows):
        _close(rows, open_, at)
        row.container = open_[-1] if open_ else None
        open_.append(at)
    for at, row in enumerate(rows):
        _place(rows, at, row)
    _totals(rows)
    return rows


def _parse(row: Row) -> None:
    row.offset = row.column * 2 * STEP + row.indent * STEP + words.leading(row.text)
    rank, rest = words.numbered(row.text)
    row.of_which, rest = words.of_which(rest)
    row.behind = row.offset + (words.width(row.text.strip()) - words.width(rest) if row.of_which else 0)
    rest = words.numbered(rest)[1] if row.of_which else rest
    row.rank = 0 if row.of_which else rank
    row.name = words.tidied(rest)


def _close(rows: list[Row], open_: list[int], at: int) -> None:
    """Take off the open rows that the row does not belong under."""
    row = rows[at]
    sibling = _sibling(rows, open_, row)
    while open_ and not _under(rows, open_[-1], row, at):
        if open_.pop() == sibling:
            return


def _sibling(rows: list[Row], open_: list[int], row: Row) -> int | None:
    """The open row behind 其中 whose words the row is aligned with best: the two are parts of the same figure."""
    if row.of_which or row.rank or not row.is_answer:
        return None
    beside = [one for one in open_ if rows[one].of_which and row.offset > rows[one].offset + 1]
    beside = [one for one in beside if row.stub[: len(rows[one].stub)] == rows[one].stub]
    return min(beside, key=lambda one: abs(row.offset - rows[one].behind), default=None)


def _under(rows: list[Row], above: int, row: Row, at: int) -> bool:
    """Whether the row belongs under that open row."""
    over = rows[above]
    if over.stub != row.stub[: len(over.stub)]:
        return False
    if not over.is_answer and not row.is_answer and not (over.rank and row.rank):
        return row.offset > over.offset or bool(over.rank and not row.rank and len(row.stub) > len(over.stub))
    if over.of_which and not row.of_which and row.rank and not over.rank:
        return row.offset >= over.behind + 2 * ALIGNED  # "其中：水田" is followed by "2．旱地"
    if row.rank and over.rank:
        return over.rank < row.rank
    if row.of_which:
        if over.of_which:
            return row.offset > over.offset + 1
        return row.offset >= over.offset or bool(over.rank and row.offset > 0)
    if over.of_which:
        return row.offset >= over.behind + DEEPER
    if not over.is_answer and not row.rank and over.rank <= 2:
        return row.offset >= over.offset or over.rank > 0
    if row.rank and not over.rank:
        return (not over.is_answer and row.offset >= over.offset) or row.offset > over.offset + 1
    if over.rank and not row.rank:
        return row.offset > over.offset or (row.offset == over.offset and _trails(rows, above, at))
    return row.offset > over.offset


def _trails(rows: list[Row], above: int, at: int) -> bool:
    """Whether unnumbered rows stand flush under numbered ones: then they are details of them, or follow a heading."""
    return not rows[above].is_answer


def _place(rows: list[Row], at: int, row: Row) -> None:
    """Parent and section of one row from what contains it."""
    chain = []
    above = row.container
    while above is not None:
        chain.append(above)
        above = rows[above].container
    row.section = tuple(rows[one].name for one in chain[::-1] if not rows[one].is_answer)
    if not row.is_answer:
        return
    holder = next((one for one in chain if rows[one].is_answer), None)
    beside = _beside(rows, at)
    if holder is None:
        if beside is not None:
            row.unsure = f"也可能是“{rows[beside].name}”的其中项"
        return
    over, before = rows[holder], rows[at - 1]
    if before.of_which and not row.of_which and not row.rank and ALIGNED < row.offset - before.behind < DEEPER:
        row.unsure = f"也可能是“{before.name}”的其中项"
    row.how = "其中" if row.of_which or _behind_which(rows, at) else "编号" if row.rank else "缩进"
    if re.match("[减加][:：、]", row.name):
        return
    if same_measure(over.unit, row.unit):
        row.parent = holder
    elif row.of_which:
        row.unsure = f"印着“其中”，但与“{over.name}”的计量单位不同"
    if beside is not None and holder != rows[beside].parent and beside != holder:
        row.unsure = f"也可能是“{rows[beside].name}”的其中项"


def _totals(rows: list[Row]) -> None:
    """The first row of a heading that is called 合计 has the others of the heading as its parts."""
    firsts: dict[int | None, int] = {}
    for at, row in enumerate(rows):
        if row.is_answer and row.container not in firsts:
            firsts[row.container] = at
    for at, row in enumerate(rows):
        first = firsts.get(row.container)
        if first is None or first == at or not row.is_answer or row.parent is not None:
            continue
        over = rows[first]
        under_heading = row.container is None or not rows[row.container].is_answer
        if words.is_total(over.name) and under_heading and same_measure(over.unit, row.unit):
            row.parent, row.how = first, "合计"


def _beside(rows: list[Row], at: int) -> int | None:
    """The holder of the 其中 row just before, where nothing but its place says that this row has left it."""
    row, before = rows[at], rows[at - 1] if at else None
    if (
        before is None
        or row.of_which
        or row.rank
        or before.rank
        or not row.is_answer
        or not same_measure(before.unit, row.unit)
    ):
        return None
    flush = before.of_which and before.offset == row.offset and before.container is not None
    if flush and before.container is not None and rows[before.container].offset >= before.offset:
        return before.container
    return None


def _behind_which(rows: list[Row], at: int) -> bool:
    """Whether a row of the same holder, before this one, was printed with 其中."""
    holder = rows[at].container
    return any(one.of_which and one.container == holder for one in rows[(holder or 0) : at])


def same_measure(one: str, other: str) -> bool:
    """Whether figures in these units can be part of each other."""
    if not one or not other:
        return one == other or not (one and other)
    return measure(one).base == measure(other).base
