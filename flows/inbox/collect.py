"""Collect: which files lie in the inbox, their bytes kept under their SHA-256, and whose each one is."""

import os
import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from flows.inbox.archive import Changing, digest_of, keep
from flows.inbox.unpack import Unpacker, may_hold_files
from flows.reading.guard import LARGEST_UNPACKED, MB
from flows.reading.records import VILLAGE, Reading, Received
from flows.values.characters import printable
from schemas.findings import Finding
from schemas.toml import InputError
from schemas.township import Unit, named_units

LOCK_PREFIXES = ("~$", ".~lock.")
NOT_SUBMISSIONS = {"thumbs.db", "desktop.ini", ".ds_store", "readme.md"}
_YEAR = re.compile(r"(?:19|20|21)\d\d")
_HEAD = 30 + 64
"""Bytes that tell a workbook from a zip of several."""
_OTHER_UNIT = re.compile(r"[^\W\d_](?<![本全各该政])(?:村|社区|居委会)|^\s*[0-9]{12}\s*$")
"""A claim of this kind names a unit; others, 本村 or （村委会盖章）, are words beside it."""


@dataclass
class Inbox:
    """What lies in the inbox: the files to read, and findings about files that are no submission."""

    files: list[Received] = field(default_factory=list)
    notices: list[tuple[str, Finding]] = field(default_factory=list)


@dataclass(frozen=True)
class Owner:
    """Whose file it is: the unit, or None with the findings that say why not."""

    unit: Unit | None
    findings: tuple[Finding, ...] = ()


def collect(inputs: Path, outputs: Path, year: int) -> Inbox:
    """Keep every file of the year's inbox in the archive; nothing is parsed but in processes of its own.

    Raises InputError when the inbox does not exist. Files in folders and zips of several workbooks are taken too.
    What cannot be opened is told and stops nothing.
    """
    folder = inputs / str(year) / "submissions"
    if not folder.is_dir():
        raise InputError(f"找不到收件夹：{folder}（请把各单位报来的文件放在这里）")
    inbox = Inbox()
    paths, faults = _found(folder)
    with Unpacker(outputs / "archive") as unpack:
        for path in paths:
            name = _printable(path.relative_to(folder))
            if path.name.startswith(LOCK_PREFIXES):
                inbox.notices.append((name, Finding("FILE_OPEN_ELSEWHERE", details={"file": name})))
                continue
            try:
                inbox.files += _kept(path, name, outputs / "archive", unpack)
            except _NotTaken as refused:
                inbox.notices.append((name, Finding(refused.code, details={"file": name, "why": refused.why})))
    for path, why in faults:
        name = _printable(path.relative_to(folder))
        inbox.notices.append((name, Finding("FILE_NOT_TAKEN", details={"file": name, "why": why})))
    return inbox


