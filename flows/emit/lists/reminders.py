"""催报名单.xlsx: whoever has not sent or not mended, since when, whom to call, and words to send."""

from collections.abc import Sequence
from datetime import datetime

from flows.emit.lists.sheets import AS_TYPED, CENTRED, Column, Listing
from flows.emit.moments import in_words, passed
from flows.store.findings import OPEN
from flows.store.owed import lacked_words
from flows.store.pending import Pending
from schemas.states import KEPT, LATE, SENT_BACK, counted_words, word_of
from schemas.township import Settings

_NUMBER = Column("序号", 6, CENTRED)
_REMINDED = (
    _NUMBER, Column("单位", 22), Column("类别", 7, CENTRED), Column("情况", 11, CENTRED), Column("未了的问题", 18),
    Column("自哪天起", 12, CENTRED), Column("已有几天", 8, CENTRED), Column("超期几天", 8, CENTRED),
    Column("填表人", 10), Column("联系电话", 15, AS_TYPED), Column("最近报送", 12, CENTRED),
    Column("可以发给对方的话", 58),
)  # fmt: skip
_FILES = (_NUMBER, Column("文件", 34), Column("问题", 70), Column("怎样办", 60))


def reminder_list(pending: Sequence[Pending], settings: Settings, year: int, now: datetime) -> bytes:
    """催报名单.xlsx: whoever has not sent or not mended, for how long, whom to call; and the files of nobody."""
    listing = Listing(f"{settings.township.name}{year}年度年报催报名单", settings, year)
    now = now.astimezone(settings.deadline.tzinfo)
    late = [one for state in LATE for one in pending if one.code and one.state == state]
    _draw_late(listing, late, settings.deadline, now, year)
    if loose := [one for one in pending if not one.code]:
        _draw_files(listing, loose)
    return listing.packed()


def _draw_late(listing: Listing, late: Sequence[Pending], deadline: datetime, now: datetime, year: int) -> None:
    over = (now.date() - deadline.date()).days
    due = passed(deadline, now)
    told = counted_words(word_of(one.state) for one in late) or "各单位都已报齐并采用"
    words = f"截至 {now.year}年{now.month}月{now.day}日；报送期限 {in_words(deadline)}，{due}。{told}。"
    rows = [
        [number, one.name, one.kind, word_of(one.state), _open_words(one), _day(one.since),
         one.days_open(now), max(over, 0) or None,
         one.preparer, one.phone, _day(one.received_at), reminder(one, deadline, now, year)]
        for number, one in enumerate(late, start=1)
    ]  # fmt: skip
    listing.sheet("催报名单", [listing.title, words], _REMINDED, rows)


def _draw_files(listing: Listing, loose: Sequence[Pending]) -> None:
    rows = [(one.file, told.problem, told.mend) for one in loose for told in one.findings]
    title = f"{word_of('unidentified')}、或者不是报表的文件"
    listing.sheet("认不出的文件", [title], _FILES, [[number, *row] for number, row in enumerate(rows, start=1)])


def _open_words(one: Pending) -> str:
    said = [f"{standing} {one.count(standing)} 处" for standing in OPEN if one.count(standing)]
    said += filter(None, [lacked_words(one.owed)])
    return "，".join([*said, *([KEPT] if one.accepted else [])])


def reminder(one: Pending, deadline: datetime, now: datetime, year: int) -> str:
    """Words that the clerk can send as they are to a unit whose state is in LATE."""
    due = f"报送期限是{in_words(deadline)}，{passed(deadline, now)}"
    if one.sender is not None:
        return f"{asked_of(one)}：{package_words(one, year)}。{due}，请改好、收齐后重新汇总、打包，再报来。"
    if one.state == "missing":
        return f"{one.name}：{year}年度年报还没有收到。{due}，请尽快报送。"
    lacked = lacked_words(one.owed)
    if one.state == "partial":
        return f"{one.name}：{year}年度年报还{lacked}，没有收到。{due}，请尽快报送。"
    wrong = "、".join(f"{one.count(standing)} 处{standing}" for standing in OPEN if one.count(standing))
    whole = f"；另外还{lacked}，没有收到" if lacked else ""
    said = f"“{'”“'.join(sent_back(one))}”有{wrong}，{word_of('returned')}{whole}"
    return f"{one.name}：您单位报来的{said}。{due}，请照“退回说明”改好后重报。"


def asked_of(one: Pending) -> str:
    """Whoever is to be asked for a unit that comes in a package."""
    return one.sender or "打包的单位"


def package_words(one: Pending, year: int) -> str:
    """What is said to them of it."""
    lacked = lacked_words(one.owed)
    if one.state == "missing" or not one.file:
        return f"{year}年度年报里，{one.name}的还没有收到"
    wrong = "、".join(f"{one.count(standing)} 处{standing}" for standing in OPEN if one.count(standing))
    said = f"有{wrong or '问题'}，{word_of('returned')}" if one.state in SENT_BACK else ""
    whole = "；另外还".join(filter(None, (said, f"{lacked}，没有收到" if lacked else "")))
    return f"您报来的报送包“{'”“'.join(sent_back(one))}”里，{one.name}{'的年报' if said else '还'}{whole}"


def sent_back(one: Pending) -> list[str]:
    """The files of a unit that go back: of several forms those that are not right."""
    files = [each.file for each in one.owed if each.state in SENT_BACK]
    return list(dict.fromkeys(files)) or [one.file]


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
