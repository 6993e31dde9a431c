"""Units are found in what people write as by looking at each, however many there are."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from schemas.roster import Roster, Unit, named_units

COUNTY = Roster(
    Unit(f"99010110{number // 200}{201 + number % 200}", f"{'东西南北上下大小'[number % 8]}{number}村", "村")
    for number in range(1_000)
)


@given(st.text("东西南北上下大小0123456789村 表", max_size=30))
def test_units_named_within_words_are_those_that_looking_at_each_finds(words: str) -> None:
    text = words.replace(" ", "")
    assert COUNTY.named_in(text) == [unit for unit in COUNTY if unit.code in text or unit.name in text]


def test_a_long_text_and_a_short_roster_are_searched_as_well() -> None:
    few = Roster(COUNTY[:3])
    assert few.named_in("甲" * 1_000 + few[2].name + few[0].code) == [few[0], few[2]]


def test_two_units_of_one_name_are_both_named() -> None:
    twins = Roster([*COUNTY, Unit("990101999201", COUNTY[7].name, "村")])
    assert named_units([f"填报：{COUNTY[7].name}"], twins) == [COUNTY[7], twins[-1]]


def test_a_roster_that_is_sent_elsewhere_names_the_same_units_there() -> None:
    here = Roster([Unit("990101101201", "东湖村", "村"), Unit("990101101202", "西湖村", "村")])
    asked = named_units(["东湖村报表"], here)
    there = pickle.loads(pickle.dumps(here))
    assert vars(there) == {}
    assert there == here
    assert named_units(["东湖村报表"], there) == asked == named_units(["东湖村报表"], here) == [here[0]]
