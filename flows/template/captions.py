"""The caption of a picture read back: which slot draws it anew."""

import re
from dataclasses import dataclass

from flows.template.charts import BY_VILLAGE, COMPARED, HEAD, LARGEST, WHOSE, Asked, chart_problem
from schemas.catalogue import Catalogue

_CAPTION = re.compile(r"\s*图\s*(?:[:：]|[\d.\-－—一二三四五六七八九十]+(?!\d*\s*[年月日])[\s:：、.．]*)\s*(.*\S)\s*")
_TOLD = r"[^，：\s]+ -?[0-9.]*[^，（）]*(?:（[^（）]*）)?"
_OURS = re.compile(
    f"(?:{HEAD})?({WHOSE})?(.+?)（([^（）]*)）(?:{COMPARED})?(?:{LARGEST.format(r'[0-9]+')})?(?P<told>：{_TOLD}(?:，{_TOLD})*)?"
)
"""Under a picture it begins with its head; where there are no pictures, its figures follow instead."""


@dataclass(frozen=True, slots=True)
class Captioned:
    """What a caption is of: the slot that draws it and the first indicator's code, '' for none known; `ours`: its
    words are those that stand under a picture of ours, or tell it where there are none.
    """

    slot: str
    feed: str = ""
    ours: bool = False


def is_caption(text: str) -> bool:
    """Whether a paragraph is what stands under or over a picture: 图：…, 图1 …."""
    return _CAPTION.fullmatch(text) is not None


def captioned(text: str, catalogue: Catalogue) -> Captioned | None:
    """The caption read back; None for what is none."""
    match, caption = _OURS.fullmatch(text.strip()), _CAPTION.fullmatch(text)
    if match and (text.strip().startswith(HEAD) != bool(match["told"])):
        wanted = Asked(tuple(match[2].split("、")), bool(match[1]), ())
        first = catalogue.find(wanted.names[0])
        if first and not chart_problem(wanted, catalogue) and first.printed_in == match[3]:
            return Captioned(_written(wanted), first.code, ours=True)
    if not caption:
        return None
    wanted = _named_in(caption[1], catalogue)
    first = catalogue.find(wanted.names[0]) if wanted.names else None
    return Captioned(_written(wanted), first.code) if first and not chart_problem(wanted, catalogue) else Captioned("")


def _named_in(text: str, catalogue: Catalogue) -> Asked:
    """The indicators whose names stand in a caption of another hand, in that order; within a longer name none does."""
    found: list[tuple[int, str]] = []
    for name in sorted(catalogue.by_name, key=len, reverse=True):
        if (at := text.find(name)) >= 0:
            found.append((at, name))
            text = text.replace(name, "\0" * len(name))
    return Asked(tuple(name for _, name in sorted(found)), BY_VILLAGE in text, ())


def _written(wanted: Asked) -> str:
    return HEAD + "、".join(wanted.names) + (f"|{BY_VILLAGE}" if wanted.by_village else "")
