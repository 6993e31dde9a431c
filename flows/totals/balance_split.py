"""舍位平衡 of an exhaustive split: parts that make up a whole in every unit and in the total, as A = B + C.

The whole is printed first. Then each part's total, so that these add up to the printed total of the whole; then the
parts of every unit, so that they add up to its printed whole across and to their printed totals down. Both at once is
a transportation problem ("controlled rounding", Bacharach 1966, Cox 1987): steps move along the cheapest paths from
parts with too many to parts with too few. Figures above zero always find such a table. Each figure keeps to one of the
two neighbours of the truth where any table allows it; one that cannot is said to be forced.

Which figures make up which is not written here: it follows from the catalogue's equality relations (强制, in a unit).
"""

from collections.abc import Mapping, Sequence

from flows.totals.rounding import Rounded, half_up


def share_out(whole: Rounded, parts: Sequence[Rounded], given: Sequence[int | None] = ()) -> bool:
    """Print the parts so that they add up to the printed whole in each unit, and to balanced totals down the units.

    All are printed alike, parts in order of their codes; `given` are totals that are printed already. Returns False,
    nothing changed, where the parts do not make up the whole exactly in every unit, or figures of either sign, or the
    given totals, leave no such table.
    """
    units = sorted(whole.keys)
    cells = [_by_unit(part, part.scaled) for part in parts]
    rows, exact = _by_unit(whole, whole.printed), _by_unit(whole, whole.scaled)
    if any(set(cell) - set(units) for cell in cells) or any(
        sum(cell.get(unit, 0) for cell in cells) != exact[unit] for unit in units
    ):
        return False
    known = [total for total in given if total is not None]
    totals = known if len(known) == len(parts) else _totals(whole, parts)
    if sum(totals) != sum(whole.printed):
        return False
    table = _Table([[cell.get(unit, 0) for cell in cells] for unit in units], whole.per)
    if not table.fill([rows[unit] for unit in units], totals):
        return False
    for column, part in enumerate(parts):
        printed = {unit: row[column] for unit, row in zip(units, table.printed, strict=True)}
        part.printed = [printed[unit] for unit in part.keys]
    return True


def _by_unit(column: Rounded, values: Sequence[int]) -> Mapping[str, int]:
    return dict(zip(column.keys, values, strict=True))


def _totals(whole: Rounded, parts: Sequence[Rounded]) -> list[int]:
    """The parts' printed totals, in order: rounded alone, then balanced to the whole's printed total."""
    totals = Rounded.of_scaled({f"{at:03}": sum(part.scaled) for at, part in enumerate(parts)}, whole.per)
    totals.force(totals.spread(sum(whole.printed) - sum(totals.printed)))
    return totals.printed


class _Table:
    """Units by parts, `exact` over `per` in last-place steps. A figure's price grows with the square of its error."""

    def __init__(self, exact: list[list[int]], per: int) -> None:
        self.exact, self.per = exact, per
        self.columns = range(len(exact[0]) if exact else 0)
        self.printed = [[half_up(value, per) for value in row] for row in exact]
        self.astray = 4 * per * per * (1 + len(exact) * len(self.columns))
        """Price of a step beyond the neighbours of the truth: more than all errors within them together."""

    def fill(self, rows: Sequence[int], totals: Sequence[int]) -> bool:
        """Meet the sums across, then those down; False where some sign is in the way."""
        return all(self._meet(at, wanted) for at, wanted in enumerate(rows)) and self._level(totals)

    def _meet(self, row: int, wanted: int) -> bool:
        """Move the cheapest steps of one unit until its parts add up."""
        while missing := wanted - sum(self.printed[row]):
            step = 1 if missing > 0 else -1
            prices = [(price, at) for at in self.columns if (price := self._price(row, at, step)) is not None]
            if not prices:
                return False
            self.printed[row][min(prices)[1]] += step
        return True

    def _level(self, totals: Sequence[int]) -> bool:
        """Move steps from parts with too many to parts with too few, within units, until all totals are met."""
        while True:
            over = [sum(row[at] for row in self.printed) - totals[at] for at in self.columns]
            if not any(over):
                return True
            path = self._cheapest(over)
            if path is None:
                return False
            for source, target, row in path:
                self.printed[row][source] -= 1
                self.printed[row][target] += 1

    def _cheapest(self, over: Sequence[int]) -> list[tuple[int, int, int]] | None:
        """The cheapest way from a part with too many to one with too few: (from, to, unit) for each move."""
        moves = {(a, b): move for a in self.columns for b in self.columns if a != b and (move := self._move(a, b))}
        cost: dict[int, int] = {at: 0 for at in self.columns if over[at] > 0}
        came: dict[int, tuple[int, int]] = {}
        for _ in self.columns:
            for (source, target), (price, row) in moves.items():
                if source in cost and cost[source] + price < cost.get(target, cost[source] + price + 1):
                    cost[target], came[target] = cost[source] + price, (source, row)
        ends = [(cost[at], at) for at in self.columns if over[at] < 0 and at in cost]
        if not ends:
            return None
        path, at = [], min(ends)[1]
        while at in came:
            source, row = came[at]
            path.append((source, at, row))
            at = source
        return path

    def _move(self, source: int, target: int) -> tuple[int, int] | None:
        """The cheapest unit in which a step can go from one part to another, with its price."""
        prices = (
            (down + up, row)
            for row in range(len(self.exact))
            if (down := self._price(row, source, -1)) is not None and (up := self._price(row, target, 1)) is not None
        )
        return min(prices, default=None)

    def _price(self, row: int, column: int, step: int) -> int | None:
        """What a step costs more than it is now; None where the figure would change its sign."""
        exact, now = self.exact[row][column], self.printed[row][column]
        if (now + step) * (-1 if exact < 0 else 1) < 0:
            return None
        return self._error(exact, now + step) - self._error(exact, now)

    def _error(self, exact: int, printed: int) -> int:
        least, most = exact // self.per, -(-exact // self.per)
        beyond = max(least - printed, printed - most, 0)
        zeros_last = 1 if exact else 1 + len(self.exact) * len(self.columns)
        return (printed * self.per - exact) ** 2 + self.astray * beyond * zeros_last
