"""Totals that a revision moved, for JSON and for people."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flows.commands.screen import shown
from flows.store.revisions import Revision, steps_between
from flows.totals.moved import Figure, Moved, moved_totals
from schemas.levels import levels

if TYPE_CHECKING:
    from flows.store.store import Store


def moves(store: "Store", year: int, rounding: str, unit: str, sent: Sequence[Revision]) -> dict[int, list[Moved]]:
    """By revision: the totals it moved when it took the place of the accepted one before it."""
    steps = steps_between(list(sent))
    return {
        later.revision: moved_totals(store, year, rounding, unit, earlier.sub_id, later.sub_id)
        for earlier, later in steps
    }


def moved_dict(moved: Moved) -> dict[str, Any]:
    """A moved total for JSON: before, after, and by how much in base units."""
    values = [figure.value if figure else None for figure in (moved.before, moved.after)]
    by = values[1] - values[0] if values[0] is not None and values[1] is not None else None
    figures = {"before": _figure(moved.before), "after": _figure(moved.after)}
    return {
        "level": moved.level,
        "code": moved.code,
        "indicator": moved.indicator,
        "name": moved.name,
        **figures,
        "by": by,
    }


def moved_words(moved: dict[str, Any]) -> str:
    """The same as people read it."""
    before, after = moved["before"], moved["after"]
    unit = (after or before)["unit"]
    by = Decimal(moved["by"]) if moved["by"] is not None else None
    sign = "" if by is None or by == 0 else f"（{'增加' if by > 0 else '减少'} {shown(abs(by))} {unit}）"
    place = levels()[moved["level"]].name
    return f"{place}{moved['name']}：{_said(before)} → {_said(after)}{sign}"


def _figure(figure: Figure | None) -> dict[str, Any] | None:
    return figure and figure._asdict()


def _said(figure: dict[str, Any] | None) -> str:
    if figure is None:
        return "无"
    if figure["text"]:
        return figure["text"]
    printed = (
        f"，印为 {shown(figure['printed'])} {figure['printed_unit']}"
        if figure["printed_unit"] != figure["unit"]
        else ""
    )
    return f"{shown(figure['value']) or '空'} {figure['unit']}{printed}"
