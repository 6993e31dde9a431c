"""Type, decimals and total of an answer, from its unit, its name and what its cell lets in."""

import re

from flows.adopt import words
from flows.adopt.found import INFERRED, PRINTED, UNSURE, Answer

_TEXT = re.compile(
    r"(姓名|名称|书记|主任|电话|手机|号码|地址|网址|邮箱|负责人|联系人|填表人|管护人|责任人|经办人|法定代表人|户主|日期|时间|简介|说明|备注|地点|文号|品牌|证号|"
    r"开户行|账号|村名|代码|编码|编号|单位|内容|性质|职务|职业|民族|性别|学历|文化程度|政治面貌|住址|型号|规格|来源|用途|去向|产品|事项|进度|关系)$"
)
_RATE = re.compile(r"(率|比重|比例|占比|指数|程度|增幅|增速|单价|价格)$|^(人均|户均|平均|亩均|村均)|平均")
_SMALL = re.compile(r"亩|元|公里|千米|吨|公斤|斤|公顷|平方|立方|千瓦|米|%|‰|km|㎡|kg|升")


def settle_type(answer: Answer, rule: str, places: int | None, shown: int | None) -> None:
    """Type, decimals and total of an answer without choices, from its unit, its name and what its cell lets in."""
    name = words.plain(answer.name)
    if not answer.unit:
        if name.startswith("是否") or name.endswith("是否"):
            answer.type, answer.choices, answer.keys, answer.total = "choice", ("是", "否"), ("是", "否"), "none"
            answer.note_evidence("choices", INFERRED, "名称里有“是否”")
            return
        if _TEXT.search(name) and rule not in ("whole", "decimal"):
            answer.type, answer.total = "text", "text"
            answer.note_evidence("type", INFERRED, "按名称")
            return
        if rule in ("whole", "decimal"):
            answer.note_evidence("unit", INFERRED, "表上没有单位")
        else:
            answer.note_evidence("unit", UNSURE, "表上没有单位，也可能是文字")
    if places is not None:
        answer.decimals = places
        answer.note_evidence("decimals", PRINTED)
    elif rule == "whole" or (shown is not None and shown > 0):
        answer.decimals = 0 if rule == "whole" else shown or 0
        answer.note_evidence("decimals", PRINTED, "单元格的格式")
    else:
        answer.decimals = 2 if _SMALL.search(answer.unit) else 0
        if answer.decimals:
            answer.note_evidence("decimals", INFERRED, "按计量单位")
    if answer.unit in ("%", "‰") or "/" in answer.unit or _RATE.search(name):
        answer.total = "none"
        answer.note_evidence("total", INFERRED, "比率、平均数不相加")
