#!/bin/sh
# pygal 3.1.3: room for a label is six tenths of its letters' size each; a Chinese letter takes all of it, and is cut off.
#
# The left margin of a lying bar chart follows from the labels, counted as Latin letters. Labels of twelve Chinese letters
# at 10 pixels need 120 and get 72: they begin left of the drawing, where nothing is shown. The value of the same label in
# Latin letters stands inside. Whoever draws Chinese, Japanese or Korean names sets margin_left by their own count.
# Seen in November 2026:
#
#   abcdefghijkl: ends at 97, 12 letters of 6 pixels begin at 25
#   优质饲草玉米基地个数合计: ends at 97, 12 letters of 10 pixels begin at -23
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pygal==3.1.3"
cd "$folder"
PYTHONUTF8=1 "$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import re

import pygal

for label, wide in (("abcdefghijkl", 6), ("优质饲草玉米基地个数合计", 10)):
    chart = pygal.HorizontalBar(show_legend=False, js=())
    chart.x_labels = [label]
    chart.add("", [1])
    drawn = chart.render(is_unicode=True)
    left = float(re.search(r'translate\(([\d.]+), [\d.]+\)" class="plot"', drawn)[1])
    at = float(re.search(rf'<text x="(-?[\d.]+)"[^>]*>{label}', drawn)[1])
    end = round(left + at)
    print(f"{label}: ends at {end}, {len(label)} letters of {wide} pixels begin at {end - wide * len(label)}")
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
abcdefghijkl: ends at 97, 12 letters of 6 pixels begin at 25
优质饲草玉米基地个数合计: ends at 97, 12 letters of 10 pixels begin at -23
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
