"""The county's own form, sent on as it came: untouched but for the cells that say whose it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from flows.emit.forms.forms import FormUnit, file_stems
from flows.emit.workbook.patched import NotPatchable, Patched
from flows.files import write_atomically
from schemas.adopted import FORMS, REST, AdoptedForm, AdoptedSheet
from schemas.catalogue import Catalogue


def write_adopted(folder: Path, units: Sequence[FormUnit], catalogue: Catalogue, year: int) -> dict[str, list[Path]]:
    """Write the adopted forms that each unit is asked for, `<code>-<name>.xlsx`; by unit code, the files written.

    A second form of a unit, or one beside its form of ours, has the form's name behind. A form that is no .xlsx, or is
    written unusually, is sent on without a change.
    """
    written: dict[str, list[Path]] = {}
    for unit, stem in zip(units, file_stems(units), strict=True):
        whole = REST not in catalogue.forms_due(year, unit.office)
        for form in forms_of_kind(catalogue, year, unit.office):
            kept = kept_file(catalogue, form)
            alone = whole and unit.code not in written
            name = f"{stem}{kept.suffix}" if alone else f"{stem}-{_clean(form.name)}{kept.suffix}"
            data = sent_on(kept.read_bytes(), form, {"unit_name": unit.name, "unit_code": unit.code, "year": str(year)})
            folder.mkdir(parents=True, exist_ok=True)
            written.setdefault(unit.code, []).append(write_atomically(folder / name, data))
    return written


def kept_file(catalogue: Catalogue, form: AdoptedForm) -> Path:
    """The form's own bytes, as they came."""
    return next(path for root in reversed(catalogue.roots) if (path := root / FORMS / form.kept).exists())


def forms_of_kind(catalogue: Catalogue, year: int, office: str | None) -> list[AdoptedForm]:
    """The adopted forms in which villages, or an office of these roles, are asked anything."""
    return [catalogue.forms[key] for key in catalogue.forms_due(year, office) if key in catalogue.forms]


def sent_on(data: bytes, form: AdoptedForm, says: Mapping[str, str]) -> bytes:
    """The form with the cells that say whose it is filled in."""
    try:
        book = Patched(data)
        for sheet in form.sheets:
            identify(book, sheet, says)
            for block in sheet.blocks if "unit_name" in says else ():
                for one in block.unit_columns:
                    if says.get(one.key):
                        book.sheet(sheet.name).put((block.first_row, one.column), says[one.key])
        return book.save()
    except NotPatchable:
        return data


def identify(book: Patched, sheet: AdoptedSheet, says: Mapping[str, str]) -> None:
    """Fill in the cells of a sheet that say whose it is; a label's cell keeps its label."""
    for cell in sheet.identity:
        said = says.get(cell.key)
        if said is None or (cell.place == cell.label.place and _shares(sheet, cell.place)):
            continue
        behind = f"{cell.label.text.rstrip('_＿ 　')}{said}"
        book.sheet(sheet.name).put(cell.place, behind if cell.place == cell.label.place else said)


def _shares(sheet: AdoptedSheet, place: tuple[int, int]) -> bool:
    """Whether the cell holds several labels, which are then left for people to write behind."""
    return sum(cell.label.place == place for cell in sheet.identity) > 1


def _clean(name: str) -> str:
    [stem] = file_stems([_Named(name)])
    return stem.removeprefix("-")


class _Named:
    def __init__(self, name: str) -> None:
        self.code, self.name, self.kind, self.office = "", name, "", None
