"""What a report says that no catalogue declares: the township's own texts, and its figures given by hand for a year.

A figure stands in `inputs/<year>/报告补充数.xlsx`, one row each, or in `[report]` of township.toml; either way with its
unit, its source, and by whom and when it was given. Last year's file says which there were: their values are for
reference, and none is taken for this year's.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.faults import Faults, nearest
from schemas.outputs import SUPPLEMENTS
from schemas.township import UNSPEAKABLE, Given, Settings

SHEET = "补充数"
NAME, VALUE, UNIT, MEANING, SOURCE, BY, ON, LAST, WHERE = HEADS = (
    "名称", "数", "单位", "口径", "出处", "填报人", "填报日期", "上年数", "用在哪里",
)  # fmt: skip
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
"""A figure as it may be typed."""
_EXACT = 15
"""Digits that a spreadsheet keeps exactly."""


@dataclass(frozen=True, slots=True)
class Supplement:
    """One figure given by hand. `value` is None until it is given; `lacks` says what keeps it from being used.

    `place` is the file, sheet and cell that holds it; `last` is last year's, for comparison.
    """

    name: str
    unit: str = ""
    value: Decimal | None = None
    meaning: str = ""
    source: str = ""
    by: str = ""
    on: str = ""
    place: str = ""
    last: Decimal | None = None
    where: str = ""

    @property
    def lacks(self) -> str:
        """What is not there of what a figure needs; '' when it can be printed."""
        needed = {"数": self.value is not None, SOURCE: self.source, BY: self.by, ON: self.on}
        return "、".join(name for name, there in needed.items() if not there)


@dataclass(frozen=True, slots=True)
class Own:
    """A township's own texts by key and figures by name, for one year."""

    texts: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, Supplement] = field(default_factory=dict)
    before: Mapping[str, Supplement] = field(default_factory=dict)
    """By an indicator's code, the figure given by hand the year before it was one: its history."""

    def given(self, name: str) -> Supplement:
        """The figure of that name: this year's, or that of the year before it became an indicator."""
        return self.figures.get(name) or next(each for each in self.before.values() if each.name == name)


NOTHING = Own()


def load_own(inputs: Path, year: int, settings: Settings, catalogue: Catalogue) -> Own:
    """The year's own texts and figures. What has become an indicator since is the catalogue's.

    Raises InputError with a line for every fault.
    """
    faults = Faults()
    now = faults.collect(_workbook, inputs, year) or {}
    last = faults.collect(_workbook, inputs, year - 1) or {}
    texts = {key: words for key, words in settings.report.items() if isinstance(words, str)}
    figures = {
        name: replace(now.get(name) or _emptied(was), last=was.value if was and not was.lacks else None)
        for name in (*now, *(name for name in last if name not in now))
        for was in [last.get(name)]
    }
    for key, given in settings.report.items():
        if isinstance(given, Given):
            if key in now and not now[key].lacks and given.year == year:
                faults.add(
                    inputs / str(year) / SUPPLEMENTS, 0, f"“{key}”在 township.toml 的 [report] 里也有", "请只留一处"
                )
            figures[key] = _given(key, given, year, figures.get(key))
    faults.refuse()
    kept = {name: figure for name, figure in figures.items() if not _is_indicator(name, year, catalogue)}
    told = {key: words for key, words in texts.items() if key not in catalogue.texts}
    return Own(told, kept, dict(_histories(last, year, catalogue)))


def _is_indicator(name: str, year: int, catalogue: Catalogue) -> bool:
    """Whether units report it for that year; one that begins later is given by hand until then."""
    item = catalogue.find(name)
    return item is not None and item.in_force(year)


def _histories(last: Mapping[str, Supplement], year: int, catalogue: Catalogue) -> Iterator[tuple[str, Supplement]]:
    """Last year's figures of indicators that begin this year, by code.

    Only what one office or the township itself reports goes on from them: what all villages add up to from this year
    on is another figure than what the clerk was told of the whole.
    """
    for item in catalogue.indicators.values():
        was = last.get(item.name)
        alone = item.reporter == "office" and item.since == year and item.printed_in == item.unit
        if alone and was is not None and not was.lacks and was.unit == item.unit:
            yield item.code, was


def given_in(inputs: Path, year: int) -> list[Supplement]:
    """The rows of one year's workbook as they stand. Raises InputError with a line for every fault."""
    return list(_workbook(inputs, year).values())


def _emptied(was: Supplement | None) -> Supplement:
    """Last year's figure as this year's begins: nothing of its value, source or date."""
    assert was is not None
    return Supplement(was.name, was.unit, meaning=was.meaning, where=was.where)


