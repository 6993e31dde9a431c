"""A catalogue written as a township's own: checked before it counts, whole or not at all, the earlier one kept."""

import csv
import io
import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from flows.exchange.sheets import sheets
from flows.exchange.take import Taken
from flows.exchange.written import (
    INDICATORS,
    LISTS,
    OTHERS,
    TERRAINS,
    Written,
    documents,
    written_in,
)
from schemas.adopted import FORMS
from schemas.catalogue import HEAD, HERE, OWN, WAITING, Catalogue
from schemas.errors import InputError
from schemas.toml_text import Keys, toml_text

_MAKING = f".{OWN}.making"
_UNTOUCHED = ("report_constants.toml", "report_order.csv", "report_heads.csv")
"""Files of a catalogue that the workbook says nothing of."""
_PLACE = re.compile(r"^(?P<path>.+?) 第 (?P<line>\d+) 行：(?P<said>.*)$", re.DOTALL)

_SAID_OTHERWISE = {"measures.toml": "“计量单位”表", "在别的文件里": "在别的行里", "在同一文件里": "在同一类别里"}
"""Words of faults that name files, as the workbook has them."""

Places = Mapping[tuple[str, int], Keys]


def prepare(inputs: Path, taken: Taken, file: object, in_hand: Catalogue) -> Path:
    """Write the workbook's catalogue beside its place and load it; what it says nothing of is as in the one in hand.

    Raises InputError with every fault, by cell.
    """
    if taken.headless:
        taken.faults.refuse()
    making = inputs / _MAKING
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    places = _write(making, taken.written, "replace")
    for name in _UNTOUCHED:
        if source := in_hand.file(name):
            _carry(source, making / name, taken.written)
    if (forms := in_hand.root / FORMS).is_dir():
        shutil.copytree(forms, making / FORMS)
    try:
        whole = Catalogue(making)
    except InputError as error:
        told = [_by_cell(line, making, places, taken, file) for line in error.lines]
        shutil.rmtree(making)
        raise InputError(*dict.fromkeys((*taken.faults.lines, *told))) from None
    if taken.faults.lines:
        shutil.rmtree(making)
        taken.faults.refuse()
    _lighten(making, taken.written, whole, in_hand.root)
    return making


def put_in_place(inputs: Path, making: Path, now: datetime) -> Path | None:
    """Let the prepared catalogue count. Gives where the earlier one is kept, if there was one.

    Between the two renames there is neither; whoever is killed there leaves a whole one that `catalogue_of` names.
    """
    own, waiting = inputs / OWN, inputs / WAITING
    shutil.rmtree(waiting, ignore_errors=True)
    making.rename(waiting)
    kept = None
    if own.exists():
        kept = inputs / f"{OWN}.{now:%Y%m%d-%H%M%S}"
        own.rename(kept)
    waiting.rename(own)
    return kept


def _write(folder: Path, written: Written, base: str) -> dict[tuple[str, int], Keys]:
    """Write the files; gives what stands on which line of which."""
    places: dict[tuple[str, int], Keys] = {}
    for name, document in documents(written, base).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        text, lines = toml_text(document)
        path.write_bytes(text.encode("utf-8"))
        places |= {(name, line): keys for line, keys in lines.items()}
    return places


def _carry(source: Path, target: Path, written: Written) -> None:
    """Copy a file that the workbook says nothing of, without lines on areas and codes that are there no more."""
    data = source.read_bytes()
    if source.suffix == ".csv":
        lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        areas = {"", *(name for _, name in written.rows["areas"])}
        feeds = {"-", *(key for kind in ("indicators", "targets", "texts") for _, key in written.rows[kind])}
        kept = [line for line in lines if line.get("area", "") in areas and line.get("feed", "-") in feeds]
        if len(kept) < len(lines):
            text = io.StringIO()
            writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept)
            says = any(
                line.get("feed", "") != "-" for line in kept
            )  # of what is declared, not of others' figures alone
            data = text.getvalue().encode("utf-8") if says else b""
    if data:
        target.write_bytes(data)


