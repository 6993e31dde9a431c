"""Headings numbered by hand keep counting when a part of the report is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.template.compose import Line, Piece
from flows.template.numbering import as_number, in_characters, renumbered


def headings(*texts: str, gone: tuple[str, ...] = ()) -> list[str]:
    lines = [Line(n, text, (Piece(0, len(text), text),), text not in gone) for n, text in enumerate(texts, start=1)]
    return [line.text for line in renumbered(lines) if line.kept]


@given(st.integers(1, 99))
def test_every_numeral_of_a_heading_reads_as_it_is_written(number):
    assert as_number(in_characters(number)) == number


@pytest.mark.parametrize(("number", "words"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五")])
def test_numerals_are_written_as_reports_write_them(number, words):
    assert in_characters(number) == words


def test_what_is_left_out_leaves_no_gap_and_what_stands_below_counts_anew():
    texts = "一、成绩", "（一）党建", "（二）粮食", "（三）民生", "二、不足", "三、计划", "（一）产业", "（二）项目"
    assert headings(*texts, gone=("（二）粮食", "二、不足")) == [
        "一、成绩", "（一）党建", "（二）民生", "二、计划", "（一）产业", "（二）项目"
    ]  # fmt: skip


def test_with_everything_kept_nothing_is_touched_and_words_that_begin_alike_are_no_heading():
    texts = "一、成绩", "一是抓党建。", "二十个村全部达标。", "二、不足", "（一）党建"
    assert headings(*texts) == list(texts)
