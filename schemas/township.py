"""The clerk's own files: township.toml (who we are, when, how to print), units.csv (who must submit), targets.toml."""

import csv
import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from schemas.catalogue import Catalogue
from schemas.cron import wrong_in
from schemas.errors import InputError
from schemas.faults import Fault, Faults, nearest
from schemas.records import TOWNSHIP_ROLE, Record
from schemas.toml import Document, Keys, convert, read_toml

UNIT_COLUMNS = ("code", "name", "kind", "terrain", "valid_from", "valid_to", "merged_into")
ROSTER = "units.csv"
UNIT_KINDS = ("村", "社区", "站所")
OFFICE, BETWEEN = "站所", "、"
"""The kind of a unit that files by its roles, and what stands between several of them."""
FIRST_YEAR, LAST_YEAR = 1949, 2199
LIKE = 0.8
"""How alike (difflib's ratio) an own key of [report] and a known one may not be: it would be a misspelling."""
UNSPEAKABLE = set("{}｛｝|｜?？\n")
"""What no name of a slot may hold."""
WHOSE = "乡镇"
"""The key of targets.toml that says whose targets these are."""
EXAMPLE = "示例"
"""The word that stands in a text until the township writes its own."""
_KNOWN_COLUMNS = (*UNIT_COLUMNS, "role")
_HEADS = ",".join(_KNOWN_COLUMNS)


class Who(Record, frozen=True, kw_only=True):
    """The body that collects: its code (9 digits for a township, 6 for a county) and its name."""

    code: str
    name: str


class Collection(Record, frozen=True, kw_only=True):
    """When: the year collected, its deadline (local time), and when `cunhui serve` collects."""

    year: int
    deadline: datetime
    timezone: str = "Asia/Shanghai"
    cron: str | tuple[str, ...] = "0 18 * * *"

    @property
    def schedules(self) -> tuple[str, ...]:
        """Every line of `cron`; none where it is empty, and `cunhui serve` then only watches the inbox."""
        return (self.cron,) if isinstance(self.cron, str) else self.cron


class Printing(Record, frozen=True, kw_only=True):
    """How the summary workbook is printed."""

    rounding: Literal["none", "allocate"] = "allocate"
    paper: Literal["A3", "A4"] = "A3"
    total_row: Literal["first", "last"] = "last"
    down: Literal["units", "indicators"] = "units"
    dictionary: bool = False
    signatures: tuple[str, ...] = ("单位负责人", "统计负责人", "填表人", "联系电话")


class Marks(Record, frozen=True, kw_only=True):
    """The four marks of a registered form; blank when the township's table has none."""

    table_number: str = ""
    authority: str = ""
    document_number: str = ""
    valid_until: str = ""


class Judging(Record, frozen=True, kw_only=True):
    """Where a doubtful figure begins: how far from last year, from the other villages, and what a unit slip is."""

    outlier_times: int = 5
    """Times the villages' median, per household or head."""
    year_on_year_least: int = 10
    """In the figure's own unit: from 1 to 3 households is no news."""
    slip_times: int = 10_000
    """万元 for 元, the slip that happens."""


class Given(Record, frozen=True, kw_only=True):
    """A figure of the report that no form asks for, stated by hand for one year: what, whence, by whom and when."""

    year: int
    value: Decimal
    unit: str = ""
    source: str
    by: str
    on: date


class Wording(Record, frozen=True, kw_only=True):
    """How the report dates itself and compares: its date (the year's last day without one), the words for growth."""

    report_date: date | None = None
    growth: str = "同比"
    against: str = "比上年"
    same: str = "与上年持平"
    nearly_same: str = "与上年基本持平"
    period: str = "全年"


class NamedReport(Record, frozen=True, kw_only=True):
    """What a report of its own template in inputs/报告 says of itself: its period (上半年) and its date."""

    period: str = "全年"
    report_date: date | None = None


class Reminders(Record, frozen=True, kw_only=True):
    """When `cunhui serve` sends letters to units that are late: so many days before and after the deadline, from that
    hour on; `contacts` holds a unit's address by its name. Where they are sent through stands in the environment."""

    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    hour: int = 9
    contacts: dict[str, str] = {}  # noqa: RUF012  msgspec copies an empty default for each record


