"""The sheets that vouch for the tables: 指标解释 (what is meant), 校验 (that it adds up), 收报情况 (who sent what)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flows.emit.summary.edition import ROUNDING, Edition, number_look
from flows.emit.summary.paper import A4_ACROSS, A4_UPRIGHT, set_breaks, set_up
from flows.emit.wording import BLANKS, asked_of, source, totalling
from flows.emit.workbook.styles import (
    BAND,
    HEAD,
    HEADING,
    MIDDLE,
    PLAIN,
    RED,
    TEXT,
    Pen,
    breadth,
    code_width,
    number_breadth,
    row_height,
)
from flows.store.figures import Arrival
from flows.store.owed import owed_words
from schemas.catalogue import Catalogue
from schemas.checks import Required, Within, checks_of, doubts_of
from schemas.records import Indicator
from schemas.states import STATES, counted_words, standing_words

_DICTIONARY = [
    ("代码", 5.5), ("指标名称", 16.5), ("填报单位", 6.5), ("印表单位", 6.5), ("口径", 36.0), ("由谁填报", 10.0),
    ("汇总办法", 17.0), ("空格的意思", 8.5), ("审核关系", 22.0),
]  # fmt: skip
_CHECK = [
    ("代码", 6.0), ("指标名称", 26.0), ("计量单位", 8.5), ("合计数", 11.5), ("各村数之和", 11.5), ("相差", 9.5),
    ("结论", 11.5),
]  # fmt: skip
_ARRIVALS = [
    ("序号", 5.5), ("填报单位", 24.0), ("类别", 6.0), ("状态", 15.0), ("文件", 28.0), ("第几次报", 8.5),
    ("收到时间", 16.0), ("强制问题", 8.5), ("核实未说明", 10.0), ("核实已说明", 10.0),
]  # fmt: skip
EXACT, ROUNDED, WRONG = "相符", "四舍五入差", "不符"


def draw_dictionary(pen: Pen, edition: Edition) -> None:
    """指标解释: one row per indicator, then one per column of the line lists."""
    widths = [width for _, width in _DICTIONARY]
    widths[0] = code_width((item.printed_code for item in edition.catalogue.indicators.values()), widths[0])
    pen.widths(widths)
    pen.put(1, 1, edition.table_name("指标解释"), HEADING.but(size=16, across="center"), columns=len(widths))
    pen.height(1, 30)
    pen.line(2, [name for name, _ in _DICTIONARY], [HEAD] * len(widths))
    pen.height(2, 32)
    checks = _checks_by_code(edition)
    looks = [MIDDLE, TEXT, MIDDLE, MIDDLE, TEXT, MIDDLE, TEXT, MIDDLE, TEXT]
    row, headings = 3, []
    for title, lines in _dictionary(edition, checks):
        headings.append(row)
        pen.put(row, 1, title, BAND, columns=len(widths))
        pen.height(row, row_height([(title, sum(widths))], least=20))
        for line in lines:
            row += 1
            pen.line(row, line, looks)
            pen.height(row, row_height(list(zip(line, widths, strict=True))))
        row += 1
    set_up(pen.sheet, A4_ACROSS, (2, 2), 0, "C3")
    set_breaks(pen.sheet, A4_ACROSS, sum(widths), (2, 2), headings)


def _dictionary(edition: Edition, checks: dict[str, list[str]]) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    catalogue = edition.catalogue
    for area in catalogue.areas.values():
        own = [item for item in catalogue.of_area(area.name, edition.book.year) if item.area == area.name]
        yield area.title, [_meaning(catalogue, item, checks[item.code]) for item in own]
    for line_list in catalogue.lists.values():
        who = catalogue.offices[line_list.office].name if line_list.office else "各村"
        rules = "；".join(relation.words for relation in line_list.relations)
        yield f"{line_list.name}明细表（{who}填报）：{line_list.definition}" + (f"审核：{rules}。" if rules else ""), [
            (
                column.code, column.name, column.unit, column.printed_unit or column.unit, column.definition, who,
                asked_of(column), "必须填写" if column.required else BLANKS[column.blank], "",
            )
            for column in line_list.columns
        ]  # fmt: skip


def _meaning(catalogue: Catalogue, item: Indicator, checks: list[str]) -> tuple[str, ...]:
    blank = "" if item.reporter == "derived" else BLANKS[item.blank]
    return (
        item.printed_code, item.name, item.unit, item.printed_in, item.definition, source(catalogue, item),
        totalling(catalogue, item), blank, "\n".join(checks),
    )  # fmt: skip


def _checks_by_code(edition: Edition) -> dict[str, list[str]]:
    """Every check as a form prints it, under the indicator where a filler looks first; 核实 ones are marked.

    Left out is what goes without saying: that a figure is not below zero, and what the column on blanks says.
    """
    catalogue, year, judging = edition.catalogue, edition.book.year, edition.settings.judging
    checks = [check for office in (None, *catalogue.offices) for check in checks_of(catalogue, year, office)]
    checks += doubts_of(catalogue, year, judging.year_on_year_least, judging.outlier_times)
    found = defaultdict(list)
    for check in checks:
        not_negative = isinstance(check, Within) and not check.upper and check.bound == 0
        if not (not_negative or isinstance(check, Required)):
            found[check.codes[0]].append(check.printed + ("（核实）" if check.grade == "核实" else ""))
    return found


@dataclass(frozen=True, slots=True)
class Proof:
    """A printed total against the sum of its printed parts, in the printed unit."""

    item: Indicator
    total: Decimal
    parts: Decimal
    count: int
    balanced: bool

    @property
    def verdict(self) -> str:
        """相符, or how far rounding explains the difference: half a last place for the total and for every part."""
        difference = abs(self.total - self.parts)
        if not difference:
            return EXACT
        explained = difference * 2 <= (self.count + 1) * Decimal(1).scaleb(-self.item.places)
        return ROUNDED if explained and not self.balanced else WRONG


def proofs(edition: Edition) -> Iterator[Proof]:
    """One for every figure that is a sum of the villages' figures and has been reported."""
    for item in edition.catalogue.indicators.values():
        parts_of = _parts_of(edition.catalogue, item)
        total = edition.figure(edition.book.township, item)
        if parts_of is None or not item.in_force(edition.book.year) or total is None or total.printed is None:
            continue
        parts = edition.book.sum_of(parts_of, item.terrain)
        balanced = edition.settings.printing.rounding == "allocate" and item.reporter == "village"
        yield Proof(item, total.printed, parts.printed or Decimal(0), parts.prints, balanced)


