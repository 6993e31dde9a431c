-- name: findings
SELECT f.sub_id, coalesce(u.name, s.file), f.message, f.code, f.grade, coalesce(f.indicator, ''), coalesce(i.name, ''),
       coalesce(f.sheet, ''), coalesce(f.cell, ''), coalesce(f.raw, ''), coalesce(f.explanation, ''),
       coalesce(f.explained, false)
FROM base.finding f
JOIN base.submission s USING (sub_id)
LEFT JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
LEFT JOIN base.indicator i ON i.code = f.indicator
WHERE f.sub_id IN (SELECT unnest($subs))
ORDER BY f.sub_id, f.stage DESC, f.number

-- name: reasons
SELECT sub_id, explanation FROM base.fact
WHERE sub_id IN (SELECT unnest($subs)) AND explanation <> '' ORDER BY sub_id, indicator_id
