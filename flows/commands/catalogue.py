"""`cunhui catalogue`: a township's own catalogue checked, begun as a copy, written to Excel and taken back."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from flows.commands.screen import asks
from flows.exchange.changes import REMOVED, SORTS, Change, changes
from flows.exchange.draw import draw_catalogue
from flows.exchange.put import prepare
from flows.exchange.put import put_in_place as put_catalogue
from flows.exchange.sheets import sheets
from flows.exchange.take import Taken, take_back
from flows.exchange.written import written_in
from flows.files import put_in_place
from flows.reading.tables import read_tables
from flows.values.characters import printable, printable_json
from schemas.catalogue import FILES, FOLDERS, HEAD, HERE, OWN, Catalogue, catalogue_of, declared
from schemas.errors import InputError
from schemas.roster import ROSTER, unheld
from schemas.roster_file import load_units
from schemas.township import as_written

BOOK = "指标目录"
KINDS = {
    "areas": "类别", "indicators": "指标", "relations": "审核关系", "lists": "明细表", "offices": "站所",
    "targets": "下年目标", "texts": "固定文字", "terrains": "地形", "fields": "封面栏目",
}  # fmt: skip
SHOWN = 8
"""How many names of a kind the screen lists; --json lists all."""
ROOT_ONLY = ("findings.toml", "sheets.toml", "levels.toml")
"""Declarations of the program itself, which no township changes."""
HEADING = """# 自己的目录：由内置目录复制而来，可以增删修改；改完用 cunhui catalogue check 检查。
# base = "replace"：只用这个文件夹里写的，内置的都不用；
# base = "extend"：在内置目录之上增加，代码相同的以这里为准，没有改的文件可以删去。

[catalogue]
base = "replace"

