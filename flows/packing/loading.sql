-- A package's tables (packed_…) become a store of its own year, so that they are added up as at home.
-- name: load
INSERT INTO base.whole VALUES ($code, $level, $name);

-- name: load
INSERT INTO base.indicator BY NAME
SELECT row_number() OVER (ORDER BY code) AS id, * EXCLUDE (conditions_of) FROM packed_indicators;

-- name: load
INSERT INTO base.indicator_where
SELECT i.id, w.list_column, w.value
FROM packed_indicators p JOIN base.indicator i USING (code), unnest(p.conditions_of) AS u(w);

-- name: load
INSERT INTO base.unit BY NAME
SELECT $year AS year, CAST(code AS BIGINT) AS code, * EXCLUDE (code) FROM packed_units;

-- name: load
INSERT INTO base.submission BY NAME
SELECT row_number() OVER (ORDER BY unit_code) AS sub_id, $year AS year, CAST(unit_code AS BIGINT) AS unit_code,
       * EXCLUDE (unit_code), true AS acceptable
FROM packed_submissions;

-- name: load
INSERT INTO base.fact BY NAME
SELECT s.sub_id, i.id AS indicator_id, f.value, f.text, f.raw
FROM packed_facts f
JOIN (SELECT unit_code, max(sub_id) AS sub_id FROM base.submission GROUP BY 1) s
    ON s.unit_code = CAST(f.unit_code AS BIGINT)
JOIN base.indicator i ON i.code = f.indicator;

-- name: load
INSERT INTO base.list_cell BY NAME
SELECT s.sub_id, c.list, c.row_no, c.list_column, c.value, c.text, c.raw
FROM packed_list_rows c
JOIN (SELECT unit_code, max(sub_id) AS sub_id FROM base.submission GROUP BY 1) s
    ON s.unit_code = CAST(c.unit_code AS BIGINT);
