"""What goes back of adopted forms: one marked copy per received file, for all its units that have something to mend."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from flows.emit.returns.clothes import PATCHED, Line, Notice, Sent
from flows.emit.returns.files import WHOLE
from flows.emit.returns.notice import NOTICE
from flows.emit.workbook.patched import column_of
from flows.store.findings import OPEN, Told
from flows.store.returned import Returned
from schemas.township import Settings

_CELL = re.compile(r"([A-Z]{1,3})(\d+)")


def by_file(cases: Sequence[Returned]) -> list[list[Returned]]:
    """The cases of each file together: of a file of one unit there is one."""
    files: dict[tuple[str, str], list[Returned]] = {}
    for case in cases:
        files.setdefault((case.sha256, "" if case.part else case.file), []).append(case)
    return list(files.values())


def whole_file(cases: Sequence[Returned]) -> Returned:
    """What a file's copy is called after: its unit, or where it is of several the file itself."""
    return replace(cases[0], unit=None, part=WHOLE) if cases[0].part else cases[0]


def suffix_of(case: Returned) -> str:
    """What the marked copy's name ends in: a workbook with macros keeps its own."""
    own = Path(case.file).suffix.lower()
    return own if own in PATCHED else ".xlsx"


def sent_of(
    cases: Sequence[Returned],
    path: Path,
    original: str,
    settings: Settings,
    year: int,
    deadline: str,
    prop: str,
    key: str,
) -> Sent:
    """A file of theirs with what is to be said of it; `original` is what it is called beside the copy."""
    first = cases[0]
    whose = first.unit.name if first.unit and not first.part else ""
    title = f"{whose}{year}年度年报退回说明" if whose else f"“{first.file}”退回说明"
    lines = tuple(_line(told, case) for case in cases for told in case.findings)
    guide = tuple(f"{number}．{words}" for number, words in enumerate(_guide(cases, original, settings, deadline), 1))
    suffix = path.suffix.lower() if path.suffix.lower() in (*PATCHED, ".xls", ".ods", ".xlsb", ".et") else ".xlsx"
    return Sent(str(path), suffix, Notice(NOTICE, title, guide, lines, prop, key))


def _guide(cases: Sequence[Returned], original: str, settings: Settings, deadline: str) -> Iterator[str]:
    first, town = cases[0], settings.township.name
    count = Counter(told.standing for case in cases for told in case.findings)
    wrong = "、".join(f"{count[what]} 处{what}" for what in OPEN if count[what]) or "问题"
    which = (
        f"您单位第 {first.revision} 次报来的“{first.file}”"
        if first.unit and not first.part
        else f"报来的“{first.file}”"
    )
    rows = f"（{len(cases)} 个单位的，其余单位的没有问题）" if first.part else ""
    yield f"{which}有{wrong}{rows}，请在本文件里直接改好，保存后把整个文件重报{town}。报送期限：{deadline}。"
    yield "红格必须改正；橙格请核对，数错了就改数，确实无误的在下表“情况说明”栏写明具体原因。点“点击前往”一列到那一格。"
    yield f"本表、颜色和批注不必删除，不影响再次审核。原件未作改动，另存为“{original}”。"


def _line(told: Told, case: Returned) -> Line:
    cell = _CELL.fullmatch(told.cell)
    place = (int(cell[2]), column_of(told.cell)) if cell else (0, 0)
    whose = (case.unit.name if case.unit else case.part) if case.part else ""
    subject = " ".join(filter(None, (told.indicator, told.name)))
    problem = told.problem
    if told.weakness:
        problem += f"。已写的说明“{told.explanation}”不够具体：{told.weakness}"
    reason = told.explanation if told.explained else ""
    return Line(
        told.grade, told.sheet, *place, whose, subject, told.raw, problem, told.mend, reason, told.standing in OPEN
    )
