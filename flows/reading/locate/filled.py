"""Read a filled copy of an adopted form, whoever made it: recognised by what it prints, each answer told by its labels.

One workbook may hold several copies, a sheet for each village, or one wide sheet with a row for each: then its reading
has parts, one per unit, and nothing else. What cannot be placed for certain is a finding and gives no answer.
"""

from collections.abc import Iterator, Sequence

import msgspec

from flows.reading.grid import Book
from flows.reading.locate.copied import CopiedSheet, read_sheet
from flows.reading.locate.lists import read_lists
from flows.reading.locate.printed import PrintedForm, Texts, forms_of
from flows.reading.locate.reasons import joined
from flows.reading.locate.recognised import AN_EDITION, THE_FORM, Copy, Recognised, recognise
from flows.reading.locate.rows_of_units import read_rows
from flows.reading.locate.vocabulary import Words, plain, shortened
from flows.reading.records import Reading, WantedForm
from schemas.findings import Finding

_OURS = ("kind", "form_version", "unit_code")
"""The properties by which a form that this program made is known."""
_OUR_SHEET = "_cunhui"


def read_filled(book: Book, words: Words, reading: Reading) -> Reading | None:
    """The reading of a workbook that is a filled copy of adopted forms; None when it is of none."""
    if not words.wanted.adopted or _is_ours(book):
        return None
    found = recognise(book, list(forms_of(words)))
    if not found or found[0].share < AN_EDITION:
        return None
    reading.format, reading.sheets = book.format, book.names
    every = [_read_form(each, words, msgspec.structs.replace(reading)) for each in found]
    readings = [each for each in every if each.parts or _says_anything(each)] or every[:1]
    if len(readings) == 1:
        readings[0].part = ""
        return readings[0]
    reading.parts = [part for each in readings for part in (each.parts or [each])]
    if not any(each.parts for each in readings):
        _share_identity(reading.parts)
    return reading


def _read_form(found: Recognised, words: Words, reading: Reading) -> Reading:
    """What the workbook's copies of one form say: one unit, or parts."""
    reading.adopted = reading.form_version = found.form.form.sha256
    reading.kind = _kind(found.form, words)
    parts = [part for copy in found.copies for part in _parts(copy, found, words, reading)]
    filled = [part for part in parts if _says_anything(part)] or parts[:1]
    if len(filled) == 1 and not _has_rows(found.form):
        _take_reasons(found, filled)
        filled[0].findings += _beside(found)
        return filled[0]
    if not filled or (_has_rows(found.form) and not _says_anything(filled[0])):
        reading.findings = [Finding("AREA_BLANK", raw=found.form.form.name), *_beside(found)]
        return reading
    _take_reasons(found, filled)
    reading.parts = filled
    reading.parts[0].findings += _beside(found)
    return reading


def _share_identity(parts: Sequence[Reading]) -> None:
    """The forms of one unit in one file: what each says of whose and of when it is, is said of all."""
    whose, when, who = {}, {}, {}
    for part in parts:
        for said, own in ((whose, part.identity), (when, part.years)):
            for source, claims in own.items():
                said[source] = list(dict.fromkeys([*said.get(source, ()), *claims]))
        who = part.cover | who
    for number, part in enumerate(parts):
        part.identity, part.years, part.cover, part.of_one = whose, when, who | part.cover, True
        part.part = part.part if number else ""


def not_a_form(book: Book, words: Words, reading: Reading) -> Finding:
    """What is told of a workbook that is no form at all: which adopted form it is most like, where there is any."""
    found = recognise(book, list(forms_of(words)))
    if not found:
        return Finding("FILE_NOT_A_FORM", details={"file": reading.file})
    details = {"file": reading.file, "name": found[0].form.form.name, "value": f"{100 * found[0].share:.0f}%"}
    return Finding("FILE_OTHER_FORM", details=details)


def _is_ours(book: Book) -> bool:
    return any(key in book.properties for key in _OURS) or _OUR_SHEET in book.names


def _kind(form: PrintedForm, words: Words) -> str:
    """Whose form it is: that of whoever is asked most of its indicators."""
    asked = {
        kind: len(form.codes.intersection(one.indicators)) + len(form.lists.intersection(one.lists))
        for kind, one in words.wanted.forms.items()
    }
    return max(asked, key=lambda kind: asked[kind], default="")


