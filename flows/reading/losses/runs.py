"""Texts of several runs, some struck out or raised: 12 struck and 13 behind it is 1213 to whoever drops the marks."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

_ITEM = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_RUN = re.compile(rb"<(?:\w+:)?r>(.*?)</(?:\w+:)?r>", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?t\b[^>]*>(.*?)</(?:\w+:)?t>", re.DOTALL)
_LOOK = re.compile(rb"<(?:\w+:)?rPr\b")
STRUCK = re.compile(rb"<(?:\w+:)?strike\s*(?:/>|>|val=[\"'](?:1|true|on))")
RAISED = re.compile(rb"<(?:\w+:)?vertAlign\s+val=[\"'](?:superscript|subscript)")
_NAMED = ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&apos;", b"'"), (b"&amp;", b"&"))


class Run(NamedTuple):
    """A stretch of a text; None where the cell's own font says whether it is struck out."""

    text: str
    struck: bool | None = None
    raised: bool = False


class Look(NamedTuple):
    """What of a font may change what a text says."""

    struck: bool = False
    raised: bool = False


def shared_runs(shared: bytes, all_rich: bool = False) -> dict[str, list[Run]]:
    """By number, the shared texts of .xlsx with runs struck out or raised; `all_rich`: every one that has runs."""
    if not (all_rich or has_marks(shared)):
        return {}
    found = {}
    for number, item in enumerate(_ITEM.findall(shared)):
        if all_rich or STRUCK.search(item) or RAISED.search(item):
            runs = [_run(run) for run in _RUN.findall(item)]
            if runs:
                found[str(number)] = runs
    return found


def has_marks(xml: bytes) -> bool:
    """Whether any run is struck out or raised; the words alone are looked for first, for few files have them."""
    return bool((b"strike" in xml and STRUCK.search(xml)) or (b"vertAlign" in xml and RAISED.search(xml)))


def cut(text: str, starts: Sequence[tuple[int, int]], look: Callable[[int], Look]) -> list[Run]:
    """The runs of a binary format's text: each begins at a character and has the font of a number."""
    if not starts:
        return [Run(text)]
    runs = [Run(text[: starts[0][0]])] if starts[0][0] else []
    ends = [*(start for start, _ in starts[1:]), len(text)]
    return runs + [Run(text[start:end], *look(font)) for (start, font), end in zip(starts, ends, strict=True)]


def written_out(runs: Sequence[Run], struck: bool = False) -> str:
    """The text with its marks as words; `struck`: the cell's own font is."""
    written = ""
    for run in runs:
        text = run.text
        if (run.struck or (run.struck is None and struck)) and text.strip():
            text = f"（划去：{text}）"
        elif run.raised and written[-1:].isdigit():
            text = f"（上标：{text}）"
        written += text
    return written


def _run(run: bytes) -> Run:
    text = _plain(b"".join(_TEXT.findall(run)))
    return Run(text, bool(STRUCK.search(run)) if _LOOK.search(run) else None, bool(RAISED.search(run)))


def _plain(text: bytes) -> str:
    for name, character in _NAMED:
        text = text.replace(name, character)
    return text.decode("utf-8", "replace")
