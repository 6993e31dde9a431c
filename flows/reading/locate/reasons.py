"""Reasons written beside the findings on a returned form's first sheet, as explanations of the answers."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from flows.reading.locate.pages import REASON_HEADS, Page
from flows.reading.locate.vocabulary import plain
from flows.reading.records import Answer, ListCell, Reading
from schemas.explanations import weakness

_SUBJECT, _ENTRY = re.compile(r"\s*([0-9A-Z]+)(?![0-9A-Z])"), re.compile(r"\(第([0-9]{1,6})行\)$")
"""A code, which a space or other letters end, and which entry of a list is meant."""

Subject = tuple[str, int]
"""An indicator's code and 0, or a list column's code and the number of its entry from 1."""


def take_reasons(pages: Sequence[Page], reading: Reading) -> None:
    """Join the reasons to the explanations of the answers and list cells that they are about."""
    reasons: dict[Subject, list[str]] = {}
    for page in pages:
        if not page.asks:
            for subject, reason in _reasons(page):
                reasons.setdefault(subject, []).append(reason)
    if not reasons:
        return
    answers: dict[Subject, Answer | ListCell] = {(answer.indicator, 0): answer for answer in reading.answers}
    answers |= {(cell.column, cell.row_no): cell for cell in reading.list_cells}
    for subject in reasons.keys() & answers.keys():
        answers[subject].explanation = joined(answers[subject].explanation, reasons[subject])


def joined(noted: str, reasons: Sequence[str]) -> str:
    """What is written in 说明 and the reasons given beside the findings, each said once; a stock phrase gives way."""
    texts = list(dict.fromkeys(text for text in (noted.strip(), *reasons) if text))
    strong = [text for text in texts if not weakness(text, Counter())]
    return "；".join(strong or texts)


def _reasons(page: Page) -> Iterator[tuple[Subject, str]]:
    """The rows under a head that has 序号, 指标 and 情况说明 but asks for no values."""
    for head, columns in page.head_rows().items():
        if columns.keys() != REASON_HEADS:
            continue
        for row in page.sheet.filled(head + 1, page.sheet.bottom + 1):
            written = page.sheet.cell(row, columns["name"])[0]
            subject = _SUBJECT.match(unicodedata.normalize("NFKC", written).upper())
            entry = _ENTRY.search(plain(written))
            reason = page.sheet.remark(row, columns["note"]) if subject else ""
            if subject and reason:
                yield (subject[1], int(entry[1]) if entry else 0), reason
