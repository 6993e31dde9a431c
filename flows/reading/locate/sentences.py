"""Blanks within the words of a cell of an adopted form: read from a copy by the printed words around them."""

import re
from collections.abc import Iterator

from flows.reading.grid import PLAIN_NUMBER, address
from flows.reading.locate.aligned import Aligned
from flows.reading.locate.vocabulary import plain, shortened
from flows.reading.records import Answer
from schemas.adopted import BLANK, AdoptedBlock, Place
from schemas.findings import Finding


def answers_of(copied: Aligned, block: AdoptedBlock) -> tuple[Place | None, list[Answer], list[Finding]]:
    """The cell of the sentence, what its blanks hold, and what is wrong: it is gone, or there are several like it."""
    sheet, name = copied.sheet, copied.sheet.name
    pattern = pattern_of(block.answers[0].holds)
    found = [
        (place, match) for place in copied.texts.keys if (match := pattern.fullmatch(plain(sheet.cell(*place)[0])))
    ]
    if len(found) != 1:
        first = block.answers[0]
        places = "、".join(address(*place) for place, _ in found) or "—"
        details = {"names": shortened([answer.name for answer in block.answers]), "head": "", "places": places}
        code = "PLACE_UNCLEAR" if found else "INDICATOR_MISSING_ROW"
        return None, [], [Finding(code, name, "", first.code, name, details)]
    place, match = found[0]
    said = [match[answer.slot].strip("_ ") for answer in block.answers]
    return place, list(_answers(name, place, block, said)), []


def pattern_of(holds: str) -> re.Pattern[str]:
    """The words of the cell with anything in their blanks."""
    return re.compile("(.*?)".join(re.escape(plain(part)) for part in BLANK.split(holds)))


def _answers(sheet: str, place: Place, block: AdoptedBlock, said: list[str]) -> Iterator[Answer]:
    for answer, text in zip(block.answers, said, strict=True):
        kind = "blank" if not text else "number" if PLAIN_NUMBER.fullmatch(text) else "text"
        yield Answer(answer.code, text, kind, sheet, *place)
