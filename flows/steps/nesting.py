"""舍位平衡 of a table: units down, indicators across, some of them parts (其中) of others in the same row.

Columns are balanced top down with `rounding`; a part is kept within its parent as printed, and where a parent's
printed figure leaves too little room, two of the parent's own steps are swapped.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flows.steps.rounding import Balanced, Rounded, half_up


@dataclass(frozen=True, slots=True)
class Column:
    """One indicator down the units: exact ten-thousandths by unit, how it is printed, what it is a part (其中) of.

    A unit without the figure is left out. The township's printed figure is the sum of the exact parts, rounded.
    """

    code: str
    parts: Mapping[str, int]
    factor: int = 1
    places: int = 0
    parent: str | None = None


def allocate_table(columns: Iterable[Column]) -> dict[str, Balanced]:
    """Print a table, one Balanced per column code, in the order given.

    Each column sums to its printed total. In each row a part that is printed in its parent's unit and places is
    printed no greater than its parent; where that cannot be had, the column's `exceeding` names the unit. Rows
    whose part is greater in truth are left for the checks to complain about. A parent that is not given binds nobody.
    """
    given = {column.code: column for column in columns}
    done: dict[str, _Nested] = {}
    for column in _parents_first(given):
        done[column.code] = _Nested(column, done.get(column.parent or ""))
    return {code: done[code].balanced(done[code].above_parent()) for code in given}


class _Nested(Rounded):
    """A column balanced within its parent column. `above` maps a part's position to its parent's, where that binds."""

    def __init__(self, column: Column, parent: "_Nested | None") -> None:
        super().__init__(column.parts, column.factor, column.places)
        self.children: list[_Nested] = []
        self.parent, self.above = None, {}
        if parent and (parent.times, parent.per) == (self.times, self.per):
            self._stay_within(parent)
        self.below = {above: i for i, above in self.above.items()}
        missing = self.spread(half_up(sum(self.scaled), self.per) - sum(self.printed))
        while missing > 0 and self._swap_above():
            missing = self.spread(missing)
        self.ceiling = {}
        self.force(self.spread(missing))

    def above_parent(self) -> tuple[str, ...]:
        """The units whose part is printed greater than its parent, though it is not greater in truth."""
        if self.parent is None:
            return ()
        whole = self.parent.printed
        return tuple(sorted(self.keys[i] for i, above in self.above.items() if self.printed[i] > whole[above]))

    def _stay_within(self, parent: "_Nested") -> None:
        self.parent = parent
        parent.children.append(self)
        place = {key: i for i, key in enumerate(parent.keys)}
        for i, key in enumerate(self.keys):
            above = place.get(key)
            if above is not None and self.scaled[i] <= parent.scaled[above]:
                self.above[i] = above
                self.ceiling[i] = parent.printed[above]
                self.printed[i] = min(self.printed[i], self.ceiling[i])

    def _swap_above(self) -> bool:
        """Move one of the parent's steps to a row where a part here waits for room; False where none can be moved."""
        parent = self.parent
        if parent is None:
            return False
        up = min(self._waiting(parent), default=None)
        down = min(parent._givers(), default=None)
        if up is None or down is None:
            return False
        parent.printed[self.above[up[2]]] += 1
        parent.printed[down[2]] -= 1
        self.ceiling = {i: parent.printed[above] for i, above in self.above.items()}
        return True

    def _waiting(self, parent: "_Nested") -> Iterator[tuple[int, str, int]]:
        """Parts rounded down whose parent was rounded down too and could be raised, by error."""
        for i, above in self.above.items():
            error = self.printed[i] * self.per - self.scaled[i]
            error_above = parent.printed[above] * self.per - parent.scaled[above]
            if error < 0 and error_above < 0 and not self.has_room(i) and parent._may_rise(above):
                yield error, self.keys[i], i

    def _givers(self) -> Iterator[tuple[int, str, int]]:
        """Own parts rounded up that no part of theirs needs so, by error."""
        for i, (printed, value) in enumerate(zip(self.printed, self.scaled, strict=True)):
            needed = (child.printed[child.below[i]] for child in self.children if i in child.below)
            if printed * self.per > value and all(part < printed for part in needed):
                yield value - printed * self.per, self.keys[i], i

    def _may_rise(self, i: int) -> bool:
        return self.parent is None or i not in self.above or self.printed[i] < self.parent.printed[self.above[i]]


def _parents_first(given: Mapping[str, Column]) -> list[Column]:
    """Columns with every parent before its parts."""

    def depth(column: Column) -> int:
        above = given.get(column.parent or "")
        return 1 + depth(above) if above else 0

    return sorted(given.values(), key=lambda column: (depth(column), column.code))
