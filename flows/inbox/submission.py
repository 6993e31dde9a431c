"""A submission: one reading with its owner and its place in the store."""

from dataclasses import dataclass, replace

from flows.inbox.owner import Owner
from flows.reading.folded import unfolded
from flows.reading.records import Reading
from schemas.corrections import Correction


@dataclass
class Submission:
    """One reading with its owner and its place in the store, decided before checking."""

    sub_id: int
    reading: Reading
    owner: Owner
    revision: int
    corrections: tuple[Correction, ...] = ()

    def whole(self) -> "Submission":
        """The same with its reading unfolded."""
        return replace(self, reading=unfolded(self.reading))
