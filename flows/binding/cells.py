"""What heads a cell of a Word table: its label, its own clause, and all other words of its row and column."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from flows.template.blanks import marks
from flows.template.units import unit_after, unit_in_brackets

Rows = Mapping[tuple[int, int], Mapping[int, str]]
"""By table and row, the words of each of its cells."""
_LONGEST = 60
"""Characters of a head that can name a figure; what is longer is prose in a cell. Nothing was measured."""
_ANSWER = re.compile(r"[\s\d.,，%％‰/—–-]*")
_BRACKETS = re.compile(r"[（(][^）)]*[）)]\s*$")


class Cell(NamedTuple):
    """What stands around a cell: heads with ， between, the nearest label of its row, whether it waits for a figure."""

    heads: str = ""
    label: str = ""
    asks: bool = False


def cell_at(place: tuple[int, int, int], rows: Rows) -> Cell:
    """The cell of a table's row; labels before another answer of the row are that one's."""
    table, row, column = place
    here = {at: words.strip() for at, words in rows[table, row].items()}
    beside = _labels(here, column)
    above = rows.get((table, 0), {}).get(column, "").strip() if row else ""
    heads = [words[:_LONGEST] for words in (*beside, *([] if _is_answer(above) else [above])) if words]
    names = [_BRACKETS.sub("", words) for words in beside if not _is_unit(words)]
    beside_it = bool(beside) and here.get(column - 1) == beside[-1]
    asks = column > 0 and (row > 0 or (beside_it and bool(unit_in_brackets(beside[-1]).unit)))
    return Cell("，".join(heads), names[-1][:_LONGEST] if names else "", asks)


def _labels(row: Mapping[int, str], column: int) -> list[str]:
    """The words before a cell, back to the answer that stands before those."""
    found: list[str] = []
    for at in sorted((at for at in row if at < column), reverse=True):
        if not _is_answer(row[at]):
            found.insert(0, row[at])
        elif found:
            break
    return found


def _is_answer(words: str) -> bool:
    """Whether a cell holds a figure, a blank for one, or nothing."""
    return bool(_ANSWER.fullmatch(words)) or any(mark.end - mark.start == len(words) for mark in marks(words))


def _is_unit(words: str) -> bool:
    return unit_after(f"{words}，").length == len(words) > 0
