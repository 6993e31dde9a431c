"""Which rows of a line list are entries: not the foot, not a total, not an example, not a row that says there is none.

What else stands on the sheet beside the table or under it is kept with its cells, so that it can be said.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from flows.reading.locate.lines import accounted
from flows.reading.locate.list_heads import ListTable, texts_of
from flows.reading.locate.vocabulary import Role, Words, bare_name, plain
from flows.values.sums import sum_above

_NONE = re.compile(
    r"((本|我|全)?(年|村|镇|社区|单位|办|站|所)?(暂|均|尚|都)?(无|没有|未发生|未开展|未实施)(发生|新增)?"
    r"(此|该|这|相关)?(类|项|种)?(项目|设施|情况|内容|数据)?[。.]?"
    r"|((本|我|全)(年|村|镇|社区|单位)(暂|均|尚|都)?(无|没有)|没有).{1,10}(项目|设施|情况|内容)[。.]?|[-—–_/\\*]+|〇|零|空|0+(\.0+)?)"
)
_NUMERAL = "[0-9０-９一二三四五六七八九十百两几各]"
_TOTAL = re.compile(
    rf"(.{{0,12}}(合计|合計|小计|小計|累计|累計|总计|總計|共计|共計))(完成|到位|下达)?(数|额|金额|资金|投资|总投资|项目数)?([:：(\[].*|{_NUMERAL}.*)?"
    rf"|(以上|上述){_NUMERAL}+(个|项|处|家|行|户).{{0,6}}|前{_NUMERAL}+(个|项|处|家|行)(项目|设施|合计|小计)?"
    rf"|(全村|全镇|全社区|本页|本村|总共|一共|合共|共|全部)*[:：]?{_NUMERAL}+(个|项|处|家)(项目|设施|工程)?"
    r"|(全村|全镇|本页|本村)?(总数|总和|总额|汇总)"
    r"|(sub-?|grand)?total[:：]?([0-9(\[].*|个?项目.*)?|sum[:：]?",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"[(\[【〔<]?(例如|比如|示例|样例|范例|举例|填写示例|填表示例|填报示例|例|如)[0-9一二三]?([)\]】〕>].*|[:,、;].+)"
    r"|(示例|样例|范例|举例|填写示例|填表示例|填报示例|例)[0-9一二三]?"
    r"|.+[(\[【](示例|样例|范例|举例|例)[)\]】]|([Xx×]{2,}|某某|\*{2,}|[○〇]{2,}).+"
)
_PRINTED = re.compile(
    r"[〔\[(【].*|[0-9]+[.、)].*|[一二三四五六七八九十]+[、.)].*|.*:|(填表|审核|填报|报送|制表|单位|统计).*"
)
_NUMBERING = re.compile(r"[0-9]+[.、)]?|[一二三四五六七八九十]+[.、)]?|\([0-9]+\)|[①-⑳]")
_MOST_NUMBER = 999
"""Largest number of a row: more would be a figure, and no list of a village is so long."""
MOST_OUTSIDE = 100
"""Cells outside one table that are kept: enough to name the first few and to say how many."""

Outside = tuple[int, int, str, str]
"""Row, column, text and kind of a cell."""


@dataclass(slots=True)
class ListRows:
    """The entries of one table, and what is set apart there, with row, column and text."""

    rows: list[int] = field(default_factory=list)
    totals: list[tuple[int, int, str]] = field(default_factory=list)
    examples: list[tuple[int, int, str]] = field(default_factory=list)
    beside: list[Outside] = field(default_factory=list)
    under: list[Outside] = field(default_factory=list)


def rows_of(table: ListTable, words: Words) -> ListRows:
    """Sort every row under the table's head."""
    found, below_foot = ListRows(), False
    for row in table.sheet.filled(table.first, table.end):
        said = {column for column, _, _ in table.sheet.said(row)}
        filled = [column for column in table.columns.values() if column in said]
        role = _first_role(table, row, words)
        if role and role.kind in ("code", "column"):
            break
        if role and (role.kind == "label" or (role.kind == "foot" and len(filled) < 3)):
            below_foot = True
            found.under += _outside(table, row, _accounted(table, row, words), below_foot, words)
            continue
        told = _sort(table, row, filled, below_foot, found, words)
        outside = found.under if below_foot else found.beside
        if len(outside) < MOST_OUTSIDE:
            known = {*table.columns.values(), table.note} if told else set()
            if row in {at for at, _, _ in (*found.totals, *found.examples)}:
                known.add(table.number)
            outside += _outside(table, row, known, below_foot, words)
    return found


def _sort(table: ListTable, row: int, filled: Sequence[int], below_foot: bool, found: ListRows, words: Words) -> bool:
    """Put a row where it belongs; whether its cells are told thereby."""
    if not filled:
        return False
    titles = _titles(table, row, words)
    if _repeats_head(table, row, filled, words):
        return True
    if example := next((place for place in titles if _EXAMPLE.fullmatch(plain(place[1]))), None):
        found.examples.append((row, example[0], _told(table, row, example[0], filled)))
    elif total := next(
        (place for place in titles if says_total(place[1], words)), _sum(table, row, titles, found, words)
    ):
        found.totals.append((row, total[0], _told(table, row, total[0], filled) + _sums(table, row, found.rows)))
    elif all(_says_none(table, row, column, words) for column in filled):
        return _says_none(table, row, table.note, words)
    elif len(filled) > 1 or not below_foot:
        found.rows.append(row)
    else:
        return False
    return True


