"""Where a unit or a submission stands: every state once, with the word that all outputs use for it.

A unit's state is that of its newest submission, or `missing`. What is worked out from findings is the key (judge.sql);
word, colour and meaning are looked up here by whoever shows it, and mirrored into the store for SQL.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

_GOOD, _WARN, _BAD, _QUIET = "17603A", "8A4B00", "9C1C1C", "555555"
"""Colours that keep a contrast of 7 to 1 on white (WCAG 2.2, 1.4.6), as RRGGBB."""


class State(NamedTuple):
    """One state. `of_unit`: a unit may stand so. `counts`: its figures are used. `urgency`: who is reminded first."""

    key: str
    word: str
    colour: str
    meaning: str
    of_unit: bool = True
    counts: bool = False
    urgency: int = 0


STATES = {
    state.key: state
    for state in (
        State("accepted", "已采用", _GOOD, "没有问题，数已用上", counts=True),
        State("accepted with explanations", "已采用（有说明）", _GOOD, "反常的数都写明了原因，数已用上", counts=True),
        State("returned", "已退回", _BAD, "有须改正、须核对或说明的，改好后重报", urgency=1),
        State("unreadable", "读不出", _BAD, "文件打不开或不是能读的表格，须另存后重报", urgency=2),
        State("missing", "未报", _WARN, "还没有收到报表", urgency=4),
        State("partial", "缺表", _WARN, "应报的几张表还没有收齐", urgency=3),
        State("superseded", "已有新报表", _QUIET, "同一单位后来又报了一版合格的，以那一版为准", of_unit=False),
        State("duplicate", "重复报送", _QUIET, "和收件夹里另一份一模一样，只算一份", of_unit=False),
        State("unidentified", "认不出单位", _BAD, "看不出是哪个单位报的，须写明单位后重报", of_unit=False),
        State("notice", "没有读取", _QUIET, "不是报表，没有当报表读", of_unit=False),
    )
}
"""By key, in the order in which they are listed."""

OF_UNIT = tuple(state.key for state in STATES.values() if state.of_unit)
COUNTING = tuple(state.key for state in STATES.values() if state.counts)
LATE = tuple(sorted((key for key in OF_UNIT if STATES[key].urgency), key=lambda key: -STATES[key].urgency))
"""Those that call for a reminder, the most urgent first."""
SENT_BACK = ("returned", "unreadable")
FAILED = ("unreadable", "unidentified")
"""Those that reading the file again may mend."""

KEPT = "此前报的仍采用"
"""Said beside a unit's state when its newest submission does not count and an earlier one still does."""


def word_of(key: str) -> str:
    """The word for a state."""
    return STATES[key].word


def standing_words(key: str, accepted: bool) -> str:
    """A unit's state, and that an earlier submission counts where the newest does not. `accepted`: some one counts."""
    return STATES[key].word + (f"（{KEPT}）" if accepted and key in LATE else "")


def counted_words(words: Iterable[str]) -> str:
    """How many stand so, in the order in which they first come: `未报 1 个，已退回 3 个`; empty for none."""
    return "，".join(f"{word} {count} 个" for word, count in Counter(words).items())
