#!/bin/sh
# DuckDB 2.0.1: a product of a DECIMAL of up to 18 digits has 18 digits at most, one of 19 digits has as many as it needs.
#
# The digits of both sides are added, and where the larger side still fits 64 bits the sum is cut at 18: the product of
# a DECIMAL(18,4) and an INTEGER is a DECIMAL(18,4) again. Declared one digit wider, the same figure times the same
# 10000 is a DECIMAL(29,4). So a column that holds ninety-nine million million multiplies by ten thousand only up to a
# hundred thousand million, and a sum, which is a DECIMAL(38), does so much further than the figures it was made of. It
# is an error and not a wrong number; it comes with the first large figure. Seen in November 2026:
#
#   DECIMAL(18,4) * 10000 is DECIMAL(18,4): OutOfRangeException
#   DECIMAL(19,4) * 10000 is DECIMAL(29,4): 123456789015000.0000
#   sum(DECIMAL(18,4)) * 10000 is DECIMAL(38,4): 123456789015000.0000
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "duckdb==2.0.1"
cd "$folder"
cat > look.py <<'PYTHON'
import duckdb

with duckdb.connect() as db:
    for name, asked in (
        ("DECIMAL(18,4)", "CAST(x AS DECIMAL(18, 4))"),
        ("DECIMAL(19,4)", "CAST(x AS DECIMAL(19, 4))"),
        ("sum(DECIMAL(18,4))", "sum(CAST(x AS DECIMAL(18, 4)))"),
    ):
        (kind,) = db.execute(f"SELECT typeof({asked} * 10000) FROM (SELECT 1 AS x)").fetchone()
        try:
            (said,) = db.execute(f"SELECT {asked} * 10000 FROM (SELECT '12345678901.5' AS x)").fetchone()
        except duckdb.Error as error:
            said = type(error).__name__
        print(f"{name} * 10000 is {kind}: {said}")
PYTHON
"$folder/venv/bin/python" look.py > seen
cat seen
cat > expected <<'SEEN'
DECIMAL(18,4) * 10000 is DECIMAL(18,4): OutOfRangeException
DECIMAL(19,4) * 10000 is DECIMAL(29,4): 123456789015000.0000
sum(DECIMAL(18,4)) * 10000 is DECIMAL(38,4): 123456789015000.0000
SEEN
cmp -s seen expected || { echo "the behaviour has changed" >&2; exit 1; }
