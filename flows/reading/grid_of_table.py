"""A `Table` by row and column, as people see it: what merged areas show, what is struck out, what cannot be taken."""

from functools import cached_property

from flows.reading.records import Table


class Grid:
    """A sheet's cells by place; a merged area shows its text in each of its cells."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._texts = {(cell.row, cell.col): cell for cell in table.cells}

    @cached_property
    def _areas(self) -> dict[int, list[tuple[int, int, int, int]]]:
        found: dict[int, list[tuple[int, int, int, int]]] = {}
        last = max((cell.row for cell in self.table.cells), default=0)
        for area in self.table.merges:
            for row in range(area[0], min(area[2], last) + 1):
                found.setdefault(row, []).append(area)
        return found

    def area(self, row: int, column: int) -> tuple[int, int, int, int]:
        """The merged area that holds the cell, or the cell itself."""
        areas = self._areas.get(row, ())
        return next((area for area in areas if area[1] <= column <= area[3]), (row, column, row, column))

    def text(self, row: int, column: int) -> str:
        """What the cell shows; '' for what is struck out."""
        cell = self._texts.get(self.area(row, column)[:2])
        return "" if cell is None or cell.kind == "struck" else cell.text

    def wrong(self, row: int, column: int) -> str:
        """Why what the cell holds cannot be taken; '' where it can."""
        cell = self._texts.get(self.area(row, column)[:2])
        if cell is None or cell.kind not in ("error", "formula_without_value"):
            return ""
        return f"是出错的公式 {cell.text}" if cell.kind == "error" else f"是还没有算出结果的公式 {cell.text}"

    def struck(self, row: int, column: int) -> str:
        """What is struck out there; '' where nothing is."""
        cell = self._texts.get((row, column))
        return cell.text if cell is not None and cell.kind == "struck" else ""

    @cached_property
    def filled(self) -> list[int]:
        """The rows that hold anything, under a merged area too."""
        return sorted({cell.row for cell in self.table.cells} | self._areas.keys())

    def columns(self, row: int) -> list[int]:
        """The columns of the row's filled cells; of a merged area, its first."""
        under = [area[1] for area in self._areas.get(row, ()) if self.text(row, area[1])]
        return sorted({cell.col for cell in self.table.cells if cell.row == row} | set(under))
