"""催报/<单位>.txt: words to send as they are to whoever has not sent or not mended; how all stand, for the head."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from flows.emit.forms.words import shortened
from flows.emit.lists.reminders import asked_of, package_words, sent_back
from flows.emit.moments import in_words, passed
from flows.emit.returns.files import form_stem, package_stem, return_stems
from flows.emit.writing import write_changed
from flows.store.figures import Place
from flows.store.findings import OPEN
from flows.store.owed import lacked_words
from flows.store.pending import Pending
from schemas.errors import InputError
from schemas.outputs import FORMS, LETTERS, RETURNS, is_whole_letter, whole_letter
from schemas.states import LATE, SENT_BACK, counted_words, standing_words, word_of
from schemas.township import Settings

WORST = 3
"""Findings that a letter tells; more are not read on a phone, and stand in the returned workbook."""
_LONGEST = 120
"""Characters of one finding."""


def write_letters(pending: Sequence[Pending], settings: Settings, year: int, now: datetime, folder: Path) -> list[Path]:
    """Bring `folder`/催报 up to date: a letter for every unit that is late, and one of how all stand; none where all
    are in. Letters of units that are late no more are removed. Raises InputError for a file that is held open.
    """
    units = [one for one in pending if one.expected]
    stems = return_stems([Place(one.code, one.name, "village", one.kind, one.terrain) for one in pending if one.code])
    late = [one for state in LATE for one in units if one.state == state]
    said = {f"{stems[one.code]}.txt": letter(one, stems[one.code], settings, year, now) for one in late}
    if late:
        said[whole_letter(settings.township.words.whole)] = how_all_stand(units, settings, year, now)
    where = folder / LETTERS
    of_all = {path.name for path in where.glob("*.txt") if is_whole_letter(path.name)}
    _remove({*(f"{stem}.txt" for stem in stems.values()), *of_all} - set(said), where)
    return [write_changed(where / name, text.encode()) for name, text in said.items()]


def letter(one: Pending, stem: str, settings: Settings, year: int, now: datetime) -> str:
    """What a unit is told: courteously, until when, which file, and its worst findings."""
    deadline = settings.deadline
    if one.sender is not None:
        return _to_sender(one, settings, year, now)
    lines = [f"{one.name}：", f"您好！{year}年度年报的报送期限是{in_words(deadline)}，{passed(deadline, now)}。"]
    if one.state == "missing":
        lines += [f"您单位的年报还没有收到，请填好“{one.code}-{one.name}.xlsx”（{FORMS} 里的空白报表）尽快发来。"]
    if lacked := lacked_words(one.owed):
        lines += [f"您单位的年报还{lacked}，没有收到，请填好（{FORMS} 里有空白表）尽快发来。"]
    if one.state in SENT_BACK:
        wrong = "、".join(f"{one.count(standing)} 处{standing}" for standing in OPEN if one.count(standing))
        lines += [f"您单位报来的“{'”“'.join(sent_back(one))}”有{wrong or '问题'}，{word_of('returned')}。"]
        lines += [f"请在“{RETURNS}”里的“{_marked(one, stem)}”上改好标红的格，发回来就可以。", *_worst(one)]
    return _closed(lines, settings)


def _to_sender(one: Pending, settings: Settings, year: int, now: datetime) -> str:
    """The same to whoever sends the unit's report in a package: the unit itself has sent nothing here."""
    deadline = settings.deadline
    lines = [
        f"{asked_of(one)}：",
        f"您好！{year}年度年报的报送期限是{in_words(deadline)}，{passed(deadline, now)}。",
        f"{package_words(one, year)}。",
    ]
    if one.state in SENT_BACK:
        marked = package_stem(one.sender or "", one.file)
        lines += [f"请照“{RETURNS}”里的“{marked}”改好，重新汇总、打包，再报来。", *_worst(one)]
    else:
        lines += ["请收齐后重新汇总、打包，再报来。"]
    return _closed(lines, settings)


def _closed(lines: Sequence[str], settings: Settings) -> str:
    end = "如果已经发来，请不必理会；有不清楚的，请随时联系。", settings.township.name
    return "\n".join((*lines, *end)) + "\n"


def _marked(one: Pending, stem: str) -> str:
    """What the marked copies in 退回 are called."""
    names = [form_stem(stem, each.name) for each in one.owed if each.state in SENT_BACK]
    return "”“".join(f"{name}.xlsx" for name in names or [stem])


def _worst(one: Pending) -> Iterator[str]:
    asked = [told for told in one.findings if told.standing in OPEN]
    if asked:
        yield "先改这几处：" if len(asked) > 1 else "要改的是："
    for number, told in enumerate(asked[:WORST], start=1):
        place = f"{told.place}，" if told.place else ""
        yield shortened(" ".join(f"{number}. {place}{told.problem}。{told.mend}".split()), _LONGEST)
    if len(asked) > WORST:
        yield f"还有 {len(asked) - WORST} 处，见“退回说明”。"


def how_all_stand(units: Sequence[Pending], settings: Settings, year: int, now: datetime) -> str:
    """How all stand, for the head of office."""
    counts = counted_words(word_of(one.state) for one in units)
    lines = [
        f"{settings.township.name}{year}年度年报：应报 {len(units)} 个单位，{counts}。",
        f"报送期限{in_words(settings.deadline)}，{passed(settings.deadline, now)}。",
    ]
    by_state: Mapping[str, list[str]] = {state: [] for state in LATE}
    for one in units:
        if one.state in LATE:
            days = one.days_open(now)
            by_state[one.state].append(one.name + (f"（{days} 天）" if days else ""))
    kept = {one.state for one in units if one.accepted and one.state in LATE}
    lines += [f"{word_of(state)}：{'、'.join(names)}。" for state, names in by_state.items() if names]
    lines += [f"其中有的{standing_words('returned', True).partition('（')[2].rstrip('）')}。"] if kept else []
    return "\n".join(lines) + "\n"


def _remove(names: set[str], folder: Path) -> None:
    for path in (folder / name for name in sorted(names)):
        try:
            path.unlink(missing_ok=True)
        except PermissionError:
            raise InputError(f"{path} 删不掉：可能正被别的程序打开，请关闭后重试") from None
