"""What goes back: the submissions that are not accepted as they are, with everything that was sent in them.

Grain: one Returned per unit whose newest submission is returned or unreadable, and per file whose unit is not known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from flows.store.book import REASONS
from flows.store.figures import Place
from flows.store.findings import Told, told
from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.catalogue import Catalogue

_SQL = sql_beside(__file__)


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
    `form` is the form's version, or the SHA-256 of the adopted form that it is a copy of; `part` which of the file.
    `owes` is which of its unit's forms it is (schemas/adopted.py), `form_name` what that is called where the unit owes
    several. `sender` is the place whose package it came in, "" where that is not known; None where it came by itself.
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
    form: str = ""
    part: str = ""
    owes: str = ""
    form_name: str = ""
    sender: str | None = None


def load_returned(store: Store, catalogue: Catalogue, year: int) -> list[Returned]:
    """Every submission of the year that goes back, units by code first."""
    cases: dict[int, Returned] = {}
    rows = store.rows(_SQL["newest"], {"year": year})
    for sub, code, name, kind, terrain, roles, revision, file, sha256, *people, before, form, part, owes, of in rows:
        unit = Place(code, name, "village", kind, terrain, roles) if code else None
        cover: dict[str, str] = dict(
            zip(("填表人", "审核人", "联系电话", "填表日期"), (said or "" for said in people), strict=True)
        )
        cases[sub] = Returned(
            unit, revision, file, sha256, cover, before, form=form, part=part, owes=owes, form_name=of or ""
        )
    if cases:
        sent_by = senders(store, year)
        for sub, case in cases.items():
            case.sender = sent_by.get(sub)
        _add_content(store, catalogue, cases)
        _add_last_year(store, year, cases.values())
    return list(cases.values())


def senders(store: Store, year: int) -> dict[int, str]:
    """By submission that came in a package: the name of the place that sent it, "" where its units are of no one."""
    return dict(store.rows(_SQL["packages"], {"year": year}))


def _add_content(store: Store, catalogue: Catalogue, cases: dict[int, Returned]) -> None:
    subs: Sequence[int] = list(cases)
    for sub, findings in told(store, catalogue, subs).items():
        cases[sub].findings = findings
    for sub, name, said in store.rows(_SQL["cover"], {"subs": subs}):
        cases[sub].cover[name] = said
    for sub, code, raw, explanation in store.rows(_SQL["facts"], {"subs": subs}):
        cases[sub].answers[code] = raw
        if explanation:
            cases[sub].notes[code] = explanation
    for row in store.frame(_SQL["cells"], {"subs": subs}).astype(object).to_dict("records"):
        place = f"{row['sheet']} {row['cell']}"
        sent = SentCell(row["list"], row["row_no"] - 1, row["list_column"], row["raw"] or "", place,
                        row.get("explanation") or "")  # fmt: skip
        cases[row["sub_id"]].cells.append(sent)


def _add_last_year(store: Store, year: int, cases: Iterable[Returned]) -> None:
    by_code = {case.unit.code: case for case in cases if case.unit}
    asked = {"year": year, "units": list(by_code)}
    for unit, indicator, value, text in store.rows(_SQL["last"], asked) if by_code else ():
        if value is not None or text:
            by_code[unit].last_year[indicator] = text if value is None else value
    for unit, indicator, words in store.rows(REASONS, {"year": year}) if by_code else ():
        if unit in by_code:
            by_code[unit].past_reasons[indicator] = words
