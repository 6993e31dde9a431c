"""A form of somebody else's that the township has adopted: where each answer stands and by what it is found again.

One `AdoptedForm` per workbook, kept as `inputs/catalogue/forms/<sha256>.json` beside the blank form's own bytes
(`<sha256>.xlsx` and the like, named in `kept`). It says nothing of what an answer means: that is in the catalogue,
under the answer's `code`. Rows and columns count from 1 and are those of the blank form.

How a filled copy is aligned with it. `printed` holds every cell that people do not fill in, with its text: how many
of these texts a copy has tells whether it is this form. Then each answer is looked for by its labels, never by its
address alone:

- `vertical`: an answer stands in the row of its `row_labels` (name, code, unit) under its `column_labels` (head).
- `cross`: the same, with a path of names on both sides.
- `wide`: one row per unit, from `first_row` on; an answer stands under its `column_labels`; `row_labels` is empty. The
  unit is named in `unit_columns`.
- `sentence`: answers are the blanks within the words of one cell, 全村共__户__人, which `holds` has as printed;
  `slot` says which of them, from 1. The cell is told by the words around the blanks; it is not among `printed`.
- `list`: one row per entry, otherwise as `wide`; `code` is then the code of the column of the line list `list_code`.

A label of kind `section` is a heading further up (or at the left, merged over several rows), outermost first: it
tells equal names apart. A label of kind `head` is a head over the column, top row first; `number` is the column's
printed number (`1`, `2`, `甲`). A row without a code has no label of kind `code`.
"""

import re
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from schemas.errors import InputError
from schemas.names import plain

FORMS = "forms"
"""The folder of adopted forms in a catalogue."""
WHOLE, REST = "", "own"
"""What a unit owes or a file is, where that is no adopted form (which is named by its SHA-256): our form with all that
the unit is asked; and our form with what stands in no adopted one."""
SUFFIX = ".json"
Orientation = Literal["vertical", "wide", "list", "cross", "sentence"]
LabelKind = Literal["name", "code", "unit", "section", "head", "number"]
Place = tuple[int, int]
"""Row and column, from 1."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of an adopted form; what is as usual is not written down."""


class Label(Part, frozen=True, kw_only=True):
    """A printed cell that says which row or column an answer stands in; `text` as it is printed."""

    kind: LabelKind
    text: str
    place: Place


class AdoptedAnswer(Part, frozen=True, kw_only=True):
    """One cell that people fill in (wide and list: one column of such cells).

    `place` is its cell in the blank form; wide and list: that of the first row. `code` is the inner code of the
    indicator, or of the list's column. `choices` are pairs of what people may write and which choice of the catalogue
    that is: ("1", "是"), ("是", "是"). `holds` is what the blank's cell holds already ("□是 □否", a formula's text such
    as "=D6+D7"); `merge` is its last row and column where several cells are one.
    """

    code: str
    place: Place
    name: str
    form_code: str = ""
    unit: str = ""
    row_labels: tuple[Label, ...] = ()
    column_labels: tuple[Label, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    holds: str = ""
    merge: Place | None = None
    slot: int = 0


class IdentityCell(Part, frozen=True, kw_only=True):
    """A cell that says whose form it is, or who signed it.

    `key` is `unit_name`, `unit_code`, `year`, `filler`, `reviewer`, `head`, `phone`, `date` or `other`. The words stand
    behind the label in the same cell where `place` is the label's own place, else in the cell `place`.
    """

    key: str
    label: Label
    place: Place


SIGNATURES = ("filler", "reviewer", "head", "phone", "date", "other")
"""The keys of cells that say who signed a form, how to reach them and when: fields of the catalogue."""
BLANK = re.compile(r"[_＿]{2,}(?:[\s\u3000]*[_＿]{2,})*")
"""What stands in a sentence where people write."""
_SIGNED = re.compile(r"\(?签[字章名]\)?$|\([盖签]章\)$")


def signature_name(label: str) -> str:
    """What a signature cell is called: 填表人 of `填表人（签字）：`."""
    return _SIGNED.sub("", plain(label).rstrip(":_"))


class UnitColumn(Part, frozen=True, kw_only=True):
    """A column of a wide form that says whose row it is; `key` as in IdentityCell."""

    key: str
    column: int
    labels: tuple[Label, ...]


class AdoptedBlock(Part, frozen=True, kw_only=True):
    """One table of a sheet (most sheets have one; halves side by side are two).

    `head_rows` are first and last row of the heads (the row of 甲 乙 1 2 included), `head_columns` first and last
    column of names, codes and units. `first_row` and `last_row` bound the answers (wide, list: the rows meant for
    units or entries; `last_row` is the last prepared one).
    """

    orientation: Orientation
    head_rows: Place
    head_columns: Place
    first_row: int
    last_row: int
    answers: tuple[AdoptedAnswer, ...]
    list_code: str = ""
    unit_columns: tuple[UnitColumn, ...] = ()
    reason_column: int | None = None


class AdoptedSheet(Part, frozen=True, kw_only=True):
    """One worksheet that people fill in.

    `printed` has every other cell that holds text: row, column, text as printed (notes, foot and title included).
    `area` is the name of the catalogue's area that its indicators are in. `hidden` are rows and columns nobody sees.
    """

    name: str
    title: str
    area: str
    blocks: tuple[AdoptedBlock, ...]
    printed: tuple[tuple[int, int, str], ...]
    identity: tuple[IdentityCell, ...] = ()
    notes: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


class AdoptedForm(Part, frozen=True, kw_only=True, dict=True):
    """One adopted workbook. `kept` is the file beside this one with the form's own bytes, whose SHA-256 is `sha256`.

    `name` is the form's title, `number` its printed 表号, `file` what it was called when it came. `other_sheets` are
    those that nobody fills in. It takes the place of the form `follows` from the year `since` on.
    """

    sha256: str
    kept: str
    file: str
    name: str
    sheets: tuple[AdoptedSheet, ...]
    number: str = ""
    other_sheets: tuple[str, ...] = ()
    follows: str = ""
    since: int = 0

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of indicators and list columns that it asks for."""
        return frozenset(answer.code for sheet in self.sheets for block in sheet.blocks for answer in block.answers)


def load_form(path: Path) -> AdoptedForm:
    """Read one kept form. Raises InputError when it is not as it was written, or its own bytes are gone."""
    try:
        form = msgspec.json.decode(path.read_bytes(), type=AdoptedForm)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise InputError(f"{path} 读不懂：这个文件由 cunhui adopt 生成，请不要改动；可以重新收编这张表") from None
    if not (path.parent / form.kept).is_file():
        raise InputError(f"{path.parent / form.kept} 不见了：它是收编的原表，请放回原处，或重新收编这张表")
    return form


def form_text(form: AdoptedForm) -> bytes:
    """The form as it is kept: the same for the same form."""
    return msgspec.json.format(msgspec.json.encode(form), indent=1) + b"\n"
