"""收报情况.html: who is in, who was sent back and why, who is missing, on one page that needs nothing else."""

import html
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from flows.emit.board.data import GROUPS, Links, links_of, unit_data
from flows.emit.lists.problems import state_words
from flows.emit.lists.reminders import reminder
from flows.emit.moments import in_words, passed
from flows.emit.page.offline import Numbered, offline_page
from flows.emit.returns.returns import SentBack
from flows.emit.writing import write_changed
from flows.store.findings import OPEN
from flows.store.pending import Pending
from schemas.outputs import BOARD
from schemas.states import KEPT, LATE, OF_UNIT, STATES, word_of
from schemas.township import Settings

_HEADS = (
    ("单位", ""), ("类别", "mid short"), ("地形", "wide two"), ("报送情况", ""), ("第几次", "wide num"),
    ("文件", "mid"), ("收到", "mid short"), ("已有几天", "mid num"), ("须改正", "num"), ("须核对或说明", "num"),
    ("已说明", "wide num"), ("填表人", "wide who"), ("联系电话", "wide call"), ("催报", "mid ask"),
)  # fmt: skip
"""Each column with its look: `mid` and `wide` are left out on screens narrower than that."""


def write_board(
    pending: Sequence[Pending], back: Sequence[SentBack], settings: Settings, year: int, now: datetime, folder: Path
) -> Path:
    """Bring the page in `folder` (outputs/<year>) up to date; not touched where it would stay the same that day.

    `now` is local. Raises InputError when another program holds the file open.
    """
    page = board_page(pending, links_of(back, folder), settings, year, now)
    return write_changed(folder / BOARD, page.encode())


def board_page(pending: Sequence[Pending], links: Links, settings: Settings, year: int, now: datetime) -> str:
    """The whole page: one row per expected unit, then the other files in the inbox."""
    units, mends = [one for one in pending if one.expected], Numbered()
    says = [reminder(one, settings.deadline, now, year) if one.state in LATE else "" for one in units]
    title = f"{settings.township.name}{year}年度年报收报情况"
    body = _BODY.format(
        title=_esc(title),
        due=f"报送期限 <b>{in_words(settings.deadline)}</b>，{passed(settings.deadline, now)}",
        today=f"{now.year}年{now.month}月{now.day}日",
        **_progress(units),
        states=_state_buttons(units),
        kinds="".join(f"<option>{_esc(kind)}</option>" for kind in dict.fromkeys(one.kind for one in units)),
        heads="".join(_head(words, look) for words, look in _HEADS),
        rows="\n".join(_unit(n, one, now, say) for n, (one, say) in enumerate(zip(units, says, strict=True))),
        loose=_loose([one for one in pending if not one.expected], links),
    )
    told = [unit_data(one, say, links, mends) for one, say in zip(units, says, strict=True)]
    meanings = {key: STATES[key].meaning for key in OF_UNIT}
    data = {"units": told, "mends": mends.strings, "groups": GROUPS, "meanings": meanings}
    return offline_page(title, body, data, Path(__file__), _state_colours())


def _progress(units: Sequence[Pending]) -> dict[str, str | int]:
    """How many of how many count, and how many of them by what they sent before."""
    done = [one for one in units if one.accepted]
    before = sum(one.state in LATE for one in done)
    words = f"{word_of('accepted')} <b>{len(done)}</b> 个，应报 <b>{len(units)}</b> 个"
    words += f"（{len(done) * 100 // max(len(units), 1)}%）"
    words += f"；其中 {before} 个新报的没有采用，{KEPT}" if before else ""
    return {"progress": words, "done": len(done), "all": len(units)}


def _state_buttons(units: Sequence[Pending]) -> str:
    count = Counter(one.state for one in units)
    said = [("", "全部", len(units)), *((state, word_of(state), count[state]) for state in OF_UNIT)]
    return "".join(
        f'<button type="button" data-state="{state}" aria-pressed="{"false" if state else "true"}">'
        f"{words} <b>{number}</b></button>"
        for state, words, number in said
    )


def _state_colours() -> str:
    return "".join(f'.state[data-state="{key}"] {{ color: #{STATES[key].colour}; }}\n' for key in OF_UNIT)


def _head(words: str, look: str) -> str:
    if "ask" in look:
        return f'<th scope="col" class="{look}">{words}</th>'
    return f'<th scope="col" class="{look}" aria-sort="none"><button type="button">{words}</button></th>'


