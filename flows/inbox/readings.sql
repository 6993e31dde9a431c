-- name: readings
SELECT s.sha256, s.part, r.data FROM base.reading r JOIN base.submission s USING (sub_id)
WHERE s.year = $year AND s.same_as IS NULL AND s.sha256 IN (SELECT unnest($files))
QUALIFY row_number() OVER (PARTITION BY s.sha256, s.part ORDER BY s.sub_id DESC) = 1
