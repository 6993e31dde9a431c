"""What a cell that may be an answer holds: nothing yet, a dash, a figure, choices, a formula, or words."""

import re

from flows.adopt import words
from flows.adopt.choices import choices_of
from flows.adopt.pages import Page

BLANK, BARRED, FILLED, TICKS, FORMULA, WORDS = "blank", "barred", "filled", "ticks", "formula", "words"
_PLACEHOLDER = re.compile(r"[_＿\s\u3000.…()（）]*|0+(?:\.0+)?|(?:[_＿\s\u3000]*[年月日时][_＿\s\u3000]*)+")


def state(page: Page, row: int, column: int) -> str:
    """What a cell that may be an answer holds."""
    cell, text = page.at(row, column), page.text(row, column)
    if cell.formula:
        return FORMULA
    if cell.barred and not text:
        return BARRED
    if not text or (_PLACEHOLDER.fullmatch(text) and not (cell.number and text.strip("0."))):
        return BLANK
    if words.is_dash(text):
        return BARRED
    if choices_of(text):
        return TICKS
    if re.fullmatch(r"-?[\d,]+(\.\d+)?%?", words.plain(text)):
        return FILLED
    unit = re.sub(r"[\s\u3000_＿()（）]", "", text)
    return BLANK if (words.known_unit(unit) and text != text.strip(" 　_")) or text.startswith(("_", "＿")) else WORDS
