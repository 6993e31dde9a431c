"""One sheet of a filled copy of an adopted form: its answers, whose it is, and what stands where nothing is asked."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from flows.reading.grid import address
from flows.reading.locate.aligned import Aligned, Unplaced
from flows.reading.locate.claims import HEAD, PEOPLE
from flows.reading.locate.list_heads import ListTable
from flows.reading.locate.printed import PrintedSheet, Texts, key_of, label_word
from flows.reading.locate.sentences import answers_of
from flows.reading.locate.vocabulary import Words, bare_unit, plain, shortened, year_of
from flows.reading.records import Answer, Reading
from schemas.adopted import AdoptedAnswer, AdoptedBlock, IdentityCell, Place, signature_name
from schemas.findings import Finding

_PEOPLE = {"filler": "填表人", "reviewer": "审核人", "head": "单位负责人", "phone": "联系电话", "date": "填表日期"}
_TICKED = re.compile(r"[☑☒√✓✔■●◉](?:\s*)([^\s□○☐☑☒√✓✔■●◉]+)")
_MEASURE = re.compile(r"(?:计量)?单位[:：].+")
_TITLE_YEAR = re.compile(r"((?:19|20)\d\d)年")
_NOTHING = re.compile(r"[-—–_/\\*\s。.]*|无|没有")
MOST_TOLD = 100
"""Cells quoted of one sheet, as of a list (`list_rows.MOST_OUTSIDE`)."""


class CopiedSheet(Aligned):
    """A copy's sheet with the places that are accounted for: `taken` are those of answers, identity and reasons."""

    def __init__(self, printed: PrintedSheet, texts: Texts) -> None:
        super().__init__(printed, texts)
        self.taken: set[Place] = set()
        self.columns: dict[int, str] = {}
        self.lists: list[ListTable] = []
        self.in_rows: list[tuple[int, int]] = []

    @property
    def added(self) -> list[tuple[int, int, str]]:
        """Texts of the copy that are neither printed by the form nor taken for anything."""
        left: list[tuple[int, int, str]] = []
        for place, key in self.texts.keys.items():
            if place in self.taken or key in self.printed.counts or _NOTHING.fullmatch(key):
                continue
            if not any(first <= place[0] < end for first, end in self.in_rows):
                left.append((*place, self.sheet.cell(*place)[0].strip()))
        return left


def read_sheet(copied: CopiedSheet, words: Words, reading: Reading) -> None:
    """Put everything that the sheet says into the reading of its unit."""
    _identify(copied, words, reading)
    unplaced: list[tuple[AdoptedAnswer, Unplaced]] = []
    aside: list[Finding] = []
    for block in copied.printed.about.blocks:
        if block.orientation == "list":
            _note_list(copied, block, words)
        elif block.orientation == "wide":
            first = copied.head_end(block) + 1
            copied.in_rows.append((first, copied.foot(block, first - 1)))
        elif block.orientation == "sentence":
            place, answers, wrong = answers_of(copied, block)
            copied.taken |= {place} if place else set()
            reading.answers += answers
            reading.findings += wrong
        else:
            reason = copied.label_column(block.reason_column) if block.reason_column else None
            for answer in block.answers:
                place = copied.place_of(answer, block)
                if isinstance(place, Unplaced):
                    unplaced.append((answer, place))
                else:
                    _take(copied, answer, place, reason, words, reading)
    reading.findings += _unplaced(copied, unplaced)
    aside += _asides(copied, reading)
    reading.findings += aside
    reading.findings += _other_measure(copied, reading)
    reading.findings += _outside(copied, {finding.cell for finding in aside})


def _take(
    copied: CopiedSheet, answer: AdoptedAnswer, place: Place, reason: int | None, words: Words, reading: Reading
) -> None:
    """The answer of a cell, or what speaks against it."""
    sheet = copied.sheet
    merge = sheet.merge(*place) if place[0] in sheet.spans else None
    if merge and not _may_span(answer, merge, place):
        names = answer.name.strip()
        reading.findings.append(
            Finding("VALUES_MERGED", sheet.name, address(*merge[:2]), answer.code, details={"names": names})
        )
        return
    copied.taken.add(place)
    copied.columns.setdefault(place[1], answer.code)
    if reason:
        copied.taken.add((place[0], reason))
    if wrong := _other_unit(copied, answer, place[0], words):
        reading.findings.append(wrong)
        return
    reading.answers.append(answered(copied, answer, place, sheet.remark(place[0], reason)))


def answered(copied: CopiedSheet, answer: AdoptedAnswer, place: Place, explanation: str) -> Answer:
    """What stands in the cell, and which choice it means."""
    raw, kind = copied.sheet.answer(*place)
    if answer.holds and not answer.holds.startswith("=") and plain(raw) == plain(answer.holds):
        raw, kind = "", "blank"
    return Answer(answer.code, raw, kind, copied.sheet.name, *place, explanation, meant=_meant(raw, kind, answer))


