"""舍位平衡 of all levels at once: every sum holds as printed, from the village to the whole."""

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.totals.balance_levels import allocate_levels
from flows.totals.balance_parts import Column, allocate_table
from flows.totals.rounding import half_up, steps
from schemas.splits import Split

COUNTY, CITY = (6, 9), (4, 6, 9)
SCALE = 10_000


def village(county: int, township: int, number: int) -> str:
    """A code of 12 digits in city 9901."""
    return f"9901{county:02}{township:03}{number:03}"


def printed_of(columns: list[Column], splits: list[Split], digits: tuple[int, ...]) -> dict[tuple[str, str], int]:
    """What is printed for every place and unit, and for the whole, by code and column."""
    found = allocate_levels(columns, splits, digits)
    printed = {(part, code): value for table in found.values() for code, (_, balanced) in table.items()
               for part, value in balanced.printed.items()}  # fmt: skip
    [whole] = [place for place in found if len(place) == digits[0]]
    return printed | {(whole, code): balanced.total for code, (_, balanced) in found[whole].items()}


def exact_of(column: Column, place: str) -> int:
    return sum(value for unit, value in column.parts.items() if unit.startswith(place))


@st.composite
def trees(draw):
    """Units of up to three counties of up to three townships; a whole A = B + C, its part P, and a loose D."""
    codes = [village(county, 101 + township, 201 + number)
             for county in range(1, 1 + draw(st.integers(1, 3))) for township in range(draw(st.integers(1, 3)))
             for number in range(draw(st.integers(1, 4)))]  # fmt: skip
    figure = st.one_of(st.integers(0, 60_000), st.sampled_from([0, 5_000, 10_000]))
    rows = {code: tuple(draw(figure) for _ in range(4)) for code in codes}
    factor, places = draw(st.sampled_from([(1, 0), (10, 2), (10, 0), (3, 1)]))
    columns = [
        Column("A", {code: b + c for code, (b, c, *_) in rows.items()}, factor, places),
        Column("B", {code: row[0] for code, row in rows.items()}, factor, places, "A"),
        Column("C", {code: row[1] for code, row in rows.items()}, factor, places, "A"),
        Column("P", {code: min(row[2], row[0] + row[1]) for code, row in rows.items()}, factor, places, "A"),
        Column("D", {code: row[3] for code, row in rows.items()}, factor, places),
    ]
    return columns


@settings(deadline=None, max_examples=60)
@given(trees(), st.sampled_from([COUNTY, CITY]), st.randoms(use_true_random=False))
def test_every_printed_sum_holds_at_every_level_across_and_down(columns, digits, shuffler):
    if digits == COUNTY:
        columns = [replace(c, parts={u: v for u, v in c.parts.items() if u.startswith("990101")}) for c in columns]
    printed = printed_of(columns, [Split("A", ("B", "C"))], digits)
    below = defaultdict(int)
    for (place, code), value in printed.items():
        if len(place) > digits[0]:
            above = max(cut for cut in digits if cut < len(place))
            below[place[:above], code] += value
    assert below == {key: value for key, value in printed.items() if len(key[0]) < 12}
    for place in {place for place, _ in printed}:
        assert printed[place, "A"] == printed[place, "B"] + printed[place, "C"]
    by_code = {column.code: column for column in columns}
    for (place, code), value in printed.items():
        times, per = steps(by_code[code].factor, by_code[code].places)
        exact = exact_of(by_code[code], place) * times
        if len(place) == digits[0] and code in "AD":
            assert value == half_up(exact, per)
        if code in "AD":
            assert abs(value * per - exact) < per, (
                "a column that binds to none above it keeps to the truth's neighbours"
            )
    shuffled = [replace(c, parts=dict(shuffler.sample(list(c.parts.items()), len(c.parts)))) for c in columns]
    shuffler.shuffle(shuffled)
    assert printed_of(shuffled, [Split("A", ("B", "C"))], digits) == printed


def test_six_townships_that_each_round_alone_do_not_add_up_and_balanced_ones_do():
    parts = {village(1, 101 + t, 201 + v): 10_000 * (4 + v) for t in range(6) for v in range(2)}
    column = Column("D04", parts, 10, 0)  # each township 0.9, printed 1 alone; the county 5.4, printed 5
    alone = [allocate_table([Column("D04", {u: v for u, v in parts.items() if u[:9] == t}, 10, 0)])["D04"].total
             for t in {unit[:9] for unit in parts}]  # fmt: skip
    assert sum(alone) == 6
    printed = printed_of([column], [], COUNTY)
    assert printed["990101", "D04"] == 5
    assert sorted(printed[f"990101{101 + t}", "D04"] for t in range(6)) == [0, 1, 1, 1, 1, 1]
    for t in range(6):
        assert sum(printed[village(1, 101 + t, 201 + v), "D04"] for v in range(2)) == printed[f"990101{101 + t}", "D04"]


def test_what_only_offices_report_is_balanced_from_the_township_up():
    column = Column("A20", {"990101101": 4_000, "990101102": 4_000, "990101103": 4_000}, 1, 0)
    found = allocate_levels([column], [], COUNTY)
    assert list(found) == ["990101"]
    assert found["990101"]["A20"][1].printed == {"990101101": 1, "990101102": 0, "990101103": 0}


@pytest.mark.parametrize("digits", [(9,), COUNTY])
def test_a_township_alone_prints_as_it_does_without_a_level_above(digits):
    parts = {village(1, 101, 201 + n): value for n, value in enumerate((13451, 45150, 2250, 5649))}
    column = Column("B01", {unit: value * SCALE for unit, value in parts.items()}, 10_000, 2)
    printed = printed_of([column], [], digits)
    assert {unit: printed[unit, "B01"] for unit in parts} == allocate_table([column])["B01"].printed
