-- name: messages
SELECT unit_code, message FROM findings
WHERE year = $year AND unit_code IS NOT NULL AND state NOT IN ('superseded', 'duplicate')
  AND (grade = '强制' OR grade = '核实' AND NOT explained)
  AND revision = (SELECT max(s.revision) FROM submissions s WHERE s.year = $year AND s.unit_code = findings.unit_code)
ORDER BY unit_code, grade, stage DESC, number

-- name: loose
SELECT file, coalesce(state, 'notice'), string_agg(message, '；') FROM findings
WHERE year = $year AND (unit_code IS NULL OR state = 'duplicate')
  AND file IN (SELECT i.file FROM base.inbox i WHERE i.year = $year UNION ALL SELECT n.file FROM base.notice n)
GROUP BY ALL ORDER BY file
