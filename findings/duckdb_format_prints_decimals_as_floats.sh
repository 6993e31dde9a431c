#!/bin/sh
# DuckDB 2.0.1: format() and printf() turn a DECIMAL into a float first, and print other figures than round().
#
# 0.35 and 2.675 are exact as DECIMAL, and round() gives 0.4 and 2.68. format('{:.1f}') prints 0.3 and format('{:.2f}') 2.67,
# as the nearest floats lie below; 0.125 becomes 0.12. format('{}') drops the zero of 1.50 and prints a DECIMAL of 20
# digits as 1.2345678901234567e+19, where a cast to VARCHAR keeps every digit. A column printed by format() thus does not
# add up to a total printed from round(). Seen in November 2026:
#
#   0.35: format 0.3, printf 0.3, round 0.4
#   2.675: format 2.67, printf 2.67, round 2.68
#   0.125: format 0.12, printf 0.12, round 0.13
#   1.50: 1.5 1.50
#   20 digits: 1.2345678901234567e+19 12345678901234567890.12
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

for figure, places in (("0.35", 1), ("2.675", 2), ("0.125", 2)):
    x = f"CAST('{figure}' AS DECIMAL(18,3))"
    query = f"SELECT format('{{:.{places}f}}', {x}), printf('%.{places}f', {x}), round({x}, {places})"
    print(f"{figure}: format %s, printf %s, round %s" % duckdb.execute(query).fetchone())
print("1.50:", *duckdb.execute("SELECT format('{}', 1.50), CAST(1.50 AS VARCHAR)").fetchone())
long = "CAST('12345678901234567890.12' AS DECIMAL(38,2))"
print("20 digits:", *duckdb.execute(f"SELECT format('{{}}', {long}), CAST({long} AS VARCHAR)").fetchone())
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
0.35: format 0.3, printf 0.3, round 0.4
2.675: format 2.67, printf 2.67, round 2.68
0.125: format 0.12, printf 0.12, round 0.13
1.50: 1.5 1.50
20 digits: 1.2345678901234567e+19 12345678901234567890.12
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
