-- name: years
SELECT DISTINCT year FROM base.submission ORDER BY 1

-- name: originals
SELECT DISTINCT year, file, sha256 FROM base.submission ORDER BY ALL

-- name: placed
SELECT received_at, year, CAST(unit_code AS VARCHAR), revision, sha256, file, size, part FROM base.submission
WHERE same_as IS NULL ORDER BY sub_id

-- name: closed
SELECT year FROM base.closed_year ORDER BY 1

-- name: totals
SELECT CAST(t.code AS VARCHAR), i.code, i.name, t.level, t.value, t.printed, t.text, t.units_counted, t.units_expected
FROM base.total t JOIN base.dated_indicator i ON i.id = t.indicator_id AND i.year = t.year WHERE t.year = ?

-- name: contents
SELECT count(*), sum(hash(t)) FROM $table t
