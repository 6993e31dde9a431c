"""What is remembered of the sheets of the last 汇总表.xlsx: one whose inputs are as they were is taken over packed.

A sheet's bytes follow from its basis, a fingerprint of all that it is drawn from, and from the numbers of its looks: a
sheet is taken over only where they would be numbered as they were, so that the file is that of a run from nothing.
"""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from flows.emit.workbook.plain import Part, Sheet, parts_of
from flows.emit.workbook.styles import Ink, Look
from flows.emit.writing import write_changed
from flows.files import ZIP_FAULTS

Cells = tuple[int, int, int, int]


class KeptSheet(msgspec.Struct, frozen=True):
    """A sheet as it was drawn: its part, from what, the looks it used with their numbers, and what names it needs.

    `runs` say where the figures are that charts show: by indicator, their cells and those that name them.
    """

    part: str
    basis: str
    looks: tuple[tuple[Look, bool, int], ...]
    title_rows: tuple[int, int] | None = None
    title_columns: int = 0
    areas: tuple[str, ...] = ()
    hidden: bool = False
    runs: dict[str, tuple[Cells, Cells]] = {}


class _Record(msgspec.Struct, frozen=True):
    file: str
    sheets: dict[str, KeptSheet]


class Kept:
    """The sheets of the workbook at a path, if it is the one that was written last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sheets: Mapping[str, KeptSheet] = {}
        self._parts: Mapping[str, Part] = {}
        with suppress(OSError, msgspec.DecodeError, *ZIP_FAULTS):
            record = msgspec.json.decode(_beside(path).read_bytes(), type=_Record)
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() == record.file:
                self._parts, self._sheets = parts_of(data), record.sheets

    def take(self, title: str, basis: str, ink: Ink) -> tuple[Sheet, Part, KeptSheet] | None:
        """The sheet, without its cells, and its part; None where it has to be drawn."""
        kept = self._sheets.get(title)
        if kept is None or not basis or kept.basis != basis or kept.part not in self._parts:
            return None
        if any(ink.style((look, quoted)) != number for look, quoted, number in kept.looks):
            return None
        sheet = Sheet(title, kept.hidden)
        sheet.printing.title_rows, sheet.printing.title_columns = kept.title_rows, kept.title_columns
        sheet.printing.areas = kept.areas
        return sheet, self._parts[kept.part], kept

    def put(self, data: bytes, sheets: Iterable[tuple[str, KeptSheet]]) -> None:
        """Write the workbook, and down what its sheets are."""
        write_changed(self.path, data)
        record = _Record(hashlib.sha256(data).hexdigest(), dict(sheets))
        read = msgspec.json.decode(msgspec.json.encode(record), type=_Record)  # a size 16 as the 16.0 it is read as
        write_changed(_beside(self.path), msgspec.json.encode(read, order="deterministic"))


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.stem}.json")
