-- name: years
SELECT DISTINCT year FROM base.submission ORDER BY 1

-- name: originals
SELECT DISTINCT year, file, sha256 FROM base.submission ORDER BY ALL

-- name: placed
SELECT received_at, year, CAST(unit_code AS VARCHAR), revision, sha256, file, size, part FROM base.submission
WHERE same_as IS NULL ORDER BY sub_id

-- name: closed
SELECT year FROM base.closed_year ORDER BY 1

-- name: units
SELECT count(*) FROM base.unit WHERE year = $year

-- name: said
-- The totals as they stand, before they are added up again: a county's are more than a program should hold.
CREATE OR REPLACE TEMP TABLE said AS
SELECT code, indicator_id, level, value, printed, text, units_counted, units_expected FROM base.total
WHERE year = $year

-- name: differing
WITH found AS (
    SELECT code, indicator_id, level, value, printed, text, units_counted, units_expected FROM base.total
    WHERE year = $year),
wrong AS ((FROM said EXCEPT FROM found) UNION ALL (FROM found EXCEPT FROM said))
SELECT DISTINCT CAST(w.code AS VARCHAR), i.code, i.name
FROM wrong w JOIN base.dated_indicator i ON i.id = w.indicator_id AND i.year = $year ORDER BY ALL

-- name: contents
SELECT count(*), sum(hash(t)) FROM $table t
