"""`cunhui trace`: a printed figure down to the file, sheet and cell it came from, every revision of it."""

import json
from collections.abc import Iterable, Iterator
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from flows.commands.screen import shown
from flows.commands.trace_slots import (
    Asking,
    added,
    rows_that_count,
    slot_asked,
    traced_words,
    words_added,
    words_traced,
)
from flows.store.statements import sql_beside
from flows.values.characters import printable, printable_json
from schemas.catalogue import Catalogue, catalogue_of
from schemas.records import Indicator
from schemas.roster import Unit, find_unit
from schemas.roster_file import load_units
from schemas.states import word_of
from schemas.supplements import load_own
from schemas.township import load_settings

if TYPE_CHECKING:
    from flows.store.store import Store

_SQL = sql_beside(__file__)
_OF_ROW = (
    "code", "name", "area", "definition", "unit", "printed_unit", "factor", "decimals", "reporter", "office",
    "blank", "total", "parent", "numerator", "denominator", "terrain", "list", "aggregate", "since", "until",
)  # fmt: skip
"""What a row of the kept catalogue says of an indicator under the same name."""


def as_closed(catalogue: Catalogue, store: "Store", year: int) -> Catalogue:
    """The catalogue with the indicators as a closed year had them; unchanged for a year that is open."""
    kept = {row["code"]: row for row in store.records(_SQL["closed"].format(year=int(year)))}
    if not kept:
        return catalogue
    dated = copy(catalogue)
    dated.__dict__.pop("by_name", None)
    dated.indicators = {code: _as_it_was(row, catalogue.indicators.get(code)) for code, row in kept.items()}
    return dated


def _as_it_was(row: dict[str, Any], now: Indicator | None) -> Indicator:
    """An indicator from its row; what a row does not hold is as it is now."""
    said = {key: row[key] for key in _OF_ROW}
    said |= {"of": row["of_code"], "column": row["list_column"], "times": row["times"] or 1}
    if now is not None:
        return replace(now, **said)
    return Indicator(**said)


def sources(item: Indicator, catalogue: Catalogue) -> list[str]:
    """The reported indicators that a figure is made of, down to what people filled in."""
    if item.weight:
        return [item.code, *sources(catalogue.indicators[item.weight], catalogue)]
    parts = [code for code in (item.numerator, item.denominator, item.of) if code]
    return [one for code in parts for one in sources(catalogue.indicators[code], catalogue)] if parts else [item.code]


def traced(
    store: "Store", outputs: Path, item: Indicator, unit: Unit | None, year: int, catalogue: Catalogue
) -> dict[str, Any]:
    """The figure with what it is made of: the total, the cells behind it, and for one unit every revision."""
    only = f"AND unit_code = '{unit.code}'" if unit else ""
    if item.terrain:
        only += f" AND unit_code IN (SELECT code FROM units WHERE year = {year} AND terrain = '{item.terrain}')"
    codes = ", ".join(f"'{code}'" for code in sources(item, catalogue))
    found: dict[str, Any] = {"year": year, "indicator": item.code, "name": item.name, "definition": item.definition}
    found["total"] = next(iter(store.records(_SQL["total"].format(year=year, code=item.code))), None)
    if item.list:
        found["cells"] = rows_that_count(
            store.records(_SQL["rows"].format(year=year, list=item.list, only=only)), item, catalogue
        )
    else:
        found["cells"] = store.records(_SQL["facts"].format(year=year, codes=codes, only=only))
    if unit:
        found["unit"] = unit.name
        found["moved"] = _moved(store, outputs, item, unit, year)
        found["revisions"] = store.records(_SQL["revisions"].format(year=year, unit=int(unit.code), code=item.code))
    return found


def _moved(store: "Store", outputs: Path, item: Indicator, unit: Unit, year: int) -> list[dict[str, Any]]:
    """How each accepted revision of the unit moved the figure above it, tried on a copy in memory."""
    from flows.commands.moved import moved_dict, moves  # heavy: DuckDB and pandas
    from flows.store.reader import published  # heavy: DuckDB and pandas
    from flows.store.revisions import revisions_of  # heavy: DuckDB and pandas

    if sum(row["用过"] for row in store.records(_SQL["used"].format(year=year, unit=int(unit.code)))) < 2:
        return []
    with published(outputs, trying=True) as copy:
        rounding = copy.rows("SELECT value FROM base.meta WHERE key = 'rounding'")[0][0]
        moved = moves(copy, year, rounding, unit.code, revisions_of(copy, year, unit.code))
    return [
        {"revision": revision, **moved_dict(one)}
        for revision, ones in moved.items()
        for one in ones
        if one.indicator == item.code
    ]


