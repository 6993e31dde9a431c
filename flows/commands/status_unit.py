"""`cunhui status --unit`: what a unit sent, revision by revision."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.console import Console

from flows.commands.looking import look
from flows.commands.moved import moved_dict, moved_words, moves
from flows.commands.screen import shown, words
from flows.store.revisions import Cell, Revision, before, changes, cover_of, revisions_of
from flows.values.characters import printable_json
from schemas.catalogue import Catalogue
from schemas.roster import find_unit
from schemas.states import word_of

if TYPE_CHECKING:
    from flows.job import Job


def show_unit(words: str, year: int | None, inputs: str, outputs: str, as_json: bool) -> int:
    """`cunhui status --unit`: every revision, what it changed, and which totals that moved. Returns the exit status."""
    with look(inputs, outputs, year, trying=True) as (job, notes):
        unit = find_unit(words, job.units)
        sent = revisions_of(job.store, job.year, unit.code)
        told = {
            "year": job.year,
            "unit": unit.name,
            "code": unit.code,
            "revisions": _revisions(job, unit.code, sent),
            "notes": notes,
        }
    if as_json:
        print(printable_json(json.dumps(told, ensure_ascii=False, indent=2, default=shown)))
    else:
        _tell(told)
    return 0 if any(one.acceptable for one in sent) else 3


def _revisions(job: "Job", unit: str, sent: Sequence[Revision]) -> list[dict[str, Any]]:
    moved = moves(job.store, job.year, job.settings.printing.rounding, unit, sent)
    names = _list_names(job.catalogue)
    forms = dict(job.store.rows("SELECT form, name FROM base.form"))
    told = []
    for one in sent:
        earlier = before(sent, one)
        changed = changes(job.store, earlier.sub_id, one.sub_id) if earlier else []
        told.append(
            {
                "revision": one.revision, "state": one.state, "state_word": word_of(one.state), "file": one.file,
                "sha256": one.sha256,
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
        if one.form:
            told[-1]["form"] = forms.get(one.form, one.form)
        if cover := cover_of(job.store, one.sub_id):
            told[-1]["cover"] = cover
    return told


def _cell(cell: Cell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    return {"value": _trimmed(cell.value), "raw": cell.raw, "sheet": cell.sheet, "cell": cell.cell,
            "explanation": cell.explanation}  # fmt: skip


def _trimmed(text: str) -> str:
    try:
        return shown(Decimal(text))
    except ArithmeticError:
        return text


def _list_names(catalogue: Catalogue) -> dict[str, str]:
    return {column.code: column.name for one in catalogue.lists.values() for column in one.columns}


def _tell(told: dict[str, Any]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(words(f"{told['unit']} {told['year']} 年报来 {len(told['revisions'])} 版。", style="bold"))
    for one in told["revisions"]:
        restored = f"，恢复第 {one['restored_from']} 版" if one["restored_from"] else ""
        wrong = (
            f"，须改正 {one['must_correct']} 处、须说明 {one['must_explain']} 处"
            if one["must_correct"] or one["must_explain"]
            else ""
        )
        state = (f"《{one['form']}》" if "form" in one else "") + word_of(one["state"])
        console.print(
            words(
                f"第 {one['revision']} 版 {one['received_at'][:16].replace('T', ' ')} {one['file']}："
                f"{state}{restored}{wrong}"
            )
        )
        if cover := one.get("cover"):
            console.print(words(f"    封面：{'，'.join(f'{name} {said}' for name, said in cover.items())}"))
        for change in one["changes"]:
            console.print(words(f"    {_change_words(change)}"))
        if one["moved"]:
            console.print(words("    合计随之变动："))
        for moved in one["moved"]:
            console.print(words(f"      {moved_words(moved)}"))
    for note in told["notes"]:
        console.print(words(f"注意：{note}", style="yellow"))


def _change_words(change: dict[str, Any]) -> str:
    before, after = change["before"], change["after"]
    where = after or before
    row = f"第 {change['row']} 行" if change["row"] else ""
    place = f"（{where['sheet']} {where['cell']}）" if where["cell"] else ""
    values = [("没有这一项" if side is None else side["value"] or side["raw"] or "空") for side in (before, after)]
    reason = (
        f"，说明：{after['explanation']}" if after and after["explanation"] != (before or {}).get("explanation") else ""
    )
    return f"{change['indicator']} {change['name']}{row}：{values[0]} → {values[1]}{place}{reason}"
