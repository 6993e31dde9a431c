"""舍位平衡 of all levels at once: villages, townships, county, printed so that every sum holds at every level.

From the top down ("hierarchical controlled rounding"): a place's printed total is what its parts are balanced to, and
each part's printed figure is the total that its own parts are balanced to in turn. The largest remainder takes a figure
to one of the two neighbours of the truth, and what is between the neighbours of a sum can always be shared out between
the neighbours of its parts: so no level undoes another's.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from flows.totals.balance_parts import Column, allocate_table
from flows.totals.rounding import Balanced
from schemas.splits import Split


def allocate_levels(
    columns: Iterable[Column], splits: Iterable[Split], digits: Sequence[int]
) -> dict[str, dict[str, tuple[Column, Balanced]]]:
    """Print tables of units, place by place: by the place's code, then the column's, its parts there as printed.

    `digits` are the lengths of the places' codes, the whole's first; a unit lies in the places whose codes its own
    begins with. A unit that is a place itself has no parts there. Only the whole's totals are rounded alone.
    """
    columns, splits = tuple(columns), tuple(splits)
    found: dict[str, dict[str, tuple[Column, Balanced]]] = {}
    printed: dict[tuple[str, str], int] = {}
    for above, below in zip(digits, (*digits[1:], None), strict=True):
        for place, table in _tables(columns, above, below).items():
            given = [replace(column, total=printed.get((place, column.code))) for column in table]
            balanced = allocate_table(given, splits)
            found[place] = {column.code: (column, balanced[column.code]) for column in given}
            if below is not None:  # no unit is a place that has parts
                printed |= {(part, code): steps for code, of in balanced.items() for part, steps in of.printed.items()}
    return found


def _tables(columns: Iterable[Column], above: int, below: int | None) -> Mapping[str, list[Column]]:
    """The columns of each place with codes of that length: its parts are the places of the length below, or units."""
    tables: dict[str, list[Column]] = {}
    for column in columns:
        here: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for unit, value in column.parts.items():
            if len(unit) > above:
                here[unit[:above]][unit[:below]] += value
        for place, parts in here.items():
            tables.setdefault(place, []).append(replace(column, parts=dict(parts)))
    return tables
