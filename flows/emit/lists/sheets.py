"""Sheets of the clerk's lists: a title, a table with a filter, a page set-up; open to be sorted and written in."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from flows.emit.workbook.plain import PAPERS, Part, Printing, Sheet, Value, frame_of, part_name, zipped
from flows.emit.workbook.styles import HEAD, TITLE, Ink, Look, Pen, row_height
from schemas.township import Settings

_SIZE, _ONE_LINE, _TALLEST = 10.5, 20, 409
"""Points of the letters, and of a row: one line, and the tallest there is (Excel specifications and limits)."""
_HEAD, _WORDS = HEAD.but(size=_SIZE), Look(size=_SIZE, edge=False)
WRAPPED = Look(size=_SIZE)
CENTRED, AS_TYPED = WRAPPED.but(across="center"), WRAPPED.but(number="@")


class Column(NamedTuple):
    """A column of a table: its head, its width, and how its cells look."""

    head: str
    width: float
    look: Look = WRAPPED


class Listing:
    """A workbook of lists; the same sheets give the same bytes. Its sheets are on the township's paper."""

    def __init__(self, title: str, settings: Settings, year: int) -> None:
        self.title, self._settings, self._year = title, settings, year
        self._ink, self._sheets = Ink(), list[Sheet]()

    def sheet(
        self,
        name: str,
        above: Sequence[str],
        columns: Sequence[Column],
        rows: Sequence[Sequence[Value]],
        last: Sequence[Value] = (),
    ) -> None:
        """Draw one: its title and the words below it, heads, rows, a filter over both, and a last row outside it."""
        sheet = Sheet(name)
        self._sheets.append(sheet)
        pen, widths = Pen(sheet, self._ink), [column.width for column in columns]
        pen.widths(widths)
        for row, words in enumerate(above, start=1):
            look = TITLE if row == 1 else _WORDS
            pen.put(row, 1, words, look, columns=len(columns))
            _set_height(pen, row, [(words, sum(widths))], look.size)
        header = len(above) + 1
        pen.line(header, [column.head for column in columns], [_HEAD] * len(columns))
        pen.height(header, 26)
        looks = [column.look for column in columns]
        body: list[Sequence[Value]] = [*rows, last] if last else [*rows]
        for row, values in enumerate(body, start=header + 1):
            pen.line(row, values, looks)
            _set_height(pen, row, zip(values, widths, strict=True), _SIZE)
        sheet.filtered = f"A{header}:{get_column_letter(len(columns))}{header + len(rows)}"
        sheet.printing = Printing(PAPERS[self._settings.printing.paper], True, title_rows=(header, header))
        sheet.freeze = f"C{header + 1}"

    def packed(self) -> bytes:
        """The workbook."""
        about = self.title, self._settings.township.name, datetime(self._year, 12, 31)
        parts = frame_of(self._sheets, self._ink.xml(), *about)
        parts |= {part_name(at): Part.of_pieces(sheet.pieces()) for at, sheet in enumerate(self._sheets)}
        return zipped(parts)


def _set_height(pen: Pen, row: int, cells: Iterable[tuple[Value, float]], size: float) -> None:
    pen.height(row, min(_TALLEST, row_height(cells, size, _ONE_LINE)))
