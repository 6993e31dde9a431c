"""What a form holds, derived from the catalogue: its sheets, its rows and the relations printed under them.

Grain: one FormLayout per kind of unit ("village", or an office's suffix) and year. Nothing here knows a spreadsheet.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from operator import eq

from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.records import TOWNSHIP_ROLE, Area, CoverField, Indicator, LineList, Relation

VILLAGE = "village"
COVER, GLOSSARY, IDENTITY = "封面", "指标解释", "_cunhui"
MARKS = ("表号", "制定机关", "文号", "有效期至")
COVER_INPUTS = ("填表人", "审核人", "联系电话", "填表日期")


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator's row; `depth` and `label` say how it stands under the item that it is part of."""

    number: int
    indicator: Indicator
    depth: int
    label: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A row that only says which section the rows under it are of; `depth` counts the headings above it."""

    words: str
    depth: int


@dataclass(frozen=True, slots=True)
class AreaPage:
    """One area's sheet: its lines and the relations printed under them."""

    area: Area
    lines: tuple[Line, ...]
    relations: tuple[Relation, ...]
    further: tuple[Indicator, ...] = ()
    """What is asked on rows of others, in columns of further periods."""

    @property
    def periods(self) -> tuple[str, ...]:
        """The heads of the further columns, in order."""
        return tuple(dict.fromkeys(item.period for item in self.further))

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """Every indicator on the page, those of a row together."""
        return tuple(one for line in self.lines for one in (line.indicator, *self.beside(line.indicator.code).values()))

    def beside(self, code: str) -> dict[str, Indicator]:
        """What else is asked on the row of that indicator, by period."""
        return {item.period: item for item in self.further if item.row == code}

    @property
    def body(self) -> Iterator[Heading | Line]:
        """Its rows from the table's head down: every line, with the headings of its section where it begins."""
        section: tuple[str, ...] = ()
        for line in self.lines:
            own = line.indicator.section
            shared = len(list(takewhile(bool, map(eq, own, section))))
            if own != section and shared == len(own) > 0:  # back from a heading under it: said again
                shared -= 1
            yield from (Heading(own[depth], depth) for depth in range(shared, len(own)))
            section = own
            yield line

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self.area.name

    @property
    def table(self) -> str:
        """The table's name as its title prints it."""
        return self.name + ("表" if self.name.endswith("情况") else "情况表")

    @property
    def size(self) -> str:
        """How much there is to fill in, for the cover."""
        return f"{len(self.lines)} 个指标"

    @property
    def gist(self) -> str:
        """What it asks, for the cover."""
        names = [line.indicator.printed_name for line in self.lines]
        return "、".join(names[:3]) + ("等" if names[3:] else "")


@dataclass(frozen=True, slots=True)
class ListPage:
    """One line list's sheet."""

    line_list: LineList

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self.line_list.name

    @property
    def table(self) -> str:
        """The table's name as its title prints it."""
        return f"{self.name}明细表"

    @property
    def size(self) -> str:
        """How much there is to fill in, for the cover."""
        return "有几个填几行"

    @property
    def gist(self) -> str:
        """What it asks, for the cover."""
        return self.line_list.definition.partition("，")[0]


@dataclass(frozen=True, slots=True)
class FormLayout:
    """All that a form of one kind prints, except what belongs to a single unit."""

    kind: str
    reporter: str
    year: int
    township: str
    deadline: str
    version: str
    marks: Mapping[str, str]
    areas: tuple[AreaPage, ...]
    lists: tuple[ListPage, ...]
    fields: tuple[CoverField, ...] = ()

    @property
    def cover(self) -> tuple[str, ...]:
        """What its cover asks for, by the labels printed there."""
        return tuple(field.name for field in self.fields) or COVER_INPUTS

    @property
    def title(self) -> str:
        """The form's title on its cover."""
        level = {VILLAGE: "村级", TOWNSHIP_ROLE: "本级"}.get(self.kind, "站所")
        return f"{self.year}年度{self.township}{level}年报"

    @property
    def pages(self) -> tuple[AreaPage | ListPage, ...]:
        """The sheets that are filled in, in order."""
        return (*self.areas, *self.lists)

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """Every indicator on the form, in order."""
        return tuple(item for page in self.areas for item in page.indicators)

    def mark(self, name: str, number: int) -> str:
        """A mark of the table that stands at that place in the form; `{n}` in a table number is its number."""
        return self.marks.get(name, "").replace("{n}", str(number))


def layout_of(
    catalogue: Catalogue,
    kind: str,
    *,
    year: int,
    township: str,
    deadline: str,
    marks: Mapping[str, str],
    whole: bool = False,
) -> FormLayout:
    """The form of that kind, without what it is asked in adopted forms unless it is to be `whole`.

    Raises InputError for an office that the catalogue does not know or asks nothing.
    """
    office = None if kind == VILLAGE else kind
    roles = office.split("、") if office else []
    if lost := [role for role in roles if role not in catalogue.offices]:
        raise InputError(f"站所的职责 {'、'.join(lost)} 在目录的 others.toml 里没有声明")
    reporter = "、".join(catalogue.offices[role].name for role in roles) or "各村（社区）"
    held = frozenset[str]() if whole else catalogue.held(year, office)
    reported = [item for item in catalogue.reported(year, office) if item.code not in held]
    lists = tuple(ListPage(one) for one in catalogue.reported_lists(office) if not held.intersection(one.by_code))
    if not reported and not lists:
        raise InputError(f"{year} 年没有要求 {kind}（{reporter}）填报任何指标，请从名册中删去")
    pages = tuple(
        _page(catalogue, area, reported)
        for area in catalogue.areas.values()
        if any(item.area == area.name for item in reported)
    )
    printed = (year, township, deadline, catalogue.version, dict(marks))
    return FormLayout(kind, reporter, *printed, pages, lists, tuple(catalogue.fields.values()))


def _page(catalogue: Catalogue, area: Area, reported: list[Indicator]) -> AreaPage:
    own = [item for item in reported if item.area == area.name]
    rows = {item.code for item in own if not item.row}
    further = tuple(item for item in own if item.row in rows)
    lines = _lines([item for item in own if item.code in rows])
    return AreaPage(area, lines, _relations(catalogue, area.name, reported), further)


def _lines(indicators: list[Indicator]) -> tuple[Line, ...]:
    """Number the rows; the first part under an item says 其中, the parts after it line up below."""
    present = {item.code: item for item in indicators}
    lines, led = [], set()
    for number, item in enumerate(indicators, start=1):
        depth = _depth(item, present)
        lead = "" if not depth else "　　　" if item.parent in led else "其中："
        led.add(item.parent)
        lines.append(Line(number, item, depth, lead + item.printed_name))
    return tuple(lines)


def _depth(item: Indicator, present: Mapping[str, Indicator]) -> int:
    return 1 + _depth(present[item.parent], present) if item.parent and item.parent in present else 0


def _relations(catalogue: Catalogue, area: str, reported: list[Indicator]) -> tuple[Relation, ...]:
    """What is printed under an area's table: relations whose first code of this form stands there."""
    asked = {item.code: item.area for item in reported}
    return tuple(
        relation
        for relation in (each.narrowed(asked) for each in catalogue.relations.values())
        if next((asked[code] for code in relation.codes if code in asked), None) == area
        and all(code in asked or catalogue.indicators[code].reporter == "derived" for code in relation.codes)
    )
