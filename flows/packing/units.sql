-- What each unit of a loaded package (packed_…) says: of those from $first to $last, what is $asked.
-- name: units
SELECT s.unit_code, coalesce(u.short, u.name), s.form_version
FROM packed_submissions s JOIN base.unit u ON u.code = CAST(s.unit_code AS BIGINT) ORDER BY 1

-- name: answers
-- `meant`: the choice that was meant where another word stands there.
SELECT unit_code, indicator,
       CASE WHEN correction IS NULL THEN coalesce(raw, '') ELSE coalesce(CAST(value AS VARCHAR), text, '') END,
       CASE WHEN correction IS NULL AND text <> raw THEN text ELSE '' END,
       coalesce(sheet, ''), coalesce(row_no, 0), coalesce(col_no, 0), coalesce(explanation, '')
FROM packed_facts WHERE unit_code BETWEEN $first AND $last AND list_contains($asked, indicator)
ORDER BY unit_code, sheet, row_no, col_no, indicator

-- name: cells
SELECT unit_code, list, row_no, list_column, coalesce(raw, ''), coalesce(sheet, ''), coalesce(sheet_row, 0),
       coalesce(sheet_col, 0), coalesce(explanation, '')
FROM packed_list_rows WHERE unit_code BETWEEN $first AND $last AND list_contains($asked, list)
ORDER BY unit_code, list, row_no, sheet_col, list_column

-- name: lacking
-- Units of which something is accepted, and how many of the forms that each owes are not.
SELECT CAST(unit_code AS VARCHAR), CAST(count(*) AS VARCHAR)
FROM base.standing_of_form WHERE year = $year AND sub_id IS NULL GROUP BY unit_code ORDER BY 1
