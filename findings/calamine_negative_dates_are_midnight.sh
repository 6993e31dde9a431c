#!/bin/sh
# python-calamine 0.9.1: every negative whole number in a cell formatted as a date is read as the time 00:00.
#
# -5, -400 and 0 in cells with the format yyyy-mm-dd all come back as datetime.time(0, 0), and -0.5 as 12:00, so the
# number that was typed cannot be told any more; in cells without the format -5.0, -400.0, 0.0 and -0.5 come back.
# openpyxl 3.1.5 counts back from 1899-12-30 and keeps them apart. A form whose figure column somebody formatted as
# a date thus loses its negative figures in silence. Seen in November 2026:
#
#   date    [datetime.time(0, 0), datetime.time(0, 0), datetime.time(0, 0), datetime.time(12, 0)]
#   general [-5.0, -400.0, 0.0, -0.5]
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "python-calamine==0.9.1" "openpyxl==3.1.5"
"$folder/venv/bin/python" - "$folder/book.xlsx" > "$folder/seen" <<'PYTHON'
import sys

from openpyxl import Workbook
from python_calamine import CalamineWorkbook

book = Workbook()
for number in (-5, -400, 0, -0.5):
    book.active.append([number, number])
    book.active.cell(book.active.max_row, 1).number_format = "yyyy-mm-dd"
book.save(sys.argv[1])
dates, plain = zip(*CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python())
print("date   ", list(dates))
print("general", list(plain))
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
date    [datetime.time(0, 0), datetime.time(0, 0), datetime.time(0, 0), datetime.time(12, 0)]
general [-5.0, -400.0, 0.0, -0.5]
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
