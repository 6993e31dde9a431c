"""问题清单.xlsx: every finding of everybody's newest file, one sheet per grade, and how many there are."""

from collections.abc import Sequence

from flows.emit.lists.sheets import AS_TYPED, CENTRED, Column, Listing
from flows.emit.workbook.plain import Value
from flows.store.findings import GRADES, STANDINGS, Told
from flows.store.pending import Pending
from schemas.findings import Level
from schemas.states import standing_words, word_of
from schemas.township import Settings

_NUMBER = Column("序号", 6, CENTRED)
_COUNTS = (
    _NUMBER, Column("单位", 26), Column("类别", 8, CENTRED), Column("报送情况", 22),
    *(Column(standing, 11, CENTRED) for standing in STANDINGS), Column("第几次报送", 12, CENTRED), Column("文件", 30),
)  # fmt: skip
_WHERE = (
    _NUMBER, Column("单位", 14), Column("表", 12), Column("单元格", 8), Column("代码", 7), Column("指标", 17),
    Column("报的是", 12, AS_TYPED),
)  # fmt: skip
_WHAT = (Column("问题", 40), Column("怎样改", 26))
_EXPLAINED = (Column("情况说明", 24), Column("说明是否采纳", 12))
_STATE = Column("现状", 12)
_LONGEST_RAW = 200
"""Characters shown of what was typed; a whole paragraph in a cell would make its row taller than the page."""
NOBODY = f"（{word_of('unidentified')}）"


def problem_list(pending: Sequence[Pending], settings: Settings, year: int) -> bytes:
    """问题清单.xlsx: a sheet of counts, then one sheet per grade, one row per finding."""
    listing = Listing(f"{settings.township.name}{year}年度年报问题清单", settings, year)
    _draw_counts(listing, pending)
    for grade in GRADES:
        _draw_grade(listing, grade, pending)
    return listing.packed()


def _draw_counts(listing: Listing, pending: Sequence[Pending]) -> None:
    counts = [[one.count(standing) for standing in STANDINGS] for one in pending]
    sums = [sum(column) for column in zip(*counts, strict=True)] or [0] * len(STANDINGS)
    words = "，".join(f"{what} {number} 处" for what, number in zip(STANDINGS, sums, strict=True) if number)
    rows = [
        [number, one.name or NOBODY, one.kind, state_words(one), *count, one.revision or None, one.file]
        for number, (one, count) in enumerate(zip(pending, counts, strict=True), start=1)
    ]
    above = listing.title, f"只列各单位最近一次报送的文件。{f'共有{words}。' if words else '没有问题。'}"
    listing.sheet("汇总", above, _COUNTS, rows, last=["", "合计", "", "", *sums, None, ""])


def _draw_grade(listing: Listing, grade: Level, pending: Sequence[Pending]) -> None:
    columns = (*_WHERE, *_WHAT, *(_EXPLAINED if grade == "核实" else ()), _STATE)
    found = [(one, told) for one in pending for told in one.findings if told.grade == grade]
    rows = [[number, *_finding(one, told, grade == "核实")] for number, (one, told) in enumerate(found, start=1)]
    above = [f"{listing.title}（{grade}）", *([] if found else ["没有这一级的问题。"])]
    listing.sheet(grade, above, columns, rows)


def _finding(one: Pending, told: Told, may_explain: bool) -> list[Value]:
    given: list[Value] = []
    if may_explain:
        given = [told.explanation, told.verdict]
    where = (one.name or one.file, told.sheet, told.cell, told.indicator, told.name, told.raw[:_LONGEST_RAW])
    return [*where, told.problem, told.mend, *given, told.standing]


def state_words(one: Pending) -> str:
    """Where it stands, in words."""
    return standing_words(one.state, bool(one.accepted))
