-- name: facts
SELECT unit_code, indicator, file, coalesce(sheet, ''), coalesce(cell, ''), coalesce(raw, ''),
       coalesce(explanation, ''), coalesce(note, '') FROM facts WHERE year = ?

-- name: some_facts
SELECT f.unit_code, f.indicator, f.file, coalesce(f.sheet, ''), coalesce(f.cell, ''), coalesce(f.raw, ''),
       coalesce(f.explanation, ''), coalesce(f.note, '')
FROM facts f JOIN wanted w ON w.code = f.unit_code AND w.indicator = f.indicator WHERE f.year = ?

-- name: list_rows
SELECT unit_code, list_column, row_no, file, coalesce(sheet, ''), coalesce(cell, ''), coalesce(raw, '')
FROM list_rows WHERE year = ?
