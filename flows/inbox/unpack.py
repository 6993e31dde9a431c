"""Zips of several workbooks, taken apart in a process of its own: in ours nothing that somebody sent is parsed."""

import hashlib
import io
from pathlib import Path

from flows.files import sync_folder
from flows.inbox.archive import KNOWN_SUFFIXES, keep
from flows.inbox.taken import Unpacked
from flows.reading import child
from flows.reading.apart import Apart, Died
from flows.reading.guard import Refused, sniff, unpack
from flows.reading.read import MEMORY

SECONDS = 30
"""Processor time of one zip: the largest that is taken, 5,000 forms, took 10 s, half of it the disk's (2026-11). One
that takes longer is kept whole, and goes on from there at the next run."""
_WHOLE = (
    b"[content_types].xml", b"_rels/", b"docprops/", b"xl/", b"mimetype", b"meta-inf/", b"content.xml",
    b"manifest.json",
)  # fmt: skip
"""How the first part of a zip is called that is one thing: a workbook, or a township's package."""


class Unpacker(Apart):
    """Takes zips apart; its process starts with the first."""

    def __init__(self, archive: Path) -> None:
        super().__init__(SECONDS, MEMORY)
        self._archive = archive

    def taken_apart(self, path: Path, name: str) -> Unpacked:
        """The files within; nothing when there are none, or when they cannot be had within the limits."""
        try:
            return self(unpacked, str(path), name, str(self._archive))
        except Died:
            return Unpacked([], [])  # kept whole; reading it will say why it cannot be used


def may_hold_files(head: bytes) -> bool:
    """Whether a file that begins so is a zip but not, by the name of its first part, a workbook or a package."""
    first = head[30 : 30 + int.from_bytes(head[26:28], "little")].lower()
    return head.startswith(b"PK\x03\x04") and not first.startswith(_WHOLE)


def unpacked(path: str, name: str, archive: str) -> Unpacked:
    """In the child: archive what a zip holds; nothing when it is refused."""
    child.limit_time(SECONDS)
    try:
        parts = unpack(Path(path).read_bytes())
    except Refused:
        return Unpacked([], [])
    foreign = {inner: None for inner, part in parts if _is_foreign(inner, part)}
    folders = set[Path]()
    kept = [
        keep(io.BytesIO(part), hashlib.sha256(part).hexdigest(), f"{name}/{inner}", Path(archive), folders.add)
        for inner, part in parts
        if inner not in foreign
    ]
    for folder in folders:
        sync_folder(folder)
    return Unpacked(kept, list(foreign))


def _is_foreign(name: str, part: bytes) -> bool:
    """Whether neither name nor content says that somebody meant it as a report."""
    if Path(name).suffix.lower() in KNOWN_SUFFIXES:
        return False
    try:
        return sniff(part) == "text"
    except Refused as refused:
        return refused.code in ("FILE_NOT_WORKBOOK", "FILE_EMPTY")
