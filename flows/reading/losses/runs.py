"""Texts of several runs, some struck out or raised: 12 struck and 13 behind it is 1213 to whoever drops the marks."""

import re

_ITEM = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_RUN = re.compile(rb"<(?:\w+:)?r>(.*?)</(?:\w+:)?r>", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?t\b[^>]*>(.*?)</(?:\w+:)?t>", re.DOTALL)
_STRUCK = re.compile(rb"<(?:\w+:)?strike\s*(?:/>|val=[\"'](?:1|true))")
_RAISED = re.compile(rb"<(?:\w+:)?vertAlign\s+val=[\"'](?:superscript|subscript)")
_NAMED = ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&apos;", b"'"), (b"&amp;", b"&"))


def marked_texts(shared: bytes) -> dict[str, str]:
    """By number, the shared texts with runs that are struck out, or raised behind a figure, the marks written out."""
    if not (_STRUCK.search(shared) or _RAISED.search(shared)):
        return {}
    found = {}
    for number, item in enumerate(_ITEM.findall(shared)):
        runs = _RUN.findall(item)
        if len(runs) > 1 and (_STRUCK.search(item) or _RAISED.search(item)):
            found[str(number)] = _written_out(runs)
    return found


def _written_out(runs: list[bytes]) -> str:
    written = ""
    for run in runs:
        text = _plain(b"".join(_TEXT.findall(run)))
        if _STRUCK.search(run) and text.strip():
            text = f"（划去：{text}）"
        elif _RAISED.search(run) and written[-1:].isdigit():
            text = f"（上标：{text}）"
        written += text
    return written


def _plain(text: bytes) -> str:
    for name, character in _NAMED:
        text = text.replace(name, character)
    return text.decode("utf-8", "replace")
