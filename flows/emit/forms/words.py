"""What a form says: prompts, refusals, the checking relations as printed, and how to fill it in. Plain Chinese."""

from flows.emit.forms.layout import COVER_INPUTS, GLOSSARY, VILLAGE, AreaPage, FormLayout, ListPage
from schemas.expressions import bracketed
from schemas.records import Column, Indicator, Relation

FOOT = "　　　　　　".join(("单位负责人：", "审核人：", "填表人：", "联系电话：", "填表日期："))
BLANK_WORDS = {"zero": "空白按 0 处理", "missing": "必须填写，没有填 0", "not_applicable": "没有的可以空着"}
PROMPT_LIMIT, TITLE_LIMIT = 255, 32
"""Characters of a validation message and of its title (Excel specifications and limits)."""

NOTE_PROMPT = (
    "与上年相差较大、数字特殊或不符合表下须核对的关系的，在这里写明具体原因：发生了什么、涉及多少、依据是什么。"
    "只写“属实”“核实无误”不算说明。"
)
COVER_PROMPTS: dict[str, str] = dict(
    zip(
        COVER_INPUTS,
        ("填写人姓名。", "审核这份报表的负责人姓名。", "手机或座机号码，方便核对数据。", "例如 2024-01-05。"),
        strict=True,
    )
)


def cover_prompt(layout: FormLayout, label: str) -> str:
    """What a cell of the cover says when it is chosen."""
    field = next((field for field in layout.fields if field.name == label), None)
    required = "必须填写。" if field and field.required else ""
    return COVER_PROMPTS.get(label, "填写姓名。" if field and field.holds == "person" else f"填写{label}。") + required


def prompt_title(item: Indicator | Column) -> str:
    """The heading of a cell's prompt, within Excel's 32 characters."""
    code, name = (item.printed_code, item.printed_name) if isinstance(item, Indicator) else (item.code, item.name)
    return shortened(f"{code} {name}", TITLE_LIMIT)


