-- name: of_submission
FROM base.$table WHERE sub_id IN (SELECT sub_id FROM base.submission WHERE year = $year)

-- name: of_year
FROM base.$table WHERE year = $year