def _parts_of(catalogue: Catalogue, item: Indicator) -> str | None:
    """The indicator whose village figures add up to it."""
    if item.total == "sum" and item.of:
        return item.of
    if item.total == "sum" and item.reporter == "village":
        return item.code
    by_village = item.total == "list" and item.list is not None and catalogue.lists[item.list].reporter == "village"
    return item.code if by_village and item.aggregate in ("sum", "count") else None


def draw_check(pen: Pen, edition: Edition) -> None:
    """校验: every total against its parts, then every figure that balancing moved."""
    found = list(proofs(edition))
    widths = _check_widths(edition, found)
    pen.widths(widths)
    pen.put(1, 1, edition.table_name("校验"), HEADING.but(size=16, across="center"), columns=len(widths))
    pen.height(1, 30)
    counts = {verdict: sum(proof.verdict == verdict for proof in found) for verdict in (EXACT, ROUNDED, WRONG)}
    words = f"取舍办法：{ROUNDING[edition.settings.printing.rounding]}。共核对 {len(found)} 项："
    words += "，".join(f"{name} {count} 项" for name, count in counts.items()) + "。"
    pen.put(2, 1, words, PLAIN.but(bold=True, color=RED) if counts[WRONG] else PLAIN, columns=len(widths))
    pen.line(3, [name for name, _ in _CHECK], [HEAD] * len(widths))
    pen.height(3, 24)
    row = 4
    for proof in found:
        _proof_row(pen, row, proof)
        row += 1
    _draw_adjustments(pen, edition, row + 1)
    set_up(pen.sheet, A4_UPRIGHT, (3, 3), 0, "C4")
    set_breaks(pen.sheet, A4_UPRIGHT, sum(widths), (3, 3), (row + 1, row + 2))


def _check_widths(edition: Edition, found: list[Proof]) -> list[float]:
    """Wide enough for the widest figure of the proofs and of what was moved."""
    widest = max((number_breadth(figure, p.item.places) for p in found for figure in (p.total, p.parts)), default=0.0)
    exact = max((breadth(f"{moved.exact:f}".rstrip("0")) for moved in edition.book.adjustments), default=0.0)
    widths = [width for _, width in _CHECK]
    widths[0] = code_width((proof.item.printed_code for proof in found), widths[0])
    widths[3:5] = [max(widths[3], widest + 1.5, exact + 1.5), max(widths[4], widest + 1.5)]
    return widths


