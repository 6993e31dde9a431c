-- name: revisions
SELECT s.sub_id, s.revision, s.state, s.file, s.sha256, s.size, s.received_at, s.restored_from, coalesce(s.acceptable, false), s.part,
       CASE WHEN len(d.forms) > 1 THEN coalesce(s.form, '') ELSE '' END,
       count(f.code) FILTER (WHERE f.grade = '强制'), count(f.code) FILTER (WHERE f.grade = '核实' AND NOT f.explained)
FROM base.submission s
LEFT JOIN (SELECT DISTINCT year, unit_code, forms FROM base.duty) d USING (year, unit_code)
LEFT JOIN base.finding f USING (sub_id)
WHERE s.year = ? AND s.unit_code = ? AND s.same_as IS NULL
GROUP BY ALL ORDER BY s.revision, s.sub_id

-- name: cells
SELECT i.code, 0, i.name, coalesce(CAST(f.value AS VARCHAR), f.text, ''), coalesce(f.raw, ''), h.name,
       cell_address(f.row_no, f.col_no), coalesce(f.explanation, '')
FROM base.fact f JOIN base.submission s USING (sub_id)
JOIN base.dated_indicator i ON i.id = f.indicator_id AND i.year = s.year
LEFT JOIN base.sheet h ON h.sub_id = f.sub_id AND h.sheet_no = f.sheet_no WHERE f.sub_id = $sub
UNION ALL
SELECT c.list_column, c.row_no, c.list_column, coalesce(CAST(c.value AS VARCHAR), c.text, ''), coalesce(c.raw, ''), h.name,
       cell_address(c.sheet_row, c.sheet_col), coalesce(c.explanation, '')
FROM base.list_cell c LEFT JOIN base.sheet h ON h.sub_id = c.sub_id AND h.sheet_no = c.sheet_no WHERE c.sub_id = $sub
ORDER BY 1, 2

-- name: cover
SELECT name, value FROM base.cover WHERE sub_id = ? AND value <> '' ORDER BY rowid
