"""What a package says of itself: whose year it is, from which rules, closed by whom, and each file's fingerprint."""

from datetime import datetime
from pathlib import Path

import msgspec

from flows.reading.records import Received

MANIFEST, SIGNATURE = "manifest.json", "manifest.json.minisig"
KIND, FORMAT = "cunhui-package", 3
"""Tells a package from any other zip; the format goes up when a table changes its shape."""
TABLES = ("units", "indicators", "submissions", "facts", "list_rows", "findings", "totals", "adjustments")
"""The tables of a package, each a Parquet file of that name."""


class Closing(msgspec.Struct, frozen=True):
    """By whom, when and why the year was closed, and which units were excepted."""

    at: datetime
    who: str
    why: str
    excepted: str


class File(msgspec.Struct, frozen=True):
    """One file of a package."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True):
    """The head of a package. Without a closing its figures are provisional."""

    kind: str
    format: int
    cunhui: str
    made_at: datetime
    year: int
    code: str
    level: str
    name: str
    closing: Closing | None
    units_expected: int
    units_accepted: int
    catalogue: str
    rules: tuple[str, ...]
    files: dict[str, File]

    @property
    def provisional(self) -> bool:
        """Whether the figures may still change at the sender's."""
        return self.closing is None


def table_file(table: str) -> str:
    """The name of a table's file in a package."""
    return f"{table}.parquet"


def begins_with(file: Received, part: str) -> bool:
    """Whether a file is a zip whose first part has that name."""
    if not file.path.endswith(".zip"):
        return False
    try:
        with Path(file.path).open("rb") as stream:
            head = stream.read(30 + len(part))
    except OSError:
        return False
    return head.startswith(b"PK\x03\x04") and head[30:] == part.encode()
