"""Findings as the store keeps them, each doubtful one with the explanation given."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from schemas.explanations import repeats, weakness
from schemas.findings import Finding

FINDING_COLUMNS = [
    "sub_id", "stage", "number", "code", "grade", "indicator", "sheet", "cell", "raw", "details", "explanation",
    "explained",
]  # fmt: skip

Case = tuple[int, Finding, tuple[str, ...]]
"""A finding of a submission and the codes whose explanations may answer it."""


def word(
    cases: Sequence[Case],
    answers: pd.DataFrame,
    stage: str,
    waived: Mapping[tuple[int, str], str] = {},
) -> pd.DataFrame:
    """Findings as the store keeps them, numbered per submission, each doubtful one with the explanation given.

    `answers` has columns sub_id, indicator (or a case's other subject) and explanation; `waived` has the clerk's words
    by submission and subject.
    """
    told = answers[answers["explanation"].fillna("").str.strip() != ""]
    given = dict(zip(zip(told["sub_id"], told["indicator"], strict=True), told["explanation"], strict=True))
    used = _repeated(given)
    rows, numbers = [], Counter()
    for sub_id, finding, codes in cases:
        numbers[sub_id] += 1
        texts = [given[sub_id, code] for code in codes if (sub_id, code) in given]
        spoken = [waived[sub_id, code] for code in codes if (sub_id, code) in waived]
        explained = finding.level == "核实" and bool(spoken or any(not weakness(text, used[sub_id]) for text in texts))
        texts += spoken if finding.level == "核实" else []
        rows.append(
            (sub_id, stage, numbers[sub_id], finding.code, finding.level, finding.indicator, finding.sheet,
             finding.cell, finding.raw, finding.kept, "；".join(dict.fromkeys(texts)), explained)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=FINDING_COLUMNS)


def _repeated(given: Mapping[tuple[int, str], str]) -> dict[int, Counter[str]]:
    """How often each submission uses each explanation; one beside a list's row counts once."""
    texts: dict[int, list[str]] = {}
    for sub, _, text in {(sub, subject.partition(" ")[2] or subject, text) for (sub, subject), text in given.items()}:
        texts.setdefault(sub, []).append(text)
    return {sub: repeats(written) for sub, written in texts.items()}
