"""Compare: each submission against last year, against the other villages, and office against villages.

Runs over every submission of the year at every collection, so that what is found never depends on the order of
arrival, and one that was doubtful stays so when a later one has been sent.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from flows.judging.finding_rows import Case, word
from flows.judging.misplaced import Misplaced, misplaced
from flows.judging.versions import rivals, sent_again
from flows.store.book import REASONS
from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.catalogue import Catalogue
from schemas.checks import Outlier, Related, YearOnYear, doubts_of, plain
from schemas.findings import Finding
from schemas.frames import failures
from schemas.township import Judging

_SQL = sql_beside(__file__)

Found = list[tuple[int, Finding]]
"""Findings with the numbers of their submissions."""


@dataclass(frozen=True)
class Sent:
    """Every submission of the year, one row each: values and last year's of the same unit, in ten-thousandths.

    `about` has columns unit_code, is_office, is_newest. What is usual is told from each unit's newest alone. Where a
    unit owes several forms, `values` of its newest of each have what the others say too; `own` tells what each says.
    """

    about: pd.DataFrame
    values: pd.DataFrame
    before: pd.DataFrame
    own: pd.DataFrame

    @cached_property
    def usual(self) -> pd.DataFrame:
        """The newest values of the villages, a row for each."""
        newest = self.about[self.about["is_newest"] & ~self.about["is_office"]]
        return self.values.loc[newest.index[~newest["unit_code"].duplicated(keep="last")]]

    def says(self, sub: int, code: str) -> bool:
        """Whether the submission itself has that figure."""
        return bool(self.own.at[sub, code])


def compare(store: Store, catalogue: Catalogue, judging: Judging, year: int) -> pd.DataFrame:
    """What comparing finds for the year, as the store's finding rows (stage 'compare')."""
    sent = _load(store, catalogue, year)
    if sent.about.empty:
        return rivals(store, year)
    found = [case for case in _slips(sent, catalogue, judging.slip_times) if sent.says(case[0], case[1].indicator)]
    slipped = {_key(case) for case in found}
    doubts = [case for case in _doubts(sent, catalogue, judging, year) if _key(case) not in slipped]
    found += [case for case in doubts if sent.says(case[0], case[1].indicator)]
    wide = misplaced(store, year, _cells(found, catalogue))
    causes = _causes(wide, store, year)
    found = _unexplained(found, wide, causes, catalogue)
    found += [*_across(sent, catalogue, store, year), *_between(sent, catalogue)]
    parts = [causes, _rows(found, sent, store, year), rivals(store, year), sent_again(store, year)]
    said = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return said.assign(number=said.groupby("sub_id").cumcount() + 1)


def _load(store: Store, catalogue: Catalogue, year: int) -> Sent:
    codes = [item.code for item in catalogue.indicators.values() if item.reporter != "derived" and not item.is_text]
    listed = ", ".join(f"'{code}'" for code in codes)
    about = store.frame(_SQL["sent"], {"year": year}).set_index("sub_id")
    of_year = f"f.sub_id IN (SELECT sub_id FROM base.submission WHERE year = {year:d} AND same_as IS NULL)"
    now = _SQL["values"].format(key="f.sub_id", rows="base.fact", which=of_year, codes=listed)
    last = _SQL["values"].format(key="f.unit_code", rows="base.last_year", which=f"f.year = {year:d}", codes=listed)
    values = store.frame(now).set_index("sub_id").astype("Int64").reindex(about.index)
    before = store.frame(last).set_index("unit_code").astype("Int64").reindex(about["unit_code"])
    values = values.dropna(axis="columns", how="all")
    return Sent(about, _joined(values, about), before.set_axis(about.index)[values.columns], values.notna())


def _joined(values: pd.DataFrame, about: pd.DataFrame) -> pd.DataFrame:
    """The values, where a unit has a newest submission of several forms those of the others with each."""
    newest = about[about["is_newest"]]
    several = newest[newest["unit_code"].duplicated(keep=False)]
    if several.empty:
        return values
    latest = values.loc[several.index].groupby(several["unit_code"]).last()
    return values.fillna(latest.loc[several["unit_code"]].set_axis(several.index))