def trace(words: str, unit_words: str | None, year: int | None, inputs: Path, outputs: Path, as_json: bool) -> int:
    """Show where a figure comes from. Returns the exit status."""
    from flows.store.reader import published  # heavy: DuckDB and pandas

    catalogue = catalogue_of(inputs)
    settings = load_settings(inputs, catalogue)
    unit = find_unit(unit_words, load_units(inputs, settings.township.code, catalogue)) if unit_words else None
    year = year or settings.collection.year
    own = load_own(inputs, year, settings, catalogue)
    with published(outputs) as store:
        catalogue = as_closed(catalogue, store, year)
        part, meant = slot_asked(words, catalogue, own)
        asking = Asking(inputs, year, catalogue, settings, store.records, unit, own)
        if isinstance(meant, Indicator):
            found = traced(store, outputs, meant, unit, year, catalogue) | added(asking, part, meant)
        else:
            found = traced_words(asking, part, meant)
    if as_json:
        print(printable_json(json.dumps(found, ensure_ascii=False, indent=2, default=shown)))
        return 0
    lines = _lines(found, meant, catalogue, settings.zone) if isinstance(meant, Indicator) else words_traced(found)
    print("\n".join(map(printable, lines)))
    return 0


def _lines(found: dict[str, Any], item: Indicator, catalogue: Catalogue, zone: ZoneInfo) -> list[str]:
    total = found["total"]
    lines = [f"{item.code} {item.name}（{found['year']} 年）：{item.definition}"]
    if total:
        value = (
            total["text"]
            or f"{shown(total['value'])} {total['unit']}，印为 {shown(total['printed'])} {total['printed_unit']}"
        )
        state = "（暂定）" if total["provisional"] else ""
        lines.append(f"合计：{value}{state}，已报 {total['units_counted']} / 应报 {total['units_expected']} 个单位")
        if item.total == "ratio":
            names = [catalogue.indicators[code or ""].name for code in (item.numerator, item.denominator)]
            times = f" × {item.times}" if item.times != 1 else ""
            above, below = shown(total["numerator"]), shown(total["denominator"])
            lines.append(f"算法：{names[0]} {above} ÷ {names[1]} {below}{times}")
        if item.total == "weighted" and total["denominator"]:
            weight = catalogue.indicators[item.weight or ""].name
            above, below = shown(total["numerator"]), shown(total["denominator"])
            lines.append(f"算法：各村“{item.name}×{weight}”之和 {above} ÷ {weight}之和 {below}")
    lines += words_added(found, item)
    several = len({cell.get("代码") for cell in found["cells"]}) > 1
    lines.append("出处：" + ("" if found["cells"] else "没有"))
    for cell in found["cells"]:
        what = f" {cell['指标']}" if several else f" 第{cell['行']}行 {cell['列名']}" if "行" in cell else ""
        lines.append(f"  {cell['单位']}{what} {_said(cell)}")
    for sent in found.get("revisions", ()):
        state = word_of(sent["状态"])
        when = f"{sent['收到时间'].astimezone(zone):%Y-%m-%d %H:%M} 收到"
        lines.append(f"第 {sent['版次']} 版（{state}，{when}，原件 {sent['原件指纹'][:12]}）：{_said(sent)}")
        lines += _moved_words(moved for moved in found["moved"] if moved["revision"] == sent["版次"])
    return lines


def _moved_words(moved: Iterable[dict[str, Any]]) -> Iterator[str]:
    for one in moved:
        from flows.commands.moved import moved_words  # heavy: DuckDB and pandas

        yield f"    合计随之变动：{moved_words(one)}"


def _said(cell: dict[str, Any]) -> str:
    """A cell's figure, where it stands, and what was written there and beside it."""
    value = shown(cell["内容"] if "内容" in cell else cell["数值"] if cell["数值"] is not None else cell.get("文字"))
    place = f"{cell['文件']} / {cell['工作表']} / {cell['单元格']}"
    written = f"（原文“{cell['原文']}”）" if cell["原文"] != value else ""
    reason = f"，说明：{cell['说明']}" if cell.get("说明") else ""
    corrected = f"，统计员更正：{cell['更正']}" if cell.get("更正") else ""
    return f"{value or '空'}{written}，{place}{reason}{corrected}"
