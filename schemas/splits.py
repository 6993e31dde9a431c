"""Which figures make up which without remainder; it follows from the catalogue's equality relations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.checks import EQUAL
from schemas.records import Relation


@dataclass(frozen=True, slots=True)
class Split:
    """Codes of a whole and of the parts that make it up without remainder, and the relation that says so."""

    whole: str
    parts: tuple[str, ...]
    relation: str = ""


def splits_of(relations: Iterable[Relation]) -> list[Split]:
    """Every split that the relations declare, in their order. A figure is a part of one split only, the first."""
    found: list[Split] = []
    taken: set[str] = set()
    for relation in relations:
        if relation.relation != EQUAL or relation.at != "unit" or relation.grade != "强制" or not relation.is_linear:
            continue
        sides = relation.left_side.above, relation.right_side.above
        one, several = sorted(sides, key=lambda side: len(side.terms))
        plain = all(times == 1 for times, _ in (*one.terms, *several.terms)) and not (one.constant or several.constant)
        parts = set(several.codes)
        if plain and len(one.terms) == 1 and len(parts) == len(several.terms) > 1 and not taken & parts:
            found.append(Split(one.codes[0], several.codes, relation.id))
            taken |= parts
    return [split for split in found if not _contains_itself(split, found)]


def _contains_itself(split: Split, splits: Sequence[Split]) -> bool:
    """Whether going up from the whole one comes back to the split: a catalogue that says A = B + C and B = A + D."""
    wholes = {part: each.whole for each in splits for part in each.parts}
    seen, at = set(split.parts), split.whole
    while at not in seen and at in wholes:
        seen.add(at)
        at = wholes[at]
    return at in seen