def _unit(number: int, one: Pending, now: datetime, say: str) -> str:
    """A unit's row, and an empty one below for what the script puts there when it is opened."""
    name, more = _esc(one.name), f"u{number}"
    opener = f'<button type="button" class="open" aria-expanded="false" aria-controls="{more}">{name}</button>'
    kept = f"<small>{KEPT}（第 {one.accepted} 次）</small>" if one.accepted and one.state in LATE else ""
    state = f'<span class="state" data-state="{one.state}">{word_of(one.state)}</span>{kept}'
    copy = f'<button type="button" class="copy" aria-label="复制催报语：{name}">复制催报语</button>' if say else ""
    cells = [_esc(one.kind), _esc(one.terrain), state, one.revision or "", _esc(one.file), _moment(one.received_at),
             one.days_open(now), *_counts(one), _esc(one.preparer), _esc(one.phone), copy]  # fmt: skip
    row = "".join(
        f'<td class="{look}">{"" if cell is None else cell}</td>'
        for (_, look), cell in zip(_HEADS[1:], cells, strict=True)
    )
    order = OF_UNIT.index(one.state)
    return (
        f'<tbody data-state="{one.state}" data-order="{order}" data-kind="{_esc(one.kind)}" data-code="{one.code}">'
        f'<tr><th scope="row">{opener}</th>{row}</tr>'
        f'<tr class="more" id="{more}" hidden><td colspan="{len(_HEADS)}"></td></tr></tbody>'
    )


def _counts(one: Pending) -> list[str]:
    """Findings that must be corrected, that must be corrected or explained, that are explained."""
    if one.state == "missing":
        return [""] * 3
    *still, explained = (one.count(standing) for standing in (*OPEN, "已说明"))
    return [f"<b>{number}</b>" if number else "0" for number in still] + [str(explained)]


def _loose(loose: Sequence[Pending], links: Links) -> str:
    """Files that belong to no expected unit, or are no submission."""
    if not loose:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{_esc(one.file)}</th><td>{state_words(one)}</td>'
        f"<td>{_lines(told.problem for told in one.findings)}</td><td>{_lines(told.mend for told in one.findings)}</td>"
        f"<td>{_anchors(links.get(one.code or one.file, ()))}</td></tr>"
        for one in loose
    )
    return _LOOSE.format(count=len(loose), rows=rows)


def _lines(texts: Iterable[str]) -> str:
    return "<br>".join(map(_esc, dict.fromkeys(texts)))


def _anchors(links: Sequence[tuple[str, str]]) -> str:
    return "<br>".join(f'<a href="{_esc(where)}">{words}</a>' for words, where in links)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


_esc = html.escape
_BODY = """<a class="skip" href="#units">跳到各单位</a>
<header><h1>{title}</h1><button type="button" id="print">打印</button></header>
<main>
<section aria-label="总的情况" class="whole">
<p>{due}<span class="today">截至 {today}</span></p>
<p id="progress">{progress}</p>
<progress value="{done}" max="{all}" aria-labelledby="progress"></progress>
</section>
<form role="search" id="search">
<div role="group" aria-label="按报送情况筛选" id="states">{states}</div>
<label>类别 <select id="kind"><option value="">全部</option>{kinds}</select></label>
<label>查找 <input id="query" type="search" autocomplete="off" placeholder="单位、填表人或问题"></label>
<output id="shown" aria-live="polite"></output>
<output id="copied" aria-live="polite"></output>
</form>
<noscript><p class="notice">浏览器禁用了脚本：表可以看，可以打印，不能展开、筛选和复制。</p></noscript>
<table id="units" tabindex="-1">
<caption>点单位名称，看有哪些问题、怎样改；点表头排序。</caption>
<thead><tr>{heads}</tr></thead>
{rows}
</table>
{loose}
</main>"""
_LOOSE = """<section class="loose" aria-labelledby="loose">
<h2 id="loose">没有归到单位的文件（{count} 个）</h2>
<table><thead><tr><th scope="col">文件</th><th scope="col">情况</th><th scope="col">问题</th><th scope="col">怎样办</th>
<th scope="col">退回的文件</th></tr></thead><tbody>{rows}</tbody></table>
</section>"""
