"""A bound report: what became of each blank."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from schemas.supplements import Supplement

FINE, UNSURE_REMAIN = 0, 3
Kind = Literal["blank", "figure", "change", "words", "year", "picture", "own", "fixed"]
"""What a place is: a blank; a figure of the store, a comparison, words, a year, a picture; the clerk's own; prose."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What else a blank might be: its code or key, its name, the slot to write for it, its chance from 0 to 1.

    `value` is what that slot prints of the year in hand; '' where nobody has looked.
    """

    feed: str
    name: str
    slot: str
    confidence: float
    value: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """One blank: where it stands (both from 1), what is proposed ('' for nothing), the slot written, the next two.

    Of a finished report it is a place of that `kind`, and `was` is what stood there. `unit` stands beside it; `value`
    is what its slot prints of the year in hand.
    """

    number: int
    paragraph: int
    context: str
    feed: str
    name: str
    slot: str
    confidence: float
    sure: bool
    candidates: tuple[Candidate, ...] = ()
    kind: Kind = "blank"
    was: str = ""
    unit: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Promoting:
    """One of the clerk's own figures that is to be an indicator: name, unit, area, reporter, its row in the list."""

    name: str
    unit: str
    area: str
    reporter: str
    row: int


@dataclass(frozen=True)
class Binding:
    """A bound report: one Blank per place of the document, in order.

    `supplements` are the clerk's own figures that it names, `promoting` those of them that units are to report from now
    on, `prose` words with numbers that stay as they are, `images` how many stay that no words speak for.
    """

    source: Path
    out: Path
    review: Path
    blanks: list[Blank] = field(default_factory=list)
    supplements: list[Supplement] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    finished: bool = False
    promoting: list[Promoting] = field(default_factory=list)
    images: int = 0

    @property
    def marked(self) -> Path:
        """The report as it was, every place highlighted with a comment; of a Word file only."""
        return self.review.with_name(f"{self.review.stem}.docx")

    @property
    def unsure(self) -> list[Blank]:
        """Those a clerk must look at."""
        return [blank for blank in self.blanks if not blank.sure and blank.kind not in ("own", "fixed")]

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
            "supplements": [each.name for each in self.supplements], "prose": self.prose,
        }  # fmt: skip
