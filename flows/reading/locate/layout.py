"""A sheet with holes: what every copy of it prints, and how a copy is told from any other sheet.

The holes are the cells of its answers, and those behind its labels. Another sheet is a copy when it is equal everywhere
else and its holes hold nothing that could be more than an entry (see `harmless`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from flows.reading.grid import INVISIBLE, Merge, Sheet
from flows.reading.locate.edition import SIZE
from flows.reading.locate.lines import MARKS, is_stamp
from flows.reading.locate.pages import Page
from flows.reading.locate.vocabulary import LONGEST, MOST_KNOWN, Role, Words, labelled, plain

_NAME = re.compile(r"[\w·]{1,30}")
_FIGURE = re.compile("[+-]?[0-9]")


class Owner(NamedTuple):
    """A label with what is written behind it in its own cell: 填报单位：东湖村."""

    row: int
    column: int
    label: str
    before: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet but for its holes. `own` and `holes` take a sheet's cells, in the order of reading and one blank more.

    `typed` takes those that are printed and no text, for a 1 is equal to a tick; `reasons` are the numbers of a
    figure's cell and of the one for its reasons.
    """

    shape: tuple
    merges: Sequence[Merge]
    own: itemgetter
    printed: tuple
    typed: itemgetter
    types: tuple[type, ...]
    holes: itemgetter
    reasons: Sequence[tuple[int, int]]
    owners: Sequence[Owner]
    page: Page

    def copied(self, sheet: Sheet, words: Words) -> Page | None:
        """The page of a copy; None for any other sheet."""
        if shape_of(sheet) != self.shape or sheet.looks.merges != self.merges or not is_plain(sheet):
            return None
        cells = cells_of(sheet)
        if self.own(cells) != self.printed or tuple(map(type, self.typed(cells))) != self.types:
            return None
        for value in self.holes(cells):
            if value.__class__ is not float and value != "" and not harmless(value, words):
                return None
        for value, note in self.reasons:
            if cells[note] != "" and not _are_reasons(cells[note], cells[value]):
                return None
        return self._page(sheet, words)

    def _page(self, sheet: Sheet, words: Words) -> Page | None:
        """The known page, of this sheet and with what its labels say; None where they say something unusual."""
        marks, lists = self.page.marks, [replace(table, sheet=sheet) for table in self.page.lists]
        texts = {owner[:2]: sheet.value(*owner[:2]) for owner in self.owners}
        if not all(names_owner(texts[owner[:2]], owner, words) for owner in self.owners):
            return None
        if texts:
            marks = marks.copy()
            marks["label"] = [
                (row, column, Role("label", str(texts.get((row, column), role.what))))
                for row, column, role in self.page.marks["label"]
            ]
        return replace(self.page, sheet=sheet, marks=marks, lists=lists)


def harmless(value: object, words: Words) -> bool:
    """Whether a text in a hole can be nothing but an entry: no word of the form, no stamp, no mark, no table's size."""
    if value.__class__ is not str:
        return False
    text, harmless_texts = str(value), words.harmless
    if (known := harmless_texts.get(text)) is None:
        if len(harmless_texts) >= MOST_KNOWN:
            harmless_texts.clear()
        short = plain(text)
        spoken = words.role(text) is not None or (len(text) <= LONGEST and is_stamp(text))
        known = not (spoken or MARKS.fullmatch(short) or SIZE.fullmatch(short))
        if len(text) <= LONGEST:
            harmless_texts[text] = known
    return known


def _are_reasons(note: object, value: object) -> bool:
    """Whether reasons are words or none: a figure there, beside a blank, would be taken for one set aside."""
    if not isinstance(note, str):
        return False
    blank = isinstance(value, str) and not value.strip(INVISIBLE)
    return not (blank and note and _FIGURE.match(plain(note)))


def names_owner(text: object, owner: Owner, words: Words) -> bool:
    """Whether a label is followed by a plain name and nothing else."""
    if not isinstance(text, str) or not text.startswith(owner.before) or len(text) > LONGEST:
        return False
    known, key = words.owners, (owner.label, owner.before, text)
    if key not in known:
        if len(known) >= MOST_KNOWN:
            known.clear()
        known[key] = _is_named(text, owner, words)
    return known[key]


def _is_named(text: str, owner: Owner, words: Words) -> bool:
    name = text[len(owner.before) :]
    if not _NAME.fullmatch(name) or words.role(text) != Role("label", text) or is_stamp(text):
        return False
    return labelled(text, words.labels) == ((owner.label, name),) and not words.units_said(text)


def shape_of(sheet: Sheet) -> tuple:
    """Everything of a sheet that is no cell: its name, whether it is seen, where it begins, its rows and columns."""
    width = len(sheet.rows[0]) if sheet.rows else 0
    return sheet.name, sheet.visible, sheet.top, sheet.left, len(sheet.rows), width


def cells_of(sheet: Sheet) -> list:
    """A sheet's cells in the order of reading, and a blank behind them."""
    return [*chain.from_iterable(sheet.rows), ""]


def is_plain(sheet: Sheet) -> bool:
    """Whether every cell holds what the fast reader says, looks like nothing else, and bears no comment."""
    looks = sheet.looks
    return not (sheet.lost or looks.struck or looks.partly or looks.otherwise or looks.worded or looks.comments)


def within(sheet: Sheet, row: int, column: int) -> bool:
    """Whether the sheet reaches as far as that cell."""
    return sheet.top <= row <= sheet.bottom and sheet.left <= column <= sheet.right