def _proof_row(pen: Pen, row: int, proof: Proof) -> None:
    item, number = proof.item, number_look(proof.item.places)
    wrong = MIDDLE.but(bold=True, color=RED) if proof.verdict == WRONG else MIDDLE
    values = (
        item.printed_code,
        item.name,
        item.printed_in,
        proof.total,
        proof.parts,
        proof.total - proof.parts,
        proof.verdict,
    )
    pen.line(row, values, (MIDDLE, TEXT, MIDDLE, number, number, number, wrong))
    pen.height(row, 16.5)


def _draw_adjustments(pen: Pen, edition: Edition, row: int) -> None:
    pen.put(row, 1, f"舍位平衡记录（{len(edition.book.adjustments)} 处）", HEADING, columns=len(_CHECK))
    pen.height(row, 24)
    if not edition.book.adjustments:
        pen.put(row + 1, 1, "没有因取舍而改动的数。", PLAIN, columns=len(_CHECK))
        return
    names = ("代码", "指标名称", "计量单位", "准确数", "直接四舍五入", "印出数", "单位")
    pen.line(row + 1, names, [HEAD] * len(names))
    pen.height(row + 1, 22)
    exact = MIDDLE.but(across="right", number="0.0#########")
    for number, moved in enumerate(edition.book.adjustments, start=row + 2):
        item = edition.catalogue.indicators[moved.indicator]
        look = number_look(item.places)
        whose = moved.name + ("（离准确数一位以上）" if moved.forced else "")
        values = (item.printed_code, item.name, item.printed_in, moved.exact, moved.plain, moved.printed, whose)
        pen.line(number, values, (MIDDLE, TEXT, MIDDLE, exact, look, look, MIDDLE))
        pen.height(number, row_height([(whose, 11.5)], least=16.5))


def draw_arrivals(pen: Pen, edition: Edition) -> None:
    """收报情况: one row per expected unit."""
    widths = [width for _, width in _ARRIVALS]
    pen.widths(widths)
    pen.put(1, 1, edition.table_name("收报"), HEADING.but(size=16, across="center"), columns=len(widths))
    pen.height(1, 30)
    pen.put(2, 1, arrivals_in_words(edition), PLAIN.but(wrap=True), columns=len(widths))
    pen.height(2, row_height([(arrivals_in_words(edition), sum(widths))], least=18))
    pen.line(3, [name for name, _ in _ARRIVALS], [HEAD] * len(widths))
    pen.height(3, 24)
    looks = [MIDDLE, TEXT, MIDDLE, MIDDLE, TEXT, MIDDLE, MIDDLE.but(number="yyyy-mm-dd hh:mm"), *[MIDDLE] * 3]
    for number, arrival in enumerate(edition.book.arrivals, start=1):
        shown = (
            looks
            if arrival.accepted
            else [*looks[:3], MIDDLE.but(bold=True, color=STATES[arrival.state].colour), *looks[4:]]
        )
        line = _arrival_line(edition, number, arrival)
        pen.line(number + 3, line, shown)
        pen.height(number + 3, row_height([(arrival.name, 24.0), (line[3], 15.0), (arrival.file, 28.0)], least=16.0))
    set_up(pen.sheet, A4_ACROSS, (3, 3), 0, "C4")


def arrivals_in_words(edition: Edition) -> str:
    """How many are expected and where they stand."""
    arrivals = edition.book.arrivals
    counts = counted_words(standing_words(arrival.state, arrival.accepted) for arrival in arrivals)
    return f"应报单位 {len(arrivals)} 个：{counts or '无'}。{edition.state}。"


def _arrival_line(edition: Edition, number: int, arrival: Arrival) -> tuple:
    came = arrival.file or arrival.revision
    counts = (arrival.must, arrival.confirm, arrival.explained) if came else (None, None, None)
    return (
        number, arrival.name, arrival.kind,
        standing_words(arrival.state, arrival.accepted) + (f"（{owed}）" if (owed := owed_words(arrival.owed)) else ""),
        arrival.file or None, arrival.revision or None,
        _local(edition, arrival.received_at), *counts,
    )  # fmt: skip


def _local(edition: Edition, moment: datetime | None) -> datetime | None:
    """A moment on the township's clock; a spreadsheet knows no time zones."""
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(edition.settings.zone).replace(tzinfo=None)
