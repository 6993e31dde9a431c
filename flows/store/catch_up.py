"""Store and journal brought together again, where a kill, an upgrade or a copied file left one behind the other."""

from pathlib import Path

from flows.store.events import known, note
from flows.store.journal import Copied, Happened, Journal, Line, Sent, places
from flows.store.revisions import revisions_of, take_up
from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.errors import InputError
from schemas.outputs import STORE

_SQL = sql_beside(__file__)


def refuse_lost(outputs: Path) -> None:
    """Refuse to begin an empty store beside a journal: what it tells would seem lost. Raises InputError saying so.

    A run that was killed leaves its store file, however little is in it.
    """
    store = outputs / STORE
    if (not store.exists() or not store.stat().st_size) and (count := len(places(Journal(outputs).read()))):
        raise InputError(f"{store} 不见了，流水账里有 {count} 份报表：请先运行 cunhui rebuild 重建，一份也不会少")


def catch_up(store: Store) -> None:
    """What the journal says happened counts in the store; what the store has and the journal lacks is written down.

    Submissions that only the journal has are left to the next collection, which gives them their place again.
    """
    if store.rows("SELECT value FROM base.meta WHERE key = 'journal'") == [(str(store.journal.size),)]:
        return
    lines = store.journal.read()
    there = known(store)
    for line in lines:
        if isinstance(line, Happened) and (line.at, line.what) not in there:
            _take_in(store, line)
    store.journal.write(_lacking(store, lines))


def _take_in(store: Store, happened: Happened) -> None:
    if happened.what != "restore":
        note(store, happened)
        return
    sent = revisions_of(store, happened.year, happened.unit or "")
    wanted = next((one for one in sent if one.revision == happened.revision), None)
    if wanted:
        take_up(store, wanted.sub_id, happened, sent[-1].revision + 1)


def _lacking(store: Store, lines: list[Line]) -> list[Line]:
    """What the journal does not say: submissions, copies and events of a store that was kept before there was one."""
    have = {line.place for line in places(lines)}
    copied = {(line.year, line.sha256, line.file) for line in lines if isinstance(line, Copied)}
    said = {(line.at, line.what) for line in lines if isinstance(line, Happened)}
    found: list[Line] = [Sent(*row, part=part) for *row, part in store.rows(_SQL["submissions"])]
    found = [line for line in found if isinstance(line, Sent) and line.place not in have]
    found += [line for row in store.rows(_SQL["copies"]) if (line := Copied(*row)) and row[1:] not in copied]
    found += [
        line for row in store.rows(_SQL["events"]) if (line := Happened(*row)) and (line.at, line.what) not in said
    ]
    return sorted(found, key=lambda line: line.at)
