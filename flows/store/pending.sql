-- name: units
WITH contact AS (
    FROM base.submission WHERE year <= $year AND unit_code IS NOT NULL AND coalesce(phone, preparer, '') <> ''
    QUALIFY row_number() OVER (
        PARTITION BY unit_code ORDER BY coalesce(phone, '') <> '' DESC, year DESC, revision DESC, sub_id DESC) = 1)
SELECT n.sub_id, CAST(u.code AS VARCHAR), u.name, u.kind, coalesce(n.state, 'missing'), coalesce(n.file, ''),
       coalesce(n.revision, 0), n.received_at, n.since,
       coalesce(n.accepted_revision, 0), coalesce(c.preparer, ''), coalesce(c.phone, ''), coalesce(u.terrain, ''),
       coalesce(u.township, ''), u.expected
FROM base.unit u
LEFT JOIN base.standing n ON n.year = u.year AND n.unit_code = u.code
LEFT JOIN contact c ON c.unit_code = u.code
WHERE u.year = $year AND (u.expected OR n.sub_id IS NOT NULL)
ORDER BY u.kind = '站所', u.code

-- name: files
SELECT s.sub_id, s.state, file_part(s.file, s.part)
FROM (FROM base.submission WHERE year = $year AND same_as IS NULL
      QUALIFY row_number() OVER (PARTITION BY sha256, part ORDER BY sub_id DESC) = 1) s
WHERE s.unit_code IS NULL
  AND EXISTS (FROM base.inbox i WHERE i.year = $year AND i.file = s.file AND i.sha256 = s.sha256)
ORDER BY s.file, s.sub_id

-- name: copies
SELECT s.file, f.code, f.grade, coalesce(f.details, '{}') FROM base.submission s JOIN base.finding f USING (sub_id)
WHERE s.year = ? AND s.same_as IS NOT NULL
  AND EXISTS (FROM base.inbox i WHERE i.year = s.year AND i.file = s.file AND i.sha256 = s.sha256)
ORDER BY s.file
