-- name: submissions
SELECT received_at, year, CAST(unit_code AS VARCHAR), revision, sha256, file, size, restored_from, part
FROM base.submission WHERE same_as IS NULL ORDER BY sub_id

-- name: copies
SELECT received_at, year, sha256, file FROM base.submission WHERE same_as IS NOT NULL ORDER BY sub_id

-- name: events
SELECT happened_at, year, what, who, why, details, CAST(unit_code AS VARCHAR),
       TRY_CAST(regexp_extract(details, '\\d+') AS SMALLINT)
FROM base.event ORDER BY happened_at