def _meant(raw: str, kind: str, answer: AdoptedAnswer) -> str:
    """The choice that was written as its number or ticked; '' where the cell says it itself or says something else."""
    if not answer.choices or kind not in ("text", "number"):
        return ""
    choices = {plain(written): choice for written, choice in answer.choices}
    ticked = [plain(words) for words in _TICKED.findall(unicodedata.normalize("NFKC", raw))]
    said = ticked[0] if len(ticked) == 1 else plain(raw)
    return choices.get(said, "")


def _may_span(answer: AdoptedAnswer, merge: tuple[int, int, int, int], place: Place) -> bool:
    """Whether the merged area is the answer's own: it begins there and is no larger than on the form."""
    bottom, right = answer.merge or answer.place
    height, width = bottom - answer.place[0], right - answer.place[1]
    return merge[:2] == place and merge[2] - merge[0] <= height and merge[3] - merge[1] <= width


def _other_unit(copied: CopiedSheet, answer: AdoptedAnswer, row: int, words: Words) -> Finding | None:
    """The unit of measure in its row was changed."""
    for label in answer.row_labels:
        column = copied.label_column(label.place[1]) if label.kind == "unit" else None
        if column is None:
            continue
        if copied.texts.keys.get((row, column)) == label.text:
            continue
        said = copied.sheet.shown(row, column)
        if bare_unit(said) not in ("", bare_unit(label.text)):
            details = {"name": answer.name.strip(), "unit": label.text.strip()}
            raw = f"计量单位栏改成了“{said}”"
            return Finding("WRONG_UNIT", copied.sheet.name, address(row, column), answer.code, raw, details)
    return None


def _other_measure(copied: CopiedSheet, reading: Reading) -> Iterator[Finding]:
    """The line that says the unit of the whole sheet was changed: no answer of it can be taken as it is."""
    printed = [key for key in copied.printed.counts if _MEASURE.fullmatch(key)]
    gone = [key for key in printed if key not in copied.texts.places]
    for place, key in copied.texts.keys.items() if gone else ():
        if _MEASURE.fullmatch(key) and key not in copied.printed.counts:
            code = next((a.indicator for a in reading.answers if a.sheet == copied.sheet.name), "")
            unit = plain(gone[0]).partition(":")[2]
            details = {"name": copied.printed.about.title or copied.sheet.name, "unit": unit}
            said = f"单位一行改成了“{copied.sheet.cell(*place)[0].strip()}”"
            yield Finding("WRONG_UNIT", copied.sheet.name, address(*place), code, said, details)
            return


def _unplaced(copied: CopiedSheet, unplaced: list[tuple[AdoptedAnswer, Unplaced]]) -> Iterator[Finding]:
    """One finding per cause: rows gone, columns gone, what stands in several places, labels that disagree."""
    by_why: dict[tuple[str, str], list[tuple[AdoptedAnswer, Unplaced]]] = {}
    for answer, why in unplaced:
        row = copied.row_of[answer.place[0]]
        kind = "row" if isinstance(row, Unplaced) else f"column {why.told}"
        by_why.setdefault((why.why, kind), []).append((answer, why))
    for (why, kind), items in by_why.items():
        first, problem = items[0]
        names = shortened([answer.name.strip() for answer, _ in items])
        cell = address(*problem.places[0]) if problem.places else ""
        told = "、".join(address(*place) for _, each in items[:3] for place in each.places) or "—"
        code = {"missing": "INDICATOR_MISSING_ROW" if kind == "row" else "HEAD_MISSING", "several": "PLACE_UNCLEAR"}
        details = {"names": names, "head": problem.told, "places": told}
        if why == "conflict":
            details["names"] = "；".join(f"找不到“{each.told}”这样的一行" for _, each in items[:5])
        yield Finding(
            code.get(why, "CODE_NAME_CONFLICT"), copied.sheet.name, cell, first.code, copied.sheet.name, details
        )


def _asides(copied: CopiedSheet, reading: Reading) -> Iterator[Finding]:
    """A row without a figure where it should be, but with one in a cell that asks for none."""
    blank = {a.row: a for a in reading.answers if a.sheet == copied.sheet.name and a.kind == "blank"}
    names = {answer.code: answer.name.strip() for block in copied.printed.about.blocks for answer in block.answers}
    for row, column, text in copied.added if blank else ():
        answer = blank.get(row)
        if answer and column > 0 and copied.sheet.cell(row, column)[1] == "number":
            reading.answers.remove(answer)
            del blank[row]
            details = {"name": names[answer.indicator]}
            yield Finding("VALUE_ASIDE", copied.sheet.name, address(row, column), answer.indicator, text, details)


