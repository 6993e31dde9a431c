#!/bin/sh
# xlsxwriter 3.3.1: a workbook writes into the options it was given; the next one with the same options has another font.
#
# A program keeps its options in a constant and opens every workbook with it. The first workbook adds a key to the dict
# of default_format_properties, which is the program's own, and the second finds that key there: the standard
# font of the second and all later workbooks is marked as the theme's minor font, and that of the first is not. Two
# workbooks of the same contents differ, by how many the process has written before. Who wants the same bytes gives each
# workbook a deep copy. Seen in November 2026:
#
#   given: {'font_name': '宋体', 'font_size': 11}
#   after one workbook: font_name, font_size, theme_font_name
#   1: <name val="宋体"/><family val="2"/>
#   2: <name val="宋体"/><family val="2"/><scheme val="minor"/>
#   with a copy each: the same
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "xlsxwriter==3.3.1"
cd "$folder"
PYTHONUTF8=1 "$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import copy
import io
import re
import zipfile

from xlsxwriter import Workbook


def font(options):
    buffer = io.BytesIO()
    with Workbook(buffer, options) as workbook:
        workbook.add_worksheet().write(0, 0, "字")
    styles = zipfile.ZipFile(buffer).read("xl/styles.xml").decode()
    return re.search(r"<name val=.*?(?=</font>)", styles)[0]


options = {"in_memory": True, "default_format_properties": {"font_name": "宋体", "font_size": 11}}
print("given:", options["default_format_properties"])
fresh = copy.deepcopy(options)
first = font(options)
print("after one workbook:", ", ".join(sorted(options["default_format_properties"])))
print("1:", first)
print("2:", font(options))
same = {font(copy.deepcopy(fresh)) for _ in range(3)}
print("with a copy each:", "the same" if len(same) == 1 else same)
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
given: {'font_name': '宋体', 'font_size': 11}
after one workbook: font_name, font_size, theme_font_name
1: <name val="宋体"/><family val="2"/>
2: <name val="宋体"/><family val="2"/><scheme val="minor"/>
with a copy each: the same
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
