"""What is wrong with a catalogue that reads well: names of nothing, names used twice, what no sheet can hold."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from schemas.expanded import Meaning, code_of_choice
from schemas.expressions import RowsError, Side
from schemas.faults import nearest
from schemas.levels import totals_sheets
from schemas.names import code_key, plain, unbracketed
from schemas.outputs import OWN_SHEETS
from schemas.records import Column, CoverField, Indicator, LineList, Relation, Target

NO_SHEET = re.compile(r"[\[\]:*?/\\]|^'|'$|[\x00-\x1f]")
LONGEST_SHEET = 31
"""Characters of a sheet's name (Excel specifications and limits)."""
_CODE = re.compile(r"[0-9A-Z]{1,20}")
_FORM_CODE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff.\-]{1,12}")
_HEADS = ("序号", "指标名称", "计量单位", "代码", "本年", "本年数", "上年数", "说明", "备注")
"""Heads of a form's own columns, which no period can have."""
_IDENTITY = ("填报单位", "单位名称", "单位代码", "年度")
"""Labels of a cover by which it is known whose form it is."""
_LONGEST_LABEL = 12
_FORM_CODE_WORDS = "表上的代码用数字、字母、汉字、点和横线，不超过 12 个字"
_CODE_WORDS = "代码只用数字和大写英文字母，不超过 20 个"


_EXPRESSION = (
    "应为指标代码的加减，如 X1 + X2 - 2 * [103]（不以字母开头的代码写在方括号里），"
    "几行之和写 [101:105]，相除写 A / B，只除一次"
)


class Wrong(NamedTuple):
    """A fault of what is declared under `subject` (a code or a name), at its `key`.

    `kind` is the table of what has no code of the forms: areas, fields, targets; their names may be equal.
    """

    subject: str
    key: str
    found: str
    allowed: str = ""
    kind: str = ""


def wrongs(catalogue: Any) -> Iterator[Wrong]:
    """Every fault of a catalogue whose files could be read."""
    yield from _areas(catalogue)
    alike = _Alike(catalogue.indicators.values())
    for item in catalogue.indicators.values():
        yield from _indicator(item, catalogue, alike)
    for line_list in catalogue.lists.values():
        yield from _list(line_list, catalogue)
    meanings = catalogue.meanings()
    for relation in catalogue.relations.values():
        yield from _relation(relation, catalogue.indicators, meanings[relation.id])
    for field in catalogue.fields.values():
        yield from (wrong._replace(kind="fields") for wrong in _cover_field(field, catalogue))
    for target in catalogue.targets.values():
        yield from (wrong._replace(kind="targets") for wrong in _target(target, catalogue))


def _target(target: Target, catalogue: Any) -> Iterator[Wrong]:
    yield from _unit(target.code, "unit", target.unit, catalogue)
    yield from _named(target.code, "actual", target.actual, catalogue.indicators)
    yield from _named(target.code, "area", target.area, catalogue.areas, "类别")


def _cover_field(field: CoverField, catalogue: Any) -> Iterator[Wrong]:
    """Whether a label of the cover can be told from everything else on a form."""
    name, taken = plain(field.name), {*_IDENTITY, *_HEADS}
    if not name or len(name) > _LONGEST_LABEL or re.search(r"[:：、；;，,\x00-\x1f]", field.name):
        allowed = f"1 到 {_LONGEST_LABEL} 个字，不得有冒号、逗号、分号、顿号和换行"
        yield Wrong(field.key, "name", f"name 写的是“{field.name}”", allowed)
    elif name in taken or any(unbracketed(item.printed_name) == name for item in catalogue.indicators.values()):
        yield Wrong(field.key, "name", f"“{field.name}”是表上别的名称", "封面的栏目请另取一个名称")
    elif same := [
        other.key for other in catalogue.fields.values() if other.key != field.key and plain(other.name) == name
    ]:
        yield Wrong(field.key, "name", f"“{field.name}”与 {'、'.join(same)} 的相同", "封面的栏目不得同名")


def _areas(catalogue: Any) -> Iterator[Wrong]:
    areas = catalogue.areas.values()
    for key, words in (("letter", "字母"), ("number", "序号")):
        times = Counter(getattr(area, key) for area in areas)
        for area in (area for area in areas if getattr(area, key) != ""):
            if times[getattr(area, key)] > 1:
                yield Wrong(area.name, key, f"类别{words} {getattr(area, key)} 用了不止一次", "各类别不得相同", "areas")
    for area in areas:
        if not re.fullmatch("[A-Z]?", area.letter):
            yield Wrong(area.name, "letter", f"类别字母写的是“{area.letter}”", "应为一个大写英文字母", "areas")
    names = Counter(one.name.lower() for one in (*areas, *catalogue.lists.values()))
    called = [("areas", area.name, area.name) for area in areas]
    for kind, subject, name in called + [("", one.code, one.name) for one in catalogue.lists.values()]:
        if why := _no_sheet(name, names):
            allowed = f"工作表名称不得超过 {LONGEST_SHEET} 个字、不得有 [ ] : * ? / \\、不得重复"
            yield Wrong(subject, "name", f"“{name}”不能作工作表的名称：{why}", allowed, kind)


