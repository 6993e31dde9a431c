"""Stored findings as people are told them: what is wrong and how to mend it, in today's words.

Grain: one Told per finding of a submission, in the order 强制, 核实 not explained, 核实 explained, 提示.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.catalogue import Catalogue
from schemas.explanations import repeats, weakness
from schemas.findings import Level, spoken, values_of

_SQL = sql_beside(__file__)

GRADES: tuple[Level, ...] = ("强制", "核实", "提示")
OPEN = ("须改正", "须核对或说明")
"""What keeps a submission from being accepted."""
STANDINGS = (*OPEN, "已说明", "不用改")


@dataclass(frozen=True, slots=True)
class Told:
    """One finding. `sheet` and `cell` are the sender's own; `weakness` says why its explanation is not
    accepted, `values` hold what its words speak of, `form` in which of several forms of its unit it is.
    """

    code: str
    grade: Level
    indicator: str
    name: str
    sheet: str
    cell: str
    raw: str
    problem: str
    mend: str
    explanation: str
    explained: bool
    weakness: str = ""
    values: dict[str, str] = field(default_factory=dict)
    form: str = ""

    @property
    def standing(self) -> Literal["须改正", "须核对或说明", "已说明", "不用改"]:
        """What it still asks of the sender."""
        if self.grade == "核实":
            return "已说明" if self.explained else "须核对或说明"
        return "须改正" if self.grade == "强制" else "不用改"

    @property
    def verdict(self) -> str:
        """Whether its explanation is accepted, and why not; "" when there is nothing to judge."""
        if self.grade != "核实":
            return ""
        return "采纳" if self.explained else f"不采纳：{self.weakness}" if self.weakness else ""

    @property
    def place(self) -> str:
        """Where it stands in the workbook that was sent."""
        return " ".join(filter(None, (self.form and f"《{self.form}》", self.sheet, self.cell)))


def told(store: Store, catalogue: Catalogue, subs: Sequence[int]) -> dict[int, list[Told]]:
    """The findings of these submissions; one without findings is left out."""
    names = {column.code: column.name for one in catalogue.lists.values() for column in one.columns}
    names |= {one.code: one.name for one in catalogue.lists.values()}
    written = _reasons(store, subs)
    found: dict[int, list[Told]] = {}
    for sub, details, *kept in store.rows(_SQL["findings"], {"subs": list(subs)}):
        code, grade, indicator, name, sheet, cell, raw, given, explained = kept
        words = spoken(code, raw, details)
        weak = "" if explained else _weakness(given, written.get(sub, Counter()))
        where = (indicator, name or names.get(indicator, ""), sheet, cell)
        found.setdefault(sub, []).append(
            Told(code, grade, *where, raw, *words, given, explained, weak, values_of(raw, details))
        )
    for findings in found.values():
        findings.sort(key=in_order)
    return found


def in_order(one: Told) -> tuple[int, bool]:
    """By what findings of a submission are sorted."""
    return GRADES.index(one.grade), one.explained


def _reasons(store: Store, subs: Sequence[int]) -> dict[int, Counter[str]]:
    """Every explanation that a submission gives, and how often."""
    texts: dict[int, list[str]] = {}
    for sub, text in store.rows(_SQL["reasons"], {"subs": list(subs)}):
        texts.setdefault(sub, []).append(text)
    return {sub: repeats(given) for sub, given in texts.items()}


def _weakness(given: str, used: Counter[str]) -> str:
    """Why what was written for a finding does not explain it; several texts stand in it with a semicolon between."""
    return next(filter(None, (weakness(text, used) for text in (given, *given.split("；")))), "") if given else ""
