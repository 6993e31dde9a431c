"""By what submissions are read and judged: two versions, each derived from all that it depends on and never typed.

What was read by another reading version is read again from its bytes; what was judged by another judging version is
judged again from the reading that the store keeps.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from flows.reading.records import Wanted
from schemas.catalogue import Catalogue
from schemas.corrections import Corrections
from schemas.findings import KINDS
from schemas.roster import Unit
from schemas.township import Judging

ROOT = Path(__file__).parents[2]
READING = (
    "flows/reading/child.py", "flows/reading/grid.py", "flows/reading/guard.py", "flows/reading/records.py",
    "flows/reading/locate/*.py", "flows/reading/losses/*.py", "flows/values/sums.py",
    "flows/files.py", "schemas/adopted.py", "schemas/explanations.py", "schemas/findings.py", "schemas/names.py",
)  # fmt: skip
JUDGING = (
    "flows/judging/*", "flows/values/*.py", "flows/inbox/owner.py", "flows/inbox/submission.py",
    "flows/reading/folded.py", "flows/store/judge.sql", "schemas/*.py",
)  # fmt: skip
"""The source files whose change may change what a file says, or what is wrong with it."""
EVERYTHING = ("flows/**/*", "schemas/**/*")

_SOURCES = {".py", ".sql", ".toml", ".csv", ".html", ".css", ".js"}


class Rules(msgspec.Struct, frozen=True):
    """The two versions, the clerk's corrections of each unit, the roster's digest, and what each adopted form asks."""

    reading: str
    judging: str
    corrections: Corrections
    roster: str = ""
    forms: Mapping[str, frozenset[str]] = {}

    def of(self, unit: str | None) -> str:
        """What a submission is marked with when it is judged: the rules, the roster that said whose it is, and a unit's
        corrections."""
        mark = self.corrections.mark(unit) if unit else ""
        return f"{self.held_to}+{mark}" if mark else self.held_to

    @property
    def held_to(self) -> str:
        """The same without corrections, which concern a unit's newest submission alone."""
        return f"{self.judging}.{self.roster}" if self.roster else self.judging


def rules_of(
    catalogue: Catalogue, wanted: Wanted, judging: Judging, corrections: Corrections, units: Sequence[Unit]
) -> Rules:
    """The rules as they are now: the code, the catalogue, the grades of findings, the settings, the corrections."""
    grades = [(code, kind.grade) for code, kind in KINDS.items()]
    said = msgspec.json.encode([catalogue.version, grades, judging])
    return Rules(
        reading=_digest(code_of(READING), msgspec.msgpack.encode(wanted)),
        judging=_digest(code_of(JUDGING), said),
        corrections=corrections,
        roster=_digest(repr(tuple(units)).encode())[:8],
        forms={form.sha256: form.codes for form in wanted.adopted},
    )


@cache
def code_of(patterns: tuple[str, ...]) -> bytes:
    """The digest of these source files, whatever their line ends; read once in a process."""
    paths = sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.suffix in _SOURCES})
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.digest()


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()[:12]
