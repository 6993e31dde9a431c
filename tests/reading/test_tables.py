"""Any workbook as plain sheets: every format alike, and what cannot be read is one line."""

import pytest

from flows.reading.tables import read_tables
from schemas.errors import InputError
from tests.text_tables import workbook

ROSTER = """
    == 名册
    | 村名 | 户数 |
    | 东湖村 | 300 |
    == 旧 [hidden]
    | 西湖村 | |
"""


def test_sheets_come_in_order_with_hidden_ones_and_only_filled_cells(tmp_path):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(workbook(ROSTER))
    shown, hidden = read_tables(path)
    assert (shown.name, shown.visible, hidden.name, hidden.visible) == ("名册", True, "旧", False)
    assert [(cell.row, cell.col, cell.text, cell.kind) for cell in shown.cells] == [
        (1, 1, "村名", "text"), (1, 2, "户数", "text"), (2, 1, "东湖村", "text"), (2, 2, "300", "number")
    ]  # fmt: skip
    assert [cell.text for cell in hidden.cells] == ["西湖村"]


def test_what_is_no_table_is_said_in_a_line(tmp_path):
    (tmp_path / "照片.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    with pytest.raises(InputError, match=r"照片\.xlsx：.*图片"):
        read_tables(tmp_path / "照片.xlsx")
    with pytest.raises(InputError, match="找不到文件"):
        read_tables(tmp_path / "没有.xlsx")
    with pytest.raises(InputError, match="是文件夹"):
        read_tables(tmp_path)
