"""Units of measure as they follow a blank: 户, 余万亩, 人（次）, ㎡; which mean the same and which might."""

import re
from functools import lru_cache
from typing import NamedTuple

_SAME = {
    "人": ("人", "名", "位"),
    "人次": ("人次", "人（次）", "人(次)", "名次"),
    "户次": ("户次", "户（次）", "户(次)"),
    "家次": ("家次", "家（次）", "家(次)"),
    "次": ("次", "场次", "场（次）", "场(次)", "场", "期", "轮次", "轮", "批次", "班次", "堂", "回"),
    "户": ("户",),
    "个": ("个",),
    "家": ("家",),
    "条": ("条",),
    "件": ("件", "宗", "起", "例"),
    "项": ("项",),
    "处": ("处", "所"),
    "座": ("座", "栋", "幢"),
    "份": ("份",),
    "㎡": ("平方米", "㎡", "m²", "m2", "平米"),
    "亩": ("亩",),
    "元": ("元", "块钱"),
    "米": ("米", "m"),
    "公里": ("公里", "千米", "km", "KM"),
    "吨": ("吨", "t"),
    "方": ("立方米", "m³", "m3", "方"),
    "株": ("株", "棵"),
    "头只": ("头（只）", "头(只)", "头/只", "头只", "（头、只）", "头、只", "只（头）"),
    "头": ("头",),
    "只": ("只", "羽"),
    "粒": ("粒",),
    "%": ("%", "％", "﹪"),
}
_OTHERS = (
    "平方公里", "公顷", "公斤", "斤", "个百分点", "百分点", "组", "套", "辆", "台", "间", "孔", "眼", "支", "队", "岁",
    "天", "个月", "月", "日", "时", "分", "篇", "幅", "块", "桶", "盏", "棚", "车", "张", "本", "对", "口", "级", "倍",
    "千瓦",
    "立方", "道", "面", "门", "批", "枚", "罐", "袋", "类", "门类", "大类", "年",
)  # fmt: skip
"""Units in which no figure of the catalogue is counted: a blank before one is some other figure."""
_NOT_THEN = {
    "人": "民大社才居均文物口", "方": "面案式法向针便", "家": "庭园乡校长企", "条": "例款", "处": "理长置罚",
    "座": "谈", "只": "有要", "元": "旦", "次": "会全年", "项": "目", "户": "籍口外", "个": "人", "名": "为称单义",
    "分": "别", "时": "代期间", "面": "积山对", "本": "级地村镇", "道": "路", "类": "型", "队": "伍",
    "位": "于", "场": "所", "期": "间", "日": "光", "车": "间", "支": "部持付", "组": "织建", "台": "账", "批": "准",
    "年": "产龄轻来", "所": "有在属",
}  # fmt: skip
"""Characters that make another word of a unit: 方 in 方面, 人 in 人民."""
_ENDS_A_CLAUSE = {"对"}
"""Units that are a word of their own anywhere else: 总书记对我省的指示."""
_KIND = {word: kind for kind, words in _SAME.items() for word in words} | dict.fromkeys(_OTHERS, "别")
_FAMILIES = (
    {"人", "人次"}, {"次", "人次", "户次", "家次"}, {"个", "条", "件", "项", "处", "座", "份", "次"},
    {"家", "户", "个"}, {"头", "只", "头只"}, {"户", "户次"}, {"家", "家次"}, {"米", "公里"}, {"处", "个", "家"},
    {"人", "个"}, {"座", "个"}, {"户", "座"}, {"份", "人"},
)  # fmt: skip
"""Kinds that writers take for one another."""


def _whole(word: str) -> str:
    if word in _ENDS_A_CLAUSE:
        return word + r"(?=\s*[，。；、：,;])"
    longer = f"(?![{_NOT_THEN[word]}])" if word in _NOT_THEN else ""
    return re.escape(word) + longer + ("(?![A-Za-z])" if word.isascii() else "")


_UNIT = "(?:" + "|".join(_whole(word) for word in sorted(_KIND, key=len, reverse=True)) + ")"
_ABOUT = r"\s*(?:余|多|来|左右|以上)?\s*"
UNIT_AHEAD = rf"(?:{_ABOUT}[万亿千百]?[余多]?\s*{_UNIT})"
_AFTER = re.compile(rf"{_ABOUT}([万亿千百]?)[余多]?\s*({_UNIT})(?:左右|以上|以内)?")
_BRACKETED = re.compile(rf"[（(](?:单位[:：])?\s*([万亿千百]?)({_UNIT})\s*[）)]")


class Unit(NamedTuple):
    """A unit as written: its words, the power before it (万, 亿 or none), its kind (人 for 名), how long it stands."""

    unit: str
    power: str = ""
    kind: str = ""
    length: int = 0


NONE = Unit("")


def unit_after(text: str) -> Unit:
    """The unit at the start of what follows a blank, 余, 多 and 左右 beside it included; NONE without one."""
    match = _AFTER.match(text)
    return Unit(match[1] + match[2], match[1], _KIND[match[2]], match.end()) if match else NONE


def unit_in_brackets(text: str) -> Unit:
    """The unit of a table's head or label, `户数（户）`; NONE without one."""
    match = _BRACKETED.search(text)
    return Unit(match[1] + match[2], match[1], _KIND[match[2]]) if match else NONE


def unit_of_heads(heads: str) -> Unit:
    """The unit that heads a table's row or column, in brackets or in a cell of its own; NONE without one."""
    for head in heads.split("，"):
        found = unit_after(f"{head}，")
        if found.unit and found.length == len(head):
            return found._replace(length=0)
    return unit_in_brackets(heads)


@lru_cache(1 << 12)
def unit_of(words: str) -> Unit:
    """A catalogue's unit, as 万头只; NONE for ''."""
    power = words[0] if words[:1] in "万亿" and len(words) > 1 else ""
    return Unit(words, power, _KIND.get(words[len(power) :], "别")) if words else NONE


@lru_cache(1 << 14)
def likeness(written: Unit, printed: Unit) -> float:
    """How well the unit after a blank suits the unit a figure is printed in: 1 the same, 0 possible, -1 not."""
    if not written.unit or not printed.unit:
        return 0.0
    if written.kind == printed.kind and written.kind != "别":
        return 1.0 if written.power == printed.power else 0.6
    if written.kind == printed.kind == "别":
        return 1.0 if written.unit == printed.unit else -1.0
    related = any({written.kind, printed.kind} <= family for family in _FAMILIES)
    return (0.35 if written.power == printed.power else 0.0) if related else -1.0
