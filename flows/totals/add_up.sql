-- name: to_balance
SELECT t.code // 1000 AS township, i.code, i.id, i.factor, i.places, i.parent, CAST(t.code AS VARCHAR),
       CAST(ten_thousandths(t.value) AS BIGINT)
FROM base.total t JOIN base.indicator i ON i.id = t.indicator_id
WHERE t.year = $year AND t.level = 'village' AND t.value IS NOT NULL
  AND (i.total = 'sum' OR i.total = 'list' AND i.aggregate = 'sum')
  AND (i.factor > 1 OR i.places < i.decimals)
ORDER BY 1, 2, 7

-- name: put_balanced
UPDATE base.total t SET printed = a.printed FROM base.adjustment a
WHERE t.year = $year AND a.year = t.year AND t.level IN ('village', 'township') AND a.code = t.code
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
