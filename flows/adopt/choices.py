"""Answers to choose from: lists to pull down, in brackets behind a name, boxes to tick, legends in the foot."""

import re

from flows.adopt.words import known_unit, plain

Choices = list[tuple[str, str]]
"""What people may write for a choice, and the choice."""

_BOX = r"[□☐◻▢○◯■☑]"
_KEY = r"(?:\(?\d{1,2}\)?|[①-⑳]|[A-Ha-h])"
_KEYED = re.compile(rf"({_KEY})\s*(?:[.、,:=—－\-．：＝_]{{1,2}}|(?=[^\d\s.、,:=≥≤<>+\-×÷/%)）]))\s*")
_FILL = re.compile(
    r"(?:请?填写?|选填)[“\"‘']?(.{1,8}?)[”\"’']?(?:或者?|/|、)[“\"‘']?([^”\"’'，,。；;)）]{1,8})[”\"’']?"
)
_EITHER = re.compile(r"^(是|有|已|能|通)[/／或、](否|无|没有|未|不能|不通|不是|非)$")
_SHORT = re.compile("[\u4e00-\u9fff]{1,8}")
_CIRCLED = {chr(0x2460 + n): str(n + 1) for n in range(20)}


def choices_of(text: str) -> Choices:
    """The choices that a text offers; none where it offers fewer than two."""
    text = text.strip().strip("。；;")
    for read in (_boxes, _keyed, _either):
        if len(found := read(text)) >= 2:
            return found
    return []


def items(texts: tuple[str, ...]) -> Choices:
    """The items of a list to pull down, "1.是" understood as 1 and 是."""
    found: Choices = []
    for text in texts:
        match = _KEYED.match(plain(text)) if not re.fullmatch(r"[\d.]+", text) else None
        label = plain(text)[match.end() :] if match else ""
        if match and label and re.match(rf"{_KEY}[.、:=—\-]", plain(text)):
            found.append((_bare(match[1]), label))
        else:
            found.append((text.strip(), text.strip()))
    return found


def without_choices(name: str) -> tuple[str, Choices]:
    """A name without the choices behind it, and these."""
    for found in re.finditer(r"[(（【\[]", name):
        inside = name[found.end() :].rstrip()
        if inside and inside[-1] in ")）】]" and (choices := choices_of(inside[:-1])):
            return name[: found.start()].strip(), choices
    for first in re.finditer(rf"{_BOX}|①|(?<![\d.])1\s*[.、=—．]\s*\S", name):
        if first.start() > 1 and (choices := choices_of(name[first.start() :])):
            return name[: first.start()].strip(" 　:：,，("), choices
    return name, []


def _boxes(text: str) -> Choices:
    if not re.search(_BOX, text):
        return []
    before = re.match(rf"\s*{_BOX}", text)
    pieces = [piece.strip(" 　、,，;；()（）\n") for piece in re.split(_BOX, text)]
    pieces = [piece for piece in (pieces[1:] if before else pieces) if piece]
    keyed = [_KEYED.match(piece) for piece in pieces]
    if pieces and all(keyed):
        return [(_bare(m[1]), plain(piece[m.end() :])) for m, piece in zip(keyed, pieces, strict=True) if m]
    return [(plain(piece), plain(piece)) for piece in pieces]


def _keyed(text: str) -> Choices:
    words = plain(text).replace("（", "(").replace("）", ")")
    marks = [m for m in _KEYED.finditer(words) if m.start() == 0 or not re.match(r"[\d.]", words[m.start() - 1])]
    kept: list[re.Match[str]] = []
    for mark in marks:
        wanted = _after(_bare(kept[-1][1])) if kept else None
        key = _bare(mark[1])
        if (kept and key == wanted) or (not kept and key in ("1", "0", "A", "a")):
            kept.append(mark)
    if len(kept) < 2 or kept[0].start() > 0:
        return []
    ends = [mark.start() for mark in kept[1:]] + [len(words)]
    labels = [words[m.end() : end].strip("、,;；，。. /()　") for m, end in zip(kept, ends, strict=True)]
    if not all(labels) or any(len(label) > 30 or re.search("[≥≤=＝]", label) for label in labels):
        return []
    return [(_bare(m[1]), label) for m, label in zip(kept, labels, strict=True)]


def _either(text: str) -> Choices:
    words = plain(text).strip("()")
    if found := _EITHER.match(words):
        return [(found[1], found[1]), (found[2], found[2])]
    parts = re.split("[/／]", words)
    if len(parts) > 1 and all(_SHORT.fullmatch(part) and not known_unit(part) for part in parts):
        return [(part, part) for part in parts]
    if found := _FILL.search(words):
        return [(found[1], found[1]), (found[2], found[2])]
    return []


def _bare(key: str) -> str:
    return _CIRCLED.get(key, key.strip("()"))


def _after(key: str) -> str:
    return str(int(key) + 1) if key.isdigit() else chr(ord(key) + 1)
