"""Tables whose rows are named at the left: vertical ones with one figure a row, and cross tables."""

import re
from collections import Counter

from flows.adopt import words
from flows.adopt.choices import Choices, choices_of, items, without_choices
from flows.adopt.families import Row, ordered
from flows.adopt.found import INFERRED, PRINTED, UNSURE, Answer, Block, address
from flows.adopt.heads import Group, Table, head_path
from flows.adopt.pages import Page, Place
from schemas.adopted import Label, LabelKind

BLANK, BARRED, FILLED, TICKS, FORMULA, WORDS = "blank", "barred", "filled", "ticks", "formula", "words"
_PLACEHOLDER = re.compile(r"[_＿\s\u3000.…()（）]*|0+(?:\.0+)?|(?:[_＿\s\u3000]*[年月日时][_＿\s\u3000]*)+")
_TEXT = re.compile(
    r"(姓名|名称|书记|主任|电话|手机|号码|地址|网址|邮箱|负责人|联系人|填表人|管护人|责任人|经办人|法定代表人|户主|日期|时间|简介|说明|备注|地点|文号|品牌|证号|"
    r"开户行|账号|村名|代码|编码|编号|单位|内容|性质|职务|职业|民族|性别|学历|文化程度|政治面貌|住址|型号|规格|来源|用途|去向|产品|事项|进度|关系)$"
)
_THIS = re.compile(r"^(本|当|报告)(年|期|月|季)度?末?(实际|完成)?(数|数量|值|额|金额)?$|^(年|期)末(数|余额|数量)?$")
_RATE = re.compile(r"(率|比重|比例|占比|指数|程度|增幅|增速|单价|价格)$|^(人均|户均|平均|亩均|村均)|平均")
_SMALL = re.compile(r"亩|元|公里|千米|吨|公斤|斤|公顷|平方|立方|千瓦|米|%|‰|km|㎡|kg|升")


def state(page: Page, row: int, column: int) -> str:
    """What a cell that may be an answer holds."""
    cell, text = page.at(row, column), page.text(row, column)
    if cell.formula:
        return FORMULA
    if cell.barred and not text:
        return BARRED
    if not text or (_PLACEHOLDER.fullmatch(text) and not (cell.number and text.strip("0."))):
        return BLANK
    if words.is_dash(text):
        return BARRED
    if choices_of(text):
        return TICKS
    if re.fullmatch(r"-?[\d,]+(\.\d+)?%?", words.plain(text)):
        return FILLED
    unit = re.sub(r"[\s\u3000_＿()（）]", "", text)
    return BLANK if (words.known_unit(unit) and text != text.strip(" 　_")) or text.startswith(("_", "＿")) else WORDS


def stub_block(page: Page, table: Table, number: int) -> Block | None:
    """The answers of a table whose rows are named, or None where it has none."""
    crossed = _crosses(page, table)
    answers: list[Answer] = []
    for group in table.groups:
        answers += _Reader(page, table, group, number, crossed).answers()
    if not answers:
        return None
    columns = [column for group in table.groups for column in group.columns if column not in group.values]
    return Block(
        orientation="cross" if crossed else "vertical",
        head_rows=(table.head_top, table.head_bottom),
        head_columns=(min(columns), max(columns)),
        first_row=table.body[0],
        last_row=max(answer.place[0] for answer in answers),
        answers=answers,
        reason_column=next((group.reason for group in table.groups if group.reason), None),
    )


def leaf(page: Page, table: Table, column: int) -> str:
    """The lowest head of a column."""
    path = head_path(page, table, column)
    return path[-1][1] if path else ""


def _crosses(page: Page, table: Table) -> bool:
    """Whether the columns of figures are more than periods of one figure."""
    for group in table.groups:
        heads = [words.plain(leaf(page, table, column)) for column in group.values]
        if len(heads) > 1 and not all(_is_period(head) or words.role_of(head) == "change" for head in heads):
            return True
    return False


def _is_period(head: str) -> bool:
    return any(word in head for word in words.PERIODS) or bool(re.search(r"\d{4}年|年度?$|季度?$|月$", head))


