#!/bin/sh
# DuckDB 2.0.1: text beside a whole number is rounded before it is compared, so '1.4' = 1 is true.
#
# Where a VARCHAR meets an INTEGER the text is cast to INTEGER, and that cast takes decimals and rounds them. WHERE x = 1
# over text finds '1.4' and '0.5' along with '01'; x IN (1) and a join of a text column with a number column do too, so
# that item 2.3 of a numbered table is joined to item 2. Beside the literal 1.0 the text is rounded to one place, and
# '1.04' is equal. PostgreSQL refuses to compare the two; SQLite finds none but '1'. Seen in November 2026:
#
#   x = 1: 1 01 1.4 0.5 1.04
#   x IN (1): 1 01 1.4 0.5 1.04
#   x = 1.0: 1 01 1.04
#   x = '1': 1
#   SQLite, x = 1: 1
#   joined: 0.5=one 01=one 1=one 1.04=one 1.4=one 2.3=two
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "duckdb==2.0.1"
cd "$folder"
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import sqlite3

import duckdb

duckdb.execute("CREATE TABLE typed AS SELECT * FROM (VALUES ('1'), ('01'), ('1.4'), ('0.5'), ('1.04'), ('2.3')) AS t(x)")
duckdb.execute("CREATE TABLE item AS SELECT * FROM (VALUES (1, 'one'), (2, 'two')) AS t(x, name)")
for condition in ("x = 1", "x IN (1)", "x = 1.0", "x = '1'"):
    found = duckdb.execute(f"SELECT x FROM typed WHERE {condition}").fetchall()
    print(f"{condition}:", *(x for (x,) in found))
lite = sqlite3.connect(":memory:")
lite.execute("CREATE TABLE typed (x TEXT)")
lite.executemany("INSERT INTO typed VALUES (?)", duckdb.execute("SELECT x FROM typed").fetchall())
print("SQLite, x = 1:", *(x for (x,) in lite.execute("SELECT x FROM typed WHERE x = 1")))
joined = duckdb.execute("SELECT typed.x, name FROM typed JOIN item ON typed.x = item.x ORDER BY typed.x").fetchall()
print("joined:", *(f"{x}={name}" for x, name in joined))
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
x = 1: 1 01 1.4 0.5 1.04
x IN (1): 1 01 1.4 0.5 1.04
x = 1.0: 1 01 1.04
x = '1': 1
SQLite, x = 1: 1
joined: 0.5=one 01=one 1=one 1.04=one 1.4=one 2.3=two
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
