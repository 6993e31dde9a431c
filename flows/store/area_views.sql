-- name: last_collected
CREATE OR REPLACE VIEW {view} AS
SELECT * EXCLUDE (序) FROM {every}
WHERE 年度 = (SELECT CAST(value AS SMALLINT) FROM base.meta WHERE key = 'year')
ORDER BY 序, 单位代码

-- name: wide
WITH place AS (
    SELECT year, code, name AS unit_name, terrain, 'village' AS level, 0 AS place_order FROM units
    WHERE expected AND kind <> '站所'
    UNION ALL
    SELECT DISTINCT t.year, CAST(w.code AS VARCHAR), '合计', NULL, w.level, 1
    FROM base.whole w JOIN base.total t ON t.level = w.level AND t.code = w.code)
SELECT p.year AS 年度, p.code AS 单位代码, p.unit_name AS 单位, p.terrain AS 地形, p.place_order AS 序, {columns}
FROM place p
LEFT JOIN totals t ON t.year = p.year AND t.level = p.level AND t.code = p.code AND t.indicator IN ({codes})
GROUP BY ALL
