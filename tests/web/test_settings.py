"""What the page writes into the clerk's own files, asked for without the page."""

import tomllib
from datetime import date

import pytest

from flows.web.desk import as_pressed
from flows.web.settings import add_correction, edited, figures, give_figure, read, save
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
        ({"row": "二"}, "第几行写的是“二”，应为整数"),
        ({"row": "9" * 5000}, f"第几行写的是“{'9' * 40}”，应为整数"),
        ({"date": " "}, "哪天商定的没有写，应为 2024-01-05 的样子"),
        ({"date": "元旦"}, "日期写的是“元旦”，应为 2024-01-05 的样子"),
        ({"value": "1e400"}, "特困供养户数登记不下这么大的数，“改成”写的是 1E+400"),
        ({"value": "true"}, "特困供养户数要填数字，“改成”写的是“true”"),
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


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (b"[[corrections]", "corrections.toml 第 1 行"),
        (FIRST.encode("gb18030"), "corrections.toml 第 1 行"),
        (b"corrections = 5\n", "corrections.toml 第 1 行：corrections 写的是 5"),
        ('[corrections]\nunit = "三湾村"\n'.encode(), "corrections.toml 第 1 行"),
    ],
    ids=["no TOML", "not UTF-8", "a number", "one table"],
)
def test_file_that_was_broken_by_hand_is_said_with_its_line_and_stays(tmp_path, broken, said):
    inputs = small_inputs(tmp_path, ["三湾村"])
    path = inputs / "2023" / FILE
    path.write_bytes(broken)
    with pytest.raises(InputError) as refused:
        add_correction(inputs, 2023, SAID)
    [line] = refused.value.lines
    assert said in line and path.read_bytes() == broken


@pytest.mark.parametrize(
    "before", ["corrections = []  # 还没有\n", f"corrections = [{{{', '.join(FIRST.splitlines()[1:])}}}]\n"]
)
def test_correction_is_put_among_those_that_are_written_in_one_line(tmp_path, before):
    inputs = small_inputs(tmp_path, ["三湾村"])
    path = inputs / "2023" / FILE
    path.write_text(before, encoding="utf-8")
    add_correction(inputs, 2023, SAID | {"waiver": "on"})
    after = path.read_text(encoding="utf-8")
    *_, added = tomllib.loads(after)["corrections"]
    assert added == {"unit": "三湾村", "indicator": "特困供养户数", "expect": 6, "waiver": True, "reason": "漏报",
                     "agreed_with": "会计", "date": date(2024, 1, 6)}  # fmt: skip
    assert len(tomllib.loads(after)["corrections"]) == len(tomllib.loads(before)["corrections"]) + 1
    assert ("还没有" in after) is ("还没有" in before)


def test_text_of_another_encoding_is_shown_and_one_that_was_changed_elsewhere_is_not_saved_over(tmp_path):
    inputs = small_inputs(tmp_path, ["三湾村"])
    path = inputs / "2023" / FILE
    path.write_bytes(FIRST.replace("\n", "\r\n").encode("gb18030"))
    text, mark = read(inputs, f"2023/{FILE}")
    assert text == FIRST
    path.write_bytes(b"# \xe5\x88\xab\n")
    with pytest.raises(InputError, match="在别处改过了：请重新打开这一页再改"):
        save(inputs, 2023, f"2023/{FILE}", text, mark)
    assert path.read_bytes() == b"# \xe5\x88\xab\n"


def test_figure_that_no_report_asks_for_is_refused(tmp_path):
    inputs = small_inputs(tmp_path, ["三湾村"])
    with pytest.raises(InputError, match="没有叫“常住人口”的补充数"):
        give_figure(inputs, 2023, {"figure": "常住人口", "value": "3"})
    (inputs / "units.csv").write_text("code\n", encoding="utf-8")
    assert figures(inputs, 2023) == []
