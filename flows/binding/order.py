"""The order in which a report of this kind names its figures, and the words around each: schemas/report_order.csv."""

import csv
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import log
from pathlib import Path
from typing import Literal

from flows.template.units import NONE, Unit, unit_of
from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.records import TOWNSHIP_NAME

PREAMBLE, DONE, LACKING, PLAN_PREAMBLE, PLAN, ELSEWHERE = "前言", "成绩", "问题", "计划前言", "计划", "别处"
PARTS = (PREAMBLE, DONE, PLAN_PREAMBLE, PLAN, ELSEWHERE)
FOREIGN = "-"
"""What fills a blank that is none of the catalogue's business, such as how many are insured."""
Kind = Literal["number", "names", "words", "any"]


@dataclass(frozen=True)
class Step:
    """One place in the report's usual order: what fills it, where it stands, the words one finds around it.

    `blanks` is how many blanks in a row it usually takes (names of a list); `words` are groups of alternatives;
    `before` and `after` are what usually stands directly beside it. `eats_before` and `eats_after` are words beside
    the blank that its value already contains, as 示例镇 does 镇. `said` is its name and words, `profile` these and
    its definition.
    """

    feed: str
    part: str
    area: str
    blanks: int
    words: tuple[tuple[str, ...], ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    eats_before: str
    eats_after: tuple[str, ...]
    kind: Kind
    unit: Unit
    said: str
    profile: str

    @cached_property
    def pairs(self) -> frozenset[str]:
        """Every two characters in a row of its profile."""
        return frozenset(self.profile[at : at + 2] for at in range(len(self.profile) - 1))


class Order:
    """All steps in order, and those that may stand anywhere. Grain: one Step per row of report_order.csv."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        path, heads = catalogue.file("report_order.csv"), catalogue.file("report_heads.csv")
        rows = list(_rows(path)) if path else []
        rows += _unlisted({row["feed"] for row in rows}, catalogue, ELSEWHERE if path else DONE)
        steps = [_step(row, catalogue, f"{path} 第 {number} 行") for number, row in enumerate(rows, start=2)]
        self.steps = [step for step in steps if step.part != ELSEWHERE]
        self.all = [*self.steps, *(step for step in steps if step.part == ELSEWHERE)]
        self.heads = (
            {row["area"]: tuple(row["words"].split("/")) for row in _rows(heads)}
            if heads
            else {area: (area,) for area in catalogue.areas}
        )
        # Named as often as a report likes.
        self.anywhere = frozenset(
            {TOWNSHIP_NAME} | {i.code for i in catalogue.indicators.values() if i.total == "units"}
        )

    @cached_property
    def first(self) -> dict[str, Step]:
        """The first step that each feed fills."""
        return {step.feed: step for step in reversed(self.all)}

    @cached_property
    def units(self) -> frozenset[str]:
        """Units a slot may ask for: those of the catalogue, plain and with 万 or 亿."""
        plain = {unit for item in self.catalogue.indicators.values() for unit in (item.unit, item.printed_in) if unit}
        return frozenset(plain | {power + unit for power in "万亿" for unit in plain})

    @cached_property
    def rarity(self) -> dict[str, float]:
        """How telling a word is: the fewer feeds use it, alone or within a longer word, the more."""
        used: dict[str, set[str]] = {}
        for step in self.all:
            for group in step.words:
                for word in group:
                    used.setdefault(word, set()).add(step.feed)
        feeds = len(self.first)
        return {
            word: log((1 + feeds) / len(set().union(*(owners for other, owners in used.items() if word in other))))
            for word in used
        }

    @cached_property
    def capacity(self) -> dict[str, int]:
        """How often each feed stands in a usual report."""
        times: dict[str, int] = {}
        for step in self.steps:
            times[step.feed] = times.get(step.feed, 0) + 1
        return times


def _unlisted(listed: set[str], catalogue: Catalogue, part: str) -> list[dict[str, str]]:
    """The places of figures that no order names, by their own names: anywhere, if there is an order of others.

    What another figure is worked out of is named by that.
    """
    made_of = {item.of for item in catalogue.indicators.values()} if listed else set()
    empty = dict.fromkeys(("before", "after", "eats_before", "eats_after"), "")
    rows = []
    for item in catalogue.indicators.values():
        if item.code not in listed | made_of and not (listed and item.is_text):
            core = item.name.removesuffix("数").removesuffix(item.unit) or item.name
            words = "/".join(dict.fromkeys((item.name, core))).replace(" ", "")
            rows.append({"part": part, "area": item.area, "feed": item.code, "blanks": "1", "words": words, **empty})
    return rows


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _step(row: dict[str, str], catalogue: Catalogue, place: str) -> Step:
    feed = row["feed"]
    if row["part"] not in PARTS or (row["area"] and row["area"] not in catalogue.areas):
        raise InputError(f"{place}：没有这样的部分或类别 {row['part']} {row['area']}")
    known = catalogue.indicators.get(feed) or catalogue.targets.get(feed) or catalogue.texts.get(feed)
    if known is None and feed != FOREIGN:
        feeds = [*catalogue.indicators, *catalogue.targets, *catalogue.texts]
        near = difflib.get_close_matches(feed, feeds, n=1, cutoff=0.0)
        raise InputError(f"{place}：没有 {feed} 这个指标、目标或文字，是不是 {near[0]}？")
    kind, unit = _kind_and_unit(feed, catalogue)
    words = tuple(tuple(group.split("/")) for group in row["words"].split())
    said = "；".join((known.name if known else "", *(word for group in words for word in group)))
    return Step(
        feed, row["part"], row["area"], int(row["blanks"]), words,
        tuple(row["before"].split()), tuple(row["after"].split()), row["eats_before"], tuple(row["eats_after"].split()),
        kind, unit, said, f"{known.definition if known else ''}；{said}",
    )  # fmt: skip


def _kind_and_unit(feed: str, catalogue: Catalogue) -> tuple[Kind, Unit]:
    if feed == FOREIGN:
        return "any", NONE
    item = catalogue.indicators.get(feed)
    if item is None:
        target = catalogue.targets.get(feed)
        return ("number", unit_of(target.unit)) if target else ("words", NONE)
    if item.is_text:
        return ("words" if item.aggregate == "first" else "names"), NONE
    return "number", unit_of(item.printed_in)
