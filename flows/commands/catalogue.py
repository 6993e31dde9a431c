"""`cunhui catalogue`: a township's own catalogue checked against the built-in one, or begun as a copy of it."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from flows.values.characters import printable, printable_json
from schemas.catalogue import FILES, FOLDERS, HEAD, HERE, OWN, Catalogue, catalogue_of, declared
from schemas.errors import InputError
from schemas.township import ROSTER, as_written, load_units, unheld

KINDS = {
    "areas": "类别", "indicators": "指标", "relations": "审核关系", "lists": "明细表", "offices": "站所",
    "targets": "下年目标", "texts": "固定文字", "terrains": "地形", "fields": "封面栏目",
}  # fmt: skip
SHOWN = 8
"""How many names of a kind the screen lists; --json lists all."""
ROOT_ONLY = ("findings.toml",)
"""Declarations of the program itself, which no township changes."""
HEADING = """# 本乡镇自己的目录：由内置目录复制而来，可以增删修改；改完用 cunhui catalogue check 检查。
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
        lines = [f"目录没有错：{inputs / OWN}，{how}。共有{counts}。", *told_changes(found)]
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
    for kind, changes in found.items():
        for key, word in (("added", "新增"), ("changed", "改了"), ("left_out", "不用内置的")):
            if names := changes[key]:
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
