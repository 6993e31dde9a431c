"""A day's arrivals in minutes: files come in any order while `cunhui serve` goes on, faults among them.

Usage: python -m tests.benchmarks.soak [arrivals, 200] [seconds between two batches, 6] [seed, 1]. Linux. Goals: what
is stored in the end is what one full run stores from the same inbox, and memory stays flat.
"""

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import duckdb

from flows import steps
from flows.job import open_job
from flows.serving.watch import snapshot
from tests.benchmarks.serving import Serving
from tests.office import SAMPLE, small_inputs
from tests.returning import YEAR, edit

FAULTS = {"wrong": {"I01": "若干户"}, "doubtful": {"I01": "约42户"}, "weak": {"I01": ("约42户", "属实")}}
BROKEN = b"PK\x03\x04 not a workbook"
QUERIES = (
    "SELECT * EXCLUDE (revision) FROM facts ORDER BY ALL",
    "SELECT * FROM totals ORDER BY ALL",
    "SELECT f.unit_code, f.code, f.grade, f.cell, f.message FROM findings f JOIN submissions s USING (submission) "
    "WHERE s.state LIKE 'accepted%' AND f.code <> 'UNCHANGED' ORDER BY ALL",
    "SELECT unit_name, sha256, state FROM submissions WHERE state LIKE 'accepted%' ORDER BY ALL",
)
"""What is stored in the end. How many revisions there were is not, nor whether one was sent twice."""


def arrivals(inbox: Path, post: Path, number: int, chance: random.Random) -> list[tuple[Path, Path]]:
    """So many letters in any order, as file and name in the inbox; each unit's last can be accepted."""
    whole, sent = sorted(inbox.glob("*.xlsx")), []
    post.mkdir()
    for count in range(number - len(whole)):
        of, letter = chance.choice(whole), post / f"{count}.xlsx"
        kind = chance.choice(["figure", "figure", "broken", *FAULTS])
        shutil.copy(of, letter)
        edit(letter, FAULTS.get(kind, {"I01": 40 + count % 9}))
        if kind == "broken":
            letter.write_bytes(BROKEN + str(count).encode())
        sent.append((letter, of))
    for of in chance.sample(whole, len(whole)):
        sent.append((of.rename(post / of.name), of))
    return sent


def deliver(sent: list[tuple[Path, Path]], pause: float, chance: random.Random) -> None:
    """Put them in by batches of about ten, so that runs come between and during them; some slowly."""
    for letter, of in sent:
        whole = letter.read_bytes()
        with of.open("wb") as file:
            half = len(whole) // 2 if chance.random() < 0.1 else len(whole)
            file.write(whole[:half])
            file.flush()
            time.sleep(chance.uniform(0, 0.3))
            file.write(whole[half:])
        if chance.random() < 0.1:
            time.sleep(pause)


def settle(serving: Serving, inbox: Path) -> None:
    """Until what is in the inbox has lain still for long and no run goes on."""
    seen, since = None, time.monotonic()
    while time.monotonic() - since < 20:
        now = snapshot(inbox), len(serving.said)
        if now != seen:
            seen, since = now, time.monotonic()
        lines = [line for line in serving.said if "开始汇总" in line or "做完" in line]
        if not lines or "做完" not in lines[-1]:
            since = time.monotonic()
        time.sleep(0.5)


def stored(outputs: Path) -> list[list[tuple]]:
    with duckdb.connect(str(outputs / "cunhui.duckdb"), read_only=True) as store:
        return [store.execute(query).fetchall() for query in QUERIES]


def main() -> None:
    number, pause, seed = (float(word) for word in (*sys.argv[1:], *("200", "6", "1")[len(sys.argv) - 1 :]))
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inbox = small_inputs(folder, [path.stem for path in _villages()]) / str(YEAR) / "submissions"
        sent = arrivals(inbox, folder / "post", int(number), chance)
        serving = Serving(folder)
        try:
            serving.wait("停止")
            first, rest = sent[:5], sent[5:]
            deliver(first, pause, chance)
            settle(serving, inbox)
            before, started = serving.proportional(), time.monotonic()
            deliver(rest, pause, chance)
            delivered = time.monotonic() - started
            settle(serving, inbox)
            after = serving.proportional()
        finally:
            serving.process.terminate()
            serving.process.wait(60)
        said = Counter(line.split()[1][:4] for line in serving.said if line[:1].isdigit())
        print(f"{len(sent)} arrivals, {delivered:.0f} s, runs: {dict(said)}")
        print(f"memory of all processes {before} MB, at the end {after} MB")
        with open_job(str(folder / "inputs"), str(folder / "fresh"), YEAR) as job:
            steps.take_in(job, YEAR)
        for query, served, fresh in zip(QUERIES, stored(folder / "outputs"), stored(folder / "fresh"), strict=True):
            print(
                f"{'equal' if served == fresh else 'DIFFERENT'}: {len(fresh)} rows of {query.split(' FROM ')[1][:12]}"
            )
            for row in sorted(set(map(str, served)) ^ set(map(str, fresh)))[:4]:
                print("   ", row)


def _villages() -> list[Path]:
    return sorted((SAMPLE / str(YEAR) / "submissions").glob("*村.xlsx"))


if __name__ == "__main__":
    main()
