#!/bin/sh
# DuckDB 2.0.1: an ENUM column is sorted by its declared order, but compared with a literal as text.
#
# Of ENUM('大', '中', '小') ORDER BY, min and max follow the declaration. WHERE size >= '中' does not: the literal stays text
# and the column becomes text, so all three sizes pass where 中 and 小 should, and BETWEEN '大' AND '中' is empty. A bound
# parameter does the same; only a cast of the literal ('中'::size) compares as declared. After coalesce() with a literal
# the column is text and sorted as text, and PIVOT puts its columns in the order of the text. PostgreSQL takes such a
# literal for one of the ENUM. Seen in November 2026:
#
#   SELECT s FROM farm ORDER BY s: 大 中 小
#   SELECT max(s) FROM farm: 小
#   SELECT s FROM farm WHERE s >= '中' ORDER BY s: 大 中 小
#   SELECT s FROM farm WHERE s >= ? ORDER BY s: 大 中 小
#   SELECT s FROM farm WHERE s >= '中'::size ORDER BY s: 中 小
#   SELECT s FROM farm WHERE s BETWEEN '大' AND '中' ORDER BY s: nothing
#   SELECT typeof(coalesce(s, '小')) FROM farm LIMIT 1: VARCHAR
#   SELECT coalesce(s, '小') AS s FROM farm ORDER BY s: 中 大 小
#   PIVOT: 中 大 小
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

duckdb.execute("CREATE TYPE size AS ENUM ('大', '中', '小')")
duckdb.execute("CREATE TABLE farm (s size)")
duckdb.execute("INSERT INTO farm VALUES ('小'), ('大'), ('中')")


def asked(query, *bound):
    print(f"{query}:", " ".join(str(row[0]) for row in duckdb.execute(query, bound).fetchall()) or "nothing")


asked("SELECT s FROM farm ORDER BY s")
asked("SELECT max(s) FROM farm")
asked("SELECT s FROM farm WHERE s >= '中' ORDER BY s")
asked("SELECT s FROM farm WHERE s >= ? ORDER BY s", "中")
asked("SELECT s FROM farm WHERE s >= '中'::size ORDER BY s")
asked("SELECT s FROM farm WHERE s BETWEEN '大' AND '中' ORDER BY s")
asked("SELECT typeof(coalesce(s, '小')) FROM farm LIMIT 1")
asked("SELECT coalesce(s, '小') AS s FROM farm ORDER BY s")
print("PIVOT:", *(column[0] for column in duckdb.execute("PIVOT farm ON s USING count(*)").description))
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
SELECT s FROM farm ORDER BY s: 大 中 小
SELECT max(s) FROM farm: 小
SELECT s FROM farm WHERE s >= '中' ORDER BY s: 大 中 小
SELECT s FROM farm WHERE s >= ? ORDER BY s: 大 中 小
SELECT s FROM farm WHERE s >= '中'::size ORDER BY s: 中 小
SELECT s FROM farm WHERE s BETWEEN '大' AND '中' ORDER BY s: nothing
SELECT typeof(coalesce(s, '小')) FROM farm LIMIT 1: VARCHAR
SELECT coalesce(s, '小') AS s FROM farm ORDER BY s: 中 大 小
PIVOT: 中 大 小
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
