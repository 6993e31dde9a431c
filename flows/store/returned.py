"""What goes back: the submissions that are not accepted as they are, with everything that was sent in them.

Grain: one Returned per unit whose newest submission is returned or unreadable, and per file whose unit is not known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from flows.store.book import REASONS
from flows.store.figures import Place
from flows.store.findings import Told, told
from flows.store.store import Store
from schemas.catalogue import Catalogue

_NEWEST = """
SELECT s.sub_id, CAST(s.unit_code AS VARCHAR), u.name, u.kind, coalesce(u.terrain, ''), s.revision, s.file, s.sha256,
       s.preparer, s.reviewer, s.phone, s.filled_on,
       s.accepted_revision > 0
FROM base.standing s
JOIN base.unit u ON u.year = s.year AND u.code = s.unit_code
WHERE s.year = $year AND s.state IN ('returned', 'unreadable')
UNION ALL
SELECT s.sub_id, NULL, NULL, NULL, NULL, 0, s.file, s.sha256, NULL, NULL, NULL, NULL, false
FROM (FROM base.submission WHERE year = $year AND same_as IS NULL
      QUALIFY row_number() OVER (PARTITION BY sha256 ORDER BY sub_id DESC) = 1) s
WHERE s.unit_code IS NULL
  AND EXISTS (FROM base.inbox i WHERE i.year = $year AND i.file = s.file AND i.sha256 = s.sha256)
ORDER BY 2 NULLS LAST, 7
"""
_FACTS = """
SELECT f.sub_id, i.code, coalesce(f.raw, ''), coalesce(f.explanation, '')
FROM base.fact f JOIN base.indicator i ON i.id = f.indicator_id WHERE f.sub_id IN (SELECT unnest($subs))
ORDER BY f.sub_id, f.indicator_id
"""
_CELLS = """
SELECT c.*, h.name AS sheet, cell_address(c.sheet_row, c.sheet_col) AS cell
FROM base.list_cell c LEFT JOIN base.sheet h USING (sub_id, sheet_no) WHERE c.sub_id IN (SELECT unnest($subs))
ORDER BY c.sub_id, c.list, c.row_no, c.list_column
"""
_LAST = """
SELECT CAST(l.unit_code AS VARCHAR), i.code, l.value, l.text
FROM base.last_year l JOIN base.indicator i ON i.id = l.indicator_id
WHERE l.year = $year AND l.unit_code IN (SELECT CAST(unnest($units) AS BIGINT))
"""


@dataclass(frozen=True, slots=True)
class SentCell:
    """One cell of a list's entry as sent; `row` counts entries from 0, `place` is sheet and cell of the sender."""

    list: str
    row: int
    column: str
    raw: str
    place: str
    explanation: str = ""


@dataclass(slots=True)
class Returned:
    """One submission that goes back. `unit` is None when nobody knows whose it is.

    `answers` and `notes` hold raw texts and explanations as sent, by indicator; `last_year` what the form showed.
    """

    unit: Place | None
    revision: int
    file: str
    sha256: str
    cover: dict[str, str]
    accepted_before: bool
    findings: list[Told] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    cells: list[SentCell] = field(default_factory=list)
    last_year: dict[str, Decimal | str] = field(default_factory=dict)
    past_reasons: dict[str, str] = field(default_factory=dict)


def load_returned(store: Store, catalogue: Catalogue, year: int) -> list[Returned]:
    """Every submission of the year that goes back, units by code first."""
    cases: dict[int, Returned] = {}
    for sub, code, name, kind, terrain, revision, file, sha256, *people, before in store.rows(_NEWEST, {"year": year}):
        unit = Place(code, name, "village", kind, terrain) if code else None
        cover = dict(zip(("填表人", "审核人", "联系电话", "填表日期"), (said or "" for said in people), strict=True))
        cases[sub] = Returned(unit, revision, file, sha256, cover, before)
    if cases:
        _add_content(store, catalogue, cases)
        _add_last_year(store, year, cases.values())
    return list(cases.values())


def _add_content(store: Store, catalogue: Catalogue, cases: dict[int, Returned]) -> None:
    subs: Sequence[int] = list(cases)
    for sub, findings in told(store, catalogue, subs).items():
        cases[sub].findings = findings
    for sub, code, raw, explanation in store.rows(_FACTS, {"subs": subs}):
        cases[sub].answers[code] = raw
        if explanation:
            cases[sub].notes[code] = explanation
    for row in store.frame(_CELLS, {"subs": subs}).astype(object).to_dict("records"):
        place = f"{row['sheet']} {row['cell']}"
        sent = SentCell(row["list"], row["row_no"] - 1, row["list_column"], row["raw"] or "", place,
                        row.get("explanation") or "")  # fmt: skip
        cases[row["sub_id"]].cells.append(sent)


def _add_last_year(store: Store, year: int, cases: Iterable[Returned]) -> None:
    by_code = {case.unit.code: case for case in cases if case.unit}
    asked = {"year": year, "units": list(by_code)}
    for unit, indicator, value, text in store.rows(_LAST, asked) if by_code else ():
        if value is not None or text:
            by_code[unit].last_year[indicator] = text if value is None else value
    for unit, indicator, words in store.rows(REASONS, {"year": year}) if by_code else ():
        if unit in by_code:
            by_code[unit].past_reasons[indicator] = words
