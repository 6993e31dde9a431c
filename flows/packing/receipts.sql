-- What became of the packages of a year ($year).
-- name: units
-- A row for each unit of each package, and one for a package that could not be opened.
SELECT s.sha256, s.file, s.received_at, s.sub_id, coalesce(CAST(s.unit_code AS VARCHAR), rtrim(s.part, '!'), ''),
       coalesce(u.short, u.name, s.file), s.state
FROM base.submission s LEFT JOIN base.unit u ON u.year = s.year AND u.code = s.unit_code
WHERE s.year = $year AND s.format = 'package' AND s.same_as IS NULL
ORDER BY min(s.sub_id) OVER (PARTITION BY s.sha256), 5

-- name: findings
SELECT f.submission, f.message FROM findings f
JOIN base.submission s ON s.sub_id = f.submission AND s.year = $year AND s.format = 'package'
WHERE f.grade = '强制' OR f.grade = '核实' AND NOT f.explained
ORDER BY f.submission, f.stage DESC, f.number

-- name: places
SELECT code, name FROM places WHERE year = $year
