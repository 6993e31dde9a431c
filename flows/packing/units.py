"""What each unit of a package says, as if its own workbook had been read: raw texts, reasons, and the cells of old.

So whoever receives it checks every figure by its own rules; what was corrected at the sender's is taken as corrected.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flows.reading.folded import Folded, deflated, folded
from flows.reading.grid import PLAIN_NUMBER
from flows.reading.records import Answer, ListCell, Reading
from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.findings import Finding

FORMAT = "package"
"""The format of a submission that came in a package."""
SOURCE = "报送包"
"""Where its unit and its year are said."""
_SQL = sql_beside(__file__)
TOGETHER = 200
"""Units whose figures are held at once; what is made of them is folded, for a county's package may have thousands."""


class Asked(NamedTuple):
    """The codes of what the receiver asks: only these are taken."""

    indicators: Sequence[str]
    lists: Sequence[str]


def units_of(store: Store, year: int, asked: Asked) -> Iterator[Folded]:
    """One reading per unit of the loaded package that has an accepted submission, in the order of the codes.

    One that still owes a form at the sender's is not whole here either.
    """
    rows, lacking = store.rows(_SQL["units"]), dict(store.rows(_SQL["lacking"], {"year": year}))
    for start in range(0, len(rows), TOGETHER):
        some = {code: _reading(code, name, version, year) for code, name, version in rows[start : start + TOGETHER]}
        _fill(store, some, asked)
        for code, reading in some.items():
            if code in lacking:
                reading.findings.append(Finding("PACKAGE_PARTIAL", details={"count": lacking[code]}))
            yield folded(reading, deflated(reading))


def _reading(code: str, name: str, version: str | None, year: int) -> Reading:
    claims = {SOURCE: [code, name]}
    return Reading("", "", FORMAT, "", version or "", claims, {SOURCE: [str(year)]}, part=f"{code}!")


def _fill(store: Store, some: dict[str, Reading], asked: Asked) -> None:
    """Add what these units, whose codes stand side by side, have answered."""
    codes = {"first": min(some), "last": max(some)}
    for code, indicator, raw, meant, sheet, row, column, reason in store.each(
        _SQL["answers"], codes | {"asked": list(asked.indicators)}
    ):
        if code in some:
            answer = Answer(indicator, raw, _kind(raw), sheet, row, column, reason, meant=meant)
            some[code].answers.append(answer)
    for code, name, number, of, raw, sheet, row, column, reason in store.each(
        _SQL["cells"], codes | {"asked": list(asked.lists)}
    ):
        if code in some:
            cell = ListCell(name, number, of, raw, _kind(raw), sheet, row, column, reason)
            some[code].list_cells.append(cell)


def _kind(raw: str) -> str:
    return "blank" if not raw else "number" if PLAIN_NUMBER.fullmatch(raw) else "text"