def prompt_of(item: Indicator | Column, explained: str = "") -> str:
    """A cell's prompt within Excel's 255 characters: definition, unit, blank; last year's explanation if any."""
    tail = f"〔{_answer(item)}；{blank_words(item)}〕"
    past = shortened(f"\n上年说明：{explained}", PROMPT_LIMIT // 2) if explained else ""
    return shortened(item.definition, PROMPT_LIMIT - _length(tail) - _length(past)) + tail + past


def error_of(item: Indicator | Column) -> str:
    """What a cell says when it refuses an entry."""
    limits = [f"，不小于 {item.minimum}"] if item.minimum is not None else []
    limits += [f"，不大于 {item.maximum}"] if item.maximum is not None else []
    words = f"“{item.name}”这一格要填：{_answer(item)}{''.join(limits)}。需要解释的请写在“说明”栏。"
    return shortened(words, PROMPT_LIMIT)


def blank_words(item: Indicator | Column) -> str:
    """What an empty cell means."""
    if isinstance(item, Column):
        return "必须填写" if item.required else BLANK_WORDS[item.blank]
    if item.blank == "missing" and (takes_words(item) or (item.minimum or 0) > 0):
        return "必须填写"
    return BLANK_WORDS[item.blank]


def takes_text(item: Indicator | Column) -> bool:
    """Whether its cell takes any words."""
    return item.type == "text" or (isinstance(item, Indicator) and item.is_text and item.type != "choice")


def takes_words(item: Indicator | Column) -> bool:
    """Whether its cell takes words, also where it offers them."""
    return item.type == "choice" or takes_text(item)


def numbered(item: Indicator | Column) -> str:
    """The choices of an indicator with the numbers by which they may be answered; '' where there are none to print."""
    if isinstance(item, Column) or not item.choices:
        return ""
    plain = any(choice[0].isdigit() for choice in item.choices)
    return "　".join(choice if plain else f"{n}.{choice}" for n, choice in enumerate(item.choices, start=1))


def shortened(text: str, limit: int) -> str:
    """At most that many UTF-16 units, which is what Excel counts; what is cut ends in an ellipsis."""
    if _length(text) <= limit:
        return text
    return text.encode("utf-16-le")[: (limit - 1) * 2].decode("utf-16-le", errors="ignore") + "…"


def relation_words(page: AreaPage | ListPage) -> list[str]:
    """The checking relations as printed under a table: one paragraph of those that must hold, one of doubts."""
    relations = page.relations if isinstance(page, AreaPage) else page.line_list.relations
    parts = [relation.printed for relation in relations if _is_part(relation, page)]
    must = [f"其中项不得大于所属项（{'，'.join(parts)}）"] if parts else []
    others = [relation for relation in relations if not _is_part(relation, page)]
    must += _worded([relation for relation in others if relation.grade == "强制"])
    doubts = _worded([relation for relation in others if relation.grade == "核实"])
    where = "在“说明”栏" if has_reasons(page) else "退回后"
    kinds = (("须符合，不符合的改正后再报", must), (f"不符合的须核对，确实如此的{where}写明原因", doubts))
    return [f"〔{told}〕{_run_in(sentences)}" for told, sentences in kinds if sentences]


def has_reasons(page: AreaPage | ListPage) -> bool:
    """Whether its table has a column for reasons."""
    return isinstance(page, ListPage) or page.area.reason


def instructions(layout: FormLayout, page: AreaPage | ListPage) -> list[str]:
    """The 填表说明 under a table: who files, until when, what a blank means, where doubts go."""
    told = [f"本表由{layout.reporter}填报，报送期限：{_with_stop(layout.deadline)}"]
    if isinstance(page, AreaPage):
        told.append("只填浅黄色格，按表内计量单位只填数字，不写单位、不写“约”。" + _blanks(page))
        if page.area.reason:
            told.append("与上年相差较大的，也须在“说明”栏写明具体原因；只写“属实”“核实无误”不算说明。")
    else:
        told.append(f"{_with_stop(page.line_list.definition)}没有的整张表空着；行数不够的，可在表内插入行。")
        told.append("；".join(f"{c.name}：{c.definition.rstrip('。')}" for c in page.line_list.columns) + "。")
    return _numbered(told)


def guide(layout: FormLayout) -> list[str]:
    """How to fill the form in, on its cover."""
    told = [
        f"填好后保存，在期限内把整个文件报{layout.township}。报送期限：{_with_stop(layout.deadline)}",
        "只填浅黄色的格子，其余格子已锁定。锁定没有密码，只为防止误改；列宽、行高可以自己调。",
        "请用发给本单位的这份表，不要借用别的单位的表；不要改工作表名称、代码和表头。",
        "数字按表内的计量单位填，只填数字，不写单位、不写“约”。没有发生的填 0。",
        "点中格子会出现填报口径。" + (f"全部指标的口径见最后一张表“{GLOSSARY}”。" if layout.areas else ""),
    ]
    if layout.areas:
        told.append("“上年数”供对照，不用填。与上年相差较大或有疑问的，把具体原因写在该行的“说明”栏。")
    if layout.lists:
        told.append("明细表一个项目（设施）填一行；行数不够的，在表内插入行再填。")
    told.append("每张表下面印有审核关系和填表说明，报送前请对一遍；不符合的会退回重报。")
    told.append(f"打印用 A4 纸，由{'村（社区）' if layout.kind == VILLAGE else '站所'}负责人审核签字后留存。")
    return _numbered(told)


def _blanks(page: AreaPage) -> str:
    codes: dict[str, list[str]] = {}
    for item in page.indicators:
        codes.setdefault(blank_words(item), []).append(item.printed_code + item.period)
    zero = codes.pop(BLANK_WORDS["zero"], [])
    told = [f"{'、'.join(named)} {words}" for words, named in codes.items()]
    told += [f"{'其余' if told else ''}没有发生的填 0，空白也按 0 处理"] if zero else []
    return "；".join(told) + "。"


def _answer(item: Indicator | Column) -> str:
    if item.type == "choice":
        return f"从下拉列表中选一项{'：' if numbered(item) else ''}{numbered(item)}"
    if takes_text(item):
        return "文字"
    digits = f"最多 {item.decimals} 位小数" if item.decimals else "整数"
    return f"单位{item.unit}，{digits}" if item.unit else digits


def _is_part(relation: Relation, page: AreaPage | ListPage) -> bool:
    """Whether it only says that a 其中 item is not above the item that it is part of."""
    if isinstance(page, ListPage) or relation.relation != ">=":
        return False
    items = (line.indicator for line in page.lines if line.indicator.parent)
    return any((bracketed(i.parent or ""), bracketed(i.code)) == (relation.left, relation.right) for i in items)


def _worded(relations: list[Relation]) -> list[str]:
    """Each relation with its words; one that is also required the other way round is said once."""
    sides = {(r.left, r.right) for r in relations if r.relation == "requires"}
    said: set[tuple[str, str]] = set()
    sentences = []
    for relation in relations:
        both = relation.relation == "requires" and (relation.right, relation.left) in sides
        if both and (relation.right, relation.left) in said:
            continue
        said.add((relation.left, relation.right))
        words = f"{relation.printed} {relation.words.rstrip('。')}"
        sentences.append(words + "，反之亦然" if both else words)
    return sentences


def _run_in(sentences: list[str]) -> str:
    return "；".join(f"({number}) {sentence}" for number, sentence in enumerate(sentences, start=1)) + "。"


def _numbered(sentences: list[str]) -> list[str]:
    return [f"{number}．{sentence}" for number, sentence in enumerate(sentences, start=1)]


def _with_stop(sentence: str) -> str:
    return sentence if sentence.endswith("。") else sentence + "。"


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
