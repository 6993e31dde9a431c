"""The units of measure that people write: declared in measures.toml, and those that a township adds."""

from functools import cache, cached_property
from pathlib import Path

from schemas.records import Record
from schemas.toml import load

BUILT_IN = Path(__file__).parent / "declared"


class Measures(Record, frozen=True, kw_only=True, eq=False):
    """The declared units: other spellings, what converts exactly, what counts the same things, and the rest."""

    spellings: dict[str, list[str]] = {}  # noqa: RUF012  msgspec copies an empty default for each record
    convertible: dict[str, dict[str, str]] = {}  # noqa: RUF012
    interchangeable: dict[str, list[str]] = {}  # noqa: RUF012
    others: dict[str, list[str]] = {}  # noqa: RUF012

    @cached_property
    def words(self) -> frozenset[str]:
        """Every unit, in every spelling, without 万 and the like before it."""
        groups = (self.spellings, self.interchangeable, self.others)
        within = [word for group in groups for words in group.values() for word in words]
        heads = [*self.spellings, *self.interchangeable]
        return frozenset((*within, *heads, *(word for sizes in self.convertible.values() for word in sizes)))

    def knows(self, unit: str) -> bool:
        """Whether the unit is declared, as it stands or with 万 and the like before it."""
        heads = (at for at in range(len(unit)) if not unit[:at].strip("十百千万亿"))
        return any(unit[at:] in self.words for at in heads)


def measures_of(root: Path) -> Measures:
    """The built-in units, and those that the folder of declarations adds or declares otherwise. Raises InputError."""
    path, built_in = root / "measures.toml", _built_in()
    if root == BUILT_IN or not path.exists():
        return built_in
    own, merged = load(path, Measures), {}
    for name in Measures.__struct_fields__:
        merged[name] = {**getattr(built_in, name), **getattr(own, name)}
    for key, words in own.others.items():
        merged["others"][key] = list(dict.fromkeys([*built_in.others.get(key, ()), *words]))
    for group, sizes in own.convertible.items():
        merged["convertible"][group] = {**built_in.convertible.get(group, {}), **sizes}
    return Measures(**merged)


@cache
def _built_in() -> Measures:
    return load(BUILT_IN / "measures.toml", Measures)


_in_hand: list[Measures] = []


def use(measures: Measures) -> None:
    """From here on these are the units that figures are read with: a process works for one township."""
    _in_hand[:] = [measures]


def in_hand() -> Measures:
    """The units in hand; the built-in ones until a catalogue has been loaded."""
    return _in_hand[0] if _in_hand else _built_in()
