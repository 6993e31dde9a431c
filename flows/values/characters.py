"""The characters of a cell, before anything is read from them: full-width forms, odd spaces, what cannot be seen."""

import re

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {0xFFE5: "¥", 0x2212: "-", 0xFE63: "-"}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What commands a terminal, or turns the direction of what is read; not the end of a line and the tab."""
_APOSTROPHES = "'‘’`"


def tidy(raw: str) -> tuple[str, list[str]]:
    """The text of a figure in half-width characters, trimmed, and notes of what was changed."""
    notes = []
    text = _SPACES.sub(" ", _INVISIBLE.sub("", raw)).replace("\r\n", "\n").strip()
    if text != raw:
        notes.append("去掉空格或看不见的字符")
    if (narrow := text.translate(_WIDE)) != text:
        notes.append("全角改半角")
    if narrow[:1] in tuple(_APOSTROPHES) and len(narrow) > 1:
        narrow = narrow.lstrip(_APOSTROPHES).lstrip()
        notes.append("去掉撇号")
    return narrow, notes


def tidy_text(raw: str) -> tuple[str, str]:
    """Words as they were written, without what cannot be seen; and the note of it."""
    text = _SPACES.sub(" ", _INVISIBLE.sub("", raw)).replace("\r\n", "\n").strip()
    return text, "去掉空格或看不见的字符" if text != raw else ""


def printable(text: str) -> str:
    """The text as a terminal may be sent it: what others typed must not move its cursor or hide what follows."""
    return _UNPRINTABLE.sub("�", text)


def printable_json(document: str) -> str:
    """The same JSON with such characters escaped."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", document)
