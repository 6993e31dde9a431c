"""The pure steps at scale: normalising 3,000 villages, balancing a large table, the report of 15 and 200 villages.

Usage: python -m tests.benchmarks.steps. CPU seconds, the least of three. Goals: 3 s; 0.05 s at 200 units; report and
page under 1.5 s for the sample and no worse than linear in the villages.
"""

import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas as pd

from flows.emit.report.report import write_report
from flows.totals.balance_parts import Column, allocate_table
from flows.values.fields import Field
from flows.values.normalise import normalise
from tests.books import make_book
from tests.office import CATALOGUE
from tests.reporting import TEMPLATE, sample


def seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def normalising() -> float:
    codes = [f"A{n:03}" for n in range(230)]
    raws = [str(n * 7919 % 1_000_000 / 100) for n in range(690_000)]
    answers = pd.DataFrame({"indicator": codes * 3000, "raw": raws, "kind": "number"})
    return seconds(lambda: normalise(answers, {code: Field(code, code, "亩", 2) for code in codes}))


def balancing(units: int) -> float:
    dice = random.Random(units)
    land = {f"{n:03}": dice.randrange(10**9) for n in range(units)}
    parts = ({key: dice.randrange(value + 1) for key, value in land.items()} for _ in range(229))
    columns = [Column("A", land, 10_000, 2), *(Column(f"B{n}", p, 10_000, 2, "A") for n, p in enumerate(parts))]
    return seconds(lambda: allocate_table(columns))


def reporting(villages: int) -> float:
    book = replace(make_book(CATALOGUE, count=villages), targets=dict.fromkeys(CATALOGUE.targets, Decimal(1)))
    settings = sample().settings
    with tempfile.TemporaryDirectory() as folder:
        docx, html = Path(folder) / "r.docx", Path(folder) / "r.html"
        return seconds(lambda: write_report(docx, html, TEMPLATE, book, CATALOGUE, settings, {}))


def main() -> None:
    print(f"normalising 690,000 answers {normalising():.2f} s")
    for units in (15, 200):
        print(f"balancing 230 indicators of {units} units {balancing(units) * 1000:.0f} ms")
    few, many = reporting(15), reporting(200)
    print(f"report of 15 villages {few:.2f} s, of 200 {many:.2f} s ({many / few:.1f} times; linear 13.3)")


if __name__ == "__main__":
    main()
