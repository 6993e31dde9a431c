"""What the files in outputs/ are called: one place for whoever writes, links, reads or clears them."""

from pathlib import Path

BOARD = "收报情况.html"

PROBLEMS, REMINDERS = "问题清单.xlsx", "催报名单.xlsx"
LETTERS, WHOLE_LETTER = "催报", "_全镇情况.txt"
"""The folder of what is sent to units that are late, and the file in it that says how all stand."""

TEMPLATE, REPORTS = "年度工作总结模板.docx", "报告"
"""In the inputs: the annual report's template, and the folder of the others' templates."""
SUPPLEMENTS = "报告补充数.xlsx"
"""In a year's folder of the inputs: the figures of the report that are given by hand."""

PUBLISHED = Path("published") / "cunhui.duckdb"

STORE, ARCHIVE, JOURNAL, CLOSED = "cunhui.duckdb", "archive", "journal.jsonl", "closed"
FORMS, RETURNS, UPWARD = "forms", "退回", "上报"
SUMMARY, REPORT, REPORT_PAGE = "汇总表.xlsx", "年度工作总结.docx", "年度工作总结.html"

OWN_SHEETS = (
    "封面",
    "指标解释",
    "_cunhui",
    "目录",
    "全镇合计",
    "目标完成",
    "校验",
    "收报情况",
    "明细表",
    "图表",
    "退回说明",
    "History",
)
"""Sheets of our workbooks that no area or list may be called after; the last is Excel's own."""
