"""From the store to the emitters' Book: one read, exact decimals."""

from datetime import datetime
from decimal import Decimal

from flows.store.figures import Adjustment, Arrival, Book, Figure, ListRow, Place
from flows.store.store import Store
from schemas.township import Settings

_FIGURES = """
SELECT code, indicator, value, printed, coalesce(text, ''), units_counted, units_expected, provisional
FROM totals WHERE year = $year
UNION ALL
SELECT f.unit_code, f.indicator, f.value, CAST(half_up(ten_thousandths(f.value) * CAST(10 ** i.places AS HUGEINT),
           i.factor * 10000) * CAST(10 ** (6 - i.places) AS HUGEINT) AS DECIMAL(32, 0)) * CAST(0.000001 AS DECIMAL(6, 6)),
       coalesce(f.text, ''), 1, 1, false
FROM facts f JOIN base.indicator i ON i.code = f.indicator WHERE f.year = $year AND i.reporter = 'office'
"""
_ARRIVALS = """
SELECT CAST(u.code AS VARCHAR), u.name, u.kind, coalesce(s.state, 'missing'), coalesce(s.file, ''),
       coalesce(s.revision, 0), s.received_at,
       count(f.code) FILTER (WHERE f.grade = '强制'),
       count(f.code) FILTER (WHERE f.grade = '核实' AND NOT f.explained),
       count(f.code) FILTER (WHERE f.grade = '核实' AND f.explained),
       coalesce(s.accepted_revision, 0) > 0, s.since
FROM base.unit u
LEFT JOIN base.standing s ON s.year = u.year AND s.unit_code = u.code
LEFT JOIN base.finding f ON f.sub_id = s.sub_id
WHERE u.year = $year AND u.expected
GROUP BY ALL
ORDER BY any_value(u.kind) = '站所', 1
"""

REASONS = """
SELECT CAST(coalesce(h.heir, s.unit_code) AS VARCHAR) AS unit_code, f.indicator, min(f.explanation)
FROM base.finding f
JOIN base.submission s ON s.sub_id = f.sub_id AND s.state IN ('accepted', 'accepted with explanations')
LEFT JOIN base.heir h ON h.year = s.year + 1 AND h.code = s.unit_code
WHERE s.year = $year - 1 AND f.explained AND f.indicator <> ''
GROUP BY ALL
"""
"""Last year's accepted reasons, by this year's unit and indicator."""


def load_book(store: Store, settings: Settings, year: int, targets: dict[str, Decimal], last_targets: dict) -> Book:
    """All that a year's tables and report print."""
    places = [
        Place(code, name, "village", kind, terrain or "")
        for code, name, kind, terrain in store.rows(
            "SELECT code, name, kind, terrain FROM units WHERE year = ? AND expected ORDER BY code", [year]
        )
    ]
    [(code, level, name)] = store.rows("SELECT CAST(code AS VARCHAR), level, name FROM base.whole")
    return Book(
        year=year,
        township=Place(code, name, level),
        villages=[place for place in places if place.kind != "站所"],
        offices=[place for place in places if place.kind == "站所"],
        figures=_figures(store, year),
        last=_figures(store, year - 1) | _inherited(store, year),
        arrivals=arrivals(store, settings, year),
        rows=_list_rows(store, year),
        adjustments=_adjustments(store, year),
        targets=targets,
        last_targets=last_targets,
    )


def arrivals(store: Store, settings: Settings, year: int) -> list[Arrival]:
    """Where every expected unit of the year stands, by its newest submission; villages first."""
    rows = store.rows(_ARRIVALS, {"year": year})

    def local(moment: datetime | None) -> datetime | None:
        return moment and moment.astimezone(settings.zone)

    return [Arrival(*row[:6], local(row[6]), *row[7:-1], local(row[-1])) for row in rows]


def last_year_of(store: Store, year: int) -> dict[str, dict[str, Decimal | str]]:
    """Last year's accepted answers by unit code and indicator, for a form's reference column."""
    found: dict[str, dict[str, Decimal | str]] = {}
    query = """
        SELECT CAST(l.unit_code AS VARCHAR), i.code, coalesce(CAST(l.value AS VARCHAR), l.text), l.value
        FROM base.last_year l JOIN base.indicator i ON i.id = l.indicator_id WHERE l.year = ?"""
    for unit, indicator, words, value in store.rows(query, [year]):
        if words is not None:
            found.setdefault(unit, {})[indicator] = words if value is None else value
    return found


def explanations_of(store: Store, year: int) -> dict[str, dict[str, str]]:
    """Last year's accepted explanations by unit code and indicator, to be seen again when this year's form is filled."""
    found: dict[str, dict[str, str]] = {}
    for unit, indicator, words in store.rows(REASONS, {"year": year}):
        found.setdefault(unit, {})[indicator] = words
    return found


def _figures(store: Store, year: int) -> dict[tuple[str, str], Figure]:
    return {(row[0], row[1]): Figure(*row[2:]) for row in store.rows(_FIGURES, {"year": year})}


def _inherited(store: Store, year: int) -> dict[tuple[str, str], Figure]:
    """Last year's figures of units that took over from others; those of units that are gone are not printed."""
    query = """
        SELECT CAST(l.unit_code AS VARCHAR), i.code, l.value, l.printed, coalesce(l.text, '')
        FROM base.inherited l JOIN base.indicator i ON i.id = l.indicator_id WHERE l.year = ?"""
    return {(row[0], row[1]): Figure(*row[2:]) for row in store.rows(query, [year])}


def _list_rows(store: Store, year: int) -> list[ListRow]:
    rows: dict[tuple, dict] = {}
    query = (
        "SELECT list, unit_code, unit_name, row_no, list_column, value, text FROM list_rows WHERE year = ? "
        "ORDER BY list, unit_code, row_no, list_column"
    )
    for *key, column, value, text in store.rows(query, [year]):
        rows.setdefault(tuple(key), {})[column] = text if value is None else value
    return [ListRow(*key, cells) for key, cells in rows.items()]


def _adjustments(store: Store, year: int) -> list[Adjustment]:
    query = """
        SELECT a.unit_code, coalesce(u.name, w.name, a.unit_code), a.indicator, a.exact, a.plain, a.printed, a.forced
        FROM adjustments a LEFT JOIN units u ON u.code = a.unit_code AND u.year = a.year
        LEFT JOIN base.whole w ON CAST(w.code AS VARCHAR) = a.unit_code WHERE a.year = ?
        ORDER BY a.indicator, a.unit_code"""
    return [Adjustment(*row) for row in store.rows(query, [year])]
