"""舍位平衡: sums that agree as printed, by moves no larger than they need be."""

import random
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.totals.balance_parts import Column, allocate_table, total_moved
from flows.totals.balance_split import share_out
from flows.totals.rounding import Adjusted, Balanced, Rounded, half_up
from schemas.records import Relation
from schemas.splits import Split, splits_of
from tests.office import CATALOGUE

SCALE = 10_000
WAN = dict(factor=10_000, places=2)

parts_of_any_sign = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(-(10**12), 10**12))
parts_above_zero = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(0, 10**9), min_size=1)
printing = st.sampled_from([(1, 0), (10, 2), (10_000, 2), (10_000, 0), (10_000, 4), (100_000_000, 2), (1, 2)])


def allocate(parts: dict[str, int], factor: int = 1, places: int = 0) -> Balanced:
    """A table of one column."""
    return allocate_table([Column("A", parts, factor, places)])["A"]


def to_printed(value: int, factor: int, places: int) -> int:
    """Plain rounding by the standard library, to check ours against."""
    exact = Decimal(value) / SCALE / factor
    return int((exact.scaleb(places)).quantize(Decimal(1), ROUND_HALF_UP))


def exact(**figures: int) -> dict[str, int]:
    return {key: value * SCALE for key, value in figures.items()}


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(5, 10, 1), (4, 10, 0), (15, 10, 2), (25, 10, 3), (-5, 10, -1), (-4, 10, 0), (-15, 10, -2), (-16, 10, -2),
     (0, 7, 0), (1, 3, 0), (2, 3, 1), (10**30 + 5, 10, 10**29 + 1)],
)  # fmt: skip
def test_half_up_goes_away_from_zero(numerator, denominator, rounded):
    assert half_up(numerator, denominator) == rounded


def test_two_parts_divided_by_ten_print_as_a_pair_that_sums():
    balanced = allocate({"A": 502_300, "B": 52_400}, factor=10, places=2)
    assert balanced.total == 555
    assert balanced.printed == {"A": 502, "B": 53}
    assert balanced.adjusted == (Adjusted("B", exact=52_400, plain=52, printed=53),)


def test_four_parts_of_either_sign_in_wan_sum_to_the_printed_total():
    parts = exact(a=13451, b=45150, c=2250, d=-5649)
    assert sum(to_printed(value, **WAN) for value in parts.values()) == 554, "what plain rounding prints"
    balanced = allocate(parts, **WAN)
    assert balanced.total == 552
    assert balanced.printed == {"a": 135, "b": 451, "c": 22, "d": -56}
    assert [(item.key, item.plain, item.printed) for item in balanced.adjusted] == [("b", 452, 451), ("c", 23, 22)]


def test_equal_errors_are_told_apart_by_key_and_not_by_row():
    parts = exact(**{"990101101203": 3334, "990101101201": 3334, "990101101202": 3334})
    balanced = allocate(parts, factor=10_000, places=0)
    assert balanced.printed == {"990101101203": 0, "990101101201": 1, "990101101202": 0}


def test_whole_numbers_in_their_own_unit_are_never_touched():
    parts = exact(a=3, b=0, c=12345678)
    balanced = allocate(parts)
    assert balanced.printed == {"a": 3, "b": 0, "c": 12345678}
    assert balanced.adjusted == ()


def test_exact_part_among_inexact_ones_stays_as_it_is():
    balanced = allocate(exact(a=20000, b=9999, c=9999, d=10000), factor=10_000, places=0)
    assert balanced.printed == {"a": 2, "b": 1, "c": 1, "d": 1}
    balanced = allocate(exact(a=20000, b=6666, c=6666, d=6667), factor=10_000, places=0)
    assert balanced.printed == {"a": 2, "b": 0, "c": 1, "d": 1}


@given(parts_of_any_sign, printing)
def test_parts_always_sum_to_the_total_rounded_alone(parts, how):
    balanced = allocate(parts, *how)
    assert balanced.total == sum(balanced.printed.values()) == to_printed(sum(parts.values()), *how)


