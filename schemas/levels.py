"""The levels of places, village to province: how long a code is, and what tables call the whole. In levels.toml."""

from functools import cache
from pathlib import Path

from schemas.records import Record
from schemas.toml import load

DECLARED = Path(__file__).parent / "declared" / "levels.toml"


class Words(Record, frozen=True, kw_only=True):
    """What a place's tables call all of it (全镇), and the offices that report to it (镇直站所)."""

    whole: str
    offices: str

    @property
    def here(self) -> str:
        """What it calls itself: 本镇 where all of it is 全镇."""
        return f"本{self.whole.removeprefix('全')}" if self.whole.startswith("全") else "本级"


class Level(Words, frozen=True, kw_only=True):
    """One level. `digits` of a code name a place of it; places whose name ends otherwise may have other words."""

    digits: int
    name: str
    endings: dict[str, Words] = {}  # noqa: RUF012  msgspec copies an empty default for each record

    def words_for(self, name: str) -> Words:
        """The words for a place of this level by that name: those of the longest ending that it has."""
        found = [ending for ending in self.endings if name.strip().endswith(ending)]
        return self.endings[max(found, key=len)] if found else self


@cache
def levels() -> dict[str, Level]:
    """Every level by its key, the lowest first."""
    return load(DECLARED, dict[str, Level])


def level_of(code: str) -> str:
    """The key of a code's level, by how many digits it has. Raises StopIteration for a code of none."""
    return next(key for key, level in levels().items() if level.digits == len(code))


def codes_in_words() -> str:
    """How many digits the code of a place has that collects, level by level."""
    return "，".join(f"{level.name} {level.digits} 位" for level in list(levels().values())[1:])


def collects_packages(code: str) -> bool:
    """Whether a code is that of a place above the townships: a county, a city, a province."""
    return code.isascii() and code.isdigit() and len(code) in [level.digits for level in _above_townships()]


def packages_in_words() -> str:
    """How many digits the code of such a place has, level by level."""
    return "、".join(f"{level.name} {level.digits} 位" for level in _above_townships())


def _above_townships() -> list[Level]:
    return list(levels().values())[2:]


def totals_sheet(whole: str) -> str:
    """What the sheet of a whole's totals is called."""
    return f"{whole}合计"


def between(whole: str) -> dict[str, Level]:
    """The levels above the units and below the whole's, the lowest first: of a county the townships'."""
    keys = list(levels())
    return {key: levels()[key] for key in keys[1 : keys.index(whole)]}


def parts_sheet(level: str) -> str:
    """What the sheet is called that has the places of a level side by side."""
    return f"{parts_word(level)}合计"


def parts_word(level: str) -> str:
    """All places of a level: 各乡镇."""
    return f"各{levels()[level].name}"


@cache
def totals_sheets() -> frozenset[str]:
    """What that sheet and the one of a whole's parts may be called, at any level."""
    words = [each for level in levels().values() for each in (level, *level.endings.values())]
    return frozenset((*(totals_sheet(each.whole) for each in words), *map(parts_sheet, levels())))
