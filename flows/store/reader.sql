-- name: roster
SELECT code, name, kind, terrain, expected, valid_from, valid_to, merged_into,
       coalesce(office, CASE WHEN kind = '站所' THEN right(CAST(code AS VARCHAR), 3) END),
       township, county, city
FROM base.unit WHERE year = ?

-- name: scratch
SET memory_limit = '6GB';
SET preserve_insertion_order = false
