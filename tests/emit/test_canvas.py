"""Workbooks as they are opened: each as if it were the process's first."""

import io
from datetime import datetime

from flows.emit.workbook.canvas import Canvas, Palette, opened


def drawn() -> bytes:
    buffer = io.BytesIO()
    with opened(buffer) as workbook:
        workbook.set_properties({"created": datetime(2024, 1, 1)})
        Canvas(workbook, Palette(workbook), "表", [10]).put(0, "字", "head")
    return buffer.getvalue()


def test_workbook_is_the_same_whatever_was_written_before_it_in_the_process():
    first = drawn()
    assert [drawn() for _ in range(2)] == [first, first]
