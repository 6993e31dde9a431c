-- name: findings
SELECT f.sub_id, coalesce(f.details, '{}'), f.code, f.grade, coalesce(f.indicator, ''), coalesce(i.name, ''),
       coalesce(f.sheet, ''), coalesce(f.cell, ''), coalesce(f.raw, ''), coalesce(f.explanation, ''),
       coalesce(f.explained, false)
FROM base.finding f
LEFT JOIN base.indicator i ON i.code = f.indicator
WHERE f.sub_id IN (SELECT unnest($subs))
ORDER BY f.sub_id, f.stage DESC, f.number

-- name: reasons
SELECT sub_id, explanation FROM base.fact
WHERE sub_id IN (SELECT unnest($subs)) AND explanation <> '' ORDER BY sub_id, indicator_id
