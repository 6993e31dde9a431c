"""Which adopted form a workbook is a filled copy of, and which of its sheets are which: by what they print.

Neither the name of a file nor that of a sheet counts, nor where on the sheet a text stands.
"""

from collections.abc import Sequence
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


def recognise(book: Book, forms: Sequence[PrintedForm]) -> Recognised | None:
    """The adopted form that a workbook is most like, if it is like any."""
    texts = [Texts(sheet) for sheet in book.sheets]
    found = (_against(form, texts) for form in forms)
    return max(found, key=lambda one: one.share, default=None)


def _against(form: PrintedForm, texts: Sequence[Texts]) -> Recognised:
    shares = {
        (which, number): printed.found(one) / printed.size
        for which, printed in enumerate(form.sheets)
        for number, one in enumerate(texts)
        if printed.size
    }
    good = sorted((pair for pair in shares if shares[pair] >= _LEAST_OF_SHEET), key=lambda pair: (-shares[pair], pair))
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
    beside = [one for number, one in enumerate(texts) if number not in taken]
    return Recognised(form, share, copies, beside)
