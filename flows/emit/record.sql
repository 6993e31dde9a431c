-- name: figures
SELECT md5(string_agg(said, chr(10) ORDER BY said)) FROM (
    SELECT concat_ws('|', 't', code, indicator_id, value, printed, text, units_counted, units_expected) AS said
    FROM base.total WHERE year = $year
    UNION ALL
    SELECT concat_ws('|', 's', unit_code, revision, sha256, state) FROM base.submission WHERE year = $year
    UNION ALL
    SELECT concat_ws('|', 'f', sub_id, stage, code, indicator, sheet, cell, raw, explained) FROM base.finding
    JOIN base.submission USING (sub_id) WHERE year = $year)
