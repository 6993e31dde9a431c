"""units.csv: who must submit, each dated, with what it reports and what became of it."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.faults import ALIKE
from schemas.records import TOWNSHIP_ROLE

UNIT_COLUMNS = ("code", "name", "kind", "terrain", "valid_from", "valid_to", "merged_into")
ROSTER = "units.csv"
UNIT_KINDS = ("村", "社区", "站所")
OFFICE, BETWEEN = "站所", "、"
"""The kind of a unit that files by its roles, and what stands between several of them."""
_MOST_TOLD = 3
"""Units of one name that are told."""
_MOST_KNOWN = 4_096
"""Words of which a roster remembers whom they name; a form has 18 (2026-11)."""
VILLAGES, TOWNSHIP = "各村", "乡镇本级"
"""Who reports a figure, beside the offices by their names."""
PLACES = ("township", "county", "city")
"""Columns that a roster of several townships has besides: what each unit's township is called, and what is above it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One village, community or office that must submit; dated, and pointing to its successor when merged.

    `merged_into` holds one code; of a unit that was split, several with 、 between. `role` says what an office reports,
    several with 、 between; where it is empty the last three digits of the code do.

    `township`, `county` and `city` name the places that it lies in. `name` is like no other township's: where two have
    a unit of one name, the township's stands before it, and `short` is the name alone.
    """

    code: str
    name: str
    kind: str
    terrain: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    merged_into: str = ""
    role: str = ""
    township: str = ""
    county: str = ""
    city: str = ""
    short: str = ""

    @property
    def own_name(self) -> str:
        """Its name in its own township."""
        return self.short or self.name

    @property
    def roles(self) -> tuple[str, ...]:
        """An office's roles, each once; none of a village."""
        if self.kind != OFFICE:
            return ()
        written = tuple(dict.fromkeys(filter(None, map(str.strip, re.split("[、，,；;/]", self.role)))))
        return written or (self.code[-3:],)

    @property
    def office(self) -> str | None:
        """Its roles in one, which say which indicators it reports and are its kind of form; None for a village."""
        return BETWEEN.join(self.roles) or None

    @property
    def successors(self) -> tuple[str, ...]:
        """The codes of the units that took its place."""
        return tuple(re.findall(r"\d+", self.merged_into)) if self.merged_into else ()

    def expected_in(self, year: int) -> bool:
        """Whether it submits for that year: it existed on the year's last day."""
        last_day = date(year, 12, 31)
        return (self.valid_from or last_day) <= last_day <= (self.valid_to or last_day)


class Roster(tuple[Unit, ...]):
    """Units in the order of units.csv, found by name or code without looking at each."""

    @cached_property
    def by_word(self) -> dict[str, list[Unit]]:
        """The units of every code and of every name, alone and with its township's; a name may be that of several."""
        found: dict[str, list[Unit]] = {}
        for unit in self:
            for word in {unit.code, unit.name, unit.own_name, f"{unit.township}{unit.own_name}"}:
                found.setdefault(word, []).append(unit)
        return found

    def named_by(self, word: str) -> list[Unit]:
        """The units that a word names: by code, by whole name, or by the longest name within it.

        Kept, for the names of their sheets are asked of every form: without it that was half of telling whose it is.
        """
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[word] = self._named_by(re.sub(r"\s+", "", unicodedata.normalize("NFKC", word)))
        return found

    def _named_by(self, text: str) -> list[Unit]:
        hits = self.by_word.get(text) or self.named_in(text)
        hits = hits or self.shortly_named_in(text)
        return [
            unit
            for unit in hits
            if not any(unit.own_name != other.own_name and unit.name in other.name for other in hits)
        ]

    @cached_property
    def _known(self) -> dict[str, list[Unit]]:
        return {}

    def __reduce__(self) -> tuple:
        return Roster, (tuple(self),)  # to another PC goes what it is, not what was asked of it

    @cached_property
    def _names(self) -> "_Words":
        return _Words((word, place) for place, unit in enumerate(self) for word in (unit.code, unit.name))

    @cached_property
    def _short_names(self) -> "_Words":
        return _Words((unit.short, place) for place, unit in enumerate(self) if unit.short)

    def named_in(self, text: str) -> list[Unit]:
        """The units whose code or name stands anywhere in the text, in order."""
        return [self[place] for place in self._names.within(text)]

    def shortly_named_in(self, text: str) -> list[Unit]:
        """Those whose name alone does, where it stands beside their township's for others have it too."""
        return [self[place] for place in self._short_names.within(text)]


