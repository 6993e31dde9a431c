"""What the report's page lists of a county's many places: as many as anybody looks at, and that it is not all."""

from types import SimpleNamespace

import pytest

from flows.emit.report.page_data import LARGEST, MOST_PLACES, PageData
from flows.template.filling import Filled, Source
from tests.books import make_book, settings
from tests.office import CATALOGUE

RATIO = next(
    item for item in CATALOGUE.indicators.values()
    if item.numerator and CATALOGUE.indicators[item.numerator].reporter == "village"
    and CATALOGUE.indicators[str(item.denominator)].reporter == "village"
)  # fmt: skip


def shown(count: int) -> dict:
    """The page's data of a report that names a total and a ratio, of so many villages."""
    data = PageData(make_book(CATALOGUE, count=count), CATALOGUE, settings(), {})
    for code in ("I01", RATIO.code):
        filled = Filled("1", False, sources=(Source("figure", code),))
        data.add(SimpleNamespace(filled=filled, part=SimpleNamespace(modifiers=())))  # pyright: ignore[reportArgumentType]  # all that is asked of a piece
    return data.as_dict()


@pytest.fixture(scope="module")
def many() -> dict:
    return shown(MOST_PLACES + 40)


def test_the_page_speaks_of_the_place_that_collects():
    assert shown(2)["here"] == "本镇"


def test_a_township_is_listed_whole():
    said = shown(MOST_PLACES)["indicators"]["I01"]
    assert [row[0] for row in said["rows"]] == list(range(MOST_PLACES)) and "cut" not in said


def test_of_many_places_the_largest_are_listed_in_their_order_and_said_to_be_cut(many):
    said = many["indicators"]["I01"]
    assert said["cut"] and len(said["rows"]) == LARGEST
    assert [row[0] for row in said["rows"]] == sorted(row[0] for row in said["rows"])
    book = make_book(CATALOGUE, count=MOST_PLACES + 40)
    values = sorted((book.figures[place.code, "I01"].value or 0 for place in book.villages), reverse=True)
    least = min(float(row[2]) for row in said["rows"])
    assert least >= float(values[LARGEST])


def test_a_ratios_places_are_listed_on_both_of_its_sides(many):
    places = {row[0] for row in many["indicators"][RATIO.code]["rows"]}
    for side in (RATIO.numerator, RATIO.denominator):
        assert places <= {row[0] for row in many["indicators"][str(side)]["rows"]}
