"""What was confirmed goes into inputs/catalogue, whole or not at all; the folder before it is kept beside it."""

import re
import shutil
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import NamedTuple

from flows.adopt.entries import entries, signatures, unknown_units
from flows.adopt.entry_files import Cancelled, table
from flows.adopt.found import FoundForm
from flows.adopt.last import gone
from flows.adopt.review_rows import Carried
from schemas.adopted import FORMS, SUFFIX, AdoptedForm, load_form
from schemas.catalogue import HEAD, OWN, WAITING, Catalogue, declared
from schemas.errors import InputError
from schemas.expanded import TOWNSHIP_OFFICE
from schemas.measures import measures_of
from schemas.names import plain, unbracketed
from schemas.records import TOWNSHIP_ROLE
from schemas.toml import read_toml

BEFORE, NEW = f".{OWN}.before-", f".{OWN}.adopting"
HEADING = """# 自己的目录：由 cunhui adopt 收编上级的表格生成，可以修改；改完用 cunhui catalogue check 检查。
# base = "replace"：只用这个文件夹里写的，内置的都不用；"extend"：在内置目录之上增加。

[catalogue]
base = "replace"
"""


class Applied(NamedTuple):
    """The catalogue before (None: the township had none of its own) and after."""

    before: Catalogue | None
    after: Catalogue


def apply(carried: Carried, originals: list[bytes], inputs: Path, year: int | None = None) -> Applied:
    """Write the forms into the township's catalogue. Raises InputError, with nothing written, when it has faults.

    `year` is the one from which a form holds that carries on last year's.
    """
    own, fresh = inputs / OWN, inputs / NEW
    if not inputs.is_dir():
        raise InputError(f"找不到输入文件夹：{inputs}")
    before = Catalogue(own) if own.is_dir() else None
    shutil.rmtree(fresh, ignore_errors=True)
    last: list[AdoptedForm] = []
    signed: dict[str, str] = {}
    try:
        if own.is_dir():
            shutil.copytree(own, fresh)
        else:
            _begin(fresh, inputs)
        cancelled = {form.sha256: _cancelled(fresh, form, year) for form in carried.forms if form.last_sha256 and year}
        for form in (form for form in carried.forms if form.last_sha256):
            last += [load_form(path) for path in (fresh / FORMS).glob(f"{form.last_sha256}{SUFFIX}")]
            for path in fresh.glob(f"*/adopted_{form.last_sha256[:8]}_*.toml"):
                path.unlink()
        formers = {form.sha256: was for form in carried.forms if (was := _without(fresh, form.sha256))}
        names = {sheet.area for was in (*formers.values(), *last) for sheet in was.sheets}
        numbers = {name: area.number for name, area in before.areas.items() if name in names} if before else {}
        for form, areas, data in zip(carried.forms, carried.areas, originals, strict=True):
            made = entries(form, _readable(fresh), areas, formers.get(form.sha256), numbers, cancelled.get(form.sha256))
            for name, content in made.files.items():
                (fresh / name).parent.mkdir(exist_ok=True)
                (fresh / name).write_bytes(content)
            (fresh / FORMS / made.form.kept).write_bytes(data)
            _measures(fresh, made.new_units)
            signed |= signatures(made.form)
        _fields(fresh, signed)
        after = _checked(fresh, own)
        _exchange(own, fresh, inputs)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    after.root = own
    return Applied(before, after)


def _begin(fresh: Path, inputs: Path) -> None:
    """A new catalogue: of the built-in one only the offices, terrains and texts that roster and settings name."""
    fresh.mkdir()
    roster, settings = (_text(inputs / name) for name in ("units.csv", "township.toml"))
    built_in = declared()
    tables = [("offices", role, {"name": name}) for role, name in _named_offices(roster).items()]
    for key, text in built_in.texts.items():
        if re.search(rf"(?m)^{key}\s*=", settings):
            tables.append(("texts", key, {"name": text.name, "definition": text.definition}))
    written = ["\n".join(table(f"{kind}.{key}", body)) for kind, key, body in tables]
    (fresh / HEAD).write_text("\n".join([HEADING, *written]) + "\n", encoding="utf-8")
    terrains = [terrain for terrain in built_in.terrains.values() if re.search(rf",{terrain.name}\b", roster)]
    if terrains:
        text = "\n".join("\n".join(table(one.name, {"definition": one.definition})) for one in terrains)
        (fresh / "terrains.toml").write_text(f"{text.strip()}\n", encoding="utf-8")


def offices_of(inputs: Path) -> dict[str, str]:
    """The offices that may report a form, the township's own among them: names by their role."""
    own = inputs / OWN
    known = {role: office.name for role, office in Catalogue(own).offices.items()} if own.is_dir() else {}
    return {TOWNSHIP_ROLE: TOWNSHIP_OFFICE} | (known or _named_offices(_text(inputs / "units.csv")))


def _named_offices(roster: str) -> dict[str, str]:
    """The built-in offices that a roster names, by their codes or roles."""
    return {
        office.suffix: office.name
        for office in declared().offices.values()
        if re.search(rf"(?m)^\d{{9}}{office.suffix}\b|\b{office.suffix}\b", roster)
    }


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig", "replace") if path.is_file() else ""


