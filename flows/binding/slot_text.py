"""The slot that takes a blank's place, and how much of the words around it the value already brings along."""

from flows.binding.order import Order
from flows.binding.surroundings import Spot
from flows.template.numbers import times_of
from flows.template.units import unit_of

UNSURE = "？"


def slot_text(feed: str, spot: Spot, rank: int, order: Order, sure: bool) -> str:
    """`{{名称}}`, `{{名称|万亩}}`, `{{名称|第1}}`; `{{？名称}}` when a clerk must look."""
    pieces = [spoken(feed, order)]
    if rank:
        pieces.append(f"第{rank}")
    if unit := unit_to_print(feed, spot, order):
        pieces.append(unit)
    return "{{" + ("" if sure else UNSURE) + "|".join(pieces) + "}}"


def spoken(feed: str, order: Order) -> str:
    """A feed's Chinese name; year words are their own."""
    catalogue = order.catalogue
    known = catalogue.indicators.get(feed) or catalogue.targets.get(feed) or catalogue.texts.get(feed)
    return known.name if known else feed


def unit_to_print(feed: str, spot: Spot, order: Order) -> str:
    """The unit that the text goes on with, where it is not the one the figure is kept in: 万亩 for one kept in 亩."""
    item = order.catalogue.indicators.get(feed)
    if item is None or not spot.unit.unit or item.is_text:
        return ""
    base, printed = unit_of(item.unit), unit_of(item.printed_in)
    if spot.unit.kind == base.kind:
        wanted = spot.unit.power + item.unit.removeprefix(base.power)
    elif spot.unit.power == printed.power:
        wanted = item.printed_in
    else:
        wanted = spot.unit.unit
    return wanted if wanted != item.unit and times_of(wanted, item.unit) is not None else ""


def stretch(feed: str, spot: Spot, order: Order) -> tuple[int, int]:
    """What of the paragraph the slot replaces: the blank, and the 镇 or 村 beside it that the value ends with."""
    start, end = spot.mark.start, spot.mark.end
    step = order.first.get(feed)
    if step is None:
        return start, end
    before, after = spot.text[:start], spot.text[end:]
    quoted = before.endswith("“")
    ending = next((word for word in step.eats_after if after.startswith(word) and (quoted or word[0] != "”")), "")
    opening = step.eats_before if before.endswith(step.eats_before) else ""
    if opening == "“" and not ending.startswith("”"):
        opening = ""
    return start - len(opening), end + len(ending)
