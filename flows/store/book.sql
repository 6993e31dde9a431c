-- name: figures
-- All figures of some indicators, by number, below the whole and its parts. Numbers come as text: DuckDB takes 1.9 µs
-- to make a Decimal of one, Python 0.2 (November 2026).
SELECT code, indicator_id, CAST(value AS VARCHAR), CAST(printed AS VARCHAR), coalesce(text, ''),
       units_counted, units_expected, provisional
FROM base.total WHERE year = $year AND level = 'village' AND indicator_id IN (SELECT unnest($numbers))
UNION ALL
SELECT f.unit_code, i.id, CAST(f.value AS VARCHAR),
       CAST(printed_alone(f.value, i.factor, i.places) AS VARCHAR), coalesce(f.text, ''), 1, 1, false
FROM base.current_fact f JOIN base.indicator i ON i.id = f.indicator_id
WHERE f.year = $year AND i.reporter = 'office' AND i.id IN (SELECT unnest($numbers))

-- name: some_figures
SELECT CAST(t.code AS VARCHAR), t.indicator_id, CAST(t.value AS VARCHAR), CAST(t.printed AS VARCHAR),
       coalesce(t.text, ''), t.units_counted, t.units_expected, t.provisional
FROM base.total t JOIN wanted w ON w.code = t.code AND w.number = t.indicator_id
WHERE t.year = $year AND t.level = 'village'
UNION ALL
SELECT CAST(f.unit_code AS VARCHAR), i.id, CAST(f.value AS VARCHAR),
       CAST(printed_alone(f.value, i.factor, i.places) AS VARCHAR), coalesce(f.text, ''), 1, 1, false
FROM base.current_fact f
JOIN base.indicator i ON i.id = f.indicator_id
JOIN wanted w ON w.code = f.unit_code AND w.number = f.indicator_id
WHERE f.year = $year AND i.reporter = 'office'

-- name: above
SELECT code, indicator, CAST(value AS VARCHAR), CAST(printed AS VARCHAR), coalesce(text, ''), units_counted,
       units_expected, provisional
FROM totals WHERE year = $year AND level <> 'village'

-- name: sums
SELECT i.code, coalesce(u.terrain, ''), sum(t.printed), count(t.printed), sum(t.value), count(t.value)
FROM base.total t
JOIN base.dated_indicator i ON i.id = t.indicator_id AND i.year = t.year
JOIN base.unit u ON u.code = t.code AND u.year = t.year AND u.expected AND u.kind <> '站所'
WHERE t.year = ? AND t.level = 'village' GROUP BY ALL

-- name: marks
-- Changes when any figure of the indicator does, of whatever place.
SELECT i.code, concat_ws(' ', count(*), sum(hash(t)), bit_xor(hash(t)))
FROM base.total t JOIN base.dated_indicator i ON i.id = t.indicator_id AND i.year = t.year WHERE t.year = $year GROUP BY 1
UNION ALL
SELECT i.code, concat_ws(' ', count(*), sum(hash(s.unit_code, f.value, f.text)), bit_xor(hash(s.unit_code, f.value, f.text)))
FROM base.fact f
JOIN base.submission s ON s.sub_id = f.sub_id AND s.state IN ('accepted', 'accepted with explanations')
JOIN base.dated_indicator i ON i.id = f.indicator_id AND i.year = s.year AND i.reporter = 'office'
WHERE s.year = $year GROUP BY 1

-- name: largest
-- The places with the largest figures of each indicator; those without a number come last. Only so many are ever held:
-- ordering all of a county's takes half as long again (2026-11-29).
WITH figure AS (
    SELECT code, indicator_id AS id, value FROM base.total WHERE year = $year AND level = 'village'
    UNION ALL
    SELECT f.unit_code, f.indicator_id, f.value
    FROM base.current_fact f JOIN base.indicator i ON i.id = f.indicator_id
    WHERE f.year = $year AND i.reporter = 'office'),
ordered AS (
    SELECT id, max_by(code, {known: value IS NOT NULL, value: coalesce(value, 0), first: -code}, $most) AS codes
    FROM figure GROUP BY id)
SELECT i.code, CAST(o.codes AS VARCHAR[])
FROM ordered o JOIN base.dated_indicator i ON i.id = o.id AND i.year = $year

-- name: places
-- Those that have units of the year.
SELECT CAST(p.code AS VARCHAR), p.name, p.level FROM base.place p
WHERE p.year = $year AND EXISTS (
    FROM units u WHERE u.year = p.year AND u.expected AND starts_with(u.code, CAST(p.code AS VARCHAR)))
ORDER BY length(CAST(p.code AS VARCHAR)), p.code

