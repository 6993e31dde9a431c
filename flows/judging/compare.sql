-- name: sent
SELECT s.sub_id, s.unit_code, u.kind = '站所' AS is_office,
       s.sub_id IN (SELECT sub_id FROM base.standing_of_form WHERE year = $year AND sub_id IS NOT NULL) AS is_newest
FROM base.submission s
JOIN base.unit u ON u.code = s.unit_code AND u.year = s.year
WHERE s.year = $year AND s.same_as IS NULL
ORDER BY s.sub_id

-- name: values
SELECT f.sub_id AS row, f.indicator_id, CAST(ten_thousandths(f.value) AS BIGINT) AS value
FROM base.fact f
WHERE f.sub_id IN (SELECT sub_id FROM base.submission WHERE year = $year AND same_as IS NULL) AND f.value IS NOT NULL

-- name: last
SELECT l.unit_code AS row, l.indicator_id, CAST(ten_thousandths(l.value) AS BIGINT) AS value
FROM base.last_year l
WHERE l.year = $year AND l.value IS NOT NULL

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

-- name: waived
SELECT c.sub_id, c.subject, c.words FROM base.correction c JOIN base.submission s USING (sub_id)
WHERE s.year = ? AND c.value IS NULL
