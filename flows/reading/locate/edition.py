"""Which edition of the form a file is, and so what it misses: rows that were deleted, or that it never had.

A form says on its hidden sheet which codes it was made with. Where that is lost, what it prints tells: the numbers of
its rows, without a gap where none was deleted, and the list of its tables on the cover with the size of each.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from flows.reading.grid import Sheet
from flows.reading.locate.claims import hidden_claims
from flows.reading.locate.list_heads import texts_of
from flows.reading.locate.pages import Page
from flows.reading.locate.vocabulary import Words, plain, shortened
from flows.reading.records import Wanted, WantedForm
from schemas.findings import Finding

SEPARATOR = ";"
"""Between and behind the codes that a form was made with: no single code stands there as one of the form's marks."""
SIZE = re.compile(r"([0-9]{1,6})个指标|有几个填几行|供查阅")
"""How the cover says how much there is to fill in."""
_MOST_NEW = 60
_LONGEST_STAMP = 1 << 12
"""Characters of a stamp that is remembered; the sample's have 100 (2026-11)."""


@dataclass(frozen=True)
class Edition:
    """What a file says of the form it was made from.

    `codes` are those of its stamp, None where that is lost. `sizes` are the tables that its cover names, with the
    indicators of each; 0 for a list. `rows` are the printed numbers of each sheet's rows.
    """

    codes: frozenset[str] | None
    sizes: Mapping[str, int]
    rows: Mapping[str, Sequence[int]]

    def newer(self, code: str) -> bool:
        """Whether the stamp says that the form never had this code."""
        return self.codes is not None and code not in self.codes

    def had_table(self, name: str) -> bool | None:
        """Whether the form had a table of that name; None where nothing tells."""
        return any(said.startswith(plain(name)) for said in self.sizes) if self.sizes else None

    def size(self, name: str) -> int | None:
        """How many indicators the cover says that the table has."""
        said = [said for said in self.sizes if said.startswith(plain(name))]
        return self.sizes[min(said, key=len)] or None if said else None


UNTOLD = Edition(None, {}, {})
"""Of a file that says nothing of it."""


def edition_of(pages: Sequence[Page], wanted: Wanted) -> Edition:
    """What the file's pages say of the form that they were made from."""
    stamps = hidden_claims(pages).get("codes")
    codes = frozenset[str]().union(*map(_codes, stamps)) if stamps else None
    rows: dict[str, list[int]] = {}
    for page in pages:
        for name, numbers in page.known.numbers if page.known else numbered(page, wanted):
            rows.setdefault(name, []).extend(numbers)
    told = (size for page in pages for size in (page.known.sizes if page.known else sizes(page)))
    return Edition(codes, dict(told), rows)


def _codes(stamp: str) -> frozenset[str]:
    """The codes that a form says it was made with; the forms of a year say the same."""
    return _known_codes(stamp) if len(stamp) <= _LONGEST_STAMP else _known_codes.__wrapped__(stamp)


@lru_cache(64)
def _known_codes(stamp: str) -> frozenset[str]:
    return frozenset(plain(code) for code in stamp.split(SEPARATOR)) - {""}


def numbered(page: Page, wanted: Wanted) -> Iterator[tuple[str, list[int]]]:
    """The printed numbers of a page's rows, by the form's table that they are of."""
    for table in page.tables if page.asks else ():
        for name in sorted({wanted.indicators[role.what].sheet for _, _, role in table.codes}) or [page.sheet.name]:
            yield name, list(_numbers(page.sheet, table.column("number"), table.last, table.end))


def _numbers(sheet: Sheet, column: int | None, last: int, end: int) -> Iterator[int]:
    if not column:
        return
    for row in sheet.filled(last + 1, end):
        text = plain(sheet.cell(row, column)[0])
        if re.fullmatch("[0-9]{1,4}", text):
            yield int(text)


def sizes(page: Page) -> Iterator[tuple[str, int]]:
    """The cover's lines that name a table and say how much there is to fill in."""
    for row in page.sheet.filled(page.sheet.top, page.sheet.bottom + 1) if not page.asks else ():
        texts = [plain(text) for _, text in texts_of(page.sheet, row)]
        if len(texts) > 1 and (size := next(filter(None, map(SIZE.fullmatch, texts[1:])), None)):
            yield texts[0], int(size[1] or 0)


def missing(
    form: WantedForm, seen: Collection[str], pages: Sequence[Page], edition: Edition, words: Words
) -> Iterator[Finding]:
    """Rows and sheets of the form that are gone, and those that it never had, grouped by sheet."""
    wanted, asked = words.wanted, dict[str, list[str]]()
    for code in form.indicators:
        asked.setdefault(wanted.indicators[code].sheet, []).append(code)
    present = {plain(page.sheet.name) for page in pages if page.tables}
    for sheet, codes in asked.items():
        lost = [code for code in codes if code not in seen]
        whole = len(lost) == len(codes) and plain(sheet) not in present
        newer = _newer(lost, codes, sheet, whole, edition, wanted)
        if newer:
            told = [f"{words.shown(code)} {words.told(code)}" for code in newer]
            yield form_old("" if whole else sheet, newer[0], sheet, told)
        deleted = [code for code in lost if code not in newer]
        if deleted and whole:
            yield Finding("SHEET_MISSING", raw=sheet, details={"count": str(len(deleted))})
        elif deleted:
            names = shortened([f"{words.shown(code)} {words.told(code)}" for code in deleted])
            yield Finding("INDICATOR_MISSING_ROW", sheet, indicator=deleted[0], raw=sheet, details={"names": names})


def form_old(sheet: str, code: str, raw: str, names: Sequence[str]) -> Finding:
    """That the form is older than what is asked now: these were added since, beginning with this code."""
    return Finding("FORM_OLD", sheet, indicator=code, raw=raw, details={"names": shortened(names, _MOST_NEW)})


def _newer(
    lost: Sequence[str], codes: Sequence[str], sheet: str, whole: bool, edition: Edition, wanted: Wanted
) -> list[str]:
    """Those of the lost indicators that the form never had: by its stamp, or all of them by what it prints."""
    if not lost or edition.codes is not None:
        return [code for code in lost if edition.newer(code)]
    since_now = all(wanted.indicators[code].new for code in lost)
    if whole:
        had = edition.had_table(sheet)
        return list(lost) if (since_now if had is None else not had) else []
    numbers, size = sorted(edition.rows.get(sheet, ())), edition.size(sheet)
    if not numbers:
        return list(lost) if since_now else []
    without_gap = numbers == list(range(1, len(numbers) + 1))
    within = codes.index(lost[0]) < len(codes) - len(lost)
    untouched = without_gap and (len(numbers) == size if size else since_now or within)
    return list(lost) if untouched else []
