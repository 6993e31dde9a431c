"""What the page writes into the clerk's own files, asked for without the page."""

import tomllib
from datetime import date

import pytest

from flows.web.settings import add_correction
from schemas.corrections import FILE
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
