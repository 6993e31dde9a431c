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
