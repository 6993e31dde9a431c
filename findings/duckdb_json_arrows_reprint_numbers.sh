#!/bin/sh
# DuckDB 2.0.1: ->> and json_extract print a JSON number anew, through a float; a cast of the same JSON does not.
#
# A column of JSON keeps the text it was given, and its cast to STRUCT(a DECIMAL(18,4)) gives every digit, as does
# json_transform. x->>'a', which one would take for the text of the number, gives 90071992547409.94, and so does every
# function that takes a document apart or puts it together: json_extract, json(), json_merge_patch. 1.10 comes out as 1.1
# and 1e2 as 100.0; whole numbers keep their digits. to_json writes a DECIMAL exactly, so the digits are in the file and
# are lost on the way out. Seen in November 2026:
#
#   x: {"a":90071992547409.9301}
#   x->>'a': 90071992547409.94
#   (x->>'a')::DECIMAL(18,4): 90071992547409.9400
#   json_extract(x, '$.a'): 90071992547409.94
#   json_merge_patch(x, '{}'): {"a":90071992547409.94}
#   x::STRUCT(a DECIMAL(18,4)).a: 90071992547409.9301
#   json_transform(x, '{"a": "DECIMAL(18,4)"}').a: 90071992547409.9301
#   to_json(d): 90071992547409.9301
#   to_json(d)->>'$': 90071992547409.94
#   '[1.10]'::JSON->>0: 1.1
#   '[1e2]'::JSON->>0: 100.0
#   '[9007199254740993]'::JSON->>0: 9007199254740993
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

FIGURE = "90071992547409.9301"
for asked in (
    "x", "x->>'a'", "(x->>'a')::DECIMAL(18,4)", "json_extract(x, '$.a')", "json_merge_patch(x, '{}')",
    "x::STRUCT(a DECIMAL(18,4)).a", "json_transform(x, '{\"a\": \"DECIMAL(18,4)\"}').a",
    "to_json(d)", "to_json(d)->>'$'", "'[1.10]'::JSON->>0", "'[1e2]'::JSON->>0", "'[9007199254740993]'::JSON->>0",
):
    source = f"(SELECT '{{\"a\":{FIGURE}}}'::JSON AS x, {FIGURE}::DECIMAL(18,4) AS d)"
    print(f"{asked}:", duckdb.execute(f"SELECT {asked} FROM {source}").fetchone()[0])
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
x: {"a":90071992547409.9301}
x->>'a': 90071992547409.94
(x->>'a')::DECIMAL(18,4): 90071992547409.9400
json_extract(x, '$.a'): 90071992547409.94
json_merge_patch(x, '{}'): {"a":90071992547409.94}
x::STRUCT(a DECIMAL(18,4)).a: 90071992547409.9301
json_transform(x, '{"a": "DECIMAL(18,4)"}').a: 90071992547409.9301
to_json(d): 90071992547409.9301
to_json(d)->>'$': 90071992547409.94
'[1.10]'::JSON->>0: 1.1
'[1e2]'::JSON->>0: 100.0
'[9007199254740993]'::JSON->>0: 9007199254740993
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
