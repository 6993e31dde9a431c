"""The files of the folder 退回: what each is called, which of them are ours, and which are no longer needed."""

import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from flows.emit.forms.forms import file_stems
from flows.files import ZIP_FAULTS
from flows.inbox.archive import digest_of
from flows.store.figures import Place
from flows.store.returned import Returned
from flows.store.store import Store
from schemas.errors import InputError

ORIGINAL, UNKNOWN, SEVERAL, PACKAGE = "-原件", "未识别-", "多单位-", "报送包-"
WHOLE = "*"
"""The part of a case that stands for a whole file of several units."""
PROPERTY = "cunhui_return"
_KEY = re.compile(rf'name="{PROPERTY}"[^>]*><vt:lpwstr>([0-9a-f]+)<')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


def key_of(path: Path) -> str:
    """The key in a returned workbook that this module wrote; "" for any other file."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = _KEY.search(archive.read("docProps/custom.xml").decode("utf-8", errors="replace"))
    except (OSError, *ZIP_FAULTS):  # not there, or somebody else's: either way it is not the one that was written
        return ""
    return found[1] if found else ""


def stems_of(cases: Sequence[Returned], roster: Sequence[Place]) -> list[str]:
    """A file stem for each case: the unit's name, with its code where the name alone will not do.

    It depends on the whole roster, or on the file's own name and bytes, so that it is the same at every run.
    """
    of_unit = return_stems(roster)
    plain = [_clean(case.sender or Path(case.file).stem + _which(case)) for case in cases]
    times = Counter(name.casefold() for name, case in zip(plain, cases, strict=True) if not case.unit)
    stems: dict[str, str] = {}
    for case, name in zip(cases, plain, strict=True):
        stem = (
            (SEVERAL if case.part == WHOLE else UNKNOWN if case.sender is None else PACKAGE)
            + name
            + (f"-{case.sha256[:8]}" if times[name.casefold()] > 1 else "")
        )
        if case.unit:
            stem = form_stem(of_unit[case.unit.code], case.form_name)
        elif stem.casefold() in stems:  # a name made to be what another's became
            stem += f"-{case.sha256[8:24]}"
        stems[stem.casefold()] = stem
    return list(stems.values())


def _which(case: Returned) -> str:
    return "" if case.part in ("", WHOLE) or case.sender is not None else f"-{case.part}"


def package_stem(sender: str, file: str) -> str:
    """What the notice to a package's sender is called."""
    return PACKAGE + _clean(sender or Path(file).stem)


def form_stem(stem: str, form: str) -> str:
    """The stem of one of the several forms that a unit owes."""
    return f"{stem}-{_clean(form)}" if form else stem


def return_stems(roster: Iterable[Place]) -> dict[str, str]:
    """By unit code: its name where no other has it and it is fit for a file name everywhere, else `<code>-<name>`."""
    units = list(roster)
    coded = dict(zip((unit.code for unit in units), file_stems(units), strict=True))
    times = Counter(unit.name.casefold() for unit in units)
    alone = {unit.code for unit in units if times[unit.name.casefold()] == 1}
    return {
        unit.code: unit.name if unit.code in alone and _is_fit(unit, coded[unit.code]) else coded[unit.code]
        for unit in units
    }


def _is_fit(unit: Place, coded: str) -> bool:
    name = unit.name
    ours = name.startswith((UNKNOWN, SEVERAL, PACKAGE, ".", " ")) or name[:1].isdigit() or name.endswith(ORIGINAL)
    return coded == f"{unit.code}-{name}" and not ours and not _RESERVED.fullmatch(name)


def _clean(stem: str) -> str:
    """A received file's stem, fit for a file name, and not to be taken for another's original."""
    [stem] = file_stems([Place("", stem, "village")])
    stem = stem.removeprefix("-")
    while stem.endswith(ORIGINAL):
        stem = stem.removesuffix(ORIGINAL)
    return stem or "文件"


def original_suffix(file: str) -> str:
    """What an original's name ends in, as it was received."""
    suffix = Path(file).suffix
    return suffix if _SUFFIX.fullmatch(suffix) else ""


def remove_stale(folder: Path, wanted: Collection[str], store: Store) -> None:
    """Remove returned workbooks and originals that nobody needs any more, and halves of a broken run: only our own.

    Raises InputError when another program holds one open.
    """
    there = folder.iterdir() if folder.is_dir() else ()
    others = [path for path in there if path.is_file() and path.name not in wanted]
    known: set[str] = set()
    if any(path.stem.endswith(ORIGINAL) for path in others):
        known = {sha256 for (sha256,) in store.rows("SELECT DISTINCT sha256 FROM base.submission")}
    for path in others:
        if _is_ours(path, known):
            try:
                path.unlink()
            except PermissionError:
                raise InputError(f"{path} 删不掉：可能正被表格软件打开，请关闭后重试") from None


def _is_ours(path: Path, known: Collection[str]) -> bool:
    """A workbook with our key, an original whose bytes are archived, a temporary file of write_atomically."""
    if path.name.startswith("."):
        return path.suffix == ".tmp"
    if path.stem.endswith(ORIGINAL):
        with path.open("rb") as stream:
            return digest_of(stream) in known
    return path.suffix in (".xlsx", ".xlsm") and bool(key_of(path))
