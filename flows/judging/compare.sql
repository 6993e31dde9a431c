-- name: sent
SELECT s.sub_id, s.unit_code, u.kind = '站所' AS is_office, s.sub_id = t.sub_id AS is_newest
FROM base.submission s
JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
JOIN base.standing t ON t.year = s.year AND t.unit_code = s.unit_code
WHERE s.year = $year AND s.same_as IS NULL
ORDER BY s.sub_id

-- name: values
PIVOT (
    SELECT {key}, i.code, CAST(ten_thousandths(f.value) AS BIGINT) AS value
    FROM {rows} f JOIN base.indicator i ON i.id = f.indicator_id WHERE {which} AND f.value IS NOT NULL)
ON code IN ({codes}) USING any_value(value)

-- name: places
SELECT f.sub_id, i.code, coalesce(f.raw, ''), coalesce(h.name, ''), cell_address(f.row_no, f.col_no)
FROM base.fact f
JOIN base.indicator i ON i.id = f.indicator_id
LEFT JOIN base.sheet h ON h.sub_id = f.sub_id AND h.sheet_no = f.sheet_no
WHERE f.sub_id IN (SELECT unnest($subs)) AND i.code IN (SELECT unnest($codes))

-- name: explanations
SELECT f.sub_id, i.code AS indicator, f.explanation
FROM base.fact f JOIN base.indicator i ON i.id = f.indicator_id
WHERE f.sub_id IN (SELECT unnest($subs)) AND f.explanation <> ''

-- name: rivals
WITH present AS (
    SELECT DISTINCT s.sub_id, s.unit_code, s.sha256, s.state, s.file, s.revision, s.restored_from
    FROM base.submission s JOIN base.inbox i USING (year, sha256)
    WHERE s.year = $year AND s.same_as IS NULL AND s.unit_code IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY s.sha256 ORDER BY s.revision DESC) = 1),
contested AS (
    SELECT unit_code, string_agg(file, '、' ORDER BY file) AS files FROM present
    GROUP BY 1 HAVING count(DISTINCT sha256) > 1)
SELECT p.sub_id, c.files FROM present p JOIN contested c USING (unit_code)
JOIN base.unit u ON u.code = p.unit_code AND u.year = $year
WHERE coalesce(p.state, '') NOT IN ('accepted', 'accepted with explanations') AND p.restored_from IS NULL
UNION
SELECT s.sub_id, f.raw FROM base.finding f JOIN base.submission s USING (sub_id)
JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
WHERE s.year = $year AND s.restored_from IS NULL AND f.code = 'TWO_FILES' AND NOT EXISTS (
    FROM base.inbox i WHERE i.year = s.year AND i.sha256 = s.sha256)

-- name: unchanged
WITH pair AS (
    SELECT s.sub_id AS later, p.sub_id AS earlier, p.revision
    FROM base.submission s
    JOIN base.submission p ON p.year = s.year AND p.unit_code = s.unit_code AND p.revision = s.revision - 1
    JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
    WHERE s.year = $year AND s.same_as IS NULL AND p.same_as IS NULL AND s.restored_from IS NULL),
said AS (
    SELECT sub_id, CAST(indicator_id AS VARCHAR) AS what, raw, explanation FROM base.fact
    UNION ALL
    SELECT sub_id, list_column || ' ' || row_no, raw, explanation FROM base.list_cell),
side AS (
    SELECT later, later AS sub_id, true AS of_later FROM pair
    UNION ALL SELECT later, earlier, false FROM pair),
compared AS (SELECT later, what, raw, explanation, of_later FROM side JOIN said USING (sub_id)),
same AS (
    SELECT later FROM (
        SELECT later, what, raw, explanation, bool_or(of_later) AND bool_or(NOT of_later) AS in_both
        FROM compared GROUP BY ALL)
    GROUP BY later HAVING bool_and(in_both))
SELECT later, revision FROM pair JOIN same USING (later)

-- name: waived
SELECT c.sub_id, c.subject, c.words FROM base.correction c JOIN base.submission s USING (sub_id)
WHERE s.year = ? AND c.value IS NULL
