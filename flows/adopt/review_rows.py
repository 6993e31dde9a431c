"""核对表.xlsx's words: its sheets, their heads, what may be chosen, and the cells of an answer and of a relation.

Who writes the workbook and who reads it back speak by these.
"""

from collections.abc import Mapping

import msgspec

from flows.adopt.found import INFERRED, PROPERTIES, UNSURE, Answer, FoundForm, FoundRelation, FoundSheet, address

DATA, TABLES, ANSWERS, RELATIONS, LAST = "_数据", "各表", "指标", "审核关系", "上年的表"
TABLE_HEADS = ("序号", "文件", "工作表", "起始行", "类别名称", "填法", "收不收", "把握", "依据", "确认", "谁来报")
ANSWER_HEADS = (
    "序号", "工作表", "单元格", "代码", "所在标题", "名称", "计量单位", "小数位", "类型", "选项", "上级", "时期",
    "汇总办法", "收不收", "把握", "存疑的是 / 依据", "确认", "与上年", "上年的指标",
)  # fmt: skip
RELATION_HEADS = (
    "序号", "出处", "表上的原文", "左边", "关系", "右边", "说明", "等级", "样本", "收不收", "把握", "依据", "确认",
)  # fmt: skip
FILLINGS = {
    "vertical": "竖表：一行一个指标",
    "wide": "宽表：一行一个村",
    "list": "明细表：一行一项",
    "cross": "交叉表：行列相交",
    "sentence": "一句话里的空",
}
TYPES = {"number": "数字", "text": "文字", "choice": "选项"}
TOTALS = {"sum": "相加", "none": "不汇总", "text": "文字"}
SIGNS = {">=": "≥", "<=": "≤", "==": "＝", ">": "＞", "<": "＜", "!=": "≠", "requires": "有数则须有"}
GRADES = ("强制", "核实")
KEEP, LEAVE, YES = "收", "不收", "是"
VILLAGES = "各村（社区）"
"""Who reports a table, unless it is an office."""


class Carried(msgspec.Struct):
    """What the hidden sheet carries."""

    forms: list[FoundForm]
    areas: list[dict[int, str]]
    offices: dict[str, str] = {}


def who(reporter: str, offices: Mapping[str, str]) -> str:
    """Who reports a table, in words."""
    return offices.get(reporter, reporter) or VILLAGES


def level_of(relation: FoundRelation) -> str:
    """The evidence of a relation; one that some samples break is unsure."""
    return UNSURE if relation.tried and relation.held < relation.tried else relation.evidence.level


def answer_cells(answer: Answer, sheet: FoundSheet, form: FoundForm) -> list[str | int]:
    """An answer as its row shows it, from 单元格 on."""
    parent = next((one for one in sheet.answers if one.id == answer.parent), None)
    why = "；".join(answer.doubts) or "；".join(
        f"{PROPERTIES[key]}：{one.why}" for key, one in answer.evidence.items() if one.level == INFERRED and one.why
    )
    return [
        address(answer.place), answer.code, "＞".join(answer.section), answer.name, answer.unit, answer.decimals,
        TYPES[answer.type], "、".join(answer.choices), _named(parent) if parent else "", answer.period,
        TOTALS["text" if answer.type == "text" else answer.total], KEEP, answer.level, why, "",
        answer.last, form.last_codes.get(answer.last_code, ""),
    ]  # fmt: skip


def relation_cells(one: FoundRelation, form: FoundForm) -> list[str | int]:
    """A relation as its row shows it, from 表上的原文 on."""
    held = f"{one.tried} 份样本中 {one.held} 份相符" if one.tried else ""
    return [
        one.printed,
        *(_shown_side(one.left, one, form), SIGNS.get(one.relation, ""), _shown_side(one.right, one, form)),
        *(one.words, one.grade, held, KEEP, level_of(one), one.evidence.why, ""),
    ]


def _shown_side(side: str, one: FoundRelation, form: FoundForm) -> str:
    """A side with cells for ids: those of the relation's own sheet without the sheet's number."""
    own = str(number_of(one, form))
    return side.replace(f"[{own}.", "[")


def number_of(one: FoundRelation, form: FoundForm) -> int:
    """The number of the sheet that a relation stands on."""
    name = one.place.rsplit("!", 1)[0]
    return next((sheet.number for sheet in form.sheets if sheet.name == name), form.sheets[0].number)


def _named(answer: Answer) -> str:
    """An answer as the review names a parent: its cell and its name."""
    return f"{address(answer.place)} {answer.name}"
