"""What the tables and the report print of a year, as it stands in the store: exact, and each thing where it belongs."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from flows.store.book import explanations_of, last_year_of, load_book, owed_of
from flows.store.figures import Book, Figure, ListRow
from flows.store.lineage import Origin, load_lineage
from flows.store.mirror import mirror
from flows.store.store import Store
from flows.totals.add_up import add_up
from tests.books import settings
from tests.office import CATALOGUE, TOWNSHIP, open_store, submit, units_of

YEAR = 2023
SOUTH, PURPLE, LATE, OFFICE = UNITS = units_of("南川村 川区\n紫云村 山区\n大湾村 山区\n901")
OWN = next(code for code, item in CATALOGUE.indicators.items() if item.office == "901" and not item.is_text)
PROJECT = {"L101": "蓄水池", "L103": Decimal("5.25")}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    """Two years; this year one village has not reported, and what another explained last year is known."""
    with open_store(tmp_path_factory.mktemp("book"), UNITS) as store:
        mirror(store, CATALOGUE, UNITS, YEAR - 1, TOWNSHIP)
        before = submit(store, SOUTH, {"I01": 30, "J06": "text:王敏", "J02": "0.5"}, YEAR - 1)
        submit(store, LATE, {"I01": 99}, YEAR - 1)
        store.db.execute("UPDATE base.submission SET state = 'accepted with explanations' WHERE sub_id = ?", [before])
        store.db.execute(EXPLAINED, [before])
        submit(store, SOUTH, {"I01": 31, "J02": 1200})
        submit(store, PURPLE, {"I01": 70}, rows=[PROJECT])
        submit(store, OFFICE, {OWN: 8})
        for year in (YEAR - 1, YEAR):
            add_up(store, year, "none")
        yield store


EXPLAINED = """
INSERT INTO base.finding (sub_id, stage, number, code, grade, indicator, explained, explanation)
VALUES (?, 'compare', 1, 'YEAR_ON_YEAR', '核实', 'I01', true, '两户搬走')"""


@pytest.fixture(scope="module")
def book(store: Store) -> Book:
    return load_book(store, settings(), YEAR, {"T01": Decimal(2)}, {})


def test_places_are_villages_and_offices_apart_and_the_whole_by_its_name(book: Book) -> None:
    assert (book.township.name, [one.name for one in book.villages]) == ("示例镇", ["南川村", "紫云村", "大湾村"])
    assert [(one.name, one.office) for one in book.offices] == [("站所901", "901")]
    assert [one.terrain for one in book.villages] == ["川区", "山区", "山区"]


def test_figures_are_exact_and_an_offices_own_stand_at_its_place(book: Book) -> None:
    figures = book.figures
    assert figures[SOUTH.code, "I01"] == Figure(Decimal(31), Decimal(31))
    assert figures[SOUTH.code, "J02"].value == Decimal(1200)
    assert figures[OFFICE.code, OWN].value == Decimal(8)
    assert figures[TOWNSHIP.code, "I01"] == Figure(Decimal(101), Decimal(101), "", 2, 3, True)
    assert figures[LATE.code, "I01"] == Figure(None, None, "", 0, 1, True)
    assert figures.get((LATE.code, "L101")) is None
    assert book.last[TOWNSHIP.code, "I01"].value == Decimal(129)


def test_figures_fetched_alone_are_those_that_are_read_all_together(store: Store, book: Book) -> None:
    keys = [(SOUTH.code, "J02"), (OFFICE.code, OWN), (TOWNSHIP.code, "I01"), (LATE.code, "L101")]
    fresh = load_book(store, settings(), YEAR, {}, {}).figures
    assert fresh.fetch(keys) == {key: book.figures[key] for key in keys[:3]}


def test_largest_come_first_and_those_without_a_figure_are_not_among_them(book: Book) -> None:
    assert list(book.largest("I01", 1)) == [PURPLE.code]
    assert list(book.largest("I01", 9))[:2] == [PURPLE.code, SOUTH.code]
    assert list(book.largest("I99", 3)) == []


def test_lines_of_lists_and_who_has_reported_and_what_nobody_reports(book: Book) -> None:
    assert book.rows == [ListRow("L1", PURPLE.code, "紫云村", 1, {"L101": "蓄水池", "L103": Decimal("5.25")})]
    assert [(one.name, one.accepted) for one in book.arrivals] == [
        ("南川村", True), ("紫云村", True), ("大湾村", False), ("站所901", True)
    ]  # fmt: skip
    assert str(book.arrivals[0].received_at).startswith("2024-01-01 08:00"), "on the township's clock"
    assert any("末三位为 902 的站所" in words for words in book.unheard)
    assert not any("901" in words or "村（社区）" in words for words in book.unheard)


def test_mark_of_an_indicator_changes_with_any_figure_of_it_alone(store: Store, book: Book) -> None:
    store.db.execute("BEGIN")
    try:
        store.db.execute("UPDATE base.fact SET value = 9 WHERE value = 8")
        store.db.execute("UPDATE base.total SET value = value + 1 WHERE value = 1200")
        after = load_book(store, settings(), YEAR, {}, {}).marks
    finally:
        store.db.execute("ROLLBACK")
    assert {code for code in book.marks if book.marks[code] != after[code]} >= {OWN, "J02"}
    assert after["I01"] == book.marks["I01"]


def test_a_form_is_told_what_was_said_last_year(store: Store) -> None:
    assert last_year_of(store, YEAR)[SOUTH.code] == {"I01": Decimal(30), "J06": "王敏", "J02": Decimal("0.5")}
    assert explanations_of(store, YEAR) == {SOUTH.code: {"I01": "两户搬走"}}
    assert (last_year_of(store, YEAR - 1), explanations_of(store, YEAR + 1), owed_of(store, YEAR)) == ({}, {}, {})


def test_lineage_of_some_figures_is_theirs_and_that_of_all_lines(store: Store) -> None:
    lines = {(PURPLE.code, "L101#1"), (PURPLE.code, "L103#1")}
    some = load_lineage(store, YEAR, [(SOUTH.code, "I01"), (LATE.code, "I01")])
    assert some.keys() == lines | {(SOUTH.code, "I01")}
    assert some[SOUTH.code, "I01"] == Origin("南川村.xlsx", "表", "E5", "31")
    every = load_lineage(store, YEAR)
    assert every.items() >= some.items() and (OFFICE.code, OWN) in every
    assert load_lineage(store, YEAR, []).keys() == lines
    assert store.rows("SELECT 1 FROM duckdb_views() WHERE view_name = 'wanted'") == []
