"""A report with Word tables, and what each of its figures is: `-` for those that the catalogue lacks."""

from pathlib import Path

from docx import Document

ITEMS = (
    ("项目", "单位", "本年"),
    ("农村低保户", "户", "I01"),
    ("农村低保人口", "人", "I02"),
    ("城市低保户", "户", "-"),
    ("特困供养人数", "人", "I05"),
    ("养老机构床位", "张", "-"),
    ("临时救助资金", "万元", "I13"),
    ("结婚登记", "对", "-"),
    ("残疾人数", "人", "I08"),
    ("其中重度残疾人", "人", "I09"),
)
"""One figure a row, its unit in a column of its own."""
CROPS = (
    ("作物", "种植面积（万亩）", "总产量（吨）"),
    ("马铃薯", "C05", "-"),
    ("玉米", "C06", "-"),
    ("中药材", "-", "-"),
)
"""The unit in the head of the column."""
SAFETY = (
    ("安全生产", "安全大检查（次）", "H13", "消防演练（场次）", "-"),
    ("矛盾调处", "排查矛盾纠纷（条）", "H04", "调解成功（件）", "-"),
    ("群众工作", "办结信访案件（件）", "H08", "接待来访（批次）", "-"),
)
"""Label and figure side by side, twice a row."""
TABLES = (ITEMS, CROPS, SAFETY)
FOREIGN = ("37", "214", "1986", "42", "7358", "129", "63", "251", "18", "94", "76", "533")
"""What stands where the catalogue has no figure, in turn."""


def is_answer(cell: str) -> bool:
    """Whether a cell of a table above is a figure's, by its code or as one that is nobody's."""
    return cell == "-" or (len(cell) == 3 and cell[0].isascii() and cell[1:].isdigit())


def write_tabled(path: Path, printed: dict[str, str]) -> tuple[Path, list[str]]:
    """Write it, each figure as it is printed (a mark for a blank); its path, and the key of its answers in order."""
    document, key, foreign = Document(), list[str](), iter(FOREIGN)
    document.add_paragraph("示例镇2023年重点工作完成情况表")
    for rows in TABLES:
        document.add_paragraph("附表")
        table = document.add_table(len(rows), len(rows[0]))
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, words in zip(row.cells, cells, strict=True):
                if is_answer(words):
                    key.append(words)
                cell.text = printed.get(words) or (next(foreign) if words == "-" else words)
    document.save(str(path))
    return path, key
