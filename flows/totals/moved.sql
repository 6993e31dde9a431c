-- name: above
SELECT level, code, indicator, indicator_name, unit, value, printed, printed_unit, coalesce(text, '') FROM totals
WHERE year = $year AND level <> 'village' AND starts_with($unit, code)

-- name: as_if_current
UPDATE base.submission SET state = CASE WHEN sub_id = $sub THEN 'accepted' ELSE 'superseded' END
WHERE year = $year AND unit_code = $unit AND same_as IS NULL AND sub_id IN (
    SELECT a.sub_id FROM base.covering a JOIN base.covering b USING (year, unit_code, form) WHERE b.sub_id = $sub)
