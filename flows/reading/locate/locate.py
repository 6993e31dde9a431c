"""Locate: a workbook's sheets to identity, cover, raw answers, list rows and problems.

Everything is found by codes and words, never by position. What cannot be told for certain is a finding at the cell
and gives no answer; nothing is guessed.
"""

from collections.abc import Sequence

from flows.reading.grid import Book, address
from flows.reading.locate.claims import claim, hidden_claims
from flows.reading.locate.coded import coded_rows
from flows.reading.locate.edition import edition_of, missing
from flows.reading.locate.filled import not_a_form, read_filled
from flows.reading.locate.layouts import layouts_of
from flows.reading.locate.lists import read_lists
from flows.reading.locate.outside import outside
from flows.reading.locate.pages import Page, page_of
from flows.reading.locate.reasons import take_reasons
from flows.reading.locate.table_rows import Found, read_page
from flows.reading.locate.vocabulary import Words, plain
from flows.reading.records import Answer, Reading, WantedForm
from schemas.findings import Finding

_DISORDER = ("CODE_NAME_CONFLICT", "COLUMN_UNCLEAR")
"""What makes of a sheet's other contents no notes, but the disorder itself."""


def locate(book: Book, words: Words, reading: Reading) -> Reading:
    """Fill in the reading of one workbook. A workbook without any code gives one finding and nothing else."""
    if filled := read_filled(book, words, reading):
        return filled
    layouts = layouts_of(words)
    pages = [layouts.page_of(sheet) for sheet in book.sheets]
    kind = _kind(pages, book, words)
    reading.format, reading.sheets = book.format, book.names
    if kind is None:
        reading.findings = [not_a_form(book, words, reading)]
        return reading
    reading.kind, form = kind, words.wanted.forms[kind]
    if (rest := words.wanted.rest.get(kind)) and not _asks_more(pages, form, rest, words):
        reading.rest, form = True, rest
    whose = kind, reading.rest
    pages = [page if page.known is None or page.known.form == whose else page_of(page.sheet, words) for page in pages]
    claim(pages, book, words, reading)
    seen = _answer(pages, form, words, reading)
    edition = edition_of(pages, words.wanted)
    reading.findings += missing(form, seen, pages, edition, words)
    tables = [table for page in pages if page.asks for table in page.lists]
    reading.list_cells, problems = read_lists(tables, form, words, set(map(plain, book.names)), edition)
    reading.findings += problems
    take_reasons(pages, reading)
    disordered = {finding.sheet for finding in reading.findings if finding.code in _DISORDER}
    unknown = [page for page in pages if page.known is None]
    reading.findings += outside([page for page in unknown if page.sheet.name not in disordered], form, words)
    layouts.learn(unknown, form, whose)
    return reading


def _told(pages: Sequence[Page], form: WantedForm, words: Words) -> set[str]:
    """The indicators that are found if it is this form."""
    asked = set(form.indicators)
    tables = [(page, table) for page in pages for table in page.tables]
    return {role.what for page, table in tables for _, _, role in coded_rows(page, table, asked, words)}


def _asks_more(pages: Sequence[Page], form: WantedForm, rest: WantedForm, words: Words) -> bool:
    """Whether it asks anything of the form that the rest does not."""
    asking = [page for page in pages if page.asks]
    found = _told(asking, form, words) | {table.code for page in asking for table in page.lists}
    return bool(found.intersection((*form.indicators, *form.lists)) - {*rest.indicators, *rest.lists})


def _kind(pages: Sequence[Page], book: Book, words: Words) -> str | None:
    """Which form it is: as its hidden identity says when any of its codes are there, else by most of its codes."""
    asking = [page for page in pages if page.asks]
    found = {code for page in asking for _, _, role in page.marks.get("code", ()) for code in words.codes[role.what]}
    found.update(table.code for page in asking for table in page.lists)

    def share(kind: str) -> int:
        form = words.wanted.forms[kind]
        told = _told(asking, form, words) if words.alike else found
        return len(told.intersection(form.indicators)) + len(found.intersection(form.lists))

    for claimed in (*hidden_claims(pages).get("kind", ()), book.properties.get("kind", "")):
        if claimed in words.wanted.forms and share(claimed):
            return claimed
    shares = {kind: share(kind) for kind in words.wanted.forms}
    best = max(shares, key=lambda kind: shares[kind], default=None)
    return best if best is not None and shares[best] else None


def _answer(pages: Sequence[Page], form: WantedForm, words: Words, reading: Reading) -> set[str]:
    """Answer the form's indicators, or say why none is certain; gives those whose rows there are."""
    asked, found, unclear, added = set(form.indicators), Found(), dict[str, str](), list[Finding]()
    for page in pages:
        if page.known:
            for answer in page.known.answers(page.sheet):
                found.setdefault(answer.indicator, []).append(answer)
        else:
            added += read_page(page, asked, words, found, unclear)
    for code in form.indicators:
        places = found.get(code)
        if places and len(places) == 1 and isinstance(answer := places[0], Answer):
            reading.answers.append(answer)
        elif places:
            _settle(places, words, reading)
    reading.findings = [*added, *_grouped(reading.findings)]
    headless = dict.fromkeys(sheet for code, sheet in unclear.items() if code not in found)
    reading.findings += (Finding("COLUMN_UNCLEAR", sheet=sheet) for sheet in headless)
    return found.keys() | unclear.keys()


def _settle(places: Sequence[Answer | Finding], words: Words, reading: Reading) -> None:
    """An indicator found in several places: the same value twice is no fault, anything else is."""
    problems = [place for place in places if isinstance(place, Finding)]
    answers = [place for place in places if isinstance(place, Answer)]
    if problems:
        reading.findings += problems
    elif len({plain(answer.raw) for answer in answers}) == 1:
        reading.answers.append(answers[0])
    else:
        first, second = answers[:2]
        told = "、".join(f"“{a.sheet}”{address(a.row, a.col)} 为“{a.raw}”" for a in answers)
        details = {"name": words.told(first.indicator), "indicator": words.shown(first.indicator), "places": told}
        place = address(second.row, second.col)
        reading.findings.append(Finding("INDICATOR_TWICE", second.sheet, place, first.indicator, second.raw, details))


def _grouped(findings: Sequence[Finding]) -> list[Finding]:
    """One finding per sheet for moved codes, and one per merged area: each has one cause."""
    firsts: dict[tuple[str, str, str], Finding] = {}
    kept = []
    for finding in {id(finding): finding for finding in findings}.values():
        merged = finding.code == "VALUES_MERGED"
        first = finding
        if merged or finding.code == "CODE_NAME_CONFLICT":
            first = firsts.setdefault((finding.code, finding.sheet, finding.cell if merged else ""), finding)
        if first is finding:
            kept.append(finding)
        elif not merged:
            first.details["names"] += "；" + finding.details["names"]
    return kept
