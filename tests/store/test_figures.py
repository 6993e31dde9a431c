"""A county's figures are read some indicators at a time, and only so many are held."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from flows.store import figures
from flows.store.figures import Figure, Figures, Key

AREAS = {"A1": "人口", "A2": "人口", "A3": "人口", "B1": "土地"}
PLACES = ("一村", "二村")


class Stored:
    """Figures of two places, and what was asked of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at_a_time: int, held: int) -> None:
        monkeypatch.setattr(figures, "PARCEL", at_a_time)
        monkeypatch.setattr(figures, "HELD", held)
        self.asked: list[tuple[str, ...]] = []
        whole = {("全镇", "A1"): Figure(Decimal(3), Decimal(3))}
        self.figures = Figures(whole, AREAS, self._of_codes, self._of_keys, len(PLACES))

    def _of_codes(self, codes: Sequence[str]) -> dict[str, dict[str, Figure]]:
        self.asked.append(tuple(codes))
        return {code: {place: Figure(Decimal(1), Decimal(1), code) for place in PLACES} for code in codes}

    def _of_keys(self, keys: Sequence[Key]) -> dict[Key, Figure]:
        self.asked.append(tuple(f"{place} {code}" for place, code in keys))
        return {key: Figure(Decimal(1), Decimal(1), key[1]) for key in keys}

    def look(self, *codes: str) -> None:
        for code in codes:
            assert [found and found.text for found in self.figures.column(code, PLACES)] == [code] * len(PLACES)


def test_figures_of_an_area_that_is_small_enough_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Stored(monkeypatch, at_a_time=6, held=100)
    stored.look("A1", "A3", "B1", "A2")
    assert stored.asked == [("A1", "A2", "A3"), ("B1",)]


@pytest.mark.parametrize(("at_a_time", "asked"), [(6, [("B1",), ("A2",), ("A1", "A3")]), (8, [tuple(AREAS)])])
def test_single_figures_are_read_an_indicator_at_a_time_unless_there_are_few(
    monkeypatch: pytest.MonkeyPatch, at_a_time: int, asked: list
) -> None:
    stored = Stored(monkeypatch, at_a_time=at_a_time, held=100)
    for code in ("B1", "A2"):
        assert all(stored.figures[place, code].text == code for place in PLACES)
    stored.look("A3")
    assert stored.asked == asked


def test_figures_beyond_what_may_be_held_are_let_go_and_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Stored(monkeypatch, at_a_time=2, held=4)
    stored.look("A1", "A2", "A3", "A1")
    assert stored.asked == [("A1",), ("A2",), ("A3",), ("A1",)]


def test_figures_asked_to_and_fro_get_room_after_the_first_round(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Stored(monkeypatch, at_a_time=2, held=4)
    for _ in range(5):
        stored.look("A1", "A2", "A3")
    assert len(stored.asked) <= 6


def test_figures_of_the_whole_are_at_hand_and_what_it_lacks_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Stored(monkeypatch, at_a_time=6, held=100)
    assert stored.figures["全镇", "A1"].value == 3
    assert stored.figures.get(("全镇", "A2")) is None
    assert stored.asked == []


def test_some_figures_are_fetched_alone_unless_they_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Stored(monkeypatch, at_a_time=6, held=100)
    stored.look("B1")
    found = stored.figures.fetch([("一村", "A2"), ("二村", "B1"), ("全镇", "A1"), ("全镇", "B1")])
    assert set(found) == {("一村", "A2"), ("二村", "B1"), ("全镇", "A1")}
    assert stored.asked == [("B1",), ("一村 A2",)]


def test_all_figures_are_told_even_where_few_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Stored(monkeypatch, at_a_time=2, held=2)
    assert set(stored.figures) == {(place, code) for place in PLACES for code in AREAS} | {("全镇", "A1")}
    assert len(stored.figures) == 9


@pytest.mark.parametrize("plain", [False, True], ids=["of the store", "of a book by hand"])
def test_column_has_the_figure_of_every_place_in_order_and_nothing_where_there_is_none(monkeypatch, plain) -> None:
    stored = Stored(monkeypatch, at_a_time=6, held=100).figures
    places = ("二村", "全镇", "三村", "一村")
    expected = [stored.get((place, "A1")) for place in places]
    assert figures.column(dict(stored) if plain else stored, "A1", places) == expected
    assert [found and found.value for found in expected] == [Decimal(1), Decimal(3), None, Decimal(1)]