def _cells(found: Found, catalogue: Catalogue) -> dict[tuple[int, str], set[str]]:
    """The figures doubted one by one, by submission and area."""
    cells: dict[tuple[int, str], set[str]] = {}
    for sub, finding in found:
        cells.setdefault((int(sub), catalogue.indicators[finding.indicator].area), set()).add(finding.indicator)
    return cells


def _causes(wide: Sequence[Misplaced], store: Store, year: int) -> pd.DataFrame:
    """What many figures tell together, with the explanations given beside the first of them."""
    told = store.frame(_SQL["explanations"], {"subs": sorted({one.sub_id for one in wide})})
    cases: list[Case] = [(one.sub_id, one.finding, (one.finding.indicator,)) for one in wide]
    return word(cases, told, "compare", _waived(store, year))


def _unexplained(found: Found, wide: Sequence[Misplaced], causes: pd.DataFrame, catalogue: Catalogue) -> Found:
    """The single doubts that no common cause stands for: where a cause is explained away, they are said after all."""
    stands = [not explained for explained in causes["explained"]]
    covered = {(one.sub_id, area) for one, open_ in zip(wide, stands, strict=True) if open_ for area in one.areas}
    return [
        (sub, finding)
        for sub, finding in found
        if (int(sub), catalogue.indicators[finding.indicator].area) not in covered
    ]


def _key(case: tuple[int, Finding]) -> tuple[int, str]:
    return case[0], case[1].indicator


def _doubts(sent: Sent, catalogue: Catalogue, judging: Judging, year: int) -> Found:
    """Year-on-year change and outliers, validated through pandera in one call."""
    checks, columns, basis = [], {}, {}
    of_villages, usual = ~sent.about["is_office"], sent.about.index.isin(sent.usual.index)
    for check in doubts_of(catalogue, year, judging.year_on_year_least, judging.outlier_times):
        if any(code not in sent.values.columns for code in check.codes) or check.column in columns:
            continue
        if isinstance(check, YearOnYear):
            columns[check.column] = check.prepare(sent.values, sent.before)
        elif check.base.code in sent.values.columns:
            each = check.each(sent.values).where(of_villages)
            if (median := check.median(each[usual])) is None:
                continue
            columns[check.column], basis[check.id] = check.prepare(each, median), (each, median)
        else:
            continue
        checks.append(check)
    found = []
    for sub, check in failures(pd.DataFrame(columns, index=sent.values.index), checks):
        value = _at(sent.values, sub, check.indicator.code)
        if isinstance(check, Outlier):
            each, median = basis[check.id]
            found.append((sub, check.finding(value, float(each[sub]), median)))
        else:
            found.append((sub, check.finding(value, _at(sent.before, sub, check.indicator.code))))
    return found


def _at(frame: pd.DataFrame, row: int, column: str) -> int:
    cell: Any = frame.at[row, column]
    return int(cell)


def _slips(sent: Sent, catalogue: Catalogue, times: int) -> Found:
    """Figures about ten thousand times, or a ten-thousandth, of last year's or of the other villages' median."""
    now, last, usual = (
        frame.to_numpy(dtype="float64", na_value=np.nan) for frame in (sent.values, sent.before, sent.usual)
    )
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a figure that no village has has no median
        medians = np.nanmedian(np.where(usual > 0, usual, np.nan), axis=0)
        own = now / np.where(last > 0, last, np.nan)
        others = np.where(~sent.about["is_office"].to_numpy()[:, None], now / medians, np.nan)
    # Four times either way: villages differ, and years, but hardly so much besides. Nothing was measured.
    found: dict[tuple[int, int], tuple[int, Finding]] = {}
    subs: list[int] = sent.values.index.to_list()
    for share, reference in ((own, "上年数"), (others, "各村中位数")):
        large = (share > times / 4) & (share < times * 4)
        small = (share * times > 1 / 4) & (share * times < 4)
        for row, column in zip(*np.nonzero(large | small), strict=True):
            code, base = sent.values.columns[column], last[row, column] if reference == "上年数" else medians[column]
            finding = _slip(catalogue, code, int(now[row, column]), int(base), reference, times)
            found.setdefault((row, column), (subs[row], finding))
    return list(found.values())


