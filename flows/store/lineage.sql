-- name: facts
SELECT unit_code, indicator, file, coalesce(sheet, ''), coalesce(cell, ''), coalesce(raw, ''),
       coalesce(explanation, ''), coalesce(note, '') FROM facts WHERE year = ?

-- name: list_rows
SELECT unit_code, list_column, row_no, file, coalesce(sheet, ''), coalesce(cell, ''), coalesce(raw, '')
FROM list_rows WHERE year = ?
