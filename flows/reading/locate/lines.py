"""What a line outside the tables says of the form itself: labels and what stands behind them, marks, stamps, dates."""

import re
from collections.abc import Mapping
from functools import lru_cache

from flows.reading.locate.vocabulary import Words, labelled, plain

_KINDS = ("label", "year", "measure", "key")
MARKS = re.compile(
    r"(表号|制定机关|制表机关|批准机关|批准文号|文号|备案文号|有效期至?|有效期限|(联系)?电话|手机|日期|制表人?|盖章|签字|签名)[:：]?"
)
_STAMP = re.compile(r".*\(.{0,6}章\)|.{1,12}(村民委员会|居民委员会|村委会|居委会|党支部委员会|党支部|党总支)")
_NOBODY = re.compile(r"[本我]?(村民委员会|居民委员会|村委会|居委会|村|社区|单位)?\(.{0,6}章\)|\(.*章\)")
_DATE = re.compile(r"(19|20)\d\d[年.\-/]\d{1,2}[月.\-/]\d{1,2}日?(00:00:00)?|.{0,4}年.{0,3}月.{0,4}日")


@lru_cache(1 << 13)
def is_stamp(text: str) -> bool:
    """Whether a line, which is not longer than a label, names the body that puts its stamp there.

    （村委会盖章） names none. Remembered, for forms print the same.
    """
    return bool(_STAMP.fullmatch(plain(text))) and bool(_NOBODY.sub("", plain(text)))


def accounted(texts: Mapping[int, str], words: Words) -> set[int]:
    """The columns, of a line's filled cells from left to right, that are labels, marks, stamps and what they ask."""
    known: set[int] = set()
    behind = False
    for column, text in texts.items():
        role, short = words.role(text), plain(text)
        mark = MARKS.fullmatch(short)
        label = bool(mark) or (role is not None and role.kind in _KINDS)
        if label or behind or _STAMP.fullmatch(short) or _DATE.fullmatch(short):
            known.add(column)
        behind = bool(mark) or (
            role is not None and role.kind == "label" and not labelled(role.what, words.labels)[-1][1]
        )
    return known
