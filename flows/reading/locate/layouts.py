"""Sheets that print the same: a form's sheet is located once, and its other copies by what they share with it.

Whatever is not certain, or not equal, is located as if nothing were known.
"""

from collections.abc import Iterable

from flows.reading.grid import Sheet
from flows.reading.locate.known import Form
from flows.reading.locate.layout import Layout
from flows.reading.locate.pages import Page, page_of
from flows.reading.locate.trials import layout_of
from flows.reading.locate.vocabulary import Words
from flows.reading.records import WantedForm

MOST_ALIKE = 4
"""Layouts kept of sheets of one name; a township has one, while a new edition of the form comes in two."""
MOST_NAMES = 200
"""Names of sheets that are remembered; the sample's forms have 19 (2026-11)."""
LARGEST = 2_000
"""Cells of a sheet that is remembered; a form's largest spans 273 (2026-11)."""
FIRST_TRIALS, SEEN_PER_TRIAL = 100, 16
"""Sheets that are tried at once, and how many must have come for each one more: a trial costs six readings of it."""


class Layouts:
    """The layouts that a reading process knows, by the names of their sheets; the last one that was met comes first."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._known: dict[str, list[Layout]] = {}
        self._unlike: dict[str, int] = {}
        self._seen = self._tried = 0

    def page_of(self, sheet: Sheet) -> Page:
        """The page of a sheet: a known one's where it is a copy, else as it is found."""
        known = self._known.get(sheet.name, [])
        self._seen += 1
        for number, layout in enumerate(known):
            if page := layout.copied(sheet, self._words):
                known.insert(0, known.pop(number))
                return page
        return page_of(sheet, self._words)

    def learn(self, pages: Iterable[Page], form: WantedForm, whose: Form) -> None:
        """Remember the layouts of pages that were located as part of a form, where they are worth it."""
        for page in pages:
            if (page.asks or page.covers) and self._is_worth(page.sheet):
                self._tried += 1
                if layout := layout_of(page.sheet, form, whose, self._words):
                    name = page.sheet.name
                    self._known[name] = [layout, *self._known.get(name, ())][:MOST_ALIKE]

    def _is_worth(self, sheet: Sheet) -> bool:
        """Whether to try: a name whose sheets are never alike is tried ever more rarely."""
        if len(self._unlike) > MOST_NAMES:
            self._known.clear()
            self._unlike.clear()
        count = self._unlike[sheet.name] = self._unlike.get(sheet.name, 0) + 1
        small = len(sheet.rows) * (sheet.right + 1 - sheet.left) <= LARGEST
        often = count > MOST_ALIKE and count & (count - 1)
        return small and not often and self._tried < FIRST_TRIALS + self._seen // SEEN_PER_TRIAL


def layouts_of(words: Words) -> Layouts:
    """The layouts that were met while looking for these words."""
    if not words.layouts:
        words.layouts.append(Layouts(words))
    return words.layouts[0]
