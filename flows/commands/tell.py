"""How the year stands: told to people, or to other programs."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.commands.screen import words
from flows.emit.moments import in_words, passed
from flows.store.owed import lacked_words
from flows.values.characters import printable_json
from schemas.outputs import REPORT
from schemas.states import COUNTING, KEPT, SENT_BACK, word_of

if TYPE_CHECKING:
    from rich.console import Console

    from flows.store.figures import Arrival
    from flows.store.owed import Owed
    from flows.store.standing import Standing

COMPLETE, INCOMPLETE = 0, 3


def finish(standing: "Standing", as_json: bool) -> int:
    """Say how it stands, to people or to other programs; returns the exit status."""
    if as_json:
        print(printable_json(json.dumps(as_dict(standing), ensure_ascii=False, indent=2)))
    else:
        tell(standing)
    return COMPLETE if standing.complete and not standing.unreported else INCOMPLETE


def tell(standing: "Standing") -> None:
    """The closing summary: how many in, returned, missing; what stands in the way; what to do next."""
    from rich.console import Console  # heavy: rich
    from rich.table import Column, Table  # heavy: rich

    from flows.store.townships import subtotals  # heavy: msgspec

    console = Console(highlight=False, soft_wrap=True)
    returned, missing = standing.of_state(*SENT_BACK), standing.of_state("missing")
    console.print(f"{standing.year} 年：{_counted(standing.arrivals)}", style="bold")
    for of, arrivals in subtotals(standing.arrivals) or [(None, standing.arrivals)]:
        if of:
            console.print(words(f"{of.name}：{_counted(arrivals)}"), style="bold")
        _tell_units(console, arrivals, standing.messages)
    if not standing.complete:
        console.print(words(f"截止 {in_words(standing.deadline)}，{passed(standing.deadline, datetime.now(UTC))}。"))
    if standing.loose:
        table = Table(*(Column(head, overflow="fold") for head in ("没有归到单位的文件", "说明")), box=None)
        for loose in standing.loose:
            table.add_row(words(loose.file), words(loose.message))
        console.print(table)
    for path in standing.emitted:
        console.print(words(f"已生成：{path}"))
    for note in standing.notes:
        console.print(words(f"注意：{note}", style="yellow"))
    for lack in standing.lacking:
        console.print(words(f"还缺：{lack}", style="yellow"))
    console.print(words(_next_step(standing, returned, missing)))


def _counted(arrivals: Sequence["Arrival"]) -> str:
    """How many are due, in, sent back and missing."""
    states = [one.state for one in arrivals]
    partial = states.count("partial")
    return (
        f"应报 {len(arrivals)} 个单位，{word_of('accepted')} {sum(one.accepted for one in arrivals)} 个"
        f"（其中 {states.count('accepted with explanations')} 个有说明），"
        f"{word_of('returned')} {sum(map(states.count, SENT_BACK))} 个，"
        + (f"{word_of('partial')} {partial} 个，" if partial else "")
        + f"{word_of('missing')} {states.count('missing')} 个。"
    )


def _tell_units(console: "Console", arrivals: Sequence["Arrival"], messages: Mapping[str, Sequence[str]]) -> None:
    """Who has something open, and what; who is missing."""

    for arrival in arrivals:
        if arrival.state == "partial":
            console.print(words(f"● {arrival.name}：{lacked_words(arrival.owed)}", style="yellow"))
        elif arrival.state not in (*COUNTING, "missing"):
            kept = f"，{KEPT}" if arrival.accepted else ""
            counts = f"必须改正 {arrival.must} 处，需要说明 {arrival.confirm} 处{_open_for(arrival)}"
            counts += f"，{lacked}" if (lacked := lacked_words(arrival.owed)) else ""
            console.print(words(f"● {arrival.name}：{word_of(arrival.state)}（{counts}{kept}）", style="yellow"))
            for message in messages.get(arrival.code, [])[:5]:
                console.print(words(f"    {message}"))
            if (more := len(messages.get(arrival.code, [])) - 5) > 0:
                console.print(words(f"    ……还有 {more} 处"))
    if missing := [one.name for one in arrivals if one.state == "missing"]:
        console.print(words(f"{word_of('missing')}：" + "、".join(missing), style="yellow"))


def _open_for(arrival: "Arrival") -> str:
    """For how many days of the calendar it has been waiting to be mended."""
    days = (datetime.now(arrival.since.tzinfo).date() - arrival.since.date()).days if arrival.since else 0
    return f"，已有 {days} 天" if days > 0 else ""


def _next_step(standing: "Standing", returned: Sequence[Any], missing: Sequence[Any]) -> str:
    if standing.complete and standing.unreported:
        return (
            f"应报的单位都{word_of('accepted')}，但年度工作总结没有生成：请按上面的说明改模板，"
            "用 cunhui report check 检查，再运行 cunhui run。"
        )
    if standing.complete and standing.lacking:
        return f"应报的单位都{word_of('accepted')}，但还有上面所缺的：请补上，再运行 cunhui run。"
    if standing.complete and standing.emitted and not any(Path(path).name == REPORT for path in standing.emitted):
        return "全部收齐，没有工作总结。下一步：打开汇总表核对、签字。"
    if standing.complete:
        return "全部收齐。下一步：打开汇总表核对、签字、上报。"
    parts = ["请退回的单位按上面的说明改正后重报"] if returned else []
    parts += [f"请催{word_of('missing')}的单位"] if missing else []
    parts += [f"请催{word_of('partial')}的单位"] if standing.of_state("partial") else []
    return f"下一步：{'；'.join(parts) or '请处理上面的文件'}。改好的文件放进收件夹，再运行 cunhui run --retry。"


def _owed(one: "Owed") -> dict[str, Any]:
    """One of the several forms that a unit owes."""
    return {
        "name": one.name, "state": one.state, "state_word": word_of(one.state), "file": one.file,
        "revision": one.revision, "accepted": one.accepted > 0,
    }  # fmt: skip


def as_dict(standing: "Standing") -> dict[str, Any]:
    """The standing for other programs."""
    from flows.store.townships import subtotals  # heavy: msgspec

    return {
        "year": standing.year,
        "complete": standing.complete,
        "townships": [of._asdict() for of, _ in subtotals(standing.arrivals)],
        "deadline": standing.deadline.isoformat(),
        "units": [
            {
                "code": a.code, "name": a.name, "kind": a.kind, "state": a.state,
                "state_word": word_of(a.state), "accepted": a.accepted, "file": a.file,
                "revision": a.revision, "received_at": a.received_at and a.received_at.isoformat(),
                "open_since": a.since and a.since.isoformat(),
                "must_correct": a.must, "must_explain": a.confirm, "explained": a.explained,
                "findings": standing.messages.get(a.code, []),
                **({"forms": [_owed(each) for each in a.owed]} if a.owed else {}),
            }
            for a in standing.arrivals
        ],
        "files": [
            {"file": f.file, "state": f.state, "state_word": word_of(f.state), "message": f.message}
            for f in standing.loose
        ],
        "emitted": list(standing.emitted),
        "notes": list(standing.notes),
        "lacking": list(standing.lacking),
        "report_refused": standing.unreported,
        "due": f"{in_words(standing.deadline)}，{passed(standing.deadline, datetime.now(UTC))}",
        "next": _next_step(standing, standing.of_state(*SENT_BACK), standing.of_state("missing")),
    }  # fmt: skip