class _Reader:
    """One group of columns on its way to answers."""

    def __init__(self, page: Page, table: Table, group: Group, number: int, crossed: bool) -> None:
        self.page, self.table, self.group, self.number, self.crossed = page, table, group, number, crossed
        self.rows: list[Row] = []
        self.at: list[int | None] = []
        """The page's row of each of `rows`, None for the headings merged over several."""
        self.units: list[tuple[str, int | None, str]] = []
        self.offered: list[Choices] = []

    def answers(self) -> list[Answer]:
        """The answers of the group, from the top, column by column in each row."""
        for row in self.table.body:
            self._row(row)
        ordered(self.rows)
        found: dict[tuple[int, int], Answer] = {}
        columns = sorted(self.group.values, key=lambda column: column != self._main)
        for n, row in enumerate(self.rows):
            if not row.is_answer or self.at[n] is None:
                continue
            main = None
            for column in columns:
                answer = self._answer(n, row, self.at[n] or 0, column)
                if answer is None:
                    continue
                found[n, column] = answer
                if not self.crossed:
                    self._period(answer, column, main)
                    main = main or answer
        self._parents(found)
        return list(found.values())

    @property
    def _main(self) -> int | None:
        """The column of this period's figures; the first one where the heads do not say."""
        heads = {column: words.plain(leaf(self.page, self.table, column)) for column in self.group.values}
        return next((column for column, head in heads.items() if not self.crossed and _THIS.search(head)), None)

    def _row(self, row: int) -> None:
        """One row of the body: a figure, a heading, or nothing."""
        page, group = self.page, self.group
        named = self._names(row)
        if not named:
            return
        place, raw = named[-1]
        merged = all(page.origin(row, column) == page.origin(place[0], column) for column in group.values)
        if place[0] != row and merged:  # a name and an answer merged over several rows are one figure
            return
        states = [state(page, row, column) for column in group.values]
        code = page.text(row, group.code) if group.code else ""
        unit_text = page.text(row, group.unit) if group.unit else ""
        own_value = all(page.origin(row, column) != place for column in group.values)
        asks = own_value and any(one in (BLANK, TICKS, FORMULA, FILLED) for one in states)
        is_answer = asks and not self._heads(row, raw, code, unit_text, place)
        stub = self._stub(row, place)
        name, unit, places, offered, why = self._measured(row, raw, unit_text)
        of_stub = words.plain(stub[-1]) if stub else ""
        if re.fullmatch(r"其中[:：]?", of_stub):
            stub, name = stub[:-1], f"其中：{name}"
        self._headings(stub)
        indent = page.at(*place).indent
        self.rows.append(Row(name, self._depth(place), indent, unit, is_answer, stub, page.at(*place).bold))
        self.at.append(row)
        self.units.append((unit, places, why))
        self.offered.append(offered)

    def _names(self, row: int) -> list[tuple[Place, str]]:
        """The texts that name the row, from the left, each with where it stands; raw, for spaces indent."""
        found: list[tuple[Place, str]] = []
        for column in [*self.group.section, *self.group.name_columns]:
            place, raw = self.page.origin(row, column), self.page.at(row, column).text.rstrip()
            if raw.strip() and place not in [one for one, _ in found] and not words.is_dash(raw):
                found.append((place, raw))
        inner = [one for one in found if one[0][1] not in self.group.section]
        return found if inner else []

    def _stub(self, row: int, place: Place) -> tuple[str, ...]:
        """The headings merged over several rows at the left of a name, or standing once over the rows below them."""
        found = []
        for column in [*self.group.section, *self.group.name_columns]:
            if column >= place[1]:
                break
            origin = self.page.origin(row, column)
            text = self.page.text(row, column)
            if not text:
                origin, text = self._above(row, column)
            if text and not words.is_dash(text) and origin[1] < place[1] and text not in found:
                found.append(text)
        return tuple(words.tidied(words.numbered(text)[1]) for text in found)

    def _above(self, row: int, column: int) -> tuple[Place, str]:
        """A heading that stands once and is meant for the rows below it, in a column of headings that is not merged."""
        if column not in self.group.section:
            return (row, column), ""
        for one in reversed([each for each in self.table.body if each < row]):
            if text := self.page.text(one, column):
                return self.page.origin(one, column), text
        return (row, column), ""

    def _headings(self, stub: tuple[str, ...]) -> None:
        """A row for each merged heading that begins here."""
        before = next((row.stub for row in reversed(self.rows)), ())
        for depth in range(1, len(stub) + 1):
            if stub[:depth] != before[:depth]:
                self.rows.append(Row(stub[depth - 1], depth - 1, 0, "", False, stub[:depth]))
                self.at.append(None)
                self.units.append(("", None, ""))
                self.offered.append([])

    def _depth(self, place: Place) -> int:
        columns = [*self.group.section, *self.group.name_columns]
        starts = sorted({column for column in columns if self._starts(column)})
        return starts.index(place[1]) if place[1] in starts else 0

    def _starts(self, column: int) -> bool:
        return any(self.page.text(r, column) and self.page.origin(r, column)[1] == column for r in self.table.body)

    def _heads(self, row: int, raw: str, code: str, unit_text: str, place: Place) -> bool:
        """Whether a row with an empty answer is but a heading for those below it."""
        group, page = self.group, self.page
        if page.span(*place)[3] >= min(group.values):
            return True
        if group.code is not None and group.code != group.order and self._coded > 0.6:
            return not code or words.is_dash(code)
        if group.unit is not None and self._measured_share > 0.8 and (not unit_text or words.is_dash(unit_text)):
            if code and not words.is_dash(code):
                return False
            return bool(page.at(*place).bold or words.numbered(raw)[0] in (1, 2))
        if group.unit is None and group.code is None:
            looks_like = page.at(*place).bold and words.numbered(raw)[0] in (1, 2)
            boxed = all(page.at(row, column).boxed for column in group.values)
            return (looks_like and not words.bracketed_unit(raw)[1]) or (not boxed and self._boxed)
        return False

    @property
    def _coded(self) -> float:
        return self._share(self.group.code)

    @property
    def _measured_share(self) -> float:
        return self._share(self.group.unit)

    def _share(self, column: int | None) -> float:
        """How many of the named rows have something in that column."""
        named = [row for row in self.table.body if any(self.page.text(row, c) for c in self.group.name_columns)]
        return sum(bool(self.page.text(row, column or 0)) for row in named) / max(1, len(named))

    @property
    def _boxed(self) -> bool:
        return any(self.page.at(row, column).boxed for row in self.table.body for column in self.group.values)

    def _measured(self, row: int, raw: str, unit_text: str) -> tuple[str, str, int | None, Choices, str]:
        """Name without unit and choices, the unit, decimals, choices, and how the unit is known."""
        page, group = self.page, self.group
        lead = raw[: len(raw) - len(raw.lstrip(" \t\u3000\xa0"))]
        name, offered = without_choices(raw.strip())
        said = [page.text(row, column) for column in group.values if state(page, row, column) == TICKS]
        said += [page.text(row, column) for column in (group.choice, group.note) if column] + [unit_text]
        offered = offered or next((found for text in said if (found := choices_of(text))), [])
        if words.known_unit(words.unit_and_places(unit_text)[0]):  # what is measured is no choice
            name, offered = raw.strip(), []
        rule = next((v for c in group.values if (v := page.validations.get((row, c)))), None)
        if rule and len(rule.choices) > 1:
            offered = items(rule.choices)
        unit, places = ("", None) if choices_of(unit_text) else words.unit_and_places(unit_text)
        why = "计量单位栏" if unit else ""
        bare, inside, inside_places = words.bracketed_unit(name)
        if inside_places is not None and places is None:
            places = inside_places
        if inside and (not unit or words.plain(unit) == inside):
            name, unit, why = bare, unit or inside, why or "名称后的括号"
        elif inside_places is not None and not inside:
            name = bare
        if not unit and group.unit is not None and unit_text in ("〃", "″", "同上", '"', "“", "”", "..") and self.units:
            unit, why = self.units[-1][0], "同上"
        if not unit and not offered and not unit_text:
            cell_unit = [re.sub(r"[\s\u3000_＿()（）0.]", "", page.text(row, column)) for column in group.values]
            unit = next((one for one in cell_unit if words.known_unit(one)), "")
            why = "填报格里" if unit else ""
        return lead + name, unit, places, offered, why

    def _answer(self, n: int, row: Row, at: int, column: int) -> Answer | None:
        page, group = self.page, self.group
        held = state(page, at, column)
        place = page.origin(at, column)
        if held not in (BLANK, TICKS, FORMULA, FILLED) or place[0] != at or not page.seen(at, column):
            return None
        if self.crossed and place[1] != column:
            return None
        span = page.span(*place)
        code = page.text(at, group.code) if group.code else ""
        code = "" if words.is_dash(code) else words.plain(code)
        answer = Answer(
            id=f"{self.number}.{address(place)}", place=place, merge=span[2:] if span[2:] != place else None,
            name=row.name, code=code, section=row.section, holds=page.at(*place).formula or page.text(*place),
            fill=page.at(*place).fill,
        )  # fmt: skip
        self._labels(answer, at, column)
        cell = page.at(*place)
        marked = cell.boxed or (page.protected and not cell.locked) or held == TICKS
        answer.note_evidence("place", PRINTED if marked else INFERRED, "" if marked else "没有边框")
        answer.note_evidence("name", PRINTED)
        if code:
            answer.note_evidence("code", PRINTED if group.code != group.order else INFERRED)
        elif group.code is not None and self._coded > 0.6:
            answer.note_evidence("code", INFERRED, "这一行没有印代码")
        if answer.section:
            answer.note_evidence("section", PRINTED)
        self._kind(answer, n, at, column)
        return answer

    def _labels(self, answer: Answer, at: int, column: int) -> None:
        page, group = self.page, self.group
        named = self._names(at)
        labels = [Label(kind="section", text=text.strip(), place=place) for place, text in named[:-1]]
        labels += [Label(kind="name", text=named[-1][1].strip(), place=named[-1][0])] if named else []
        beside: list[tuple[LabelKind, int | None]] = [("code", group.code), ("unit", group.unit)]
        for kind, where in beside:
            if where and page.text(at, where) and not words.is_dash(page.text(at, where)):
                labels.append(Label(kind=kind, text=page.text(at, where), place=page.origin(at, where)))
        answer.row_labels = tuple(labels)
        heads = [Label(kind="head", text=text, place=place) for place, text in head_path(page, self.table, column)]
        if self.table.number_row and (text := page.text(self.table.number_row, column)):
            heads.append(Label(kind="number", text=text, place=(self.table.number_row, column)))
        answer.column_labels = tuple(heads)

    def _kind(self, answer: Answer, n: int, at: int, column: int) -> None:
        """Unit, decimals, choices, type and how it adds up."""
        page = self.page
        unit, places, why = self.units[n]
        head_unit = ""
        if self.crossed:
            path = [text for _, text in head_path(page, self.table, column)]
            self._crossed_name(answer, path)
            head_unit = next((found for text in reversed(path) if (found := words.bracketed_unit(text)[1])), "")
            if self.table.unit_row:
                head_unit = words.unit_and_places(page.text(self.table.unit_row, column))[0] or head_unit
        rule, cell = page.validations.get((at, column)), page.at(at, column)
        answer.unit = head_unit or unit
        offered = self.offered[n]
        if offered:
            answer.choose_from(offered)
            return
        if unit or head_unit:
            answer.note_evidence("unit", PRINTED, "表头" if head_unit else why)
        settle_type(answer, rule.kind if rule else "", places, cell.places)

    def _crossed_name(self, answer: Answer, path: list[str]) -> None:
        heads = [words.tidied(words.bracketed_unit(words.of_which(words.numbered(text)[1])[1])[0]) for text in path]
        heads = [head for head in heads if (head and words.role_of(head) != "value") or len(path) == 1] or heads[-1:]
        head = "".join(dict.fromkeys(heads))
        answer.grid = (answer.code or answer.name, head)
        answer.name = f"{answer.name}·{head}"
        number = next((one.text for one in answer.column_labels if one.kind == "number"), "")
        if answer.code:
            answer.code = f"{answer.code}-{words.plain(number) or head}"

    def _period(self, answer: Answer, column: int, main: Answer | None) -> None:
        head = words.tidied(leaf(self.page, self.table, column))
        if main is None:
            return
        answer.period, answer.period_of = head, main.id
        answer.note_evidence("period", PRINTED)
        if words.role_of(head) == "change":
            answer.total = "none"

    def _parents(self, found: dict[tuple[int, int], Answer]) -> None:
        for (n, column), answer in found.items():
            row = self.rows[n]
            holder = found.get((row.parent, column)) if row.parent is not None else None
            if holder is not None and answer.type == holder.type == "number":
                answer.parent = holder.id
                answer.note_evidence("parent", PRINTED if row.how == "其中" else INFERRED, row.how)
            if row.unsure and answer.type == "number":
                answer.note_evidence("parent", UNSURE, row.unsure)
        if self.crossed:
            _across(self.page, self.table, self.group, found)


def _across(page: Page, table: Table, group: Group, found: dict[tuple[int, int], Answer]) -> None:
    """Figures without a row above them may be parts of the column before, where the head says 其中."""
    holder = None
    for column in group.values:
        path = head_path(page, table, column)
        text = path[-1][1] if path else ""
        if words.of_which(text)[0] and holder is not None:
            for (n, one), answer in found.items():
                over = found.get((n, holder))
                if one == column and over and not answer.parent and over.unit == answer.unit:
                    answer.parent = over.id
                    answer.note_evidence("parent", PRINTED, "其中")
        else:
            holder = column


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


def duplicates(answers: list[Answer]) -> list[str]:
    """Codes that stand on a page more than once, with their cells."""
    counted = Counter(answer.code.lstrip("0") for answer in answers if answer.code and not answer.period_of)
    return [
        f"{code}（{'、'.join(address(a.place) for a in answers if a.code.lstrip('0') == code and not a.period_of)}）"
        for code, times in counted.items()
        if times > 1
    ]
