"""Correct: the clerk's corrections over what was read. Pure: frames in, frames and findings out.

A correction changes a value and nothing else: the raw text and the cell stay as they were sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd

from schemas.corrections import Correction
from schemas.expressions import SCALE
from schemas.findings import Finding
from schemas.records import Indicator

CORRECTION_COLUMNS = ["sub_id", "subject", "expect", "value", "raw", "reason", "agreed_with", "agreed_on", "words"]
Row = Any
"""A row of a frame: a Series or a mapping, whose values no type tells."""
CellFindings = list[tuple[int, Finding]]


@dataclass
class Corrected:
    """A frame of cells after its corrections. `findings` stand at cells, by index label; `unplaced` have no cell.

    `waived` holds the clerk's words by submission and subject; `rows` are what the store keeps of each correction.
    """

    frame: pd.DataFrame
    findings: CellFindings
    unplaced: list[tuple[int, Finding]] = field(default_factory=list)
    waived: dict[tuple[int, str], str] = field(default_factory=dict)
    rows: list[tuple] = field(default_factory=list)


def correct(frame: pd.DataFrame, found: CellFindings, due: Mapping[int, Sequence[Correction]]) -> Corrected:
    """Apply the corrections due to each submission, of indicators or of list cells, whichever the frame holds.

    One whose `expect` is not what was sent changes nothing and blocks the submission. What was wrong with the text
    of a corrected cell is settled by it.
    """
    in_rows = "row_no" in frame
    wanted = {sub: [entry for entry in entries if bool(entry.row) is in_rows] for sub, entries in due.items()}
    done = Corrected(frame, list(found))
    if not any(wanted.values()):
        return done
    done.frame = frame.copy()
    here = frame[frame["sub_id"].isin([sub for sub, entries in wanted.items() if entries])]
    index: dict[tuple[int, str], Any] = {(row["sub_id"], subject_of(row)): label for label, row in here.iterrows()}
    for sub, entries in wanted.items():
        for entry in entries:
            _apply(done, sub, entry, index.get((sub, entry.subject)))
    return done


def subject_of(row: Row) -> str:
    """Whose figure a cell holds: an indicator's code, or a list column's and the row's number."""
    return f"{row['indicator']} {row['row_no']}" if "row_no" in row else row["indicator"]


def _apply(done: Corrected, sub: int, entry: Correction, label: int | None) -> None:
    if label is None:
        done.unplaced.append((sub, _stale(entry, "没有这一项")))
        return
    cell: Row = done.frame.loc[label]
    sent = None if pd.isna(cell["value"]) else Decimal(int(cell["value"])) / SCALE
    if not entry.fits(str(cell["raw"]), sent):
        done.findings.append((label, _stale(entry, f"报的是“{cell['raw']}”")))
        return
    written, raw = entry.written, str(cell["raw"])
    value = None if written.waiver else str(written.value)
    words = (
        f"统计员同意不改：{entry.agreement}" if value is None else f"报的是“{raw}”，更正为 {value}：{entry.agreement}"
    )
    agreed = (written.reason, written.agreed_with, written.date)
    done.rows.append((sub, entry.subject, str(written.expect), value, raw, *agreed, words))
    if value is None:
        done.waived[sub, entry.subject] = words
        return
    done.findings = [(at, finding) for at, finding in done.findings if at != label]
    details = {"name": entry.item.name, "value": value, "agreement": entry.agreement}
    done.findings.append((label, Finding("CORRECTED", indicator=entry.item.code, details=details)))
    words_asked = entry.item.is_text if isinstance(entry.item, Indicator) else entry.item.type != "number"
    done.frame.loc[label, ["kind", "note"]] = ["text" if words_asked else "number", words]
    done.frame.loc[label, "text"] = value if words_asked else None
    done.frame.loc[label, "value"] = pd.NA if words_asked else int(Decimal(value) * SCALE)


def _stale(entry: Correction, found: str) -> Finding:
    details = {"name": entry.item.name, "expect": str(entry.written.expect), "found": found}
    return Finding("CORRECTION_STALE", indicator=entry.item.code, details=details)


def correction_rows(parts: Iterable[Corrected]) -> pd.DataFrame:
    """What the store keeps of them: one row per correction applied."""
    return pd.DataFrame([row for part in parts for row in part.rows], columns=CORRECTION_COLUMNS)
