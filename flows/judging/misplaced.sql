-- Figures that belong to another year, another unit or another row, told by many figures at once. Nothing here goes
-- over pairs of units: what is compared is a row with its own last year, or a hash with equal hashes.
-- name: entry
CREATE OR REPLACE TEMP TABLE entry AS
SELECT s.sub_id, s.unit_code,
       s.sub_id IN (SELECT sub_id FROM base.standing_of_form WHERE year = $year AND sub_id IS NOT NULL) AS is_newest, i.code AS indicator, i.area, i.area_number, f.sheet_no, f.row_no,
       f.col_no, i.row_code, f.last_col, f.value, f.last, b.value AS before,
       length(rtrim(CAST(abs(ten_thousandths(f.value)) AS VARCHAR), '0')) AS digits
FROM base.submission s
JOIN base.fact f ON f.sub_id = s.sub_id
JOIN base.indicator i ON i.id = f.indicator_id AND NOT i.is_text
LEFT JOIN base.last_year b ON b.year = s.year AND b.unit_code = s.unit_code AND b.indicator_id = f.indicator_id
WHERE s.year = $year AND s.same_as IS NULL;

-- name: against_last_year
-- Per submission and area. `telling` figures are equal to last year's and have two significant digits or more;
-- `moving` ones besides differ from last year's in at least half of the units that report them.
WITH moving AS (
    SELECT indicator, 2 * count(*) FILTER (WHERE value = before) <= count(*) + 1 AS moves
    FROM entry WHERE is_newest AND value <> 0 AND before <> 0 GROUP BY 1)
SELECT sub_id, area,
       count(*) FILTER (WHERE value <> 0 OR before <> 0) AS known,
       count(*) FILTER (WHERE value <> 0 AND value = before) AS same,
       count(*) FILTER (WHERE digits > 1 AND value = before) AS telling,
       count(*) FILTER (WHERE digits > 1 AND value = before AND moves) AS moving,
       count(*) FILTER (WHERE last <> before) AS off
FROM entry LEFT JOIN moving USING (indicator)
WHERE before IS NOT NULL
GROUP BY sub_id, area
HAVING telling > 0 OR off > 0
ORDER BY sub_id, any_value(area_number);

-- name: twins
-- Submissions of different units with the same figures above zero in whole areas, and how much these tell together. A
-- figure tells its significant digits less one, at most three, unless most of the units give this very figure. Only of
-- pages that another unit has too is it asked what they tell.
WITH page AS (
    SELECT sub_id, unit_code, area, any_value(area_number) AS place, count(*) AS figures,
           {added: sum(hash(indicator, value)), crossed: bit_xor(hash(indicator, value))} AS mark
    FROM entry WHERE value <> 0 GROUP BY sub_id, unit_code, area),
pages AS (SELECT sub_id, count(*) AS pages FROM page GROUP BY sub_id),
alike AS (
    FROM page SEMI JOIN (SELECT area, mark FROM page GROUP BY ALL HAVING count(DISTINCT unit_code) > 1) USING (area, mark)),
said AS (FROM entry SEMI JOIN alike USING (sub_id, area) WHERE value <> 0),
sharing AS (
    SELECT indicator, value, count(DISTINCT unit_code) AS sharing
    FROM entry SEMI JOIN said USING (indicator, value) GROUP BY ALL),
giving AS (SELECT indicator, count(DISTINCT unit_code) AS giving FROM entry WHERE value <> 0 GROUP BY indicator),
telling AS (
    SELECT sub_id, area, sum(least(digits - 1, 3)) FILTER (WHERE sharing <= greatest(3, giving / 2)) AS tells
    FROM said JOIN sharing USING (indicator, value) JOIN giving USING (indicator) GROUP BY ALL),
pair AS (
    SELECT a.sub_id, b.sub_id AS other, b.unit_code
    FROM alike a JOIN telling t USING (sub_id, area)
    JOIN alike b ON b.area = a.area AND b.mark = a.mark AND b.unit_code <> a.unit_code
    WHERE t.tells >= $least_page
    GROUP BY ALL
    HAVING sum(t.tells) >= $least),
moved AS (
    SELECT sub_id, area, list(abs(value - before) / before) AS shares
    FROM entry SEMI JOIN alike USING (sub_id, area)
    WHERE before > 0 AND value IS NOT NULL GROUP BY ALL)
SELECT p.sub_id, p.other, any_value(u.name) AS name, list(a.area ORDER BY a.place) AS areas,
       CAST(sum(a.figures) AS INTEGER) AS figures, count(*) = any_value(g.pages) AS whole,
       list_median(flatten(list(m.shares))) AS moved, list_median(flatten(list(n.shares))) AS other_moved
FROM pair p
JOIN pages g ON g.sub_id = p.sub_id
JOIN alike a ON a.sub_id = p.sub_id
JOIN alike b ON b.sub_id = p.other AND b.area = a.area AND b.mark = a.mark
JOIN base.unit u ON u.year = $year AND u.code = p.unit_code
LEFT JOIN moved m ON m.sub_id = a.sub_id AND m.area = a.area
LEFT JOIN moved n ON n.sub_id = b.sub_id AND n.area = b.area
GROUP BY p.sub_id, p.other
ORDER BY 1, 2;

-- name: odd
-- In how many cells of each area the checks of the form alone found figures at fault.
SELECT f.sub_id, i.area, list(DISTINCT f.cell) AS cells
FROM (FROM base.finding UNION ALL FROM base.finding_behind) f
JOIN base.submission s ON s.sub_id = f.sub_id AND s.year = $year
JOIN base.indicator i ON i.code = f.indicator
WHERE f.stage = 'read' AND f.code IN (SELECT unnest($codes))
GROUP BY ALL;

-- name: rows
SELECT e.sub_id, e.area, e.indicator, coalesce(h.name, '') AS sheet, e.row_no, e.col_no, e.last_col,
       CAST(ten_thousandths(e.value) AS BIGINT) AS value, CAST(ten_thousandths(e.last) AS BIGINT) AS last,
       CAST(ten_thousandths(e.before) AS BIGINT) AS before
FROM entry e
LEFT JOIN base.sheet h ON h.sub_id = e.sub_id AND h.sheet_no = e.sheet_no
WHERE e.sub_id IN (SELECT unnest($subs)) AND e.row_code IS NULL
ORDER BY e.sub_id, e.area_number, e.sheet_no, e.row_no;
