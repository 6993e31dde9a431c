-- name: figures
SELECT concat_ws(' ', count(*), sum(md5_number_lower(said)), bit_xor(md5_number_upper(said))) FROM (
    SELECT concat_ws('|', 't', code, indicator_id, value, printed, text, units_counted, units_expected) AS said
    FROM base.total WHERE year = $year
    UNION ALL
    SELECT concat_ws('|', 's', unit_code, revision, sha256, state) FROM base.submission WHERE year = $year
    UNION ALL
    SELECT concat_ws('|', 'f', sub_id, stage, code, indicator, sheet, cell, raw, explained) FROM base.finding
    JOIN base.submission USING (sub_id) WHERE year = $year)
