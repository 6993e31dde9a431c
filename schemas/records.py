"""The catalogue's records: what a figure, a relation, a list, an office, a target and a text declare.

One Indicator per figure, one Column per list column, one Relation per checking relation. Unknown keys are refused.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Literal

import msgspec

from schemas.expressions import CodeOf, RowsOf, Side

TOWNSHIP_NAME = "township_name"
"""The fixed text that is the township's own name where the settings say no other."""
Blank = Literal["zero", "missing", "not_applicable"]
Holds = Literal["", "person"]
"""What the words of a cell name: `person` is somebody's name, which no number is."""
Grade = Literal["强制", "核实"]
Reporter = Literal["village", "office", "township", "derived"]
TOWNSHIP_ROLE = "乡镇"
"""The role of the township's own office, and the kind of its unit in the roster: `reporter = "township"` is its."""
Totalling = Literal[
    "sum", "ratio", "count", "names", "typical", "last", "text", "list", "units", "choice", "none", "weighted"
]  # fmt: skip


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A frozen record that refuses a key it does not know."""


class Head(Record, frozen=True, kw_only=True):
    """What a township's own catalogue does with the built-in one."""

    base: Literal["replace", "extend"] = "replace"


class Area(Record, frozen=True, kw_only=True):
    """A work area: one sheet of the form, one Chinese view, one sheet of the summary workbook.

    `reason` says whether its form has a column 说明 for reasons.
    """

    number: int
    name: str
    title: str
    letter: str = ""
    reason: bool = True


class Indicator(Record, frozen=True, kw_only=True):
    """One figure. `factor` base units make one printed unit; a derived one names what it is made of.

    `form_code` is the code that the form prints where that is not its own; `section` the headings inside its area;
    `row_name` what its row on the form says where that is not its name. A `choice` indicator is answered with one of
    its `choices`; a derived count `of` it counts the units that gave its `choice`. By `weight` a mean is weighted.
    One with a `row` has no row of its own: it is answered on that indicator's, in the column headed by its `period`.
    """

    code: str
    area: str
    name: str
    definition: str
    unit: str
    form_code: str = ""
    section: tuple[str, ...] = ()
    row_name: str = ""
    row: str | None = None
    period: str = ""
    reporter: Reporter = "village"
    office: str | None = None
    type: Literal["number", "text", "choice"] = "number"
    choices: tuple[str, ...] = ()
    decimals: int = 0
    printed_unit: str | None = None
    factor: int = 1
    printed_decimals: int | None = None
    blank: Blank = "zero"
    total: Totalling = "sum"
    parent: str | None = None
    minimum: Decimal | None = Decimal(0)
    maximum: Decimal | None = None
    year_on_year: Decimal | None = None
    outlier_per: str | None = None
    also: tuple[str, ...] = ()
    holds: Holds = ""
    since: int | None = None
    until: int | None = None
    # derived figures
    numerator: str | None = None
    denominator: str | None = None
    times: int = 1
    weight: str | None = None
    of: str | None = None
    choice: str | None = None
    terrain: str | None = None
    list: str | None = None
    column: str | None = None
    aggregate: Literal["sum", "count", "units", "first"] | None = None
    where: dict[str, str] = {}

    @property
    def is_text(self) -> bool:
        """Whether its value is words: it has no number to add up."""
        return (
            self.type != "number"
            or self.total in ("text", "names")
            or (self.total == "list" and (self.aggregate == "units" or (self.aggregate == "first" and self.unit == "")))
        )

    @property
    def is_answered_in_words(self) -> bool:
        """Whether it was declared to be answered with words."""
        return self.type != "number"

    @property
    def printed_code(self) -> str:
        """Its code on the form."""
        return self.form_code or self.code

    @property
    def printed_name(self) -> str:
        """Its name on the form, under the headings of its section."""
        return self.row_name or self.name

    @property
    def printed_in(self) -> str:
        """The unit that tables and report print."""
        return self.printed_unit or self.unit

    @property
    def places(self) -> int:
        """Decimals that tables and report print."""
        return self.decimals if self.printed_decimals is None else self.printed_decimals

    def in_force(self, year: int) -> bool:
        """Whether the figure is collected for that year."""
        return (self.since or year) <= year <= (self.until or year)


Sign = Literal[">=", "<=", "==", ">", "<", "!=", "requires"]


