-- Totals of one year, from current facts. Each statement covers one totalling kind for every indicator of that kind.
-- $level is the level's name, $width the power of ten that cuts a unit's code down to the level's prefix. After the stage
-- stand the kinds that a statement covers; `above` is of all levels but the villages'.
-- name: now
CREATE OR REPLACE TEMP TABLE now_unit AS
SELECT u.code, u.code AS own, u.name, coalesce(u.short, u.name) AS short, u.kind, u.terrain,
       string_split(coalesce(
           u.office, CASE WHEN u.kind = '站所' THEN right(CAST(u.code AS VARCHAR), 3) END), '、') AS roles
FROM base.unit u
WHERE u.year = $year AND u.expected;

-- name: now
-- Whose own totals are made: everybody's, unless it is found that some have not changed.
CREATE OR REPLACE TEMP TABLE afresh AS SELECT own FROM now_unit;

-- name: now
CREATE OR REPLACE TEMP TABLE now_sub AS
SELECT n.own, s.sub_id, s.received_at
FROM now_unit n
JOIN base.submission s
  ON s.year = $year AND s.unit_code = n.own AND s.state IN ('accepted', 'accepted with explanations');

-- name: now
-- Which of the forms that each unit owes are in; what is in none of its forms is in with all of them.
CREATE OR REPLACE TEMP TABLE now_in AS
SELECT n.own, any_value(d.forms) AS owed, list(d.form) FILTER (WHERE c.form IS NOT NULL) AS sent,
       bool_and(c.form IS NOT NULL) AS whole
FROM now_unit n
JOIN base.duty d ON d.year = $year AND d.unit_code = n.own
LEFT JOIN (SELECT DISTINCT v.unit_code, v.form FROM base.covering v JOIN now_sub USING (sub_id)) c
    ON c.unit_code = n.own AND c.form = d.form
GROUP BY n.own;

-- name: facts
-- Without the units' names, which are a third of what this takes of memory, and which few kinds of totals ask for.
CREATE OR REPLACE TEMP TABLE now_fact AS
SELECT f.indicator_id, n.own, n.code AS unit_code, n.terrain, s.received_at, f.value, f.text
FROM now_unit n JOIN now_sub s USING (own) JOIN base.current_fact f USING (sub_id);

-- name: now
CREATE OR REPLACE TEMP TABLE now_row AS
WITH picked AS (
    SELECT i.id, c.sub_id, c.row_no
    FROM base.indicator i
    JOIN base.current_cell c ON c.list = i.list AND c.year = $year
    LEFT JOIN base.indicator_where w ON w.indicator_id = i.id AND w.list_column = c.list_column AND w.value = c.text
    WHERE i.total = 'list'
    GROUP BY ALL
    HAVING count(w.value) = any_value(i.conditions))
SELECT p.id AS indicator_id, n.code AS unit_code, n.name, n.short, p.row_no, c.value, c.text
FROM picked p
JOIN now_sub s USING (sub_id)
JOIN now_unit n USING (own)
JOIN base.indicator i ON i.id = p.id
LEFT JOIN base.list_cell c ON c.sub_id = p.sub_id AND c.list = i.list AND c.row_no = p.row_no
      AND c.list_column = i.list_column;

-- name: level
-- Who should report each figure of each place, and how many of them are in. Units that are alike in this are counted
-- first: of a nation's 66,666 villages and 200 figures it takes an eighth (measured 2026-11-29).
CREATE OR REPLACE TEMP TABLE due AS
WITH alike AS (
    SELECT n.code // $width AS code, n.roles, n.terrain, w.owed, w.sent, w.whole, count(*) AS units
    FROM now_unit n JOIN now_in w USING (own)
    WHERE $level <> 'village' OR n.own IN (FROM afresh)
    GROUP BY ALL)
SELECT i.id AS indicator_id, n.code, CAST(sum(n.units) AS BIGINT) AS units_expected,
       CAST(coalesce(sum(n.units) FILTER (
           WHERE CASE WHEN len(n.owed) > 1 AND list_has_any(n.owed, k.forms)
                      THEN coalesce(list_has_any(n.sent, k.forms), false) ELSE n.whole END), 0) AS BIGINT) AS units_counted
FROM base.indicator i
LEFT JOIN base.indicator o ON o.code = coalesce(i.of_code, i.numerator)
LEFT JOIN base.indicator d ON d.code = i.denominator
JOIN alike n ON CASE
         WHEN i.total = 'list' THEN coalesce(list_contains(n.roles, i.office), i.office IS NULL AND n.roles IS NULL)
         WHEN coalesce(o.reporter, i.reporter) = 'office' THEN list_contains(n.roles, coalesce(o.office, i.office))
         ELSE n.roles IS NULL END
     AND (i.terrain IS NULL OR n.terrain = i.terrain)
