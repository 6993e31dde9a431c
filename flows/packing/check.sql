-- What is asked of a package whose tables (packed_…) have become a store of its own year.
-- name: indicators
SELECT code, name, unit FROM base.indicator

-- name: roster
-- Each unit as a line of units.csv; an office without a role has it in its code.
SELECT CAST(code AS VARCHAR), coalesce(short, name), kind, coalesce(terrain, ''),
       coalesce(office, CASE WHEN kind = '站所' THEN right(CAST(code AS VARCHAR), 3) ELSE '' END),
       coalesce(CAST(valid_from AS VARCHAR), ''), coalesce(CAST(valid_to AS VARCHAR), ''), coalesce(merged_into, ''),
       coalesce(township, ''), coalesce(county, ''), coalesce(city, '')
FROM base.unit ORDER BY base.unit.code

-- name: strangers
SELECT name || ' ' || code FROM packed_units WHERE NOT starts_with(code, $code) ORDER BY code

-- name: nobodys
-- Figures of units that the roster does not have: (table, unit).
SELECT * FROM (
    SELECT 'submissions', unit_code FROM packed_submissions UNION SELECT 'facts', unit_code FROM packed_facts
    UNION SELECT 'list_rows', unit_code FROM packed_list_rows) AS t(of, code)
WHERE code NOT IN (SELECT code FROM packed_units)
ORDER BY ALL

-- name: differing
-- Totals that the package states otherwise than its facts add up to: (level, code, indicator, name,
-- stated, found, unit).
WITH stated AS (
    SELECT level, code, indicator, value, text, units_counted, units_expected FROM packed_totals),
found AS (
    SELECT t.level, CAST(t.code AS VARCHAR) AS code, i.code AS indicator, t.value, t.text, t.units_counted,
           t.units_expected
    FROM base.total t JOIN base.indicator i ON i.id = t.indicator_id WHERE t.year = $year)
SELECT coalesce(s.level, f.level), coalesce(s.code, f.code), coalesce(s.indicator, f.indicator), i.name,
       coalesce(rtrim(rtrim(CAST(s.value AS VARCHAR), '0'), '.'), s.text, '（没有）'),
       coalesce(rtrim(rtrim(CAST(f.value AS VARCHAR), '0'), '.'), f.text, '（没有）'), u.name
FROM stated s
FULL JOIN found f ON f.level = s.level AND f.code = s.code AND f.indicator = s.indicator
LEFT JOIN base.indicator i ON i.code = coalesce(s.indicator, f.indicator)
LEFT JOIN packed_units u ON u.code = coalesce(s.code, f.code)
WHERE (s.value, s.text, s.units_counted, s.units_expected)
      IS DISTINCT FROM (f.value, f.text, f.units_counted, f.units_expected)
ORDER BY ALL
