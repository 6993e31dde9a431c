"""Whose a file is: by hidden identity, cover and name; a contradiction is never guessed away."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from flows.reading.records import VILLAGE, Reading
from schemas.findings import Finding
from schemas.roster import Unit, named_units, sure

UNSEEN = ("隐藏表", "文件属性")
"""Where a file says whose it is and nobody sees it: left standing when another unit's form is filled in anew."""

SHEETS = "工作表名"
_YEAR = re.compile(r"(?:19|20|21)\d\d")
_YEAR_OF_FILE = re.compile(r"(?<!\d)((?:19|20|21)\d\d)年(?!\d)")
"""A year that a file's name says its report is of, and not when it was sent: 2023年报, but not 2024年1月5日."""

_OTHER_UNIT = re.compile(r"[^\W\d_](?<![本全各该政])(?:村|社区|居委会)|^\s*[0-9]{12}\s*$")
"""A claim of this kind names a unit; others, 本村 or （村委会盖章）, are words beside it."""


@dataclass(frozen=True)
class Owner:
    """Whose file it is: the unit, or None with the findings that say why not."""

    unit: Unit | None
    findings: tuple[Finding, ...] = ()


def owner_of(reading: Reading, units: Sequence[Unit], year: int) -> Owner:
    """Judge whose the file is, by hidden identity, cover and name; contradiction is never guessed away.

    A part of a file is judged by what it says itself, for the file's name may be anybody's, unless the parts are the
    several forms of one unit. The folders that the file
    lies in, or its zip, are only asked where nothing else names a unit.
    """
    named = {source: named_units(words, units) for source, words in reading.identity.items()}
    in_part = bool(reading.part) and not reading.of_one
    named |= {} if reading.adopted or in_part else {SHEETS: named_units(reading.sheets, units)}
    by_file = named_units([Path(reading.file).stem], units) if not in_part else []
    if not by_file and not any(named.values()) and not in_part:
        by_folder = named_units(Path(reading.file).parent.parts, units)
        by_file = by_folder if len(by_folder) == 1 and reading.answers else []
    *told, by_file = sure([*named.values(), by_file])
    named = dict(zip(named, told, strict=True))
    found = {unit.code: unit for units_ in (*told, by_file) for unit in units_}
    if len(found) > 1:
        why = "；".join(f"{source}写的是{'、'.join(u.name for u in u_)}" for source, u_ in named.items() if u_)
        file_words = f"；文件名里是{'、'.join(unit.name for unit in by_file)}" if by_file else ""
        return Owner(None, (Finding("UNIT_CONTRADICTION", details={"file": reading.file, "why": why + file_words}),))
    if found:
        unit = next(iter(found.values()))
        if not by_file and not any(named.get(source) for source in named if source not in UNSEEN):
            unseen = "、".join(source for source in named if named[source])
            why = f"只有看不见的{unseen}写着{unit.name}，封面、表头和文件名里都没有"
            return Owner(None, (Finding("UNIT_UNCLEAR", details={"file": reading.file, "why": why}),))
        if denied := _denied(reading, unit, units):
            return Owner(None, (Finding("UNIT_CONTRADICTION", details={"file": reading.file, "why": denied}),))
        return Owner(
            unit, (*_not_its_year(unit, units, year), *_wrong_form(reading, unit), *_wrong_year(reading, year))
        )
    refused = "PACKAGE_" if not reading.part else "FILE_"  # a part of a package is a unit's, whatever is wrong with it
    unreadable = any(finding.code.startswith(("FILE_", refused)) for finding in reading.findings)
    return Owner(None, () if unreadable else (_unknown(reading, units),))


def _denied(reading: Reading, unit: Unit, units: Sequence[Unit]) -> str:
    """What speaks against the one unit found: a claim of another village or code, which is on no roster."""
    others = {
        source: [word for word in words if _OTHER_UNIT.search(word) and not named_units([word], units)]
        for source, words in reading.identity.items()
    }
    said = "；".join(f"{source}写的是{'、'.join(words)}，不在名册里" for source, words in others.items() if words)
    return f"{said}；别处写的是{unit.name}" if said else ""


def _not_its_year(unit: Unit, units: Sequence[Unit], year: int) -> list[Finding]:
    if unit.expected_in(year):
        return []
    last_day = date(year, 12, 31)
    if unit.valid_from and unit.valid_from > last_day:
        return [Finding("UNIT_NOT_YET", raw=unit.name, details={"since": unit.valid_from.isoformat()})]
    successor = "、".join(other.name for other in units if other.code in unit.successors) or "合并后的单位"
    details = {"until": (unit.valid_to or last_day).isoformat(), "successor": successor}
    return [Finding("UNIT_ENDED", raw=unit.name, details=details)]


def _wrong_form(reading: Reading, unit: Unit) -> list[Finding]:
    if not reading.kind or reading.kind == (unit.office or VILLAGE):
        return []
    return [Finding("WRONG_FORM", raw=unit.name, details={"file": reading.file})]


def _wrong_year(reading: Reading, year: int) -> list[Finding]:
    said = {source: {int(found) for word in words for found in _YEAR.findall(word)[:1]}
            for source, words in reading.years.items()}  # fmt: skip
    claimed = set().union(*said.values())
    if claimed and year not in claimed:
        other = "、".join(str(claim) for claim in sorted(claimed))
        return [Finding("YEAR_MISMATCH", raw=other, details={"year": str(year)})]
    if len(claimed) > 1:
        sources = ((source, "、".join(map(str, sorted(years)))) for source, years in said.items() if years)
        why = "；".join(f"{source}写的是 {years}" for source, years in sources)
        return [Finding("YEAR_CONTRADICTION", raw=why, details={"year": str(year)})]
    by_file = {int(found) for found in _YEAR_OF_FILE.findall(Path(reading.file).stem)}
    if claimed and by_file and year not in by_file:
        told = "、".join(map(str, sorted(by_file)))
        return [Finding("YEAR_OF_FILE", details={"file": reading.file, "other": told, "year": str(year)})]
    not_asked = bool(reading.adopted) and not reading.years  # a form of others' may have no place for the year
    if claimed or not reading.answers or not_asked:
        return []
    return [Finding("YEAR_UNCLEAR", details={"year": str(year)})]


def _called(reading: Reading) -> str:
    """The file's name, with which part of it is meant."""
    return f"{reading.file} {reading.part}".strip()


def _unknown(reading: Reading, units: Sequence[Unit]) -> Finding:
    claimed = [word for words in reading.identity.values() for word in words if word and not word.isdigit()]
    if not claimed:
        why = "这一行没有写单位名称" if reading.part else "封面没有写填报单位，文件名里也没有单位名称"
        details = {"file": _called(reading), "why": why}
        return Finding("UNIT_UNCLEAR", details=details)
    near = get_close_matches(claimed[0], [unit.name for unit in units], n=1, cutoff=0.4)
    nearest = f"是不是“{near[0]}”？" if near else ""
    return Finding("UNIT_UNKNOWN", raw=claimed[0], details={"file": _called(reading), "nearest": nearest})