def _slip(catalogue: Catalogue, code: str, value: int, base: int, reference: str, times: int) -> Finding:
    item = catalogue.indicators[code]
    large = value > base
    reading = plain(value // times) if large else plain(value * times)
    details = {
        "name": item.name,
        "value": plain(value),
        "unit": item.unit,
        "reference": reference,
        "other": plain(base),
        "times": f"{times} 倍" if large else f"{times} 分之一",
        "reading": reading,
    }
    return Finding("UNIT_SLIP", indicator=code, details=details)


def _across(sent: Sent, catalogue: Catalogue, store: Store, year: int) -> Found:
    """Relations between an office's figure and the total of the villages', once every village has sent its figures."""
    expected = store.rows("SELECT count(*) FROM base.unit WHERE year = ? AND expected AND kind <> '站所'", [year])[0][0]
    names = {code: item.name for code, item in catalogue.indicators.items()}
    totals = sent.usual.sum(min_count=1)
    found = []
    for relation in (each.narrowed(sent.values.columns) for each in catalogue.relations.values()):
        codes = list(relation.codes)
        if relation.at != "total" or len(sent.usual) < expected or any(c not in sent.values.columns for c in codes):
            continue
        check = Related(relation, names)
        office = next(c for c in codes if catalogue.indicators[c].reporter == "office")
        rows = sent.values.loc[sent.own[office], codes].copy()
        for code in codes:
            if catalogue.indicators[code].reporter != "office":
                rows[code] = totals[code]
        rows = rows.astype("Int64")
        for sub, _ in failures(pd.concat([rows, check.prepare(rows).rename(check.column)], axis=1), [check]):
            found.append((int(sub), check.finding(rows.loc[sub])))
    return found


def _between(sent: Sent, catalogue: Catalogue) -> Found:
    """Relations between figures of several forms of one unit, told where the first of them stands."""
    subs = sent.about.index[sent.about["is_newest"] & (sent.own != sent.values.notna()).any(axis="columns")]
    if not len(subs):
        return []
    names = {code: item.name for code, item in catalogue.indicators.items()}
    found = []
    for relation in (each.narrowed(sent.values.columns) for each in catalogue.relations.values()):
        codes = list(relation.codes)
        if relation.at == "total" or not codes or any(code not in sent.values.columns for code in codes):
            continue
        rows = sent.values.loc[subs, codes]
        rows = rows[sent.own.loc[subs, codes[0]] & ~sent.own.loc[subs, codes].all(axis="columns")]
        rows = rows[rows.notna().all(axis="columns")].astype("Int64")
        if len(rows):
            check = Related(relation, names)
            checked = pd.concat([rows, check.prepare(rows).rename(check.column)], axis=1)
            found += [(int(sub), check.finding(rows.loc[sub])) for sub, _ in failures(checked, [check])]
    return found


def _waived(store: Store, year: int) -> dict[tuple[int, str], str]:
    """The clerk's words for what was let pass, by submission and subject."""
    return {(sub, subject): words for sub, subject, words in store.rows(_SQL["waived"], [year])}


def _rows(cases: Found, sent: Sent, store: Store, year: int) -> pd.DataFrame:
    """The findings at their cells, with the explanations given there."""
    asked = {
        "subs": sorted({int(sub) for sub, _ in cases}),
        "codes": sorted({finding.indicator for _, finding in cases}),
    }
    places = {(sub, code): rest for sub, code, *rest in store.rows(_SQL["places"], asked)} if cases else {}
    past = {(int(unit), code): words for unit, code, words in store.rows(REASONS, {"year": year})}
    placed: list[Case] = []
    for sub, finding in cases:
        raw, sheet, cell = places[sub, finding.indicator]
        reason = past.get((_at(sent.about, sub, "unit_code"), finding.indicator))
        details = finding.details | (
            {"past": f"（上年说明：{reason}）"} if reason and "past" in finding.details else {}
        )
        whole = Finding(finding.code, sheet, cell, finding.indicator, finding.raw or raw, details, finding.grade)
        placed.append((int(sub), whole, (finding.indicator,)))
    told = store.frame(_SQL["explanations"], {"subs": asked["subs"]})
    return word(placed, told, "compare", _waived(store, year))
