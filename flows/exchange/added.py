"""Figures added to a township's catalogue by name, unit and reporter: checked, then in place, whole or not at all."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from flows.exchange.put import prepare, put_in_place
from flows.exchange.take import Taken
from flows.exchange.written import Row, Written, written_in
from schemas.catalogue import OWN, Catalogue
from schemas.errors import InputError
from schemas.faults import Faults, nearest
from schemas.records import TOWNSHIP_ROLE
from schemas.roster import TOWNSHIP, VILLAGES, Roster, reporters, unheld

_OF_VILLAGES = (VILLAGES, "村")
_NO_SUM = ("%", "‰", "百分点", "个百分点", "倍")
"""Units of what a township's figure is not the sum of its villages'."""
_CODE = re.compile(r"([A-Z]*)(\d+)")
_WIDTH = 2
"""Digits of a code in an area that has none yet, as in the built-in areas."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A figure to be collected: whose words describe it, in which area, by whom (各村, 乡镇本级, an office's name)."""

    name: str
    unit: str
    definition: str
    area: str
    reporter: str
    decimals: int = 0
    place: str = ""


class Added(NamedTuple):
    """The catalogue now, the codes of what was added, and where the one before is kept, if there was one."""

    catalogue: Catalogue
    codes: tuple[str, ...]
    kept: Path | None


def add(inputs: Path, wanted: Sequence[Wanted], since: int, in_hand: Catalogue, units: Roster, now: datetime) -> Added:
    """Write them as indicators from the year `since` on. Raises InputError with every fault, and nothing is written.

    The folder before is kept beside it: putting it back takes them out again.
    """
    faults, written = Faults(), written_in(in_hand.roots)
    codes = [_put(one, written, in_hand, since, faults) for one in wanted]
    faults.refuse()
    written.sort()
    making = prepare(inputs, Taken(written), inputs, in_hand)
    lacking = set(unheld(Catalogue(making), units, since)) - set(unheld(in_hand, units, since))
    if lacking:
        shutil.rmtree(making)
        raise InputError(*(f"{lack}；请改由别人填报，或先改名册" for lack in sorted(lacking)))
    kept = put_in_place(inputs, making, now)
    return Added(Catalogue(inputs / OWN), tuple(codes), kept)


def _put(one: Wanted, written: Written, catalogue: Catalogue, since: int, faults: Faults) -> str:
    """One more row, and its unit if nobody has declared that; its code."""
    place = one.place or f"“{one.name}”"
    if known := catalogue.find(one.name):
        faults.add(place, 0, f"目录里已有“{known.name}”（{known.code}）", "直接用它，或另取一个名称")
    if one.area not in catalogue.areas:
        faults.add(place, 0, f"类别写的是“{one.area}”", nearest(one.area, list(catalogue.areas)))
    if not one.unit:
        faults.add(place, 0, "没有计量单位", "先在报告补充数.xlsx 的单位一栏写上")
    if one.unit in _NO_SUM and one.reporter in _OF_VILLAGES:
        faults.add(place, 0, f"单位是{one.unit}，各村的数不能相加", "由一个站所或乡镇本级填报，或先收它的分子、分母")
    code = _free(one.area, written, catalogue)
    row: Row = {"area": one.area, "code": code, "name": one.name, "definition": one.definition, "unit": one.unit}
    if one.decimals:
        row["decimals"] = one.decimals
    row |= _reported_by(one.reporter, catalogue, place, faults)
    written.put("indicators", {**row, "blank": "missing", "since": since})
    if one.unit and not catalogue.measures.knows(one.unit):
        written.put("measures", {"unit": one.unit})
    return code


def _reported_by(words: str, catalogue: Catalogue, place: str, faults: Faults) -> Row:
    if words in _OF_VILLAGES:
        return {}
    if words in (TOWNSHIP, TOWNSHIP_ROLE):
        return {"reporter": "township"}
    roles = [role for role, office in catalogue.offices.items() if words in (role, office.name)]
    if not roles:
        near = nearest(words, reporters(catalogue))
        faults.add(place, 0, f"由谁填报写的是“{words}”" if words else "没有写由谁填报", near)
    return {"reporter": "office", "office": roles[0]} if roles else {}


def _free(area: str, written: Written, catalogue: Catalogue) -> str:
    """The code after the last of its area's, written like these."""
    taken = {key for kind in ("indicators", "targets", "lists", "columns") for _, key in written.rows[kind]}
    taken |= catalogue.indicators.keys()
    codes = [match for row in written.of("indicators", area) if (match := _CODE.fullmatch(str(row["code"])))]
    known = catalogue.areas.get(area)
    letters = codes[-1][1] if codes else (known.letter if known and known.letter else "P")
    like = [match for match in codes if match[1] == letters]
    width = max((len(match[2]) for match in like), default=_WIDTH)
    number = max((int(match[2]) for match in like), default=0) + 1
    while f"{letters}{number:0{width}}" in taken:
        number += 1
    return f"{letters}{number:0{width}}"