def _repeats_head(table: ListTable, row: int, filled: Sequence[int], words: Words) -> bool:
    """Whether a row prints the columns' names once more, as on a second page."""
    wanted = words.wanted.lists[table.code].columns
    names = {column: bare_name(wanted[key]) for key, column in table.columns.items()}
    return len(filled) > 1 and all(bare_name(table.sheet.cell(row, at)[0]) == names[at] for at in filled)


def _sum(
    table: ListTable, row: int, titles: Sequence[tuple[int, str]], found: ListRows, words: Words
) -> tuple[int, str] | None:
    """Where a row says what it is, when it has no name, or but a column's, and is the sum of the entries above it."""
    names = {bare_name(name) for name in words.wanted.lists[table.code].columns.values()}
    own = [text for _, text in titles if not _NUMBERING.fullmatch(plain(text)) and bare_name(text) not in names]
    if own or not _sums(table, row, found.rows):
        return None
    return titles[-1] if titles else (min(table.columns.values()), "")


def says_total(text: str, words: Words) -> bool:
    """Whether a name is that of a total, a subtotal, or of a part of them."""
    role = words.role(text)
    return bool(role and role.kind == "total") or bool(_TOTAL.fullmatch(plain(text)))


def _titles(table: ListTable, row: int, words: Words) -> list[tuple[int, str]]:
    """The texts that say what a row is: those up to its first name, and its names."""
    names = [table.columns[key] for key in words.wanted.lists[table.code].names if key in table.columns]
    first = min(names, default=min(table.columns.values()))
    return [(column, text) for column, text in texts_of(table.sheet, row) if column <= first or column in names]


def _first_role(table: ListTable, row: int, words: Words) -> Role | None:
    """What the row's first text is: an entry begins with its number or a name, a foot line with a label."""
    return next((words.role(text) for _, text in texts_of(table.sheet, row)), None)


def _told(table: ListTable, row: int, column: int, filled: Sequence[int]) -> str:
    said = (table.sheet.cell(row, other)[0].strip() for other in dict.fromkeys((column, *filled)))
    return " ".join(filter(None, said))


def _says_none(table: ListTable, row: int, column: int | None, words: Words) -> bool:
    """Whether a cell says that there is nothing, or is blank: 无, 没有, /, —, 0, 本村无此类项目."""
    text = plain(table.sheet.cell(row, column)[0]) if column else ""
    name = plain(words.wanted.lists[table.code].name)
    return says_nothing(text.replace(name, "项目").replace("项目项目", "项目"))


def says_nothing(text: str) -> bool:
    """Whether a text says that there is nothing, or is blank."""
    text = plain(text)
    return not text or bool(_NONE.fullmatch(text))


def _sums(table: ListTable, row: int, above: Sequence[int]) -> str:
    """Said of a total whose figures are the sums of the entries above it."""
    return "（等于上面各行之和）" if sum_above([_figures(table, at) for at in above], _figures(table, row)) else ""


def _figures(table: ListTable, row: int) -> list[Decimal | None]:
    cells = (table.sheet.cell(row, column) for column in table.columns.values())
    return [Decimal(raw) if kind == "number" else None for raw, kind in cells]


def _outside(table: ListTable, row: int, known: set[int | None], below_foot: bool, words: Words) -> Iterator[Outside]:
    """The filled cells of a row that are neither told elsewhere, nor its number, nor printed, nor a dropdown's."""
    sheet, choices = table.sheet, words.wanted.lists[table.code].choices
    for column, raw, kind in sheet.said(row):
        text = plain(raw)
        if column in known or text in choices or _says_none(table, row, column, words):
            continue
        if column == table.number and (kind == "number" or _NUMBERING.fullmatch(text)):
            continue
        at_edge = column == sheet.left and _PRINTED.fullmatch(text)
        printed = _is_part(raw, words) or (below_foot and (at_edge or _spans(table, row, column)))
        if kind != "text" or not printed:
            yield row, column, raw.strip(), kind


def _accounted(table: ListTable, row: int, words: Words) -> set[int | None]:
    """The labels of a foot line and what stands behind them."""
    sheet = table.sheet
    columns = (column for column in range(sheet.left, sheet.right + 1) if sheet.cell(row, column)[1] != "blank")
    return {*accounted({column: sheet.cell(row, column)[0] for column in columns}, words)}


def _is_part(text: str, words: Words) -> bool:
    """Whether the text is one that a form prints: a title, a label, a foot line, a unit."""
    role = words.role(text)
    return bool(role and role.kind in ("label", "foot", "year", "measure", "head"))


def _spans(table: ListTable, row: int, column: int) -> bool:
    """Whether the cell is merged over several columns, as a form's printed paragraphs are."""
    merge = table.sheet.merge(row, column)
    return merge is not None and merge[3] > merge[1]


def numbers_of(table: ListTable, rows: Sequence[int]) -> list[int]:
    """The printed number of each entry, by which people call it; their order where not each has its own."""
    said = [_printed_number(table, row) for row in rows]
    if None in said or len(set(said)) < len(said):
        return list(range(1, len(rows) + 1))
    return [number for number in said if number]


def _printed_number(table: ListTable, row: int) -> int | None:
    if table.number is None or table.number in table.columns.values():
        return None
    text = plain(table.sheet.cell(row, table.number)[0]).rstrip(".、)")
    number = int(text) if re.fullmatch("[0-9]{1,6}", text) else 0
    return number if 0 < number <= _MOST_NUMBER else None