JOIN (SELECT id, string_split(coalesce(forms, 'own'), ' ') AS forms FROM base.indicator) k ON k.id = coalesce(o.id, i.id)
WHERE coalesce(i.since, $year) <= $year AND coalesce(i.until, $year) >= $year
  AND ($level <> 'village' OR n.roles IS NULL)
GROUP BY ALL;

-- name: level_sum
INSERT INTO base.total
SELECT $year, $level, d.code, i.id, sum(f.value), NULL, NULL, NULL, NULL, d.units_counted, d.units_expected,
       d.units_counted < d.units_expected
FROM due d
JOIN base.indicator i ON i.id = d.indicator_id AND i.total = 'sum'
LEFT JOIN base.indicator o ON o.code = i.of_code
LEFT JOIN now_fact f ON f.indicator_id = coalesce(o.id, i.id) AND f.unit_code // $width = d.code
     AND (i.terrain IS NULL OR f.terrain = i.terrain)
GROUP BY ALL;

-- name: above_count_names
INSERT INTO base.total
SELECT $year, $level, d.code, i.id,
       CASE any_value(i.total) WHEN 'count' THEN count(*) FILTER (WHERE f.value > 0 OR f.text = i.choice) END, NULL, NULL,
       CASE any_value(i.total) WHEN 'names'
            THEN string_agg(CASE $level WHEN 'township' THEN u.short ELSE u.name END, '、' ORDER BY f.value DESC, f.unit_code) FILTER (WHERE f.value > 0) END,
       NULL, d.units_counted, d.units_expected, d.units_counted < d.units_expected
FROM due d
JOIN base.indicator i ON i.id = d.indicator_id AND i.total IN ('count', 'names')
JOIN base.indicator o ON o.code = i.of_code
LEFT JOIN now_fact f ON f.indicator_id = o.id AND f.unit_code // $width = d.code
     AND (i.terrain IS NULL OR f.terrain = i.terrain)
LEFT JOIN now_unit u ON u.own = f.own AND i.total = 'names'
GROUP BY ALL;

-- name: level_typical
-- typical: the value most units above zero give; of equally common ones the smallest.
INSERT INTO base.total
WITH votes AS (
    SELECT d.indicator_id, d.code, d.units_counted, d.units_expected, f.value, count(f.value) AS n
    FROM due d
    JOIN base.indicator i ON i.id = d.indicator_id AND i.total = 'typical'
    JOIN base.indicator o ON o.code = coalesce(i.of_code, i.code)
    LEFT JOIN now_fact f ON f.indicator_id = o.id AND f.unit_code // $width = d.code AND f.value > 0
         AND (i.terrain IS NULL OR f.terrain = i.terrain)
    WHERE $level <> 'village' OR i.reporter = 'village'
    GROUP BY ALL)
SELECT $year, $level, code, indicator_id, arg_max(value, (n, -value)), NULL, NULL, NULL, NULL,
       units_counted, units_expected, units_counted < units_expected
FROM votes GROUP BY ALL;

-- name: level_last_text
INSERT INTO base.total
SELECT $year, $level, d.code, i.id,
       CASE any_value(i.total) WHEN 'last' THEN arg_max(f.value, (f.received_at, f.unit_code)) END, NULL, NULL,
       CASE any_value(i.total) WHEN 'text' THEN string_agg(nullif(f.text, ''), '、' ORDER BY f.unit_code) END,
       NULL, d.units_counted, d.units_expected, d.units_counted < d.units_expected
FROM due d
JOIN base.indicator i ON i.id = d.indicator_id AND i.total IN ('last', 'text')
LEFT JOIN now_fact f ON f.indicator_id = i.id AND f.unit_code // $width = d.code
GROUP BY ALL;

-- name: level_choice
-- choice: a village's answer; of several villages how many gave each, the commonest first.
INSERT INTO base.total
WITH answers AS (
    SELECT d.indicator_id, d.code, d.units_counted, d.units_expected, f.text, count(*) AS n
    FROM due d
    JOIN base.indicator i ON i.id = d.indicator_id AND i.total = 'choice'
    LEFT JOIN now_fact f ON f.indicator_id = i.id AND f.unit_code // $width = d.code AND f.text <> ''
    GROUP BY ALL)
SELECT $year, $level, code, indicator_id, NULL, NULL, NULL,
       CASE WHEN $level = 'village' AND count(text) < 2 THEN any_value(text)
            ELSE string_agg(text || ' ' || n, '、' ORDER BY n DESC, text) END,
       NULL, units_counted, units_expected, units_counted < units_expected
FROM answers GROUP BY ALL;

