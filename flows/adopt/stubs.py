"""Tables whose rows are named at the left: vertical ones with one figure a row, and cross tables."""

import re

from flows.adopt import words
from flows.adopt.answer_types import settle_type
from flows.adopt.cell_states import BLANK, FILLED, FORMULA, TICKS, state
from flows.adopt.found import INFERRED, PRINTED, UNSURE, Answer, Block, address
from flows.adopt.heads import Group, Table, head_path, leaf
from flows.adopt.pages import Page
from flows.adopt.stub_rows import Stub, StubRow
from schemas.adopted import Label, LabelKind

_THIS = re.compile(r"^(本|当|报告)(年|期|月|季)度?末?(实际|完成)?(数|数量|值|额|金额)?$|^(年|期)末(数|余额|数量)?$")


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
        self.stub = Stub(page, table, group)

    def answers(self) -> list[Answer]:
        """The answers of the group, from the top, column by column in each row."""
        found: dict[tuple[int, int], Answer] = {}
        columns = sorted(self.group.values, key=lambda column: column != self._main)
        for n, one in enumerate(self.stub.rows):
            if not one.row.is_answer or one.at is None:
                continue
            main = None
            for column in columns:
                answer = self._answer(one, one.at, column)
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

    def _answer(self, stub: StubRow, at: int, column: int) -> Answer | None:
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
            name=stub.row.name, code=code, section=stub.row.section, holds=page.at(*place).formula or page.text(*place),
            fill=page.at(*place).fill,
        )  # fmt: skip
        self._labels(answer, at, column)
        cell = page.at(*place)
        marked = cell.boxed or (page.protected and not cell.locked) or held == TICKS
        answer.note_evidence("place", PRINTED if marked else INFERRED, "" if marked else "没有边框")
        answer.note_evidence("name", PRINTED)
        if code:
            answer.note_evidence("code", PRINTED if group.code != group.order else INFERRED)
        elif group.code is not None and self.stub.coded > 0.6:
            answer.note_evidence("code", INFERRED, "这一行没有印代码")
        if answer.section:
            answer.note_evidence("section", PRINTED)
        self._kind(answer, stub, at, column)
        return answer

    def _labels(self, answer: Answer, at: int, column: int) -> None:
        page, group = self.page, self.group
        named = self.stub.names(at)
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

    def _kind(self, answer: Answer, stub: StubRow, at: int, column: int) -> None:
        """Unit, decimals, choices, type and how it adds up."""
        page = self.page
        head_unit = ""
        if self.crossed:
            path = [text for _, text in head_path(page, self.table, column)]
            self._crossed_name(answer, path)
            head_unit = next((found for text in reversed(path) if (found := words.bracketed_unit(text)[1])), "")
            if self.table.unit_row:
                head_unit = words.unit_and_places(page.text(self.table.unit_row, column))[0] or head_unit
        rule, cell = page.validations.get((at, column)), page.at(at, column)
        answer.unit = head_unit or stub.unit
        offered = stub.offered
        if offered:
            answer.choose_from(offered)
            return
        if answer.unit:
            answer.note_evidence("unit", PRINTED, "表头" if head_unit else stub.why)
        settle_type(answer, rule.kind if rule else "", stub.places, cell.places)

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
            row = self.stub.rows[n].row
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
