"""Which cell of whose file each figure comes from, for the report's page: read from the store as far as it is shown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
Origins = Lineage | Callable[[Sequence[tuple[str, str]]], Lineage]
"""The same, or what gives those of some figures, and of all line lists."""


def cell_key(column: str, row_no: int) -> str:
    """How the lineage names a line list's cell."""
    return f"{column}#{row_no}"


def load_lineage(
    store: "Store", year: int, keys: Iterable[tuple[str, str]] | None = None
) -> dict[tuple[str, str], Origin]:
    """The accepted cells of the year: every one, or those of some (unit, indicator) and of all line lists."""
    if keys is None:
        facts = store.rows(_SQL["facts"], [year])
    else:
        import pandas as pd  # heavy: pandas

        store.db.register("wanted", pd.DataFrame(list(keys), columns=["code", "indicator"], dtype="str"))
        try:
            facts = store.rows(_SQL["some_facts"], {"year": year})
        finally:
            store.db.unregister("wanted")
    cells = store.rows(_SQL["list_rows"], [year])
    origins = {(unit, indicator): Origin(*rest) for unit, indicator, *rest in facts}
    return origins | {(unit, cell_key(column, row)): Origin(*rest) for unit, column, row, *rest in cells}
