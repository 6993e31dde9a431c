"""What was taken from the inbox: its files as the archive has them, and what is told of the others.

Apart from the taking, for whoever only looks at a year: to take needs the readers of whatever may have been sent.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from flows.inbox.archive import ASIDE, Kept
from flows.reading.records import Received
from schemas.findings import Finding
from schemas.outputs import ARCHIVE


class Unpacked(NamedTuple):
    """What a zip held: the files that may be reports, archived, and the names of those that are none."""

    kept: list[Kept]
    foreign: list[str]


@dataclass
class Inbox:
    """What lies in the inbox: the files to read, findings about files that are no submission, and which are new.

    `new` are those files whose bytes the archive did not have.
    """

    files: list[Received] = field(default_factory=list)
    notices: list[tuple[str, Finding]] = field(default_factory=list)
    new: list[Received] = field(default_factory=list)

    def take(self, name: str, kept: list[Kept], foreign: list[str]) -> None:
        """Add what one file of the inbox held."""
        self.files += [each.received for each in kept]
        self.new += [each.received for each in kept if each.fate == "new"]
        for each in kept:
            if each.fate == "replaced":
                self.tell("ARCHIVE_REPLACED", each.received.file, where=f"{ARCHIVE}/{ASIDE}")
        if foreign:
            named = "、".join(foreign[:3]) + (" 等" if len(foreign) > 3 else "")
            self.tell("ZIP_FOREIGN", name, count=str(len(foreign)), names=named)

    def tell(self, code: str, name: str, **details: str) -> None:
        """Add a notice about a file."""
        self.notices.append((name, Finding(code, details={"file": name, **details})))
