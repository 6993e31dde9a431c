"""Compare: each submission against last year, against the other villages, and office against villages.

Runs over every submission of the year at every collection, so that what is found never depends on the order of
arrival, and one that was doubtful stays so when a later one has been sent.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations

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
from schemas.columns import Columns
from schemas.findings import Finding
from schemas.frames import failures
from schemas.township import Judging

_SQL = sql_beside(__file__)

Found = list[tuple[int, Finding]]
"""Findings with the numbers of their submissions."""


@dataclass(frozen=True)
class Sent:
    """Every submission of the year, one row each: values and last year's of the same unit.

    `about` has columns unit_code, is_office, is_newest. What is usual is told from each unit's newest alone. Where a
    unit owes several forms, `values` of its newest of each have what the others say too; `own` tells what each says.
    """

    about: pd.DataFrame
    values: Columns
    before: Columns
    own: Columns

    @cached_property
    def newest(self) -> list[int]:
        """Where the newest of each village is."""
        newest = self.about["is_newest"] & ~self.about["is_office"]
        return np.flatnonzero(newest & ~self.about["unit_code"].where(newest).duplicated(keep="last")).tolist()

    @cached_property
    def usual(self) -> Columns:
        """The newest values of the villages, a row for each."""
        return self.values.taken(self.newest)

    @cached_property
    def places(self) -> dict[int, int]:
        """Where each submission is."""
        return {sub: place for place, sub in enumerate(self.values.rows)}

    def says(self, sub: int, code: str) -> bool:
        """Whether the submission itself has that figure."""
        return bool(self.own.known[self.own.codes[code], self.places[sub]])

    def related(self, catalogue: Catalogue, at_total: bool) -> Iterator[Related]:
        """The relations of the township's totals, or of one unit's figures, all of whose figures somebody has sent."""
        names = {code: item.name for code, item in catalogue.indicators.items()}
        for relation in (each.narrowed(self.values.codes) for each in catalogue.relations.values()):
            if (
                (relation.at == "total") is at_total
                and relation.codes
                and all(c in self.values for c in relation.codes)
            ):
                yield Related(relation, names)


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
    numbers = dict(store.rows("SELECT code, id FROM base.indicator"))
    codes = [item.code for item in catalogue.indicators.values() if item.reporter != "derived" and not item.is_text]
    about = store.frame(_SQL["sent"], {"year": year}).set_index("sub_id")
    own = _columns(store.frame(_SQL["values"], {"year": year}), about.index.tolist(), codes, numbers)
    own = own.only([code for code in codes if own.known[own.codes[code]].any()])
    units = about["unit_code"].unique().tolist()
    last = _columns(store.frame(_SQL["last"], {"year": year}), units, list(own.codes), numbers)
    return Sent(about, _joined(own, about), last.taken(pd.Index(units).get_indexer(pd.Index(about["unit_code"]))), own)


def _columns(cells: pd.DataFrame, rows: list[int], codes: list[str], numbers: Mapping[str, int]) -> Columns:
    """Of cells that name an indicator by its number: of 400,000, as a county has, the codes take as long again."""
    across = pd.Index(rows).get_indexer(pd.Index(cells["row"]))
    down = pd.Index([numbers[code] for code in codes]).get_indexer(pd.Index(cells["indicator_id"]))
    given = (across >= 0) & (down >= 0)
    return Columns.placed(rows, codes, across[given], down[given], cells["value"].to_numpy("int64")[given])


def _joined(values: Columns, about: pd.DataFrame) -> Columns:
    """The values, where a unit has a newest submission of several forms those of the others with each."""
    newest = about["is_newest"] & about["unit_code"].where(about["is_newest"]).duplicated(keep=False)
    if not newest.any():
        return values
    figures, known = values.figures.copy(), values.known.copy()
    several = pd.Series(np.flatnonzero(newest)).groupby(about["unit_code"].to_numpy()[newest])
    for place, other in (pair for _, places in several for pair in permutations(places.iloc[::-1], 2)):
        given = values.known[:, other] & ~known[:, place]
        figures[given, place], known[given, place] = values.figures[given, other], True
    return replace(values, figures=figures, known=known)


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
    checks, residuals, basis = [], [], {}
    away = np.ones(len(sent.values.rows), bool)
    away[sent.newest] = False
    for check in doubts_of(catalogue, year, judging.year_on_year_least, judging.outlier_times):
        if check.indicator.code not in sent.values:
            continue
        if isinstance(check, YearOnYear):
            residual = check.residual(sent.values, sent.before)
        elif check.base.code in sent.values:
            each = np.ma.masked_where(sent.about["is_office"], check.each(sent.values))
            if (median := check.median(np.ma.masked_where(away, each))) is None:
                continue
            residual, basis[check.id] = check.residual(each, median), (each, median)
        else:
            continue
        checks.append(check)
        residuals.append(residual)
    found = []
    for place, check in failures(checks, residuals):
        code, sub = check.indicator.code, sent.values.rows[place]
        value = int(sent.values[code][place])
        if isinstance(check, Outlier):
            each, median = basis[check.id]
            found.append((sub, check.finding(value, float(each[place]), median)))
        else:
            found.append((sub, check.finding(value, int(sent.before[code][place]))))
    return found


def _slips(sent: Sent, catalogue: Catalogue, times: int) -> Found:
    """Figures about ten thousand times, or a ten-thousandth, of last year's or of the other villages' median."""
    now, last, usual = (columns.floats() for columns in (sent.values, sent.before, sent.usual))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a figure that no village has has no median
        medians = np.nanmedian(np.where(usual > 0, usual, np.nan), axis=0)
        own = now / np.where(last > 0, last, np.nan)
        others = np.where(~sent.about["is_office"].to_numpy()[:, None], now / medians, np.nan)
    # Four times either way: villages differ, and years, but hardly so much besides. Nothing was measured.
    found: dict[tuple[int, int], tuple[int, Finding]] = {}
    codes = list(sent.values.codes)
    for share, reference in ((own, "上年数"), (others, "各村中位数")):
        large = (share > times / 4) & (share < times * 4)
        small = (share * times > 1 / 4) & (share * times < 4)
        for row, column in zip(*np.nonzero(large | small), strict=True):
            code, base = codes[column], last[row, column] if reference == "上年数" else medians[column]
            finding = _slip(catalogue, code, int(now[row, column]), int(base), reference, times)
            found.setdefault((row, column), (sent.values.rows[row], finding))
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
    if len(sent.newest) < expected:
        return []
    found = []
    for check in sent.related(catalogue, at_total=True):
        offices = [code for code in check.codes if catalogue.indicators[code].reporter == "office"]
        rows = sent.values.taken(np.flatnonzero(sent.own.known[sent.own.codes[offices[0]]])).only(check.codes)
        for code in set(check.codes) - set(offices):
            if (of_villages := sent.usual[code]).count():
                rows = rows.put(code, int(of_villages.sum()))
        found += _failing(check, rows)
    return found


def _between(sent: Sent, catalogue: Catalogue) -> Found:
    """Relations between figures of several forms of one unit, told where the first of them stands."""
    newest = sent.about["is_newest"].to_numpy()
    if not (newest & (sent.own.known != sent.values.known).any(axis=0)).any():
        return []
    found = []
    for check in sent.related(catalogue, at_total=False):
        own, known = sent.own.only(check.codes).known, sent.values.only(check.codes).known
        across = newest & own[0] & ~own.all(axis=0) & known.all(axis=0)
        found += _failing(check, sent.values.taken(np.flatnonzero(across)).only(check.codes))
    return found


def _failing(check: Related, rows: Columns) -> Found:
    return [(rows.rows[place], check.finding(rows.at(place))) for place, _ in failures([check], [check.residual(rows)])]


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
    units = sent.about["unit_code"].to_dict()
    past = {(int(unit), code): words for unit, code, words in store.rows(REASONS, {"year": year})}
    placed: list[Case] = []
    for sub, finding in cases:
        raw, sheet, cell = places[sub, finding.indicator]
        reason = past.get((units[sub], finding.indicator))
        details = finding.details | (
            {"past": f"（上年说明：{reason}）"} if reason and "past" in finding.details else {}
        )
        whole = Finding(finding.code, sheet, cell, finding.indicator, finding.raw or raw, details, finding.grade)
        placed.append((int(sub), whole, (finding.indicator,)))
    told = store.frame(_SQL["explanations"], {"subs": asked["subs"]})
    return word(placed, told, "compare", _waived(store, year))
