"""How often correct reports are found fault with: `python -m tests.false_alarms [3000] [workbooks]`.

So many villages, each like one of the sample's fifteen with a size and a movement from year to year of its own, report
two years. Their answers go through check, store and compare. With `workbooks` each form of the second year is drawn,
filled in with its lists, and read from its bytes.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pandas as pd
from msgspec.structs import replace

from flows.emit.forms.layout import VILLAGE, FormLayout, layout_of
from flows.inbox.owner import Owner, owner_of
from flows.inbox.submission import Submission
from flows.judging.check import check
from flows.judging.compare import compare
from flows.judging.misplaced import _SQL as MISPLACED
from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.records import Answer, Reading
from flows.reading.wanted import wanted_of
from flows.store.mirror import mirror
from flows.store.store import Store
from schemas.expressions import SCALE
from schemas.roster import Unit
from schemas.township import Judging, Who
from tests.office import CATALOGUE
from tests.sample.figures import Answers, Rule, Township, Village, _chance
from tests.sample.make_sample import _filled, _workbook

YEARS = (2022, 2023)
WHOLE = Who(code="9901", name="示例市")
PER_TOWNSHIP = 20
AT_ONCE = 100
TOGETHER = ("LAST_YEAR_AGAIN", "HEADS_SWAPPED", "SAME_AS_OTHER", "ROWS_MOVED", "LAST_YEAR_CHANGED")
"""Findings of many figures at once."""
Change = Callable[[dict[str, Reading]], None]


class Villages(Township):
    """The sample's model for any number of villages."""

    def __init__(self, count: int) -> None:
        super().__init__(CATALOGUE)
        self.count, self.kinds = count, tuple(self.model.villages)

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Villages of made-up names, twenty to a township, each of the terrain of the one it is like."""
        return tuple(
            Unit(f"{WHOLE.code}{number // PER_TOWNSHIP:05}{200 + number % PER_TOWNSHIP}", f"第{number}村", "村",
                 self.model.villages[self._like(f"第{number}村")].terrain)
            for number in range(self.count)
        )  # fmt: skip

    def _like(self, name: str) -> str:
        return self.kinds[int(name[1:-1]) % len(self.kinds)]

    def _village(self, unit: Unit, year: int) -> Iterator[tuple[str, int | str]]:
        like = self.model.villages[self._like(unit.name)]
        size = Decimal("1.35") ** _chance(unit.name, "size")
        mine = Village(terrain=like.terrain, households=int(like.households * size), land=int(like.land * size))
        self.model.villages[unit.name] = mine
        yield from super()._village(unit, year)

    def _figure(self, unit: Unit, year: int, code: str, rule: Rule, known: Mapping) -> int:
        like = self._like(unit.name)
        if rule.given:
            return int(rule.given.get(like, (Decimal(0),) * 2)[YEARS.index(year)] * SCALE)
        if isinstance(rule.where, tuple):
            if like not in rule.where:
                return 0
            rule = replace(rule, where="")
        return super()._figure(unit, year, code, rule, known)

    def cover(self, unit: Unit, year: int) -> dict[str, str]:
        """Everybody's form is filled in by somebody of the same name."""
        return dict.fromkeys(("填表人", "审核人", "联系电话", "填表日期"), "某某")

    def reading(self, unit: Unit, year: int) -> Reading:
        """The unit's form as it would be read: a sheet for each area, last year's figures in the column beside."""
        values = self.answers(unit, year).values
        last = self.worked(unit, year - 1) if year > YEARS[0] else {}
        answers, rows = [], Counter()
        for code, value in values.items():
            sheet = CATALOGUE.indicators[code].area
            rows[sheet] += 1
            raw, kind = _written(value)
            answers.append(
                Answer(code, raw, kind, sheet, 6 + rows[sheet], 5, last=_written(last.get(code))[0], last_col=6)
            )
        return Reading(sha256=f"{unit.code}{year}", file=f"{unit.name}.xlsx", kind="village", answers=answers)


