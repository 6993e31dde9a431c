"""Rows put into a sheet of somebody else's workbook: what stands under them moves down, and all that points to it.

References are told from functions and words by openpyxl's tokenizer. Element order and names: ECMA-376 part 1, 18.3.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from lxml import etree
from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.formula.translate import Translator, TranslatorError

from flows.emit.workbook.patched import MAIN, NotPatchable, Patched, Place, Sheet, drop

_END = re.compile(r"(\$?[A-Za-z]{1,3}\$?|\$?)([0-9]{1,7})")
"""One end of a reference: a cell, or a whole row."""
_SHIFTED = ("mergeCells/mergeCell@ref", "dataValidations/dataValidation@sqref", "conditionalFormatting@sqref",
            "hyperlinks/hyperlink@ref", "dimension@ref")  # fmt: skip
_FORMULAS = ("f", "formula", "formula1", "formula2")
"""In cells, in conditional formats and in validations."""


Growing = Literal["never", "fixed", "always"]
"""Whether a range that ends with the last row takes the new rows in: a total's does; what each of the rows works out
speaks of that row, but for an end that is fixed by $.
"""


class Room(NamedTuple):
    """So many rows put in behind the last of some rows that are alike."""

    sheet: str
    first: int
    last: int
    added: int

    def under(self, place: Place) -> Place:
        """Where a cell of the sheet is now."""
        return (place[0] + self.added * (place[0] > self.last), place[1])

    def moved(self, reference: str, growing: Growing = "never") -> str:
        """A reference to the sheet, several with spaces between them."""
        return " ".join(self._moved(each, growing) for each in reference.split(" "))

    def _moved(self, reference: str, growing: Growing) -> str:
        ends = [_END.fullmatch(end) for end in reference.split(":")]
        if len(ends) > 2 or not all(ends):
            return reference
        rows = [int(end[2]) for end in ends if end]
        fixed = ends[-1] is not None and ends[-1][1].endswith("$")
        grows = len(ends) == 2 and rows[-1] == self.last and (growing == "always" or (growing == "fixed" and fixed))
        moved = [row + self.added if row > self.last else row for row in rows]
        moved[-1] += self.added if grows else 0
        return ":".join(f"{end[1]}{row}" for end, row in zip(ends, moved, strict=True) if end)

    def in_formula(self, formula: str, here: str, growing: Growing) -> str:
        """A formula that stands on the sheet `here`. Raises NotPatchable for one that cannot be taken apart."""
        try:
            said = Tokenizer(f"={formula}")
        except TokenizerError:
            raise NotPatchable("formula") from None
        for token in said.items:
            if token.type == Token.OPERAND and token.subtype == Token.RANGE:
                sheet, mark, reference = token.value.rpartition("!")
                if (_unquoted(sheet) or here).casefold() == self.sheet.casefold():
                    token.value = f"{sheet}{mark}{self.moved(reference, growing)}"
        return said.render()[1:]


def _unquoted(sheet: str) -> str:
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet


def make_room(book: Patched, room: Room) -> None:
    """Put in the rows, which look as the last one does and work out what it does. Raises NotPatchable."""
    sheet, last = book.sheet(room.sheet), room.last
    for number in sorted((row for row in sheet.rows if row > last), reverse=True):
        row = sheet.rows.pop(number)
        row.set("r", str(number + room.added))
        sheet.rows[number + room.added] = row
        for cell in row:
            cell.set("r", room.moved(cell.get("r", "")))
    for formula in sheet.data.iter(f"{{{MAIN}}}f"):
        for attribute in ("ref", "r1", "r2"):
            if formula.get(attribute):
                formula.set(attribute, room.moved(formula.get(attribute, "")))
    for path in _SHIFTED:
        elements, _, attribute = path.partition("@")
        for element in sheet.root.iterfind("/".join(f"{{{MAIN}}}{name}" for name in elements.split("/"))):
            element.set(
                attribute, room.moved(element.get(attribute, ""), "always" if attribute == "sqref" else "never")
            )
    _point(book, room)
    _fill(sheet, room, dict(_worked_out(sheet, last)))


def _point(book: Patched, room: Room) -> None:
    """Have what any sheet works out, and every name, point to where its cells are now."""
    for name in book.sheet_parts:
        for formula in book.sheet(name).root.iter(*(f"{{{MAIN}}}{tag}" for tag in _FORMULAS)):
            if formula.text:
                within = name == room.sheet and _row_of(formula) in (0, *range(room.first, room.last + 1))
                formula.text = room.in_formula(formula.text, name, "fixed" if within else "always")
    for each in book.root("xl/workbook.xml").iterfind(f"{{{MAIN}}}definedNames/{{{MAIN}}}definedName"):
        if each.text:
            each.text = room.in_formula(each.text, "", "always")


def _row_of(formula: etree._Element) -> int:
    """The row of the cell that holds it; 0 of a format's or a validation's."""
    row = next(formula.iterancestors(f"{{{MAIN}}}row"), None)
    return int(row.get("r", "0")) if row is not None else 0


def _worked_out(sheet: Sheet, row: int) -> Iterator[tuple[str, str]]:
    """The formulas of a row by their cells; of one that is shared, as it stands there."""
    masters = {
        each.get("si"): (cell.get("r", ""), each.text)
        for cell in sheet.data.iter(f"{{{MAIN}}}c")
        if (each := cell.find(f"{{{MAIN}}}f")) is not None and each.get("t") == "shared" and each.text
    }
    for cell in sheet.rows.get(row, ()):
        formula = cell.find(f"{{{MAIN}}}f")
        if formula is None or formula.get("t") in ("array", "dataTable"):
            continue
        reference = cell.get("r", "")
        if formula.text:
            yield reference, formula.text
        elif formula.get("si") in masters:
            yield reference, _translated(masters[formula.get("si")][1], masters[formula.get("si")][0], reference)


def _translated(formula: str, origin: str, to: str) -> str:
    try:
        return Translator(f"={formula}", origin=origin).translate_formula(to)[1:]
    except (TranslatorError, TokenizerError):
        raise NotPatchable("formula") from None


def _fill(sheet: Sheet, room: Room, formulas: Mapping[str, str]) -> None:
    """The new rows; `formulas` of the last one by their cells."""
    if (pattern := sheet.rows.get(room.last)) is None:
        return
    for number in range(room.last + 1, room.last + room.added + 1):
        row = etree.fromstring(etree.tostring(pattern))
        row.set("r", str(number))
        for cell in row:
            before = cell.get("r", "")
            cell.set("r", before.rstrip("0123456789") + str(number))
            for child in list(cell):
                cell.remove(child)
            drop(cell, "t")
            if before in formulas:
                made = etree.SubElement(cell, f"{{{MAIN}}}f")
                made.text = _translated(formulas[before], before, cell.get("r", ""))
        sheet.data.insert(sheet.data.index(sheet.rows[number - 1]) + 1, row)
        sheet.rows[number] = row