-- name: arrivals
SELECT CAST(u.code AS VARCHAR), u.name, u.kind, coalesce(s.state, 'missing'), coalesce(s.file, ''),
       coalesce(s.revision, 0), s.received_at,
       count(f.code) FILTER (WHERE f.grade = '强制'),
       count(f.code) FILTER (WHERE f.grade = '核实' AND NOT f.explained),
       count(f.code) FILTER (WHERE f.grade = '核实' AND f.explained),
       coalesce(s.accepted_revision, 0) > 0, coalesce(u.township, ''), s.since
FROM base.unit u
LEFT JOIN base.standing s ON s.year = u.year AND s.unit_code = u.code
LEFT JOIN (SELECT DISTINCT year, unit_code, sub_id FROM base.standing_of_form) n
    ON n.year = u.year AND n.unit_code = u.code
LEFT JOIN base.finding f ON f.sub_id = n.sub_id
WHERE u.year = $year AND u.expected
GROUP BY ALL
ORDER BY any_value(u.kind) = '站所', 1

-- name: several
-- Whether any unit owes more than one form, as most townships' do not: asked first, for what follows is long.
SELECT 1 FROM base.unit WHERE year = ? AND contains(forms, ' ') LIMIT 1

-- name: owed
-- What each unit that owes several forms has sent of each.
SELECT CAST(n.unit_code AS VARCHAR), coalesce(f.name, n.due), coalesce(n.state, 'missing'), coalesce(n.file, ''),
       coalesce(n.revision, 0), coalesce(n.accepted_revision, 0), coalesce(n.sub_id, 0)
FROM base.standing_of_form n
JOIN (SELECT year, unit_code FROM base.duty GROUP BY ALL HAVING count(*) > 1) d
    ON d.year = n.year AND d.unit_code = n.unit_code
LEFT JOIN base.form f ON f.form = n.due
WHERE n.year = $year
ORDER BY 1, f.name, n.due

-- name: reasons
SELECT CAST(coalesce(h.heir, s.unit_code) AS VARCHAR) AS unit_code, f.indicator, min(f.explanation)
FROM base.finding f
JOIN base.submission s ON s.sub_id = f.sub_id AND s.state IN ('accepted', 'accepted with explanations')
LEFT JOIN base.heir h ON h.year = s.year + 1 AND h.code = s.unit_code
WHERE s.year = $year - 1 AND f.explained AND f.indicator <> ''
GROUP BY ALL

-- name: last_year
SELECT CAST(l.unit_code AS VARCHAR), i.code, coalesce(CAST(l.value AS VARCHAR), l.text), l.value
FROM base.last_year l JOIN base.indicator i ON i.id = l.indicator_id WHERE l.year = ?

-- name: inherited
SELECT CAST(l.unit_code AS VARCHAR), i.code, l.value, l.printed, coalesce(l.text, '')
FROM base.inherited l JOIN base.indicator i ON i.id = l.indicator_id WHERE l.year = ?

-- name: like
SELECT CAST(l.code AS VARCHAR), i.code, l.value, l.printed, '', l.units_counted, l.units_expected, true
FROM base.like_for_like l JOIN base.indicator i ON i.id = l.indicator_id WHERE l.year = $year

-- name: list_rows
SELECT list, unit_code, unit_name, row_no, list_column, value, text FROM list_rows WHERE year = ?
ORDER BY list, unit_code, row_no, list_column

-- name: adjustments
SELECT a.unit_code, coalesce(u.name, p.name, a.unit_code), a.indicator, a.exact, a.plain, a.printed, a.forced
FROM adjustments a LEFT JOIN units u ON u.code = a.unit_code AND u.year = a.year
LEFT JOIN places p ON p.code = a.unit_code AND p.year = a.year WHERE a.year = ?
ORDER BY a.indicator, a.unit_code

-- name: unheard
-- Indicators of the year that nobody on the roster reports, by the office that should; NULL for the villages.
SELECT i.office, count(*), list(i.name ORDER BY i.area_number, i.id)[1:3]
FROM base.indicator i
WHERE (i.reporter <> 'derived' OR i.total = 'list')
  AND coalesce(i.since, $year) <= $year AND coalesce(i.until, $year) >= $year
  AND NOT EXISTS (
    FROM base.unit u WHERE u.year = $year AND u.expected
      AND CASE WHEN i.office IS NULL THEN u.kind <> '站所'
          ELSE u.kind = '站所'
               AND list_contains(string_split(coalesce(u.office, right(CAST(u.code AS VARCHAR), 3)), '、'), i.office)
          END)
GROUP BY 1
ORDER BY 1
