"""What the files in outputs/ are called: one place for whoever writes, links, reads or clears them."""

from pathlib import Path

BOARD = "收报情况.html"

PROBLEMS, REMINDERS = "问题清单.xlsx", "催报名单.xlsx"
LETTERS = "催报"
"""The folder of what is sent to units that are late."""

TEMPLATE, REPORTS = "年度工作总结模板.docx", "报告"
"""In the inputs: the annual report's template, and the folder of the others' templates."""
SUPPLEMENTS = "报告补充数.xlsx"
"""In a year's folder of the inputs: the figures of the report that are given by hand."""

PUBLISHED = Path("published") / "cunhui.duckdb"

STORE, ARCHIVE, JOURNAL, CLOSED = "cunhui.duckdb", "archive", "journal.jsonl", "closed"
FORMS, RETURNS, UPWARD, RECEIPTS = "forms", "退回", "上报", "回执"
SUMMARY, REPORT, REPORT_PAGE = "汇总表.xlsx", "年度工作总结.docx", "年度工作总结.html"

OWN_SHEETS = (
    "封面",
    "指标解释",
    "_cunhui",
    "目录",
    "目标完成",
    "校验",
    "收报情况",
    "明细表",
    "图表",
    "退回说明",
    "History",
)
"""Sheets of our workbooks that no area or list may be called after, beside those of totals; the last is Excel's own."""


def whole_letter(whole: str) -> str:
    """The file in the folder of letters that says how all stand."""
    return f"_{whole}情况.txt"


def is_whole_letter(name: str) -> bool:
    """Whether a letter is that file, of whatever whole."""
    return name.startswith("_") and name.endswith("情况.txt")
