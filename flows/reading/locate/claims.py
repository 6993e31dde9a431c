"""Whose a workbook says it is, for which year, and who filled it in: claims with their source, judged elsewhere."""

from collections.abc import Iterator, Sequence

from flows.reading.grid import Book
from flows.reading.locate.lines import is_stamp
from flows.reading.locate.list_heads import texts_of
from flows.reading.locate.pages import Page
from flows.reading.locate.vocabulary import LONGEST, Words, labelled, year_of
from flows.reading.records import Reading

HIDDEN, PROPERTIES, COVER, HEAD, STAMP = "隐藏表", "文件属性", "封面", "表头", "落款"
MOST_CLAIMS = 50
"""What one source can say of a unit or a year; the parent weighs every one against every unit."""
PEOPLE = ("填表人", "审核人", "联系电话", "填表日期", "单位负责人", "统计负责人", "报出日期")


def hidden_claims(pages: Sequence[Page]) -> dict[str, list[str]]:
    """What the hidden identity sheet says, by key; where it was copied, it may say two things."""
    claims: dict[str, list[str]] = {}
    for page in pages:
        for row, column, role in page.marks.get("key", ()) if not page.tables else ():
            value = page.sheet.cell(row, column + 1)[0].strip()
            if value:
                claims.setdefault(role.what, []).append(value)
    return claims


def claim(pages: Sequence[Page], book: Book, words: Words, reading: Reading) -> None:
    """Put every claim about unit and year, and the people named on cover or foot, into the reading."""
    hidden = hidden_claims(pages)
    for source, said in ((HIDDEN, hidden), (PROPERTIES, {key: [value] for key, value in book.properties.items()})):
        _add(reading.identity, source, said.get("unit_code", []) + said.get("unit_name", []))
        _add(reading.years, source, said.get("year", []))
        reading.form_version = reading.form_version or next(iter(said.get("form_version", [])), "")
    covers = [page for page in pages if not page.asks]
    for page in (*covers, *(page for page in pages if page.asks)):
        source, first_row = (HEAD if page.asks else COVER), 0 if page.explains else page.first_row
        for row, label, value in _labelled(page, words.labels):
            if label in PEOPLE or label in words.fields:
                reading.cover.setdefault(label, value)
            elif row < first_row:
                _add(reading.years if label == "年度" else reading.identity, source, [value])
        if stamps := page.known.stamps if page.known else list(stamped(page)):
            _add(reading.identity, STAMP, stamps)


def stamped(page: Page) -> Iterator[str]:
    """Whose stamp is said to stand on a sheet: 东湖村村民委员会（盖章）."""
    sheet = page.sheet
    for row in sheet.filled(sheet.top, sheet.bottom + 1) if page.asks or page.covers else ():
        for _, text in texts_of(sheet, row):
            if len(text) <= LONGEST and is_stamp(text):
                yield text.strip()


def _add(claims: dict[str, list[str]], source: str, values: Sequence[str]) -> None:
    for value in values:
        here = claims.setdefault(source, [])
        if value and value[:LONGEST] not in here and len(here) < MOST_CLAIMS:
            here.append(value[:LONGEST])


def _labelled(page: Page, labels: tuple[str, ...]) -> Iterator[tuple[int, str, str]]:
    """Labels with their values, behind the label in its cell or in the first filled cell to its right; and years.

    A year behind the head of values, 本年数（2023年）, stands above its table wherever the head is.
    """
    for row, column, role in page.marks.get("label", ()):
        pairs = labelled(role.what, labels)
        for number, (label, value) in enumerate(pairs, start=1):
            if not value and number == len(pairs):
                value = _to_the_right(page, row, column, label)
            if value:
                yield row, label, value
    for row, _, role in page.marks.get("year", ()):
        yield row, "年度", role.what
    for _, _, role in page.marks.get("head", ()):
        if year_of(role.of):
            yield 0, "年度", role.of


def _to_the_right(page: Page, row: int, column: int, label: str) -> str:
    """The first filled cell, unless it is another label, or a year where none was asked for."""
    others = [*page.marks["label"], *(page.marks.get("year", ()) if label != "年度" else ())]
    for other, raw in page.sheet.beyond(row, column):
        if any(mark[0] == row and mark[1] == other for mark in others):
            return ""
        if shown := raw.strip():
            return shown
    return ""
