"""A township's own folder, made whole or not at all: what is being made stands inside it under a hidden name."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from flows.starting.papers import corrections_toml, counted, settings_toml, targets_toml
from flows.starting.units import as_csv
from schemas.catalogue import OWN, Catalogue
from schemas.errors import InputError
from schemas.inputs import load_inputs
from schemas.records import TOWNSHIP_NAME, TOWNSHIP_ROLE
from schemas.roster import OFFICE, ROSTER

INPUTS, OUTPUTS = "inputs", "outputs"
_MAKING = ".inputs.new"
DEADLINE = (1, 10, 18)
"""Month, day and hour in the year after: the date of the sample, which the clerk sets right in township.toml."""


def refuse_filled(folder: Path) -> None:
    """Raise InputError where the folder holds anything but what an interrupted making has left."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} 是一个文件，应写文件夹的名称")
    if not folder.exists():
        return
    held = [path for path in sorted(folder.iterdir()) if path.name != _MAKING and not _is_empty_outputs(path)]
    if held:
        raise InputError(f"{folder} 里已有 {held[0].name} 等内容，没有改动；请换一个新的或空的文件夹")


def make_folder(
    folder: Path,
    code: str,
    name: str,
    year: int,
    units: Sequence[Mapping[str, str]],
    catalogue: Catalogue,
    own: Path | None = None,
) -> None:
    """Write DIR/inputs and DIR/outputs, and read back what was written before it counts. Raises InputError.

    `own` is the folder of the township's own catalogue, which is copied.
    """
    refuse_filled(folder)
    making = folder / _MAKING
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        _fill(making, code, name, year, units, catalogue)
        if own:
            shutil.copytree(own, making / OWN)
        load_inputs(making)
        (folder / OUTPUTS).mkdir(exist_ok=True)
        making.rename(folder / INPUTS)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _fill(
    making: Path, code: str, name: str, year: int, units: Sequence[Mapping[str, str]], catalogue: Catalogue
) -> None:
    said = {TOWNSHIP_NAME: name} if TOWNSHIP_NAME in catalogue.texts else {}
    deadline = datetime(year + 1, *DEADLINE)
    _write(making / "township.toml", settings_toml(code, name, year, deadline, catalogue.texts.values(), said))
    (making / ROSTER).write_bytes(as_csv(units))
    village = next((unit["name"] for unit in units if unit["kind"] not in (OFFICE, TOWNSHIP_ROLE)), name)
    make_year(making / str(year), year, name, village, catalogue)


def make_year(place: Path, year: int, township: str, village: str, catalogue: Catalogue) -> None:
    """A year's folder with nothing received: submissions/, corrections.toml, and the targets' names."""
    (place / "submissions").mkdir(parents=True)
    counted_one = counted(catalogue.reported(year))
    _write(place / "corrections.toml", corrections_toml(year, village, counted_one, 57))
    if catalogue.targets:
        _write(place / "targets.toml", targets_toml(year, catalogue.targets.values(), {}, township))


def _is_empty_outputs(path: Path) -> bool:
    return path.name == OUTPUTS and path.is_dir() and not any(path.iterdir())


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))