def _lighten(making: Path, written: Written, whole: Catalogue, own: Path) -> None:
    """Where only rows are added to the built-in catalogue, write these alone, on top of it."""
    more = _additions(written)
    if more is None:
        return
    trial = making.with_name(f"{_MAKING}.light")
    shutil.rmtree(trial, ignore_errors=True)
    trial.mkdir()
    _write(trial, more, "extend")
    if (making / FORMS).is_dir():
        shutil.copytree(making / FORMS, trial / FORMS)
    for name in (name for name in _UNTOUCHED if own != HERE and (own / name).exists()):
        shutil.copyfile(own / name, trial / name)
    try:
        same = _same(Catalogue(trial), whole)
    except InputError:
        same = False  # what stands in the middle of an area can be said only by the whole of it
    if same:
        shutil.rmtree(making)
        trial.rename(making)
    else:
        shutil.rmtree(trial)


def _additions(written: Written) -> Written | None:
    """The rows beyond the built-in ones, with their areas; None where anything built-in is changed or left out."""
    built_in, more = written_in([HERE]), Written(files=written.files, spelt=written.spelt)
    for kind, rows in written.rows.items():
        before = built_in.rows[kind]
        if any(rows.get(key) != row for key, row in before.items()):
            return None
        more.rows[kind] = {key: row for key, row in rows.items() if key not in before}
    parts = (*more.rows["columns"], *more.rows["relations"])
    if any(("", within) in built_in.rows["lists"] for within, _ in parts):
        return None  # a list is declared whole
    needed = {row["area"] for row in more.rows["indicators"].values()}
    needed |= {key[0] for key in more.rows["relations"] if ("", key[0]) in written.rows["areas"]}
    areas = written.rows["areas"].items()
    more.rows["areas"] = {key: row for key, row in areas if key in more.rows["areas"] or key[1] in needed}
    return more


def _same(one: Catalogue, other: Catalogue) -> bool:
    kinds = ("areas", "indicators", "relations", "lists", "offices", "targets", "texts", "terrains", "fields", "forms")
    return all(list(getattr(one, kind).items()) == list(getattr(other, kind).items()) for kind in kinds)


def _by_cell(line: str, making: Path, places: Places, taken: Taken, file: object) -> str:
    """A loader's fault, told of the cell that it comes from."""
    found = _PLACE.match(line)
    if found and (keys := places.get((_name(found["path"], making), int(found["line"])))):
        name = _name(found["path"], making)
        kind, key, column = _origin(name, keys, taken.written)
        cell = taken.cells.get((kind, key, column)) or taken.cells.get((kind, key, ""))
        if cell:
            return f"{cell}：{_in_heads(found['said'], kind)}"
    return line.replace(str(making), str(file)).replace("\\", "/")


def _name(path: str, making: Path) -> str:
    try:
        return Path(path).relative_to(making).as_posix()
    except ValueError:
        return path


def _origin(name: str, keys: Keys, written: Written) -> tuple[str, tuple[str, str], str]:
    """Kind, row and column of what stands at those keys of a file."""
    folder, first = name.partition("/")[0], keys[0] if keys else ""
    column = keys[2] if len(keys) > 2 else ""
    owner = {file: subject for subject, file in written.files.items()}.get(name.partition("/")[2], "")
    if folder == INDICATORS:
        if first == "area":
            return "areas", ("", owner), keys[1] if len(keys) > 1 else ""
        if len(keys) > 1:
            return first, (owner if first == "relations" else "", keys[1]), column
    if folder == LISTS:
        if first not in ("columns", "relations"):
            return "lists", ("", owner), first
        if len(keys) > 1:
            return first, (owner, keys[1]), column
    if name == HEAD and first in OTHERS and len(keys) > 1:
        return first, ("", keys[1]), column
    if name == TERRAINS:
        return "terrains", ("", first), keys[1] if len(keys) > 1 else ""
    return "", ("", ""), ""


def _in_heads(said: str, kind: str) -> str:
    """The fault in the workbook's words: heads for keys."""
    sheet = next(one for one in sheets() if one.kind == kind)
    for field in sorted(sheet.fields, key=lambda one: -len(one.key)):
        said = re.sub(rf"(?<![A-Za-z_\[]){field.key}(?![A-Za-z_\]])", f"“{field.head}”", said)
    for written, words in _SAID_OTHERWISE.items():
        said = said.replace(written, words)
    return said