class _NotTaken(Exception):
    """The file cannot be kept; says which finding tells so, and why."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(code, why)
        self.code, self.why = code, why


def _kept(path: Path, name: str, archive: Path, unpack: Unpacker) -> list[Received]:
    """The file in the archive, or the files within it. Raises _NotTaken; a failing archive is our own failure."""
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(path.open("rb"))
            size = os.fstat(stream.fileno()).st_size
            if size > LARGEST_UNPACKED:
                raise _NotTaken("FILE_TOO_BIG", f"文件 {size // MB} MB，最多 {LARGEST_UNPACKED // MB} MB")
            head, digest = stream.read(_HEAD), digest_of(stream)
        except OSError as error:
            raise _NotTaken("FILE_NOT_TAKEN", _reason(error)) from None
        try:
            inner = unpack(path, name) if may_hold_files(head) else []
            return inner or [keep(stream, digest, name, archive)]
        except Changing:
            raise _NotTaken("FILE_NOT_TAKEN", "正在被改写") from None


def owner_of(reading: Reading, units: Sequence[Unit], year: int) -> Owner:
    """Judge whose the file is, by hidden identity, cover and name; contradiction is never guessed away."""
    named = {source: named_units(words, units) for source, words in reading.identity.items()}
    by_file = named_units([Path(reading.file).stem], units)
    found = {unit.code: unit for units_ in (*named.values(), by_file) for unit in units_}
    if len(found) > 1:
        why = "；".join(f"{source}写的是{'、'.join(u.name for u in u_)}" for source, u_ in named.items() if u_)
        file_words = f"；文件名里是{'、'.join(unit.name for unit in by_file)}" if by_file else ""
        return Owner(None, (Finding("UNIT_CONTRADICTION", details={"file": reading.file, "why": why + file_words}),))
    if found:
        unit = next(iter(found.values()))
        if denied := _denied(reading, unit, units):
            return Owner(None, (Finding("UNIT_CONTRADICTION", details={"file": reading.file, "why": denied}),))
        return Owner(unit, (*_ended(unit, units, year), *_wrong_form(reading, unit), *_wrong_year(reading, year)))
    unreadable = any(finding.code.startswith("FILE_") for finding in reading.findings)
    return Owner(None, () if unreadable else (_unknown(reading, units),))


def _denied(reading: Reading, unit: Unit, units: Sequence[Unit]) -> str:
    """What speaks against the one unit found: a claim of another village or code, which is on no roster."""
    others = {
        source: [word for word in words if _OTHER_UNIT.search(word) and not named_units([word], units)]
        for source, words in reading.identity.items()
    }
    said = "；".join(f"{source}写的是{'、'.join(words)}，不在名册里" for source, words in others.items() if words)
    return f"{said}；别处写的是{unit.name}" if said else ""


def _ended(unit: Unit, units: Sequence[Unit], year: int) -> list[Finding]:
    if unit.expected_in(year):
        return []
    successor = "、".join(other.name for other in units if other.code in unit.successors) or "合并后的单位"
    until = (unit.valid_to or unit.valid_from or date(year, 1, 1)).isoformat()
    details = {"until": until, "successor": successor}
    return [Finding("UNIT_ENDED", raw=unit.name, details=details)]


def _wrong_form(reading: Reading, unit: Unit) -> list[Finding]:
    if not reading.kind or reading.kind == (unit.office or VILLAGE):
        return []
    return [Finding("WRONG_FORM", raw=unit.name, details={"file": reading.file})]


def _wrong_year(reading: Reading, year: int) -> list[Finding]:
    claimed = {int(digits[0]) for words in reading.years.values() for word in words if (digits := _YEAR.findall(word))}
    if claimed and claimed != {year}:
        other = "、".join(str(claim) for claim in sorted(claimed - {year}))
        return [Finding("YEAR_MISMATCH", raw=other, details={"year": str(year)})]
    return [] if claimed or not reading.answers else [Finding("YEAR_UNCLEAR", details={"year": str(year)})]


def _unknown(reading: Reading, units: Sequence[Unit]) -> Finding:
    claimed = [word for words in reading.identity.values() for word in words if word and not word.isdigit()]
    if not claimed:
        details = {"file": reading.file, "why": "封面没有写填报单位，文件名里也没有单位名称"}
        return Finding("UNIT_UNCLEAR", details=details)
    near = get_close_matches(claimed[0], [unit.name for unit in units], n=1, cutoff=0.4)
    nearest = f"是不是“{near[0]}”？" if near else ""
    return Finding("UNIT_UNKNOWN", raw=claimed[0], details={"file": reading.file, "nearest": nearest})


def _found(folder: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The files that somebody meant to send, in order; and what lies there besides and why it cannot be taken."""
    paths: list[Path] = []
    faults: list[tuple[Path, str]] = []

    def tell(error: OSError) -> None:
        faults.append((Path(error.filename), _reason(error)))

    for root, folders, names in os.walk(folder, onerror=tell):
        for path in (Path(root) / name for name in names if name.lower() not in NOT_SUBMISSIONS):
            paths.append(path) if path.is_file() else faults.append((path, "不是文件"))
        links = (path for name in folders if (path := Path(root) / name).is_symlink())
        faults.extend((path, "是指向别处的文件夹") for path in links)
    return sorted(paths), faults


def _reason(error: OSError) -> str:
    """Why the system refuses a file, in words."""
    if isinstance(error, PermissionError):
        return "没有权限，或正被别的程序占用"
    return "文件已经不在" if isinstance(error, FileNotFoundError) else f"系统报错：{error.strerror}"


def _printable(path: Path) -> str:
    """The path as text: GBK where the name is in bytes that are no UTF-8, without what would upset a screen."""
    name = path.as_posix()
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        name = os.fsencode(name).decode("gb18030", "replace")
    return printable(name).replace("\n", "�").replace("\t", "�")
