"""What the clerk did to a year besides collecting it: closed it, reopened it, took up an earlier revision."""

from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from flows.store.journal import Happened, What
from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.township import Settings

_SQL = sql_beside(__file__)


class Event(NamedTuple):
    """One row of base.event, which is only added to. `details` are the excepted units, or the revision taken up."""

    happened_at: datetime
    year: int
    what: What
    unit_code: int | None
    who: str
    why: str
    details: str


def record(store: Store, year: int, what: What, who: str, why: str, details: str = "") -> Event:
    """Write down that it happened, now: first in the journal, then in the store."""
    happened = Happened(datetime.now(UTC), year, what, who, why, details)
    store.journal.write([happened])
    return note(store, happened)


def note(store: Store, happened: Happened) -> Event:
    """Take what the journal says into the store."""
    unit = int(happened.unit) if happened.unit else None
    event = Event(happened.at, happened.year, happened.what, unit, happened.who, happened.why, happened.details)
    store.db.execute("INSERT INTO base.event VALUES (?, ?, ?, ?, ?, ?, ?)", list(event))
    return event


def known(store: Store) -> set[tuple[datetime, str]]:
    """Moment and kind of every event that the store has."""
    return set(store.rows("SELECT happened_at, what FROM base.event"))


def closed_by(store: Store, year: int) -> Event | None:
    """The closing that holds for the year; None while it is open."""
    last = next((Event(*row) for row in store.rows(_SQL["closing"], [year])), None)
    return last if last and last.what == "close" else None


def keep_settings(store: Store, year: int, settings: Settings, version: str) -> None:
    """Keep the settings, and the version of the catalogue, that the year is closed with."""
    store.db.execute("DELETE FROM base.closed_settings WHERE year = ?", [year])
    said = msgspec.json.encode(settings).decode()
    store.db.execute("INSERT INTO base.closed_settings VALUES (?, ?, ?)", [year, said, version])


def kept_settings(store: Store, year: int) -> Settings | None:
    """The settings that the year was closed with; None while it is open."""
    rows = store.rows("SELECT settings FROM base.closed_settings WHERE year = ?", [year])
    return msgspec.json.decode(rows[0][0], type=Settings) if rows and closed_by(store, year) else None


def in_words(closing: Event, zone: ZoneInfo) -> str:
    """Who closed it, when, with which exceptions."""
    when = f"{closing.happened_at.astimezone(zone):%Y-%m-%d %H:%M}"
    excepted = f"，{closing.details}除外" if closing.details else ""
    why = f"（{closing.why}）" if closing.why else ""
    return f"{closing.year} 年已由{closing.who}于 {when} 封存{why}{excepted}"
