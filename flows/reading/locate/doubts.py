"""What speaks against a figure where it stands: another unit of measure is said around it, or it stands aside."""

import re
from collections.abc import Iterator, Sequence

from flows.reading.grid import Sheet, address
from flows.reading.locate.pages import Table
from flows.reading.locate.vocabulary import Words, bare_unit, plain, unit_behind
from schemas.findings import Finding

_IN_BRACKETS = re.compile(r"[(\[（【]([^()\[\]（）【】]+)[)\]）】]")
_OTHER_SCOPE = re.compile(r"(不?包?含|不?包括|扣除|剔除|减去|除去|仅|只|不算|未含|加上|其中|截[至止]).*")
_OTHER_TIME = re.compile(
    r".*(预计|预估|估计|估算|计划|目标|截[至止]|快报|初步|半年|季度|[0-9一二三四五六七八九十]月|年初|年中|1-[0-9]+).*"
)
_CLOSING = frozenset(")）]】")
_FIGURE = re.compile(r"[+-]?[0-9][0-9,.]*(.{0,3})")


def doubted(sheet: Sheet, table: Table, row: int, code: str, place: tuple[int, int], words: Words) -> Finding | None:
    """The finding that there is for an indicator of figures; None when nothing speaks against its cell."""
    if not words.wanted.indicators[code].unit:
        return None
    if sheet.value(*place).__class__ is not float and sheet.cell(*place)[1] == "blank":
        return _aside(sheet, table, row, code, words)
    return _wrong_unit(sheet, table, row, code, words)


def reworded(
    sheet: Sheet, table: Table, rows: Sequence[tuple[int, str]], names: Sequence[int], words: Words
) -> Iterator[Finding]:
    """Brackets that somebody put behind the head of values or a name, and that make it another figure than is asked:
    本年数（预计）, 存栏（含幼畜）. The figures are taken, and asked about."""
    for row in range(table.first, table.last + 1):
        for column in table.heads.get("value", ())[:1]:
            said = _IN_BRACKETS.findall(plain(sheet.cell(row, column)[0]))
            if rows and any(_OTHER_TIME.fullmatch(one) or _OTHER_SCOPE.fullmatch(one) for one in said):
                yield _reworded(sheet, row, column, rows[0][1], "表头")
    for row, code in rows:
        asked = _IN_BRACKETS.findall(plain(words.wanted.indicators[code].name))
        for column in names:
            said = _IN_BRACKETS.findall(plain(sheet.cell(row, column)[0]))
            if any(one not in asked and _OTHER_SCOPE.fullmatch(one) for one in said):
                yield _reworded(sheet, row, column, code, "指标名称")


def _reworded(sheet: Sheet, row: int, column: int, code: str, where: str) -> Finding:
    raw = sheet.cell(row, column)[0].strip()
    return Finding("SCOPE_CHANGED", sheet.name, address(row, column), code, raw, {"where": where})


def _wrong_unit(sheet: Sheet, table: Table, row: int, code: str, words: Words) -> Finding | None:
    """The unit of measure was changed in its own column, or another one is said behind the name or over the table."""
    wanted = words.wanted.indicators[code]
    for (at, column), said in _said(sheet, table, row, wanted.name, wanted.unit, words):
        details = {"name": words.told(code), "unit": wanted.unit}
        return Finding("WRONG_UNIT", sheet.name, address(at, column), code, said, details)
    return None


def _said(
    sheet: Sheet, table: Table, row: int, name: str, unit: str, words: Words
) -> Iterator[tuple[tuple[int, int], str]]:
    """Where the row, or its table, says another unit than the form; and the words for it."""
    column = table.column("unit")
    if column and sheet.value(row, column) != unit:
        printed = sheet.cell(row, column)[0]
        if bare_unit(printed) not in ("", bare_unit(unit)):
            yield (row, column), f"计量单位栏改成了“{printed.strip()}”"
    for at in table.heads["name"]:
        behind = unit_behind(sheet.cell(row, at)[0]) if str(sheet.value(row, at)).rstrip()[-1:] in _CLOSING else ""
        if behind and behind != unit_behind(name) and words.unit_in(behind) not in (None, words.sized(unit)):
            yield (row, at), f"指标名称里写的是“{behind}”"
    for at_row, at, text in table.measures:
        if words.differ(text, unit):
            yield (at_row, at), f"表头写的是“{text}”"


def _aside(sheet: Sheet, table: Table, row: int, code: str, words: Words) -> Finding | None:
    """A row without a figure where it should be, but with one in a column that asks for none."""
    wanted = words.wanted.indicators[code]
    known = {column: head for head, columns in table.heads.items() for column in columns}
    for column in range(sheet.left, sheet.right + 1):
        raw, kind = sheet.cell(row, column)
        if known.get(column, "note") not in ("note", "unit") or column in table.added:
            continue
        match = _FIGURE.fullmatch(plain(raw)) if kind == "text" else None
        figure = match is not None and bare_unit(match[1]) in ("", bare_unit(wanted.unit))
        if kind == "number" or figure:
            return Finding("VALUE_ASIDE", sheet.name, address(row, column), code, raw, {"name": words.told(code)})
    return None
