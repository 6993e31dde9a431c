"""A unit's revisions: what each one changed, cell by cell, and taking an earlier one up again.

Which revision a file is, `flows.inbox.ledger` says; which one counts, judge.sql.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from flows.store.events import note
from flows.store.journal import Happened, Sent, places
from flows.store.statements import sql_beside
from flows.store.store import TABLES, Store, run
from schemas.adopted import WHOLE
from schemas.errors import InputError

_SQL = sql_beside(__file__)

_COPY = "INSERT INTO base.{table} SELECT * REPLACE ({fresh}) FROM base.{table} WHERE sub_id = $sub {only}"
_FRESH_ROWS = "$number AS sub_id"
_FRESH = {
    "submission": "$number AS sub_id, $newest AS revision, $old AS restored_from, $at AS received_at, NULL AS state"
}
_ONLY = {"finding": "AND stage = 'read'"}
"""What a revision taken up again does not keep: its number, its day, and what comparing found at the time."""


class Revision(NamedTuple):
    """One file that a unit sent for the year; `acceptable` by its own findings, current or superseded."""

    sub_id: int
    revision: int
    state: str
    file: str
    sha256: str
    size: int
    received_at: datetime
    restored_from: int | None
    acceptable: bool
    part: str
    form: str
    must: int
    confirm: int


class Cell(NamedTuple):
    """What one revision says in one cell, as stored and as sent."""

    value: str
    raw: str
    sheet: str | None
    cell: str
    explanation: str


class Change(NamedTuple):
    """A cell that two revisions say differently; None where one of them has no such cell. `row` is a list's, or 0."""

    code: str
    row: int
    name: str
    before: Cell | None
    after: Cell | None


def revisions_of(store: Store, year: int, unit: str) -> list[Revision]:
    """Everything the unit sent for the year, oldest first."""
    return [Revision(*row) for row in store.rows(_SQL["revisions"], [year, int(unit)])]


def before(revisions: Sequence[Revision], one: Revision) -> Revision | None:
    """The revision before it that is of the same form, or of the whole."""
    earlier = [other for other in revisions if other.revision < one.revision and of_one_form(other, one)]
    return earlier[-1] if earlier else None


def of_one_form(one: Revision, other: Revision) -> bool:
    """Whether one takes the place of the other: copies of the same form, or either is our whole one."""
    return one.form == other.form or WHOLE in (one.form, other.form)


def steps_between(revisions: Sequence[Revision]) -> list[tuple[Revision, Revision]]:
    """Each acceptable revision with the acceptable one of its form before it: the steps by which totals moved."""
    counting = [one for one in revisions if one.acceptable]
    return [(earlier, one) for one in counting if (earlier := before(counting, one))]


def cover_of(store: Store, sub: int) -> dict[str, str]:
    """What a submission's cover says in the catalogue's own fields, by their names."""
    return dict(store.rows(_SQL["cover"], [sub]))


def changes(store: Store, earlier: int, later: int) -> list[Change]:
    """Every cell, of indicators and of lists, that the later submission says differently."""
    before, after = _cells(store, earlier), _cells(store, later)
    found = []
    for key in dict.fromkeys((*before, *after)):
        name, one = before.get(key, ("", None))
        new_name, other = after.get(key, (name, None))
        if (one and (one.value, one.raw, one.explanation)) != (other and (other.value, other.raw, other.explanation)):
            found.append(Change(*key, new_name or name, one, other))
    return found


def restore(store: Store, year: int, unit: str, name: str, revision: int, who: str, why: str) -> int:
    """Take an earlier acceptable revision up again as the unit's newest, and write down who did it and why.

    Returns the new revision's number.

    Raises InputError for one that does not exist, was not acceptable, or is the newest already. The year must be
    judged and added up afterwards.
    """
    sent = revisions_of(store, year, unit)
    wanted = next((one for one in sent if one.revision == revision), None)
    if wanted is None:
        said = "、".join(str(one.revision) for one in sent)
        raise InputError(f"{name} {year} 年" + (f"没有第 {revision} 版（有：{said}）" if said else "还没有报过"))
    if not wanted.acceptable:
        raise InputError(f"{name}第 {revision} 版有没有改正的问题，不能恢复")
    if wanted == [one for one in sent if of_one_form(one, wanted)][-1]:
        raise InputError(f"{name}第 {revision} 版就是最新的一版，不必恢复")
    newest = sent[-1].revision + 1
    details = f"第 {revision} 版恢复为第 {newest} 版"
    happened = Happened(datetime.now(UTC), year, "restore", who, why, details, unit, revision)
    place = next((line for line in places(store.journal.read()) if line.place == (year, unit, revision)), None)
    corrections = place.corrections if place else ()
    file = wanted.sha256, wanted.file, wanted.size
    again = Sent(happened.at, year, unit, newest, *file, revision, corrections, part=wanted.part)
    store.journal.write([happened, again])
    take_up(store, wanted.sub_id, happened, newest)
    return newest


def take_up(store: Store, sub_id: int, happened: Happened, newest: int) -> None:
    """Copy a submission as the unit's newest, as the journal says it happened."""
    given = {"sub": sub_id, "number": store.next_id(), "newest": newest, "old": happened.revision, "at": happened.at}
    with store.transaction() as db:
        for table in TABLES:
            run(db, _COPY.format(table=table, fresh=_FRESH.get(table, _FRESH_ROWS), only=_ONLY.get(table, "")), given)
        note(store, happened)


def _cells(store: Store, sub: int) -> dict[tuple[str, int], tuple[str, Cell]]:
    return {(code, row): (name, Cell(*rest)) for code, row, name, *rest in store.rows(_SQL["cells"], {"sub": sub})}
