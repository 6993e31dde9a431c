"""What became of each blank, for the clerk: a workbook to go through, a table on the screen, JSON."""

import io
from typing import TYPE_CHECKING

from flows.files import write_atomically

if TYPE_CHECKING:
    from flows.binding.bound import Binding, Blank

HEADS = ("序号", "段落", "上下文（▁▁ 是空白）", "拟填", "代码", "写入模板", "把握", "结论", "备选一", "备选二")
WIDTHS = (6, 6, 60, 24, 18, 30, 8, 10, 34, 34)
SURE, LOOK = "确定", "请核对"


def write_review(binding: "Binding") -> None:
    """Write the review list beside the template: one row per blank, those to look at coloured."""
    import xlsxwriter  # heavy: xlsxwriter

    drawn, options = io.BytesIO(), {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(drawn, options) as book:
        sheet = book.add_worksheet("核对单")
        look = {"border": 1, "text_wrap": True, "valign": "top"}
        bold, plain = book.add_format({**look, "bold": True}), book.add_format(look)
        marked = book.add_format({**look, "bg_color": "#FFF2CC"})
        for column, (head, width) in enumerate(zip(HEADS, WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, head, bold)
        for row, blank in enumerate(binding.blanks, start=1):
            for column, cell in enumerate(_cells(blank)):
                look_of = plain if blank.sure else marked
                if isinstance(cell, int):
                    sheet.write_number(row, column, cell, look_of)
                else:
                    sheet.write_string(row, column, cell, look_of)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(binding.blanks), len(HEADS) - 1)
    write_atomically(binding.review, drawn.getvalue())


def _cells(blank: "Blank") -> list[int | str]:
    others = [f"{each.name} {each.slot} {each.confidence:.0%}" for each in blank.candidates]
    proposed = [blank.name or "（没有合适的）", blank.feed, blank.slot]
    verdict = [f"{blank.confidence:.0%}", SURE if blank.sure else LOOK]
    return [blank.number, blank.paragraph, blank.context, *proposed, *verdict, *[*others, "", ""][:2]]
