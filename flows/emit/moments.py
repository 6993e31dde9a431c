"""A moment as people write it, and how far off a deadline is."""

from datetime import datetime


def in_words(moment: datetime) -> str:
    """A moment as people write it; strftime cannot take Chinese on every Windows."""
    return f"{moment.year}年{moment.month}月{moment.day}日{moment.hour}时" + (
        f"{moment.minute}分" if moment.minute else ""
    )


def passed(deadline: datetime, now: datetime) -> str:
    """How far off the deadline is, in days of the calendar."""
    now = now.astimezone(deadline.tzinfo)
    over = (now.date() - deadline.date()).days
    if over > 0:
        return f"已过 {over} 天"
    if over < 0:
        return f"还有 {-over} 天"
    return "今天刚过" if now > deadline else "今天到期"


def minute(moment: datetime | None) -> str:
    """A moment in figures, to the minute; nothing for none."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
