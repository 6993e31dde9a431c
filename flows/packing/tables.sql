-- What a package holds of one year ($year), a statement a table: what counts, under codes that any store understands.
-- name: units
SELECT CAST(code AS VARCHAR) AS code, name, kind, office, terrain, expected, valid_from, valid_to, merged_into, forms,
       short, township, county, city
FROM base.unit WHERE year = $year ORDER BY ALL

-- name: indicators
SELECT i.* EXCLUDE (year, id), (
    SELECT list({list_column: w.list_column, value: w.value} ORDER BY w.list_column, w.value)
    FROM base.indicator_where w WHERE w.indicator_id = i.id) AS conditions_of
FROM base.dated_indicator i WHERE i.year = $year ORDER BY i.code

-- name: submissions
SELECT CAST(unit_code AS VARCHAR) AS unit_code, revision, state, sha256, file, size, format, received_at, form_version,
       rules_version, form
FROM base.submission WHERE year = $year AND state IN ('accepted', 'accepted with explanations') ORDER BY ALL

-- name: facts
SELECT CAST(s.unit_code AS VARCHAR) AS unit_code, i.code AS indicator, f.value, f.text, f.raw, h.name AS sheet,
       f.row_no, f.col_no, cell_address(f.row_no, f.col_no) AS cell, f.note, f.explanation, c.words AS correction
FROM base.current_fact f
JOIN base.submission s USING (sub_id)
JOIN base.dated_indicator i ON i.id = f.indicator_id AND i.year = s.year
LEFT JOIN base.sheet h ON h.sub_id = f.sub_id AND h.sheet_no = f.sheet_no
LEFT JOIN base.correction c ON c.sub_id = f.sub_id AND c.subject = i.code
WHERE s.year = $year ORDER BY 1, 2

-- name: list_rows
SELECT CAST(s.unit_code AS VARCHAR) AS unit_code, c.list, c.row_no, c.list_column, c.value, c.text, c.raw,
       h.name AS sheet, c.sheet_row, c.sheet_col, cell_address(c.sheet_row, c.sheet_col) AS cell, c.explanation
FROM base.current_cell c
JOIN base.submission s USING (sub_id)
LEFT JOIN base.sheet h ON h.sub_id = c.sub_id AND h.sheet_no = c.sheet_no
WHERE s.year = $year ORDER BY 1, 2, 3, 4

-- name: findings
SELECT unit_code, stage, number, code, grade, indicator, sheet, cell, raw, message, explanation, explained
FROM findings WHERE year = $year AND state IN ('accepted', 'accepted with explanations') ORDER BY 1, 2, 3

-- name: totals
SELECT level, code, name, indicator, value, numerator, denominator, text, printed, units_counted, units_expected,
       provisional
FROM totals WHERE year = $year ORDER BY level, code, indicator

-- name: adjustments
SELECT unit_code AS code, indicator, exact, plain, printed, forced FROM adjustments WHERE year = $year ORDER BY 1, 2
