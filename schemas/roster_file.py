"""units.csv read: one unit a line, and every fault of a cell, of a line, and of what lines say of each other."""

import csv
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.faults import Fault, Faults, nearest
from schemas.levels import levels
from schemas.names import plain
from schemas.records import TOWNSHIP_ROLE
from schemas.roster import OFFICE, PLACES, ROSTER, UNIT_COLUMNS, UNIT_KINDS, Roster, Unit

_USUAL = (*UNIT_COLUMNS, "role")
_KNOWN_COLUMNS = (*_USUAL, *PLACES)
_HEADS = ",".join(_USUAL)


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
    if not cells["name"].isprintable() and any(unicodedata.category(letter)[0] == "C" for letter in cells["name"]):
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
