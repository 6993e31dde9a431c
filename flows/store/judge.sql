-- Where rows were moved, what this brings with it stands behind it, and comes back when it is explained away.
INSERT INTO base.finding_behind BY NAME
SELECT f.* FROM base.finding f
WHERE f.stage = 'read' AND f.code IN (SELECT unnest($behind)) AND EXISTS (
    FROM base.finding m JOIN base.submission s USING (sub_id)
    WHERE s.year = $year AND m.sub_id = f.sub_id AND m.sheet = f.sheet AND m.code = 'ROWS_MOVED' AND NOT m.explained);

DELETE FROM base.finding f
WHERE f.sub_id IN (SELECT sub_id FROM base.submission WHERE year = $year)
  AND EXISTS (FROM base.finding_behind b WHERE b.sub_id = f.sub_id AND b.stage = f.stage AND b.number = f.number);

-- A submission's state follows from its findings: nothing is remembered that cannot be worked out again.
UPDATE base.submission s
SET acceptable = s.unit_code IS NOT NULL AND s.same_as IS NULL AND NOT EXISTS (
    FROM base.finding f
    WHERE f.sub_id = s.sub_id AND (f.grade = '强制' OR f.grade = '核实' AND NOT f.explained))
WHERE s.year = $year;

-- The current revision of each form that a unit owes is the latest acceptable one; a returned one never displaces it.
UPDATE base.submission s
SET state = CASE
    WHEN s.same_as IS NOT NULL THEN 'duplicate'
    WHEN EXISTS (FROM base.finding f WHERE f.sub_id = s.sub_id AND f.code LIKE 'FILE%' AND f.grade = '强制')
        THEN 'unreadable'
    WHEN s.unit_code IS NULL THEN 'unidentified'
    WHEN NOT s.acceptable THEN 'returned'
    WHEN NOT EXISTS (
        FROM (SELECT unit_code, max(revision) AS revision FROM base.covering
              WHERE year = $year AND acceptable GROUP BY unit_code, form) c
        WHERE c.unit_code = s.unit_code AND c.revision = s.revision) THEN 'superseded'
    WHEN EXISTS (FROM base.finding f WHERE f.sub_id = s.sub_id AND f.grade = '核实') THEN 'accepted with explanations'
    ELSE 'accepted' END
WHERE s.year = $year;