def _given(name: str, given: Given, year: int, other: Supplement | None) -> Supplement:
    """A figure of township.toml: this year's, or last year's for comparison; that of another year is none."""
    unit = given.unit or (other.unit if other else "")
    if given.year == year:
        about = {"source": given.source, "by": given.by, "on": given.on.isoformat(), "place": "township.toml [report]"}
        return Supplement(name, unit, given.value, last=other.last if other else None, **about)
    last = given.value if given.year == year - 1 else None
    return replace(other or Supplement(name, unit), last=last) if last is not None else other or Supplement(name, unit)


def _workbook(inputs: Path, year: int) -> dict[str, Supplement]:
    """The figures of one year's workbook by name; {} where there is none."""
    path, faults = inputs / str(year) / SUPPLEMENTS, Faults()
    if not path.exists():
        return {}
    rows = _rows(path)
    heads = [_words(cell) for cell in rows[0]] if rows else []
    for head in (head for head in heads if head and head not in HEADS):
        faults.add(path, 1, f"“{SHEET}”表的表头里有不认识的“{head}”", nearest(head, HEADS))
    if NAME not in heads or VALUE not in heads:
        faults.add(path, 1, f"“{SHEET}”表的表头缺少“{NAME}”或“{VALUE}”", f"应为 {'、'.join(HEADS)}")
        faults.refuse()
    found: dict[str, Supplement] = {}
    for number, row in enumerate(rows[1:], start=2):
        cells = dict(zip(heads, row, strict=False))
        if any(_words(cells.get(head)) for head in (NAME, VALUE)):
            figure = _figure(path, number, cells, heads, faults)
            if figure.name in found:
                faults.add(path, number, f"“{figure.name}”前面已经有一行")
            found[figure.name] = figure
    faults.refuse()
    return found


def _rows(path: Path) -> list[list[Any]]:
    from python_calamine import CalamineError, CalamineWorkbook  # optional: only a township that gives figures needs it

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            if SHEET not in book.sheet_names:
                raise InputError(f"{path}：没有叫“{SHEET}”的工作表")
            sheet = book.get_sheet_by_name(SHEET)
            return sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError):
        raise InputError(f"{path} 打不开：请用表格软件另存为 .xlsx，不要加密码") from None


def _figure(path: Path, number: int, cells: Mapping[str, Any], heads: list[str], faults: Faults) -> Supplement:
    name, written = _words(cells.get(NAME)), cells.get(VALUE)
    cell = f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[min(heads.index(VALUE), 25)]}{number}"
    if not name:
        faults.add(path, number, f"有数没有{NAME}")
    elif set(name) & UNSPEAKABLE:
        faults.add(path, number, f"名称“{name}”里有不能用的符号", "不含 { } | ？")
    try:
        value, last = _number(written), _number(cells.get(LAST))
    except ValueError:
        faults.add(path, number, f"“{name}”的数写的是“{_words(written)}”（{cell}）", "只写数字，单位写在单位一栏")
        value = last = None
    words = {key: _words(cells.get(head)) for key, head in _COLUMNS.items()}
    return Supplement(name, value=value, last=last, place=f"{path.parent.name}/{path.name} {SHEET}!{cell}", **words)


_COLUMNS = {"unit": UNIT, "meaning": MEANING, "source": SOURCE, "by": BY, "on": ON, "where": WHERE}


def _words(cell: Any) -> str:
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float):
        return str(_number(cell))
    return str(cell if cell is not None else "").strip()


def _number(cell: Any) -> Decimal | None:
    """A cell's exact number: a spreadsheet's shortest digits, or what is typed as text. ValueError for all else."""
    if isinstance(cell, bool):
        raise ValueError
    if isinstance(cell, int | float):
        exact = Decimal(repr(cell))
        if not exact.is_finite() or len(exact.normalize().as_tuple().digits) > _EXACT:
            exact = Decimal(f"{cell:.{_EXACT}g}")
        return exact.quantize(Decimal(1)) if exact == exact.to_integral() else exact
    plain = unicodedata.normalize("NFKC", _words(cell)).replace(",", "")
    if not plain:
        return None
    if not NUMBER.fullmatch(plain):
        raise ValueError
    return Decimal(plain)


def lacking(figures: Iterable[Supplement], inputs: Path, year: int) -> list[str]:
    """One sentence for what is still to be given, and where."""
    named = [f"{figure.name}（{figure.lacks}）" for figure in figures if figure.lacks]
    path = inputs / str(year) / SUPPLEMENTS
    how = "" if path.exists() else "（先运行 cunhui report figures 生成）"
    return [f"报告补充数 {len(named)} 个：{'、'.join(named)}，请填 {path}{how}"] if named else []
