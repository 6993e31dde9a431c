"""What is sent to units that are late: courteous, short, with the deadline, the file and the worst findings."""

from datetime import timedelta

import msgspec
import pytest

from flows.emit.lists.reminders import reminder
from flows.emit.returns.letters import WORST, how_all_stand, letter, write_letters
from flows.store.findings import Told
from flows.store.pending import Pending
from schemas.township import Settings


@pytest.fixture
def settings():
    return msgspec.convert(
        {"township": {"code": "990101101", "name": "示例镇"},
         "collection": {"year": 2023, "deadline": "2024-01-10T18:00:00"}}, Settings
    )  # fmt: skip


def told(number, grade="强制", explained=False):
    problem = f"第{number}个数填的是“若干\n户”，不是数字"
    return Told("X", grade, "I01", "低保户数", "民生保障", f"E{number}", "", problem, "请只填数字", "", explained)


def unit(code, name, state, *findings, **more):
    return Pending(f"99010110120{code}", name, "村", state, f"{name}.xlsx", expected=True, findings=[*findings], **more)


def test_unit_that_has_sent_nothing_is_told_until_when_and_which_form(settings):
    said = letter(unit(1, "三湾村", "missing"), "三湾村", settings, 2023, settings.deadline - timedelta(days=3))
    assert said.splitlines() == [
        "三湾村：",
        "您好！2023年度年报的报送期限是2024年1月10日18时，还有 3 天。",
        "您单位的年报还没有收到，请填好“990101101201-三湾村.xlsx”（forms 里的空白报表）尽快发来。",
        "如果已经发来，请不必理会；有不清楚的，请随时联系。",
        "示例镇",
    ]


def test_unit_whose_report_went_back_is_told_its_worst_findings_with_their_cells(settings):
    doubts = told(6, "核实"), told(7, "核实", explained=True), told(8, "提示")
    one = unit(1, "三湾村", "returned", *map(told, range(1, 6)), *doubts)
    said = letter(one, "三湾村", settings, 2023, settings.deadline)
    assert "您单位报来的“三湾村.xlsx”有5 处须改正、1 处须核对或说明，已退回。" in said
    assert "1. 民生保障 E1，第1个数填的是“若干 户”，不是数字。请只填数字" in said.splitlines()
    assert f"{WORST + 1}. " not in said and "还有 3 处，见“退回说明”。" in said
    assert "E7" not in said and "E8" not in said


def test_of_a_unit_that_comes_in_a_package_its_sender_is_asked(settings):
    now = settings.deadline
    back = unit(1, "三湾村", "returned", told(1), sender="青湖镇")
    back.file = "青湖镇.zip"
    lines = letter(back, "三湾村", settings, 2023, now).splitlines()
    assert lines[0] == "青湖镇：" and lines[2] == "您报来的报送包“青湖镇.zip”里，三湾村的年报有1 处须改正，已退回。"
    assert "报送包-青湖镇" in lines[3] and "1. 民生保障 E1，" in lines[5]
    said = reminder(back, settings.deadline, now, 2023)
    assert said.startswith("青湖镇：您报来的报送包“青湖镇.zip”里，三湾村的年报有1 处须改正，已退回。")
    late = unit(2, "大湾村", "missing", sender="青湖镇")
    assert letter(late, "大湾村", settings, 2023, now).splitlines()[2:4] == [
        "2023年度年报里，大湾村的还没有收到。", "请收齐后重新汇总、打包，再报来。",
    ]  # fmt: skip


def test_head_of_office_is_told_how_all_stand(settings):
    now = settings.deadline + timedelta(days=2)
    units = [
        unit(1, "三湾村", "returned", since=settings.deadline, accepted=1),
        unit(2, "大湾村", "missing"),
        unit(3, "南川村", "accepted", accepted=1),
    ]
    assert how_all_stand(units, settings, 2023, now).splitlines() == [
        "示例镇2023年度年报：应报 3 个单位，已退回 1 个，未报 1 个，已采用 1 个。",
        "报送期限2024年1月10日18时，已过 2 天。",
        "未报：大湾村。",
        "已退回：三湾村（2 天）。",
        "其中有的此前报的仍采用。",
    ]


def test_letters_go_when_their_units_are_in_and_what_others_put_there_stays(settings, tmp_path):
    late, now = [unit(1, "三湾村", "missing"), unit(2, "大湾村", "missing")], settings.deadline
    assert {path.name for path in write_letters(late, settings, 2023, now, tmp_path)} == {
        "三湾村.txt", "大湾村.txt", "_全镇情况.txt",
    }  # fmt: skip
    (tmp_path / "催报" / "自己写的.txt").write_text("x")
    write_letters([unit(1, "三湾村", "accepted"), late[1]], settings, 2023, now, tmp_path)
    assert {path.name for path in (tmp_path / "催报").iterdir()} == {"大湾村.txt", "_全镇情况.txt", "自己写的.txt"}
    all_in = [unit(1, "三湾村", "accepted"), unit(2, "大湾村", "accepted")]
    assert write_letters(all_in, settings, 2023, now, tmp_path) == []
    assert [path.name for path in (tmp_path / "催报").iterdir()] == ["自己写的.txt"]
