"""舍位平衡 of a table: units down, indicators across, some of them parts (其中) of others in the same row.

Columns are balanced top down with `rounding`; a part is kept within its parent as printed, and where a parent's
printed figure leaves too little room, two of the parent's own steps are swapped. Parts that together make up a whole
come after its other parts, all at once (`splitting`); from then on neither they nor the whole are moved.
"""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass

from flows.totals.balance_split import share_out
from flows.totals.rounding import Adjusted, Balanced, Rounded, half_up, steps
from schemas.splits import Split


@dataclass(frozen=True, slots=True)
class Column:
    """One indicator down the units: exact ten-thousandths by unit, how it is printed, what it is a part (其中) of.

    A unit without the figure is left out. What is printed for all of them is the sum of the exact parts, rounded, or
    the `total` in last-place steps that is given, which is one of the two neighbours of that sum.
    """

    code: str
    parts: MutableMapping[str, int]
    factor: int = 1
    places: int = 0
    parent: str | None = None
    total: int | None = None


def allocate_table(columns: Iterable[Column], splits: Iterable[Split] = ()) -> dict[str, Balanced]:
    """Print a table, one Balanced per column code, in the order given.

    Each column sums to its printed total. In each row a part that is printed in its parent's unit and places is
    printed no greater than its parent; where that cannot be had, the column's `exceeding` names the unit. Rows
    whose part is greater in truth are left for the checks to complain about. A parent that is not given binds nobody.
    The parts of a split that is printed in one unit and place, and holds in every row, sum to their whole in each row
    and in the total. Other splits bind nobody.
    """
    given = {column.code: column for column in columns}
    binding = [split for split in splits if _is_printed_alike(split, given)]
    wholes = {part: split.whole for split in binding for part in split.parts}
    done: dict[str, _Nested] = {}
    for column in _parents_first(given, wholes):
        if column.code not in wholes:
            done[column.code] = _Nested(column, done.get(column.parent or ""))
        elif column.code not in done:
            split = next(each for each in binding if column.code in each.parts)
            done |= _divided(split, given, done)
    return {code: done[code].balanced(done[code].above_parent()) for code in given}


def _is_printed_alike(split: Split, given: Mapping[str, Column]) -> bool:
    columns = [given.get(code) for code in (split.whole, *split.parts)]
    return None not in columns and len({(column.factor, column.places) for column in columns if column}) == 1


def _divided(split: Split, given: Mapping[str, Column], done: "Mapping[str, _Nested]") -> "dict[str, _Nested]":
    """The parts of a split balanced against their whole, or each by itself where they do not make it up."""
    parts, whole = sorted(split.parts), done[split.whole]
    columns = [_Nested(given[part], None, alone=False) for part in parts]
    if share_out(whole, columns, [given[part].total for part in parts]):
        for column in (whole, *columns):
            column.settled = True
    else:
        columns = [_Nested(given[part], done.get(given[part].parent or "")) for part in parts]
    return dict(zip(parts, columns, strict=True))


def total_moved(key: str, column: Column, balanced: Balanced) -> Adjusted | None:
    """The column's printed total, when its split has it printed otherwise than rounding it alone would."""
    exact = sum(column.parts.values())
    times, per = steps(column.factor, column.places)
    plain = half_up(exact * times, per)
    if plain == balanced.total:
        return None
    return Adjusted(key, exact, plain, balanced.total, abs(balanced.total * per - exact * times) >= per)


class _Nested(Rounded):
    """A column balanced within its parent column. `above` maps a part's position to its parent's, where that binds.

    One that is not `alone` is left as rounded, for its split to balance. A `settled` one gives up no step any more.
    """

    def __init__(self, column: Column, parent: "_Nested | None", alone: bool = True) -> None:
        super().__init__(column.parts, column.factor, column.places)
        self.children: list[_Nested] = []
        self.parent, self.above, self.below, self.settled = None, {}, {}, False
        if not alone:
            return
        if parent and (parent.times, parent.per) == (self.times, self.per):
            self._stay_within(parent)
        self.below = {above: i for i, above in self.above.items()}
        total = half_up(sum(self.scaled), self.per) if column.total is None else column.total
        missing = self.spread(total - sum(self.printed))
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
        if parent is None or parent.settled:
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


def _parents_first(given: Mapping[str, Column], wholes: Mapping[str, str]) -> list[Column]:
    """Columns with every parent and whole before its parts, the parts of splits last among those of one depth."""

    def depth(column: Column) -> int:
        above = given.get(wholes.get(column.code) or column.parent or "")
        return 1 + depth(above) if above else 0

    return sorted(given.values(), key=lambda column: (depth(column), column.code in wholes, column.code))
