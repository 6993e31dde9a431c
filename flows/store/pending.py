"""Who stands where with what is open, for the clerk's lists: every expected unit, and every file of nobody.

Grain: one Pending per expected unit of the year, then one per file in the inbox whose unit is not known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flows.store.book import owed_of
from flows.store.findings import Told, in_order, told
from flows.store.owed import Owed
from flows.store.returned import senders
from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.catalogue import Catalogue
from schemas.findings import spoken
from schemas.township import Settings

_SQL = sql_beside(__file__)

_NOTICES = "SELECT file, code, grade, details FROM base.notice WHERE year = ? ORDER BY file"


@dataclass(slots=True)
class Pending:
    """Where one unit stands by its newest submission; `since` is when its first not accepted one after the last
    accepted one was received, in local time. A file of nobody has no code; a unit that is not `expected` sent one all
    the same. `accepted` is the revision that counts, 0 for none. Of one that owes several forms, `owed` has each.
    `sender` is who is to be asked for it where its place sends packages ("" where that is not known), else None."""

    code: str
    name: str
    kind: str
    state: str
    file: str
    revision: int = 0
    received_at: datetime | None = None
    since: datetime | None = None
    accepted: int = 0
    preparer: str = ""
    phone: str = ""
    terrain: str = ""
    township: str = ""
    expected: bool = False
    findings: list[Told] = field(default_factory=list)
    owed: Sequence[Owed] = ()
    sender: str | None = None

    def count(self, standing: str) -> int:
        """How many findings stand so (see Told.standing)."""
        return sum(one.standing == standing for one in self.findings)

    def days_open(self, now: datetime) -> int | None:
        """For how many days of the calendar it has been waiting to be mended; `now` is local."""
        return self.since and max((now.date() - self.since.date()).days, 0)


def load_pending(store: Store, catalogue: Catalogue, settings: Settings, year: int) -> list[Pending]:
    """Villages by code, offices by code, then files: those that nobody can be asked about, and those that are none."""
    found: dict[Any, Pending] = {}
    for sub, *about, received_at, since, accepted, preparer, phone, terrain, township, due in store.rows(
        _SQL["units"], {"year": year}
    ):
        received_at, since = (moment and moment.astimezone(settings.zone) for moment in (received_at, since))
        found[sub or about[0]] = Pending(
            *about,
            received_at=received_at,
            since=since,
            accepted=accepted,
            preparer=preparer,
            phone=phone,
            terrain=terrain,
            township=township,
            expected=due,
        )
    for sub, state, file in store.rows(_SQL["files"], {"year": year}):
        found[sub] = Pending("", "", "", state, file)
    _name_senders(found, senders(store, year))
    of_sub = {key: (one, "") for key, one in found.items() if isinstance(key, int)}
    by_code = {one.code: one for one in found.values() if one.code}
    for code, owed in owed_of(store, year).items():
        if one := by_code.get(code):
            one.owed = owed
            for each in owed:  # a whole form of ours is several of them, and none by name
                of_sub[each.sub] = one, "" if sum(each.sub == other.sub for other in owed) > 1 else each.name
    of_sub.pop(0, None)
    for sub, findings in told(store, catalogue, list(of_sub)).items() if of_sub else ():
        one, form = of_sub[sub]
        one.findings = sorted([*one.findings, *(replace(each, form=form) for each in findings)], key=in_order)
    return [*found.values(), *_notices(store, year)]


def _name_senders(found: Mapping[Any, Pending], sent_by: Mapping[int, str]) -> None:
    """Who sent each in a package; one that has not come is asked of whoever sent the others of its township."""
    for sub, one in found.items():
        one.sender = sent_by.get(sub)
    of_place = {one.township: one.sender for one in found.values() if one.township and one.sender}
    for one in found.values():
        if one.state == "missing":
            one.sender = of_place.get(one.township)


def load_copies(store: Store, year: int) -> list[Pending]:
    """Files in the inbox that hold the same bytes as another one."""
    return _remarks(store.rows(_SQL["copies"], [year]), "duplicate")


def _notices(store: Store, year: int) -> list[Pending]:
    """Files in the inbox that are no submission, such as the lock files of an open workbook."""
    return _remarks(store.rows(_NOTICES, [year]), "notice")


def _remarks(rows: Iterable[tuple], state: str) -> list[Pending]:
    """Files of which one thing is to be said."""
    pending = []
    for file, code, grade, details in rows:
        one = Told(code, grade, "", "", "", "", "", *spoken(code, "", details), "", False)
        pending.append(Pending("", "", "", state, file, findings=[one]))
    return pending