class Relation(Record, frozen=True, kw_only=True):
    """A checking relation between expressions over codes, as `01 >= 02 + 03` on a printed form.

    `at = "total"` holds an office's figure against the township total of the villages'. `tolerance` is how far the two
    sides may be apart, in the units of the sides.
    """

    id: str
    left: str
    relation: Sign
    right: str
    words: str
    grade: Grade = "强制"
    at: Literal["unit", "total"] = "unit"
    tolerance: Decimal = Decimal(0)

    def bind(self, code_of: CodeOf, rows_of: RowsOf, shown: Mapping[str, str]) -> None:
        """Say what its codes and rows are in a catalogue. Raises ValueError for what is no expression."""
        sides = {key: Side.parse(getattr(self, key), code_of, rows_of) for key in ("left", "right")}
        vars(self).update(left_side=sides["left"], right_side=sides["right"], shown=shown)

    def narrowed(self, asked: Collection[str]) -> "Relation":
        """The same without those rows of its ranges that are not asked."""
        if all(code in asked for code in self.codes):
            return self
        copy = msgspec.structs.replace(self)
        sides = {"left_side": self.left_side.narrowed(asked), "right_side": self.right_side.narrowed(asked)}
        vars(copy).update(sides, shown=self.shown)
        return copy

    @cached_property
    def left_side(self) -> Side:
        """The left side, parsed."""
        return Side.parse(self.left)

    @cached_property
    def right_side(self) -> Side:
        """The right side, parsed."""
        return Side.parse(self.right)

    @cached_property
    def shown(self) -> Mapping[str, str]:
        """Its codes as forms print them."""
        return {}

    @property
    def is_linear(self) -> bool:
        """Whether it holds one sum against another, exactly."""
        return not (self.tolerance or self.left_side.below or self.right_side.below)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Every code named on either side, in order."""
        return tuple(dict.fromkeys((*self.left_side.codes, *self.right_side.codes)))

    @property
    def printed(self) -> str:
        """As a form prints it: `X2≥X1`."""
        signs = {">=": "≥", "<=": "≤", "==": "＝", ">": "＞", "<": "＜", "!=": "≠", "requires": "有数则须有"}
        apart = f"（可相差 {self.tolerance.normalize():f}）" if self.tolerance else ""
        return f"{self.left_side.words(self.shown)}{signs[self.relation]}{self.right_side.words(self.shown)}{apart}"


class Column(Record, frozen=True, kw_only=True):
    """A column of a line list; a `choice` takes one of its choices, word for word."""

    code: str
    name: str
    definition: str
    type: Literal["text", "number", "choice"] = "text"
    unit: str = ""
    decimals: int = 0
    printed_unit: str | None = None
    factor: int = 1
    required: bool = False
    minimum: Decimal | None = Decimal(0)
    maximum: Decimal | None = None
    choices: tuple[str, ...] = ()
    blank: Blank = "not_applicable"
    holds: Holds = ""


class ListHead(Record, frozen=True, kw_only=True):
    """What a line list says of itself, before its columns."""

    code: str
    name: str
    area: str
    definition: str
    reporter: Literal["village", "office"]
    office: str | None = None
    rows: int = 15


class LineList(ListHead, frozen=True, kw_only=True):
    """A table whose rows the filler adds: one row per project or facility."""

    columns: tuple[Column, ...]
    relations: tuple[Relation, ...] = ()

    @cached_property
    def naming(self) -> tuple[Column, ...]:
        """The columns that name an entry: the words that each must have, or the first words of all."""
        words = [column for column in self.columns if column.type == "text"]
        return tuple(column for column in words if column.required) or tuple(words[:1])

    @cached_property
    def by_code(self) -> dict[str, Column]:
        """Columns by code."""
        return {column.code: column for column in self.columns}


class CoverField(Record, frozen=True, kw_only=True):
    """What a form's cover asks of whoever files it: who filled it in, whom to call. Kept as it was written."""

    key: str
    name: str
    required: bool = False
    holds: Holds = ""


class Terrain(Record, frozen=True, kw_only=True):
    """The lie of a village's land; the roster says which each village has."""

    name: str
    definition: str


class Office(Record, frozen=True, kw_only=True):
    """What one office reports: a role of the roster, or the last three digits of the office's code."""

    suffix: str
    name: str


class Target(Record, frozen=True, kw_only=True):
    """A figure planned for next year; `actual` is the indicator that will show whether it was reached."""

    code: str
    name: str
    area: str
    unit: str
    definition: str
    decimals: int = 0
    actual: str | None = None


class Text(Record, frozen=True, kw_only=True):
    """A piece of the report's fixed wording that the township sets in township.toml."""

    key: str
    name: str
    definition: str
