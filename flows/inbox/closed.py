"""The inbox of a closed year: what comes late is refused, and told how to reopen."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

from flows.inbox.taken import Inbox
from flows.store.events import Event
from schemas.findings import Finding


def refused(inbox: Inbox, known: Collection[str], closing: Event, zone: ZoneInfo) -> Inbox:
    """The inbox of a closed year: every file that the store does not know is a notice that says how to reopen."""
    when = f"{closing.happened_at.astimezone(zone):%Y-%m-%d}"
    said = {"year": str(closing.year), "who": closing.who, "when": when}
    late = [file for file in inbox.files if file.sha256 not in known]
    notices = [(file.file, Finding("YEAR_CLOSED", details={"file": file.file, **said})) for file in late]
    return Inbox([file for file in inbox.files if file.sha256 in known], [*inbox.notices, *notices])
