"""All of the clerk's files of a year, read and checked together: whatever is wrong in any of them is said at once."""

from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from schemas.catalogue import Catalogue, catalogue_of
from schemas.corrections import Corrections, load_corrections
from schemas.errors import InputError
from schemas.faults import Faults
from schemas.roster import ROSTER, Roster, find_unit
from schemas.roster_file import load_units
from schemas.supplements import Own, load_own
from schemas.targets import load_targets, others_targets
from schemas.toml import read_toml
from schemas.township import FIRST_YEAR, LAST_YEAR, Settings, as_written, load_settings


class Inputs(NamedTuple):
    """The clerk's files of one year; `targets` of that year, by code; `own` is what only the report says."""

    catalogue: Catalogue
    settings: Settings
    units: Roster
    year: int
    corrections: Corrections
    targets: dict[str, Decimal]
    own: Own


def load_inputs(inputs: Path, year: int | None = None) -> Inputs:
    """Read what a run needs; the year is the settings' own unless one is given.

    Raises InputError with a line for every fault of every file.
    """
    faults = Faults()
    if (catalogue := faults.collect(catalogue_of, inputs)) is None:
        faults.refuse()
    assert catalogue
    settings = faults.collect(load_settings, inputs, catalogue)
    if not inputs.is_dir():
        faults.refuse()
    code, written = as_written(inputs)
    units = faults.collect(load_units, inputs, code, catalogue)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        faults.lines.append(f"年份 {year} 不对，应为 {FIRST_YEAR} 到 {LAST_YEAR}")
        year = None
    year = year if year is not None else written
    if year and units is not None and not any(unit.expected_in(year) for unit in units):
        faults.add(inputs / ROSTER, 0, f"名册里没有 {year} 年应报的单位", "请看 valid_from、valid_to")
    corrections = targets = None
    if year:
        targets = faults.collect(load_targets, inputs, year, catalogue)
        faults.collect(load_targets, inputs, year - 1, catalogue)
    if year and settings:
        for each in (year, year - 1):
            faults.collect(others_targets, inputs, each, settings.township.name)
    own = faults.collect(load_own, inputs, year, settings, catalogue) if year and settings else None
    if year and units is not None:
        corrections = faults.collect(load_corrections, inputs, year, catalogue, units)
    if settings and units is not None and settings.reminders.contacts:
        settings = faults.collect(_with_contacts, settings, inputs, units)
    faults.refuse()
    assert settings and units is not None and year and corrections is not None and targets is not None and own
    return Inputs(catalogue, settings, units, year, corrections, targets, own)


def _with_contacts(settings: Settings, inputs: Path, units: Roster) -> Settings:
    """The settings with every contact under its unit's name. Raises InputError for a unit that is not on the roster."""
    document, faults = read_toml(inputs / "township.toml"), Faults()
    contacts: dict[str, str] = {}
    for word, contact in settings.reminders.contacts.items():
        keys = ("reminders", "contacts", word)
        try:
            unit = find_unit(word, units)
        except InputError as error:
            faults.lines += [document.fault(keys, line) for line in error.lines]
            continue
        if unit.name in contacts:
            faults.lines.append(document.fault(keys, f"{unit.name}的联系方式写了两次", "只留一行"))
        contacts[unit.name] = contact
    faults.refuse()
    return replace(settings, reminders=replace(settings.reminders, contacts=contacts))


def named(inputs: Path, year: int | None = None) -> tuple[str, int | None]:
    """The township's name and the year, as far as the settings can be read: for a title, never for a figure."""
    found: dict[str, Any] = Faults().collect(read_toml, inputs / "township.toml") or {}
    name = found.get("township", {}).get("name") if isinstance(found.get("township"), dict) else ""
    return str(name or inputs.resolve().parent.name), year or as_written(inputs)[1]
