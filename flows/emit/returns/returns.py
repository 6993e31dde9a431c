"""Returned workbooks: `退回/<单位>.xlsx`, the form that was sent, rebuilt and marked, and the original beside it.

A returned workbook is a valid submission: corrected in place it is read as any other. Nothing that a sender put into
its file travels back but its texts and numbers; the original is copied untouched. Only a filled copy of an adopted
form goes back as what it is: a marked copy of what was sent, one for all the units of a file.

Of a package nothing goes to its units, for they sent it to somebody else: its sender gets one notice for all of them,
and has the original.
"""

from pathlib import Path
from typing import NamedTuple

from flows.emit.returns.clothes import Sent, dressed_all
from flows.emit.returns.files import ORIGINAL, key_of, original_suffix, remove_stale, stems_of
from flows.emit.returns.packages import by_package, whole_package
from flows.emit.returns.theirs import by_file, suffix_of, whole_file
from flows.emit.returns.workbook import ReturnPrinter
from flows.emit.writing import copy_changed
from flows.files import write_atomically
from flows.inbox.archive import archived_as
from flows.store.figures import Place
from flows.store.returned import Returned, load_returned
from flows.store.store import Store
from schemas.catalogue import Catalogue
from schemas.township import Settings


class SentBack(NamedTuple):
    """The files of one that goes back; `whose` is a unit's code, or the received file's name when nobody knows."""

    whose: str
    workbook: Path
    original: Path | None


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
    packages = by_package([case for case in cases if case.sender is not None])
    cases = [case for case in cases if case.sender is None]
    theirs = [case for case in cases if case.form in catalogue.forms]
    ours, files = [case for case in cases if case.form not in catalogue.forms], by_file(theirs)
    stems = stems_of([*ours, *map(whole_file, files)], roster)[len(ours) :]
    written, listed = _in_own_clothes(files, stems, printer, folder, archive)
    ours += listed
    for case, stem in zip(ours, stems_of(ours, roster), strict=True):
        original = f"{stem}{ORIGINAL}{original_suffix(case.file)}"
        path = _printed(folder / f"{stem}.xlsx", case, original, printer)
        kept = copy_changed(folder / original, archived_as(archive, case.sha256))
        written.append(SentBack(case.unit.code if case.unit else case.file, path, kept))
    wholes = [whole_package(cases) for cases in packages]
    for cases, whole, stem in zip(packages, wholes, stems_of(wholes, roster), strict=True):
        path = _printed(folder / f"{stem}.xlsx", whole, "", printer)
        written += [SentBack(case.unit.code if case.unit else case.file, path, None) for case in cases]
    remove_stale(folder, {path.name for one in written for path in (one.workbook, one.original) if path}, store)
    return written


def _printed(path: Path, case: Returned, original: str, printer: ReturnPrinter) -> Path:
    """Write the workbook unless it says all that already."""
    key = printer.key(case, original)
    if key_of(path) != key:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, printer(case, original, key))
    return path


def _in_own_clothes(
    files: list[list[Returned]], stems: list[str], printer: ReturnPrinter, folder: Path, archive: Path
) -> tuple[list[SentBack], list[Returned]]:
    """A marked copy of each file of an adopted form; and the cases of those of which there can be none."""
    due: list[tuple[list[Returned], Path, str, Sent | None]] = []
    for cases, stem in zip(files, stems, strict=True):
        original = f"{stem}{ORIGINAL}{original_suffix(cases[0].file)}"
        path, key = folder / f"{stem}{suffix_of(cases[0])}", printer.key_of_all(cases, original)
        kept = archived_as(archive, cases[0].sha256)
        due.append((cases, path, original, None if key_of(path) == key else printer.sent(cases, kept, original, key)))
    copies = iter(dressed_all([sent for *_, sent in due if sent]))
    written: list[SentBack] = []
    listed: list[Returned] = []
    for cases, path, original, sent in due:
        data = next(copies) if sent else b""
        if data is None:
            listed += cases
            continue
        if sent:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data)
        kept = copy_changed(folder / original, archived_as(archive, cases[0].sha256))
        written += [SentBack(case.unit.code if case.unit else case.file, path, kept) for case in cases]
    return written, listed
