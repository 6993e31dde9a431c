"""What a sheet has in common with its copies, found out by filling it in otherwise.

What locating finds on a copy does not depend on what the holes hold, but for the answers themselves: a layout is given
only where filling them with each of several things changes nothing, and where nothing at all is wrong with the sheet.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter

from flows.reading.grid import Sheet
from flows.reading.locate.claims import stamped
from flows.reading.locate.edition import numbered, sizes
from flows.reading.locate.known import Asked, Form, Known
from flows.reading.locate.layout import Layout, Owner, cells_of, is_plain, names_owner, shape_of, within
from flows.reading.locate.list_heads import ListTable
from flows.reading.locate.lists import read_lists
from flows.reading.locate.outside import outside
from flows.reading.locate.pages import Page, page_of
from flows.reading.locate.table_rows import Found, read_page
from flows.reading.locate.vocabulary import Words, labelled
from flows.reading.losses.lost import Lost
from flows.reading.records import Answer, WantedForm

Place = tuple[int, int]
_FILLERS = (("", ""), (1.0, ""), ("某", "某"), ("", "某"))
"""What is put into the holes on trial, and beside the figures as reasons: nothing, a figure, words."""


def layout_of(sheet: Sheet, form: WantedForm, whose: Form, words: Words) -> Layout | None:
    """What a sheet has in common with its copies; None where what it says might depend on what is filled in."""
    page = page_of(sheet, words)
    known = None if words.in_figures or not (sheet.rows and is_plain(sheet)) else _known(page, form, whose, words)
    if known is None:
        return None
    notes = {(one.row, one.note) for one in known.asked if one.note}
    figures = {(one.row, column) for one in known.asked for column in (one.column, one.last) if column}
    holes = {place for place in (*figures, *notes, *_behind_labels(page)) if within(sheet, *place)}
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
    cells, width = cells_of(sheet), len(sheet.rows[0])
    end = len(cells) - 1

    def number(row: int, column: int) -> int:
        return (row - sheet.top) * width + column - sheet.left if within(sheet, row, column) else end

    empty = sorted({number(*place) for place in holes})
    full = sorted(set(range(end)).difference(empty, (number(*owner[:2]) for owner in owners)))
    own = itemgetter(*full, end, end)
    printed = own(cells)
    reasons = [(number(one.row, one.column), number(one.row, one.note)) for one in known.asked if one.note]
    bare = Sheet("", True, 1, 1, [], Lost())
    lists = [replace(table, sheet=bare, empty=_is_empty(table, words)) for table in page.lists]
    page = replace(page, sheet=bare, lists=lists, known=known, explaining=page.explains)
    typed = itemgetter(*(one for one in full if cells[one].__class__ is not str), end, end)
    types = tuple(map(type, typed(cells)))
    holes_of = itemgetter(*empty, end, end)
    return Layout(shape_of(sheet), sheet.looks.merges, own, printed, typed, types, holes_of, reasons, owners, page)


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
        if row < first and value and before[-1:] in ("：", ":") and names_owner(role.what, owner, words):
            yield owner
