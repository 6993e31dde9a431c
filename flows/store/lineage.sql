-- name: facts
SELECT unit_code, indicator, file, coalesce(sheet, ''), coalesce(cell, ''), coalesce(raw, ''),
       coalesce(explanation, ''), coalesce(note, '') FROM facts WHERE year = ?

-- name: some_facts
-- Not from the view: joined by numbers, a county's 400,000 figures are not made text for the 20,000 that are wanted.
WITH asked AS (
    SELECT w.*, CAST(w.code AS BIGINT) AS unit, i.id
    FROM wanted w JOIN base.dated_indicator i ON i.code = w.indicator AND i.year = $year)
SELECT a.code, a.indicator, s.file, coalesce(h.name, ''), cell_address(f.row_no, f.col_no), coalesce(f.raw, ''),
       coalesce(f.explanation, ''), coalesce(f.note, '')
FROM base.current_fact f
JOIN asked a ON a.unit = f.unit_code AND a.id = f.indicator_id
JOIN base.submission s ON s.sub_id = f.sub_id
LEFT JOIN base.sheet h ON h.sub_id = f.sub_id AND h.sheet_no = f.sheet_no
WHERE f.year = $year

-- name: list_rows
SELECT unit_code, list_column, row_no, file, coalesce(sheet, ''), coalesce(cell, ''), coalesce(raw, '')
FROM list_rows WHERE year = ?