@given(parts_of_any_sign, printing)
def test_no_part_moves_more_than_a_step_or_changes_sign_or_leaves_zero(parts, how):
    balanced = allocate(parts, *how)
    for key, value in parts.items():
        printed, plain = balanced.printed[key], to_printed(value, *how)
        assert abs(printed - plain) <= 1
        assert printed * value >= 0
        assert value or not printed
    assert not any(item.forced for item in balanced.adjusted)
    assert {item.key for item in balanced.adjusted} == {
        key for key, value in parts.items() if balanced.printed[key] != to_printed(value, *how)
    }


@given(parts_of_any_sign, printing, st.randoms())
def test_order_of_rows_changes_nothing(parts, how, shuffler):
    rows = list(parts.items())
    shuffler.shuffle(rows)
    one, other = allocate(parts, *how), allocate(dict(rows), *how)
    assert one.printed == other.printed
    assert one.adjusted == other.adjusted


@given(parts_of_any_sign, printing)
def test_those_moved_are_those_made_least_worse(parts, how):
    balanced = allocate(parts, *how)
    per = SCALE * how[0]
    error = {key: to_printed(value, *how) * per - value * 10 ** how[1] for key, value in parts.items()}
    moved = {item.key: item.printed - item.plain for item in balanced.adjusted}
    assert len(set(moved.values())) <= 1, "steps never cancel each other"
    for key, step in moved.items():
        for other in set(parts) - set(moved):
            assert step * error[key] <= step * error[other]


def test_part_is_never_printed_above_its_parent_in_a_row():
    land = Column("C01", exact(a=13000, b=14000, c=18000), factor=10_000, places=0)
    paddy = Column("C02", exact(a=13000, b=14000, c=0), factor=10_000, places=0, parent="C01")
    table = allocate_table([paddy, land])
    assert list(table) == ["C02", "C01"]
    assert table["C01"].printed == {"a": 1, "b": 2, "c": 2}
    assert table["C02"].printed == {"a": 1, "b": 2, "c": 0}


def test_parent_gives_up_a_step_where_its_parts_leave_no_other_way():
    land = Column("C01", exact(a=14000, b=14000, c=14000, d=14000), factor=10_000, places=0)
    paddy = Column("C02", exact(a=0, b=0, c=14000, d=14000), factor=10_000, places=0, parent="C01")
    alone = allocate_table([land])["C01"].printed
    assert alone == {"a": 2, "b": 2, "c": 1, "d": 1}
    table = allocate_table([land, paddy])
    assert table["C02"].printed == {"a": 0, "b": 0, "c": 2, "d": 1}
    assert table["C01"].printed == {"a": 1, "b": 2, "c": 2, "d": 1}
    assert not any(item.forced for balanced in table.values() for item in balanced.adjusted)


def test_part_greater_than_its_parent_in_truth_is_printed_as_it_is():
    land = Column("C01", exact(a=10000), factor=10_000, places=0)
    paddy = Column("C02", exact(a=30000), factor=10_000, places=0, parent="C01")
    table = allocate_table([land, paddy])
    assert table["C02"].printed == {"a": 3}
    assert table["C02"].exceeding == ()


def test_parent_in_another_unit_binds_nobody():
    land = Column("C01", exact(a=12345), factor=10_000, places=0)
    paddy = Column("C02", exact(a=12345), parent="C01")
    assert allocate_table([land, paddy])["C02"].printed == {"a": 12345}


@st.composite
def tables(draw):
    units = [f"{n:03}" for n in range(draw(st.integers(1, 8)))]
    columns: list[Column] = []
    for number in range(draw(st.integers(1, 5))):
        parent = draw(st.sampled_from([None, *columns]))
        top = parent.parts if parent else dict.fromkeys(units, 40_000)
        parts = {unit: draw(st.integers(0, top[unit])) for unit in units}
        columns.append(Column(f"A{number:02}", parts, 1, 0, parent.code if parent else None))
    return columns


