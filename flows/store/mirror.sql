-- name: keep_closed
DELETE FROM base.closed_indicator WHERE year NOT IN (SELECT year FROM base.closed_year);
DELETE FROM base.closed_settings WHERE year NOT IN (SELECT year FROM base.closed_year);
INSERT INTO base.closed_indicator
SELECT c.year, i.* FROM base.closed_year c CROSS JOIN base.indicator i
WHERE NOT EXISTS (FROM base.closed_indicator k WHERE k.year = c.year)

-- name: ids
SELECT code, id FROM base.closed_indicator UNION ALL SELECT code, id FROM base.indicator

-- name: gone
SELECT i.code, i.name, list(DISTINCT s.year ORDER BY s.year)
FROM base.indicator i JOIN base.fact f ON f.indicator_id = i.id JOIN base.submission s USING (sub_id)
WHERE i.code IN (SELECT unnest($codes)) AND NOT EXISTS (FROM base.closed_indicator c WHERE c.year = s.year)
GROUP BY ALL ORDER BY 1

-- name: mirror_units
INSERT INTO base.unit
SELECT year, code, name, kind, terrain, expected, CAST(valid_from AS DATE), CAST(valid_to AS DATE), merged_into, office, forms,
       short, township, county, city
FROM frame