def _outside(copied: CopiedSheet, told: set[str]) -> Iterator[Finding]:
    """What stands where the form asks for nothing, one finding; a column of figures of its own, one for each."""
    sheet, cells = copied.sheet, [cell for cell in copied.added if address(*cell[:2]) not in told]
    rows = {place[0] for place in copied.taken}
    by_column: dict[int, list[tuple[int, int, str]]] = {}
    for cell in cells:
        if cell[0] in rows and sheet.cell(*cell[:2])[1] == "number":
            by_column.setdefault(cell[1], []).append(cell)
    first = next(iter(copied.columns.values()), "")
    for column, figures in by_column.items():
        top = min(rows)
        heads = [cell for cell in cells if cell[1] == column and cell[0] < top]
        if heads and 2 * len(figures) >= len(rows):
            details = {"head": heads[-1][2], "column": address(1, column)[:-1], "count": str(len(figures))}
            yield Finding("COLUMN_ADDED", sheet.name, address(*heads[-1][:2]), first, heads[-1][2], details)
            cells = [cell for cell in cells if cell not in heads and cell not in figures]
    if cells:
        texts = [f"{address(row, column)}“{text[:40]}”" for row, column, text in islice(cells, MOST_TOLD)]
        yield Finding("EXTRA_NOTE", sheet.name, address(*cells[0][:2]), raw=shortened(texts, 8))


def _note_list(copied: CopiedSheet, block: AdoptedBlock, words: Words) -> None:
    """A list's table, its columns told by their heads: its rows are read as those of any list."""
    wanted = words.wanted.lists.get(block.list_code)
    if wanted is None:
        return
    places = {answer.code: copied.column_of(answer.place[1], answer.column_labels, block) for answer in block.answers}
    columns = {code: column for code, column in places.items() if isinstance(column, int)}
    end = copied.head_end(block)
    first, foot = end + 1, copied.foot(block, end)
    if not columns:
        return
    missing = [code for code in wanted.columns if code not in columns]
    number = min(columns.values()) - 1
    note = copied.label_column(block.reason_column) if block.reason_column else None
    table = ListTable(
        copied.sheet, block.list_code, end, columns, first, foot, end, number or None, note, missing=missing
    )
    copied.lists.append(table)
    copied.in_rows.append((first, foot))


def _identify(copied: CopiedSheet, words: Words, reading: Reading) -> None:
    """Whose it says it is, for which year, and who filled it in."""
    for cell in copied.printed.about.identity:
        place, said = _said(copied, cell)
        if place is not None:
            copied.taken.add(place)
        if cell.key in ("unit_name", "unit_code"):
            _add(reading.identity, said)
        elif cell.key == "year":
            _add(reading.years, year_of(plain(said)) or said)
        elif said:
            for name in (_PEOPLE.get(cell.key, ""), signature_name(cell.label.text)):
                if name in PEOPLE or name in words.fields:
                    reading.cover.setdefault(name, said)
    _year_of_title(copied, reading)


def _year_of_title(copied: CopiedSheet, reading: Reading) -> None:
    """The year that the title prints, where it is another than in the blank's own title: somebody wrote it there."""
    title = copied.printed.about.title
    blank = _TITLE_YEAR.search(plain(title))
    for place in copied.texts.places.get(key_of(title), ()) if blank else ():
        found = _TITLE_YEAR.search(plain(copied.sheet.cell(*place)[0]))
        if blank and found and found[1] != blank[1]:
            _add(reading.years, found[1])


def _add(claims: dict[str, list[str]], said: str) -> None:
    here = claims.setdefault(HEAD, [])
    if said and said not in here:
        here.append(said[:200])


def _said(copied: CopiedSheet, cell: IdentityCell) -> tuple[Place | None, str]:
    """Where an identity cell is on the copy, and what was written there."""
    word = label_word(cell.label.text)
    key = plain(word)
    for place, text in copied.texts.keys.items():
        if key not in text:
            continue
        copied.taken.add(place)
        if cell.place == cell.label.place:
            return place, _behind(copied, place, word)
        down, across = cell.place[0] - cell.label.place[0], cell.place[1] - cell.label.place[1]
        if down:
            return (place[0] + down, place[1] + across), copied.sheet.shown(place[0] + down, place[1] + across)
        return _to_the_right(copied, place)
    return None, ""


def _behind(copied: CopiedSheet, place: Place, word: str) -> str:
    """What stands behind a label in its own cell, up to the next label there."""
    text = unicodedata.normalize("NFKC", copied.sheet.cell(*place)[0])
    others = [label_word(cell.label.text) for cell in copied.printed.about.identity]
    begins = {text.find(other): other for other in others if other and other in text}
    start = text.find(word)
    if start < 0:
        return ""
    end = min((at for at in begins if at > start), default=len(text))
    return text[start + len(word) : end].strip(" :_\u3000\t\n")


def _to_the_right(copied: CopiedSheet, place: Place) -> tuple[Place | None, str]:
    """The first filled cell to the right, unless the form prints it."""
    row, column = place[0], copied.texts.right_end(place) if place[0] in copied.sheet.spans else place[1]
    for at in range(column + 1, copied.sheet.right + 1):
        raw = copied.sheet.cell(row, at)[0].strip()
        if raw:
            printed = copied.texts.keys.get((row, at), "") in copied.printed.counts
            return (None, "") if printed else ((row, at), raw)
    return None, ""