class Papers(Villages):
    """The same villages; their second year's forms are workbooks, with the lists of whom they are like."""

    def reading(self, unit: Unit, year: int) -> Reading:
        """The unit's form, drawn, filled in and read; whose it is it says itself."""
        if year == YEARS[0]:
            return super().reading(unit, year)
        fill = _filled(self, unit, year)
        return read_inside(_workbook(self._layout, fill), self._words, f"{unit.name}.xlsx", f"{unit.code}{year}")

    def answers(self, unit: Unit, year: int) -> Answers:
        """With the rows of whom it is like, each under the village's own name."""
        found, like = super().answers(unit, year), self._like(unit.name)
        own = {
            name: [{key: self._own(value, unit, like) for key, value in row.cells.items()}
                   for row in rows if row.unit == like and year in row.years]
            for name, rows in self.model.rows.items()
        }  # fmt: skip
        return Answers(found.values, found.notes, {name: rows for name, rows in own.items() if rows})

    @staticmethod
    def _own(value: object, unit: Unit, like: str) -> object:
        return value.replace(like, unit.name) if isinstance(value, str) else value

    @cached_property
    def _layout(self) -> FormLayout:
        return layout_of(CATALOGUE, VILLAGE, year=YEARS[1], township="示例镇", deadline="1月10日", marks={})

    @cached_property
    def _words(self) -> Words:
        return Words(wanted_of(CATALOGUE, YEARS[1]))


def _written(value: int | str | None) -> tuple[str, str]:
    if value is None:
        return "", "blank"
    return (value, "text") if isinstance(value, str) else (f"{Decimal(value) / SCALE:f}", "number")


def report(store: Store, villages: Villages, change: Change = lambda readings: None, years=YEARS) -> pd.DataFrame:
    """Take the years in and compare each; returns the findings of the second. `change` spoils its readings, by name."""
    for year in years:
        mirror(store, CATALOGUE, villages.units, year, WHOLE)
        readings = {unit.name: villages.reading(unit, year) for unit in villages.units}
        if year == YEARS[-1]:
            change(readings)
        for start in range(0, villages.count, AT_ONCE):
            some = [
                Submission(store.next_id() + n, readings[unit.name], _owner(readings[unit.name], unit, villages), 1)
                for n, unit in enumerate(villages.units[start : start + AT_ONCE])
            ]
            store.save(check(some, CATALOGUE, year) | {"submission": _rows(some, year), "reading": pd.DataFrame()})
        store.doubt(year, compare(store, CATALOGUE, Judging(), year))
    return store.frame("SELECT * FROM findings WHERE year = ?", [YEARS[1]])


def _owner(reading: Reading, unit: Unit, villages: Villages) -> Owner:
    """Whose a workbook says it is; figures that were never on paper are their village's."""
    return owner_of(reading, villages.units, YEARS[-1]) if reading.identity else Owner(unit)


def _rows(some: list[Submission], year: int) -> pd.DataFrame:
    now = pd.Timestamp("2024-01-01", tz="UTC")
    return pd.DataFrame(
        [
            {"sub_id": one.sub_id, "year": year, "unit_code": int(one.owner.unit.code), "revision": 1,
             "sha256": one.reading.sha256, "file": one.reading.file, "received_at": now, "rules_version": "t"}
            for one in some
        ]
    )  # fmt: skip


def nearest(store: Store) -> dict[str, float]:
    """How near correct figures come to the bounds of `judging.misplaced`: the most of any submission or sheet."""
    sheets = store.frame(MISPLACED["against_last_year"])
    whole = sheets.groupby("sub_id")[["known", "same", "telling", "moving", "off"]].sum()
    share = sheets["same"] / sheets["known"].clip(lower=1)
    twins = store.rows(MISPLACED["twins"], {"year": YEARS[1], "least_page": 4, "least": 4})
    return {
        "most of two digits the same in a form": int(whole["telling"].max()),
        "largest share the same in a form": float((whole["same"] / whole["known"]).max()),
        "most moving figures the same in a sheet": int(sheets["moving"].max()),
        "sheets with 5 such or more": int((sheets["moving"] >= 5).sum()),
        "largest share the same of a sheet with 5": float(share[sheets["moving"] >= 5].max()),
        "sheets with a share of 0.9 and 3 such": int(((share >= 0.9) & (sheets["moving"] >= 3)).sum()),
        "pairs with 4 digits of chance the same": len(twins),
        "sheets": len(sheets),
    }


def main() -> None:
    """Say what was found with how many villages."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "cunhui.duckdb") as store:
        found = report(store, (Papers if "workbooks" in sys.argv else Villages)(count))
        print(found.groupby(["grade", "code"])["unit_code"].agg(["size", "nunique"]).to_string())
        asked = found[(found["grade"] == "核实") & found["code"].isin(TOGETHER)]
        print(
            f"{count} villages: {(found['grade'] == '强制').sum()} 强制; asked together: {asked['unit_code'].nunique()}"
        )
        for what, figure in nearest(store).items():
            print(f"{what}: {figure:.3g}")
        print(asked["message"].head(20).to_string())
        print(found.loc[found["grade"] == "强制", "message"].head(20).to_list())
        print(found.loc[found["grade"] == "提示", "message"].head(20).to_list())
    print(f"{time.process_time() - began:.0f} CPU-seconds")


if __name__ == "__main__":
    main()
