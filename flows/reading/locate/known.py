"""What was once found on a sheet, to be said of every other that prints the same: all but what is filled in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from flows.reading.grid import Sheet, raw_and_kind
from flows.reading.records import Answer

Form = tuple[str, bool]
"""Which form of whose: the kind, and whether it is the rest of what adopted forms ask."""


class Asked(NamedTuple):
    """An indicator's row, and the columns of its figure, of last year's and of reasons; 0 where there is none."""

    indicator: str
    row: int
    column: int
    last: int
    note: int


@dataclass(frozen=True, slots=True)
class Known:
    """What a sheet says whatever is filled in, as locating it as part of that form found it: nothing is wrong with it.

    `stamps` are the bodies named in its text, `numbers` the printed ones of its rows by the form's table, `sizes` the
    tables that a cover names with the indicators of each.
    """

    form: Form
    asked: tuple[Asked, ...]
    stamps: tuple[str, ...]
    numbers: tuple[tuple[str, tuple[int, ...]], ...]
    sizes: tuple[tuple[str, int], ...]

    def answers(self, sheet: Sheet) -> Iterator[Answer]:
        """What is filled in, of a sheet whose asked rows are neither merged nor look like anything special."""
        rows, top, left, name = sheet.rows, sheet.top, sheet.left, sheet.name
        width = len(rows[0])
        for indicator, row, column, last, note in self.asked:
            values = rows[row - top]
            raw, kind = raw_and_kind(values[column - left]) if column - left < width else ("", "blank")
            shown = raw_and_kind(values[last - left])[0] if last and last - left < width else ""
            reason = values[note - left].strip() if note and note - left < width else ""
            yield Answer(indicator, raw, kind, name, row, column, reason, shown, last)