"""


def check_catalogue(inputs: Path, as_json: bool) -> int:
    """Say what the catalogue in hand adds and changes against the built-in one. Raises InputError with all faults."""
    if not inputs.is_dir():
        raise InputError(f"找不到输入文件夹：{inputs}")
    catalogue = catalogue_of(inputs)
    found, lacking = compared(catalogue), _lacking(inputs, catalogue)
    if as_json:
        told = {"own": catalogue is not declared(), "base": catalogue.head.base, "changes": found, "lacking": lacking}
        print(printable_json(json.dumps(told, ensure_ascii=False, indent=2)))
        return 0
    counts = "、".join(f"{word} {len(getattr(catalogue, kind))}" for kind, word in KINDS.items())
    if catalogue is declared():
        lines = [f"没有自己的目录（{inputs / OWN}），用的是内置目录：{counts}。"]
    else:
        how = "在内置目录之上增改" if catalogue.head.base == "extend" else "代替内置目录"
        lines = [f"目录没有错：{inputs / OWN}，{how}。共有{counts}。"]
        of_its_own = catalogue.indicators.keys().isdisjoint(declared().indicators)
        lines += ["没有一个指标与内置目录相同，不逐项比较。"] if of_its_own else told_changes(found)
    for line in (*lines, *lacking):
        print(printable(line))
    return 0


def _lacking(inputs: Path, catalogue: Catalogue) -> list[str]:
    """What nobody reports, where there is a roster to tell it by."""
    if not (inputs / ROSTER).exists():
        return []
    code, year = as_written(inputs)
    units = load_units(inputs, code, catalogue)
    return unheld(catalogue, units, year) if year else []


def compared(catalogue: Catalogue) -> dict[str, dict[str, list[str]]]:
    """By kind: what the catalogue has that the built-in one has not, what it has otherwise, what it leaves out."""
    return changes_between(declared(), catalogue)


def changes_between(before: Catalogue | None, now: Catalogue) -> dict[str, dict[str, list[str]]]:
    """The same between any two; everything is new where there was none before."""
    held = {kind: getattr(before, kind) if before else {} for kind in KINDS}
    return {kind: _changes(held[kind], getattr(now, kind)) for kind in KINDS if held[kind] != getattr(now, kind)}


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        "added": [_named(key, now[key]) for key in now if key not in before],
        "changed": [
            f"{_named(key, now[key])}（{'、'.join(_differing(before[key], now[key]))}）"
            for key in now
            if key in before and now[key] != before[key]
        ],
        "left_out": [_named(key, before[key]) for key in before if key not in now],
    }


def _named(key: str, record: Any) -> str:
    name = getattr(record, "name", "") or getattr(record, "words", "")
    return key if name in ("", key) else f"{key} {name}"


def _differing(before: Any, now: Any) -> list[str]:
    fields = msgspec.structs.fields(now)
    return [field.name for field in fields if getattr(before, field.name) != getattr(now, field.name)]


def told_changes(found: Mapping[str, Mapping[str, list[str]]], same: str = "与内置目录相同。") -> Iterator[str]:
    """Changes in words, a line for each kind."""
    if not found:
        yield same
    for kind, sorts in found.items():
        for key, word in (("added", "新增"), ("changed", "改了"), ("left_out", "不用内置的")):
            if names := sorts[key]:
                more = "……" if len(names) > SHOWN else ""
                yield f"{word}{KINDS[kind]} {len(names)} 项：{'；'.join(names[:SHOWN])}{more}"


def copy_catalogue(inputs: Path) -> int:
    """Copy the built-in catalogue to inputs/catalogue, whole or not at all. Raises InputError where there is one."""
    target = inputs / OWN
    if not inputs.is_dir():
        raise InputError(f"找不到输入文件夹：{inputs}")
    if target.exists():
        raise InputError(f"已有 {target}，没有覆盖；要重新开始，请先把它改名或移走")
    fresh = inputs / f".{OWN}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    for name in (name for name in FILES if name not in ROOT_ONLY):
        shutil.copyfile(HERE / name, fresh / name)
    for name in FOLDERS:
        shutil.copytree(HERE / name, fresh / name)
    (fresh / HEAD).write_text(HEADING + (HERE / HEAD).read_text(encoding="utf-8"), encoding="utf-8")
    fresh.rename(target)
    print(printable(f"已把内置目录复制到 {target}。改好后运行 cunhui catalogue check 检查。"))
    return 0


def export_catalogue(inputs: Path, file: str | None) -> int:
    """Write the catalogue in hand as one workbook. Raises InputError where the file is there already."""
    path = Path(file or f"{BOOK}.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"文件名要以 .xlsx 结尾：{path}")
    if path.exists():
        raise InputError(f"已有 {path}，没有覆盖；请换一个名称，或先把它移走")
    catalogue = _in_hand(inputs)
    written = written_in(catalogue.roots)
    title = f"{BOOK}：{'内置目录' if catalogue is declared() else inputs / OWN}"
    put_in_place(path, lambda temporary: draw_catalogue(temporary, written, title))
    counts = "、".join(
        f"{sheet.name} {len(written.rows[sheet.kind])}" for sheet in sheets() if written.rows[sheet.kind]
    )
    print(printable(f"已导出 {path}：{counts}。"))
    print(printable(f"在表格软件里改好存盘，再运行 cunhui catalogue import {path}"))
    return 0


def import_catalogue(inputs: Path, file: str, yes: bool) -> int:
    """Make a workbook the township's own catalogue, after saying what changes. Raises InputError with every fault."""
    catalogue, path = _in_hand(inputs), Path(file)
    before, taken = written_in(catalogue.roots), take_back(path, read_tables(path))
    taken.written.files, taken.written.spelt = dict(before.files), before.spelt
    making = prepare(inputs, taken, path, catalogue)
    found = changes(before, taken.written)
    for line in _changes_told(found, taken):
        print(printable(line))
    if not found or not (yes or _agreed()):
        shutil.rmtree(making)
        if found:
            raise InputError("没有写入：核对上面的改动，同意的加 --yes 再运行")
        return 0
    kept = put_catalogue(inputs, making, datetime.now())
    own = catalogue_of(inputs)
    how = "只写了新增的，在内置目录之上" if own.head.base == "extend" else "代替内置目录"
    print(printable(f"已写入 {inputs / OWN}（{how}）。" + (f"原来的目录在 {kept}。" if kept else "")))
    for lack in _lacking(inputs, own):
        print(printable(lack))
    return 0


def _in_hand(inputs: Path) -> Catalogue:
    if not inputs.is_dir():
        raise InputError(f"找不到输入文件夹：{inputs}")
    return catalogue_of(inputs)


def _changes_told(found: Sequence[Change], taken: Taken) -> Iterator[str]:
    if taken.ignored:
        yield f"没有读工作表 {'、'.join(taken.ignored)}：不是目录里的表。"
    if not found:
        yield "与现在的目录相同，没有变化，没有写入。"
    for sort in SORTS:
        of_sort = [change for change in found if change.sort == sort]
        if of_sort:
            yield f"{sort} {len(of_sort)} 项："
            yield from (f"  {change.words}" for change in of_sort)
            if sort == REMOVED:
                yield "  （删去的指标，以前各年的数就没有名称可查；停用的请保留这一行，在“止于”写最后一年。）"


def _agreed() -> bool:
    """Whether somebody sits there and says yes."""
    return asks() and click.confirm("写入吗", default=False)
