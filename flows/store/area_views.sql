-- name: had
-- Every indicator that a year had figures of, as that year's catalogue has it.
SELECT i.area, i.code, i.name, i.unit, i.is_text, list(DISTINCT i.year ORDER BY i.year)
FROM base.dated_indicator i SEMI JOIN base.total t ON t.year = i.year AND t.indicator_id = i.id
GROUP BY ALL
ORDER BY min(i.id), min(i.year)

-- name: last_collected
CREATE OR REPLACE VIEW {view} AS
SELECT * EXCLUDE ({hidden}) FROM {every}
WHERE 年度 = (SELECT CAST(value AS SMALLINT) FROM base.meta WHERE key = 'year')
ORDER BY rpad(单位代码, 12, '9')

-- name: wide
WITH place AS (
    SELECT year, code, name AS unit_name, terrain, 'village' AS level, 0 AS place_order FROM units
    WHERE expected AND kind <> '站所'
    UNION ALL
    SELECT year, CAST(code AS VARCHAR), '小计', NULL, level, 2 FROM base.place
    UNION ALL
    SELECT DISTINCT t.year, CAST(w.code AS VARCHAR), '合计', NULL, w.level, 1
    FROM base.whole w JOIN base.total t ON t.level = w.level AND t.code = w.code)
SELECT p.year AS 年度, p.code AS 单位代码, {above}p.unit_name AS 单位, p.terrain AS 地形, p.place_order AS 序, {columns}
FROM place p
LEFT JOIN totals t ON t.year = p.year AND t.level = p.level AND t.code = p.code AND t.indicator IN ({codes})
{joins}GROUP BY ALL

-- name: within
-- The place of one level that a row lies in.
LEFT JOIN base.place in_{level} ON in_{level}.year = p.year AND in_{level}.level = '{level}'
    AND length(p.code) >= {digits} AND in_{level}.code = CAST(left(p.code, {digits}) AS BIGINT)

-- name: gone
-- The views of areas that the catalogue no longer has; no others come in such pairs.
SELECT unnest([v.view_name || '历年', v.view_name]) FROM duckdb_views() v
SEMI JOIN duckdb_views() e ON e.view_name = v.view_name || '历年'
WHERE NOT list_contains(?, v.view_name)
