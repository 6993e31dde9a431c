"""The shared texts of .xls that have several runs. Source: [MS-XLS] 2.5.293 XLUnicodeRichExtendedString."""

import struct
from collections.abc import Iterator, Sequence

from flows.reading.guard import Refused
from flows.reading.losses.runs import Look, Run, cut

Starts = list[tuple[int, int]]
"""Where each run begins, and the number of its font."""


class _Segments:
    """The body of one record and of those that continue it; a text that runs over says anew how wide it is."""

    def __init__(self, segments: Sequence[bytes]) -> None:
        self.segments, self.number, self.at = segments, 0, 0

    def take(self, length: int) -> bytes:
        """So many bytes."""
        taken = b""
        while length > len(taken):
            segment = self._segment()
            piece = segment[self.at : self.at + length - len(taken)]
            self.at += len(piece)
            taken += piece
        return taken

    def text(self, length: int, wide: int) -> str:
        """So many characters."""
        found = ""
        while True:
            size = 1 + wide
            piece = self.segments[self.number][self.at : self.at + size * (length - len(found))]
            piece = piece[: len(piece) - len(piece) % size]
            self.at += len(piece)
            found += piece.decode("utf-16-le" if wide else "latin-1", "replace")
            if len(found) >= length:
                return found
            self.number, self.at = self.number + 1, 0
            wide = self.take(1)[0] & 1

    def _segment(self) -> bytes:
        while self.at >= len(self.segments[self.number]):
            self.number, self.at = self.number + 1, 0
        return self.segments[self.number]


def shared_texts(segments: Sequence[bytes]) -> Iterator[tuple[str, Starts]]:
    """Every shared text with its runs. Raises Refused for a table that breaks off."""
    body = _Segments(segments)
    try:
        count = struct.unpack_from("<II", body.take(8))[1] if segments else 0
        for _ in range(count):
            length, flags = struct.unpack("<HB", body.take(3))
            runs = struct.unpack("<H", body.take(2))[0] if flags & 8 else 0
            extra = struct.unpack("<I", body.take(4))[0] if flags & 4 else 0
            text = body.text(length, flags & 1)
            yield text, [struct.unpack("<HH", body.take(4)) for _ in range(runs)]
            body.take(extra)
    except (struct.error, IndexError, UnicodeDecodeError):
        raise Refused("FILE_DAMAGED", why="文字表不完整") from None


def looks_of_runs(texts: Iterator[tuple[str, Starts]], fonts: Sequence[Look]) -> dict[int, list[Run]]:
    """By number, the texts of several runs."""
    return {
        number: cut(text, starts, lambda font: fonts[font] if font < len(fonts) else Look())
        for number, (text, starts) in enumerate(texts)
        if starts
    }
