"""A plain text template: its lines as paragraphs, and the same with its slots filled; encoding and line ends stay."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.template.compose import Line
from schemas.errors import InputError

LARGEST = 20_000_000
"""Bytes of a text report, and what is no report: the longest of tests/data/reports has 9,000 (2026-11)."""
_LONGEST_TITLE = 40
"""Characters of a first line that is the title; nothing was measured."""


@dataclass(frozen=True, slots=True)
class TextParagraph:
    """A line; the first with words is the title."""

    text: str
    kind: str = ""
    align: str = ""
    cell: tuple[int, int, int] | None = None
    underlined: tuple[tuple[int, int], ...] = ()


@dataclass
class TextStory:
    """All of a text: it has no other parts."""

    paragraphs: list[TextParagraph]
    is_body: bool = True
    where: str = ""


class TextTemplate:
    """A .txt read whole. Raises InputError for one that is no text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._encoding, text = read_text(path)
        lines = text.split("\n")
        self._returns = lines[0].endswith("\r")
        lines = [line.rstrip("\r") for line in lines]
        self._ends = lines[-1] == "" and len(lines) > 1
        lines = lines[:-1] if self._ends else lines
        first = next((at for at, line in enumerate(lines) if line.strip()), -1)
        titled = first >= 0 and len(lines[first]) <= _LONGEST_TITLE
        self.body = TextStory(
            [TextParagraph(line, "title" if titled and at == first else "") for at, line in enumerate(lines)]
        )
        self.stories = [self.body]
        self._lines = [paragraph.text for paragraph in self.body.paragraphs]

    def put(self, story: TextStory, lines: Sequence[Line]) -> None:
        """Take the finished lines for the text's own; those not kept go."""
        self._lines = [line.text for line in lines if line.kept]

    def put_notice(self, sentences: Sequence[str]) -> None:
        """Put lines before everything else: what keeps this from being final."""
        self._lines[:0] = sentences

    def packed(self) -> bytes:
        """The text as it is now, in its own encoding: each that is read knows every character."""
        end = "\r\n" if self._returns else "\n"
        return (end.join(self._lines) + (end if self._ends else "")).encode(self._encoding)


def read_text(path: Path) -> tuple[str, str]:
    """A text file's encoding and content. Raises InputError for what is no text."""
    try:
        data = path.read_bytes()
    except OSError:
        raise InputError(f"读不到文件：{path}（可能没有权限，或正被别的程序占用）") from None
    if len(data) > LARGEST:
        raise InputError(f"{path}：文件太大（超过 {LARGEST // 1_000_000} MB），不像一份报告")
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    marked = "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"
    for encoding in ("utf-16",) if wide else (marked, "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return encoding, text
    raise InputError(f"{path}：不是文本文件，请另存为 UTF-8 编码的 .txt，或用 .docx")
