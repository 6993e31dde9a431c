"""Which cell of whose file each figure comes from, for the report's page: read once from the store."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from flows.store.statements import sql_beside

_SQL = sql_beside(__file__)

if TYPE_CHECKING:
    from flows.store.store import Store


class Origin(NamedTuple):
    """A cell as it came in. `raw` is what was typed, `note` what the program made of it, `explanation` the filler's."""

    file: str
    sheet: str
    cell: str
    raw: str
    explanation: str = ""
    note: str = ""


Lineage = Mapping[tuple[str, str], Origin]
"""By (unit code, indicator code); cells of line lists by (unit code, `cell_key` of column and row)."""


def cell_key(column: str, row_no: int) -> str:
    """How the lineage names a line list's cell."""
    return f"{column}#{row_no}"


def load_lineage(store: "Store", year: int) -> dict[tuple[str, str], Origin]:
    """Every accepted cell of the year: indicators and line lists, villages and offices."""
    facts = store.rows(_SQL["facts"], [year])
    cells = store.rows(_SQL["list_rows"], [year])
    origins = {(unit, indicator): Origin(*rest) for unit, indicator, *rest in facts}
    return origins | {(unit, cell_key(column, row)): Origin(*rest) for unit, column, row, *rest in cells}
