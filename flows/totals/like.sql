-- name: provisional
SELECT 1 FROM base.total WHERE year = $year + 1 AND level = $level AND provisional LIMIT 1

-- name: leave_out
-- Last year's units whose figures this year's totals lack: the unit itself or who took over from it is not in yet.
WITH lacking AS (
    SELECT u.code FROM base.unit u
    WHERE u.year = $year + 1 AND u.expected AND NOT EXISTS (
        FROM base.submission s
        WHERE s.year = u.year AND s.unit_code = u.code AND s.state IN ('accepted', 'accepted with explanations')))
DELETE FROM now_unit n WHERE EXISTS (
    FROM lacking l
    WHERE l.code = n.code
       OR EXISTS (FROM base.heir h WHERE h.year = $year + 1 AND h.code = n.code AND h.heir = l.code)
       OR EXISTS (FROM base.unit p WHERE p.year = $year + 1 AND p.code = n.code AND NOT p.expected
                  AND contains(p.merged_into, CAST(l.code AS VARCHAR))))

-- name: leave_out_facts
-- Of a unit that owes several forms of which some are in: last year's figures that the others ask.
WITH owing AS (
    SELECT d.unit_code, any_value(d.forms) AS owed, list(d.form) FILTER (WHERE c.form IS NOT NULL) AS sent
    FROM base.duty d
    LEFT JOIN (SELECT DISTINCT year, unit_code, form FROM base.covering
               WHERE state IN ('accepted', 'accepted with explanations')) c
        ON c.year = d.year AND c.unit_code = d.unit_code AND c.form = d.form
    WHERE d.year = $year + 1 AND len(d.forms) > 1 GROUP BY 1),
asking AS (SELECT id, string_split(coalesce(forms, 'own'), ' ') AS forms FROM base.indicator)
DELETE FROM now_fact f WHERE EXISTS (
    FROM owing o, asking k
    WHERE o.unit_code = f.unit_code AND k.id = f.indicator_id AND list_has_any(o.owed, k.forms)
      AND NOT coalesce(list_has_any(o.sent, k.forms), false))

-- name: like
SELECT $year + 1, n.code, n.indicator_id, t.value, t.printed, coalesce(t.units_counted, 0), coalesce(t.units_expected, 0)
FROM base.total n
JOIN base.whole w ON w.code = n.code AND w.level = n.level
JOIN base.indicator i ON i.id = n.indicator_id AND NOT i.is_text
LEFT JOIN base.total t ON t.year = $year AND t.level = n.level AND t.code = n.code AND t.indicator_id = n.indicator_id
WHERE n.year = $year + 1 AND n.provisional
