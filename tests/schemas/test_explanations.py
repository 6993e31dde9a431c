"""A reason given for a doubtful figure: taken when it says something, refused with why when it is a phrase."""

import pytest

from schemas.explanations import repeats, weakness


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("新建蓄水池三座，增加灌溉面积", ""),
        ("", "没有写"),
        ("。。，", "没有写"),
        ("属实", "只是套话"),
        ("经认真核实，情况属实。", "只是套话"),
        ("核实无误 数据准确", "只是套话"),
        ("据实填报", "只是套话"),
        ("增加了", "太短"),
        ("啊啊啊啊啊啊啊啊", "太短"),
    ],
)
def test_reason_is_taken_unless_it_is_blank_stock_or_too_short(text, why):
    assert weakness(text, repeats([text])) == why


def test_the_same_reason_is_refused_when_it_stands_behind_more_than_three_figures():
    text = "今年合并了两个村民小组"
    assert weakness(text, repeats([text] * 3)) == ""
    assert weakness(text, repeats([f" {text} "] * 4)) == "同一句话写了 4 处"
