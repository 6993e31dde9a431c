-- name: latest
SELECT sub_id, sha256, file, size, unit_code, revision, state, reading_version, rules_version, received_at, restored_from,
       EXISTS (FROM base.finding f WHERE f.sub_id = s.sub_id AND f.code = 'TWO_FILES'), part, coalesce(form, '')
FROM base.submission s WHERE year = ? AND same_as IS NULL
QUALIFY row_number() OVER (PARTITION BY sha256, part ORDER BY sub_id DESC) = 1

-- name: of_unit
-- A file or part as one unit's: what came, and what was taken up again of it.
SELECT sub_id FROM base.submission
WHERE year = ? AND sha256 = ? AND part = ? AND unit_code = ? AND same_as IS NULL

-- name: next_revisions
SELECT unit_code, max(revision) + 1 FROM base.submission WHERE year = ? AND unit_code IS NOT NULL GROUP BY 1

-- name: owed
SELECT unit_code, form FROM base.duty WHERE year = ?

-- name: forget_compared
DELETE FROM base.finding WHERE stage = 'compare' AND sub_id IN (
    SELECT sub_id FROM base.submission WHERE year = ?)

-- name: bring_back
INSERT INTO base.finding BY NAME
FROM base.finding_behind WHERE sub_id IN (SELECT sub_id FROM base.submission WHERE year = ?)

-- name: leave_none_behind
DELETE FROM base.finding_behind WHERE sub_id IN (SELECT sub_id FROM base.submission WHERE year = ?)

-- name: copies
SELECT sha256, file FROM base.submission WHERE year = ? AND same_as IS NOT NULL

-- name: note_copy
INSERT INTO base.submission BY NAME
SELECT (SELECT max(sub_id) + 1 FROM base.submission) AS sub_id, year, unit_code, revision, sha256,
       $file AS file, size, format, $at AS received_at, reading_version, rules_version, sub_id AS same_as
FROM base.submission s WHERE year = $year AND sha256 = $sha AND same_as IS NULL
ORDER BY sub_id DESC LIMIT 1 RETURNING sub_id

-- name: finding_of_copy
INSERT INTO base.finding BY NAME
SELECT $sub AS sub_id, 'read' AS stage, 1 AS number, $code AS code, $grade AS grade, '' AS sheet, '' AS cell, '' AS raw,
       $details AS details, '' AS explanation, false AS explained

-- name: fact
SELECT incoming.* EXCLUDE (indicator) REPLACE (
    from_ten_thousandths(value) AS value, from_ten_thousandths(last) AS last), i.id AS indicator_id
FROM incoming JOIN base.indicator i ON i.code = incoming.indicator