def _no_sheet(name: str, names: Mapping[str, int]) -> str:
    """Why no sheet can be called that."""
    units = len(name.encode("utf-16-le")) // 2
    if not name.strip():
        return "没有写"
    if units > LONGEST_SHEET:
        return f"有 {units} 个字"
    if found := NO_SHEET.search(name):
        return f"有 {found[0]}"
    if name.lower() in (own.lower() for own in (*OWN_SHEETS, *totals_sheets())):
        return "程序自己的工作表用了这个名称"
    return "用了不止一次" if names[name.lower()] > 1 else ""


def _indicator(item: Indicator, catalogue: Any, alike: "_Alike") -> Iterator[Wrong]:
    code, area = item.code, catalogue.areas[item.area]
    if not _CODE.fullmatch(code):
        yield Wrong(code, "", f"{area.name}里有代码 {code}", _CODE_WORDS)
    elif area.letter and code[0] != area.letter:
        yield Wrong(code, "", f"{area.name}里有代码 {code}", f"这一类写了 letter，代码应以 {area.letter} 开头")
    yield from _unit(code, "unit", item.unit, catalogue)
    yield from _unit(code, "printed_unit", item.printed_unit, catalogue)
    for key in ("numerator", "denominator", "of", "outlier_per", "weight"):
        yield from _named(code, key, getattr(item, key), catalogue.indicators)
    yield from _named(code, "office", item.office, catalogue.offices, "站所")
    yield from _named(code, "terrain", item.terrain, catalogue.terrains, "地形")
    yield from _named(code, "list", item.list, catalogue.lists, "明细表")
    for name in item.also:
        yield from _named(code, "also", name, catalogue.areas, "类别")
    if item.list in catalogue.lists:
        columns = catalogue.lists[item.list].by_code
        for key, column in (("column", item.column), *(("where", column) for column in item.where)):
            yield from _named(code, key, column, columns, f"明细表 {item.list} 的栏目")
        for column, choice in item.where.items():
            if column in columns and columns[column].choices:
                yield from _named(code, "where", choice, columns[column].choices, f"{columns[column].name}的选项")
    if item.since and item.until and item.since > item.until:
        yield Wrong(code, "until", f"since {item.since} 在 until {item.until} 之后", "先开始，后停用")
    if item.parent and (item.parent not in catalogue.indicators or catalogue.indicators[item.parent].area != item.area):
        yield Wrong(code, "parent", f"{code} 的 parent {item.parent} 不在同一文件里")
    elif code in _above(item, catalogue.indicators):
        yield Wrong(code, "parent", f"{code} 经 parent 又回到自己", "上下级不得成环")
    yield from _told_apart(item, alike)
    yield from _form_code(item, alike, catalogue)
    yield from _answered(item, catalogue)
    yield from _column_of(item, catalogue)
    if item.factor <= 0:
        yield Wrong(code, "factor", f"factor 写的是 {item.factor}", "应为正整数")


def _answered(item: Indicator, catalogue: Any) -> Iterator[Wrong]:
    """What it is answered with, and how the answers total."""
    code = item.code
    yield from _choices(code, item.name, item.type, item.choices)
    for place, choice in enumerate(item.choices, start=1):
        if re.search("[,，、]", choice):
            yield Wrong(code, "choices", f"{item.name}的选项“{choice}”", "选项里不得有逗号、顿号")
        other = catalogue.indicators.get(code_of_choice(item, place))
        if item.total == "choice" and other and other.of != code:
            yield Wrong(other.code, "", f"代码 {other.code} 是“{item.name}”第 {place} 个选项的", "请另取一个代码")
    if item.choice and item.of in catalogue.indicators:
        yield from _named(code, "choice", item.choice, catalogue.indicators[item.of].choices, "选项")
    if item.is_text and item.type != "number" and item.total not in ("text", "choice", "none"):
        yield Wrong(code, "total", f"{item.name}填的是文字，total 写的是 {item.total}", "文字只能是 text 或 none")
    elif item.type != "choice" and item.total == "choice":
        yield Wrong(code, "total", "total 写的是 choice", 'type = "choice" 的才按选项数个数')
    if (item.total == "weighted") is not bool(item.weight):
        yield Wrong(
            code, "weight", f"{item.name}的 total 是 {item.total}", 'total = "weighted" 的要写 weight，别的不写'
        )
    elif item.weight in catalogue.indicators:
        by = catalogue.indicators[item.weight]
        if by.is_text or by.reporter == "derived" or (by.reporter, by.office) != (item.reporter, item.office):
            yield Wrong(code, "weight", f"weight 写的是 {by.code} {by.name}", "应为同一家填报的数")


