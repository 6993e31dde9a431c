-- name: to_balance
-- The figures of villages, each indicator's together; of what only offices report, those of townships.
WITH printed AS (
    SELECT i.code, i.id, i.factor, i.places, i.parent, t.level, CAST(t.code AS VARCHAR) AS unit,
           CAST(ten_thousandths(t.value) AS BIGINT) AS value
    FROM base.total t JOIN base.indicator i ON i.id = t.indicator_id
    WHERE t.year = $year AND t.level IN ('village', 'township') AND t.value IS NOT NULL
      AND (i.total = 'sum' OR i.total = 'list' AND i.aggregate = 'sum')
      AND (i.factor > 1 OR i.places < i.decimals))
SELECT code, id, factor, places, parent, list(unit ORDER BY unit), list(value ORDER BY unit) FROM printed p
WHERE level = 'village' OR NOT EXISTS (FROM printed v WHERE v.level = 'village' AND v.code = p.code)
GROUP BY ALL ORDER BY code

-- name: put_balanced
UPDATE base.total t SET printed = a.printed FROM base.adjustment a
WHERE t.year = $year AND a.year = t.year AND a.code = t.code
AND a.indicator_id = t.indicator_id


-- name: weighted
-- The villages' figures of each place with their weights, in ten-thousandths; without either, a village does not count.
SELECT d.code, i.id, i.factor, i.places, d.units_counted, d.units_expected,
       list(ten_thousandths(f.value)) FILTER (WHERE w.value IS NOT NULL AND f.value IS NOT NULL),
       list(ten_thousandths(w.value)) FILTER (WHERE w.value IS NOT NULL AND f.value IS NOT NULL),
       CASE WHEN count(f.value) = 1 THEN any_value(f.value) END
FROM due d
JOIN base.indicator i ON i.id = d.indicator_id AND i.total = 'weighted'
JOIN base.indicator wi ON wi.code = i.weight
LEFT JOIN now_fact f ON f.indicator_id = i.id AND f.unit_code // $width = d.code
LEFT JOIN now_fact w ON w.indicator_id = wi.id AND w.unit_code = f.unit_code
GROUP BY ALL

-- name: marks
-- What each unit's own totals follow from: what it says, its line of the roster, the catalogue, and $rules.
CREATE OR REPLACE TEMP TABLE mark AS
WITH item AS (SELECT concat_ws(' ', sum(hash(i)), bit_xor(hash(i))) AS said FROM base.indicator i),
filter AS (SELECT concat_ws(' ', sum(hash(w)), bit_xor(hash(w))) AS said FROM base.indicator_where w),
fact AS (
    SELECT unit_code, concat_ws(' ', count(*), sum(hash(f)), bit_xor(hash(f))) AS said FROM now_fact f GROUP BY 1),
list AS (
    SELECT unit_code, concat_ws(' ', count(*), sum(hash(r)), bit_xor(hash(r))) AS said FROM now_row r GROUP BY 1)
SELECT n.own AS unit, concat_ws('|', $rules, item.said, filter.said, hash(n), hash(w), fact.said, list.said) AS said
FROM now_unit n
JOIN now_in w USING (own)
CROSS JOIN item CROSS JOIN filter
LEFT JOIN fact ON fact.unit_code = n.code
LEFT JOIN list ON list.unit_code = n.code

-- name: results
-- What each unit's own totals are.
CREATE OR REPLACE TEMP TABLE result AS
SELECT code AS unit, concat_ws(' ', count(*), sum(hash(t)), bit_xor(hash(t))) AS said
FROM base.total t WHERE year = $year AND level = 'village' GROUP BY code

-- name: unchanged
-- Nobody's whose totals follow from the same as last time, and are what they were then.
DELETE FROM afresh WHERE own IN (
    SELECT a.unit FROM base.added a JOIN mark m ON m.unit = a.unit AND m.said = a.follows_from
    LEFT JOIN result r ON r.unit = a.unit
    WHERE a.year = $year AND a.result IS NOT DISTINCT FROM r.said)

-- name: as_rounded
UPDATE base.total t SET printed = a.plain FROM base.adjustment a
WHERE t.year = $year AND a.year = t.year AND a.code = t.code AND a.indicator_id = t.indicator_id

-- name: forget
DELETE FROM base.total
WHERE year = $year AND (level <> 'village' OR code NOT IN (SELECT own FROM now_unit ANTI JOIN afresh USING (own)))

-- name: remember
INSERT INTO base.added
SELECT $year, m.unit, m.said, r.said FROM mark m LEFT JOIN result r ON r.unit = m.unit
