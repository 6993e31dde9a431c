"""What the page 收报情况 says of one unit when its row is opened: its findings, what to send it, and its files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flows.emit.forms.words import shortened
from flows.emit.page.offline import Numbered
from flows.emit.returns.returns import SentBack
from flows.store.findings import GRADES, Told
from flows.store.pending import Pending

GROUPS = ("强制：必须改正", "核实：改正，或写明原因", "提示：不用改", "统计员的更正")
MOST = 50
"""Findings shown of one unit; the rest stand in 问题清单."""
_LONGEST = 300
"""Characters of one text that somebody typed."""
Links = Mapping[str, Sequence[tuple[str, str]]]


def links_of(back: Sequence[SentBack], folder: Path) -> Links:
    """By unit code, or name of a file of nobody: what its two files in 退回 are called, and where, from `folder`."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in back:
        files = {"退回的报表": one.workbook, "报来的原件": one.original} if one.original else {"退回说明": one.workbook}
        for words, path in files.items():
            link = words, quote(path.relative_to(folder).as_posix())
            if link not in found.setdefault(one.whose, []):
                found[one.whose].append(link)
    return found


def unit_data(one: Pending, say: str, links: Links, mends: Numbered, most: int = MOST) -> dict[str, Any]:
    """One unit for the page's script, with so many findings; each way to mend is a number in `mends`."""
    told = [_told(found, mends) for found in _in_groups(one.findings)[:most]]
    return {"say": say, "links": links.get(one.code, ()), "told": told, "rest": len(one.findings) - len(told)}


def _in_groups(findings: Sequence[Told]) -> list[Told]:
    return sorted(findings, key=_group)


def _group(told: Told) -> int:
    """Its place in GROUPS."""
    return len(GRADES) if told.code == "CORRECTED" else GRADES.index(told.grade)


def _told(told: Told, mends: Numbered) -> list[Any]:
    """Group, place, indicator, what is wrong, how to mend it, explanation, whether that is accepted."""
    subject = " ".join(filter(None, (told.indicator, told.name)))
    mend = "" if told.explained else told.mend
    return [
        _group(told), told.place, subject, shortened(told.problem, _LONGEST), mends.of(shortened(mend, _LONGEST)),
        shortened(told.explanation, _LONGEST), told.verdict,
    ]  # fmt: skip
