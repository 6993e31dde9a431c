"""A blank form as it is printed: every cell's text and looks, by row and column from 1. No meaning yet."""

from collections.abc import Iterator
from functools import cached_property

import msgspec

Place = tuple[int, int]
Merge = tuple[int, int, int, int]
"""Top, left, bottom, right."""


class Cell(msgspec.Struct):
    """One cell. `text` as it is printed, `places` the decimals that its number format shows (None: says nothing)."""

    text: str = ""
    formula: str = ""
    number: bool = False
    indent: int = 0
    bold: bool = False
    fill: str = ""
    boxed: bool = False
    centred: bool = False
    locked: bool = True
    barred: bool = False
    places: int | None = None


class Validation(msgspec.Struct, frozen=True):
    """What a cell lets people enter: `kind` list, whole, decimal, custom ...; bounds are formulas as they stand."""

    kind: str
    operator: str = ""
    first: str = ""
    second: str = ""
    choices: tuple[str, ...] = ()


class Page(msgspec.Struct, dict=True):
    """One worksheet. `validations` are per cell; `sources` are the cells that hold the items of some list."""

    name: str
    visible: bool = True
    cells: dict[Place, Cell] = {}
    merges: list[Merge] = []
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    printed: Merge | None = None
    validations: dict[Place, Validation] = {}
    protected: bool = False
    sources: set[Place] = set()

    @cached_property
    def _merged(self) -> dict[Place, Merge]:
        return {
            (row, column): merge
            for merge in self.merges
            for row in range(merge[0], merge[2] + 1)
            for column in range(merge[1], merge[3] + 1)
        }

    @cached_property
    def bounds(self) -> Merge:
        """The area that holds text, what is merged with it included."""
        places = [place for place, cell in self.cells.items() if cell.text]
        if not places:
            return 1, 1, 0, 0
        spans = [self.span(*place) for place in places]
        return min(s[0] for s in spans), min(s[1] for s in spans), max(s[2] for s in spans), max(s[3] for s in spans)

    def span(self, row: int, column: int) -> Merge:
        """The merged area that holds the cell; the cell alone where it is not merged."""
        return self._merged.get((row, column), (row, column, row, column))

    def origin(self, row: int, column: int) -> Place:
        """The cell that carries the text of the area."""
        return self.span(row, column)[:2]

    def at(self, row: int, column: int) -> Cell:
        """The cell that shows there, an empty one where there is none."""
        return self.cells.get(self.origin(row, column)) or Cell()

    def text(self, row: int, column: int) -> str:
        """What shows there, stripped."""
        return self.at(row, column).text.strip()

    def seen(self, row: int, column: int) -> bool:
        """Whether people see the cell."""
        return row not in self.hidden_rows and column not in self.hidden_columns

    def row_texts(self, row: int) -> list[tuple[Place, str]]:
        """The texts of cells that begin in the row, from the left; hidden ones left out."""
        _, left, _, right = self.bounds
        found = ((row, column) for column in range(left, right + 1) if self.seen(row, column))
        return [(place, text) for place in found if (text := self.text(*place)) and self.origin(*place) == place]

    def rows(self) -> Iterator[int]:
        """The rows that people see, from the top."""
        top, _, bottom, _ = self.bounds
        return (row for row in range(top, bottom + 1) if row not in self.hidden_rows)
