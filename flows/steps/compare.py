"""Compare: each unit's newest submission against last year, against the other villages, and office against villages.

Runs over all units of the year at every collection, so that what is found never depends on the order of arrival.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from flows.steps.check import Case, word
from flows.steps.store import Store
from schemas.catalogue import Catalogue
from schemas.checks import Outlier, Related, YearOnYear, doubts_of, plain
from schemas.findings import Finding
from schemas.frames import failures
from schemas.township import Judging

_NEWEST = """
SELECT s.sub_id, s.unit_code, s.year, u.name AS who, u.kind, i.code AS indicator,
       CAST(ten_thousandths(f.value) AS BIGINT) AS value, f.raw, f.row_no, f.col_no, h.name AS sheet, f.explanation
FROM base.submission s
JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
JOIN base.fact f USING (sub_id)
JOIN base.indicator i ON i.id = f.indicator_id
LEFT JOIN base.sheet h ON h.sub_id = f.sub_id AND h.sheet_no = f.sheet_no
WHERE s.year = $year AND {which}
  AND s.revision = (SELECT max(o.revision) FROM base.submission o
                    WHERE o.year = s.year AND o.unit_code = s.unit_code AND {other})
"""
_SENT = _NEWEST.format(which="s.same_as IS NULL", other="o.same_as IS NULL")
_ACCEPTED = _NEWEST.format(which="s.acceptable", other="o.acceptable")


def compare(store: Store, catalogue: Catalogue, judging: Judging, year: int) -> pd.DataFrame:
    """What comparing finds for the year, as the store's finding rows (stage 'compare')."""
    now = store.frame(_SENT, {"year": year})
    if now.empty:
        return pd.concat([_rivals(store, year), _unchanged(store, year)])
    last = store.frame(_ACCEPTED, {"year": year - 1})
    values, before = _wide(now), _wide(last)
    before = before.reindex(index=values.index, columns=values.columns).astype("Int64")
    villages = values.index.isin(now.loc[now["kind"] != "站所", "unit_code"])
    cases = _slips(values, before, villages, catalogue, judging.slip_times)
    slipped = {(unit, finding.indicator) for unit, finding in cases}
    cases += [case for case in _doubts(values, before, villages, catalogue, judging, year) if _key(case) not in slipped]
    cases += _across(values, villages, catalogue, store, year)
    return pd.concat([_rows(cases, now, _waived(store, year)), _rivals(store, year), _unchanged(store, year)])


def _key(case: tuple[int, Finding]) -> tuple[int, str]:
    return case[0], case[1].indicator


def _wide(facts: pd.DataFrame) -> pd.DataFrame:
    return facts.pivot(index="unit_code", columns="indicator", values="value").astype("Int64")


def _doubts(
    values: pd.DataFrame, before: pd.DataFrame, villages: Any, catalogue: Catalogue, judging: Judging, year: int
) -> list[tuple[int, Finding]]:
    """Year-on-year change and outliers, validated through pandera in one call."""
    checks, columns, basis = [], {}, {}
    for check in doubts_of(catalogue, year, judging.year_on_year_least, judging.outlier_times):
        if any(code not in values.columns for code in check.codes) or check.column in columns:
            continue
        if isinstance(check, YearOnYear):
            columns[check.column] = check.prepare(values, before)
        elif check.base.code in values.columns:
            columns[check.column] = check.prepare(values[villages]).reindex(values.index)
            basis[check.id] = check.each(values[villages])
        else:
            continue
        checks.append(check)
    found = []
    for unit, check in failures(pd.DataFrame(columns, index=values.index), checks):
        value = int(values.at[unit, check.indicator.code])
        if isinstance(check, Outlier):
            each = basis[check.id]
            found.append((unit, check.finding(value, float(each[unit]), float(each.median()))))
        else:
            found.append((unit, check.finding(value, int(before.at[unit, check.indicator.code]))))
    return found


def _slips(
    values: pd.DataFrame, before: pd.DataFrame, villages: Any, catalogue: Catalogue, times: int
) -> list[tuple[int, Finding]]:
    """Figures about ten thousand times, or a ten-thousandth, of last year's or of the other villages' median."""
    now, last = (frame.to_numpy(dtype="float64", na_value=np.nan) for frame in (values, before))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a figure that no village has has no median
        medians = np.nanmedian(np.where(now[villages] > 0, now[villages], np.nan), axis=0)
        own = now / np.where(last > 0, last, np.nan)
        others = np.where(np.asarray(villages)[:, None], now / medians, np.nan)
    found: dict[tuple[int, int], tuple[int, Finding]] = {}
    for share, reference in ((own, "上年数"), (others, "各村中位数")):
        large = (share > times / 4) & (share < times * 4)
        small = (share * times > 1 / 4) & (share * times < 4)
        for row, column in zip(*np.nonzero(large | small), strict=True):
            code, base = values.columns[column], last[row, column] if reference == "上年数" else medians[column]
            finding = _slip(catalogue, code, int(now[row, column]), int(base), reference, times)
            found.setdefault((row, column), (values.index[row], finding))
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


