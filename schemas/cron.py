"""Schedules of five fields, as cron has them: 分 时 日 月 星期. Six and seven mean other things to other programs."""

import re

FIELDS = (("分", 0, 59), ("时", 0, 23), ("日", 1, 31), ("月", 1, 12), ("星期", 0, 7))
_NAMES = {
    "月": ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    "星期": ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
}
_PART = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?")


def wrong_in(cron: str) -> tuple[str, str] | None:
    """What is wrong with a schedule, and what may stand there; None when nothing is."""
    fields = cron.split()
    if len(fields) != len(FIELDS):
        allowed = "应写“分 时 日 月 星期”五项，如每天凌晨两点是 0 2 * * *"
        return f"定时“{cron}”有 {len(fields)} 项", allowed
    for written, (name, least, most) in zip(fields, FIELDS, strict=True):
        if not all(_is_part(part, name, least, most) for part in written.lower().split(",")):
            return (
                f"定时“{cron}”里的{name}写的是“{written}”",
                f"应为 * 或 {least} 到 {most}，如 {least}、{least}-{most}、*/5",
            )
    return None


def _is_part(part: str, name: str, least: int, most: int) -> bool:
    for number, word in enumerate(_NAMES.get(name, ()), start=least):
        part = part.replace(word, str(number))
    match = _PART.fullmatch(part)
    if not match:
        return False
    first, last = int(match[1] or least), int(match[2] or match[1] or most)
    return least <= first <= last <= most and int(match[3] or 1) <= most