def _has_rows(form: PrintedForm) -> bool:
    """Whether it has a row for each unit."""
    return any(block.orientation == "wide" for sheet in form.form.sheets for block in sheet.blocks)


def _says_anything(part: Reading) -> bool:
    return any(answer.kind != "blank" for answer in part.answers) or any(
        cell.kind != "blank" for cell in part.list_cells
    )


def _parts(copy: Copy, found: Recognised, words: Words, whole: Reading) -> Iterator[Reading]:
    """One reading per unit of a copy."""
    sheets = [CopiedSheet(printed, texts) for printed, texts in copy.sheets if texts]
    name = sheets[0].sheet.name if sheets else ""
    base = msgspec.structs.replace(whole, part=f"{name}!", answers=[], list_cells=[], findings=[], parts=[])
    base.identity, base.years, base.cover = {}, {}, {}
    if len(found.copies) > 1:
        base.identity["工作表"] = [name]
    for printed, texts in copy.sheets:
        if texts is None:
            details = {"count": str(sum(len(block.answers) for block in printed.about.blocks))}
            base.findings.append(Finding("SHEET_MISSING", raw=printed.about.name, details=details))
    for sheet in sheets:
        read_sheet(sheet, words, base)
    tables = [table for sheet in sheets for table in sheet.lists]
    if tables or found.form.lists:
        form = WantedForm((), tuple(sorted(found.form.lists)))
        base.list_cells, problems = read_lists(tables, form, words, set(map(plain, whole.sheets)))
        base.findings += problems
    base.findings += _differences(copy, sheets, found)
    rows = [row for sheet in sheets for row in read_rows(sheet, words, base)]
    yield from rows if _has_rows(found.form) else [base]


def _differences(copy: Copy, sheets: Sequence[CopiedSheet], found: Recognised) -> Iterator[Finding]:
    """In what a copy differs from the form: another edition of it must be confirmed, a word changed is only said."""
    size = sum(printed.size for printed, _ in copy.sheets) or 1
    is_edition = copy.found < THE_FORM * size
    for sheet in sheets:
        gone, added = sheet.printed.missing(sheet.texts), [text for _, _, text in sheet.added] if is_edition else []
        told = [f"没有“{text[:20]}”" for text in gone] + [f"多了“{text[:20]}”" for text in added]
        if gone:
            first = next((answer.code for block in sheet.printed.about.blocks for answer in block.answers), "")
            details = {"name": found.form.form.name, "count": str(len(told)), "differing": shortened(told, 8)}
            grade = None if is_edition else "提示"
            yield Finding("FORM_EDITION", sheet.sheet.name, indicator=first, details=details, grade=grade)


def _beside(found: Recognised) -> Iterator[Finding]:
    """Sheets beside the form that say anything: nothing of them is taken."""
    for texts in found.beside:
        if texts.keys and texts.sheet.visible and not _tells(texts):
            (row, column), _ = next(iter(texts.keys.items()))
            raw = texts.sheet.cell(row, column)[0].strip()[:40]
            yield Finding("EXTRA_NOTE", texts.sheet.name, raw=raw)


def _take_reasons(found: Recognised, parts: Sequence[Reading]) -> None:
    """Join the reasons written in front of a returned copy to the answers they are about; of several units by 村名."""
    for texts in filter(_tells, found.beside):
        head = texts.places["指标"][0][0]
        columns = {key: column for (row, column), key in texts.keys.items() if row == head}
        for row in texts.sheet.filled(head + 1, texts.sheet.bottom + 1):
            subject = texts.sheet.cell(row, columns["指标"])[0].split()
            reason = texts.sheet.remark(row, columns["情况说明"])
            whose = plain(texts.sheet.cell(row, columns["村名"])[0]) if "村名" in columns else ""
            for part in parts if subject and reason else ():
                said = {plain(word) for words in part.identity.values() for word in words}
                if whose in said or not part.part:
                    for answer in part.answers:
                        if answer.indicator == subject[0]:
                            answer.explanation = joined(answer.explanation, [reason])


def _tells(texts: Texts) -> bool:
    """Whether it is the sheet that a returned form has in front."""
    return all(head in texts.places for head in ("序号", "指标", "情况说明"))
