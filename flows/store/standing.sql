-- name: messages
SELECT unit_code, message FROM findings
WHERE year = $year AND unit_code IS NOT NULL AND state NOT IN ('superseded', 'duplicate')
  AND (grade = '强制' OR grade = '核实' AND NOT explained)
  AND submission IN (SELECT sub_id FROM base.standing_of_form WHERE year = $year)
ORDER BY unit_code, grade, stage DESC, number

-- name: loose
SELECT file_part(f.file, coalesce(s.part, '')), coalesce(f.state, 'notice'), string_agg(f.message, '；' ORDER BY f.number)
FROM findings f LEFT JOIN base.submission s ON s.sub_id = f.submission
WHERE f.year = $year AND (f.unit_code IS NULL OR f.state = 'duplicate') AND (
    f.submission IS NULL
    OR EXISTS (FROM base.inbox i WHERE i.year = $year AND i.file = f.file AND i.sha256 = s.sha256)
       AND (s.same_as IS NOT NULL OR NOT EXISTS (
           FROM base.submission n WHERE n.year = $year AND n.sha256 = s.sha256 AND n.part = s.part AND n.same_as IS NULL AND n.sub_id > s.sub_id)))
GROUP BY f.file, s.sub_id, s.part, f.state ORDER BY f.file, s.sub_id
