"""What was found in blank forms: answers, lists and relations, each property with the evidence that it rests on.

An answer's `id` is its sheet's number and its cell ("1.D7"); parents, periods and relations name answers by it, for
inner codes are given only when the catalogue is written.
"""

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from flows.adopt.pages import Place
from flows.reading.grid import address as address_of
from schemas.adopted import IdentityCell, Label, Orientation, UnitColumn

Level = Literal["印明", "推断", "存疑"]
PRINTED: Level = "印明"
INFERRED: Level = "推断"
UNSURE: Level = "存疑"
PROPERTIES = {
    "place": "填报格", "name": "名称", "code": "代码", "section": "所在标题", "unit": "计量单位", "decimals": "小数位",
    "type": "类型", "choices": "选项", "parent": "上级", "total": "汇总办法", "period": "时期",
    "last": "与上年",
}  # fmt: skip
"""What is said of an answer, in the words of the review."""


class Evidence(msgspec.Struct, frozen=True):
    """How a property is known, and where that stands or why it is unsure."""

    level: Level
    why: str = ""


class Answer(msgspec.Struct, kw_only=True):
    """One cell to fill in (wide, list: a column). `period_of` is the id of the answer in the row's main column."""

    id: str
    place: Place
    merge: Place | None = None
    name: str
    code: str = ""
    section: tuple[str, ...] = ()
    unit: str = ""
    decimals: int = 0
    type: Literal["number", "text", "choice"] = "number"
    choices: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    parent: str = ""
    total: Literal["sum", "none", "text"] = "sum"
    period: str = ""
    period_of: str = ""
    required: bool = False
    note: str = ""
    holds: str = ""
    fill: str = ""
    slot: int = 0
    row_labels: tuple[Label, ...] = ()
    column_labels: tuple[Label, ...] = ()
    evidence: dict[str, Evidence] = {}
    last: str = ""
    last_code: str = ""
    """What it was last year, and the code that it had."""
    grid: tuple[str, str] = ("", "")
    """Row and column of a cross table, as its relations name them."""

    def note_evidence(self, key: str, level: Level, why: str = "") -> None:
        """Say how a property is known; the last word counts."""
        self.evidence[key] = Evidence(level, why)

    def choose_from(self, offered: Sequence[tuple[str, str]], why: str = "") -> None:
        """It is one of these choices: what people may write, and the choice."""
        self.type, self.unit, self.total = "choice", "", "none"
        self.keys, self.choices = (tuple(dict.fromkeys(one[at] for one in offered)) for at in (0, 1))
        self.note_evidence("choices", PRINTED, why)

    @property
    def level(self) -> Level:
        """The worst of its properties."""
        levels = {one.level for one in self.evidence.values()}
        return UNSURE if UNSURE in levels else PRINTED if levels == {PRINTED} else INFERRED

    @property
    def doubts(self) -> list[str]:
        """What is unsure, in words."""
        return [
            f"{PROPERTIES[key]}：{one.why}" if one.why else PROPERTIES[key]
            for key, one in self.evidence.items()
            if one.level == UNSURE
        ]


class FoundRelation(msgspec.Struct, kw_only=True):
    """A relation between answers; the sides name them as `[id]`. `held` of `tried` samples bear it out."""

    left: str
    relation: str
    right: str
    words: str
    printed: str
    evidence: Evidence
    grade: Literal["强制", "核实"] = "强制"
    tolerance: str = ""
    place: str = ""
    held: int = 0
    tried: int = 0

    @property
    def ids(self) -> list[str]:
        """The answers it names."""
        return list(dict.fromkeys(re.findall(r"\[([^\]]+)\]", f"{self.left} {self.right}")))


class Block(msgspec.Struct, kw_only=True):
    """One table of a sheet, see schemas.adopted.AdoptedBlock. `reporter` is the role of the office that reports it, of
    the township's own too; '' where the villages do."""

    orientation: Orientation
    head_rows: Place
    head_columns: Place
    first_row: int
    last_row: int
    answers: list[Answer]
    unit_columns: tuple[UnitColumn, ...] = ()
    reason_column: int | None = None
    reporter: str = ""
    evidence: Evidence = Evidence(PRINTED)
    statements: list[tuple[str, str, str]] = []
    """Relations printed in names and heads: the text, its cell, the id of the answer it is of."""


class FoundSheet(msgspec.Struct, kw_only=True):
    """One worksheet; `unread` are its printed cells that nothing was made of."""

    number: int
    name: str
    title: str
    form_number: str = ""
    blocks: list[Block]
    printed: tuple[tuple[int, int, str], ...] = ()
    identity: tuple[IdentityCell, ...] = ()
    notes: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()

    @property
    def answers(self) -> list[Answer]:
        """All answers, block by block."""
        return [answer for block in self.blocks for answer in block.answers]


class FoundForm(msgspec.Struct, kw_only=True):
    """One workbook."""

    path: str
    file: str
    suffix: str
    sha256: str
    name: str
    sheets: list[FoundSheet]
    relations: list[FoundRelation] = []
    last_sha256: str = ""
    last_codes: dict[str, str] = {}
    """The adopted form of the year before, and its figures in words by code."""
    other_sheets: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def answers(self) -> list[Answer]:
        """All answers, sheet by sheet."""
        return [answer for sheet in self.sheets for answer in sheet.answers]


def address(place: Place) -> str:
    """A place as `AB7`."""
    return address_of(*place)