def _across(
    values: pd.DataFrame, villages: Any, catalogue: Catalogue, store: Store, year: int
) -> list[tuple[int, Finding]]:
    """Relations between an office's figure and the total of the villages', once every village has sent its figures."""
    expected = store.rows("SELECT count(*) FROM base.unit WHERE year = ? AND expected AND kind <> '站所'", [year])[0][0]
    names = {code: item.name for code, item in catalogue.indicators.items()}
    found = []
    for relation in catalogue.relations.values():
        if relation.at != "total" or villages.sum() < expected or any(c not in values.columns for c in relation.codes):
            continue
        check = Related(relation, names)
        row = values[list(relation.codes)].sum(min_count=1).astype("Int64").to_frame().T
        for _ in failures(pd.concat([row, check.prepare(row).rename(check.column)], axis=1), [check]):
            office = next(c for c in relation.codes if catalogue.indicators[c].reporter == "office")
            unit = values[office].first_valid_index()
            found.append((unit, check.finding(row.iloc[0])))
    return found


_RIVALS = """
WITH present AS (
    SELECT DISTINCT s.sub_id, s.unit_code, s.sha256, s.state, s.file, s.revision, s.restored_from
    FROM base.submission s JOIN base.inbox i USING (year, sha256)
    WHERE s.year = $year AND s.same_as IS NULL AND s.unit_code IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY s.sha256 ORDER BY s.revision DESC) = 1),
contested AS (
    SELECT unit_code, string_agg(file, '、' ORDER BY file) AS files FROM present
    GROUP BY 1 HAVING count(DISTINCT sha256) > 1)
SELECT p.sub_id, u.name, c.files FROM present p JOIN contested c USING (unit_code)
JOIN base.unit u ON u.code = p.unit_code AND u.year = $year
WHERE coalesce(p.state, '') NOT IN ('accepted', 'accepted with explanations') AND p.restored_from IS NULL
UNION
SELECT s.sub_id, u.name, f.raw FROM base.finding f JOIN base.submission s USING (sub_id)
JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
WHERE s.year = $year AND s.restored_from IS NULL AND f.code = 'TWO_FILES' AND NOT EXISTS (
    FROM base.inbox i WHERE i.year = s.year AND i.sha256 = s.sha256)
"""


def _rivals(store: Store, year: int) -> pd.DataFrame:
    """Two different files of one unit in the inbox: neither is guessed to be the right one, an accepted one stays.

    One that was refused for this and has left the inbox stays refused, so that it never comes back by itself.
    """
    rivals = store.rows(_RIVALS, {"year": year})
    cases: list[Case] = [(number, Finding("TWO_FILES", raw=files, details={"files": files}), ()) for number, _, files in rivals]
    return _without_place(cases, {number: name for number, name, _ in rivals})


_UNCHANGED = """
WITH pair AS (
    SELECT s.sub_id AS later, p.sub_id AS earlier, p.revision, u.name
    FROM base.submission s
    JOIN base.submission p ON p.year = s.year AND p.unit_code = s.unit_code AND p.revision = s.revision - 1
    JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
    WHERE s.year = $year AND s.same_as IS NULL AND p.same_as IS NULL AND s.restored_from IS NULL),
said AS (
    SELECT sub_id, CAST(indicator_id AS VARCHAR) AS what, raw, explanation FROM base.fact
    UNION ALL
    SELECT sub_id, list_column || ' ' || row_no, raw, explanation FROM base.list_cell),
side AS (
    SELECT later, later AS sub_id, true AS of_later FROM pair
    UNION ALL SELECT later, earlier, false FROM pair),
compared AS (SELECT later, what, raw, explanation, of_later FROM side JOIN said USING (sub_id)),
same AS (
    SELECT later FROM (
        SELECT later, what, raw, explanation, bool_or(of_later) AND bool_or(NOT of_later) AS in_both
        FROM compared GROUP BY ALL)
    GROUP BY later HAVING bool_and(in_both))
SELECT later, name, revision FROM pair JOIN same USING (later)
"""


def _unchanged(store: Store, year: int) -> pd.DataFrame:
    """Submissions that say word for word what their unit's previous one said."""
    found = store.rows(_UNCHANGED, {"year": year})
    cases: list[Case] = [(sub, Finding("UNCHANGED", details={"revision": str(revision)}), ()) for sub, _, revision in found]
    return _without_place(cases, {sub: name for sub, name, _ in found})


def _without_place(cases: Sequence[Case], who: dict[int, str]) -> pd.DataFrame:
    nothing = pd.DataFrame(columns=["sub_id", "indicator", "explanation"])
    return word(cases, nothing, who, "compare")


def _waived(store: Store, year: int) -> dict[tuple[int, str], str]:
    """The clerk's words for what was let pass, by submission and subject."""
    query = """
        SELECT c.sub_id, c.subject, c.words FROM base.correction c JOIN base.submission s USING (sub_id)
        WHERE s.year = ? AND c.value IS NULL"""
    return {(sub, subject): words for sub, subject, words in store.rows(query, [year])}


def _rows(
    cases: Sequence[tuple[int, Finding]], now: pd.DataFrame, waived: Mapping[tuple[int, str], str]
) -> pd.DataFrame:
    known = now.set_index(["unit_code", "indicator"])
    placed: list[Case] = []
    for unit, finding in cases:
        at = known.loc[(unit, finding.indicator)]
        cell = f"{get_column_letter(int(at['col_no']))}{at['row_no']}" if at["row_no"] else ""
        whole = Finding(
            finding.code, at["sheet"], cell, finding.indicator, finding.raw or at["raw"], finding.details, finding.grade
        )
        placed.append((int(at["sub_id"]), whole, (finding.indicator,)))
    return word(placed, now, dict(zip(now["sub_id"], now["who"], strict=True)), "compare", waived)