def _column_of(item: Indicator, catalogue: Any) -> Iterator[Wrong]:
    """What is answered in a column of its own on another's row."""
    code, row = item.code, catalogue.indicators.get(item.row)
    yield from _named(code, "row", item.row, catalogue.indicators)
    if bool(item.row) is not bool(item.period):
        yield Wrong(code, "row" if item.row else "period", f"{code} 只写了 row、period 中的一个", "两个都写，或都不写")
    if item.period and (item.period != item.period.strip() or plain(item.period) in _HEADS):
        yield Wrong(code, "period", f"period 写的是“{item.period}”", f"前后不得有空格，不得是 {'、'.join(_HEADS)}")
    if row is None:
        return
    if (
        row.row
        or row.reporter == "derived"
        or (row.area, row.reporter, row.office) != (item.area, item.reporter, item.office)
    ):
        yield Wrong(code, "row", f"row 写的是 {row.code} {row.name}", "应为同一张表、同一家填报、自己占一行的指标")
    if (row.unit, row.type) != (item.unit, item.type):
        yield Wrong(code, "unit", f"{code} 与所在行 {row.code} 的计量单位或 type 不同", "同一行只印一个计量单位")
    for other in catalogue.indicators.values():
        if other.code != code and (other.row, plain(other.period)) == (item.row, plain(item.period)):
            yield Wrong(code, "period", f"{row.code} 行的“{item.period}”一栏写了两次（{code}、{other.code}）")


class _Alike:
    """The indicators by what tells their rows apart on forms, so that those alike need not be looked for."""

    def __init__(self, items: Iterable[Indicator]) -> None:
        self._names, self._bare, self._codes = (defaultdict[Any, list[Indicator]](list) for _ in range(3))
        for item in items:
            self._names[self._named(item)].append(item)
            if not item.row:
                self._codes[self._coded(item)].append(item)
                if item.reporter != "derived":
                    self._bare[self._barely_named(item)].append(item)

    def by_name(self, item: Indicator) -> list[Indicator]:
        """Others of its name under its headings."""
        return _but(item, self._names[self._named(item)])

    def without_brackets(self, item: Indicator) -> list[Indicator]:
        """Others under its headings with a row on forms, whose names are the same without their brackets."""
        reported = item.reporter != "derived" and not item.row
        return _but(item, self._bare[self._barely_named(item)]) if reported else []

    def by_code(self, item: Indicator) -> list[Indicator]:
        """Other rows of its form with its printed code."""
        return [] if item.row else _but(item, self._codes[self._coded(item)])

    @staticmethod
    def _named(item: Indicator) -> tuple:
        return item.area, item.section, plain(item.printed_name)

    @staticmethod
    def _barely_named(item: Indicator) -> tuple:
        return item.area, item.section, unbracketed(item.printed_name)

    @staticmethod
    def _coded(item: Indicator) -> tuple:
        return item.area, item.reporter, code_key(item.printed_code)


def _but(item: Indicator, items: Iterable[Indicator]) -> list[Indicator]:
    return [other for other in items if other.code != item.code]


def _told_apart(item: Indicator, alike: _Alike) -> Iterator[Wrong]:
    """Whether its row can be told from every other by its name under its headings."""
    code = item.code
    for heading in (heading for heading in item.section if not heading.strip() or not heading.isprintable()):
        yield Wrong(code, "section", f"{code} 的 section 里有“{heading}”", "每一级标题都要有字，不得换行")
    if same := [other.code for other in alike.by_name(item)]:
        allowed = "" if item.section else "同名的指标要用 section 写明各在哪个标题下"
        yield Wrong(code, "name", f"指标名称重复：“{item.printed_name}”（{'、'.join(sorted([code, *same]))}）", allowed)
    elif bare := alike.without_brackets(item):
        told = "、".join(f"{other.code} {other.printed_name}" for other in bare)
        allowed = "填表人会改动括号，同一标题下的名称不看括号也要不同"
        yield Wrong(code, "name", f"“{item.printed_name}”去掉括号后与 {told} 同名", allowed)


def _form_code(item: Indicator, alike: _Alike, catalogue: Any) -> Iterator[Wrong]:
    """Whether its row can be told from every other by its printed code."""
    code, key = item.code, code_key(item.printed_code)
    if item.form_code and not _FORM_CODE.fullmatch(item.form_code):
        yield Wrong(code, "form_code", f"form_code 写的是“{item.form_code}”", _FORM_CODE_WORDS)
    if same := [other.code for other in alike.by_code(item)]:
        found = f"{code} 在表上的代码“{item.printed_code}”与 {'、'.join(same)} 的相同"
        yield Wrong(code, "form_code", found, "一张表里各行的代码不得相同（01 和 1 算相同）")
    if item.form_code and any(key in map(code_key, one.by_code) for one in catalogue.lists.values()):
        yield Wrong(code, "form_code", f"form_code “{item.form_code}”是明细表的列代码", "请另取一个")


