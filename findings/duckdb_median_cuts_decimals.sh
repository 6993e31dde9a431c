#!/bin/sh
# DuckDB 2.0.1: the median of DECIMALs is cut at the column's scale; of the same numbers as INTEGER it is not.
#
# median() of 1 and 2 is 1 for DECIMAL(18,0), 1.5 for INTEGER, BIGINT and DOUBLE. The result has the column's own type,
# and the middle of the two is cut and not rounded: of 3 and 4 it is 3, of -1 and -2 it is -1, and DECIMAL(18,1) 0.1 and 0.2 give 0.1.
# avg() of the same DECIMALs is 1.5. Exact figures kept as DECIMAL thus get another median than the same ones kept
# as whole numbers. Seen in November 2026:
#
#   INTEGER 1 and 2: median 1.5, mean 1.50
#   DOUBLE 1 and 2: median 1.5, mean 1.50
#   DECIMAL(18,0) 1 and 2: median 1, mean 1.50
#   DECIMAL(18,0) -1 and -2: median -1, mean -1.50
#   DECIMAL(18,0) 3 and 4: median 3, mean 3.50
#   DECIMAL(18,1) 0.1 and 0.2: median 0.1, mean 0.15
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "duckdb==2.0.1"
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import duckdb

for kind, pair in (
    ("INTEGER", (1, 2)), ("DOUBLE", (1, 2)), ("DECIMAL(18,0)", (1, 2)), ("DECIMAL(18,0)", (-1, -2)),
    ("DECIMAL(18,0)", (3, 4)), ("DECIMAL(18,1)", ("0.1", "0.2")),
):
    one, other = pair
    query = f"SELECT median(x), avg(x) FROM (VALUES (CAST('{one}' AS {kind})), (CAST('{other}' AS {kind}))) AS t(x)"
    median, mean = duckdb.execute(query).fetchone()
    print(f"{kind} {one} and {other}: median {median}, mean {mean:.2f}")
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
INTEGER 1 and 2: median 1.5, mean 1.50
DOUBLE 1 and 2: median 1.5, mean 1.50
DECIMAL(18,0) 1 and 2: median 1, mean 1.50
DECIMAL(18,0) -1 and -2: median -1, mean -1.50
DECIMAL(18,0) 3 and 4: median 3, mean 3.50
DECIMAL(18,1) 0.1 and 0.2: median 0.1, mean 0.15
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
