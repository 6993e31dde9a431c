"""Blanks within the words of a cell, 全村共__户__人，其中：常住__户: each is an answer, named by what stands before."""

import re
from itertools import pairwise

from flows.adopt import words
from flows.adopt.answer_types import settle_type
from flows.adopt.found import INFERRED, PRINTED, Answer, Block, Evidence, FoundSheet, address
from flows.adopt.pages import Page, Place
from schemas.adopted import BLANK

FEWEST = 3
"""Blanks below which a page without any table is no form: a letter has a date and a name to fill in."""
_CLAUSE = re.compile(r"[，,；;。、：:（(]")
_VERB = re.compile(
    r"(?:现|还|共|总|累计)*(?:共计|总计|计|共|有|为|达|达到|约|设|建|建有|是)$|^(?:现有|共有|其中|另有|另|有|和|及)"
)
_END = re.compile(r"[；;。]")
"""Where what stands behind 其中 ends."""
_LABEL = re.compile(r"^([\u4e00-\u9fff]{2,8})[：:](?!$)")
_DATE = re.compile(r"[_＿]\s*[年月日]")
_LONGEST_UNIT = 5


def sentence_blocks(page: Page, number: int, sheet: FoundSheet, taken: set[Place]) -> list[Block]:
    """A block for each cell with blanks in its words, outside the tables; none where a table has a row per unit."""
    labels = {label.place for answer in sheet.answers for label in (*answer.row_labels, *answer.column_labels)}
    signed = {place for cell in sheet.identity for place in (cell.place, cell.label.place)} | taken | labels
    found = [
        block
        for row in page.rows()
        for place, text in page.row_texts(row)
        if place not in signed and (block := _block(page, number, place, text))
    ]
    if any(block.orientation == "wide" for block in sheet.blocks):
        return []
    return found if sheet.blocks or sum(len(block.answers) for block in found) >= FEWEST else []


def _block(page: Page, number: int, place: Place, text: str) -> Block | None:
    """The answers of one cell; None where it has no blank, or they are for a date."""
    parts = BLANK.split(text)
    if len(parts) < 2 or _DATE.search(text) or any(not words.plain(part) for part in parts[1:-1]):
        return None
    label = _LABEL.match(words.plain(parts[0]))
    section = (label[1],) if label and label[1] != "其中" else ()
    answers: list[Answer] = []
    base, part, wholes = "", False, list[Answer]()
    for slot, (before, after) in enumerate(pairwise(parts), start=1):
        unit = _unit(after)
        said = words.plain(before).removeprefix(_unit(before) if slot > 1 else "")
        said = said.removeprefix(f"{section[0]}:") if section and slot == 1 else said
        base = _name(said) or base
        part = "其中" in said or (part and not _END.search(said))
        answer = Answer(
            id=f"{number}.{address(place)}" + (f"#{slot}" if slot > 1 else ""), place=place, slot=slot, holds=text,
            name=_own_name(base, unit, answers), unit=unit, section=section,
        )  # fmt: skip
        answer.note_evidence("place", PRINTED, "一句话里的空")
        answer.note_evidence("name", INFERRED, "空前面的字")
        if unit:
            answer.note_evidence("unit", PRINTED, "空后面的字")
        settle_type(answer, "", None, None)
        over = next((one for one in reversed(wholes) if one.unit == unit), None) if part else None
        if over:
            answer.parent = over.id
            answer.note_evidence("parent", INFERRED, "“其中”后面")
        wholes += [] if part else [answer]
        answers.append(answer)
    row, column = place
    return Block(
        orientation="sentence", head_rows=(row, row), head_columns=(column, column), first_row=row, last_row=row,
        answers=answers, evidence=Evidence(INFERRED, "一句话里的空"),
    )  # fmt: skip


def _unit(after: str) -> str:
    """The unit of measure that stands right behind a blank."""
    said = words.plain(after)
    lengths = range(min(_LONGEST_UNIT, len(said)), 0, -1)
    return next((said[:n] for n in lengths if words.known_unit(said[:n])), "")


def _name(before: str) -> str:
    """What the last clause before a blank names."""
    clause = next((part for part in reversed(_CLAUSE.split(before)) if part), "")
    return words.tidied(_VERB.sub("", words.numbered(_VERB.sub("", clause))[1]))


def _own_name(base: str, unit: str, others: list[Answer]) -> str:
    """A name that no other blank of the cell has: several in one clause are told by their units."""
    taken = {one.name for one in others}
    names = (base, f"{base}{unit}数", *(f"{base}{n}" for n in range(2, 40)))
    return next(name for name in names if name and name not in taken)
