"""units.csv: who must submit, each dated, with what it reports and what became of it."""

import csv
import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.faults import ALIKE, Fault, Faults, nearest
from schemas.levels import levels
from schemas.names import plain
from schemas.records import TOWNSHIP_ROLE

UNIT_COLUMNS = ("code", "name", "kind", "terrain", "valid_from", "valid_to", "merged_into")
ROSTER = "units.csv"
UNIT_KINDS = ("村", "社区", "站所")
OFFICE, BETWEEN = "站所", "、"
"""The kind of a unit that files by its roles, and what stands between several of them."""
_MOST_TOLD = 3
"""Units of one name that are told."""
VILLAGES, TOWNSHIP = "各村", "乡镇本级"
"""Who reports a figure, beside the offices by their names."""
PLACES = ("township", "county", "city")
"""Columns that a roster of several townships has besides: what each unit's township is called, and what is above it."""
_USUAL = (*UNIT_COLUMNS, "role")
_KNOWN_COLUMNS = (*_USUAL, *PLACES)
_HEADS = ",".join(_USUAL)


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
        written = tuple(dict.fromkeys(filter(None, map(str.strip, re.split("[、，,；;/]", self.role)))))
        return (written or (self.code[-3:],)) if self.kind == OFFICE else ()

    @property
    def office(self) -> str | None:
        """Its roles in one, which say which indicators it reports and are its kind of form; None for a village."""
        return BETWEEN.join(self.roles) or None

    @property
    def successors(self) -> tuple[str, ...]:
        """The codes of the units that took its place."""
        return tuple(re.findall(r"\d+", self.merged_into))

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


def load_units(inputs: Path, within: str, catalogue: Catalogue) -> Roster:
    """Read units.csv (UTF-8, or GBK as Excel saves it); every code begins with `within`, the township's.

    Raises InputError with a line for every fault.
    """
    path, faults = inputs / ROSTER, Faults()
    rows = _rows(path)
    heads = [name.strip() for name in rows[0][1]] if rows else []
    for number, _ in rows[:1]:
        for name in (name for name in heads if name and name not in _KNOWN_COLUMNS):
            faults.add(path, number, f"表头里有不认识的“{name}”", f"{nearest(name, _KNOWN_COLUMNS)}（应为 {_HEADS}）")
    if missing := [name for name in ("code", "name", "kind") if name not in heads]:
        written = "" if set(heads) & set(_KNOWN_COLUMNS) else f"，写的是“{','.join(heads)[:40]}”"
        faults = faults if not written else Faults()
        faults.add(path, 1, f"表头缺少 {'、'.join(missing)}{written}", f"应为 {_HEADS}，各格用半角逗号隔开")
        faults.refuse()
    units, lines = [], []
    for number, cells in rows[1:]:
        if any(cell.strip() for cell in cells):
            units.append(faults.collect(_unit, path, number, heads, cells, within, catalogue))
            lines.append(number)
    placed = [(number, unit) for number, unit in zip(lines, units, strict=True) if unit]
    if not units:
        faults.add(path, 0, "名册里没有单位")
    for number, found, allowed in _roster_faults(placed, whole=None not in units):
        faults.add(path, number, found, allowed)
    faults.refuse()
    return Roster(_told_apart([unit for _, unit in placed]))


