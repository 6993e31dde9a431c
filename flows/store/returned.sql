-- name: newest
SELECT s.sub_id, CAST(s.unit_code AS VARCHAR), u.name, u.kind, coalesce(u.terrain, ''), coalesce(u.office, ''), s.revision, s.file, s.sha256,
       s.preparer, s.reviewer, s.phone, s.filled_on,
       min(s.accepted_revision) > 0, coalesce(s.form_version, ''), s.part, coalesce(s.form, ''),
       any_value(coalesce(f.name, d.form)) FILTER (WHERE d.form = s.form AND len(d.forms) > 1)
FROM base.standing_of_form s
JOIN base.unit u ON u.year = s.year AND u.code = s.unit_code
JOIN base.duty d ON d.year = s.year AND d.unit_code = s.unit_code AND d.form = s.due
LEFT JOIN base.form f ON f.form = d.form
WHERE s.year = $year AND s.state IN ('returned', 'unreadable')
GROUP BY ALL
UNION ALL
SELECT s.sub_id, NULL, NULL, NULL, NULL, NULL, 0, s.file, s.sha256, NULL, NULL, NULL, NULL, false,
       coalesce(s.form_version, ''), s.part, coalesce(s.form, ''), NULL
FROM (FROM base.submission WHERE year = $year AND same_as IS NULL
      QUALIFY row_number() OVER (PARTITION BY sha256, part ORDER BY sub_id DESC) = 1) s
WHERE s.unit_code IS NULL
  AND EXISTS (FROM base.inbox i WHERE i.year = $year AND i.file = s.file AND i.sha256 = s.sha256)
ORDER BY 2 NULLS LAST, 8, 1

-- name: facts
SELECT f.sub_id, i.code, coalesce(f.raw, ''), coalesce(f.explanation, '')
FROM base.fact f JOIN base.indicator i ON i.id = f.indicator_id WHERE f.sub_id IN (SELECT unnest($subs))
ORDER BY f.sub_id, f.indicator_id

-- name: cells
SELECT c.*, h.name AS sheet, cell_address(c.sheet_row, c.sheet_col) AS cell
FROM base.list_cell c LEFT JOIN base.sheet h USING (sub_id, sheet_no) WHERE c.sub_id IN (SELECT unnest($subs))
ORDER BY c.sub_id, c.list, c.row_no, c.list_column

-- name: last
SELECT CAST(l.unit_code AS VARCHAR), i.code, l.value, l.text
FROM base.last_year l JOIN base.indicator i ON i.id = l.indicator_id
WHERE l.year = $year AND l.unit_code IN (SELECT CAST(unnest($units) AS BIGINT))

-- name: cover
SELECT sub_id, name, value FROM base.cover WHERE sub_id IN (SELECT unnest($subs))

-- name: packages
-- Who sent the package that a submission came in: the highest place below the whole that has all of its units.
WITH sent AS (
    SELECT sub_id, sha256, coalesce(CAST(unit_code AS VARCHAR), rtrim(part, '!'), '') AS code FROM base.submission
    WHERE year = $year AND format = 'package'),
ends AS (
    SELECT sha256, min(code) AS first, max(code) AS last FROM sent WHERE code <> '' GROUP BY sha256),
sender AS (
    SELECT e.sha256, arg_min(p.name, p.code) AS name FROM ends e JOIN base.place p
        ON p.year = $year AND starts_with(e.first, CAST(p.code AS VARCHAR))
       AND starts_with(e.last, CAST(p.code AS VARCHAR))
    GROUP BY e.sha256)
SELECT sub_id, coalesce(sender.name, '') FROM sent LEFT JOIN sender USING (sha256)
