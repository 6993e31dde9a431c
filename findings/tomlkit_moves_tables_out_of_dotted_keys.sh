#!/bin/sh
# tomlkit 0.15.2: a table put under a dotted key is written somewhere else, and the sort of an array of tables is none.
#
# In '[t]' with 'a.b = 1', document['t']['a']['c'] = {'x': 1} is in the document as t.a.c; dumps() writes it as [a.c], a
# table at the top, so that a reader finds t.a without c and an a that nobody made. Of the list methods of an array of
# tables reverse() is written, sort() raises nothing and sorts nothing. And append() behind a last line that has no line
# end gives 'n = 1[[v]]', which no reader takes. All documents are valid. Seen in November 2026:
#
#   in memory: {'t': {'a': {'b': 1, 'c': {'x': 1}}}}
#   written:   {'t': {'a': {'b': 1}}, 'a': {'c': {'x': 1}}}
#   sorted: [2, 1]
#   reversed: [1, 2]
#   appended: no TOML, '[[v]]\nn = 1[[v]]\nn = 2\n'
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tomlkit==0.15.2"
cd "$folder"
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import tomllib

import tomlkit

document = tomlkit.parse("[t]\na.b = 1\n")
document["t"]["a"]["c"] = {"x": 1}
print("in memory:", document.unwrap())
print("written:  ", tomllib.loads(tomlkit.dumps(document)))
document = tomlkit.parse("[[v]]\nn = 2\n[[v]]\nn = 1\n")
document["v"].sort(key=lambda table: table["n"])
print("sorted:", [table["n"] for table in document["v"]])
document["v"].reverse()
print("reversed:", [table["n"] for table in document["v"]])
document = tomlkit.parse("[[v]]\nn = 1")
document["v"].append({"n": 2})
try:
    tomllib.loads(tomlkit.dumps(document))
except tomllib.TOMLDecodeError:
    print("appended: no TOML,", repr(tomlkit.dumps(document)))
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
in memory: {'t': {'a': {'b': 1, 'c': {'x': 1}}}}
written:   {'t': {'a': {'b': 1}}, 'a': {'c': {'x': 1}}}
sorted: [2, 1]
reversed: [1, 2]
appended: no TOML, '[[v]]\nn = 1[[v]]\nn = 2\n'
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