class Settings(Record, frozen=True, kw_only=True):
    """The whole of township.toml. `report` has the catalogue's fixed texts, and texts and figures of its own."""

    township: Who
    collection: Collection
    printing: Printing = Printing()
    marks: Marks = Marks()
    judging: Judging = Judging()
    reminders: Reminders = Reminders()
    wording: Wording = Wording()
    reports: dict[str, NamedReport] = {}  # noqa: RUF012  msgspec copies an empty default for each record
    report: dict[str, str | Given] = {}  # noqa: RUF012  msgspec copies an empty default for each record

    def of_report(self, name: str) -> "Settings":
        """The settings for one named report: its own period and date, all else as it is."""
        own = self.reports.get(name)
        if own is None:
            return self
        of_its_own = {"period": own.period, "report_date": own.report_date or self.wording.report_date}
        return msgspec.structs.replace(self, wording=msgspec.structs.replace(self.wording, **of_its_own))

    def dated(self, year: int) -> date:
        """The date that the year's report bears."""
        set_for = self.wording.report_date
        return set_for if set_for and year <= set_for.year <= year + 1 else date(year, 12, 31)

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

    `merged_into` holds one code; of a unit that was split, several with 、 between. `role` says what an office reports,
    several with 、 between; where it is empty the last three digits of the code do.
    """

    code: str
    name: str
    kind: str
    terrain: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    merged_into: str = ""
    role: str = ""

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
        """The units of every code and of every name; a name may be that of several."""
        found: dict[str, list[Unit]] = {}
        for unit in self:
            for word in {unit.code, unit.name}:
                found.setdefault(word, []).append(unit)
        return found


def load_settings(inputs: Path, catalogue: Catalogue) -> Settings:
    """Read township.toml. Raises InputError with a line for every fault: a key, a text, a code, a date, a schedule."""
    if not inputs.is_dir():
        raise InputError(f"找不到输入文件夹：{inputs}")
    document, faults = read_toml(inputs / "township.toml"), Faults()
    settings: Settings | None = faults.collect(convert, dict(document), Settings, document)
    for keys, found, allowed in _setting_faults(settings, catalogue) if settings else ():
        faults.lines.append(document.fault(keys, found, allowed))
    faults.refuse()
    assert settings is not None
    return settings


def as_written(inputs: Path) -> tuple[str, int | None]:
    """The code and the year of township.toml, whatever else is wrong in it: '' and None where they cannot be read."""
    found: dict[str, Any] = Faults().collect(read_toml, inputs / "township.toml") or {}
    who, collection = ({} if not isinstance(found.get(key), dict) else found[key] for key in ("township", "collection"))
    code, year = who.get("code"), collection.get("year")
    return code if isinstance(code, str) else "", year if isinstance(year, int) else None


def _setting_faults(settings: Settings, catalogue: Catalogue) -> Iterator[tuple[Keys, str, str]]:
    """What is well written and still cannot be: where, what is found, what is allowed."""
    who, collection, judging = settings.township, settings.collection, settings.judging
    if not (who.code.isascii() and who.code.isdigit() and len(who.code) in (2, 4, 6, 9)):
        yield ("township", "code"), f"code 写的是“{who.code}”", "应为 9 位数字（乡镇代码）"
    if not who.name.strip():
        yield ("township", "name"), "name 空着", "应为乡镇名称"
    yield from ((("report", key), *fault) for key, fault in _report_faults(settings, catalogue))
    dates = {("reports", name, "report_date"): report.report_date for name, report in settings.reports.items()}
    for keys, day in {("wording", "report_date"): settings.wording.report_date, **dates}.items():
        if day and not collection.year <= day.year <= collection.year + 1:
            found = f"{collection.year} 年度的报告日期写的是 {day}"
            yield keys, found, f"应在 {collection.year} 年或 {collection.year + 1} 年"
    try:
        _ = settings.zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield ("collection", "timezone"), f"不认识时区 {collection.timezone}", "一般写 Asia/Shanghai"
    for wrong in filter(None, map(wrong_in, collection.schedules)):
        yield (("collection", "cron"), *wrong)
    if not FIRST_YEAR <= collection.year <= LAST_YEAR:
        yield ("collection", "year"), f"year 写的是 {collection.year}", f"应为 {FIRST_YEAR} 到 {LAST_YEAR} 之间的年份"
    else:
        first, last = date(collection.year, 12, 1), date(collection.year + 1, 3, 31)
        if not first <= collection.deadline.date() <= last:
            found = f"{collection.year} 年度的报送期限写的是 {collection.deadline:%Y-%m-%d}"
            yield ("collection", "deadline"), found, f"应在这一年的冬季：{first} 到 {last}"
    for key, least in (("outlier_times", 2), ("year_on_year_least", 0), ("slip_times", 2)):
        if (value := getattr(judging, key)) < least:
            yield ("judging", key), f"{key} 写的是 {value}", f"应为不小于 {least} 的整数"


def _report_faults(settings: Settings, catalogue: Catalogue) -> Iterator[tuple[str, tuple[str, str]]]:
    """Keys of [report] that would be lost or mistaken, and words that are an example's and not the township's."""
    taken = {*catalogue.by_name, *catalogue.indicators, *catalogue.targets}
    taken |= {item.name for known in (catalogue.targets, catalogue.texts) for item in known.values()}
    for key, given in settings.report.items():
        if key not in catalogue.texts:
            if key in taken:
                yield key, (f"[report] 的 {key} 已经是目录里的名称", "自己的键请另取一个名称")
            elif near := difflib.get_close_matches(key, catalogue.texts, n=1, cutoff=LIKE):
                yield key, (f"[report] 里有不认识的键 {key}", f"是不是想写 {near[0]}？自己的键请另取一个不会混的名称")
            elif not key.strip() or set(key) & UNSPEAKABLE:
                yield key, (f"[report] 的键“{key}”不能用作名称", "应为文字，不含 { } | ？ 等符号")
        elif isinstance(given, Given):
            yield key, (f"[report] 的 {key} 是一个数", "应为文字，写在半角双引号里")
        if isinstance(given, str) and EXAMPLE in given and EXAMPLE not in settings.township.name:
            yield key, (f"[report] 的 {key} 还是示例的文字“{given}”", '请换成本乡镇的，没有的写 ""')


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
        faults.add(path, 1, f"表头缺少 {'、'.join(missing)}", f"应为 {_HEADS}")
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
    return Roster(unit for _, unit in placed)


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


def load_targets(inputs: Path, year: int, catalogue: Catalogue) -> dict[str, Decimal]:
    """Next year's targets as written in that year's targets.toml, by target code; {} when there is no file.

    Raises InputError with a line for every fault.
    """
    path = inputs / str(year) / "targets.toml"
    if not path.exists():
        return {}
    document, faults = read_toml(path), Faults()
    names = {target.name: code for code, target in catalogue.targets.items()} | {c: c for c in catalogue.targets}
    targets: dict[str, Decimal] = {}
    for key, written in document.items():
        if key == WHOSE:
            continue
        if key not in names:
            faults.lines.append(document.fault((key,), f"没有叫 {key} 的目标", nearest(key, names)))
            continue
        target = catalogue.targets[names[key]]
        value = faults.collect(convert, written, Decimal, document, (key,))
        if target.code in targets:
            faults.lines.append(document.fault((key,), f"{target.name}前面已经写过"))
        elif value is not None and (isinstance(written, str) or not value.is_finite()):
            faults.lines.append(document.fault((key,), f"{key} 写的是“{written}”", "应为数字，不加引号"))
        elif value is not None and value != value.quantize(Decimal(1).scaleb(-target.decimals)):
            allowed = f"最多 {target.decimals} 位小数" if target.decimals else "应为整数"
            faults.lines.append(document.fault((key,), f"{key} 写的是 {value}", f"{allowed}，单位{target.unit}"))
        targets[target.code] = value if value is not None else Decimal(0)
    faults.refuse()
    return targets


def others_targets(inputs: Path, year: int, name: str) -> None:
    """Raise InputError where the year's targets say that they are another township's: none of them is printed."""
    path = inputs / str(year) / "targets.toml"
    whose = read_toml(path) if path.exists() else {}
    if isinstance(whose, Document) and whose.get(WHOSE, name) != name:
        raise InputError(whose.fault((WHOSE,), f"这是“{whose[WHOSE]}”的目标，不是“{name}”的", "请换成本乡镇的目标"))


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
    faults.refuse()
    return Unit(**{**{key: cells[key] for key in _KNOWN_COLUMNS}, **dates})


def _cell_faults(cells: dict[str, str], within: str, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    code, kind = cells["code"], cells["kind"]
    if not (code.isascii() and code.isdigit() and len(code) in (6, 9, 12)):
        mangled = "表格软件把它改成了科学计数，请先把这一列设为文本；" if "E+" in code.upper() else ""
        yield f"单位代码 {code!r}", f"{mangled}应为 12 位数字"
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
    for number, unit in placed:
        for code in unit.successors or ((unit.merged_into,) if unit.merged_into else ()):
            if code not in first and whole:
                yield number, f"{unit.name} 的 merged_into {code} 不在名册里", "应为并入单位的代码，几个的用、隔开"
            elif code == unit.code:
                yield number, f"{unit.name} 的 merged_into 是它自己", "应为并入单位的代码"
