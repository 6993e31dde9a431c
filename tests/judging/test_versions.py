"""In what a unit's two files differ, in the words that ask which of them is right."""

import pytest

from flows.judging.versions import _differences

FIRST, SECOND = 1, 2
SAME = {"I01 低保户数": {FIRST: "618", SECOND: "618"}}


def said(figure=SAME, cell=(), reason=()) -> dict:
    return {"figure": dict(figure), "cell": dict(cell), "reason": dict(reason)}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (said(), ["所填的内容都相同"]),
        (
            said({**SAME, "I02 低保人口": {FIRST: "1356", SECOND: "1365"}, "I06 孤儿人数": {SECOND: "3"}}),
            ["有 2 个数不同，I02 低保人口分别为 1356、1365，I06 孤儿人数分别为 空、3"],
        ),
        (said(cell={"F101 1": {FIRST: "东沟路"}}), ["各指标的数都相同", "明细表有 1 格不同"]),
        (said(reason={"I01": {FIRST: "新增三户", SECOND: "新增"}}), ["各指标的数都相同", "说明有 1 处不同"]),
        (
            said({"A22 负责人": {FIRST: "张 三\n李四", SECOND: "某" * 21}}),
            [f"有 1 个数不同，A22 负责人分别为 张 三 李四、{'某' * 20}…"],
        ),
    ],
    ids=["nothing", "figures", "cells of lists", "explanations", "long words"],
)
def test_difference_of_two_files_is_said_with_what_each_has(given, told):
    assert list(_differences(given, (FIRST, SECOND))) == told


def test_of_many_figures_the_first_five_are_named():
    figures = {f"I0{n}": {FIRST: "1", SECOND: "2"} for n in range(1, 8)}
    (told,) = _differences(said(figures), (FIRST, SECOND))
    assert told.startswith("有 7 个数不同，I01分别为 1、2，") and told.endswith("I05分别为 1、2等")


def test_file_whose_rival_has_left_the_inbox_says_so():
    assert list(_differences(said(), (FIRST,))) == ["其余的已不在收件夹里"]
