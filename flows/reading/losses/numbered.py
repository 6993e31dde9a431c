"""The numbered records of a binary part ([MS-XLSB] 2.1.4 Record)."""

from collections.abc import Iterator


def binary_records(part: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, where the body begins, and its length, of every record of a binary part."""
    at, end = 0, len(part)
    while at < end:
        kind, at = part[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (part[at] & 0x7F) << 7, at + 1
        length = shift = 0
        while True:
            byte, at = part[at], at + 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift > 21:
                break
        yield kind, at, length
        at += length