@given(tables(), st.randoms())
def test_table_sums_down_and_nests_across(columns, shuffler):
    table = allocate_table(columns)
    for column in columns:
        balanced = table[column.code]
        assert balanced.total == sum(balanced.printed.values()) == to_printed(sum(column.parts.values()), 1, 0)
        for unit, value in column.parts.items():
            within = not column.parent or balanced.printed[unit] <= table[column.parent].printed[unit]
            assert within or unit in balanced.exceeding
            assert abs(balanced.printed[unit] * SCALE - value) < SCALE, "one of the two neighbours of the truth"
    shuffled = [
        Column(c.code, dict(shuffler.sample(list(c.parts.items()), len(c.parts))), 1, 0, c.parent) for c in columns
    ]
    shuffler.shuffle(shuffled)
    again = allocate_table(shuffled)
    assert {code: again[code].printed for code in table} == {code: table[code].printed for code in table}


def test_hardly_any_random_table_is_left_with_a_part_above_its_parent():
    dice, exceeding = random.Random(1), 0
    for _ in range(300):
        land = {f"{n:03}": dice.randrange(40_000) for n in range(15)}
        columns = [Column("A", land)]
        columns += [Column(code, {k: dice.randrange(v + 1) for k, v in land.items()}, parent="A") for code in "BCD"]
        exceeding += sum(len(balanced.exceeding) for balanced in allocate_table(columns).values())
    assert exceeding == 0


# ---- parts that make up a whole (A = B + C), across and down at once

LAND = Split("A", ("B", "C"))


def columns_of(rows: dict[str, tuple[int, ...]], **how) -> list[Column]:
    """A whole A and its parts B, C, … given as one row of parts per unit."""
    codes = "BCDEFG"[: len(next(iter(rows.values())))]
    whole = Column("A", {unit: sum(row) for unit, row in rows.items()}, **how)
    parts = {code: {unit: row[n] for unit, row in rows.items()} for n, code in enumerate(codes)}
    return [whole, *(Column(code, part, parent="A", **how) for code, part in parts.items())]


def declared(left: str, right: str, relation="==", **more) -> Relation:
    return Relation(id="T-1", left=left, relation=relation, right=right, words="", **more)


@pytest.mark.parametrize(
    ("relation", "splits"),
    [
        (declared("A", "B + C"), [Split("A", ("B", "C"))]),
        (declared("B + C + D", "A"), [Split("A", ("B", "C", "D"))]),
        (declared("A", "B + C", ">="), []), (declared("A", "2 * B + C"), []), (declared("A", "B + C + 1"), []),
        (declared("A", "B"), []), (declared("A", "B - C"), []), (declared("A + B", "C + D"), []),
        (declared("A", "B + C", grade="核实"), []), (declared("A", "B + C", at="total"), []),
    ],
)  # fmt: skip
def test_splits_are_the_catalogues_equalities(relation, splits):
    assert [replace(split, relation="") for split in splits_of([relation])] == splits


def test_split_of_the_catalogue_is_found():
    assert splits_of(CATALOGUE.relations.values()) == [Split("H04", ("H05", "H06", "H07"), "H-1")]


def test_contradictory_equalities_bind_nobody():
    assert splits_of([declared("A", "B + C"), declared("B", "A + D")]) == []


def test_parts_sum_to_the_whole_in_the_total_too():
    columns = columns_of({"a": (502_300, 52_400)}, factor=10, places=2)
    table = allocate_table(columns, [LAND])
    assert [table[code].printed["a"] for code in "ABC"] == [555, 502, 53]
    assert total_moved("t", columns[2], table["C"]) == Adjusted("t", 52_400, plain=52, printed=53)
    assert total_moved("t", columns[1], table["B"]) is None


def test_parts_sum_across_where_each_column_alone_would_not():
    rows = {"a": (14_000, 14_000), "b": (14_000, 14_000), "c": (16_000, 6_000)}
    alone = allocate_table(columns_of(rows))
    assert any(alone["B"].printed[u] + alone["C"].printed[u] != alone["A"].printed[u] for u in rows)
    table = allocate_table(columns_of(rows), [LAND])
    assert all(table["B"].printed[u] + table["C"].printed[u] == table["A"].printed[u] for u in rows)
    assert table["B"].total + table["C"].total == table["A"].total == 8
    assert not any(item.forced for balanced in table.values() for item in balanced.adjusted)


