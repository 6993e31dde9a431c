"""`cunhui status --unit` and `cunhui restore`: what a unit sent revision by revision, and taking one up again."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flows.store.published import shown
from flows.store.revisions import (
    Cell,
    Figure,
    Moved,
    Revision,
    changes,
    moved_totals,
    restore,
    revisions_of,
    steps_between,
)
from flows.store.standing import STATE_WORDS
from flows.values.characters import printable_json
from schemas.catalogue import Catalogue
from schemas.township import find_unit

if TYPE_CHECKING:
    from flows.job import Job
    from flows.store.store import Store

LEVELS = {"township": "乡镇", "county": "县", "city": "市", "province": "省"}


def show_unit(words: str, year: int | None, inputs: str, outputs: str, as_json: bool) -> int:
    """`cunhui status --unit`: every revision, what it changed, and which totals that moved. Returns the exit status."""
    from flows.job import open_job

    with open_job(inputs, outputs, year) as job:
        job = job.of_year(job.year)
        unit = find_unit(words, job.units)
        sent = revisions_of(job.store, job.year, unit.code)
        told = {"year": job.year, "unit": unit.name, "code": unit.code, "revisions": _revisions(job, unit.code, sent)}
    if as_json:
        print(printable_json(json.dumps(told, ensure_ascii=False, indent=2, default=shown)))
    else:
        _tell(told)
    return 0 if any(one.acceptable for one in sent) else 3


def restore_revision(
    words: str, revision: int, who: str, why: str, year: int | None, inputs: str, outputs: str
) -> int:
    """`cunhui restore`: an earlier accepted revision counts again; all that is emitted follows. Returns the status."""
    from flows import job as jobs
    from flows.commands.tell import finish
    from schemas.toml import InputError

    with jobs.open_job(inputs, outputs, year) as job:
        job = job.of_year(job.year)
        unit = find_unit(words, job.units)
        if job.closing:
            raise InputError(f"{job.year} 年已封存，先用 cunhui close --reopen 开封")
        newest = restore(job.store, job.year, unit.code, unit.name, revision, who, why)
        jobs.judge(job)
        jobs.add_up_year(job)
        standing = jobs.emit_year(job)
        jobs.publish_store(job)
    print(f"{unit.name}第 {revision} 版已恢复，记为第 {newest} 版。")
    return finish(standing, as_json=False)


def moves(store: "Store", year: int, rounding: str, unit: str, sent: Sequence[Revision]) -> dict[int, list[Moved]]:
    """By revision: the totals it moved when it took the place of the accepted one before it."""
    steps = steps_between(list(sent))
    return {
        later.revision: moved_totals(store, year, rounding, unit, earlier.sub_id, later.sub_id)
        for earlier, later in steps
    }


def _revisions(job: "Job", unit: str, sent: Sequence[Revision]) -> list[dict[str, Any]]:
    moved = moves(job.store, job.year, job.settings.printing.rounding, unit, sent)
    names = _list_names(job.catalogue)
    told, before = [], None
    for one in sent:
        changed = changes(job.store, before.sub_id, one.sub_id) if before else []
        told.append(
            {
                "revision": one.revision, "state": one.state, "file": one.file, "sha256": one.sha256,
                "received_at": one.received_at.astimezone(job.settings.zone).isoformat(timespec="seconds"),
                "restored_from": one.restored_from, "must_correct": one.must, "must_explain": one.confirm,
                "changes": [
                    {"indicator": c.code, "row": c.row, "name": names.get(c.name, c.name),
                     "before": _cell(c.before), "after": _cell(c.after)}
                    for c in changed
                ],
                "moved": [moved_dict(m) for m in moved.get(one.revision, ())],
            }
        )  # fmt: skip
        before = one
    return told


def moved_dict(moved: Moved) -> dict[str, Any]:
    """A moved total for JSON: before, after, and by how much in base units."""
    values = [figure.value if figure else None for figure in (moved.before, moved.after)]
    by = values[1] - values[0] if values[0] is not None and values[1] is not None else None
    figures = {"before": _figure(moved.before), "after": _figure(moved.after)}
    return {"level": moved.level, "code": moved.code, "indicator": moved.indicator, "name": moved.name, **figures, "by": by}


def moved_words(moved: dict[str, Any]) -> str:
    """The same as people read it."""
    before, after = moved["before"], moved["after"]
    unit = (after or before)["unit"]
    by = Decimal(moved["by"]) if moved["by"] is not None else None
    sign = "" if by is None or by == 0 else f"（{'增加' if by > 0 else '减少'} {shown(abs(by))} {unit}）"
    place = LEVELS.get(moved["level"], "")
    return f"{place}{moved['name']}：{_said(before)} → {_said(after)}{sign}"


def _cell(cell: Cell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    return {"value": _trimmed(cell.value), "raw": cell.raw, "sheet": cell.sheet, "cell": cell.cell,
            "explanation": cell.explanation}  # fmt: skip


def _figure(figure: Figure | None) -> dict[str, Any] | None:
    return figure and figure._asdict()


def _trimmed(text: str) -> str:
    try:
        return shown(Decimal(text))
    except ArithmeticError:
        return text


def _said(figure: dict[str, Any] | None) -> str:
    if figure is None:
        return "无"
    if figure["text"]:
        return figure["text"]
    printed = f"，印为 {shown(figure['printed'])} {figure['printed_unit']}" if figure["printed_unit"] != figure["unit"] else ""
    return f"{shown(figure['value']) or '空'} {figure['unit']}{printed}"


def _list_names(catalogue: Catalogue) -> dict[str, str]:
    return {column.code: column.name for one in catalogue.lists.values() for column in one.columns}


def _tell(told: dict[str, Any]) -> None:
    from rich.console import Console

    from flows.commands.screen import words

    console = Console(highlight=False, soft_wrap=True)
    console.print(words(f"{told['unit']} {told['year']} 年报来 {len(told['revisions'])} 版。", style="bold"))
    for one in told["revisions"]:
        restored = f"，恢复第 {one['restored_from']} 版" if one["restored_from"] else ""
        wrong = f"，须改正 {one['must_correct']} 处、须说明 {one['must_explain']} 处" if one["must_correct"] or one["must_explain"] else ""
        state = STATE_WORDS.get(one["state"], one["state"])
        console.print(words(f"第 {one['revision']} 版 {one['received_at'][:16].replace('T', ' ')} {one['file']}：{state}{restored}{wrong}"))
        for change in one["changes"]:
            console.print(words(f"    {_change_words(change)}"))
        if one["moved"]:
            console.print(words("    合计随之变动："))
        for moved in one["moved"]:
            console.print(words(f"      {moved_words(moved)}"))


def _change_words(change: dict[str, Any]) -> str:
    before, after = change["before"], change["after"]
    where = after or before
    row = f"第 {change['row']} 行" if change["row"] else ""
    place = f"（{where['sheet']} {where['cell']}）" if where["cell"] else ""
    values = [("没有这一项" if side is None else side["value"] or side["raw"] or "空") for side in (before, after)]
    reason = f"，说明：{after['explanation']}" if after and after["explanation"] != (before or {}).get("explanation") else ""
    return f"{change['indicator']} {change['name']}{row}：{values[0]} → {values[1]}{place}{reason}"
