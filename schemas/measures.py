"""The units of measure that people write: declared in measures.toml, read once."""

from functools import cache, cached_property
from pathlib import Path

from schemas.records import Record
from schemas.toml import load


class Measures(Record, frozen=True):
    """The declared units: other spellings, what converts exactly, what counts the same things, and the rest."""

    spellings: dict[str, list[str]]
    convertible: dict[str, dict[str, str]]
    interchangeable: dict[str, list[str]]
    others: dict[str, list[str]]

    @cached_property
    def words(self) -> frozenset[str]:
        """Every unit, in every spelling, without 万 and the like before it."""
        groups = (self.spellings, self.interchangeable, self.others)
        within = [word for group in groups for words in group.values() for word in words]
        heads = [*self.spellings, *self.interchangeable]
        return frozenset((*within, *heads, *(word for sizes in self.convertible.values() for word in sizes)))

    def knows(self, unit: str) -> bool:
        """Whether the unit is declared, as it stands or with 万 and the like before it."""
        return unit in self.words or unit.lstrip("十百千万亿") in self.words


@cache
def measures_of(root: Path) -> Measures:
    """The units declared in that folder of declarations. Raises InputError."""
    return load(root / "measures.toml", Measures)