def test_sum_that_leaves_no_neighbour_of_the_truth_is_forced_and_said():
    whole = Rounded({"a": 10_000, "b": 10_000}, 1, 0)
    parts = [Rounded({"a": 10_000, "b": 0}, 1, 0), Rounded({"a": 0, "b": 10_000}, 1, 0)]
    whole.printed = [2, 0]
    assert share_out(whole, parts)
    assert [part.printed for part in parts] == [[1, 0], [1, 0]]
    assert parts[1].balanced().adjusted == (
        Adjusted("a", 0, plain=0, printed=1, forced=True), Adjusted("b", 10_000, plain=1, printed=0, forced=True),
    )  # fmt: skip


def test_split_that_does_not_hold_or_is_printed_otherwise_binds_nobody():
    rows = {"a": (14_000, 14_000), "b": (14_000, 14_000)}
    whole, *parts = columns_of(rows)
    off = Column("A", whole.parts | {"a": 29_000})
    for table in ([off, *parts], [Column("A", whole.parts, 1, 1), *parts]):
        assert allocate_table(table, [LAND]) == allocate_table(table)


@st.composite
def split_tables(draw):
    """A whole in two to four parts, one of them split again, and a loose 其中 beside them."""
    wide, units = draw(st.integers(2, 4)), draw(st.integers(1, 9))
    figure = st.one_of(st.integers(0, 60_000), st.sampled_from([0, 5_000, 10_000]))
    rows = {f"{n:03}": tuple(draw(figure) for _ in range(wide)) for n in range(units)}
    columns = columns_of(rows)
    first = columns[1]
    left = {unit: draw(st.integers(0, value)) for unit, value in first.parts.items()}
    columns += [
        Column("X", left, parent="B"),
        Column("Y", {unit: value - left[unit] for unit, value in first.parts.items()}, parent="B"),
        Column("Z", {unit: draw(st.integers(0, value)) for unit, value in columns[0].parts.items()}, parent="A"),
    ]
    return columns, [Split("A", tuple("BCDE"[:wide])), Split("B", ("X", "Y"))]


@given(split_tables(), st.randoms())
def test_split_sums_across_and_down_moves_least_and_minds_no_order(tables, shuffler):
    columns, splits = tables
    table = allocate_table(columns, splits)
    assert table["A"].total == to_printed(sum(columns[0].parts.values()), 1, 0)
    for split in splits:
        assert sum(table[part].total for part in split.parts) == table[split.whole].total
        for unit, whole in table[split.whole].printed.items():
            assert sum(table[part].printed[unit] for part in split.parts) == whole
    for column in columns:
        balanced = table[column.code]
        assert balanced.total == sum(balanced.printed.values())
        forced = {item.key for item in balanced.adjusted if item.forced}
        for unit, value in column.parts.items():
            assert balanced.printed[unit] >= 0
            assert (abs(balanced.printed[unit] * SCALE - value) < SCALE) != (unit in forced)
            assert abs(balanced.printed[unit] - to_printed(value, 1, 0)) <= 1 or unit in forced
    shuffled = [replace(c, parts=dict(shuffler.sample(list(c.parts.items()), len(c.parts)))) for c in columns]
    shuffler.shuffle(shuffled)
    again = allocate_table(shuffled, shuffler.sample(splits, 2))
    assert {code: again[code].printed for code in table} == {code: table[code].printed for code in table}


def test_random_splits_are_hardly_ever_forced():
    dice, forced = random.Random(2), 0
    for _ in range(100):
        rows = {f"{n:03}": tuple(dice.randrange(40_000) for _ in range(3)) for n in range(15)}
        table = allocate_table(columns_of(rows), [Split("A", ("B", "C", "D"))])
        forced += sum(item.forced for balanced in table.values() for item in balanced.adjusted)
    assert forced == 0
