"""Figures of many forms side by side, as checks look at them: a column for each indicator, a row for each form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Masked = Any
"""A numpy masked array, a figure a row; masked where it is blank. Whole ten-thousandths, or float64 for a share."""


@dataclass(frozen=True, eq=False)
class Columns(Mapping[str, Masked]):
    """Whole ten-thousandths by indicator and row. `figures` and `known` have a line a code, a column a row.

    280 indicators of a few forms as so many pandas columns cost 3 ms each to check; as lines of one array 0.02
    (2 cores, November 2026).
    """

    rows: tuple[int, ...]
    codes: Mapping[str, int]
    figures: "np.ndarray"
    known: "np.ndarray"

    @classmethod
    def of(
        cls, rows: Sequence[int], codes: Sequence[str], row: "pd.Series", code: "pd.Series", value: "pd.Series"
    ) -> "Columns":
        """Of cells, one of a row and code, the values as Int64; those of no such row or code are left out."""
        import pandas as pd  # heavy: pandas

        across, down = (pd.Index(asked).get_indexer(pd.Index(each)) for asked, each in ((rows, row), (codes, code)))
        given = (across >= 0) & (down >= 0) & value.notna().to_numpy()
        figures = value.to_numpy("int64", na_value=0)
        return cls.placed(rows, codes, across[given], down[given], figures[given])

    @classmethod
    def placed(
        cls, rows: Sequence[int], codes: Sequence[str], across: "np.ndarray", down: "np.ndarray", figure: "np.ndarray"
    ) -> "Columns":
        """Of figures whose places among the rows and among the codes are known."""
        import numpy as np  # heavy: numpy

        figures, known = np.zeros((len(codes), len(rows)), "int64"), np.zeros((len(codes), len(rows)), bool)
        figures[down, across] = figure
        known[down, across] = True
        return cls(tuple(rows), {name: line for line, name in enumerate(codes)}, figures, known)

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def __getitem__(self, code: str) -> Masked:
        import numpy as np  # heavy: numpy

        line = self.codes[code]
        return np.ma.MaskedArray(self.figures[line], mask=~self.known[line])

    def at(self, place: int) -> dict[str, int | None]:
        """The figures of the row at that place, None for blank."""
        line = zip(self.codes, self.figures[:, place].tolist(), self.known[:, place].tolist(), strict=True)
        return {code: figure if known else None for code, figure, known in line}

    def taken(self, places: "Sequence[int] | np.ndarray") -> "Columns":
        """The rows at those places, in that order."""
        rows = tuple(self.rows[place] for place in places)
        return replace(self, rows=rows, figures=self.figures[:, places], known=self.known[:, places])

    def only(self, codes: Sequence[str]) -> "Columns":
        """The columns of those indicators, in that order."""
        lines = [self.codes[code] for code in codes]
        numbered = {code: number for number, code in enumerate(codes)}
        return replace(self, codes=numbered, figures=self.figures[lines], known=self.known[lines])

    def put(self, code: str, figure: int) -> "Columns":
        """The same with one figure in every row of a column."""
        figures, known = self.figures.copy(), self.known.copy()
        figures[self.codes[code]], known[self.codes[code]] = figure, True
        return replace(self, figures=figures, known=known)

    def floats(self) -> "np.ndarray":
        """A line a row, a column a code, for shares and medians; NaN for blank."""
        import numpy as np  # heavy: numpy

        return np.where(self.known, self.figures, np.nan).T