-- name: level_none
-- none: what was sent, and nothing above who sent it. Units that became one have no common figure.
INSERT INTO base.total
SELECT $year, $level, d.code, i.id, CASE WHEN count(DISTINCT f.value) = 1 THEN any_value(f.value) END, NULL, NULL,
       CASE WHEN count(DISTINCT f.text) = 1 THEN any_value(f.text) END,
       NULL, d.units_counted, d.units_expected, d.units_counted < d.units_expected
FROM due d
JOIN base.indicator i ON i.id = d.indicator_id AND i.total = 'none'
LEFT JOIN now_fact f ON f.indicator_id = i.id AND f.unit_code // $width = d.code
WHERE $level = 'village' OR (i.reporter <> 'village' AND $level = 'township')
GROUP BY ALL;

-- name: above_units
INSERT INTO base.total
SELECT $year, $level, d.code, i.id, d.units_expected, NULL, NULL, NULL, NULL, d.units_expected, d.units_expected, false
FROM due d JOIN base.indicator i ON i.id = d.indicator_id AND i.total = 'units';

-- name: level_list
INSERT INTO base.total
WITH ranked AS (
    SELECT indicator_id, unit_code // $width AS code, unit_code,
           CASE WHEN $level IN ('village', 'township') THEN short ELSE name END AS name, row_no, value, text,
           sum(coalesce(value, 0)) OVER (PARTITION BY indicator_id, unit_code) AS of_unit
    FROM now_row),
named AS (
    SELECT indicator_id, code, string_agg(name, '、' ORDER BY of_unit DESC, unit_code) AS names
    FROM (SELECT DISTINCT indicator_id, code, unit_code, name, of_unit FROM ranked) GROUP BY ALL),
summed AS (
    SELECT indicator_id, code, count(*) AS n, sum(value) AS value,
           arg_min(value, (unit_code, row_no)) AS first_value, arg_min(text, (unit_code, row_no)) AS first_text
    FROM ranked GROUP BY ALL)
SELECT $year, $level, d.code, i.id,
       CASE i.aggregate WHEN 'count' THEN coalesce(r.n, 0)
                        WHEN 'sum' THEN coalesce(r.value, CASE WHEN d.units_counted > 0 THEN 0 END)
                        WHEN 'first' THEN r.first_value END,
       NULL, NULL,
       CASE i.aggregate WHEN 'units' THEN g.names WHEN 'first' THEN r.first_text END,
       NULL, d.units_counted, d.units_expected, d.units_counted < d.units_expected
FROM due d
JOIN base.indicator i ON i.id = d.indicator_id AND i.total = 'list'
LEFT JOIN summed r ON r.indicator_id = i.id AND r.code = d.code
LEFT JOIN named g ON g.indicator_id = i.id AND g.code = d.code;

-- name: level_ratio
-- A ratio keeps its two totals; value is their quotient to four places, and is not what printing starts from.
INSERT INTO base.total
SELECT $year, $level, d.code, i.id,
       CAST(half_up(ten_thousandths(n.value) * i.times * 10000, nullif(ten_thousandths(m.value), 0)) AS DECIMAL(32, 0))
           * CAST(0.0001 AS DECIMAL(4, 4)),
       n.value, m.value, NULL, NULL,
       least(n.units_counted, m.units_counted), d.units_expected, n.provisional OR m.provisional
FROM due d
JOIN base.indicator i ON i.id = d.indicator_id AND i.total = 'ratio'
JOIN base.indicator ni ON ni.code = i.numerator
JOIN base.indicator mi ON mi.code = i.denominator
JOIN base.total n ON n.year = $year AND n.level = $level AND n.code = d.code AND n.indicator_id = ni.id
JOIN base.total m ON m.year = $year AND m.level = $level AND m.code = d.code AND m.indicator_id = mi.id;

-- name: printed
-- Every number rounded alone, half up, in its printed unit; balancing comes after.
UPDATE base.total t
SET printed = CAST(half_up(
        CASE WHEN i.total = 'ratio' THEN ten_thousandths(t.numerator) * i.times ELSE ten_thousandths(t.value) END
            * CAST(10 ** i.places AS HUGEINT),
        i.factor * CASE WHEN i.total = 'ratio' THEN nullif(ten_thousandths(t.denominator), 0) ELSE 10000 END)
    * CAST(10 ** (6 - i.places) AS HUGEINT) AS DECIMAL(32, 0)) * CAST(0.000001 AS DECIMAL(6, 6))
FROM base.indicator i
WHERE i.id = t.indicator_id AND t.year = $year AND (i.total <> 'weighted' OR t.denominator IS NULL)
  AND (t.level <> 'village' OR t.code IN (SELECT code FROM now_unit SEMI JOIN afresh USING (own)));
