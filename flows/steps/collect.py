"""Collect: which files lie in the inbox, their bytes kept under their SHA-256, and whose each one is."""

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from flows.steps.reading import VILLAGE, Reading, Received
from schemas.findings import Finding
from schemas.toml import InputError
from schemas.township import Unit, named_units

LOCK_PREFIXES = ("~$", ".~lock.")
NOT_SUBMISSIONS = {"thumbs.db", "desktop.ini", ".ds_store", "readme.md"}
_YEAR = re.compile(r"(?:19|20|21)\d\d")
KNOWN_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et", ".csv", ".zip"}


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
    """Keep every file of the year's inbox in the archive, before anything is parsed.

    Raises InputError when the inbox does not exist. Files in folders and zips of several workbooks are taken too.
    """
    folder = inputs / str(year) / "submissions"
    if not folder.is_dir():
        raise InputError(f"找不到收件夹：{folder}（请把各单位报来的文件放在这里）")
    inbox = Inbox()
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if path.name.startswith(LOCK_PREFIXES):
            inbox.notices.append((name, Finding("FILE_OPEN_ELSEWHERE", details={"file": name})))
            continue
        for inner, data in _contents(path):
            inbox.files.append(keep(data, f"{name}/{inner}" if inner else name, outputs / "archive"))
    return inbox


def keep(data: bytes, name: str, archive: Path) -> Received:
    """Store bytes under their SHA-256 (whole or not at all) and say where; the same bytes are kept once."""
    digest = hashlib.sha256(data).hexdigest()
    suffix = Path(name).suffix.lower()
    path = archive / digest[:2] / (digest + (suffix if suffix in KNOWN_SUFFIXES else ""))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.part")
        partial.write_bytes(data)
        os.replace(partial, path)
    return Received(path=str(path), file=name, sha256=digest, size=len(data))


def archived_as(archive: Path, sha256: str) -> Path:
    """Where the archive keeps these bytes. Raises InputError when it has lost them."""
    kept = [path for path in sorted((archive / sha256[:2]).glob(f"{sha256}*")) if path.suffix != ".part"]
    if not kept:
        raise InputError(f"{archive} 里找不到原件 {sha256}，请从备份恢复这个文件夹")
    return kept[0]


def owner_of(reading: Reading, units: Sequence[Unit], year: int) -> Owner:
    """Judge whose the file is, from its hidden identity, its cover and its name; contradiction is never guessed away."""
    named = {source: named_units(words, units) for source, words in reading.identity.items()}
    by_file = named_units([Path(reading.file).stem], units)
    found = {unit.code: unit for units_ in (*named.values(), by_file) for unit in units_}
    if len(found) > 1:
        why = "；".join(f"{source}写的是{'、'.join(u.name for u in u_)}" for source, u_ in named.items() if u_)
        file_words = f"；文件名里是{'、'.join(unit.name for unit in by_file)}" if by_file else ""
        return Owner(None, (Finding("UNIT_CONTRADICTION", details={"file": reading.file, "why": why + file_words}),))
    if found:
        unit = next(iter(found.values()))
        return Owner(unit, (*_ended(unit, units, year), *_wrong_form(reading, unit), *_wrong_year(reading, year)))
    unreadable = any(finding.code.startswith("FILE_") for finding in reading.findings)
    return Owner(None, () if unreadable else (_unknown(reading, units),))


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


def _files(folder: Path) -> list[Path]:
    paths = (Path(root) / name for root, _, names in os.walk(folder) for name in names)
    return sorted(path for path in paths if path.is_file() and path.name.lower() not in NOT_SUBMISSIONS)


def _contents(path: Path) -> list[tuple[str, bytes]]:
    from flows.steps.guard import Refused, unpack

    data = path.read_bytes()
    try:
        return unpack(data) or [("", data)]
    except Refused:  # kept whole; reading it will say why it cannot be used
        return [("", data)]
