"""How the units of each township stand, where they are of several: a county's subtotals."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from schemas.levels import levels
from schemas.states import SENT_BACK

if TYPE_CHECKING:
    from flows.store.figures import Arrival
    from flows.store.pending import Pending

Unit = TypeVar("Unit", "Arrival", "Pending")


class Subtotal(NamedTuple):
    """A township: its code and name, how many units it has, and how many of them count, were sent back, are missing.

    `accepted` counts also those of whom an earlier revision counts while the newest was sent back.
    """

    code: str
    name: str
    expected: int
    accepted: int
    returned: int
    partial: int
    missing: int


def subtotals(units: Iterable[Unit]) -> list[tuple[Subtotal, list[Unit]]]:
    """Each township with its units, in the order of the codes; none where all are of one."""
    digits = levels()["township"].digits

    def township(one: Unit) -> str:
        return one.code[:digits]

    of = {code: list(some) for code, some in groupby(sorted(units, key=township), township)}
    return [(_subtotal(code, some), some) for code, some in of.items()] if len(of) > 1 else []


def _subtotal(code: str, units: Sequence[Unit]) -> Subtotal:
    name = next((one.township for one in units if one.township), code)
    states = [one.state for one in units]
    return Subtotal(
        code, name, len(units), sum(bool(one.accepted) for one in units), sum(map(states.count, SENT_BACK)),
        states.count("partial"), states.count("missing"),
    )  # fmt: skip