def _above(item: Indicator, indicators: Mapping[str, Indicator]) -> list[str]:
    """The codes above an indicator, each once."""
    found: list[str] = []
    while item.parent and item.parent in indicators and item.parent not in found:
        found.append(item.parent)
        item = indicators[item.parent]
    return found


def _list(line_list: LineList, catalogue: Any) -> Iterator[Wrong]:
    code = line_list.code
    if not _CODE.fullmatch(code) or code in catalogue.indicators:
        allowed = "已是指标的代码，请另取一个" if code in catalogue.indicators else _CODE_WORDS
        yield Wrong(code, "code", f"明细表代码写的是“{code}”", allowed)
    yield from _named(code, "area", line_list.area, catalogue.areas, "类别")
    yield from _named(code, "office", line_list.office, catalogue.offices, "站所")
    for column in line_list.columns:
        yield from (wrong._replace(subject=f"{code}.{column.code}") for wrong in _column(column, line_list, catalogue))
    for relation in line_list.relations:
        yield from _relation(relation, line_list.by_code)


def _column(column: Column, line_list: LineList, catalogue: Any) -> Iterator[Wrong]:
    code = column.code
    if not _CODE.fullmatch(code):
        yield Wrong(code, "", f"{line_list.name}里有栏目代码 {code}", _CODE_WORDS)
    elif code in catalogue.indicators or sum(code in one.by_code for one in catalogue.lists.values()) > 1:
        yield Wrong(code, "", f"{line_list.name}里有栏目代码 {code}", "别的指标或明细表已用过，请另取一个")
    yield from _unit(code, "unit", column.unit, catalogue)
    yield from _unit(code, "printed_unit", column.printed_unit, catalogue)
    yield from _choices(code, column.name, column.type, column.choices)


def _choices(code: str, name: str, kind: str, choices: tuple[str, ...]) -> Iterator[Wrong]:
    if (kind == "choice") is not bool(choices):
        yield Wrong(code, "choices", f"{name}的 type 是 {kind}", 'type = "choice" 的要写 choices，别的不写')
    for choice in dict.fromkeys(choices):
        if choice != choice.strip() or not choice or re.search(r"[\x00-\x1f]", choice):
            yield Wrong(code, "choices", f"{name}的选项“{choice}”", "选项不得空着，前后不得有空格，不得换行")
        elif choices.count(choice) > 1:
            yield Wrong(code, "choices", f"{name}的选项“{choice}”写了不止一次")


def _relation(relation: Relation, known: Mapping[str, Any], meaning: Meaning | None = None) -> Iterator[Wrong]:
    """Faults of a relation over indicators, or (without `meaning`) over the columns of a list."""
    sides: list[Side] = []
    for key in ("left", "right"):
        written = getattr(relation, key)
        try:
            sides.append(Side.parse(written, meaning.code_of, meaning.rows_of) if meaning else Side.parse(written))
        except RowsError as error:
            yield Wrong(relation.id, key, str(error), "从哪一行到哪一行，写成 [101:105]")
            continue
        except ValueError:
            yield Wrong(relation.id, key, f"{key} 写的是“{written}”", _EXPRESSION)
            continue
        for code in sides[-1].codes:
            yield from _named(relation.id, key, code, known)
            if code in known and (known[code].is_text if meaning else known[code].type != "number"):
                yield Wrong(relation.id, key, f"{key} 用到 {code} {known[code].name}，它填的不是数")
    quotient = any(side.below for side in sides)
    if relation.tolerance < 0 or (relation.tolerance and relation.relation not in ("==", ">=", "<=")):
        yield Wrong(relation.id, "tolerance", f"tolerance 写的是 {relation.tolerance}", "应为正数，只用于 ==、>=、<=")
    if quotient and relation.relation == "requires":
        yield Wrong(relation.id, "relation", "requires 的两边不能是相除", "应为一个指标，或几个指标的和")


def _unit(subject: str, key: str, unit: str | None, catalogue: Any) -> Iterator[Wrong]:
    if unit and not catalogue.measures.knows(unit):
        near = nearest(unit, catalogue.measures.words)
        yield Wrong(subject, key, f"不认识的计量单位“{unit}”", f"{near}新的单位先写进 measures.toml")


def _named(subject: str, key: str, name: str | None, known: Any, kind: str = "指标") -> Iterator[Wrong]:
    if name and name not in known:
        yield Wrong(subject, key, f"{subject} 用到没有声明的{kind} {name}", nearest(name, known))
