-- Figures that belong to another year, another unit or another row, told by many figures at once. Nothing here goes
-- over pairs of units: what is compared is a row with its own last year, or a hash with equal hashes.
-- name: entry
-- Without names and places: 43 bytes a figure, where 106 took all that the store may hold of 10,000 units (2026-11-29);
-- and without its significant digits, which took more than half of the time and are asked of few.
-- `page` is the first indicator of its area.
CREATE OR REPLACE TEMP TABLE entry AS
SELECT s.sub_id, s.unit_code,
       s.sub_id IN (SELECT sub_id FROM base.standing_of_form WHERE year = $year AND sub_id IS NOT NULL) AS is_newest,
       f.indicator_id, i.page, f.value, f.last, b.value AS before
FROM base.submission s
JOIN base.fact f ON f.sub_id = s.sub_id
JOIN (SELECT id, is_text, min(id) OVER (PARTITION BY area) AS page FROM base.indicator) i
    ON i.id = f.indicator_id AND NOT i.is_text
LEFT JOIN base.last_year b ON b.year = s.year AND b.unit_code = s.unit_code AND b.indicator_id = f.indicator_id
WHERE s.year = $year AND s.same_as IS NULL;

-- name: against_last_year
-- Per submission and area. `telling` figures are equal to last year's and have two significant digits or more;
-- `moving` ones besides differ from last year's in at least half of the units that report them.
WITH moving AS (
    SELECT indicator_id, 2 * count(*) FILTER (WHERE value = before) <= count(*) + 1 AS moves
    FROM entry WHERE is_newest AND value <> 0 AND before <> 0 GROUP BY 1),
said AS (SELECT sub_id, page,
       count(*) FILTER (WHERE value <> 0 OR before <> 0) AS known,
       count(*) FILTER (WHERE value <> 0 AND value = before) AS same,
       count(*) FILTER (WHERE tells) AS telling,
       count(*) FILTER (WHERE tells AND moves) AS moving,
       count(*) FILTER (WHERE last <> before) AS off
FROM (SELECT *, CASE WHEN value = before THEN significant_digits(value) > 1 END AS tells FROM entry)
LEFT JOIN moving USING (indicator_id)
WHERE before IS NOT NULL
GROUP BY sub_id, page
HAVING telling > 0 OR off > 0)
SELECT s.sub_id, i.area, s.* EXCLUDE (sub_id, page)
FROM said s JOIN base.indicator i ON i.id = s.page
ORDER BY s.sub_id, i.area_number;

-- name: twins
-- Submissions of different units with the same figures above zero in whole areas, and how much these tell together. A
-- figure tells its significant digits less one, at most three, unless most of the units give this very figure. Only of
-- pages that another unit has too is it asked what they tell. The mark is a hash of hashes: DuckDB's of two columns are
-- such that, crossed, two figures that change places leave it as it was.
WITH sheet AS (
    SELECT sub_id, unit_code, page, count(*) AS figures, bit_xor(hash(hash(indicator_id, value))) AS mark
    FROM entry WHERE value <> 0 GROUP BY sub_id, unit_code, page),
pages AS (SELECT sub_id, count(*) AS pages FROM sheet GROUP BY sub_id),
alike AS (
    FROM sheet SEMI JOIN (SELECT page, mark FROM sheet GROUP BY ALL HAVING count(DISTINCT unit_code) > 1) USING (page, mark)),
said AS (FROM entry SEMI JOIN alike USING (sub_id, page) WHERE value <> 0),
sharing AS (
    SELECT indicator_id, value, count(DISTINCT unit_code) AS sharing
    FROM entry SEMI JOIN said USING (indicator_id, value) GROUP BY ALL),
giving AS (
    SELECT indicator_id, count(DISTINCT unit_code) AS giving
    FROM entry SEMI JOIN said USING (indicator_id) WHERE value <> 0 GROUP BY indicator_id),
telling AS (
    SELECT sub_id, page, sum(least(significant_digits(value) - 1, 3)) FILTER (WHERE sharing <= greatest(3, giving / 2)) AS tells
    FROM said JOIN sharing USING (indicator_id, value) JOIN giving USING (indicator_id) GROUP BY ALL),
-- Paired is only what can tell enough: a page that many units have alike makes millions of pairs (160 MB of 10,000).
asked AS (
    SELECT a.sub_id, a.unit_code, a.page, a.mark, t.tells FROM alike a JOIN telling t USING (sub_id, page)
    WHERE t.tells >= $least_page
    QUALIFY sum(t.tells) OVER (PARTITION BY a.sub_id) >= $least),
pair AS (
    SELECT a.sub_id, b.sub_id AS other, b.unit_code
    FROM asked a JOIN alike b ON b.page = a.page AND b.mark = a.mark AND b.unit_code <> a.unit_code
    GROUP BY ALL
    HAVING sum(a.tells) >= $least),
moved AS (
    SELECT sub_id, page, list(abs(value - before) / before) AS shares
    FROM entry SEMI JOIN alike USING (sub_id, page)
    WHERE before > 0 AND value IS NOT NULL GROUP BY ALL)
SELECT p.sub_id, p.other, any_value(u.name) AS name, list(i.area ORDER BY i.area_number) AS areas,
       CAST(sum(a.figures) AS INTEGER) AS figures, count(*) = any_value(g.pages) AS whole,
       list_median(flatten(list(m.shares))) AS moved, list_median(flatten(list(n.shares))) AS other_moved
FROM pair p
JOIN pages g ON g.sub_id = p.sub_id
JOIN alike a ON a.sub_id = p.sub_id
JOIN base.indicator i ON i.id = a.page
JOIN alike b ON b.sub_id = p.other AND b.page = a.page AND b.mark = a.mark
JOIN base.unit u ON u.year = $year AND u.code = p.unit_code
LEFT JOIN moved m ON m.sub_id = a.sub_id AND m.page = a.page
LEFT JOIN moved n ON n.sub_id = b.sub_id AND n.page = b.page
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
SELECT e.sub_id, i.area, i.code, coalesce(h.name, '') AS sheet, f.row_no, f.col_no, f.last_col,
       CAST(ten_thousandths(e.value) AS BIGINT) AS value, CAST(ten_thousandths(e.last) AS BIGINT) AS last,
       CAST(ten_thousandths(e.before) AS BIGINT) AS before
FROM entry e
JOIN base.indicator i ON i.id = e.indicator_id AND i.row_code IS NULL
JOIN base.fact f ON f.sub_id = e.sub_id AND f.indicator_id = e.indicator_id
LEFT JOIN base.sheet h ON h.sub_id = f.sub_id AND h.sheet_no = f.sheet_no
WHERE e.sub_id IN (SELECT unnest($subs)) AND f.sub_id IN (SELECT unnest($subs))
ORDER BY e.sub_id, i.area_number, f.sheet_no, f.row_no;
