"""Schedules of five fields, as cron has them: 分 时 日 月 星期. Six and seven mean other things to other programs."""

import re

FIELDS = (("分", 0, 59), ("时", 0, 23), ("日", 1, 31), ("月", 1, 12), ("星期", 0, 7))
_NAMES = {
    "月": ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    "星期": ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
}
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = re.compile(r"(?:\*|([0-9]{1,3})(?:-([0-9]{1,3}))?)(?:/([1-9][0-9]{0,2}))?")


def wrong_in(cron: str) -> tuple[str, str] | None:
    """What is wrong with a schedule, and what may stand there; None when nothing is."""
    fields = cron.split()
    if len(fields) != len(FIELDS):
        allowed = "应写“分 时 日 月 星期”五项，如每天凌晨两点是 0 2 * * *"
        return f"定时“{cron}”有 {len(fields)} 项", allowed
    moments = [_moments(written.lower(), *field) for written, field in zip(fields, FIELDS, strict=True)]
    for written, (name, least, most), found in zip(fields, FIELDS, moments, strict=True):
        if not found:
            return (
                f"定时“{cron}”里的{name}写的是“{written}”",
                f"应为 * 或 {least} 到 {most}，如 {least}、{least}-{most}、*/5",
            )
    _, _, days, months, _ = moments
    if fields[4] == "*" and min(days) > max(_LONGEST_MONTHS[month - 1] for month in months):
        return f"定时“{cron}”写的日子哪个月都没有", "应为那几个月里有的日子"
    return None


def _moments(written: str, name: str, least: int, most: int) -> set[int]:
    """What one field names; nothing where any part of it is wrong."""
    parts = [_part(part, name, least, most) for part in written.split(",")]
    return set().union(*parts) if all(parts) else set()


def _part(part: str, name: str, least: int, most: int) -> range:
    for number, word in enumerate(_NAMES.get(name, ()), start=least):
        part = part.replace(word, str(number))
    match = _PART.fullmatch(part)
    if not match:
        return range(0)
    first = int(match[1] or least)
    last = int(match[2] or (match[1] if not match[3] else 0) or most)
    step = int(match[3] or 1)
    return range(first, last + 1, step) if least <= first and last <= most and step <= most else range(0)
