"""A bound report: what became of each blank."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FINE, UNSURE_REMAIN = 0, 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """What else a blank might be: its code or key, its name, the slot to write for it, its chance from 0 to 1."""

    feed: str
    name: str
    slot: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Blank:
    """One blank: where it stands (both from 1), what is proposed ('' for nothing), the slot written, the next two."""

    number: int
    paragraph: int
    context: str
    feed: str
    name: str
    slot: str
    confidence: float
    sure: bool
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Binding:
    """A bound report: one Blank per blank of the document, in order."""

    source: Path
    out: Path
    review: Path
    blanks: list[Blank] = field(default_factory=list)

    @property
    def unsure(self) -> list[Blank]:
        """Those a clerk must look at."""
        return [blank for blank in self.blanks if not blank.sure]

    @property
    def status(self) -> int:
        """Exit status: 0 when everything is sure, 3 when somebody must look."""
        return UNSURE_REMAIN if self.unsure else FINE

    def as_json(self) -> dict[str, Any]:
        """Plain data, for `--json`."""
        return {
            "source": str(self.source), "template": str(self.out), "review": str(self.review),
            "sure": len(self.blanks) - len(self.unsure), "unsure": len(self.unsure),
            "blanks": [asdict(blank) for blank in self.blanks],
        }  # fmt: skip
