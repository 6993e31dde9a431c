-- name: refused
SELECT f.sub_id, f.raw FROM base.finding f JOIN base.submission s USING (sub_id) WHERE s.year = ? AND f.code = ?

-- name: files
SELECT sub_id, sha256, part FROM base.submission WHERE year = ?

-- name: remember
INSERT INTO base.finding BY NAME
SELECT max(sub_id) AS sub_id, 'compare' AS stage, 1 AS number, ? AS code, ? AS grade, ? AS raw
FROM base.submission WHERE year = ? AND sha256 = ? AND part = ? AND same_as IS NULL HAVING count(*) > 0
