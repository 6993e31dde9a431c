-- What a package says of its year ($year) before its tables.
-- name: figures
SELECT count(*) FROM base.total WHERE year = $year AND units_counted > 0

-- name: whole
SELECT CAST(code AS VARCHAR), level, name FROM base.whole

-- name: counted
SELECT count(*), count(*) FILTER (WHERE accepted_revision IS NOT NULL) FROM unit_states WHERE year = $year

-- name: rules
SELECT DISTINCT rules_version FROM base.submission
WHERE year = $year AND state IN ('accepted', 'accepted with explanations') ORDER BY 1
