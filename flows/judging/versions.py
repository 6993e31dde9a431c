"""A unit's files against each other: two different ones at once, and one that says again what an earlier one said."""

import re
from collections.abc import Iterator, Sequence

import pandas as pd

from flows.judging.finding_rows import Case, word
from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.findings import Finding

_SQL = sql_beside(__file__)
_MOST_NAMED, _LONGEST = 5, 20
"""Figures named of two versions that differ, and characters quoted of each: all of it is one sentence."""

_FOR_PROGRAMS = re.compile(r"( \d{12})?!(?=、|$)")
"""What ends the name of a file's part: the mark of a sheet, the code of a package's unit, who is told by name."""
Said = dict[str, dict[int, str]]
"""By subject: what each submission says."""


def rivals(store: Store, year: int) -> pd.DataFrame:
    """Two different files of one unit in the inbox: neither is guessed to be the right one, an accepted one stays.

    One that was refused for this and has left the inbox stays refused, so that it never comes back by itself.
    """
    found = store.rows(_SQL["rivals"], {"year": year})
    said = _said(store, sorted({sub for _, _, subs in found for sub in subs}))
    cases: list[Case] = []
    for number, files, subs in found:
        details = {"files": _FOR_PROGRAMS.sub("", files), "differing": "；".join(_differences(said, subs))}
        cases.append((number, Finding("TWO_FILES", raw=files, details=details), ()))
    return _without_place(cases)


def sent_again(store: Store, year: int) -> pd.DataFrame:
    """Submissions that say word for word what one before them said: nothing new, or what was changed since is undone.

    The latter is asked, for it would displace the later one: an old file picked by mistake is the usual cause.
    """
    cases: list[Case] = []
    for sub, revision, unchanged in store.rows(_SQL["again"], {"year": year}):
        code = "UNCHANGED" if unchanged else "EARLIER_AGAIN"
        cases.append((sub, Finding(code, details={"revision": str(revision)}), ()))
    return _without_place(cases)


def _said(store: Store, subs: Sequence[int]) -> dict[str, Said]:
    """What these submissions say: figures, cells of lists, and explanations apart."""
    said: dict[str, Said] = {"figure": {}, "cell": {}, "reason": {}}
    for sub, kind, subject, words, *_ in store.rows(_SQL["said"], {"subs": subs}) if subs else ():
        said[kind].setdefault(subject, {})[sub] = words
    return said


def _differences(said: dict[str, Said], subs: Sequence[int]) -> Iterator[str]:
    """In what the submissions differ, in words; the first figures with what each says, in the order of the files."""
    if len(subs) < 2:
        yield "其余的已不在收件夹里"
        return
    figures, cells, reasons = (_differing(said[kind], subs) for kind in ("figure", "cell", "reason"))
    if figures:
        told = [f"{subject}分别为 {'、'.join(map(_quoted, words))}" for subject, words in figures[:_MOST_NAMED]]
        yield f"有 {len(figures)} 个数不同，{'，'.join(told)}{'等' if len(figures) > len(told) else ''}"
    elif cells or reasons:
        yield "各指标的数都相同"
    if cells:
        yield f"明细表有 {len(cells)} 格不同"
    if reasons:
        yield f"说明有 {len(reasons)} 处不同"
    if not (figures or cells or reasons):
        yield "所填的内容都相同"


def _differing(said: Said, subs: Sequence[int]) -> list[tuple[str, list[str]]]:
    every = ((subject, [words.get(sub, "") for sub in subs]) for subject, words in said.items())
    return [(subject, words) for subject, words in every if len(set(words)) > 1]


def _quoted(words: str) -> str:
    words = " ".join(words.split())
    return (words if len(words) <= _LONGEST else words[:_LONGEST] + "…") or "空"


def _without_place(cases: Sequence[Case]) -> pd.DataFrame:
    nothing = pd.DataFrame(columns=["sub_id", "indicator", "explanation"])
    return word(cases, nothing, "compare")