def undo(inputs: Path) -> tuple[Path, Path | None]:
    """Put back the catalogue that was there before the last applying; what is there now is kept under another name.

    Returns where that is kept, and the catalogue put back (None: there was none). Raises InputError without one.
    """
    kept = _kept(inputs)
    if not kept:
        raise InputError(f"{inputs} 里没有可以撤回的收编")
    own, last = inputs / OWN, kept[-1]
    undone = inputs / last.name.replace("before", "undone")
    shutil.rmtree(undone, ignore_errors=True)
    if own.exists():
        own.rename(undone)
    if not any(last.iterdir()):
        last.rmdir()
        return undone, None
    last.rename(own)
    return undone, own


def _kept(inputs: Path) -> list[Path]:
    """The catalogues put aside, oldest first."""
    found = [path for path in inputs.glob(f"{BEFORE}*") if path.name[len(BEFORE) :].isdecimal()]
    return sorted(found, key=lambda path: int(path.name[len(BEFORE) :]))


def _exchange(own: Path, fresh: Path, inputs: Path) -> None:
    """Put the new folder in the place of the old one, which is kept; an empty one says that there was none.

    Whoever is killed between the renames leaves a whole one that `catalogue_of` names.
    """
    waiting = inputs / WAITING
    shutil.rmtree(waiting, ignore_errors=True)
    fresh.rename(waiting)
    kept = _kept(inputs)
    number = int(kept[-1].name[len(BEFORE) :]) + 1 if kept else 1
    aside = inputs / f"{BEFORE}{number}"
    if own.exists():
        own.rename(aside)
    else:
        aside.mkdir()
    try:
        waiting.rename(own)
    except OSError:
        if any(aside.iterdir()):
            aside.rename(own)
        raise


def _without(folder: Path, sha256: str) -> AdoptedForm | None:
    """Take out what an earlier applying of the same form wrote; the form as it was then, for its codes."""
    record = folder / FORMS / f"{sha256}{SUFFIX}"
    if not record.exists():
        return None
    former = load_form(record)
    for path in (record, record.parent / former.kept, *folder.glob(f"*/adopted_{sha256[:8]}_*.toml")):
        path.unlink(missing_ok=True)
    return former


def _cancelled(folder: Path, form: FoundForm, year: int) -> Cancelled:
    """The tables of last year's figures that this year's form does not carry on."""
    bodies: dict[str, dict] = {}
    for sha256 in (form.last_sha256, form.sha256):
        for path in sorted((folder / "indicators").glob(f"adopted_{sha256[:8]}_*.toml")):
            bodies |= read_toml(path).get("indicators", {})
    wanted = set(gone(form)) | {code for code, body in bodies.items() if "until" in body}
    return Cancelled({code: body for code, body in bodies.items() if code in wanted}, year - 1)


def _readable(folder: Path) -> Catalogue | None:
    """The catalogue so far; None where there is nothing in it yet."""
    return Catalogue(folder) if any((folder / "indicators").glob("*.toml")) else None


def _measures(folder: Path, units: tuple[str, ...]) -> None:
    """Declare the units that nobody has declared yet, as words that convert into nothing."""
    new = unknown_units(units, measures_of(folder))
    if not new:
        return
    path = folder / "measures.toml"
    text = path.read_text(encoding="utf-8") if path.exists() else "# 收编的表格里有、内置目录里没有的计量单位。\n"
    old = re.search(r"^adopted = \[(.*)\]$", text, re.MULTILINE)
    words = ", ".join(
        [*([old[1]] if old else []), *(f'"{unit}"' for unit in new if '"' not in unit and "\\" not in unit)]
    )
    line = f"adopted = [{words}]"
    if old:
        text = text.replace(old[0], line)
    elif re.search(r"^\[others\]$", text, re.MULTILINE):
        text = re.sub(r"^\[others\]$", f"[others]\n{line}", text, count=1, flags=re.MULTILINE)
    else:
        text = f"{text.rstrip()}\n\n[others]\n{line}\n"
    path.write_text(text, encoding="utf-8")


def _fields(folder: Path, names: Mapping[str, str]) -> None:
    """Declare the signature cells that the catalogue has no field for; what stands in its file stays as it is.

    What a figure is called too is none: nothing would tell the one from the other.
    """
    known = read_toml(folder / HEAD).get("fields", {})
    there = {plain(str(body.get("name", ""))) for body in known.values() if isinstance(body, dict)}
    if set(names) - there and (catalogue := _readable(folder)):
        there |= {unbracketed(item.printed_name) for item in catalogue.indicators.values()}
    lines: list[str] = []
    for name, key in names.items():
        if plain(name) not in there:
            free = next(each for n in count(1) if (each := key if n == 1 else f"{key}{n}") not in known)
            known = {**known, free: {}}
            lines += table(f"fields.{free}", {"name": name})
    if lines:
        path = folder / HEAD
        path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n" + "\n".join(lines) + "\n", encoding="utf-8")


def _checked(fresh: Path, own: Path) -> Catalogue:
    """The catalogue as it would be, or what would be wrong with it."""
    try:
        return Catalogue(fresh)
    except InputError as error:
        lines = [line.replace(str(fresh), str(own)) for line in error.lines]
        raise InputError("照核对表写出来的目录有错，没有写进去；请改核对表再运行一次：", *lines[:20]) from None
