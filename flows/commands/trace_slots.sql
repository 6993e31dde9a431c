-- name: years
SELECT year, code, indicator, value, printed, coalesce(text, '') AS text,
       units_counted, units_expected, provisional
FROM totals WHERE year IN ({year}, {last}) AND indicator IN ({codes}) AND (code = '{unit}' OR code = '{whole}')

-- name: like
SELECT i.code AS indicator, l.value, l.printed, '' AS text, l.units_counted, l.units_expected, true AS provisional
FROM base.like_for_like l JOIN base.indicator i ON i.id = l.indicator_id
WHERE l.year = {year} AND i.code IN ({codes}) AND l.code = {whole}

-- name: rounded
SELECT coalesce(u.name, CASE WHEN a.unit_code <> '{whole}' THEN p.name END, '合计') AS 单位, a.exact AS 准确数, a.plain AS 四舍五入, a.printed AS 印出数,
       a.forced AS 离一位以上
FROM adjustments a LEFT JOIN units u ON u.year = a.year AND u.code = a.unit_code
LEFT JOIN places p ON p.year = a.year AND p.code = a.unit_code
WHERE a.year = {year} AND a.indicator = '{code}' {only} ORDER BY a.unit_code
