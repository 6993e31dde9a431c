"""township.toml: who we are, when, how to judge and print, and what the report says that nobody reports."""

import difflib
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from schemas.catalogue import Catalogue
from schemas.cron import wrong_in
from schemas.errors import InputError
from schemas.faults import Faults
from schemas.levels import Words, codes_in_words, level_of, levels
from schemas.records import Record
from schemas.toml import Keys, convert, read_toml

FIRST_YEAR, LAST_YEAR = 1949, 2199
LIKE = 0.8
"""How alike (difflib's ratio) an own key of [report] and a known one may not be: it would be a misspelling."""
UNSPEAKABLE = set("{}｛｝|｜?？\n")
"""What no name of a slot may hold."""
_COLLECTING = [level.digits for level in list(levels().values())[1:]]
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_CONTACT = re.compile(r"[\w.+-]+(@[\w-]+(\.[\w-]+)+)?", re.ASCII)
"""A mail address, or a number or name by which a messenger knows somebody."""
_DAYS = 366
"""Days before or after the deadline on which a letter may be asked for."""
EXAMPLE = "示例"
"""The word that stands in a text until the township writes its own."""


class Who(Record, frozen=True, kw_only=True):
    """The body that collects: its code (9 digits for a township, 6 for a county) and its name.

    `whole` is what its tables call all of it (全镇) where the words of its level and name are not right.
    """

    code: str
    name: str
    whole: str = ""

    @property
    def words(self) -> Words:
        """What tables call all of it, and its offices."""
        words = levels()[level_of(self.code)].words_for(self.name)
        return Words(whole=self.whole.strip() or words.whole, offices=words.offices)


class Collection(Record, frozen=True, kw_only=True):
    """When: the year collected, its deadline (local time), and when `cunhui serve` collects; from where besides.

    `inbox` is the URL of an inbox elsewhere, whose folders are the years: s3://bucket/township. Keys to it stand in the
    environment.
    """

    year: int
    deadline: datetime
    timezone: str = "Asia/Shanghai"
    cron: str | tuple[str, ...] = "0 18 * * *"
    inbox: str = ""

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


class Web(Record, frozen=True, kw_only=True):
    """Whether villages may send their forms over the office's network by links of their own, and where they reach it.

    `host` is the address listened on, 0.0.0.0 for all that the PC has; `address` what stands in the links where that is
    another. `certificate` and `key` are files in PEM; without them what is sent is not encrypted.
    """

    lan: bool = False
    host: str = "0.0.0.0"
    port: int = 4301
    address: str = ""
    certificate: str = ""
    key: str = ""


class Settings(Record, frozen=True, kw_only=True):
    """The whole of township.toml. `report` has the catalogue's fixed texts, and texts and figures of its own."""

    township: Who
    collection: Collection
    printing: Printing = Printing()
    marks: Marks = Marks()
    judging: Judging = Judging()
    reminders: Reminders = Reminders()
    web: Web = Web()
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
    """The code and the year of township.toml, whatever else is wrong in it: '' and None where there is no right one."""
    found: dict[str, Any] = Faults().collect(read_toml, inputs / "township.toml") or {}
    who, collection = ({} if not isinstance(found.get(key), dict) else found[key] for key in ("township", "collection"))
    code, year = who.get("code"), collection.get("year")
    return code if isinstance(code, str) and _is_code(code) else "", year if isinstance(year, int) else None


def _is_code(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) in _COLLECTING


def _web_faults(web: Web) -> Iterator[tuple[str, tuple[str, str]]]:
    try:
        ip_address(web.host)
    except ValueError:
        yield "host", (f"host 写的是“{web.host}”", "应为这台电脑的 IP 地址，如 192.168.1.10，或 0.0.0.0（全部）")
    if not 1 <= web.port <= 65535:
        yield "port", (f"port 写的是 {web.port}", "应为 1 到 65535 之间的整数")
    if bool(web.certificate) != bool(web.key):
        yield "certificate", ("certificate 和 key 只写了一个", "应两个都写（PEM 文件），或都不写")
    if web.address and not _ADDRESS.fullmatch(web.address):
        yield "address", (f"address 写的是“{web.address}”", "应为网址，如 https://nianbao.example.cn:4301，或不写")


def _reminder_faults(reminders: Reminders) -> Iterator[tuple[Keys, tuple[str, str]]]:
    if not 0 <= reminders.hour <= 23:
        yield ("hour",), (f"hour 写的是 {reminders.hour}", "应为 0 到 23 之间的整数：几点以后发")
    for key in ("before", "after"):
        for number, days in enumerate(getattr(reminders, key)):
            if not 0 <= days <= _DAYS:
                yield (key, number), (f"{key} 写的是 {days}", f"应为期限前后的天数，0 到 {_DAYS}")
    for unit, contact in reminders.contacts.items():
        if not all(map(_CONTACT.fullmatch, re.split(r"[,; ]+", contact))):
            yield (
                ("contacts", unit),
                (f"{unit}的联系方式写的是“{contact}”", "应为邮箱，如 sanwan@example.cn，几个的用半角逗号隔开"),
            )


def _inbox_faults(url: str) -> Iterator[tuple[str, str]]:
    if not url:
        return
    scheme, _, rest = url.partition("://")
    if not rest.strip("/") or not scheme.isascii():
        yield f"inbox 写的是“{url}”", "应为网址，如 s3://桶/文件夹；本机的收件夹不用写"
    elif "@" in rest.partition("/")[0] or "?" in rest:
        yield "inbox 里写了用户名、口令或参数", "应只写网址，如 s3://桶/文件夹；钥匙放在环境变量里"


def _setting_faults(settings: Settings, catalogue: Catalogue) -> Iterator[tuple[Keys, str, str]]:
    """What is well written and still cannot be: where, what is found, what is allowed."""
    who, collection, judging = settings.township, settings.collection, settings.judging
    if not _is_code(who.code):
        yield ("township", "code"), f"code 写的是“{who.code}”", f"应为统计用区划代码的数字：{codes_in_words()}"
    if not who.name.strip():
        yield ("township", "name"), "name 空着", "应为汇总这份年报的地方的名称"
    yield from ((("web", key), *fault) for key, fault in _web_faults(settings.web))
    yield from ((("reminders", *keys), *fault) for keys, fault in _reminder_faults(settings.reminders))
    yield from ((("report", key), *fault) for key, fault in _report_faults(settings, catalogue))
    dates = {("reports", name, "report_date"): report.report_date for name, report in settings.reports.items()}
    for keys, day in {("wording", "report_date"): settings.wording.report_date, **dates}.items():
        if day and not collection.year <= day.year <= collection.year + 1:
            found = f"{collection.year} 年度的报告日期写的是 {day}"
            yield keys, found, f"应在 {collection.year} 年或 {collection.year + 1} 年"
    try:
        _ = settings.zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield ("collection", "timezone"), f"不认识时区“{collection.timezone}”", "一般写 Asia/Shanghai"
    yield from ((("collection", "inbox"), *fault) for fault in _inbox_faults(collection.inbox))
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
            yield key, (f"[report] 的 {key} 还是示例的文字“{given}”", f'请换成{settings.township.name}的，没有的写 ""')