class _Words:
    """Words by the places that they belong to, to be looked for anywhere in texts."""

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        self._places: dict[str, list[int]] = {}
        for word, place in words:
            self._places.setdefault(word, []).append(place)
        self._lengths = sorted({len(word) for word in self._places})

    def within(self, text: str) -> list[int]:
        """The places of the words that stand in the text, each once, in order.

        What costs less is done: the pieces of a sheet's name are fewer than the villages of a county.
        """
        if len(self._places) <= len(text) * len(self._lengths):
            found = (word for word in self._places if word in text)
        else:
            pieces = (text[at : at + size] for size in self._lengths for at in range(len(text) - size + 1))
            found = (piece for piece in pieces if piece in self._places)
        return sorted({place for word in found for place in self._places[word]})


def unheld(catalogue: Catalogue, units: Iterable[Unit], year: int) -> list[str]:
    """What nobody on the year's roster reports, one sentence for each reporter that is not there."""
    here = [unit for unit in units if unit.expected_in(year)]
    held = {None: any(unit.kind != OFFICE for unit in here)} | {role: True for unit in here for role in unit.roles}
    told = []
    for reporter in (None, *catalogue.offices):
        asked = [item.name for item in (*catalogue.reported(year, reporter), *catalogue.reported_lists(reporter))]
        if asked and not held.get(reporter):
            told.append(nobody(reporter, len(asked), asked[:3]))
    return told


def reporters(catalogue: Catalogue) -> list[str]:
    """Who may report a figure, as a clerk names them."""
    return [VILLAGES, TOWNSHIP, *(office.name for role, office in catalogue.offices.items() if role != TOWNSHIP_ROLE)]


def nobody(reporter: str | None, count: int, names: Sequence[str]) -> str:
    """That nobody reports these: their reporter is a role, or None for the villages."""
    if not reporter:
        who = "村（社区）"
    elif reporter == TOWNSHIP_ROLE:
        who = f"类别为{TOWNSHIP_ROLE}的单位"
    else:
        suffix = re.fullmatch(r"\d{3}", reporter)
        who = f"末三位为 {reporter} 的站所" if suffix else f"承担“{reporter}”的站所（units.csv 的 role 一栏）"
    more = f"等 {count} 项" if count > len(names) else ""
    return f"无人填报：{'、'.join(names)}{more}没有单位报，名册里没有应报的{who}"


def find_unit(words: str, units: Sequence[Unit]) -> Unit:
    """The unit of that name or code. Raises InputError with the nearest name."""
    found = named_units([words], units)
    if len(found) == 1:
        return found[0]
    if found:
        which = "、".join(f"{unit.name} {unit.code}" for unit in found[:_MOST_TOLD])
        raise InputError(f"“{words}”在 units.csv 里不止一个单位（{which}），请写全称或代码")
    near = difflib.get_close_matches(words, [unit.name for unit in units], n=1, cutoff=ALIKE)
    raise InputError(f"units.csv 里没有叫“{words}”的单位" + (f"，是不是“{near[0]}”？" if near else ""))


def named_units(words: Iterable[str], units: Sequence[Unit]) -> list[Unit]:
    """The units that these words name: by code, by whole name, or by the longest name within the words.

    A name that several townships have means the unit that another word names alone, where one does.
    """
    roster = units if isinstance(units, Roster) else Roster(units)
    found = sure([roster.named_by(word) for word in words])
    return list({unit.code: unit for hits in found for unit in hits}.values())


def sure(hits: Sequence[Sequence[Unit]]) -> list[list[Unit]]:
    """What several words name, each; of a name that several townships have, the unit that another word names alone."""
    alone = {each[0].code for each in hits if len(each) == 1}
    return [(_namesakes(each) and [unit for unit in each if unit.code in alone]) or list(each) for each in hits]


def _namesakes(units: Sequence[Unit]) -> bool:
    return len(units) > 1 and len({unit.own_name for unit in units}) == 1
