"""Which adopted form a workbook is a filled copy of, and which of its sheets are which: by what they print.

Neither the name of a file nor that of a sheet counts, nor where on the sheet a text stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flows.reading.grid import Book
from flows.reading.locate.printed import PrintedForm, PrintedSheet, Texts

THE_FORM, AN_EDITION = 0.95, 0.70
"""From which share of its printed texts on a copy is this form, or another edition of it; below, it is another form."""
_LEAST_OF_SHEET = 0.5
"""A sheet with less of a form's sheet is none of its copies."""


@dataclass(slots=True)
class Copy:
    """One filled copy of a form in a workbook: each of its sheets with that of the workbook; None where it is gone."""

    sheets: list[tuple[PrintedSheet, Texts | None]]

    @property
    def found(self) -> int:
        """How many of the printed texts it has."""
        return sum(printed.found(texts) for printed, texts in self.sheets if texts)


@dataclass(slots=True)
class Recognised:
    """The form that a workbook is most like, its copies in the workbook, and the sheets beside them."""

    form: PrintedForm
    share: float
    copies: list[Copy] = field(default_factory=list)
    beside: list[Texts] = field(default_factory=list)

    @property
    def is_edition(self) -> bool:
        """Whether it is another edition of the form rather than the form itself."""
        return self.share < THE_FORM


Shares = dict[tuple[int, int], float]
"""Of a form's sheets and a workbook's, by their numbers: which share of the texts of the one is on the other."""


def recognise(book: Book, forms: Sequence[PrintedForm]) -> list[Recognised]:
    """The adopted forms that a workbook holds copies of, as their sheets stand; else the one that it is most like.

    A sheet is a copy of the form that it is most like; where forms have it in common, of that which most else is of.
    Sheets beside all forms are beside the first.
    """
    texts = [Texts(sheet) for sheet in book.sheets]
    waiting = [(form, _shares(form, texts)) for form in forms]
    left, found = set(range(len(texts))), list[tuple[Recognised, set[int]]]()
    while waiting and (left or not found):
        nearest = {n: max((share for _, all_ in waiting for (_, at), share in all_.items() if at == n), default=0.0)
                   for n in left}  # fmt: skip
        best, taken = max((_against(*one, texts, nearest) for one in waiting), key=lambda one: one[0].share)
        if found and best.share < AN_EDITION:
            break
        found.append((best, taken))
        left -= taken
        waiting = [one for one in waiting if one[0] is not best.form and best.share >= AN_EDITION]
    found.sort(key=lambda one: min(one[1], default=0))
    for one, _ in found[:1]:
        one.beside = [texts[number] for number in sorted(left)]
    return [one for one, _ in found]


def _shares(form: PrintedForm, texts: Sequence[Texts]) -> Shares:
    return {
        (which, number): printed.found(one) / printed.size
        for which, printed in enumerate(form.sheets)
        for number, one in enumerate(texts)
        if printed.size
    }


def _against(
    form: PrintedForm, shares: Shares, texts: Sequence[Texts], nearest: Mapping[int, float]
) -> tuple[Recognised, set[int]]:
    """The form's copies among the sheets that are nearest to it, and which these are."""
    good = sorted(
        (pair for pair in shares if nearest.get(pair[1], 2) <= shares[pair] >= _LEAST_OF_SHEET),
        key=lambda pair: (-shares[pair], pair),
    )
    of_sheet: dict[int, list[int]] = {}
    taken: set[int] = set()
    for which, number in good:
        if number not in taken:
            taken.add(number)
            of_sheet.setdefault(which, []).append(number)
    copies = [
        Copy([
            (printed, texts[numbers[turn]] if turn < len(numbers := sorted(of_sheet.get(which, ()))) else None)
            for which, printed in enumerate(form.sheets)
        ])
        for turn in range(max(map(len, of_sheet.values()), default=0))
    ]  # fmt: skip
    size = sum(printed.size for printed in form.sheets) or 1
    share = max((copy.found / size for copy in copies), default=max(shares.values(), default=0.0) * 0.5)
    return Recognised(form, share, copies), taken
