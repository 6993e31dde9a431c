"""The review list read back: what the clerk decided of each place, and what stands for nothing with its row."""

from pathlib import Path

import openpyxl
import pytest

from flows.binding.review import AREA, CONTEXT, DECISION, NAME, NUMBER, PROMOTE, REPORTER, SHEET, read_decisions
from schemas.errors import InputError

HEADS = [NUMBER, CONTEXT, DECISION, NAME, AREA, REPORTER]
PLACES = {1: "全镇【37】户", 2: "下降【5】%", 12: "共【8】次"}


def listed(path: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    for row in (HEADS, *rows):
        sheet.append(row)
    book.save(path)
    return path


def test_decisions_are_those_of_each_places_number(tmp_path):
    path = listed(tmp_path / "核对单.xlsx", [1, PLACES[1], "固定文字"], [12, PLACES[12], None, "会议次数"],
                  ["2", PLACES[2], PROMOTE, "下降率", "党的建设", "各村"])  # fmt: skip
    found = read_decisions(path, PLACES)
    assert {number: (one.word, one.name, one.row) for number, one in found.items()} == {
        1: ("固定文字", "", 2), 12: ("改为", "会议次数", 3), 2: (PROMOTE, "下降率", 4)
    }  # fmt: skip
    assert (found[2].area, found[2].reporter) == ("党的建设", "各村")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ([2, PLACES[1]], "第 2 行：和报告里的这一处对不上，请用同一份报告、同一年的数重新生成核对单"),
        ([3, PLACES[1]], "第 2 行：和报告里的这一处对不上"),
        (["²", PLACES[2]], "第 2 行：和报告里的这一处对不上"),
        (["9" * 5000, PLACES[2]], "第 2 行：和报告里的这一处对不上"),
        ([None, PLACES[2]], "第 2 行：和报告里的这一处对不上"),
        ([1, PLACES[1], "删掉"], "第 2 行：处理写的是“删掉”，应为 "),
        ([1, PLACES[1], "改为", " "], "第 2 行：处理是“改为”，但没有写改成什么，名称写在后面“改为”一栏"),
        ([1, PLACES[1], PROMOTE, "户数", "党的建设"], f"第 2 行：处理是“{PROMOTE}”，但没有选“{AREA}”和“{REPORTER}”"),
    ],
)
def test_what_stands_for_nothing_is_told_with_its_row(tmp_path, row, told):
    with pytest.raises(InputError) as refused:
        read_decisions(listed(tmp_path / "核对单.xlsx", row), PLACES)
    [line] = refused.value.lines
    assert told in line


def test_what_is_no_list_is_refused_in_one_line(tmp_path):
    path = tmp_path / "核对单.xlsx"
    for data in (b"", b"PK\x03\x04 cut"):
        path.write_bytes(data)
        with pytest.raises(InputError, match="不是核对单（打不开，或者没有“核对单”表）"):
            read_decisions(path, PLACES)
    openpyxl.Workbook().save(path)
    with pytest.raises(InputError, match="不是核对单"):
        read_decisions(path, PLACES)
