"""`cunhui serve` killed over and over at moments of chance; each time all must end as if nothing had happened.

Usage: python -m tests.benchmarks.kills [kills, 20] [seed, 1]. Linux. By turns serve, its Prefect server, both at once,
or the whole machine is killed, of which what the disk held is then served elsewhere; a village's file has come in
shortly before. Goals, each time: once it serves again no run is left that nobody does, one run at most makes up for
it and begins within seconds, and what is stored then is what one full run stores, with all that was sent kept.
"""

import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import duckdb

from flows import steps
from flows.inbox.archive import digest_of
from flows.job import open_job
from flows.serving.watch import Watch
from flows.verify import verify
from tests.benchmarks.serving import Serving
from tests.benchmarks.soak import stored
from tests.crashing import office
from tests.returning import YEAR, edit
from tests.serving.people import copied_at_once, server_of

KINDS = ("serve", "server", "both", "machine")
SENDING, FAULTY = {"三湾村": 42, "南川村": 56}, "大湾村"
"""Whose files come in, with a figure of theirs that grows each time, for what was sent before is not taken again."""
LONGEST = 9.0
"""Seconds after a file's landing until the kill, at most: it has to lie still for 1.5, and its run takes some 4."""
SOON = 60.0
"""Seconds after it serves again until the run that makes up for a broken one has begun: a slot that is not taken back
is held for 300."""
QUIET = 3.0
"""Seconds in which another run would have begun: longer than a file has to lie still."""


class Township:
    """A township that is served, in whichever folder it now is."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.sent = folder, set[str]()
        self.inbox = folder / "inputs" / str(YEAR) / "submissions"
        self.begin()

    def begin(self) -> None:
        # what can be sent where is of no use here, and told to every new server for 2 CPU-seconds
        self.serving = Serving(self.folder, PREFECT_SERVER_REGISTER_BLOCKS_ON_START="false")

    @property
    def pid(self) -> int:
        return self.serving.process.pid

    def runs(self) -> dict[str, tuple[str, float]]:
        """Of every run that has begun its state and when it began."""
        with closing(sqlite3.connect(self.folder / "outputs" / ".prefect" / "prefect.db")) as records:
            found = records.execute("SELECT id, state_type, start_time FROM flow_run WHERE start_time IS NOT NULL")
            return {run: (state, datetime.fromisoformat(f"{begun}+00:00").timestamp()) for run, state, begun in found}

    def going(self) -> list[str]:
        return [run for run, (state, _) in self.runs().items() if state in ("RUNNING", "PENDING", "CANCELLING")]

    def send(self, name: str, number: int) -> None:
        """A new edition of a village's file comes in, whole."""
        letter = edit(Path(shutil.copy(self.inbox / f"{name}.xlsx", self.folder)), {"I01": SENDING[name] + number})
        with letter.open("rb") as file:
            self.sent.add(digest_of(file))
        letter.replace(self.inbox / letter.name)

    def settle(self) -> None:
        """Until all that lies there was taken by a run that ended well, and no other has begun for a while."""
        kept = self.folder / "outputs" / ".prefect" / "inbox.json"
        watch, quiet = Watch(self.folder / "inputs", YEAR, kept), time.monotonic()
        while time.monotonic() - quiet < QUIET:
            assert self.serving.process.poll() is None, self.serving.said
            if not kept.exists() or watch.read() != watch.now() or self.going():
                quiet = time.monotonic()
            time.sleep(0.2)

    def kill(self, kind: str, elsewhere: Path) -> None:
        """Kill it and start it again where nothing else does."""
        begun = sum("值守已恢复" in line for line in self.serving.said)
        if kind == "machine":
            copied_at_once(self.pid, self.folder, elsewhere)
        if kind == "server":
            os.kill(server_of(self.pid), signal.SIGKILL)
            return self.serving.wait("值守已恢复", begun + 1)
        victims = [self.pid, server_of(self.pid)] if kind == "both" else [self.pid]
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        self.serving.process.wait()
        if kind == "machine":
            self.folder, self.inbox = elsewhere, elsewhere / "inputs" / str(YEAR) / "submissions"
        self.begin()
        return self.serving.wait("值守已启动")


def wrong_with(township: Township, broken: list[str], before: set[str], since: float, fresh: Path) -> list[str]:
    """What is not as if nothing had happened."""
    found, runs = [], township.runs()
    if left := [run for run in broken if runs[run][0] != "CRASHED"]:
        found.append(f"{len(left)} broken runs are {', '.join(runs[run][0] for run in left)}")
    township.settle()
    runs = township.runs()
    made_up = [begun - since for run, (state, begun) in runs.items() if run not in before and state != "CRASHED"]
    if len(made_up) > 1 or (broken and not made_up):
        found.append(f"{len(made_up)} runs made up for it")
    if made_up and made_up[0] > SOON:
        found.append(f"the run that made up for it began after {made_up[0]:.0f} s")
    outputs = township.folder / "outputs"
    with open_job(str(township.folder / "inputs"), str(fresh), YEAR) as job:
        steps.take_in(job, YEAR)
    found += [
        f"{len(differing)} rows differ, one of them {min(map(str, differing))}"
        for served, whole in zip(stored(outputs), stored(fresh), strict=True)
        if (differing := set(served) ^ set(whole))
    ]
    with duckdb.connect(str(outputs / "cunhui.duckdb"), read_only=True) as store:
        kept = {digest for (digest,) in store.execute("SELECT sha256 FROM submissions").fetchall()}
    if lost := township.sent - kept:
        found.append(f"{len(lost)} files that were sent are not kept")
    if not (outputs / str(YEAR) / "退回" / f"{FAULTY}.xlsx").is_file():
        found.append("what goes back is not there")
    return found + [f"{one.where}: {one.found}" for one in verify(outputs)]


def main() -> None:
    kills, seed = (int(word) for word in (*sys.argv[1:], *("20", "1")[len(sys.argv) - 1 :]))
    chance, good = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as name:
        office(Path(name, "0"), [*SENDING, FAULTY])
        township = Township(Path(name, "0"))
        try:
            township.serving.wait("停止")
            for number in range(1, kills + 1):
                township.settle()
                township.send(chance.choice(list(SENDING)), number)
                time.sleep(chance.uniform(0, LONGEST))
                kind, before = KINDS[number % len(KINDS)], set(township.runs())
                broken = township.going()
                township.kill(kind, Path(name, str(number)))
                wrong = wrong_with(township, broken, before, time.time(), Path(name, f"fresh {number}"))
                good += not wrong
                found = "; ".join(wrong) or "all is as if nothing had happened"
                print(f"{number:2} {kind:8}", "a run broken" if broken else "between runs", found, flush=True)
        finally:
            township.serving.process.terminate()
            township.serving.process.wait(60)
    print(f"{good} of {kills}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
