"""The first sheet of a returned workbook, 退回说明: every finding, where it is, how to mend it, room for a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from xlsxwriter import Workbook

from flows.emit.forms.places import Spot
from flows.emit.forms.words import shortened
from flows.emit.workbook.canvas import Canvas, Palette
from flows.store.findings import Told

NOTICE = "退回说明"
NUMBER, SUBJECT, REASON = "序号", "指标", "情况说明"
LINK, PLACE, RAW, PROBLEM = "点击前往", "您报来的位置", "报的是", "问题"
"""The heads; by the first three the reader finds the reasons (flows.reading.locate.reasons)."""
_WIDTHS = {NUMBER: 5, LINK: 16, PLACE: 16, SUBJECT: 24, RAW: 15, PROBLEM: 52, REASON: 36}
_WHOLE, _WHOLE_ALONE = sum(_WIDTHS.values()), 118
_PROMPT = (
    "确实无误的，在这里写明具体原因：发生了什么、涉及多少、依据是什么。只写“属实”“核实无误”不算说明。改了数的不用写。"
)
_LONGEST_RAW = 200
"""As in the list of problems (flows.emit.lists.problems)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding with its cell in this workbook; `row` is the list entry's number from 1, 0 for an indicator."""

    told: Told
    spot: Spot | None = None
    row: int = 0

    @property
    def cause(self) -> tuple[str, str, str]:
        """What is the same for all findings that stand under one heading."""
        return self.told.grade, self.told.standing, self.told.mend

    @property
    def subject(self) -> str:
        """`代码 名称`, or of a list `代码 名称（第 2 行）`: the reader knows the answer by it."""
        words = " ".join(filter(None, (self.told.indicator, self.told.name)))
        return f"{words}（第 {self.row} 行）" if self.row and words else words


def draw_notice(
    workbook: Workbook, title: str, guide: Sequence[str], entries: Sequence[Entry], with_form: bool
) -> None:
    """Add 退回说明 to a workbook that canvas.opened made. Entries that share a cause stand together.

    Without a form behind it there is nothing to go to, nothing to explain, and only the columns that say something.
    """
    rows = [_words(entry) for entry in entries]
    said = {NUMBER, PROBLEM} | {head for row in rows for head in row if row[head] and head != LINK}
    heads = [head for head in _WIDTHS if with_form or head in said]
    widths = [_WIDTHS[head] for head in heads]
    widths[heads.index(PROBLEM)] += max(0, (_WHOLE if with_form else _WHOLE_ALONE) - sum(widths))
    canvas = Canvas(workbook, Palette(workbook), NOTICE, widths)
    canvas.paragraph(title, "title")
    for sentence in guide:
        canvas.paragraph(sentence)
    canvas.down(6)
    for column, words in enumerate(heads):
        canvas.put(column, words, "head")
    header = canvas.row
    canvas.down(24)
    number = 0
    for cause, together in groupby(_in_order(entries), key=lambda entry: entry.cause):
        group = list(together)
        _draw_cause(canvas, cause, len(group))
        for entry in group:
            number += 1
            _draw_entry(canvas, heads, number, entry)
    canvas.row -= 1
    canvas.finish(header=(header, header), landscape=True)


def _in_order(entries: Sequence[Entry]) -> list[Entry]:
    """Grade by grade, causes in the order of their first finding."""
    first: dict[tuple[str, str, str], int] = {}
    for number, entry in enumerate(entries):
        first.setdefault(entry.cause, number)
    return sorted(entries, key=lambda entry: first[entry.cause])


def _draw_cause(canvas: Canvas, cause: tuple[str, str, str], count: int) -> None:
    grade, standing, mend = cause
    words = f"〔{grade}·{standing}〕{count} 处。"
    words += "原因已经写明，没有变化的不用再改。" if standing == "已说明" else mend
    look = ("grid", "wrap", *(() if standing == "已说明" else (grade,)))
    canvas.across(0, canvas.last, words, *look)
    canvas.down(canvas.height(words, 0, canvas.last, *look) + 4)


def _words(entry: Entry) -> dict[str, str]:
    """What its row says, by head. What was sent stands in quotation marks: the reader takes it for nothing else."""
    told = entry.told
    problem = told.problem + "。"
    if told.weakness:
        problem += f"已写的说明“{told.explanation}”不够具体：{told.weakness}。"
    return {
        LINK: f"{entry.spot.sheet} {entry.spot.address}" if entry.spot else "",
        PLACE: told.place,
        SUBJECT: entry.subject,
        RAW: f"“{shortened(told.raw, _LONGEST_RAW)}”" if told.raw and told.cell else "",
        PROBLEM: problem,
        REASON: told.explanation if told.explained else "",
    }


def _draw_entry(canvas: Canvas, heads: Sequence[str], number: int, entry: Entry) -> None:
    words = {NUMBER: str(number), **_words(entry)}
    for column, head in enumerate(heads):
        if head == NUMBER:
            canvas.put(column, number, "grid", "centre")
        elif head == LINK and entry.spot:
            _draw_link(canvas, column, entry.spot, words[LINK])
        elif head == REASON and entry.told.grade == "核实":
            canvas.put(column, words[REASON], "grid", "wrap", "text", "input")
            canvas.validate(column, {"validate": "any", "input_title": REASON, "input_message": _PROMPT})
        else:
            canvas.put(column, words[head], "grid", "wrap")
    canvas.down(max(20, *(canvas.height(words[head], column, column) for column, head in enumerate(heads))))


def _draw_link(canvas: Canvas, column: int, spot: Spot, words: str) -> None:
    look = canvas.palette("grid", "wrap", "link")
    if canvas.sheet.write_url(canvas.row, column, spot.link, look, words, f"前往“{spot.sheet}”的 {spot.address}"):
        raise ValueError(f"the spreadsheet refuses this link: {spot.link}")
