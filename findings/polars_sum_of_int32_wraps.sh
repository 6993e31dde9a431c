#!/bin/sh
# polars 2.1.0, DuckDB 2.0.1: the sum of an INTEGER column wraps round in polars, also when it came by Parquet.
#
# Sums of Int8 and Int16 are widened to Int64 in polars; sums of Int32 are not, and go over into negative figures without
# a word: three villages of 900 million yuan make -1594967296. An INTEGER in DuckDB is an Int32 in Parquet, so the same
# file has another total in either of them. group_by, cum_sum and sum_horizontal wrap as well; DuckDB sums into HUGEINT,
# numpy and pandas into int64. Seen in November 2026:
#
#   DuckDB: 2700000000
#   pandas: 2700000000
#   polars: -1594967296 Int32
#   polars, grouped: -1594967296
#   polars, running: [900000000, 1800000000, -1594967296]
#   polars, Int16: 90000
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "polars==2.1.0" "duckdb==2.0.1" "pandas==3.1.1" "pyarrow==26.0.1"
cd "$folder"
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import duckdb
import pandas as pd
import polars as pl

duckdb.execute("COPY (SELECT 'a' AS town, 900000000::INTEGER AS yuan FROM range(3)) TO 'villages.parquet'")
print("DuckDB:", duckdb.execute("SELECT sum(yuan) FROM 'villages.parquet'").fetchone()[0])
print("pandas:", pd.read_parquet("villages.parquet")["yuan"].sum())
frame = pl.read_parquet("villages.parquet")
print("polars:", frame["yuan"].sum(), frame["yuan"].dtype)
print("polars, grouped:", frame.group_by("town").agg(pl.col("yuan").sum())["yuan"][0])
print("polars, running:", frame["yuan"].cum_sum().to_list())
print("polars, Int16:", pl.Series([30000] * 3, dtype=pl.Int16).sum())
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
DuckDB: 2700000000
pandas: 2700000000
polars: -1594967296 Int32
polars, grouped: -1594967296
polars, running: [900000000, 1800000000, -1594967296]
polars, Int16: 90000
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
