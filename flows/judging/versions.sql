-- A unit's several files against each other.
-- name: rivals
-- Each refused file of several of one unit: the files' names, and the submissions of all of them.
WITH covered AS (SELECT DISTINCT sub_id, unit_code, form FROM base.covering WHERE year = $year),
beside AS (SELECT DISTINCT a.sub_id, b.sub_id AS other FROM covered a JOIN covered b USING (unit_code, form)),
present AS (
    SELECT DISTINCT s.sub_id, s.unit_code, s.sha256, s.part, s.state, file_part(s.file, s.part) AS file, s.revision,
           s.restored_from
    FROM base.submission s JOIN base.inbox i USING (year, sha256)
    WHERE s.year = $year AND s.same_as IS NULL AND s.unit_code IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY s.sha256, s.part ORDER BY s.revision DESC) = 1),
contested AS (
    SELECT b.sub_id, string_agg(p.file, '、' ORDER BY p.file, p.sub_id) AS files,
           list(p.sub_id ORDER BY p.file, p.sub_id) AS subs
    FROM beside b JOIN present p ON p.sub_id = b.other SEMI JOIN present q ON q.sub_id = b.sub_id
    GROUP BY 1 HAVING count(DISTINCT p.sha256 || p.part) > 1),
gone AS (
    SELECT s.sub_id, s.unit_code, f.raw AS files
    FROM base.finding f JOIN base.submission s USING (sub_id)
    WHERE s.year = $year AND s.restored_from IS NULL AND f.code = 'TWO_FILES' AND NOT EXISTS (
        FROM base.inbox i WHERE i.year = s.year AND i.sha256 = s.sha256)),
named AS (
    SELECT g.sub_id, any_value(g.files) AS files, list(o.sub_id ORDER BY o.file, o.sub_id) AS subs
    FROM gone g JOIN (
        SELECT sub_id, unit_code, file_part(file, part) AS file FROM base.submission
        WHERE year = $year AND same_as IS NULL
        QUALIFY row_number() OVER (PARTITION BY unit_code, file, part ORDER BY revision DESC) = 1) o
        ON o.unit_code = g.unit_code AND list_contains(string_split(g.files, '、'), o.file)
    GROUP BY g.sub_id)
SELECT p.sub_id, c.files, c.subs FROM present p JOIN contested c USING (sub_id)
JOIN base.unit u ON u.code = p.unit_code AND u.year = $year
WHERE coalesce(p.state, '') NOT IN ('accepted', 'accepted with explanations') AND p.restored_from IS NULL
UNION
SELECT g.sub_id, g.files, coalesce(n.subs, []) FROM gone g
JOIN base.unit u ON u.code = g.unit_code AND u.year = $year
LEFT JOIN named n USING (sub_id)
ORDER BY 1

-- name: said
-- What each submission says under each subject, figures first, in the order of the form.
SELECT f.sub_id, 'figure' AS kind, i.code || ' ' || i.name AS subject, f.raw AS said, i.area_number AS area, i.id AS place
FROM base.fact f JOIN base.indicator i ON i.id = f.indicator_id WHERE f.sub_id IN (SELECT unnest($subs))
UNION ALL
SELECT sub_id, 'cell', list_column || ' ' || row_no, raw, 0, row_no FROM base.list_cell
WHERE sub_id IN (SELECT unnest($subs))
UNION ALL
SELECT f.sub_id, 'reason', CAST(f.indicator_id AS VARCHAR), f.explanation, 0, f.indicator_id
FROM base.fact f WHERE f.sub_id IN (SELECT unnest($subs))
UNION ALL
SELECT sub_id, 'reason', list_column || ' ' || row_no, coalesce(explanation, ''), 0, row_no FROM base.list_cell
WHERE sub_id IN (SELECT unnest($subs))
ORDER BY area, place, subject

-- name: again
-- Submissions that say word for word what an earlier one of their unit said: the newest such, and whether nothing that
-- is sound in itself and says something else came after it. What was taken up again by the clerk counts as said anew.
WITH pair AS (
    SELECT s.sub_id AS later, p.sub_id AS earlier, p.revision, p.restored_from IS NOT NULL AS restored
    FROM base.submission s
    JOIN base.submission p ON p.year = s.year AND p.unit_code = s.unit_code AND p.revision < s.revision
    JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
    WHERE s.year = $year AND s.same_as IS NULL AND p.same_as IS NULL AND s.restored_from IS NULL
      AND (coalesce(s.form, '') = coalesce(p.form, '') OR coalesce(s.form, '') = '' OR coalesce(p.form, '') = ''
           OR len(string_split(coalesce(u.forms, ''), ' ')) = 1)),
said AS (
    SELECT sub_id, CAST(indicator_id AS VARCHAR) AS what, raw, explanation FROM base.fact
    UNION ALL
    SELECT sub_id, list_column || ' ' || row_no, raw, explanation FROM base.list_cell),
side AS (
    SELECT later, earlier, later AS sub_id, true AS of_later FROM pair
    UNION ALL SELECT later, earlier, earlier, false FROM pair),
compared AS (SELECT later, earlier, what, raw, explanation, of_later FROM side JOIN said USING (sub_id)),
same AS (
    SELECT later, earlier FROM (
        SELECT later, earlier, what, raw, explanation, bool_or(of_later) AND bool_or(NOT of_later) AS in_both
        FROM compared GROUP BY ALL)
    GROUP BY later, earlier HAVING bool_and(in_both)),
told AS (
    SELECT p.*, same.later IS NOT NULL AS equal,
           NOT EXISTS (FROM base.finding f WHERE f.sub_id = p.earlier AND f.stage = 'read' AND f.grade = '强制') AS sound
    FROM pair p LEFT JOIN same ON same.later = p.later AND same.earlier = p.earlier),
changed AS (SELECT later, max(revision) FILTER (NOT equal AND sound) AS revision FROM told GROUP BY later)
SELECT t.later,
       coalesce(max(t.revision) FILTER (t.equal AND NOT t.restored AND t.revision < c.revision), max(t.revision)) AS revision,
       coalesce(max(t.revision) FILTER (t.equal AND t.restored) > c.revision,
                NOT coalesce(min(t.revision) < c.revision, false)) AS unchanged
FROM told t JOIN changed c USING (later)
WHERE t.equal
GROUP BY t.later, c.revision
ORDER BY t.later
