"""Sheets that print the same: a form's sheet is located once, and its other copies by what they share with it.

A layout is a sheet with holes: the cells of its answers, and those behind its labels. Another sheet is a copy when it
is equal everywhere else and its holes hold nothing that could be more than an entry (see `harmless`). What locating
finds on a sheet does then not depend on what the holes hold, but for the answers themselves: a layout is kept only
where filling its holes with each of several things changes nothing, and where nothing at all is wrong with the sheet.
Whatever is not certain, or not equal, is located as if nothing were known.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from flows.reading.grid import INVISIBLE, Merge, Sheet
from flows.reading.locate.claims import stamped
from flows.reading.locate.edition import SIZE, numbered, sizes
from flows.reading.locate.known import Asked, Form, Known
from flows.reading.locate.lines import MARKS, is_stamp
from flows.reading.locate.list_heads import ListTable
from flows.reading.locate.lists import read_lists
from flows.reading.locate.outside import outside
from flows.reading.locate.pages import Page, page_of
from flows.reading.locate.table_rows import Found, read_page
from flows.reading.locate.vocabulary import LONGEST, MOST_KNOWN, Role, Words, labelled, plain
from flows.reading.losses.lost import Lost
from flows.reading.records import Answer, WantedForm

Place = tuple[int, int]
MOST_ALIKE = 4
"""Layouts kept of sheets of one name; a township has one, while a new edition of the form comes in two."""
MOST_NAMES = 200
"""Names of sheets that are remembered; the sample's forms have 19 (2026-11)."""
LARGEST = 2_000
"""Cells of a sheet that is remembered; a form's largest spans 273 (2026-11)."""
FIRST_TRIALS, SEEN_PER_TRIAL = 100, 16
"""Sheets that are tried at once, and how many must have come for each one more: a trial costs six readings of it."""
_FILLERS = (("", ""), (1.0, ""), ("某", "某"), ("", "某"))
"""What is put into the holes on trial, and beside the figures as reasons: nothing, a figure, words."""
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
        if _shape(sheet) != self.shape or sheet.looks.merges != self.merges or not _is_plain(sheet):
            return None
        cells = _cells(sheet)
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
        if not all(_names_owner(texts[owner[:2]], owner, words) for owner in self.owners):
            return None
        if texts:
            marks = marks.copy()
            marks["label"] = [
                (row, column, Role("label", str(texts.get((row, column), role.what))))
                for row, column, role in self.page.marks["label"]
            ]
        return replace(self.page, sheet=sheet, marks=marks, lists=lists)


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


def layout_of(sheet: Sheet, form: WantedForm, whose: Form, words: Words) -> Layout | None:
    """What a sheet has in common with its copies; None where what it says might depend on what is filled in."""
    page = page_of(sheet, words)
    known = None if words.in_figures or not (sheet.rows and _is_plain(sheet)) else _known(page, form, whose, words)
    if known is None:
        return None
    notes = {(one.row, one.note) for one in known.asked if one.note}
    figures = {(one.row, column) for one in known.asked for column in (one.column, one.last) if column}
    holes = {place for place in (*figures, *notes, *_behind_labels(page)) if _within(sheet, *place)}
    owners = list(_owners(page, words))
    layout = _layout(sheet, page_of(sheet, words), known, holes, owners, words)
    named = {owner[:2]: f"{owner.before}某某村" for owner in owners}
    trials = (
        _filled(sheet, {place: reason if place in notes else filler for place in holes} | named)
        for filler, reason in _FILLERS
    )
    return layout if all(_holds(layout, trial, form, whose, words) for trial in (sheet, *trials)) else None


def _holds(layout: Layout, sheet: Sheet, form: WantedForm, whose: Form, words: Words) -> bool:
    """Whether a copy is told to be one, and the same is found on it as without the layout."""
    copied, found = layout.copied(sheet, words), page_of(sheet, words)
    if copied is None or replace(copied, known=None, lists=found.lists) != found:
        return False
    if copied.lists != [replace(table, empty=_is_empty(table, words)) for table in found.lists]:
        return False
    return _known(found, form, whose, words) == copied.known


