#!/bin/sh
# DuckDB 2.0.1: bit_xor of the hashes of a table's rows stays the same when two rows exchange a value.
#
# The hash of several columns, of a whole row, of a struct and of a list is put together from the columns' own hashes so
# that crossing over all rows takes it apart again: what is left is the crossed hashes of each column by itself, and
# these do not know which value stood beside which. A fingerprint "whatever the order of the rows" that is made so is
# blind to the commonest mistake in a table, figures in each other's rows. Adding the hashes up tells the two tables
# apart, and so does crossing hashes of the hashes. Seen in November 2026, for the rows (1, 5), (2, 7) and (1, 7), (2, 5):
#
#   bit_xor(hash(code, figure)): the same
#   bit_xor(hash(rows)): the same
#   bit_xor(hash([code, figure])): the same
#   sum(hash(rows)): another
#   bit_xor(hash(hash(rows))): another
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

ASKED = (
    "bit_xor(hash(code, figure))", "bit_xor(hash(rows))", "bit_xor(hash([code, figure]))", "sum(hash(rows))",
    "bit_xor(hash(hash(rows)))",
)
with duckdb.connect() as db:
    for asked in ASKED:
        right, swapped = (
            db.execute(f"SELECT {asked} FROM (VALUES {said}) rows(code, figure)").fetchone()
            for said in ("(1, 5), (2, 7)", "(1, 7), (2, 5)")
        )
        print(f"{asked}: {'the same' if right == swapped else 'another'}")
PYTHON
"$folder/venv/bin/python" look.py > seen
cat seen
cat > expected <<'SEEN'
bit_xor(hash(code, figure)): the same
bit_xor(hash(rows)): the same
bit_xor(hash([code, figure])): the same
sum(hash(rows)): another
bit_xor(hash(hash(rows))): another
SEEN
cmp -s seen expected || { echo "the behaviour has changed" >&2; exit 1; }
