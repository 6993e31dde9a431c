"""What reading a file takes and gives: plain records that both the parent and its reading processes know.

Nothing here may import anything heavy: every reading process imports it when it starts.
"""

import msgspec

from schemas.adopted import REST, WHOLE, AdoptedForm
from schemas.findings import Finding

VILLAGE = "village"


class Received(msgspec.Struct, frozen=True):
    """A file as archived. `file` is its name within the inbox; in a zip, `包.zip/某村.xlsx`. `size` in bytes.

    Of a file of several units, `due` are the known parts whose submissions are to be made anew; None, all of them.
    """

    path: str
    file: str
    sha256: str
    size: int
    due: tuple[str, ...] | None = None

    def is_due(self, part: str) -> bool:
        """Whether a known part of it is to be made anew."""
        return self.due is None or part in self.due


class Answer(msgspec.Struct, gc=False):
    """What stands in the cell that answers one indicator; row and column count from 1.

    `kind`: number (raw is the shortest exact decimal), text (raw as stored; a number that its format shows with words
    or as a percentage, as it is shown: 3.5万元, 85%), blank, date, bool, formula_without_value (raw is the formula
    where the file tells), error (raw is the error's name), struck (raw is the text with what is struck out marked in
    words), shown_otherwise (raw is what is stored and what is shown).

    `last` is what stands beside it under 上年数, in column `last_col`: the form shows last year's figure there, and
    nobody is asked to write it.

    `meant` is the choice that an adopted form has for what was written: 1 for 是; '' where it says that itself.
    """

    indicator: str
    raw: str
    kind: str
    sheet: str
    row: int
    col: int
    explanation: str = ""
    last: str = ""
    last_col: int = 0
    meant: str = ""


class ListCell(msgspec.Struct, gc=False):
    """One cell of a line list's row; `row_no` counts the filled rows of the list from 1."""

    list: str
    row_no: int
    column: str
    raw: str
    kind: str
    sheet: str
    row: int
    col: int
    explanation: str = ""


class Reading(msgspec.Struct):
    """All that one file says. `identity` and `years` hold claims by where they were found; who is right is not judged.

    A file that cannot be read has exactly one finding, a blocking FILE_*, and nothing else.

    `adopted` is the SHA-256 of the adopted form that it is a filled copy of; `rest` says that it is our form without
    what adopted forms ask. A file of several units, or of several forms, says nothing itself and has `parts`, a reading
    for each; `part` is which one it is: sheet and row (`表1!7`) or sheet (`某村!`). The forms of one unit in a file of
    its own are `of_one`, the first of them with the part ''.
    """

    sha256: str
    file: str
    format: str = ""
    kind: str = ""
    form_version: str = ""
    identity: dict[str, list[str]] = {}
    years: dict[str, list[str]] = {}
    cover: dict[str, str] = {}
    answers: list[Answer] = []
    list_cells: list[ListCell] = []
    findings: list[Finding] = []
    sheets: list[str] = []
    adopted: str = ""
    rest: bool = False
    of_one: bool = False
    part: str = ""
    parts: "list[Reading]" = []

    @property
    def form(self) -> str:
        """What it is a copy of: an adopted form, our form without what such ones ask, or our whole one."""
        return self.adopted or (REST if self.rest else WHOLE)

    def each(self) -> "list[Reading]":
        """The readings of the units that the file is of: its parts under its present name, or itself."""
        parts = self.parts
        return [msgspec.structs.replace(part, sha256=self.sha256, file=self.file) for part in parts] or [self]


class WantedIndicator(msgspec.Struct, frozen=True):
    """An indicator as its row prints it, and the sheet the form puts it on.

    `printed` is the code on the form where that is not its own; `label` what it is called in words; `new` where no
    earlier year asked it. One with a `row` stands on that indicator's, in the column headed by its `period`.
    """

    name: str
    sheet: str
    unit: str
    printed: str = ""
    label: str = ""
    section: tuple[str, ...] = ()
    new: bool = False
    row: str = ""
    period: str = ""


class WantedList(msgspec.Struct, frozen=True):
    """A line list: its sheet is named after it; names and units (of number columns only) by column code.

    `names` are the columns that name an entry, `choices` what its dropdowns offer.
    """

    name: str
    columns: dict[str, str]
    units: dict[str, str] = {}
    names: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


class WantedForm(msgspec.Struct, frozen=True):
    """What a unit of one kind is asked: codes of indicators and of lists, in printed order."""

    indicators: tuple[str, ...]
    lists: tuple[str, ...]


class Wanted(msgspec.Struct, frozen=True):
    """What to look for in a file; forms by kind: `village`, or an office's suffix; and the forms that were adopted.

    `rest` are the forms without what is asked in adopted ones, of the kinds that are asked more than that.
    `without_reasons` are the sheets that have no column for reasons, `fields` the labels that the cover has besides.
    """

    indicators: dict[str, WantedIndicator]
    lists: dict[str, WantedList]
    forms: dict[str, WantedForm]
    adopted: tuple[AdoptedForm, ...] = ()
    rest: dict[str, WantedForm] = {}
    without_reasons: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


class TableCell(msgspec.Struct, array_like=True, gc=False):
    """A filled cell of any workbook; row and column count from 1. `text` stripped; `kind` as an Answer's.

    A text that is struck out in part is without that part; one that is wholly so is there, as `struck`.
    """

    row: int
    col: int
    text: str
    kind: str


class Table(msgspec.Struct):
    """A sheet of any workbook as people see it; merges are top, left, bottom, right. What a merge covers is no cell."""

    name: str
    visible: bool
    cells: list[TableCell] = []
    merges: list[tuple[int, int, int, int]] = []