def _layout(
    sheet: Sheet, page: Page, known: Known, holes: Collection[Place], owners: Sequence[Owner], words: Words
) -> Layout:
    """Where the holes are among a sheet's cells, and what is printed elsewhere."""
    cells, width = _cells(sheet), len(sheet.rows[0])
    end = len(cells) - 1

    def number(row: int, column: int) -> int:
        return (row - sheet.top) * width + column - sheet.left if _within(sheet, row, column) else end

    empty = sorted({number(*place) for place in holes})
    full = sorted(set(range(end)).difference(empty, (number(*owner[:2]) for owner in owners)))
    own = itemgetter(*full, end, end)
    printed = own(cells)
    reasons = [(number(one.row, one.column), number(one.row, one.note)) for one in known.asked if one.note]
    bare = Sheet("", True, 1, 1, [], Lost())
    lists = [replace(table, sheet=bare, empty=_is_empty(table, words)) for table in page.lists]
    page = replace(page, sheet=bare, lists=lists, known=known)
    typed = itemgetter(*(one for one in full if cells[one].__class__ is not str), end, end)
    types = tuple(map(type, typed(cells)))
    holes_of = itemgetter(*empty, end, end)
    return Layout(_shape(sheet), sheet.looks.merges, own, printed, typed, types, holes_of, reasons, owners, page)


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


def _names_owner(text: object, owner: Owner, words: Words) -> bool:
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


def _shape(sheet: Sheet) -> tuple:
    width = len(sheet.rows[0]) if sheet.rows else 0
    return sheet.name, sheet.visible, sheet.top, sheet.left, len(sheet.rows), width


def _cells(sheet: Sheet) -> list:
    return [*chain.from_iterable(sheet.rows), ""]


def _is_plain(sheet: Sheet) -> bool:
    """Whether every cell holds what the fast reader says, looks like nothing else, and bears no comment."""
    looks = sheet.looks
    return not (sheet.lost or looks.struck or looks.partly or looks.otherwise or looks.worded or looks.comments)


def _within(sheet: Sheet, row: int, column: int) -> bool:
    return sheet.top <= row <= sheet.bottom and sheet.left <= column <= sheet.right


def _known(page: Page, form: WantedForm, whose: Form, words: Words) -> Known | None:
    """What is found on a page as part of a form; None where anything is wrong with it, or unusual."""
    found: Found = {}
    unclear: dict[str, str] = {}
    asked = set(form.indicators)
    if read_page(page, asked, words, found, unclear) or unclear or any(table.unasked for table in page.tables):
        return None
    if any(head in table.heads for heads in words.periods.values() for head in heads for table in page.tables):
        return None
    notes = {row: table.column("note") or 0 for table in page.tables for row, _, _ in table.codes}
    rows = []
    for code, places in found.items():
        answer = places[0]
        if len(places) > 1 or not isinstance(answer, Answer) or answer.row in page.sheet.spans:
            return None
        rows.append(Asked(code, answer.row, answer.col, answer.last_col, notes[answer.row]))
    if any(True for _ in outside([page], form, words)):
        return None
    numbers = tuple((name, tuple(said)) for name, said in numbered(page, words.wanted))
    return Known(whose, tuple(rows), tuple(stamped(page)), numbers, tuple(sizes(page)))


def _is_empty(table: ListTable, words: Words) -> bool:
    """Whether a list has no entry and no fault, whatever edition of the form it is of."""
    only = WantedForm((), (table.code,))
    return not table.missing and read_lists([table], only, words, set()) == ([], [])


def _filled(sheet: Sheet, values: Mapping[Place, object]) -> Sheet:
    rows = [list(row) for row in sheet.rows]
    for (row, column), value in values.items():
        rows[row - sheet.top][column - sheet.left] = value
    return Sheet(sheet.name, sheet.visible, sheet.top, sheet.left, rows, Lost(merges=list(sheet.looks.merges)))


def _behind_labels(page: Page) -> Iterator[Place]:
    """The cells to the right of a cover's labels that have nothing behind them in their own cell."""
    marks = page.marks.get("label", ()) if not page.asks else ()
    said = {(row, column) for kind in page.marks.values() for row, column, _ in kind}
    for row, column, role in marks:
        if not labelled(role.what, page.labels)[-1][1]:
            free = (other for other in range(column + 1, page.sheet.right + 1) if not page.sheet.covered(row, other))
            place = next(free, 0)
            if place and (row, place) not in said:
                yield row, place


def _owners(page: Page, words: Words) -> Iterator[Owner]:
    """The labels above every table that have a name behind them."""
    first = min([page.first_row, *(table.top for table in page.lists)])
    for row, column, role in page.marks.get("label", ()):
        label, value = labelled(role.what, words.labels)[0]
        before = role.what.removesuffix(value)
        owner = Owner(row, column, label, before)
        if row < first and value and before[-1:] in ("：", ":") and _names_owner(role.what, owner, words):
            yield owner
