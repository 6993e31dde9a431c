"""An inbox at a URL, listed over and over: no store tells of what has come.

What has come counts once two listings in a row say the same of it, and so does what is gone. A listing may hang, so it
has a thread of its own.
"""

import hashlib
import threading
from pathlib import Path

from flows.inbox.names import is_submission
from flows.inbox.remote import Object, Remote, Unreached
from schemas.outputs import ARCHIVE

Snapshot = dict[str, tuple[int, int, int]]
"""Of every file its size and two numbers that another version has otherwise, by its path."""

EVERY, SOON = 60.0, 5.0
"""Seconds between two listings: while nothing happens, and while something is not known to lie still."""
AWAY = "收件夹 {} 现在看不到：{}。每 {:.0f} 秒看一次，看到了接着收；已收到的文件和已入库的数都在。"


def settled(listed: Snapshot, before: Snapshot, known: Snapshot) -> Snapshot:
    """What two listings in a row agree on; of everything else what was known of it."""
    paths = listed.keys() | before.keys() | known.keys()
    agreed = {path: (listed if listed.get(path) == before.get(path) else known).get(path) for path in paths}
    return {path: about for path, about in agreed.items() if about}


class Elsewhere:
    """The year's inbox at a URL. Raises InputError for a URL that no store can be had for."""

    def __init__(self, url: str, year: int, outputs: Path) -> None:
        self.url, self._year = url, year
        self._store = Remote(url, year, outputs, outputs / ARCHIVE)
        self._listed = self._known = Snapshot()
        self._looked = False
        self.away = ""
        """That it cannot be seen now and why, in words; nothing while it can, or nobody has looked."""

    def begin(self, taken: Snapshot, heard: threading.Event, stop: threading.Event) -> None:
        """Look from now on, until `stop`, and set `heard` after each; `taken` is what a run has taken before."""
        self._listed = self._known = {path: about for path, about in taken.items() if path.startswith(self.url)}
        threading.Thread(target=self._keep_looking, args=(heard, stop), daemon=True).start()

    def _keep_looking(self, heard: threading.Event, stop: threading.Event) -> None:
        pause = 0.0
        while not stop.wait(pause):
            pause = EVERY if self.look() else SOON
            heard.set()

    def look(self) -> bool:
        """List it once. Whether nothing waits for another look soon."""
        try:
            found = self._store.listed()
        except Unreached as error:
            self.away = AWAY.format(self.url, error.why, EVERY)
            return True
        listed = {f"{self.url}/{self._year}/{one.name}": _about(one) for one in found if is_submission(one.name)}
        self._known = settled(listed, self._listed, self._known)
        self._listed, self._looked, self.away = listed, True, ""
        return self._known == listed

    def seen(self) -> Snapshot | None:
        """What lies still there; None while it cannot be seen."""
        return self._known if self._looked and not self.away else None


def _about(one: Object) -> tuple[int, int, int]:
    digest = hashlib.sha256(one.mark.encode()).digest()
    return one.size or 0, int.from_bytes(digest[:6], "big"), 0
