"""Levels of places: what each is called, and how the tables of a county speak of the whole."""

import pytest

from schemas.declarations import _no_sheet
from schemas.levels import level_of, levels
from schemas.township import Who


@pytest.mark.parametrize(
    ("code", "name", "said", "whole"),
    [
        ("990101101", "示例镇", "", "全镇"),
        ("990101201", "示例乡", "", "全乡"),
        ("990101001", "城关街道", "", "全街道"),
        ("990101001", "城关街道办事处", "", "全街道"),
        ("990101", "示例县", "", "全县"),
        ("990101", "示例自治县", "", "全县"),
        ("990102", "示例区", "", "全区"),
        ("9901", "示例自治州", "", "全州"),
        ("99", "示例省", "", "全省"),
        ("990101103", "示例经济开发区", "全开发区", "全开发区"),
        ("990101103", "示例农场", "", "全镇"),
    ],
)
def test_whole_is_called_by_its_level_and_name_or_as_the_settings_say(code, name, said, whole):
    assert Who(code=code, name=name, whole=said).words.whole == whole


def test_every_level_has_its_own_length_of_code_and_none_other_is_one():
    digits = [level.digits for level in levels().values()]
    assert digits == sorted(set(digits), reverse=True)
    assert [level_of("9" * each) for each in digits] == list(levels())
    with pytest.raises(StopIteration):
        level_of("9901011")


def test_no_area_may_be_called_as_the_sheet_of_any_levels_totals():
    assert _no_sheet("全县合计", {}) == _no_sheet("全镇合计", {}) != ""
