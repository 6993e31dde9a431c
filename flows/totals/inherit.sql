-- name: inherited
SELECT $year + 1, t.code, t.indicator_id, t.value, t.printed, t.numerator, t.denominator, t.text
FROM base.total t WHERE t.year = $year AND t.level = 'village' AND t.code IN (SELECT heir FROM base.heir WHERE year = $year + 1)
