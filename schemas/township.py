"""The clerk's own files: township.toml (who we are, when, how to print), units.csv (who must submit), targets.toml."""

import csv
import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.records import Record
from schemas.toml import convert, load, read_toml

UNIT_COLUMNS = ("code", "name", "kind", "terrain", "valid_from", "valid_to", "merged_into")
UNIT_KINDS = ("村", "社区", "站所")


class Who(Record, kw_only=True):
    """The body that collects: its code (9 digits for a township, 6 for a county) and its name."""

    code: str
    name: str


class Collection(Record, kw_only=True):
    """When: the year collected, its deadline (local time), and when `cunhui serve` collects."""

    year: int
    deadline: datetime
    timezone: str = "Asia/Shanghai"
    cron: str = "0 18 * * *"


class Printing(Record, kw_only=True):
    """How the summary workbook is printed."""

    rounding: Literal["none", "allocate"] = "allocate"
    paper: Literal["A3", "A4"] = "A3"
    total_row: Literal["first", "last"] = "last"
    down: Literal["units", "indicators"] = "units"
    dictionary: bool = False
    signatures: tuple[str, ...] = ("单位负责人", "统计负责人", "填表人", "联系电话")


class Marks(Record, kw_only=True):
    """The four marks of a registered form; blank when the township's table has none."""

    table_number: str = ""
    authority: str = ""
    document_number: str = ""
    valid_until: str = ""


class Judging(Record, kw_only=True):
    """Where a doubtful figure begins: how far from last year, from the other villages, and what a unit slip is."""

    outlier_times: int = 5
    year_on_year_least: int = 10
    slip_times: int = 10_000


class Settings(Record, kw_only=True):
    """The whole of township.toml."""

    township: Who
    collection: Collection
    printing: Printing = Printing()
    marks: Marks = Marks()
    judging: Judging = Judging()
    report: dict[str, str] = {}

    @property
    def zone(self) -> ZoneInfo:
        """The township's time zone."""
        return ZoneInfo(self.collection.timezone)

    @property
    def deadline(self) -> datetime:
        """The collection's deadline, with its time zone."""
        written = self.collection.deadline
        return written if written.tzinfo else written.replace(tzinfo=self.zone)


@dataclass(frozen=True, slots=True)
class Unit:
    """One village, community or office that must submit; dated, and pointing to its successor when merged.

    `merged_into` holds one code; of a unit that was split, several with 、 between.
    """

    code: str
    name: str
    kind: str
    terrain: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    merged_into: str = ""

    @property
    def office(self) -> str | None:
        """The office's suffix, which says which indicators it reports; None for a village."""
        return self.code[-3:] if self.kind == "站所" else None

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
        """The units of every code and of every name; a name may be that of several."""
        found: dict[str, list[Unit]] = {}
        for unit in self:
            for word in {unit.code, unit.name}:
                found.setdefault(word, []).append(unit)
        return found


def load_settings(inputs: Path, catalogue: Catalogue) -> Settings:
    """Read township.toml. Raises InputError (one line) for a missing folder, an unknown key, an unknown text."""
    if not inputs.is_dir():
        raise InputError(f"找不到输入文件夹：{inputs}")
    path = inputs / "township.toml"
    settings: Settings = load(path, Settings)
    if not (settings.township.code.isdigit() and len(settings.township.code) in (2, 4, 6, 9)):
        raise InputError(f"{path}：[township] code {settings.township.code!r} 应为 9 位数字（乡镇代码）")
    for key in settings.report:
        if key not in catalogue.texts:
            nearest = difflib.get_close_matches(key, catalogue.texts, n=1, cutoff=0.0)
            raise InputError(f"{path}：[report] 里有不认识的键 {key}，是不是想写 {nearest[0]}？")
    try:
        settings.zone
    except (ZoneInfoNotFoundError, ValueError):
        raise InputError(f"{path}：不认识时区 {settings.collection.timezone}，一般写 Asia/Shanghai") from None
    return settings


def load_units(inputs: Path) -> Roster:
    """Read units.csv (UTF-8, or GBK as Excel saves it). Raises InputError naming the line at fault."""
    path = inputs / "units.csv"
    try:
        data = path.read_bytes()
    except OSError:
        raise InputError(f"找不到单位名册：{path}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    reader = csv.DictReader(text.splitlines())
    missing = [name for name in ("code", "name", "kind") if name not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"{path}：表头缺少 {'、'.join(missing)}（应为 {','.join(UNIT_COLUMNS)}）")
    units = Roster(_unit(path, number, row) for number, row in enumerate(reader, start=2) if any(row.values()))
    _refuse_repeats(path, units)
    return units


def load_targets(inputs: Path, year: int, catalogue: Catalogue) -> dict[str, Decimal]:
    """Next year's targets as written in that year's targets.toml, by target code; {} when there is no file."""
    path = inputs / str(year) / "targets.toml"
    if not path.exists():
        return {}
    names = {target.name: code for code, target in catalogue.targets.items()} | {c: c for c in catalogue.targets}
    targets = {}
    for key, value in convert(read_toml(path), dict[str, Decimal], path).items():
        if key not in names:
            nearest = difflib.get_close_matches(key, names, n=1, cutoff=0.0)
            raise InputError(f"{path}：没有叫 {key} 的目标，是不是想写 {nearest[0]}？")
        targets[names[key]] = value
    return targets


def find_unit(words: str, units: Sequence[Unit]) -> Unit:
    """The unit of that name or code. Raises InputError with the nearest name."""
    found = named_units([words], units)
    if len(found) == 1:
        return found[0]
    near = difflib.get_close_matches(words, [unit.name for unit in units], n=1, cutoff=0.0)
    raise InputError(f"units.csv 里没有叫“{words}”的单位" + (f"，是不是“{near[0]}”？" if near else ""))


def named_units(words: Iterable[str], units: Sequence[Unit]) -> list[Unit]:
    """The units that these words name: by code, by whole name, or by the longest name within the words."""
    found: dict[str, Unit] = {}
    roster = units if isinstance(units, Roster) else Roster(units)
    for word in words:
        text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", word))
        hits = roster.by_word.get(text) or [unit for unit in units if unit.code in text or unit.name in text]
        for unit in hits:
            if not any(unit.name != other.name and unit.name in other.name for other in hits):
                found[unit.code] = unit
    return list(found.values())


def _unit(path: Path, number: int, row: dict[str, str]) -> Unit:
    cells = {key: (row.get(key) or "").strip() for key in UNIT_COLUMNS}
    if not (cells["code"].isascii() and cells["code"].isdigit() and len(cells["code"]) in (6, 9, 12)):
        raise InputError(f"{path} 第 {number} 行：单位代码 {cells['code']!r} 应为 12 位数字")
    if cells["kind"] not in UNIT_KINDS or not cells["name"]:
        raise InputError(f"{path} 第 {number} 行：单位要有名称，类别须为 {'、'.join(UNIT_KINDS)} 之一")
    try:
        dates = {key: date.fromisoformat(cells[key]) if cells[key] else None for key in ("valid_from", "valid_to")}
    except ValueError:
        raise InputError(f"{path} 第 {number} 行：日期应写成 2023-12-31 的样子") from None
    return Unit(**{**cells, **dates})


def _refuse_repeats(path: Path, units: Roster) -> None:
    codes = Counter(unit.code for unit in units)
    for code, times in codes.items():
        if times > 1:
            raise InputError(f"{path}：单位代码 {code} 重复")
    for unit in units:
        for code in unit.successors or (unit.merged_into,):
            if code and code not in codes:
                raise InputError(f"{path}：{unit.name} 的 merged_into {code} 不在名册里")
