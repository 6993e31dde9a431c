-- name: outcomes
-- What became of these submissions, without anything that was filled in.
SELECT s.sha256, s.part, s.year, CAST(s.unit_code AS VARCHAR) AS unit, s.revision, s.state,
       count(f.sub_id) FILTER (f.grade = '强制') AS must_correct,
       count(f.sub_id) FILTER (f.grade = '核实' AND NOT f.explained) AS must_explain,
       count(f.sub_id) AS findings, s.sub_id
FROM base.submission s LEFT JOIN base.finding f USING (sub_id)
WHERE s.sub_id IN (SELECT unnest($submissions))
GROUP BY ALL ORDER BY s.sub_id;
