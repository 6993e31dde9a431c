#!/bin/sh
# DuckDB 2.0.1: the sum of a BIGINT column loses digits when it is written to Parquet; the column itself does not.
#
# sum() of BIGINT is a HUGEINT, exact in the database and in CSV. Parquet has no such integer, and COPY writes it as a
# DOUBLE without a word: of 9007199254740993 the file holds 9007199254740992. max() of the same column stays BIGINT, and
# the sum cast to DECIMAL(38, 0) stays exact. Whoever keeps totals of whole numbers in Parquet keeps floats.
# Seen in November 2026:
#
#   in the database: sum 9007199254740993 HUGEINT, largest 9007199254740993 BIGINT
#   in Parquet: sum 9007199254740992.0 DOUBLE, largest 9007199254740993 BIGINT
#   in Parquet, cast: sum 9007199254740993 DECIMAL(38,0)
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "duckdb==2.0.1"
cd "$folder"
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import duckdb

ROWS = "(VALUES (CAST(9007199254740993 AS BIGINT)), (0)) AS t(x)"
ASKED = "sum, typeof(sum), largest, typeof(largest)"
QUERY = f"SELECT sum(x) AS sum, max(x) AS largest FROM {ROWS}"
duckdb.execute(f"COPY ({QUERY}) TO 'totals.parquet'")
duckdb.execute(f"COPY (SELECT CAST(sum(x) AS DECIMAL(38, 0)) AS sum FROM {ROWS}) TO 'cast.parquet'")
for place, rows in (("the database", f"({QUERY})"), ("Parquet", "'totals.parquet'")):
    total, kind, largest, its = duckdb.execute(f"SELECT {ASKED} FROM {rows}").fetchone()
    print(f"in {place}: sum {total} {kind}, largest {largest} {its}")
total, kind = duckdb.execute("SELECT sum, typeof(sum) FROM 'cast.parquet'").fetchone()
print(f"in Parquet, cast: sum {total} {kind}")
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
in the database: sum 9007199254740993 HUGEINT, largest 9007199254740993 BIGINT
in Parquet: sum 9007199254740992.0 DOUBLE, largest 9007199254740993 BIGINT
in Parquet, cast: sum 9007199254740993 DECIMAL(38,0)
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
