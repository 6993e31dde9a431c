"""Next year's form against that of the year before: what is the same, renamed, new, gone, or means something else.

Figures are matched by headings, name and unit; then by name and unit; then by words. Never by code alone: of two years'
forms the same code often stands for another figure.
"""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from flows.adopt import words
from flows.adopt.found import INFERRED, PRINTED, UNSURE, Answer, FoundForm
from schemas.adopted import AdoptedForm
from schemas.catalogue import Catalogue
from schemas.errors import InputError

SAME, RENAMED, NEW, OTHERWISE = "同上年", "改名", "新增", "口径变了"
ALIKE = 0.6
"""How much of two names must be the same for one to be taken for the other renamed; it is unsure all the same."""
SHARED = 0.3
"""The share of a form's figures that last year's form has by name and unit; with fewer it is another form."""


class Figure(NamedTuple):
    """A figure of last year's form."""

    code: str
    name: str
    unit: str
    section: tuple[str, ...]
    period: str


def compare_with_last(form: FoundForm, catalogue: Catalogue) -> None:
    """Say of every answer what it was last year. Raises InputError where no adopted form is its forerunner."""
    others = [former for former in catalogue.forms.values() if former.sha256 != form.sha256]
    former = max(others, key=lambda one: _shared(form, figures(one, catalogue)), default=None)
    if former is None or _shared(form, figures(former, catalogue)) < SHARED:
        raise InputError(f"{form.file}：目录里没有它上年的表，不能用 --last；新的表直接用 cunhui adopt 收编")
    left = {figure.code: figure for figure in figures(former, catalogue)}
    form.last_sha256 = former.sha256
    form.last_codes = {figure.code: _told(figure) for figure in left.values()}
    for level in (_exactly, _by_name):
        for answer in (answer for answer in form.answers if not answer.last):
            found = [figure for figure in left.values() if level(answer) == level(figure)]
            rivals = [other for other in form.answers if not other.last and level(other) == level(answer)]
            if len(found) == len(rivals) == 1:
                _matched(answer, left.pop(found[0].code), SAME)
    for answer in (answer for answer in form.answers if not answer.last):
        nearest = max(left.values(), key=lambda figure, answer=answer: _likeness(answer, figure), default=None)
        if nearest is None or _likeness(answer, nearest) < ALIKE:
            answer.last = NEW
        elif words.plain(answer.name) == words.plain(nearest.name):
            _matched(answer, left.pop(nearest.code), OTHERWISE)
        else:
            _matched(answer, left.pop(nearest.code), RENAMED)


def figures(former: AdoptedForm, catalogue: Catalogue) -> list[Figure]:
    """The figures of an adopted form that the catalogue still has."""
    return list(_figures(former, catalogue))


def _figures(former: AdoptedForm, catalogue: Catalogue) -> Iterator[Figure]:
    columns = {code: column for one in catalogue.lists.values() for code, column in one.by_code.items()}
    for answer in (answer for sheet in former.sheets for block in sheet.blocks for answer in block.answers):
        item, column = catalogue.indicators.get(answer.code), columns.get(answer.code)
        if item is not None and item.until is None:
            name = answer.name if item.period else item.printed_name
            yield Figure(item.code, name, item.unit, item.section, item.period)
        elif column is not None:
            yield Figure(column.code, column.name, column.unit, (), "")


def _told(figure: Figure) -> str:
    return f"{figure.code} {'＞'.join((*figure.section, figure.name))}{f'（{figure.period}）' if figure.period else ''}"


def _exactly(one: Answer | Figure) -> tuple:
    return (one.section, *_by_name(one))


def _by_name(one: Answer | Figure) -> tuple:
    return words.plain(one.name), words.plain(one.unit), one.period


def _shared(form: FoundForm, before: Sequence[Figure]) -> float:
    known = {_by_name(figure) for figure in before}
    return sum(_by_name(answer) in known for answer in form.answers) / max(1, len(form.answers))


def _likeness(answer: Answer, figure: Figure) -> float:
    """How alike two names are, under their headings; figures of other periods or with another unit and name are not."""
    if answer.period != figure.period:
        return 0
    same_name = words.plain(answer.name) == words.plain(figure.name)
    if words.plain(answer.unit) != words.plain(figure.unit):
        return 0.9 if same_name and answer.section == figure.section else 0
    return SequenceMatcher(None, words.plain(answer.name), words.plain(figure.name), autojunk=False).ratio()


def _matched(answer: Answer, figure: Figure, how: str) -> None:
    answer.last, answer.last_code = how, figure.code
    if how != SAME:
        before = f"上年是“{figure.name}”（{figure.unit or '没有单位'}）"
        answer.note_evidence("last", UNSURE, before)
    else:
        moved = answer.section != figure.section
        answer.note_evidence("last", INFERRED if moved else PRINTED, "标题不同" if moved else "")


def gone(form: FoundForm) -> Iterable[str]:
    """The codes of last year's form that nothing of this year's carries on."""
    carried = {answer.last_code for answer in form.answers}
    return [code for code in form.last_codes if code not in carried]
