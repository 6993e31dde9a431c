"""What the page writes into the clerk's own files, asked for without the page."""

import tomllib
from datetime import date

import pytest

from flows.web.desk import as_pressed
from flows.web.settings import add_correction, edited, read, save
from schemas.corrections import FILE
from schemas.errors import InputError
from tests.office import small_inputs

FIRST = """[[corrections]] # 电话里说的
unit = "三湾村"
indicator = "低保户数"
expect = 57
value = 58
reason = "漏报一户"
agreed_with = "会计"
date = 2024-01-05"""
SAID = {
    "unit": "三湾村",
    "indicator": "特困供养户数",
    "expect": "6",
    "value": "7",
    "reason": "漏报",
    "agreed_with": "会计",
    "date": "2024-01-06",
}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"value": "７户"}, "特困供养户数要填数字，“改成”写的是“７户”"),
        ({"reason": ""}, "“为什么”不能空着"),
        ({"row": "1"}, "特困供养户数不在明细表里，不要写 “第几行”"),
        ({"unit": "北山乡"}, "units.csv 里没有叫“北山乡”的单位"),
    ],
)
def test_what_is_wrong_with_a_correction_is_said_of_the_boxes_and_not_of_the_file(tmp_path, typed, said):
    inputs = small_inputs(tmp_path, ["三湾村"])
    (inputs / "2023" / FILE).write_text(FIRST, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        add_correction(inputs, 2023, SAID | typed)
    assert [*refused.value.lines] == [said]
    assert (inputs / "2023" / FILE).read_text(encoding="utf-8") == FIRST


@pytest.mark.parametrize(
    ("typed", "pressed"),
    [
        (
            "2024 年还没有封存：收齐后先运行 cunhui close；要不等封存就建 2025 年，加 --open",
            "2024 年还没有封存：收齐后先封存",
        ),
        ("请统计员用 cunhui restore 恢复。", "请统计员用“恢复以前报过的一版”恢复。"),
        ("可用 cunhui verify 核对。", "可用“核对原件、数据库和各表是否相符”核对。"),
    ],
)
def test_page_names_its_own_buttons_and_no_command(typed, pressed):
    assert as_pressed(typed) == pressed


def test_corrections_are_mended_as_a_text_like_the_settings_also_where_there_are_none_yet(tmp_path):
    inputs = small_inputs(tmp_path, ["三湾村"])
    name = edited(2023)["corrections"]
    text, mark = read(inputs, name)
    assert text == ""
    mark = save(inputs, 2023, name, FIRST, mark)
    with pytest.raises(InputError, match=r"第 1 条：.*北山乡"):
        save(inputs, 2023, name, FIRST.replace("三湾村", "北山乡"), mark)
    save(inputs, 2023, name, "# 都已撤销", mark)
    assert (inputs / name).read_text(encoding="utf-8") == "# 都已撤销\n"
    assert (inputs / f"{name}.旧").read_text(encoding="utf-8") == FIRST + "\n"


@pytest.mark.parametrize("end", ["", "\n", "\n\n# 以上已核对", "\n# 以上已核对\n"])
def test_correction_is_put_behind_what_stands_there_whether_or_not_its_last_line_is_ended(tmp_path, end):
    inputs = small_inputs(tmp_path, ["三湾村"])
    path = inputs / "2023" / FILE
    path.write_text(FIRST + end, encoding="utf-8")
    add_correction(inputs, 2023, SAID)
    text = path.read_text(encoding="utf-8")
    first, second = tomllib.loads(text)["corrections"]
    assert (first["value"], second["value"], second["date"]) == (58, 7, date(2024, 1, 6))
    assert text.startswith(FIRST + end)
