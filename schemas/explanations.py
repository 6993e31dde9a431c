"""Explanations: whether the reason a filler gives for a doubtful figure says anything."""

import re
from collections import Counter
from collections.abc import Iterable

STOCK = re.compile(
    r"^(经?(再三|认真|反复)?(核实|核对|核查|查实|确认|检查)?(情况|数据|数字|以上)?"
    r"(属实|无误|无错误|正确|真实|准确|没有?问题|没错|如此|是的|对的?)|经?(已)?(核实|核对|确认)|实际情况(如此)?|据实填报|同上|无|正常)$"
)
LEAST_CHARACTERS = 6
"""Below it nobody says what happened and to how much; nothing was measured."""
MOST_REPEATS = 3
"""One cause may well stand behind three figures; what stands behind more of them is a phrase. Nothing was measured."""


def weakness(text: str, used: Counter[str]) -> str:
    """Why an explanation is not accepted; '' when it is. `used` counts the texts of the same submission."""
    bare = re.sub(r"[\s，,。.；;！!、：:]", "", text)
    if not bare:
        return "没有写"
    if all(STOCK.match(part) for part in re.split(r"[，,。.；;！!、\s]+", text.strip()) if part) or STOCK.match(bare):
        return "只是套话"
    if len(bare) < LEAST_CHARACTERS or len(set(bare)) < LEAST_CHARACTERS - 1:
        return "太短"
    if used[text.strip()] > MOST_REPEATS:
        return f"同一句话写了 {used[text.strip()]} 处"
    return ""


def repeats(texts: Iterable[str]) -> Counter[str]:
    """How often each explanation is used in one submission."""
    return Counter(text.strip() for text in texts if text.strip())
