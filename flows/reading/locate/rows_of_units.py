"""A wide sheet of an adopted form: one row per unit, each the reading of one unit.

A row that names nobody and holds figures is a reading of nobody's, so that somebody is asked; a total, a row without
any figure and the foot are none.
"""

from collections.abc import Collection, Iterator, Sequence

import msgspec

from flows.reading.grid import address
from flows.reading.locate.aligned import Unplaced
from flows.reading.locate.copied import CopiedSheet, answered
from flows.reading.locate.list_rows import says_total
from flows.reading.locate.vocabulary import Words, plain, shortened
from flows.reading.records import Reading
from schemas.adopted import AdoptedAnswer, AdoptedBlock
from schemas.findings import Finding

ROW = "本行"
"""Where a row says whose it is."""
_UNIT_KEYS = ("unit_name", "unit_code")


def read_rows(copied: CopiedSheet, words: Words, base: Reading) -> Iterator[Reading]:
    """One reading per row that holds figures; what is wrong with the whole sheet is told with the first."""
    for block in copied.printed.about.blocks:
        if block.orientation == "wide":
            yield from _rows(copied, block, words, base)


def _rows(copied: CopiedSheet, block: AdoptedBlock, words: Words, base: Reading) -> list[Reading]:
    columns = {answer.code: copied.column_of(answer.place[1], answer.column_labels, block) for answer in block.answers}
    known = {code: column for code, column in columns.items() if isinstance(column, int)}
    owners = [
        column
        for one in block.unit_columns
        if one.key in _UNIT_KEYS and isinstance(column := copied.column_of(one.column, one.labels, block), int)
    ]
    reason = copied.label_column(block.reason_column) if block.reason_column else None
    wrong = [_unplaced(copied, answer, columns[answer.code]) for answer in block.answers if answer.code not in known]
    first = copied.head_end(block) + 1
    told, totals, parts = list(base.findings), list[str](), list[Reading]()
    for row in copied.sheet.filled(first, copied.foot(block, first - 1)):
        said = [text for column in owners if (text := copied.sheet.shown(row, column))]
        answers = [
            answered(copied, answer, (row, known[answer.code]), copied.sheet.remark(row, reason))
            for answer in block.answers
            if answer.code in known
        ]
        if all(answer.kind == "blank" for answer in answers):
            continue
        if any(says_total(text, words) for text in said) or _is_total(copied, row, set(known.values()), words):
            totals.append(f"{address(row, copied.sheet.left)}“{' '.join(said) or '合计'}”")
            continue
        findings = [*told, *_merged(copied, row, known, block.answers), *wrong]
        lost = {finding.indicator for finding in findings if finding.code == "VALUES_MERGED"}
        part = msgspec.structs.replace(base, part=f"{copied.sheet.name}!{row}", identity={ROW: said}, findings=findings)
        part.answers = [answer for answer in answers if answer.indicator not in lost]
        told = []
        parts.append(part)
    if totals and parts:
        parts[0].findings.append(Finding("LIST_TOTAL", copied.sheet.name, raw=shortened(totals, 3)))
    return parts


def _is_total(copied: CopiedSheet, row: int, columns: Collection[int], words: Words) -> bool:
    """Whether some other text of the row calls it a total, as where that is merged over number and name."""
    return any(
        says_total(raw, words)
        for column in range(copied.sheet.left, copied.sheet.right + 1)
        if column not in columns and (cell := copied.sheet.cell(row, column))[1] == "text" and (raw := cell[0].strip())
    )


def _unplaced(copied: CopiedSheet, answer: AdoptedAnswer, why: int | Unplaced) -> Finding:
    """A column that is gone, or like another, is asked of every unit."""
    assert isinstance(why, Unplaced)
    places = "、".join(address(*place) for place in why.places) or "—"
    details = {"names": answer.name.strip(), "head": why.told, "places": places}
    code = "HEAD_MISSING" if why.why == "missing" else "PLACE_UNCLEAR"
    return Finding(code, copied.sheet.name, "", answer.code, copied.sheet.name, details)


def _merged(
    copied: CopiedSheet, row: int, columns: dict[str, int], answers: Sequence[AdoptedAnswer]
) -> Iterator[Finding]:
    """Figures that stand in an area merged over several rows or columns: whose they are, nobody can tell."""
    names = {answer.code: plain(answer.name) for answer in answers}
    for code, column in columns.items() if row in copied.sheet.spans else ():
        if merge := copied.sheet.merge(row, column):
            details = {"names": names[code]}
            yield Finding("VALUES_MERGED", copied.sheet.name, address(*merge[:2]), code, details=details)
