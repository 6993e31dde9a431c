"""The catalogue's terms in a reader's words: who reports a figure, how it totals, what a blank means."""

from schemas.catalogue import Catalogue
from schemas.records import Column, Indicator

BLANKS = {"zero": "空着当作 0", "missing": "必须填写", "not_applicable": "空着表示没有这项数"}


def source(catalogue: Catalogue, item: Indicator) -> str:
    """Who reports a figure, or what it is made from."""
    if item.reporter == "office" and item.office:
        return catalogue.offices[item.office].name
    if item.reporter == "village":
        return "各村"
    if item.list:
        return f"{catalogue.lists[item.list].name}明细表"
    return "填报单位名册" if item.total == "units" else "由其他指标得出"


def totalling(catalogue: Catalogue, item: Indicator) -> str:
    """How the township's figure comes about, naming what it is made from."""
    where = item.terrain or "各"
    base = catalogue.indicators[item.of].name if item.of else item.name
    match item.total:
        case "sum":
            return f"{where}村“{base}”相加" if item.of else "各村相加" if item.reporter == "village" else "取站所所报数"
        case "ratio":
            above, below = (catalogue.indicators[code or ""].name for code in (item.numerator, item.denominator))
            times = f"×{item.times}" if item.times != 1 else ""
            return f"{above}÷{below}{times}，用合计数计算"
        case "count" if item.choice:
            return f"“{base}”填“{item.choice}”的{item.terrain or ''}村数"
        case "count":
            return f"“{base}”大于 0 的{item.terrain or ''}村数"
        case "names":
            return f"“{base}”大于 0 的{item.terrain or ''}村名，数大的在前"
        case "typical":
            return f"{where}村“{base}”中最常见的数" if item.of else "各村中最常见的数"
        case "last":
            return "取最近一次所报数"
        case "text":
            return "各村所填文字依次列出"
        case "choice":
            return "各村所选各有几个"
        case "none":
            return "不合计"
        case "weighted":
            return f"各村的数按“{catalogue.indicators[item.weight or ''].name}”加权平均"
        case "units":
            return "名册中应报的村（社区）个数"
    return _from_list(catalogue, item)


def _from_list(catalogue: Catalogue, item: Indicator) -> str:
    assert item.list and item.aggregate  # an indicator of no other kind has neither
    line_list = catalogue.lists[item.list]
    rows = "、".join(item.where.values())
    table = f"{line_list.name}明细表"
    of = f"{table}中“{rows}”各行" if rows else table
    column = f"“{line_list.by_code[item.column].name}”" if item.column else ""
    return {
        "sum": f"{of}{column}相加",
        "count": f"{of}的行数",
        "units": f"{of}所在的村，{column + '大' if column else '行数多'}的在前",
        "first": f"{table}{f'中“{rows}”' if rows else ''}第一行的{column}",
    }[item.aggregate]


def asked_of(column: Column) -> str:
    """What a list's column takes."""
    if column.type == "choice":
        return "选填：" + "、".join(column.choices)
    return "数字" if column.type == "number" else "文字"
