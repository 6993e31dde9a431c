#!/bin/sh
# pyjstat 2.4.0: a table whose rows are not in the order of the dimensions becomes a JSON-stat of other figures.
#
# JSON-stat has no keys beside its values: their place says to which categories they belong, the last dimension running
# fastest. Dataset.read(frame) takes the categories in the order in which they first appear and the values in the order
# of the rows, and never looks whether the two agree. Rows ordered by year and then by village, which are complete and
# valid, come back with two figures exchanged; where one row is lacking the size says 2 by 2 for 3 values, and all after
# the gap have moved. Only rows sorted by the dimensions are safe. Seen in November 2026:
#
#   table: {'a 2025': 2, 'a 2026': 4, 'b 2025': 1, 'b 2026': 3}
#   read back: {'a 2025': 3, 'a 2026': 4, 'b 2025': 1, 'b 2026': 2}
#   read back, sorted before: {'a 2025': 2, 'a 2026': 4, 'b 2025': 1, 'b 2026': 3}
#   without the last row: size [2, 2] values [1, 2, 3]
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pyjstat==2.4.0" "pandas==3.1.1"
cd "$folder"
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import json

import pandas as pd
from pyjstat import pyjstat

KEYS = ["village", "year"]
ROWS = [("b", "2025", 1), ("a", "2025", 2), ("b", "2026", 3), ("a", "2026", 4)]


def told(frame):
    return {f"{row.village} {row.year}": int(row.value) for row in frame.sort_values(KEYS).itertuples()}


frame = pd.DataFrame(ROWS, columns=[*KEYS, "value"])
print("table:", told(frame))
for name, given in (("read back:", frame), ("read back, sorted before:", frame.sort_values(KEYS))):
    print(name, told(pyjstat.Dataset.read(pyjstat.Dataset.read(given).write()).write("dataframe")))
gap = json.loads(pyjstat.Dataset.read(frame[:3]).write())
print("without the last row: size", gap["size"], "values", gap["value"])
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
table: {'a 2025': 2, 'a 2026': 4, 'b 2025': 1, 'b 2026': 3}
read back: {'a 2025': 3, 'a 2026': 4, 'b 2025': 1, 'b 2026': 2}
read back, sorted before: {'a 2025': 2, 'a 2026': 4, 'b 2025': 1, 'b 2026': 3}
without the last row: size [2, 2] values [1, 2, 3]
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
