-- name: to_balance
-- The figures of villages; of what only offices report, those of townships.
WITH printed AS (
    SELECT i.code, i.id, i.factor, i.places, i.parent, t.level, CAST(t.code AS VARCHAR) AS unit,
           CAST(ten_thousandths(t.value) AS BIGINT) AS value
    FROM base.total t JOIN base.indicator i ON i.id = t.indicator_id
    WHERE t.year = $year AND t.level IN ('village', 'township') AND t.value IS NOT NULL
      AND (i.total = 'sum' OR i.total = 'list' AND i.aggregate = 'sum')
      AND (i.factor > 1 OR i.places < i.decimals))
SELECT code, id, factor, places, parent, unit, value FROM printed p
WHERE level = 'village' OR NOT EXISTS (FROM printed v WHERE v.level = 'village' AND v.code = p.code)
ORDER BY code, unit

-- name: put_balanced
UPDATE base.total t SET printed = a.printed FROM base.adjustment a
WHERE t.year = $year AND a.year = t.year AND a.code = t.code
AND a.indicator_id = t.indicator_id


-- name: weighted
-- The villages' figures of each place with their weights, in ten-thousandths; without either, a village does not count.
SELECT d.code, i.id, i.factor, i.places, d.units_counted, d.units_expected,
       list(ten_thousandths(f.value)) FILTER (WHERE w.value IS NOT NULL AND f.value IS NOT NULL),
       list(ten_thousandths(w.value)) FILTER (WHERE w.value IS NOT NULL AND f.value IS NOT NULL),
       CASE WHEN count(f.value) = 1 THEN any_value(f.value) END
FROM due d
JOIN base.indicator i ON i.id = d.indicator_id AND i.total = 'weighted'
JOIN base.indicator wi ON wi.code = i.weight
LEFT JOIN now_fact f ON f.indicator_id = i.id AND f.unit_code // $width = d.code
LEFT JOIN now_fact w ON w.indicator_id = wi.id AND w.unit_code = f.unit_code
GROUP BY ALL
