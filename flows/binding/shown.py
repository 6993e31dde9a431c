"""What slots print of the year in hand, beside the proposals of a review list; and all that may be chosen instead."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flows.binding.bound import Blank
from flows.binding.slot_text import UNSURE
from flows.store.figures import Book
from flows.template.refusals import Ground
from flows.template.slots import SlotError, meaning, names, parse, resolve
from schemas.catalogue import Catalogue
from schemas.records import Indicator, Target
from schemas.roster import reporters
from schemas.supplements import NOTHING, Supplement

NO_VALUE = "没有数"


@dataclass(frozen=True)
class Shows:
    """What slots print, by a year's book."""

    book: Book
    ground: Ground

    def of(self, slot: str) -> str:
        """What a slot prints, unit behind it; '' for what is no slot."""
        parts = parse(slot.replace(f"{{{{{UNSURE}", "{{"))
        if len(parts) != 1 or parts[0].kind != "slot":
            return ""
        ground = self.ground
        try:
            filled = resolve(parts[0], replace(self.book, own=ground.own), ground.catalogue, ground.settings)
        except SlotError:
            return ""
        return NO_VALUE if filled.missing else f"{filled.text}{filled.unit}"

    def valued(self, blank: Blank) -> Blank:
        """The place and its alternatives with what each prints."""
        others = tuple(replace(each, value=self.of(each.slot)) for each in blank.candidates)
        return replace(blank, value=self.of(blank.slot), candidates=others)


@dataclass(frozen=True)
class Choices:
    """What a clerk may choose: names, each with unit, area and present value; areas; who may report a figure."""

    names: list[tuple[str, str, str, str]]
    areas: list[str]
    reporters: list[str]

    @classmethod
    def of(cls, catalogue: Catalogue, ground: Ground | None, book: Book | None) -> "Choices":
        """Those of a catalogue and of a township's own figures."""
        shows = Shows(book, ground) if book is not None and ground is not None else None
        listed = list(_listed(catalogue, ground, shows))
        return cls(listed, list(catalogue.areas), reporters(catalogue))


def _listed(catalogue: Catalogue, ground: Ground | None, shows: Shows | None) -> Iterator[tuple[str, str, str, str]]:
    own = ground.own if ground else NOTHING
    for name in names(catalogue, own):
        meant = meaning(name, catalogue, own)
        unit = meant.unit if isinstance(meant, Indicator | Target | Supplement) else ""
        area = meant.area if isinstance(meant, Indicator | Target) else ""
        yield name, unit, area, shows.of(f"{{{{{name}}}}}") if shows else ""
