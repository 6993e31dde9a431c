#!/bin/sh
# LibreOffice 7.4.7 (Debian 12): the Chinese General format, G/通用格式, makes a date of a figure and nothing of a text.
#
# Chinese Excel and WPS name the format General 'G/通用格式', and programs and formulas carry that name into files.
# LibreOffice takes its G for the name of an era: .xlsx to .ods stores the figure 120.5 as 1900-04-29T12:00:00, and a
# reader of the .ods (python-calamine 0.9.1) gives a datetime. In the .xlsx both openpyxl 3.1.5 and calamine see the number.
# TEXT(1234,"[DBNum2][$-804]G/通用格式"), as payment forms have it for 壹仟贰佰叁拾肆, gives '/通用格式' without any figure; with
# General in its stead the numeral comes. Needs soffice on the PATH. Seen in November 2026:
#
#   General: in .xlsx 120.5, in .ods 120.5, read 120.5
#   G/通用格式: in .xlsx 120.5, in .ods 1900-04-29T12:00:00, read datetime.datetime(1900, 4, 29, 12, 0)
#   [$-804]G/通用格式: in .xlsx 120.5, in .ods 1900-04-29T12:00:00, read datetime.datetime(1900, 4, 29, 12, 0)
#   TEXT [DBNum2][$-804]General: 壹仟贰佰叁拾肆
#   TEXT [DBNum2][$-804]G/通用格式: /通用格式
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "xlsxwriter==3.3.1" "openpyxl==3.1.5" "python-calamine==0.9.1"
cd "$folder"
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import os
import re
import subprocess
import zipfile

from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

FORMATS = ("General", "G/通用格式", "[$-804]G/通用格式")
TEXTS = ("[DBNum2][$-804]General", "[DBNum2][$-804]G/通用格式")


def convert(kind, folder):
    profile = f"-env:UserInstallation=file://{os.getcwd()}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", folder, "book.xlsx"]
    subprocess.run(command, check=True, capture_output=True)


with Workbook("book.xlsx") as book:
    sheet = book.add_worksheet()
    for row, form in enumerate(FORMATS):
        sheet.write_number(row, 0, 120.5, book.add_format({"num_format": form}))
    for row, form in enumerate(TEXTS, start=len(FORMATS)):
        sheet.write_formula(row, 0, f'=TEXT(1234,"{form}")', None, "")
convert("ods", "ods")
convert("xlsx", "again")
content = zipfile.ZipFile("ods/book.ods").read("content.xml").decode()
stored = re.findall(r'office:value-type="(?:float|date)" office:(?:date-)?value="([^"]*)"', content)
read = [row[0] for row in CalamineWorkbook.from_path("ods/book.ods").get_sheet_by_index(0).to_python()]
cells = [cell.value for (cell,) in load_workbook("book.xlsx").active.iter_rows()]
for form, cell, text, value in zip(FORMATS, cells, stored, read):
    print(f"{form}: in .xlsx {cell}, in .ods {text}, read {value!r}")
texts = [cell.value for (cell,) in load_workbook("again/book.xlsx", data_only=True).active.iter_rows()]
for form, text in zip(TEXTS, texts[len(FORMATS) :]):
    print(f"TEXT {form}: {text}")
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
General: in .xlsx 120.5, in .ods 120.5, read 120.5
G/通用格式: in .xlsx 120.5, in .ods 1900-04-29T12:00:00, read datetime.datetime(1900, 4, 29, 12, 0)
[$-804]G/通用格式: in .xlsx 120.5, in .ods 1900-04-29T12:00:00, read datetime.datetime(1900, 4, 29, 12, 0)
TEXT [DBNum2][$-804]General: 壹仟贰佰叁拾肆
TEXT [DBNum2][$-804]G/通用格式: /通用格式
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
