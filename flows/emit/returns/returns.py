"""Returned workbooks: `退回/<单位>.xlsx`, the form that was sent, rebuilt and marked, and the original beside it.

A returned workbook is a valid submission: corrected in place it is read as any other. Nothing that a sender put into
its file travels back but its texts and numbers; the original is copied untouched.
"""

from pathlib import Path
from typing import NamedTuple

from flows.emit.returns.files import ORIGINAL, key_of, original_suffix, remove_stale, stems_of
from flows.emit.returns.workbook import ReturnPrinter
from flows.emit.writing import copy_changed
from flows.files import write_atomically
from flows.inbox.archive import archived_as
from flows.store.figures import Place
from flows.store.returned import load_returned
from flows.store.store import Store
from schemas.catalogue import Catalogue
from schemas.township import Settings


class SentBack(NamedTuple):
    """The two files of one that goes back; `whose` is a unit's code, or the received file's name when nobody knows."""

    whose: str
    workbook: Path
    original: Path


_ROSTER = "SELECT code, name, 'village', kind, coalesce(terrain, '') FROM units WHERE year = ? ORDER BY code"


def write_returns(
    store: Store, catalogue: Catalogue, settings: Settings, year: int, folder: Path, archive: Path
) -> list[SentBack]:
    """Bring `folder` (outputs/<year>/退回) up to date; returns what belongs there.

    A file is written only when what it says has changed; files of units that are accepted by now are removed, if this
    function made them. Raises InputError for a file that another program holds open and for an original lost from
    `archive`.
    """
    cases = load_returned(store, catalogue, year)
    roster = [Place(*row) for row in store.rows(_ROSTER, [year])]
    printer = ReturnPrinter(catalogue, settings, year)
    written: list[SentBack] = []
    for case, stem in zip(cases, stems_of(cases, roster), strict=True):
        original = f"{stem}{ORIGINAL}{original_suffix(case.file)}"
        path, key = folder / f"{stem}.xlsx", printer.key(case, original)
        if key_of(path) != key:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, printer(case, original, key))
        kept = copy_changed(folder / original, archived_as(archive, case.sha256))
        written.append(SentBack(case.unit.code if case.unit else case.file, path, kept))
    remove_stale(folder, {path.name for one in written for path in (one.workbook, one.original)}, store)
    return written
