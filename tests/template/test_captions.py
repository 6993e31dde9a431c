"""What stands under a picture, read back: our own words surely, those of another hand as a proposal."""

import pytest

from flows.emit.report.charts import alt
from flows.template.captions import Captioned, captioned, is_caption
from flows.template.slots import Part, resolve
from tests.books import make_book, settings
from tests.office import CATALOGUE

SLOTS = {
    "图：低保户数": Part("slot", "", 0, 0, "图：低保户数"),
    "图：低保户数、特困供养户数": Part("slot", "", 0, 0, "图：低保户数、特困供养户数"),
    "图：低保户数|各村": Part("slot", "", 0, 0, "图：低保户数", ("各村",)),
    "图：马铃薯种植面积、玉米种植面积": Part("slot", "", 0, 0, "图：马铃薯种植面积、玉米种植面积"),
}


@pytest.mark.parametrize("slot", SLOTS)
def test_caption_of_ours_and_the_words_where_no_picture_can_be_are_the_slot_that_made_them(slot):
    for count in 15, 40:
        filled = resolve(SLOTS[slot], make_book(CATALOGUE, count=count), CATALOGUE, settings())
        for words in filled.text, alt(filled.chart):
            read = captioned(words, CATALOGUE)
            assert read and (read.slot, read.ours) == (slot, True)


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("图1 各村低保户数对比", "图：低保户数|各村"),
        ("图 2-1：低保户数和特困供养户数", "图：低保户数、特困供养户数"),
        ("图：低保户数（人），与上年比", "图：低保户数"),  # its unit is another
        ("图三 低保户数与低保人口", ""),  # no picture is of two units
        ("图3 示意图", ""),
    ],
)
def test_caption_of_another_hand_is_a_proposal_if_its_indicators_can_be_drawn(text, slot):
    code = "I01" if slot else ""
    assert captioned(text, CATALOGUE) == Captioned(slot, code)


@pytest.mark.parametrize(
    "text",
    [
        "图书室12个，低保户数618户",
        "图2023年低保户数",
        "低保户数（户）：全镇共618户，比上年多",
        "如图1所示低保户数",
        "图",
    ],
)
def test_prose_is_no_caption(text):
    assert captioned(text, CATALOGUE) is None and not is_caption(text)
