"""What each unit of a package says, as if its own workbook had been read: raw texts, reasons, and the cells of old.

So whoever receives it checks every figure by its own rules; what was corrected at the sender's is taken as corrected.
"""

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


def units_of(store: Store, year: int) -> list[Reading]:
    """One reading per unit of the loaded package that has an accepted submission, in the order of the codes.

    One that still owes a form at the sender's is not whole here either.
    """
    found: dict[str, Reading] = {}
    for code, name, version in store.rows(_SQL["units"]):
        claims = {SOURCE: [code, name]}
        found[code] = Reading("", "", FORMAT, "", version or "", claims, {SOURCE: [str(year)]}, part=f"{code}!")
    for code, indicator, raw, meant, sheet, row, column, reason in store.rows(_SQL["answers"]):
        if code in found:
            answer = Answer(indicator, raw, _kind(raw), sheet, row, column, reason, meant=meant)
            found[code].answers.append(answer)
    for code, name, number, of, raw, sheet, row, column, reason in store.rows(_SQL["cells"]):
        if code in found:
            cell = ListCell(name, number, of, raw, _kind(raw), sheet, row, column, reason)
            found[code].list_cells.append(cell)
    for code, count in store.rows(_SQL["lacking"], {"year": year}):
        if code in found:
            found[code].findings.append(Finding("PACKAGE_PARTIAL", details={"count": count}))
    return list(found.values())


def _kind(raw: str) -> str:
    return "blank" if not raw else "number" if PLAIN_NUMBER.fullmatch(raw) else "text"