def _told_apart(units: Sequence[Unit]) -> Iterator[Unit]:
    """The units, those of one name in several townships with the township's before it."""
    bearers: dict[str, set[str]] = {}
    for unit in units:
        bearers.setdefault(unit.name, set()).add(unit.code[:9])
    full: dict[str, set[str]] = {}
    for unit in units:
        full.setdefault(f"{unit.township}{unit.name}", set()).add(unit.code[:9])
    for unit in units:
        if len(bearers[unit.name]) == 1 or not unit.township:
            yield unit
        else:
            above = unit.county if len(full[f"{unit.township}{unit.name}"]) > 1 else ""
            yield replace(unit, name=f"{above}{unit.township}{unit.name}", short=unit.name)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows of the roster with the line each ends on. Raises InputError for a file that cannot be read."""
    try:
        data = path.read_bytes()
    except OSError:
        raise InputError(f"找不到单位名册：{path}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise InputError(str(Fault(path, line, "有认不出编码的字", "请另存为 UTF-8 编码的 CSV"))) from None
    reader = csv.reader(text.splitlines())
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error:
        raise InputError(str(Fault(path, reader.line_num, "不是 CSV 的写法", "请用表格软件另存为 CSV"))) from None


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
    found = sure([_named(re.sub(r"\s+", "", unicodedata.normalize("NFKC", word)), roster) for word in words])
    return list({unit.code: unit for hits in found for unit in hits}.values())


def _named(text: str, roster: Roster) -> list[Unit]:
    hits = roster.by_word.get(text) or roster.named_in(text)
    hits = hits or roster.shortly_named_in(text)
    return [
        unit for unit in hits if not any(unit.own_name != other.own_name and unit.name in other.name for other in hits)
    ]


def sure(hits: Sequence[Sequence[Unit]]) -> list[list[Unit]]:
    """What several words name, each; of a name that several townships have, the unit that another word names alone."""
    alone = {each[0].code for each in hits if len(each) == 1}
    return [(_namesakes(each) and [unit for unit in each if unit.code in alone]) or list(each) for each in hits]


def _namesakes(units: Sequence[Unit]) -> bool:
    return len(units) > 1 and len({unit.own_name for unit in units}) == 1


def _unit(path: Path, line: int, heads: list[str], written: list[str], within: str, catalogue: Catalogue) -> Unit:
    """One line of the roster. Raises InputError with its faults."""
    faults = Faults()
    cells = {key: "" for key in _KNOWN_COLUMNS} | {key: cell.strip() for key, cell in zip(heads, written, strict=False)}
    if any(cell.strip() for cell in written[len(heads) :]):
        faults.add(path, line, f"有 {len(written)} 格，表头只有 {len(heads)} 格", "名称里的逗号要用引号括起来")
    if cells["kind"] == TOWNSHIP_ROLE in catalogue.offices and not cells["role"]:
        cells |= {"kind": OFFICE, "role": TOWNSHIP_ROLE}
    for found, allowed in _cell_faults(cells, within, catalogue):
        faults.add(path, line, found, allowed)
    dates: dict[str, date | None] = {"valid_from": None, "valid_to": None}
    for key in (key for key in dates if cells[key]):
        try:
            dates[key] = date.fromisoformat(cells[key])
        except ValueError:
            faults.add(path, line, f"日期 {key} 写的是“{cells[key]}”", "日期应写成 2023-12-31 的样子")
    if dates["valid_from"] and dates["valid_to"] and dates["valid_from"] > dates["valid_to"]:
        faults.add(path, line, f"valid_from {cells['valid_from']} 晚于 valid_to {cells['valid_to']}", "先设立，后撤销")
    if cells["merged_into"] and not cells["valid_to"]:
        faults.add(path, line, "写了 merged_into，没有写 valid_to", "应写并入别的单位以前的最后一天，如 2023-12-31")
    faults.refuse()
    return Unit(**{**{key: cells[key] for key in _KNOWN_COLUMNS}, **dates})


def _cell_faults(cells: dict[str, str], within: str, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    code, kind = cells["code"], cells["kind"]
    if not (code.isascii() and code.isdigit() and len(code) in (6, 9, 12)):
        mangled = "表格软件把它改成了科学计数，请先把这一列设为文本；" if "E+" in code.upper() else ""
        yield f"单位代码写的是“{code}”", f"{mangled}应为 12 位数字"
    elif not (code.startswith(within) and len(code) > len(within)):
        yield f"单位代码 {code} 不属于 {within}（township.toml 的 code）", f"应以 {within} 开头"
    elif kind == OFFICE:
        known = "、".join(f"{role} {office.name}" for role, office in catalogue.offices.items())
        allowed = f"应为 {known}" if known else "目录里没有站所"
        if not cells["role"] and code[-3:] not in catalogue.offices:
            yield f"站所代码 {code} 的尾码 {code[-3:]} 没有声明", f"{allowed}；或在 role 一栏写它的职责"
        for role in Unit(code, "", OFFICE, role=cells["role"]).roles if cells["role"] else ():
            if role not in catalogue.offices:
                yield f"职责 role 写的是“{role}”", f"{allowed}，几项的用、隔开"
    if cells["role"] and kind != OFFICE:
        yield f"职责 role 写的是“{cells['role']}”", "只有站所写职责"
    if not cells["name"]:
        yield "单位没有名称", "应写全称"
    if any(unicodedata.category(letter)[0] == "C" for letter in cells["name"]):
        yield f"单位名称“{cells['name']}”里有看不见的字符", "请删去重写"
    if kind not in UNIT_KINDS:
        kinds = (*UNIT_KINDS, *((TOWNSHIP_ROLE,) if TOWNSHIP_ROLE in catalogue.offices else ()))
        yield f"类别写的是“{kind}”", f"类别须为 {'、'.join(kinds)} 之一"
    if cells["terrain"] and cells["terrain"] not in catalogue.terrains:
        yield (
            f"地形写的是“{cells['terrain']}”",
            f"应为 {'、'.join(catalogue.terrains)} 之一，或空着" if catalogue.terrains else "目录里没有地形，应空着",
        )


def _at_once(one: Unit, other: Unit) -> bool:
    """Whether there was a day on which both were there."""
    first, last = date.min, date.max
    return (one.valid_from or first) <= (other.valid_to or last) and (other.valid_from or first) <= (
        one.valid_to or last
    )


def _roster_faults(placed: Sequence[tuple[int, Unit]], whole: bool) -> Iterator[tuple[int, str, str]]:
    """What lines say of each other; what points to a line at fault is not told again."""
    first: dict[str, int] = {}
    for number, unit in placed:
        if unit.code in first:
            yield number, f"单位代码 {unit.code} 重复", f"第 {first[unit.code]} 行已经用过"
        first.setdefault(unit.code, number)
    yield from _name_faults(placed)
    held: dict[str, tuple[int, Unit]] = {}
    for number, unit in placed:
        for role in unit.roles if unit.role else ():
            other = held.setdefault(f"{unit.code[:9]} {role}", (number, unit))
            if other[1] is not unit and _at_once(unit, other[1]):
                yield (
                    number,
                    f"{unit.name}的职责“{role}”",
                    f"第 {other[0]} 行 {other[1].name}已有，一项职责只由一个站所承担",
                )
    yield from _place_faults(placed)
    for number, unit in placed:
        for code in unit.successors or ((unit.merged_into,) if unit.merged_into else ()):
            if code not in first and whole:
                yield number, f"{unit.name} 的 merged_into {code} 不在名册里", "应为并入单位的代码，几个的用、隔开"
            elif code == unit.code:
                yield number, f"{unit.name} 的 merged_into 是它自己", "应为并入单位的代码"
    yield from _circle_faults(placed)


def _name_faults(placed: Sequence[tuple[int, Unit]]) -> Iterator[tuple[int, str, str]]:
    """Two units of one township that bear one name at once: nobody could tell whose file is meant."""
    bearers: dict[tuple[str, str], list[tuple[int, Unit]]] = {}
    for number, unit in placed:
        others = bearers.setdefault((unit.code[:9], plain(unit.name)), [])
        for line, other in others:
            if other.code != unit.code and _at_once(unit, other):
                yield number, f"单位名称“{unit.name}”重复", f"第 {line} 行已经用过；同名的请写得能分清"
                break
        others.append((number, unit))


def _circle_faults(placed: Sequence[tuple[int, Unit]]) -> Iterator[tuple[int, str, str]]:
    """Units that were merged into each other, so that none is left to have their figures."""
    codes = {unit.code for _, unit in placed}
    into = {unit.code: (set(unit.successors) & codes) - {unit.code} for _, unit in placed}
    while ended := {code for code, successors in into.items() if not successors & into.keys()}:
        into = {code: successors for code, successors in into.items() if code not in ended}
    for number, unit in placed:
        if unit.code in into:
            yield number, f"{unit.name}并来并去，又并回自己或并不到头", "merged_into 应为现有的单位"


def _place_faults(placed: Sequence[tuple[int, Unit]]) -> Iterator[tuple[int, str, str]]:
    """Two names of one place; which place it is, the code says."""
    called: dict[str, tuple[int, str]] = {}
    for number, unit in placed:
        for column in PLACES:
            if name := getattr(unit, column):
                place = unit.code[: levels()[column].digits]
                line, before = called.setdefault(place, (number, name))
                if before != name:
                    yield number, f"{column} 写的是“{name}”", f"第 {line} 行把 {place} 叫作“{before}”，只能有一个名称"
