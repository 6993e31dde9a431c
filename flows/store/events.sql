-- name: closing
SELECT happened_at, year, what, unit_code, who, why, details FROM base.event
WHERE year = ? AND what IN ('close', 'reopen') ORDER BY happened_at DESC LIMIT 1
